"""Each operation in torch operations alone, as fast as they go: what runs where there are no kernels of our own."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .base.constants import EPSILON
from .base.geometry import NO_SIDES, Factors, Sides, filter_size
from .base.reference import FUNCTIONS, fir_bias_act_ref
from .base.tensors import layout_of, needs_grad

CHUNK = 16  # channels at a time: the intermediates, 4 to 16 times as large as x, then stay in the cache
SLOW_TYPES = (torch.float16, torch.bfloat16)  # on the CPU some of their depthwise convolutions take seconds
FEW_CHANNELS = 8  # below, sums of slices are faster than convolutions


# ----------------------------------------------------------------------------
# Filters.


def upfirdn2d(
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
    y = _upfirdn2d(x, f, up=up, down=down, padding=padding, flip_filter=flip_filter, gain=gain)
    if add is None:
        return y
    # Without a filter y may be a view of x.
    return y + add if f is None or needs_grad(y, add) else y.add_(add)


def _upfirdn2d(
    x: Tensor, f: Tensor | None, *, up: Factors, down: Factors, padding: Sides, flip_filter: bool, gain: float
) -> Tensor:
    if f is None:
        y = pad(zero_insert(x, *up), *padding)[:, :, :: down[1], :: down[0]]
        y = y.contiguous(memory_format=layout_of(x)) if max(down) > 1 else y
        return y * gain if gain != 1 else y
    if x.is_cpu and x.dtype in SLOW_TYPES:
        y = _upfirdn2d(x.float(), f, up=up, down=down, padding=padding, flip_filter=flip_filter, gain=gain)
        return y.to(x.dtype)
    if not flip_filter:
        f = f.flip(tuple(range(f.ndim)))
    f = f.to(x.dtype) * gain ** (f.ndim / 2)
    if x.shape[1] < FEW_CHANNELS and x.device.type == "cpu" and max(up) > 1 and max(down) == 1 and not needs_grad(x, f):
        return _polyphase(x, f.outer(f) if f.ndim == 1 else f, up, padding)
    x0, x1, y0, y1 = padding
    if f.ndim == 2:
        return correlate(zero_insert(x, *up), f, (down[1], down[0]), padding)
    # One axis after the other, so that the first pass does not see the zeros of the second.
    x = correlate(zero_insert(x, up[0], 1), f[None, :], (1, down[0]), (x0, x1, 0, 0))
    return correlate(zero_insert(x, 1, up[1]), f[:, None], (down[1], 1), (0, 0, y0, y1))


def _polyphase(x: Tensor, f: Tensor, up: Factors, padding: Sides) -> Tensor:
    """Up-sample with a filter that is correlated, without the zeros: each phase of the result is a sum of slices."""
    n, c, h, w = x.shape
    fw, fh = filter_size(f)
    x0, x1, y0, y1 = padding
    height, width = h * up[1] + y0 + y1 - fh + 1, w * up[0] + x0 + x1 - fw + 1
    margin_x, margin_y = fw + abs(x0) + abs(x1), fh + abs(y0) + abs(y1)
    x = F.pad(x, (margin_x, margin_x, margin_y, margin_y))
    y = x.new_zeros(n, c, height, width)
    taps = f.tolist()
    for top in range(min(up[1], height)):
        for left in range(min(up[0], width)):
            phase = y[:, :, top :: up[1], left :: up[0]]
            rows, columns = phase.shape[2:]
            for i in range((y0 - top) % up[1], fh, up[1]):  # the taps that meet samples, not zeros
                for j in range((x0 - left) % up[0], fw, up[0]):
                    row = (top + i - y0) // up[1] + margin_y
                    column = (left + j - x0) // up[0] + margin_x
                    phase.add_(x[:, :, row : row + rows, column : column + columns], alpha=taps[i][j])
    return y


def zero_insert(x: Tensor, up_x: int, up_y: int) -> Tensor:
    """Put up - 1 zeros after each sample, the last one too. [N, C, H, W] -> [N, C, H * up_y, W * up_x]"""
    if up_x == 1 and up_y == 1:
        return x
    n, c, h, w = x.shape
    size = (n, c, h * up_y, w * up_x)
    sparse = torch.empty(size, dtype=x.dtype, device=x.device, memory_format=layout_of(x)).zero_()
    sparse[:, :, ::up_y, ::up_x] = x
    return sparse


def pad(x: Tensor, x0: int, x1: int, y0: int, y1: int) -> Tensor:
    """Add zeros around x, or crop where a side is negative."""
    return F.pad(x, (x0, x1, y0, y1)) if x0 or x1 or y0 or y1 else x


def correlate(x: Tensor, f: Tensor, stride: tuple[int, int], padding: Sides) -> Tensor:
    """Correlate each channel of x with f: [fh, fw], computing only the samples that are kept."""
    x0, x1, y0, y1 = padding
    inner = (y0, x0) if x0 == x1 >= 0 and y0 == y1 >= 0 else (0, 0)
    if inner == (0, 0):
        x = pad(x, x0, x1, y0, y1)
    channels = x.shape[1]
    return F.conv2d(x, f.expand(channels, 1, *f.shape), stride=stride, padding=inner, groups=channels)


# ----------------------------------------------------------------------------
# Activations.


def bias_act(
    x: Tensor,
    b: Tensor | None,
    *,
    dim: int,
    act: str,
    alpha: float,
    gain: float,
    clamp: float | None,
    inplace: bool,
) -> Tensor:
    if b is not None:
        b = b.to(x.dtype).reshape([-1 if i == dim else 1 for i in range(x.ndim)])
    free = inplace  # whether x may be overwritten
    if needs_grad(x, b):
        x = x if b is None else x + b
        x = F.leaky_relu(x, alpha) if act == "lrelu" else FUNCTIONS[act](x)
        x = x * gain if gain != 1 else x
        return x if clamp is None else x.clamp(-clamp, clamp)
    if b is not None:
        x, free = x.add_(b) if free else x + b, True
    if act == "lrelu":
        x, free = F.leaky_relu_(x, alpha) if free else F.leaky_relu(x, alpha), True
    elif act != "linear":
        x, free = FUNCTIONS[act](x), True
    if gain != 1:
        x, free = x.mul_(gain) if free else x * gain, True
    if clamp is not None:
        x = x.clamp_(-clamp, clamp) if free else x.clamp(-clamp, clamp)
    return x


def fir_bias_act(
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
    inplace: bool,
) -> Tensor:
    if needs_grad(x, b, noise, strength):
        return fir_bias_act_ref(
            x,
            f,
            b,
            padding=padding,
            flip_filter=flip_filter,
            filter_gain=filter_gain,
            noise=noise,
            strength=strength,
            act=act,
            alpha=alpha,
            gain=gain,
            clamp=clamp,
        )
    if f is not None or padding != NO_SIDES or filter_gain != 1:
        x = _upfirdn2d(x, f, up=(1, 1), down=(1, 1), padding=padding, flip_filter=flip_filter, gain=filter_gain)
        inplace = inplace or f is not None  # without a filter x may still be the caller's
    if noise is not None:
        noise = (noise if strength is None else noise * strength).to(x.dtype)
        x, inplace = x.add_(noise) if inplace else x + noise, True
    return bias_act(x, b, dim=1, act=act, alpha=alpha, gain=gain, clamp=clamp, inplace=inplace)


def filtered_lrelu(
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
    dtype = torch.float32 if x.is_cpu and x.dtype in SLOW_TYPES else x.dtype

    def run(x: Tensor, b: Tensor | None) -> Tensor:
        out_dtype, x = x.dtype, x.to(dtype)
        x = bias_act(x, b, dim=1, act="linear", alpha=0, gain=1, clamp=None, inplace=False)
        x = _upfirdn2d(x, fu, up=up, down=(1, 1), padding=padding, flip_filter=flip_filter, gain=up[0] * up[1])
        fresh = b is not None or fu is not None  # else x may still be the caller's
        x = bias_act(x, None, dim=1, act="lrelu", alpha=slope, gain=gain, clamp=clamp, inplace=fresh)
        x = _upfirdn2d(x, fd, up=(1, 1), down=down, padding=NO_SIDES, flip_filter=flip_filter, gain=1)
        return x.to(out_dtype)

    if needs_grad(x, b) or x.device.type != "cpu" or x.shape[1] <= CHUNK:
        return run(x, b)
    y = x.new_empty(0)
    for i in range(0, x.shape[1], CHUNK):
        part = run(x[:, i : i + CHUNK], None if b is None else b[i : i + CHUNK])
        if i == 0:
            size = (*x.shape[:2], *part.shape[2:])
            y = torch.empty(size, dtype=x.dtype, device=x.device, memory_format=layout_of(x))
        y[:, i : i + CHUNK] = part
    return y


# ----------------------------------------------------------------------------
# Weights.


def modulate(
    weight: Tensor,
    styles: Tensor,
    *,
    input_gain: Tensor | None,
    demodulate: bool,
    normalize: bool,
    dtype: torch.dtype,
    memory_format: torch.memory_format,
) -> Tensor:
    """Scales of inputs and outputs first, so that the weights are only read twice and written once."""
    scale = styles[None, :]  # [1 or O, I]
    if normalize or demodulate:
        energy = weight.square().sum((2, 3))  # [O, I]
        normal = energy.mean(1).div(weight[0, 0].numel()).rsqrt() if normalize else None  # [O]
        if demodulate:
            total = energy @ styles.square()
            total = total if normal is None else total * normal.square()
            demodulation = (total + EPSILON).rsqrt()
            normal = demodulation if normal is None else normal * demodulation
        assert normal is not None  # one of the two is asked for
        scale = scale * normal[:, None]
    if input_gain is not None:
        scale = scale * input_gain
    return (weight * scale[:, :, None, None]).to(dtype, memory_format=memory_format)
