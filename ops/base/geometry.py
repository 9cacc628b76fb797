"""Factors, paddings and filter sizes: how callers give them, and the numbers that kernels take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from torch import Tensor

Factor: TypeAlias = int | Sequence[int]  # both axes, or x and y
Padding: TypeAlias = int | Sequence[int]  # all sides, or x and y, or x0, x1, y0, y1; negative values crop
Factors: TypeAlias = tuple[int, int]  # x, y
Sides: TypeAlias = tuple[int, int, int, int]  # x0, x1, y0, y1

UNIT = (1, 1)
NO_SIDES = (0, 0, 0, 0)


def filter_size(f: Tensor | None) -> tuple[int, int]:
    """Width and height. Raises ValueError if f is neither 1-D nor 2-D."""
    if f is None:
        return 1, 1
    if f.ndim not in (1, 2):
        raise ValueError(f"a filter has 1 or 2 dimensions, not {f.ndim}")
    return f.shape[-1], f.shape[0]


def parse_factor(factor: Factor) -> Factors:
    """x and y. Raises ValueError if it is not one or two positive numbers."""
    values = (factor, factor) if isinstance(factor, int) else tuple(factor)
    if len(values) != 2 or min(values) < 1:
        raise ValueError(f"a factor is one or two positive whole numbers, not {factor}")
    return values[0], values[1]


def parse_padding(padding: Padding) -> Sides:
    """x0, x1, y0, y1. Raises ValueError if it is not one, two or four numbers."""
    if isinstance(padding, int):
        return padding, padding, padding, padding
    match tuple(padding):
        case (x, y):
            return x, x, y, y
        case (x0, x1, y0, y1):
            return x0, x1, y0, y1
    raise ValueError(f"a padding is one, two or four whole numbers, not {padding}")


def add_padding(padding: Padding, other: Sides) -> Sides:
    x0, x1, y0, y1 = parse_padding(padding)
    return x0 + other[0], x1 + other[1], y0 + other[2], y1 + other[3]


def check_covered(x: Tensor, f: Tensor | None, up: Factors, sides: Sides) -> None:
    """Raises ValueError if the enlarged and padded picture is smaller than the filter."""
    fw, fh = filter_size(f)
    x0, x1, y0, y1 = sides
    if x.shape[3] * up[0] + x0 + x1 < fw or x.shape[2] * up[1] + y0 + y1 < fh:
        raise ValueError(f"the padding {sides} leaves less of {tuple(x.shape)} than the filter covers")
