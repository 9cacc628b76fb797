"""StyleGAN3's nonlinearity: leaky ReLU at a higher sampling rate (Karras et al. 2021, section 3.1)."""

from __future__ import annotations

import math

from torch import Tensor

from . import torch_backend
from .base.calls import FilteredLrelu
from .base.constants import LRELU_SLOPE
from .base.dispatch import Backend, always, run_first
from .base.geometry import Factor, Padding, check_covered, filter_size, parse_factor, parse_padding
from .cuda import cuda_backend
from .native import native_backend

BACKENDS = (
    Backend("cuda", cuda_backend.why_not_filtered_lrelu, cuda_backend.filtered_lrelu),
    Backend("native", native_backend.why_not_filtered_lrelu, native_backend.filtered_lrelu),
    Backend("torch", always, torch_backend.filtered_lrelu),
)


def filtered_lrelu(
    x: Tensor,
    *,
    fu: Tensor | None = None,
    fd: Tensor | None = None,
    b: Tensor | None = None,
    up: Factor = 1,
    down: Factor = 1,
    padding: Padding = 0,
    gain: float = math.sqrt(2),
    slope: float = LRELU_SLOPE,
    clamp: float | None = None,
    flip_filter: bool = False,
) -> Tensor:
    """Bias, up-sample with `fu`, leaky ReLU times `gain`, clamp, down-sample with `fd`.

    x: [N, C, H, W], b: [C] or None, fu, fd: as `upfirdn2d` takes them; `padding` counts at the up-sampled rate
    -> [N, C, H', W'] with H' = (H * up + pad_y0 + pad_y1 - (fu - 1) - (fd - 1) + (down - 1)) // down.
    Raises ValueError as `upfirdn2d` does.
    """
    factors, (x0, x1, y0, y1) = parse_factor(up), parse_padding(padding)
    fw, fh = filter_size(fd)
    check_covered(x, fu, factors, (x0, x1 - fw + 1, y0, y1 - fh + 1))
    call = FilteredLrelu(x, fu, fd, b, factors, parse_factor(down), (x0, x1, y0, y1), gain, slope, clamp, flip_filter)
    return run_first(BACKENDS, call)
