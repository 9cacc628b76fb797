"""What each operation is, in the simplest torch operations; every backend is tested against this."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .calls import BiasAct, Call, FilteredLrelu, FirBiasAct, Modulate, StyledConv2d, Upfirdn2d
from .constants import EPSILON
from .styled_weights import StyledWeights

# How far a backend may be from these in float64, relative to the largest value: one rounding of the type where a
# kernel computes in float32, one a step where torch does.
TOLERANCES: MappingProxyType[str, Mapping[torch.dtype, float]] = MappingProxyType(
    {
        "upfirdn2d": {torch.float32: 2e-6, torch.bfloat16: 2e-2},
        "bias_act": {torch.float32: 1e-6, torch.bfloat16: 2e-2},
        "fir_bias_act": {torch.float32: 5e-6, torch.bfloat16: 2e-2},
        "filtered_lrelu": {torch.float32: 5e-6, torch.bfloat16: 3e-2},
        "modulate": {torch.float32: 2e-6, torch.bfloat16: 1e-2},
        "styled_conv2d": {torch.float32: 1e-5, torch.bfloat16: 5e-2},
    }
)

FUNCTIONS: MappingProxyType[str, Callable[[Tensor], Tensor]] = MappingProxyType(
    {
        "linear": lambda x: x,
        "relu": torch.relu,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "elu": F.elu,
        "selu": F.selu,
        "softplus": F.softplus,
        "swish": F.silu,
    }
)


def in_float64(call: Call) -> Call:
    """The same call with the values in float64, for an exact reference."""

    def exact(value: Any) -> Any:
        match value:
            case Tensor():
                return value.double()
            case StyledWeights():
                return StyledWeights(value.weight.double(), normalize=value.normalize)
            case torch.dtype():
                return torch.float64
        return value

    return dataclasses.replace(
        call, **{field.name: exact(getattr(call, field.name)) for field in dataclasses.fields(call)}
    )


def upfirdn2d_ref(call: Upfirdn2d) -> Tensor:
    """Insert zeros after each sample, pad, correlate, keep every down-th sample, add."""
    n, c, h, w = call.x.shape
    (up_x, up_y), (down_x, down_y) = call.up, call.down
    sparse = call.x.new_zeros(n, c, h, up_y, w, up_x)
    sparse[:, :, :, 0, :, 0] = call.x
    y = F.pad(sparse.reshape(n, c, h * up_y, w * up_x), call.padding) * call.gain
    f = call.f
    for kernel in () if f is None else (f[None, :], f[:, None]) if f.ndim == 1 else (f,):
        taps = (kernel if call.flip_filter else kernel.flip(0, 1)).to(y.dtype)
        y = F.conv2d(y, taps.expand(c, 1, *taps.shape), groups=c)
    y = y[:, :, ::down_y, ::down_x]
    return y if call.add is None else y + call.add


def bias_act_ref(call: BiasAct) -> Tensor:
    x = call.x
    if call.b is not None:
        x = x + call.b.to(x.dtype).reshape([-1 if i == call.dim else 1 for i in range(x.ndim)])
    x = F.leaky_relu(x, call.alpha) if call.act == "lrelu" else FUNCTIONS[call.act](x)
    x = x * call.gain
    return x if call.clamp is None else x.clamp(-call.clamp, call.clamp)


def fir_bias_act_ref(call: FirBiasAct) -> Tensor:
    x = upfirdn2d_ref(
        Upfirdn2d(call.x, call.f, padding=call.padding, flip_filter=call.flip_filter, gain=call.filter_gain)
    )
    if call.noise is not None:
        x = x + (call.noise if call.strength is None else call.noise * call.strength).to(x.dtype)
    return bias_act_ref(BiasAct(x, call.b, act=call.act, alpha=call.alpha, gain=call.gain, clamp=call.clamp))


def filtered_lrelu_ref(call: FilteredLrelu) -> Tensor:
    up, flip = call.up, call.flip_filter
    x = bias_act_ref(BiasAct(call.x, call.b))
    x = upfirdn2d_ref(Upfirdn2d(x, call.fu, up=up, padding=call.padding, flip_filter=flip, gain=up[0] * up[1]))
    x = bias_act_ref(BiasAct(x, act="lrelu", alpha=call.slope, gain=call.gain, clamp=call.clamp))
    return upfirdn2d_ref(Upfirdn2d(x, call.fd, down=call.down, flip_filter=flip))


def modulate_ref(call: Modulate) -> Tensor:
    weight, styles, gain = call.weight, call.styles, call.input_gain
    if call.normalize:
        weight = weight * weight.square().mean((1, 2, 3), keepdim=True).rsqrt()
    w = weight * styles[:, None, None]
    if call.demodulate:
        w = w * (w.square().sum((1, 2, 3), keepdim=True) + EPSILON).rsqrt()
    if gain is not None:
        w = w * gain.expand(styles.shape)[:, None, None]
    return w.to(call.dtype, memory_format=call.memory_format)


def styled_conv2d_ref(call: StyledConv2d) -> Tensor:
    """Up-sample with the filter, pad, convolve each sample with weights of its own, and the tail."""
    x, up, f, p = call.x, call.up, call.f, call.padding
    sides = (p, p, p, p)
    if up > 1:
        fh, fw = (f.shape[0], f.shape[-1]) if f is not None else (1, 1)
        sides = (p + (fw + up - 1) // 2, p + (fw - up) // 2, p + (fh + up - 1) // 2, p + (fh - up) // 2)
    x = upfirdn2d_ref(Upfirdn2d(x, f, up=(up, up), padding=sides, gain=up * up))
    samples = []
    for sample, style in zip(x, call.styles, strict=True):
        w = modulate_ref(
            Modulate(
                call.weights.weight, style, call.input_gain, call.demodulate, call.weights.normalize, x.dtype,
                torch.contiguous_format,
            )
        )  # fmt: skip
        samples.append(F.conv2d(sample[None], w if up == 1 else w.flip(2, 3)))
    return fir_bias_act_ref(
        FirBiasAct(
            torch.cat(samples), None, call.b, call.noise, call.strength,
            act=call.act, alpha=call.alpha, gain=call.gain, clamp=call.clamp,
        )
    )  # fmt: skip
