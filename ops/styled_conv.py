"""A layer of StyleGAN2 or 3 up to its resampling: modulated convolution, noise, bias, activation."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .base.calls import StyledConv2d
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
        BACKENDS,
        StyledConv2d(
            x, weights, styles, up=up, padding=padding, f=f, demodulate=demodulate, input_gain=input_gain,
            noise=noise, strength=strength, b=b, act=act, alpha=alpha, gain=gain, clamp=clamp,
        ),
    )  # fmt: skip


def _direct(call: StyledConv2d) -> Tensor:
    x, weights, styles, up, padding = call.x, call.weights, call.styles, call.up, call.padding
    if needs_grad(x, styles, weights.weight) or (len(x) > 1 and x.dtype == torch.float16):
        gain, demodulate = call.input_gain, call.demodulate
        scaled = styles if gain is None or demodulate else styles * gain
        x = x if gain is None or not demodulate else x * _by_channel(gain).to(x.dtype)
        y = modulated_conv2d(
            x, weights.final, scaled, up=up, padding=padding, resample_filter=call.f, demodulate=demodulate,
            flip_weight=up == 1,
        )  # fmt: skip
        return _with_tail(y, call)
    y = _convolved(call)
    if up == 1:
        return y if _is_nothing(call) else _with_tail(y, call)
    fw, fh = filter_size(call.f)
    kh, kw = weights.weight.shape[2:]
    sides = (
        padding + (fw + up - 1) // 2 + 1 - kw,
        padding + (fw - up) // 2 + up - kw,
        padding + (fh + up - 1) // 2 + 1 - kh,
        padding + (fh - up) // 2 + up - kh,
    )
    return fir_bias_act(
        y, call.f, call.b, padding=sides, filter_gain=up * up, noise=call.noise, strength=call.strength, act=call.act,
        alpha=call.alpha, gain=call.gain, clamp=call.clamp,
    )  # fmt: skip


def _with_tail(y: Tensor, call: StyledConv2d) -> Tensor:
    """y: of the size of the result; may be overwritten"""
    return fir_bias_act(
        y, b=call.b, noise=call.noise, strength=call.strength, act=call.act, alpha=call.alpha, gain=call.gain,
        clamp=call.clamp, inplace=True,
    )  # fmt: skip


def _convolved(call: StyledConv2d) -> Tensor:
    """-> [N, O, H', W'], or [N, O, (H - 1) * up + kh, (W - 1) * up + kw]"""
    x, weights, styles, up, gain = call.x, call.weights, call.styles, call.up, call.input_gain
    if len(x) > 1 or x.numel() < weights.weight.numel():  # scaling the pictures is less work than scaling the weights
        scale = styles if gain is None else styles * gain
        y = weights.convolution(x, up=up, padding=call.padding)(x * scale[:, :, None, None].to(x.dtype))
        return y.mul_(demodulation(weights, styles)[:, :, None, None].to(y.dtype)) if call.demodulate else y
    laid_out = weights.channels_last if up == 1 else weights.exchanged
    w = modulate(laid_out, styles[0], input_gain=gain, demodulate=call.demodulate, dtype=x.dtype)
    if up == 1:
        return F.conv2d(x, w, padding=call.padding)
    return F.conv_transpose2d(x, w.transpose(0, 1), stride=up)


def _is_nothing(call: StyledConv2d) -> bool:
    """Whether the call is the convolution alone."""
    return call.noise is None and call.b is None and call.act == "linear" and call.gain == 1 and call.clamp is None


def _by_channel(values: Tensor) -> Tensor:
    return values if values.ndim == 0 else values[:, None, None]


BACKENDS = (
    Backend("native", winograd.why_not, winograd.run),
    Backend("direct", always, _direct),
)
