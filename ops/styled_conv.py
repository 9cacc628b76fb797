"""A layer of StyleGAN2 or 3 up to its resampling: modulated convolution, noise, bias, activation."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .base.constants import LRELU_SLOPE
from .base.dispatch import Backend, always, run_first
from .base.geometry import filter_size
from .base.styled_weights import StyledWeights, demodulation
from .base.tensors import needs_grad
from .bias_act import fir_bias_act
from .modulate import modulate
from .modulated_conv import modulated_conv2d
from .native import winograd


def styled_conv2d(
    x: Tensor,
    weights: StyledWeights,
    styles: Tensor,
    *,
    up: int = 1,
    padding: int = 0,
    f: Tensor | None = None,
    demodulate: bool = True,
    input_gain: Tensor | None = None,
    noise: Tensor | None = None,
    strength: Tensor | None = None,
    b: Tensor | None = None,
    act: str = "linear",
    alpha: float = LRELU_SLOPE,
    gain: float = 1.0,
    clamp: float | None = None,
) -> Tensor:
    """`modulated_conv2d`, then `fir_bias_act`: a whole layer of StyleGAN2, and that of StyleGAN3 up to its filters.

    x: [N, I, H, W], styles: [N, I], input_gain: [] or [I], the inverse magnitude of x, noise: [H', W'] or
    [N, 1, H', W'], times strength: [], b: [O] -> [N, O, H', W'], channels_last where x is. `up`: 1, or 2 with the
    filter f, for which the weights are convolved, not correlated. `padding`: on all sides, with respect to the
    up-sampled picture.
    """
    return run_first(
        BACKENDS, x, weights, styles, up=up, padding=padding, f=f, demodulate=demodulate, input_gain=input_gain,
        noise=noise, strength=strength, b=b, act=act, alpha=alpha, gain=gain, clamp=clamp,
    )  # fmt: skip


def _direct(
    x: Tensor,
    weights: StyledWeights,
    styles: Tensor,
    *,
    up: int,
    padding: int,
    f: Tensor | None,
    demodulate: bool,
    input_gain: Tensor | None,
    **tail: Any,
) -> Tensor:
    if needs_grad(x, styles, weights.weight) or (len(x) > 1 and x.dtype == torch.float16):
        scaled = styles if input_gain is None or demodulate else styles * input_gain
        x = x if input_gain is None or not demodulate else x * _by_channel(input_gain).to(x.dtype)
        y = modulated_conv2d(
            x, weights.final, scaled, up=up, padding=padding, resample_filter=f, demodulate=demodulate,
            flip_weight=up == 1,
        )  # fmt: skip
        return fir_bias_act(y, inplace=True, **tail)
    y = _convolved(x, weights, styles, up, padding, demodulate, input_gain)
    if up == 1:
        return y if _is_nothing(**tail) else fir_bias_act(y, inplace=True, **tail)
    fw, fh = filter_size(f)
    kh, kw = weights.weight.shape[2:]
    sides = (
        padding + (fw + up - 1) // 2 + 1 - kw,
        padding + (fw - up) // 2 + up - kw,
        padding + (fh + up - 1) // 2 + 1 - kh,
        padding + (fh - up) // 2 + up - kh,
    )
    return fir_bias_act(y, f, padding=sides, filter_gain=up * up, **tail)


def _convolved(
    x: Tensor, weights: StyledWeights, styles: Tensor, up: int, padding: int, demodulate: bool, gain: Tensor | None
) -> Tensor:
    """-> [N, O, H', W'], or [N, O, (H - 1) * up + kh, (W - 1) * up + kw]"""
    if len(x) > 1 or x.numel() < weights.weight.numel():  # scaling the pictures is less work than scaling the weights
        scale = styles if gain is None else styles * gain
        y = weights.convolution(x, up=up, padding=padding)(x * scale[:, :, None, None].to(x.dtype))
        return y.mul_(demodulation(weights, styles)[:, :, None, None].to(y.dtype)) if demodulate else y
    laid_out = weights.channels_last if up == 1 else weights.exchanged
    w = modulate(laid_out, styles[0], input_gain=gain, demodulate=demodulate, dtype=x.dtype)
    if up == 1:
        return F.conv2d(x, w, padding=padding)
    return F.conv_transpose2d(x, w.transpose(0, 1), stride=up)


def _is_nothing(
    *,
    noise: Tensor | None,
    strength: Tensor | None,
    b: Tensor | None,
    act: str,
    alpha: float,
    gain: float,
    clamp: float | None,
) -> bool:
    return noise is None and b is None and act == "linear" and gain == 1 and clamp is None


def _by_channel(values: Tensor) -> Tensor:
    return values if values.ndim == 0 else values[:, None, None]


BACKENDS = (
    Backend("native", winograd.why_not, winograd.run),
    Backend("direct", always, _direct),
)
