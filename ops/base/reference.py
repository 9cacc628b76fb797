"""What each operation is, in the simplest torch operations; every backend is tested against this.

The arguments are those of the backends: factors (x, y), paddings (x0, x1, y0, y1), activations by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
import torch.nn.functional as F
from torch import Tensor

from .constants import EPSILON
from .geometry import Factors, Sides

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


def upfirdn2d_ref(
    x: Tensor,
    f: Tensor | None,
    *,
    up: Factors,
    down: Factors,
    padding: Sides,
    flip_filter: bool,
    gain: float,
    add: Tensor | None = None,
) -> Tensor:
    """Insert zeros after each sample, pad, correlate, keep every down-th sample, add."""
    n, c, h, w = x.shape
    sparse = x.new_zeros(n, c, h, up[1], w, up[0])
    sparse[:, :, :, 0, :, 0] = x
    y = F.pad(sparse.reshape(n, c, h * up[1], w * up[0]), padding) * gain
    for kernel in () if f is None else (f[None, :], f[:, None]) if f.ndim == 1 else (f,):
        taps = (kernel if flip_filter else kernel.flip(0, 1)).to(x.dtype)
        y = F.conv2d(y, taps.expand(c, 1, *taps.shape), groups=c)
    y = y[:, :, :: down[1], :: down[0]]
    return y if add is None else y + add


def bias_act_ref(
    x: Tensor, b: Tensor | None, *, dim: int, act: str, alpha: float, gain: float, clamp: float | None
) -> Tensor:
    if b is not None:
        x = x + b.to(x.dtype).reshape([-1 if i == dim else 1 for i in range(x.ndim)])
    x = F.leaky_relu(x, alpha) if act == "lrelu" else FUNCTIONS[act](x)
    x = x * gain
    return x if clamp is None else x.clamp(-clamp, clamp)


def fir_bias_act_ref(
    x: Tensor,
    f: Tensor | None,
    b: Tensor | None,
    *,
    padding: Sides,
    flip_filter: bool,
    filter_gain: float,
    noise: Tensor | None,
    strength: Tensor | None,
    act: str,
    alpha: float,
    gain: float,
    clamp: float | None,
) -> Tensor:
    x = upfirdn2d_ref(x, f, up=(1, 1), down=(1, 1), padding=padding, flip_filter=flip_filter, gain=filter_gain)
    if noise is not None:
        x = x + (noise if strength is None else noise * strength).to(x.dtype)
    return bias_act_ref(x, b, dim=1, act=act, alpha=alpha, gain=gain, clamp=clamp)


def filtered_lrelu_ref(
    x: Tensor,
    fu: Tensor | None,
    fd: Tensor | None,
    b: Tensor | None,
    *,
    up: Factors,
    down: Factors,
    padding: Sides,
    gain: float,
    slope: float,
    clamp: float | None,
    flip_filter: bool,
) -> Tensor:
    x = bias_act_ref(x, b, dim=1, act="linear", alpha=0, gain=1, clamp=None)
    x = upfirdn2d_ref(x, fu, up=up, down=(1, 1), padding=padding, flip_filter=flip_filter, gain=up[0] * up[1])
    x = bias_act_ref(x, None, dim=1, act="lrelu", alpha=slope, gain=gain, clamp=clamp)
    return upfirdn2d_ref(x, fd, up=(1, 1), down=down, padding=(0, 0, 0, 0), flip_filter=flip_filter, gain=1)


def modulate_ref(
    weight: Tensor,
    styles: Tensor,
    *,
    input_gain: Tensor | None,
    demodulate: bool,
    normalize: bool,
    dtype: torch.dtype,
    memory_format: torch.memory_format,
) -> Tensor:
    if normalize:
        weight = weight * weight.square().mean((1, 2, 3), keepdim=True).rsqrt()
    w = weight * styles[:, None, None]
    if demodulate:
        w = w * (w.square().sum((1, 2, 3), keepdim=True) + EPSILON).rsqrt()
    if input_gain is not None:
        w = w * input_gain.expand(styles.shape)[:, None, None]
    return w.to(dtype, memory_format=memory_format)


def styled_conv2d_ref(
    x: Tensor,
    weight: Tensor,
    styles: Tensor,
    *,
    normalize: bool,
    up: int,
    padding: int,
    f: Tensor | None,
    demodulate: bool,
    input_gain: Tensor | None,
    noise: Tensor | None,
    strength: Tensor | None,
    b: Tensor | None,
    act: str,
    alpha: float,
    gain: float,
    clamp: float | None,
) -> Tensor:
    """Up-sample with the filter, pad, convolve each sample with weights of its own, and the tail."""
    sides = (padding,) * 4
    if up > 1:
        fh, fw = (f.shape[0], f.shape[-1]) if f is not None else (1, 1)
        centring = ((fw + up - 1) // 2, (fw - up) // 2, (fh + up - 1) // 2, (fh - up) // 2)
        sides = (padding + centring[0], padding + centring[1], padding + centring[2], padding + centring[3])
    x = upfirdn2d_ref(x, f, up=(up, up), down=(1, 1), padding=sides, flip_filter=False, gain=up * up)
    samples = []
    for sample, style in zip(x, styles, strict=True):
        w = modulate_ref(
            weight, style, input_gain=input_gain, demodulate=demodulate, normalize=normalize, dtype=x.dtype,
            memory_format=torch.contiguous_format,
        )  # fmt: skip
        samples.append(F.conv2d(sample[None], w if up == 1 else w.flip(2, 3)))
    return fir_bias_act_ref(
        torch.cat(samples), None, b, padding=(0, 0, 0, 0), flip_filter=False, filter_gain=1, noise=noise,
        strength=strength, act=act, alpha=alpha, gain=gain, clamp=clamp,
    )  # fmt: skip
