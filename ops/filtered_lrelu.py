"""StyleGAN3's nonlinearity: leaky ReLU at a higher sampling rate (Karras et al. 2021, section 3.1)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .bias_act import LRELU_SLOPE, bias_act, needs_grad
from .upfirdn2d import Factor, Padding, parse_factor, upfirdn2d

CHUNK = 16  # channels at a time: the intermediates, 4 to 16 times as large as x, then stay in the cache


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
    up_x, up_y = parse_factor(up)

    def run(x: Tensor, b: Tensor | None) -> Tensor:
        x = bias_act(x, b)
        x = upfirdn2d(x, fu, up=up, padding=padding, flip_filter=flip_filter, gain=up_x * up_y)
        fresh = b is not None or fu is not None  # else x may still be the caller's
        x = bias_act(x, act="lrelu", alpha=slope, gain=gain, clamp=clamp, inplace=fresh)
        return upfirdn2d(x, fd, down=down, flip_filter=flip_filter)

    if needs_grad(x) or x.device.type != "cpu" or x.shape[1] <= CHUNK:
        return run(x, b)
    starts = range(0, x.shape[1], CHUNK)
    return torch.cat([run(x[:, i : i + CHUNK], None if b is None else b[i : i + CHUNK]) for i in starts], dim=1)
