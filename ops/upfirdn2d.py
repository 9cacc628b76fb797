"""Up-sample, FIR-filter, down-sample (Karras et al. 2020, appendix B; 2021, section 3)."""

from __future__ import annotations

from torch import Tensor

from . import torch_backend
from .base.calls import Upfirdn2d
from .base.dispatch import Backend, always, run_first
from .base.geometry import UNIT, Factor, Padding, add_padding, check_covered, filter_size, parse_factor, parse_padding
from .cuda import cuda_backend
from .native import native_backend

BACKENDS = (
    Backend("cuda", cuda_backend.why_not_upfirdn2d, cuda_backend.upfirdn2d),
    Backend("native", native_backend.why_not_upfirdn2d, native_backend.upfirdn2d),
    Backend("torch", always, torch_backend.upfirdn2d),
)


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
    return _run(Upfirdn2d(x, f, parse_factor(up), parse_factor(down), parse_padding(padding), flip_filter, gain))


def _run(call: Upfirdn2d) -> Tensor:
    check_covered(call.x, call.f, call.up, call.padding)
    return run_first(BACKENDS, call)


def upsample2d(
    x: Tensor,
    f: Tensor | None,
    *,
    up: Factor = 2,
    padding: Padding = 0,
    flip_filter: bool = False,
    gain: float = 1.0,
    add: Tensor | None = None,
) -> Tensor:
    """Enlarge by `up`, keeping the picture in place. `padding` comes on top. [N, C, H, W] -> [N, C, H * up, W * up]

    `add`: another picture of the result's shape and type, added in the same pass.
    """
    up_x, up_y = parse_factor(up)
    fw, fh = filter_size(f)
    centring = ((fw + up_x - 1) // 2, (fw - up_x) // 2, (fh + up_y - 1) // 2, (fh - up_y) // 2)
    sides = add_padding(padding, centring)
    return _run(Upfirdn2d(x, f, (up_x, up_y), UNIT, sides, flip_filter, gain * up_x * up_y, add))


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
