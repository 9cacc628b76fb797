"""Simplex noise in the plane (Perlin 2001; as Gustavson 2005, Simplex noise demystified, tells it)."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SIZE = 256  # the noise repeats after so many cells of its own lattice
SKEW, UNSKEW = (math.sqrt(3) - 1) / 2, (3 - math.sqrt(3)) / 6
REACH = 0.5  # squared, of a corner
DIRECTIONS = 16  # of gradients
SCALE = 99.0  # so that it reaches about -1..1
DEVIATION = 0.5356  # of the noise over the plane


def simplex(x: Floats, y: Floats, seed: int) -> Floats:
    """The noise at points of the plane, about -1..1, smooth; x and y: [n] each, less than 2**31 -> [n]"""
    random = np.random.RandomState(seed & 0xFFFFFFFF)
    table = random.permutation(SIZE)
    skewed = (x + y) * SKEW
    i, j = np.floor(x + skewed), np.floor(y + skewed)
    unskewed = (i + j) * UNSKEW
    x0, y0 = x - (i - unskewed), y - (j - unskewed)  # from the first corner
    right = (x0 > y0).astype(np.float64)  # of the two triangles of a cell, that with the corner at the right
    corners = ((0.0 * right, 0.0 * right, 0.0), (right, 1 - right, UNSKEW), (1 + 0 * right, 1 + 0 * right, 2 * UNSKEW))
    total = np.zeros_like(x)
    for across, down, back in corners:
        dx, dy = x0 - across + back, y0 - down + back
        hashed = table[(table[(j + down).astype(np.int64) % SIZE] + (i + across).astype(np.int64)) % SIZE]
        angle = hashed % DIRECTIONS * (2 * math.pi / DIRECTIONS)
        near = np.maximum(REACH - dx * dx - dy * dy, 0.0)
        total += near**4 * (np.cos(angle) * dx + np.sin(angle) * dy)
    noise: Floats = SCALE * total
    return noise
