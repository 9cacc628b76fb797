"""Seeds, the 2-D seed map, classes, truncation and style mixing (Karras et al. 2019, sections 3.1 and B)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.base.errors import UsageError
from core.request import (
    Label,
    Latent,
    ModelInfo,
    RenderRequest,
    SeedPoint,
    WVector,
    ZVector,
)
from core.request.labels import checked_class
from core.request.seeds import Node, nodes_of, z_of
from core.synthesis.codes import coder_of, ws_of_seeds
from core.synthesis.generator import Generator


def label_vector(label: int | tuple[float, ...], c_dim: int) -> npt.NDArray[np.float32]:
    """A class number or a soft label as c, float32 [c_dim]. Raises UsageError if it does not fit."""
    if isinstance(label, int):
        one_hot = np.zeros(c_dim, dtype=np.float32)
        one_hot[checked_class(label, c_dim)] = 1
        return one_hot
    if len(label) != c_dim:
        raise UsageError(f"The label has {len(label)} numbers; this network needs {c_dim}.")
    return np.asarray(label, dtype=np.float32)


def map_seeds(
    generator: Generator,
    info: ModelInfo,
    seeds: tuple[int, ...],
    label: Label,
    device: torch.device,
    grid: tuple[int, int] | None = None,
) -> Tensor:
    """ws of several seeds in one batch, without truncation, float32 [N, num_ws, w_dim].

    grid: rows and columns, for a network with codes; None: the usual ones.
    """
    coder = coder_of(generator)
    if coder is not None and info.codes is not None:
        return ws_of_seeds(coder.codebook, seeds, *(grid or (info.codes.rows, info.codes.columns)))
    drawn = [z_of(seed, info.z_dim, info.c_dim, info.z_bound) for seed in seeds]
    z = torch.from_numpy(np.stack([z for z, _ in drawn]))
    c = None
    if info.c_dim:
        labels = [label_vector(own if label is None else label, info.c_dim) for _, own in drawn]
        c = torch.from_numpy(np.stack(labels)).to(device)
    return generator.map(z.to(device), c)


def map_z(generator: Generator, info: ModelInfo, z: ZVector, label: Label, device: torch.device) -> Tensor:
    """ws of an explicit z, without truncation, float32 [1, num_ws, w_dim]. Raises UsageError if it does not fit."""
    if info.codes is not None:
        raise UsageError("This network takes codes, not a z.")
    if len(z.values) != info.z_dim:
        raise UsageError(f"The z has {len(z.values)} numbers; this network needs {info.z_dim}.")
    c = None
    if info.c_dim:
        if label is None:
            raise UsageError("A z alone does not tell the class; choose a class for this conditional network.")
        c = torch.from_numpy(label_vector(label, info.c_dim))[None].to(device)
    return generator.map(torch.tensor(z.values, dtype=torch.float32, device=device)[None], c)


def centres_of(
    generator: Generator, info: ModelInfo, latent: Latent, label: Label, device: torch.device
) -> Tensor:
    """Where truncation leads if nothing else was chosen, of each node of a latent, float32 [N or 1, 1, w_dim].

    Where each class has a centre, it is that of the class of the node; a w without a class has the mean of all.
    """
    labels: list[int | tuple[float, ...]] = []
    if info.class_centres and label is not None:
        labels = [label]
    elif info.class_centres and isinstance(latent, SeedPoint):
        labels = [z_of(node.seed, info.z_dim, info.c_dim, info.z_bound)[1] for node in nodes_of(latent)]
    c = np.stack([label_vector(own, info.c_dim) for own in labels]) if labels else None
    return generator.centre(None if c is None else torch.from_numpy(c).to(device))[:, None]


def expand_w(w: WVector, info: ModelInfo, device: torch.device) -> Tensor:
    """An explicit w as ws, float32 [1, num_ws, w_dim]. Raises UsageError if it does not fit."""
    if info.codes is not None:
        raise UsageError("This network takes codes, not a w.")
    sizes = {len(row) for row in w.rows}
    if len(w.rows) not in (1, info.num_ws) or sizes != {info.w_dim}:
        have = f"{len(w.rows)} x {max(sizes, default=0)}"
        raise UsageError(f"The w is {have}; this network needs 1 x {info.w_dim} or {info.num_ws} x {info.w_dim}.")
    rows = torch.tensor(w.rows, dtype=torch.float32, device=device)
    return rows.expand(info.num_ws, -1)[None]


def psis_of(request: RenderRequest, num_ws: int) -> tuple[float, ...]:
    """The psi of each entry of ws."""
    truncation = request.truncation
    cutoff = num_ws if truncation.cutoff is None else truncation.cutoff
    psis = [truncation.psi if i < cutoff else 1.0 for i in range(num_ws)]
    for i, edit in enumerate(request.layers[:num_ws]):
        if edit.psi is not None and not edit.muted:
            psis[i] = edit.psi
    return tuple(psis)


def truncate(ws: Tensor, centre: Tensor, psis: Sequence[float]) -> Tensor:
    """centre + psi (w - centre). ws: [N, num_ws, w_dim], centre: [w_dim], [num_ws, w_dim] or [N, 1, w_dim] -> as ws.

    An entry whose psi is 1 stays as it is to the bit.
    """
    if all(psi == 1 for psi in psis):
        return ws
    return torch.lerp(centre.expand_as(ws), ws, torch.tensor(psis, dtype=ws.dtype, device=ws.device)[:, None])


def blend(ws: Tensor, w_avg: Tensor, nodes: tuple[Node, ...]) -> Tensor:
    """The weighted mean of the nodes' ws around w_avg. ws: [nodes, ...] -> [1, ...]"""
    if len(nodes) == 1:
        return ws
    weights = torch.tensor([node.weight for node in nodes], dtype=torch.float32, device=ws.device)
    return w_avg + torch.einsum("n,n...->...", weights, ws - w_avg)[None]


def scale_z(ws: Tensor, z_width: int, psis: Sequence[float]) -> Tensor:
    """The z in each entry times its psi. ws: [N, num_ws, w_dim], psis: num_ws numbers, or none for 1 -> as ws

    An entry whose psi is 1 stays as it is to the bit.
    """
    if all(psi == 1 for psi in psis):
        return ws
    scaled = ws.clone()
    scaled[:, :, :z_width] *= torch.tensor(psis, dtype=ws.dtype, device=ws.device)[:, None]
    return scaled


def blend_z(ws: Tensor, z_width: int, nodes: tuple[Node, ...]) -> Tensor:
    """The weighted mean of the nodes, with z brought to the variance of each. ws: [nodes, num_ws, w_dim] -> [1, ...]"""
    if len(nodes) == 1:
        return ws
    weights = torch.tensor([node.weight for node in nodes], dtype=torch.float32, device=ws.device)
    blended = torch.einsum("n,nld->ld", weights, ws)[None]
    blended[:, :, :z_width] /= weights.norm()
    return blended


def mix(ws: Tensor, others: Sequence[Tensor], parts: Sequence[Sequence[float]]) -> Tensor:
    """w + sum of part (other - w) in each entry; an entry without parts, or with one that is 1, is exact.

    ws, others: [1, num_ws, ...], parts: for each of the others, num_ws numbers -> [1, num_ws, ...]
    """
    mixed = ws.clone()
    for i in range(ws.shape[1]):
        taken = [(other[:, i], part[i]) for other, part in zip(others, parts, strict=True) if part[i]]
        if len(taken) == 1:
            mixed[:, i] = torch.lerp(ws[:, i], *taken[0])
        elif taken:
            mixed[:, i] = ws[:, i] + sum((other - ws[:, i]) * part for other, part in taken)
    return mixed
