"""Mixtures of latents as tensors: spherical in z, weighted in W, with the class that they are of."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.base.errors import UsageError
from core.request import Label, Latent, Mixture, ModelInfo, SeedPoint, Share, Space, ZVector
from core.request.mixtures import has_z
from core.request.seeds import nodes_of, z_of
from core.synthesis.latents import label_vector

ALIKE = 0.9995  # cosine beyond which two directions are mixed linearly
SMALLEST = 1e-6  # sum of weights that something can be a share of


def is_spherical(mixture: Mixture) -> bool:
    """Whether it is mixed in Z."""
    return mixture.space is Space.Z and has_z(mixture)


def slerp(a: Tensor, b: Tensor, part: float) -> Tensor:
    """From a to b along the great circle, linearly where they point the same way or opposite ones. [z_dim] -> same"""
    cos = float(torch.nn.functional.cosine_similarity(a, b, dim=0))
    if abs(cos) > ALIKE:
        return torch.lerp(a, b, part)
    angle = math.acos(cos)
    return (math.sin((1 - part) * angle) * a + math.sin(part * angle) * b) / math.sin(angle)


def z_of_mixture(mixture: Mixture, info: ModelInfo) -> ZVector:
    """Its z, if each share has one. Raises UsageError if one does not fit the network."""
    z, sum_so_far = torch.zeros(info.z_dim), 0.0
    for share in mixture.shares:
        other, sum_so_far = _z_of_single(share, info), sum_so_far + share.weight
        part = share.weight / sum_so_far if abs(sum_so_far) > SMALLEST else 1.0
        z = other if part == 1 else slerp(z, other, part)
    return ZVector(tuple(z.tolist()))


def _z_of_single(share: Share, info: ModelInfo) -> Tensor:
    """Of a seed, of a z; between seeds, their weighted mean, brought to the variance of each. float32 [z_dim]"""
    if isinstance(share.latent, ZVector):
        if len(share.latent.values) != info.z_dim:
            raise UsageError(f"The z has {len(share.latent.values)} numbers; this network needs {info.z_dim}.")
        return torch.tensor(share.latent.values)
    assert isinstance(share.latent, SeedPoint)  # the others have no z
    nodes = nodes_of(share.latent)
    z = sum(node.weight * z_of(node.seed, info.z_dim, info.c_dim, info.z_bound)[0] for node in nodes)
    norm = math.hypot(*(node.weight for node in nodes))
    return torch.from_numpy(np.asarray(z / np.float32(norm), dtype=np.float32))


def label_of_mixture(mixture: Mixture, label: Label, info: ModelInfo) -> Label:
    """The soft label of a mixture in Z: a given one counts for shares without one, else each has that of its seed.

    Raises UsageError if nothing tells the class of a share.
    """
    if not info.c_dim:
        return label
    labels = [_label_of(share, label, info) for share in mixture.shares]
    if all(own == labels[0] for own in labels):
        return labels[0]
    weights = _not_below_zero([share.weight for share in mixture.shares])
    vectors = [label_vector(own, info.c_dim) for own in labels]
    soft: npt.NDArray[np.float32] = np.average(vectors, axis=0, weights=weights)
    return tuple(soft.tolist())


def _label_of(share: Share, label: Label, info: ModelInfo) -> int | tuple[float, ...]:
    own = label if share.label is None else share.label
    return class_of_latent(share.latent, info) if own is None else own


def _not_below_zero(weights: Sequence[float]) -> list[float]:
    """What leads away from a class is none of it."""
    return [max(weight, 0.0) for weight in weights]


def class_of_latent(latent: Latent, info: ModelInfo, label: Label = None) -> int | tuple[float, ...]:
    """The class that a latent is of: a given one, or that of its seed; between several, of the nearest one.

    Raises UsageError if nothing tells it.
    """
    if isinstance(latent, Mixture):
        share = max(latent.shares, key=lambda share: share.weight)
        return class_of_latent(share.latent, info, label if share.label is None else share.label)
    if label is not None:
        return label
    if not isinstance(latent, SeedPoint):
        raise UsageError("A latent alone does not tell the class; choose a class, or another centre of the truncation.")
    nearest = max(nodes_of(latent), key=lambda node: node.weight)
    return z_of(nearest.seed, info.z_dim, info.c_dim, info.z_bound)[1]


def seeds_in(mixture: Mixture) -> float:
    """How much of a mixture is of seeds, 0..1."""
    weights = _not_below_zero([share.weight for share in mixture.shares])
    seeds = [w for w, share in zip(weights, mixture.shares, strict=True) if isinstance(share.latent, SeedPoint)]
    return sum(seeds) / sum(weights)


def weighted(styles: Sequence[Tensor], mixture: Mixture, w_avg: Tensor, z_width: int) -> Tensor:
    """The weighted sum of the ws of the shares around w_avg; without a W, with z brought to the variance of each.

    styles: [1, num_ws, ...] each -> the same
    """
    weights = [share.weight for share in mixture.shares]
    if z_width:
        mixed = torch.stack([w * ws for w, ws in zip(weights, styles, strict=True)]).sum(dim=0)
        mixed[:, :, :z_width] /= math.hypot(*weights)
        return mixed
    return w_avg + torch.stack([w * (ws - w_avg) for w, ws in zip(weights, styles, strict=True)]).sum(dim=0)
