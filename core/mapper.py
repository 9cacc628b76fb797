"""From a request to the ws of its picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from core.clusters import centroids, class_mean, nearest
from core.edits import shares
from core.errors import UsageError
from core.generator import Generator
from core.latents import Node, blend, class_of, expand_w, map_seeds, map_z, mix, nodes_of, psis_of, truncate
from core.request import (
    ClassMean,
    Clusters,
    Label,
    Latent,
    LayerEdit,
    ModelInfo,
    RenderRequest,
    SeedPoint,
    WVector,
    ZVector,
)

SPREAD_SAMPLES = 1000  # latents from which the spread of w is found


class Mapper:
    """From latents and requests to ws, with one network on one device."""

    def __init__(self, generator: Generator, info: ModelInfo, device: torch.device) -> None:
        self.generator, self.info, self.device = generator, info, device
        self._spread: Tensor | None = None

    def ws_of(self, request: RenderRequest) -> Tensor:
        """The ws of a request, float32 [1, num_ws, w_dim]. Raises UsageError if a part does not fit the network."""
        num_ws, centre = self.info.num_ws, None
        psis = psis_of(request, num_ws)
        match request.truncation.centre:
            case Clusters(count):
                w = self.styles(request.latent, request.label)[0, 0]
                centre = nearest(centroids(self.generator, self.info, count, self.device), w)
            case ClassMean() if self.info.c_dim:
                centre = class_mean(self.generator, self.info, class_of(request, self.info), self.device)
            case SeedPoint() | ZVector() | WVector() as latent:
                centre = self.styles(latent, request.label)[0]
        ws = self.styles(request.latent, request.label, psis, centre)
        # Each on its own: the size of a batch changes the last bits, and layers that are not mixed would run again.
        used = [(s, row) for s, row in zip(request.sources, shares(request, num_ws), strict=True) if any(row)]
        labels = [request.label if source.label is None else source.label for source, _ in used]
        others = [self.styles(s.latent, label, psis, centre) for (s, _), label in zip(used, labels, strict=True)]
        return self._edited(mix(ws, others, [row for _, row in used]) if used else ws, request.layers)

    def styles(
        self, latent: Latent, label: Label, psis: Sequence[float] = (), centre: Tensor | None = None
    ) -> Tensor:
        """The ws of a latent, truncated towards the centre (None: w_avg), float32 [1, num_ws, w_dim]."""
        nodes: tuple[Node, ...] = (Node(0, 1.0),)
        match latent:
            case SeedPoint() as point:
                nodes = nodes_of(point)
                ws = map_seeds(self.generator, self.info, tuple(node.seed for node in nodes), label, self.device)
            case ZVector() as z:
                ws = map_z(self.generator, self.info, z, label, self.device)
            case WVector() as w:
                ws = expand_w(w, self.info, self.device)
        w_avg = self.generator.w_avg
        return blend(truncate(ws, w_avg if centre is None else centre, psis), w_avg, nodes)

    @property
    def spread(self) -> Tensor:
        """The standard deviation of each number of w over random latents, float32 [w_dim]; found on first use."""
        if self._spread is None:
            ws = map_seeds(self.generator, self.info, tuple(range(SPREAD_SAMPLES)), None, self.device)
            self._spread = ws[:, 0].std(dim=0)
        return self._spread

    def _edited(self, ws: Tensor, edits: Sequence[LayerEdit]) -> Tensor:
        """With the kept entries and the offsets. [1, num_ws, w_dim] -> the same"""
        edited = ws
        for i, own in enumerate(edits[: ws.shape[1]]):
            if own.muted or (own.w is None and not own.offset and not own.jitter):
                continue
            edited = ws.clone() if edited is ws else edited
            w = edited[:, i] if own.w is None else self._row(own.w, f"The w of layer {i}")
            if own.offset:
                w = w + self._row(own.offset, f"The offset of layer {i}")
            if own.jitter:
                random = np.random.RandomState(own.jitter_seed & 0xFFFFFFFF).randn(self.info.w_dim)
                w = w + own.jitter * self.spread * torch.from_numpy(random.astype(np.float32)).to(self.device)
            edited[:, i] = w
        return edited

    def _row(self, values: Sequence[float], what: str) -> Tensor:
        if len(values) != self.info.w_dim:
            raise UsageError(f"{what} has {len(values)} numbers; it needs {self.info.w_dim}.")
        return torch.tensor(values, dtype=torch.float32, device=self.device)


def ws_of(generator: Generator, info: ModelInfo, request: RenderRequest, device: torch.device) -> Tensor:
    """The ws of a single request, float32 [1, num_ws, w_dim]. Raises UsageError if a part does not fit."""
    return Mapper(generator, info, device).ws_of(request)
