"""Each operation in torch operations alone, as fast as they go: what runs where there are no kernels of our own."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .base.calls import BiasAct, FilteredLrelu, FirBiasAct, Modulate, Upfirdn2d
from .base.constants import EPSILON
from .base.geometry import NO_SIDES, Factors, Sides, filter_size
from .base.reference import FUNCTIONS, fir_bias_act_ref
from .base.tensors import layout_of, needs_grad

CHUNK = 16  # channels at a time: the intermediates, 4 to 16 times as large as x, then stay in the cache
SLOW_TYPES = (torch.float16, torch.bfloat16)  # on the CPU some of their depthwise convolutions take seconds
FEW_CHANNELS = 8  # below, sums of slices are faster than convolutions


# ----------------------------------------------------------------------------
# Filters.


def upfirdn2d(call: Upfirdn2d) -> Tensor:
    y, add = _upfirdn2d(call), call.add
    if add is None:
        return y
    # Without a filter y may be a view of x.
    return y + add if call.f is None or needs_grad(y, add) else y.add_(add)


def _upfirdn2d(call: Upfirdn2d) -> Tensor:
    """All but the addition."""
    x = call.x
    if call.f is None:
        y = pad(zero_insert(x, *call.up), *call.padding)[:, :, :: call.down[1], :: call.down[0]]
        y = y.contiguous(memory_format=layout_of(x)) if max(call.down) > 1 else y
        return y * call.gain if call.gain != 1 else y
    if x.is_cpu and x.dtype in SLOW_TYPES:
        return _filtered(x.float(), call.f, call).to(x.dtype)
    return _filtered(x, call.f, call)


def _filtered(x: Tensor, f: Tensor, call: Upfirdn2d) -> Tensor:
    """x and f: those of the call, x in a type that is fast."""
    up, down, (x0, x1, y0, y1) = call.up, call.down, call.padding
    if not call.flip_filter:
        f = f.flip(tuple(range(f.ndim)))
    f = f.to(x.dtype) * call.gain ** (f.ndim / 2)
    if x.shape[1] < FEW_CHANNELS and x.device.type == "cpu" and max(up) > 1 and max(down) == 1 and not needs_grad(x, f):
        return _polyphase(x, f.outer(f) if f.ndim == 1 else f, up, call.padding)
    if f.ndim == 2:
        return correlate(zero_insert(x, *up), f, (down[1], down[0]), call.padding)
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


def bias_act(call: BiasAct) -> Tensor:
    x, b, act, gain, clamp = call.x, call.b, call.act, call.gain, call.clamp
    if b is not None:
        b = b.to(x.dtype).reshape([-1 if i == call.dim else 1 for i in range(x.ndim)])
    free = call.inplace  # whether x may be overwritten
    if needs_grad(x, b):
        x = x if b is None else x + b
        x = F.leaky_relu(x, call.alpha) if act == "lrelu" else FUNCTIONS[act](x)
        x = x * gain if gain != 1 else x
        return x if clamp is None else x.clamp(-clamp, clamp)
    if b is not None:
        x, free = x.add_(b) if free else x + b, True
    if act == "lrelu":
        x, free = F.leaky_relu_(x, call.alpha) if free else F.leaky_relu(x, call.alpha), True
    elif act != "linear":
        x, free = FUNCTIONS[act](x), True
    if gain != 1:
        x, free = x.mul_(gain) if free else x * gain, True
    if clamp is not None:
        x = x.clamp_(-clamp, clamp) if free else x.clamp(-clamp, clamp)
    return x


def fir_bias_act(call: FirBiasAct) -> Tensor:
    x, noise, free = call.x, call.noise, call.inplace
    if needs_grad(x, call.b, noise, call.strength):
        return fir_bias_act_ref(call)
    if call.f is not None or call.padding != NO_SIDES or call.filter_gain != 1:
        x = _upfirdn2d(Upfirdn2d(x, call.f, padding=call.padding, flip_filter=call.flip_filter, gain=call.filter_gain))
        free = free or call.f is not None  # without a filter x may still be the caller's
    if noise is not None:
        noise = (noise if call.strength is None else noise * call.strength).to(x.dtype)
        x, free = x.add_(noise) if free else x + noise, True
    return bias_act(BiasAct(x, call.b, act=call.act, alpha=call.alpha, gain=call.gain, clamp=call.clamp, inplace=free))


def filtered_lrelu(call: FilteredLrelu) -> Tensor:
    x, b = call.x, call.b
    if needs_grad(x, b) or x.device.type != "cpu" or x.shape[1] <= CHUNK:
        return _filtered_lrelu(x, b, call)
    y = x.new_empty(0)
    for i in range(0, x.shape[1], CHUNK):
        part = _filtered_lrelu(x[:, i : i + CHUNK], None if b is None else b[i : i + CHUNK], call)
        if i == 0:
            size = (*x.shape[:2], *part.shape[2:])
            y = torch.empty(size, dtype=x.dtype, device=x.device, memory_format=layout_of(x))
        y[:, i : i + CHUNK] = part
    return y


def _filtered_lrelu(x: Tensor, b: Tensor | None, call: FilteredLrelu) -> Tensor:
    """x and b: some channels of the call's."""
    up, flip, dtype = call.up, call.flip_filter, x.dtype
    x = x.to(torch.float32 if x.is_cpu and dtype in SLOW_TYPES else dtype)
    x = bias_act(BiasAct(x, b))
    x = _upfirdn2d(Upfirdn2d(x, call.fu, up=up, padding=call.padding, flip_filter=flip, gain=up[0] * up[1]))
    fresh = b is not None or call.fu is not None  # else x may still be the caller's
    x = bias_act(BiasAct(x, act="lrelu", alpha=call.slope, gain=call.gain, clamp=call.clamp, inplace=fresh))
    return _upfirdn2d(Upfirdn2d(x, call.fd, down=call.down, flip_filter=flip)).to(dtype)


# ----------------------------------------------------------------------------
# Weights.


def modulate(call: Modulate) -> Tensor:
    """Scales of inputs and outputs first, so that the weights are only read twice and written once."""
    weight, styles = call.weight, call.styles
    scale = styles[None, :]  # [1 or O, I]
    if call.normalize or call.demodulate:
        energy = weight.square().sum((2, 3))  # [O, I]
        normal = energy.mean(1).div(weight[0, 0].numel()).rsqrt() if call.normalize else None  # [O]
        if call.demodulate:
            total = energy @ styles.square()
            total = total if normal is None else total * normal.square()
            demodulation = (total + EPSILON).rsqrt()
            normal = demodulation if normal is None else normal * demodulation
        assert normal is not None  # one of the two is asked for
        scale = scale * normal[:, None]
    if call.input_gain is not None:
        scale = scale * call.input_gain
    return (weight * scale[:, :, None, None]).to(call.dtype, memory_format=call.memory_format)
