"""Seeds, the 2-D seed map, classes, truncation and style mixing (Karras et al. 2019, sections 3.1 and B)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.errors import UsageError
from core.generator import Generator
from core.request import SEEDS_PER_ROW, Label, Mixing, ModelInfo, RenderRequest, SeedPoint, Truncation, WVector, ZVector


@dataclass(frozen=True)
class Node:
    """A node of the seed map and its share of a point."""

    seed: int
    weight: float


def seed_of(i: int, j: int) -> int:
    """The seed of node (i, j) of the seed map; negative ones wrap at 32 bits."""
    return (i + SEEDS_PER_ROW * j) & 0xFFFFFFFF


def nodes_of(point: SeedPoint) -> tuple[Node, ...]:
    """The one, two or four nodes around a point with their bilinear weights; equal seeds are merged."""
    if not (math.isfinite(point.x) and math.isfinite(point.y)):
        raise UsageError(f"The point {point.x:g}, {point.y:g} of the seed map is not finite; reset the seed.")
    left, top = math.floor(point.x), math.floor(point.y)
    right, down = point.x - left, point.y - top
    weights: dict[int, float] = {}
    for j, row in ((top, 1 - down), (top + 1, down)):
        for i, column in ((left, 1 - right), (left + 1, right)):
            if row * column > 0:
                weights[seed_of(i, j)] = weights.get(seed_of(i, j), 0.0) + row * column
    return tuple(Node(seed, weight) for seed, weight in weights.items())


def z_of(seed: int, z_dim: int, c_dim: int) -> tuple[npt.NDArray[np.float32], int]:
    """z, float32 [z_dim], and the class (0 without classes) that a seed stands for.

    NumPy's legacy generator; the class is drawn after z from the same stream.
    """
    random = np.random.RandomState(seed & 0xFFFFFFFF)
    z = random.randn(z_dim).astype(np.float32)
    return z, int(random.randint(c_dim)) if c_dim else 0


def label_vector(label: int | tuple[float, ...], c_dim: int) -> npt.NDArray[np.float32]:
    """A class number or a soft label as c, float32 [c_dim]. Raises UsageError if it does not fit."""
    if isinstance(label, int):
        if not 0 <= label < c_dim:
            raise UsageError(f"Class {label} is not in this network; it has classes 0 to {c_dim - 1}.")
        one_hot = np.zeros(c_dim, dtype=np.float32)
        one_hot[label] = 1
        return one_hot
    if len(label) != c_dim:
        raise UsageError(f"The label has {len(label)} numbers; this network needs {c_dim}.")
    return np.asarray(label, dtype=np.float32)


def map_seeds(
    generator: Generator, info: ModelInfo, seeds: tuple[int, ...], label: Label, device: torch.device
) -> Tensor:
    """ws of several seeds in one batch, without truncation, float32 [N, num_ws, w_dim]."""
    drawn = [z_of(seed, info.z_dim, info.c_dim) for seed in seeds]
    z = torch.from_numpy(np.stack([z for z, _ in drawn]))
    c = None
    if info.c_dim:
        labels = [label_vector(own if label is None else label, info.c_dim) for _, own in drawn]
        c = torch.from_numpy(np.stack(labels)).to(device)
    return generator.map(z.to(device), c)


def map_z(generator: Generator, info: ModelInfo, z: ZVector, label: Label, device: torch.device) -> Tensor:
    """ws of an explicit z, without truncation, float32 [1, num_ws, w_dim]. Raises UsageError if it does not fit."""
    if len(z.values) != info.z_dim:
        raise UsageError(f"The z has {len(z.values)} numbers; this network needs {info.z_dim}.")
    c = None
    if info.c_dim:
        if label is None:
            raise UsageError("A z alone does not tell the class; choose a class for this conditional network.")
        c = torch.from_numpy(label_vector(label, info.c_dim))[None].to(device)
    return generator.map(torch.tensor(z.values, dtype=torch.float32, device=device)[None], c)


def expand_w(w: WVector, info: ModelInfo, device: torch.device) -> Tensor:
    """An explicit w as ws, float32 [1, num_ws, w_dim]. Raises UsageError if it does not fit."""
    sizes = {len(row) for row in w.rows}
    if len(w.rows) not in (1, info.num_ws) or sizes != {info.w_dim}:
        have = f"{len(w.rows)} x {max(sizes, default=0)}"
        raise UsageError(f"The w is {have}; this network needs 1 x {info.w_dim} or {info.num_ws} x {info.w_dim}.")
    rows = torch.tensor(w.rows, dtype=torch.float32, device=device)
    return rows.expand(info.num_ws, -1)[None]


def truncate(ws: Tensor, w_avg: Tensor, truncation: Truncation) -> Tensor:
    """w_avg + psi (w - w_avg) on the first `cutoff` entries. ws: [N, num_ws, w_dim] -> a tensor of the same shape."""
    if truncation.psi == 1:
        return ws
    cutoff = ws.shape[1] if truncation.cutoff is None else max(0, min(truncation.cutoff, ws.shape[1]))
    head = w_avg.lerp(ws[:, :cutoff], truncation.psi)
    return torch.cat([head, ws[:, cutoff:]], dim=1)


def blend(ws: Tensor, w_avg: Tensor, nodes: tuple[Node, ...]) -> Tensor:
    """The weighted mean of the nodes' ws around w_avg. ws: [nodes, num_ws, w_dim] -> [1, num_ws, w_dim]."""
    if len(nodes) == 1:
        return ws
    weights = torch.tensor([node.weight for node in nodes], dtype=torch.float32, device=ws.device)
    return w_avg + torch.einsum("n,nld->ld", weights, ws - w_avg)[None]


def mix(ws: Tensor, other: Tensor, mixing: Mixing) -> Tensor:
    """Replace the chosen entries of ws by those of `other`; entries that the network lacks are ignored."""
    chosen = sorted(layer for layer in mixing.layers if 0 <= layer < ws.shape[1])
    mixed = ws.clone()
    mixed[:, chosen] = other[:, chosen]
    return mixed


def ws_of(generator: Generator, info: ModelInfo, request: RenderRequest, device: torch.device) -> Tensor:
    """The ws of a request, float32 [1, num_ws, w_dim]."""
    mixes = any(0 <= layer < info.num_ws for layer in request.mixing.layers)
    nodes: tuple[Node, ...] = (Node(0, 1.0),)
    match request.latent:
        case SeedPoint() as point:
            nodes = nodes_of(point)
            ws = map_seeds(generator, info, tuple(node.seed for node in nodes), request.label, device)
        case ZVector() as z:
            ws = map_z(generator, info, z, request.label, device)
        case WVector() as w:
            ws = expand_w(w, info, device)

    w_avg = generator.w_avg
    ws = blend(truncate(ws, w_avg, request.truncation), w_avg, nodes)
    if mixes:
        # On its own: the size of a batch changes the last bits, and layers that are not mixed would run again.
        other = map_seeds(generator, info, (request.mixing.seed,), request.label, device)
        ws = mix(ws, truncate(other, w_avg, request.truncation), request.mixing)
    return ws
