"""The end of a StyleGAN2 layer as one CUDA kernel: filter, noise, bias, activation, gain, clamp."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ..base.constants import ACTIVATIONS, LRELU_SLOPE
from ..base.geometry import Padding, filter_size, parse_padding
from ..bias_act import default_gain
from . import device
from .autograd import recomputed_gradients
from .bias_act import bias_act
from .kernel import MAX_BLOCKS, NAMESPACE, Kernel, Launch, blocks_for, index_type
from .tensors import (
    TYPES,
    Strides,
    channels_last,
    floats,
    picture_like,
    pointer,
    strides,
    why_not_beside,
    why_not_bias,
    why_not_picture,
)
from .upfirdn2d import Pass, upfirdn2d

MAX_TAPS = 8  # along an axis: a thread keeps all of them in registers
ROWS = 8  # that a thread computes, as in sg2_tail.cu


class Parameters(ctypes.Structure):
    """Sg2Tail of sg2_tail.cu."""

    _fields_ = (
        ("x", ctypes.c_void_p),
        ("f", ctypes.c_void_p),
        ("noise", ctypes.c_void_p),
        ("strength", ctypes.c_void_p),
        ("b", ctypes.c_void_p),
        ("y", ctypes.c_void_p),
        ("x_strides", Strides),
        ("y_strides", Strides),
        ("noise_strides", Strides),
        ("count", ctypes.c_int64),
        ("channels", ctypes.c_int),
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("out_width", ctypes.c_int),
        ("out_height", ctypes.c_int),
        ("pad_x0", ctypes.c_int),
        ("pad_y0", ctypes.c_int),
        ("channels_last", ctypes.c_int),
        ("flip", ctypes.c_int),
        ("filter_gain", ctypes.c_float),
        ("alpha", ctypes.c_float),
        ("gain", ctypes.c_float),
        ("clamp", ctypes.c_float),
    )


def why_not(
    x: Tensor,
    f: Tensor | None = None,
    b: Tensor | None = None,
    *,
    padding: Padding = 0,
    flip_filter: bool = False,
    filter_gain: float = 1.0,
    noise: Tensor | None = None,
    strength: Tensor | None = None,
    act: str = "linear",
    alpha: float = LRELU_SLOPE,
    gain: float | None = None,
    clamp: float | None = None,
    inplace: bool = False,
) -> str:
    """Why the kernel cannot run this call, in words; "" if it can. Raises ValueError as ops.upfirdn2d does."""
    if reason := why_not_picture(x) or why_not_bias(x, b) or why_not_beside(x, noise, strength, f):
        return reason
    if act not in ACTIVATIONS:
        return f"there is no activation {act!r}"
    if strength is not None and strength.numel() != 1:
        return f"the strength of the noise is {strength.numel()} numbers, not one"
    if f is not None and f.requires_grad:
        return "the filter has no gradient"
    if max(filter_size(f)) > MAX_TAPS:
        return f"the filter has more than {MAX_TAPS} taps along an axis"
    height, width = out_size(x, f, parse_padding(padding))
    count = thread_count(x, height, width)
    if blocks_for(count) > MAX_BLOCKS:
        return "the result is too large"
    return device.why_not(x.device, [kernel(x, f, act, count)])


def sg2_tail(
    x: Tensor,
    f: Tensor | None = None,
    b: Tensor | None = None,
    *,
    padding: Padding = 0,
    flip_filter: bool = False,
    filter_gain: float = 1.0,
    noise: Tensor | None = None,
    strength: Tensor | None = None,
    act: str = "linear",
    alpha: float = LRELU_SLOPE,
    gain: float | None = None,
    clamp: float | None = None,
    inplace: bool = False,
) -> Tensor:
    """Filter x as `upfirdn2d` does, add noise * strength, then `bias_act`.

    x: [N, C, H, W], f: [fh, fw] or [taps], b: [C], noise: [H', W'] or [N, 1, H', W'], strength: [] (None: 1)
    -> [N, C, H', W'] with H' = H + pad_y0 + pad_y1 - fh + 1. Raises ValueError as `upfirdn2d` does.
    `inplace` is only for other backends: here the result is always new. First-order gradients, not for f.
    """
    numbers = (alpha, default_gain(act) if gain is None else gain, torch.inf if clamp is None else clamp)
    y: Tensor = compute(x, b, noise, strength, f, parse_padding(padding), flip_filter, filter_gain, act, *numbers)
    return y


# ----------------------------------------------------------------------------
# Launches.


def out_size(x: Tensor, f: Tensor | None, padding: Sequence[int]) -> tuple[int, int]:
    x0, x1, y0, y1 = padding
    return Pass((1, 1), (1, 1), (x0, x1, y0, y1), filter_size(f), 1.0).out_size(*x.shape[2:])


def thread_count(x: Tensor, height: int, width: int) -> int:
    """For a result of this size."""
    return x.shape[0] * x.shape[1] * -(-height // ROWS) * width


def kernel(x: Tensor, f: Tensor | None, act: str, count: int) -> Kernel:
    taps_x, taps_y = filter_size(f)
    return Kernel.of(
        "sg2_tail",
        {
            "TYPE": TYPES[x.dtype],
            "ACT": ACTIVATIONS.index(act),
            "INDEX": index_type(count),
            **{"TAPS_X": taps_x, "TAPS_Y": taps_y, "SEPARABLE": int(f is not None and f.ndim == 1)},
        },
    )


def prepare(
    x: Tensor,
    b: Tensor | None,
    noise: Tensor | None,
    strength: Tensor | None,
    f: Tensor | None,
    padding: Sequence[int],
    flip: bool,
    filter_gain: float,
    act: str,
    alpha: float,
    gain: float,
    clamp: float,
) -> tuple[Tensor, list[Launch]]:
    """The result, still empty, and what fills it."""
    b, strength, f = floats(b), floats(strength), floats(f)
    y = picture_like(x, *out_size(x, f, padding))
    if noise is not None:
        noise = noise.to(torch.float32).expand(x.shape[0], 1, *y.shape[2:])
    count = thread_count(y, *y.shape[2:])
    parameters = Parameters(
        *(pointer(x), pointer(f), pointer(noise), pointer(strength), pointer(b), pointer(y)),
        *(strides(x), strides(y), Strides() if noise is None else strides(noise)),
        *(count, x.shape[1], x.shape[3], x.shape[2], y.shape[3], y.shape[2], padding[0], padding[2]),
        *(channels_last(y), flip, filter_gain, alpha, gain, clamp),
    )
    return y, [Launch(kernel(x, f, act, count), blocks_for(count), parameters, (x, b, noise, strength, f, y))]


# ----------------------------------------------------------------------------
# Registration.


@torch.library.custom_op(
    f"{NAMESPACE}::sg2_tail_cuda",
    mutates_args=(),
    device_types="cuda",
    schema="(Tensor x, Tensor? b, Tensor? noise, Tensor? strength, Tensor? f, int[4] padding, bool flip, "
    "float filter_gain, str act, float alpha, float gain, float clamp) -> Tensor",
)
def compute(x: Tensor, *others: Any) -> Tensor:
    y, launches = prepare(x, *others)
    device.run(launches, x.device)
    return y


@compute.register_fake
def _(
    x: Tensor,
    b: Tensor | None,
    noise: Tensor | None,
    strength: Tensor | None,
    f: Tensor | None,
    padding: Sequence[int],
    *numbers: Any,
) -> Tensor:
    return picture_like(x, *out_size(x, f, padding))


def keep_inputs(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    x, b, noise, strength, f, *ctx.numbers = inputs
    ctx.save_for_backward(x, b, noise, strength, f)


def gradients(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
    """In the steps that the kernel does at once."""
    *tensors, f = ctx.saved_tensors
    padding, flip, filter_gain, act, alpha, gain, clamp = ctx.numbers

    def steps(x: Tensor, b: Tensor | None, noise: Tensor | None, strength: Tensor | None) -> Tensor:
        x = upfirdn2d(x, f, padding=padding, flip_filter=flip, gain=filter_gain)
        if noise is not None:
            x = x + (noise if strength is None else noise * strength).to(x.dtype)
        return bias_act(x, b, act=act, alpha=alpha, gain=gain, clamp=clamp)

    found = recomputed_gradients(steps, tensors, ctx.needs_input_grad[:4], dy)
    return (*found, None, *[None] * len(ctx.numbers))


compute.register_autograd(gradients, setup_context=keep_inputs)
