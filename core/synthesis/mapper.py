"""From a request to the ws of its picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from core.base.errors import UsageError
from core.base.memo import Memo
from core.request import (
    Centroids,
    ClassMean,
    Clusters,
    Codes,
    Label,
    Latent,
    LayerEdit,
    Mixture,
    ModelInfo,
    RenderRequest,
    SeedPoint,
    Truncates,
    WVector,
    ZVector,
)
from core.request.edits import shares
from core.request.grids import codes_of, grid_of
from core.request.seeds import Node, nodes_of
from core.synthesis.clusters import centroids, class_mean, nearest
from core.synthesis.codes import coder_of, drawn, ws_of_codes
from core.synthesis.generator import Generator
from core.synthesis.latents import (
    blend,
    blend_z,
    centres_of,
    expand_w,
    map_seeds,
    map_z,
    mix,
    psis_of,
    scale_z,
    truncate,
)
from core.synthesis.mixtures import (
    class_of_latent,
    is_spherical,
    label_of_mixture,
    seeds_in,
    weighted,
    z_of_mixture,
)

SPREAD_SAMPLES = 1000  # latents from which the spread of w is found


class Mapper:
    """From latents and requests to ws, with one network on one device."""

    def __init__(self, generator: Generator, info: ModelInfo, device: torch.device) -> None:
        self.generator, self.info, self.device = generator, info, device
        self._spread: Tensor | None = None
        self._centroids: Memo[Tensor] = Memo()  # given ones

    def ws_of(self, request: RenderRequest) -> Tensor:
        """The ws of a request, float32 [1, num_ws, w_dim]. Raises UsageError if a part does not fit the network."""
        if self.info.codes is not None:
            return self._grid_of(request)
        num_ws, centre = self.info.num_ws, None
        psis = psis_of(request, num_ws) if self.info.truncates is not Truncates.NONE else ()
        match request.truncation.centre:
            case _ if self.info.truncates is not Truncates.W:
                pass  # there is nothing that psi leads to
            case Clusters(count):
                centre = self._nearest(centroids(self.generator, self.info, count, self.device), request)
            case Centroids() as given:
                centre = self._nearest(self._given(given), request)
            case ClassMean() if self.info.c_dim:
                label = class_of_latent(request.latent, self.info, request.label)
                centre = class_mean(self.generator, self.info, label, self.device)
            case SeedPoint() | ZVector() | WVector() | Codes() | Mixture() as latent:
                centre = self.styles(latent, request.label)[0]
        ws = self.styles(request.latent, request.label, psis, centre)
        return self._edited(self._mixed(ws, request, psis, centre), request.layers)

    def _nearest(self, centres: Tensor, request: RenderRequest) -> Tensor:
        """That nearest to the w of the first layer. [K, w_dim] -> [w_dim]"""
        return nearest(centres, self.styles(request.latent, request.label)[0, 0])

    def _given(self, centroids: Centroids) -> Tensor:
        """[K, w_dim]"""
        rows = self._centroids.value
        if self._centroids.key != centroids or rows is None:
            if any(len(row) != self.info.w_dim for row in centroids.rows):
                have = len(centroids.rows[0])
                raise UsageError(f"The centroids have {have} numbers each; this network needs {self.info.w_dim}.")
            rows = torch.tensor(centroids.rows, dtype=torch.float32, device=self.device)
            self._centroids = Memo(centroids, rows)
        return rows

    def _mixed(
        self,
        ws: Tensor,
        request: RenderRequest,
        psis: Sequence[float] = (),
        centre: Tensor | None = None,
        grid: tuple[int, int] | None = None,
    ) -> Tensor:
        """With the parts of the sources. [1, num_ws, w_dim] -> the same"""
        # Each on its own: the size of a batch changes the last bits, and layers that are not mixed would run again.
        rows = shares(request, self.info.num_ws)
        used = [(s, row) for s, row in zip(request.sources, rows, strict=True) if any(row)]
        labels = [request.label if source.label is None else source.label for source, _ in used]
        others = [self.styles(s.latent, label, psis, centre, grid) for (s, _), label in zip(used, labels, strict=True)]
        return mix(ws, others, [row for _, row in used]) if used else ws

    def styles(
        self,
        latent: Latent,
        label: Label,
        psis: Sequence[float] = (),
        centre: Tensor | None = None,
        grid: tuple[int, int] | None = None,
    ) -> Tensor:
        """The ws of a latent, truncated towards the centre (None: the network's), float32 [1, num_ws, w_dim].

        Without a W, psi scales the z of seeds; a latent with numbers of its own is taken as it is.
        grid: rows and columns, for a network with codes.
        """
        nodes: tuple[Node, ...] = (Node(0, 1.0),)
        match latent:
            case Mixture() as mixture:
                return self._mixture(mixture, label, psis, centre, grid)
            case SeedPoint() as point:
                nodes = nodes_of(point)
                seeds = tuple(node.seed for node in nodes)
                ws = map_seeds(self.generator, self.info, seeds, label, self.device, grid)
                if self.info.z_width:
                    return scale_z(blend_z(ws, self.info.z_width, nodes), self.info.z_width, psis)
            case ZVector() as z:
                ws = map_z(self.generator, self.info, z, label, self.device)
            case WVector() as w:
                ws = expand_w(w, self.info, self.device)
            case Codes() as codes:
                coder = coder_of(self.generator)
                if coder is None:
                    raise UsageError("The latent is a grid of codes, which this network does not take; choose a seed.")
                ws = ws_of_codes(coder.codebook, codes, *(grid or (codes.rows, codes.columns)))
        if self.info.z_width:
            return ws
        if centre is None:
            centre = centres_of(self.generator, self.info, latent, label, self.device)
        return blend(truncate(ws, centre, psis), self.generator.w_avg, nodes)

    def _mixture(
        self, mixture: Mixture, label: Label, psis: Sequence[float], centre: Tensor | None, grid: tuple[int, int] | None
    ) -> Tensor:  # fmt: skip
        """Likewise of a mixture."""
        if is_spherical(mixture) and self.info.codes is None:
            z, label = z_of_mixture(mixture, self.info), label_of_mixture(mixture, label, self.info)
            ws = self.styles(z, label, psis, centre)
            seeds = seeds_in(mixture)
            return scale_z(ws, self.info.z_width, [1 + (psi - 1) * seeds for psi in psis]) if self.info.z_width else ws
        labels = [label if share.label is None else share.label for share in mixture.shares]
        shares = zip(mixture.shares, labels, strict=True)
        styles = [self.styles(share.latent, own, psis, centre, grid) for share, own in shares]
        return weighted(styles, mixture, self.generator.w_avg, self.info.z_width)

    def _grid_of(self, request: RenderRequest) -> Tensor:
        """The grid of a request to a network with codes, float32 [1, 1, rows, columns, w_dim]."""
        if any(edit.w is not None or edit.offset or edit.jitter for edit in request.layers[:1] if not edit.muted):
            raise UsageError("A grid of codes has no single w to be changed; reset the style vector.")
        grid = grid_of(request, self.info)
        ws = self._mixed(self.styles(request.latent, request.label, grid=grid), request, grid=grid)
        coder = coder_of(self.generator)
        assert coder is not None  # its info has codes
        return coder.codebook.embed(coder.codebook.nearest(ws[:, 0])) if request.grid.snap else ws

    def codes(self, request: RenderRequest) -> Codes | None:
        """The codes of the latent of a request, without its sources; between codes, the nearest. None: it has none."""
        coder = coder_of(self.generator)
        if coder is None:
            return None
        if isinstance(request.latent, Codes):
            return request.latent
        rows, columns = grid_of(request, self.info)
        if isinstance(request.latent, SeedPoint) and len(nodes := nodes_of(request.latent)) == 1:
            return codes_of(drawn(coder.codebook, nodes[0].seed, rows, columns))
        ws = self.styles(request.latent, request.label, grid=(rows, columns))
        return codes_of(coder.codebook.nearest(ws[0, 0]).cpu().numpy())

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
