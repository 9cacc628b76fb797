"""What seeds stand for: the nodes of the seed map, and the z and the class that each draws. Imports no torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from core.base.errors import UsageError
from core.request import SEEDS_PER_ROW, SeedPoint

NORMAL = NormalDist()
SMALLEST = 2.0**-53  # share of a normal distribution that a number is found for


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


def z_of(seed: int, z_dim: int, c_dim: int, bound: float = 0.0) -> tuple[npt.NDArray[np.float32], int]:
    """z, float32 [z_dim], and the class (0 without classes) that a seed stands for.

    NumPy's legacy generator; the class is drawn after z from the same stream. With a bound, z is normally distributed
    within -bound..bound: the inverse distribution function of uniform numbers, as SciPy's truncnorm draws them.
    """
    random = np.random.RandomState(seed & 0xFFFFFFFF)
    z = truncated_normal(random.random_sample(z_dim), bound) if bound else random.randn(z_dim)
    return z.astype(np.float32), int(random.randint(c_dim)) if c_dim else 0


def truncated_normal(uniform: npt.NDArray[np.float64], bound: float) -> npt.NDArray[np.float64]:
    """Numbers of 0..1 as ones of a normal distribution within -bound..bound. [n] -> [n]"""
    outside = math.erfc(bound / math.sqrt(2)) / 2  # at each side
    shares = (outside + uniform * (1 - 2 * outside)).clip(SMALLEST, 1 - SMALLEST)
    return np.array([NORMAL.inv_cdf(share) for share in shares.tolist()]).clip(-bound, bound)
