"""Convolutions with up- and down-sampling, and those whose weights depend on a style (Karras et al. 2020, 2021)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from .base.geometry import Padding, add_padding, filter_size
from .base.tensors import needs_grad
from .modulate import modulate
from .torch_backend import pad
from .upfirdn2d import upfirdn2d


def conv2d_resample(
    x: Tensor,
    w: Tensor,
    *,
    f: Tensor | None = None,
    up: int = 1,
    down: int = 1,
    padding: Padding = 0,
    groups: int = 1,
    flip_weight: bool = True,
    flip_filter: bool = False,
) -> Tensor:
    """Up-sample, convolve, down-sample. x: [N, I, H, W], w: [O, I / groups, kh, kw], f: as `upfirdn2d` takes it
    -> [N, O, H', W'].

    `padding` is with respect to the up-sampled picture and is applied once, before the first filter.
    `flip_weight` True: w is correlated, as `conv2d` does; False: convolved. Raises ValueError as `upfirdn2d` does.
    """
    kh, kw = w.shape[2:]
    fw, fh = filter_size(f)
    sides = add_padding(padding, (0, 0, 0, 0))
    if up > 1:
        sides = add_padding(sides, ((fw + up - 1) // 2, (fw - up) // 2, (fh + up - 1) // 2, (fh - up) // 2))
    if down > 1:
        sides = add_padding(sides, ((fw - down + 1) // 2, (fw - down) // 2, (fh - down + 1) // 2, (fh - down) // 2))

    if kh == kw == 1 and up > 1 and down == 1:  # a 1x1 convolution commutes with the filter: do it where it is small
        x = _convolve(x, w, groups, flip_weight)
        return upfirdn2d(x, f, up=up, padding=sides, gain=up * up, flip_filter=flip_filter)
    if kh == kw == 1 and down > 1 and up == 1:
        x = upfirdn2d(x, f, down=down, padding=sides, flip_filter=flip_filter)
        return _convolve(x, w, groups, flip_weight)
    if up == 1 and down > 1:
        x = upfirdn2d(x, f, padding=sides, flip_filter=flip_filter)
        return _convolve(x, w, groups, flip_weight, stride=down)
    if up == 1:
        x0, x1, y0, y1 = sides
        if x0 == x1 >= 0 and y0 == y1 >= 0:
            return _convolve(x, w, groups, flip_weight, padding=(y0, x0))
        return _convolve(pad(x, *sides), w, groups, flip_weight)
    if min(sides) >= 0:
        x = _transposed(x, w, up, groups, flip_weight)  # [N, O, (H - 1) * up + kh, (W - 1) * up + kw]
        sides = add_padding(sides, (1 - kw, up - kw, 1 - kh, up - kh))
        x = upfirdn2d(x, f, padding=sides, gain=up * up, flip_filter=flip_filter)
    else:  # a crop before the filter does not commute with the convolution
        x = upfirdn2d(x, f, up=up, padding=sides, gain=up * up, flip_filter=flip_filter)
        x = _convolve(x, w, groups, flip_weight)
    return upfirdn2d(x, f, down=down, flip_filter=flip_filter) if down > 1 else x


def _convolve(
    x: Tensor, w: Tensor, groups: int, flip_weight: bool, stride: int = 1, padding: tuple[int, int] = (0, 0)
) -> Tensor:
    if not flip_weight:
        w = w.flip((2, 3))
    return F.conv2d(x, w, stride=stride, padding=padding, groups=groups)


def _transposed(x: Tensor, w: Tensor, up: int, groups: int, flip_weight: bool) -> Tensor:
    """Insert zeros and convolve in full, in one step. `conv_transpose2d` wants [I, O / groups, kh, kw], and flips w."""
    if flip_weight:
        w = w.flip((2, 3))
    o, i, kh, kw = w.shape
    w = w.reshape(groups, o // groups, i, kh, kw).transpose(1, 2).reshape(groups * i, o // groups, kh, kw)
    return F.conv_transpose2d(x, w, stride=up, groups=groups)


# ----------------------------------------------------------------------------
# StyleGAN2.


def modulated_conv2d(
    x: Tensor,
    weight: Tensor,
    styles: Tensor,
    *,
    noise: Tensor | None = None,
    up: int = 1,
    down: int = 1,
    padding: Padding = 0,
    resample_filter: Tensor | None = None,
    demodulate: bool = True,
    flip_weight: bool = True,
) -> Tensor:
    """`conv2d_resample` with weights scaled by the styles and, if `demodulate`, brought back to unit magnitude.

    x: [N, I, H, W], weight: float32 [O, I, kh, kw], styles: float32 [N, I], noise: [H', W'] or [N, 1, H', W'], added
    -> [N, O, H', W'] in the dtype of x (Karras et al. 2020, equations 1 and 3).
    """
    if x.dtype == torch.float16 and demodulate:
        # Demodulation cancels any scale of weights and styles; this one keeps their products within float16.
        fan_in = weight[0].numel()
        weight = weight * (1 / math.sqrt(fan_in) / weight.abs().amax((1, 2, 3), keepdim=True))
        styles = styles / styles.abs().amax(1, keepdim=True)
    ws = [modulate(weight, s, demodulate=demodulate, dtype=x.dtype) for s in styles]
    y = _convolve_samples(x, ws, f=resample_filter, up=up, down=down, padding=padding, flip_weight=flip_weight)
    if noise is None:
        return y
    noise = noise.to(y.dtype)
    return y + noise if needs_grad(y) or needs_grad(noise) else y.add_(noise)


def _convolve_samples(
    x: Tensor,
    ws: Sequence[Tensor],
    *,
    f: Tensor | None = None,
    up: int = 1,
    down: int = 1,
    padding: Padding = 0,
    flip_weight: bool = True,
) -> Tensor:
    """`conv2d_resample` of each sample with weights of its own.

    x: [N, I, H, W], ws: N times [O, I, kh, kw] -> [N, O, H', W']
    """
    if len(ws) == 1:
        return conv2d_resample(x, ws[0], f=f, up=up, down=down, padding=padding, flip_weight=flip_weight)
    n, w = len(ws), torch.cat(list(ws))
    x = x.reshape(1, -1, *x.shape[2:])  # samples become groups of channels
    y = conv2d_resample(x, w, f=f, up=up, down=down, padding=padding, groups=n, flip_weight=flip_weight)
    return y.reshape(n, -1, *y.shape[2:])


# ----------------------------------------------------------------------------
# StyleGAN3.


def normalized_modulated_conv2d(
    x: Tensor,
    weight: Tensor,
    styles: Tensor,
    *,
    padding: int | Sequence[int] = 0,
    demodulate: bool = True,
    input_gain: Tensor | None = None,
) -> Tensor:
    """A modulated convolution without resampling, whose weights and styles are first normalised if `demodulate`.

    x: [N, I, H, W], weight: float32 [O, I, k, k], styles: float32 [N, I], padding: all sides, or y and x,
    input_gain: [], [I] or [N, I], the inverse magnitude of x -> [N, O, H', W'] in the dtype of x
    (Karras et al. 2021, appendix C.1). The styles are normalised over the whole batch, as in training.
    """
    if demodulate:
        styles = styles * styles.square().mean().rsqrt()
    gains = [None] * len(styles) if input_gain is None else input_gain.expand(styles.shape)
    ws = [
        modulate(weight, s, input_gain=g, demodulate=demodulate, normalize=demodulate, dtype=x.dtype)
        for s, g in zip(styles, gains, strict=True)
    ]
    y, x_pad = (padding, padding) if isinstance(padding, int) else padding
    return _convolve_samples(x, ws, padding=(x_pad, y))
