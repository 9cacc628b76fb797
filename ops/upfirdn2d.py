"""Up-sample, FIR-filter, down-sample (Karras et al. 2020, appendix B; 2021, section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import torch.nn.functional as F
from torch import Tensor

Factor: TypeAlias = int | Sequence[int]  # both axes, or x and y
Padding: TypeAlias = int | Sequence[int]  # all sides, or x and y, or x0, x1, y0, y1; negative values crop


def upfirdn2d(
    x: Tensor,
    f: Tensor | None,
    *,
    up: Factor = 1,
    down: Factor = 1,
    padding: Padding = 0,
    flip_filter: bool = False,
    gain: float = 1.0,
) -> Tensor:
    """Insert zeros, pad, filter, decimate. x: [N, C, H, W], f: [fh, fw], [taps] (along x, then y) or None (identity)
    -> [N, C, H', W'] with H' = (H * up + pad_y0 + pad_y1 - fh) // down + 1.

    The filter is convolved, that is, flipped, unless `flip_filter`. Values outside x are zero.
    Raises ValueError for a filter of another rank, or factors and paddings that make no picture.
    """
    up_x, up_y = parse_factor(up)
    down_x, down_y = parse_factor(down)
    x0, x1, y0, y1 = parse_padding(padding)
    fw, fh = filter_size(f)
    if x.shape[3] * up_x + x0 + x1 < fw or x.shape[2] * up_y + y0 + y1 < fh:
        raise ValueError(f"the padding {padding} leaves less of {tuple(x.shape)} than the filter covers")

    if f is not None and not flip_filter:
        f = f.flip(tuple(range(f.ndim)))
    if f is None:
        x = pad(zero_insert(x, up_x, up_y), x0, x1, y0, y1)[:, :, ::down_y, ::down_x]
        return x * gain if gain != 1 else x
    f = f.to(x.dtype) * gain ** (f.ndim / 2)
    if f.ndim == 2:
        return correlate(zero_insert(x, up_x, up_y), f, (down_y, down_x), (x0, x1, y0, y1))
    # One axis after the other, so that the first pass does not see the zeros of the second.
    x = correlate(zero_insert(x, up_x, 1), f[None, :], (1, down_x), (x0, x1, 0, 0))
    return correlate(zero_insert(x, 1, up_y), f[:, None], (down_y, 1), (0, 0, y0, y1))


def upsample2d(
    x: Tensor, f: Tensor | None, *, up: Factor = 2, padding: Padding = 0, flip_filter: bool = False, gain: float = 1.0
) -> Tensor:
    """Enlarge by `up`, keeping the picture in place. `padding` comes on top. [N, C, H, W] -> [N, C, H * up, W * up]"""
    up_x, up_y = parse_factor(up)
    fw, fh = filter_size(f)
    centring = ((fw + up_x - 1) // 2, (fw - up_x) // 2, (fh + up_y - 1) // 2, (fh - up_y) // 2)
    sides = add_padding(padding, centring)
    return upfirdn2d(x, f, up=up, padding=sides, flip_filter=flip_filter, gain=gain * up_x * up_y)


def downsample2d(
    x: Tensor, f: Tensor | None, *, down: Factor = 2, padding: Padding = 0, flip_filter: bool = False, gain: float = 1.0
) -> Tensor:
    """Reduce by `down`, keeping the picture in place; `padding` is extra. [N, C, H, W] -> [N, C, H / down, W / down]"""
    down_x, down_y = parse_factor(down)
    fw, fh = filter_size(f)
    centring = ((fw - down_x + 1) // 2, (fw - down_x) // 2, (fh - down_y + 1) // 2, (fh - down_y) // 2)
    return upfirdn2d(x, f, down=down, padding=add_padding(padding, centring), flip_filter=flip_filter, gain=gain)


def filter2d(
    x: Tensor, f: Tensor | None, *, padding: Padding = 0, flip_filter: bool = False, gain: float = 1.0
) -> Tensor:
    """Filter at the same size. `padding` comes on top. [N, C, H, W] -> [N, C, H, W]"""
    fw, fh = filter_size(f)
    centring = (fw // 2, (fw - 1) // 2, fh // 2, (fh - 1) // 2)
    return upfirdn2d(x, f, padding=add_padding(padding, centring), flip_filter=flip_filter, gain=gain)


# ----------------------------------------------------------------------------
# Parts.


def zero_insert(x: Tensor, up_x: int, up_y: int) -> Tensor:
    """Put up - 1 zeros after each sample, the last one too. [N, C, H, W] -> [N, C, H * up_y, W * up_x]"""
    if up_x == 1 and up_y == 1:
        return x
    n, c, h, w = x.shape
    sparse = x.new_zeros(n, c, h * up_y, w * up_x)
    sparse[:, :, ::up_y, ::up_x] = x
    return sparse


def pad(x: Tensor, x0: int, x1: int, y0: int, y1: int) -> Tensor:
    """Add zeros around x, or crop where a side is negative."""
    return F.pad(x, (x0, x1, y0, y1)) if x0 or x1 or y0 or y1 else x


def correlate(x: Tensor, f: Tensor, stride: tuple[int, int], padding: tuple[int, int, int, int]) -> Tensor:
    """Correlate each channel of x with f: [fh, fw], computing only the samples that are kept."""
    x0, x1, y0, y1 = padding
    inner = (y0, x0) if x0 == x1 >= 0 and y0 == y1 >= 0 else (0, 0)
    if inner == (0, 0):
        x = pad(x, x0, x1, y0, y1)
    channels = x.shape[1]
    return F.conv2d(x, f.expand(channels, 1, *f.shape), stride=stride, padding=inner, groups=channels)


def filter_size(f: Tensor | None) -> tuple[int, int]:
    """Width and height. Raises ValueError if f is neither 1-D nor 2-D."""
    if f is None:
        return 1, 1
    if f.ndim not in (1, 2):
        raise ValueError(f"a filter has 1 or 2 dimensions, not {f.ndim}")
    return f.shape[-1], f.shape[0]


def parse_factor(factor: Factor) -> tuple[int, int]:
    """x and y. Raises ValueError if it is not one or two positive numbers."""
    values = (factor, factor) if isinstance(factor, int) else tuple(factor)
    if len(values) != 2 or min(values) < 1:
        raise ValueError(f"a factor is one or two positive whole numbers, not {factor}")
    return values[0], values[1]


def parse_padding(padding: Padding) -> tuple[int, int, int, int]:
    """x0, x1, y0, y1. Raises ValueError if it is not one, two or four numbers."""
    if isinstance(padding, int):
        return padding, padding, padding, padding
    match tuple(padding):
        case (x, y):
            return x, x, y, y
        case (x0, x1, y0, y1):
            return x0, x1, y0, y1
    raise ValueError(f"a padding is one, two or four whole numbers, not {padding}")


def add_padding(padding: Padding, other: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    x0, x1, y0, y1 = parse_padding(padding)
    return x0 + other[0], x1 + other[1], y0 + other[2], y1 + other[3]
