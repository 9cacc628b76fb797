"""`FirBiasAct`, the end of a StyleGAN2 layer, as one CUDA kernel."""

from __future__ import annotations

import ctypes
from typing import Any

import torch
from torch import Tensor

from ..base.calls import BiasAct, FirBiasAct, Upfirdn2d
from ..base.constants import ACTIVATIONS
from ..base.geometry import UNIT, filter_size
from . import bias_act, device, upfirdn2d
from .autograd import recomputed_gradients
from .kernel import MAX_BLOCKS, NAMESPACE, Kernel, Launch, blocks_for, index_type
from .tensors import (
    TYPES,
    Strides,
    channels_last,
    floats,
    limit,
    picture_like,
    pointer,
    strides,
    why_not_beside,
    why_not_bias,
    why_not_picture,
)

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


def why_not(call: FirBiasAct) -> str:
    """Why the kernel cannot run this call, in words; "" if it can. Raises ValueError where nothing is left."""
    x, f, strength, act = call.x, call.f, call.strength, call.act
    if reason := why_not_picture(x) or why_not_bias(x, call.b) or why_not_beside(x, call.noise, strength, f):
        return reason
    if act not in ACTIVATIONS:
        return f"there is no activation {act!r}"
    if strength is not None and strength.numel() != 1:
        return f"the strength of the noise is {strength.numel()} numbers, not one"
    if f is not None and f.requires_grad:
        return "the filter has no gradient"
    if max(filter_size(f)) > MAX_TAPS:
        return f"the filter has more than {MAX_TAPS} taps along an axis"
    count = thread_count(x, *out_size(call))
    if blocks_for(count) > MAX_BLOCKS:
        return "the result is too large"
    return device.why_not(x.device, [kernel(x, f, act, count)])


def run(call: FirBiasAct) -> Tensor:
    """Where `why_not` says "". The result is always new. First-order gradients, not for f."""
    y: Tensor = compute(
        call.x, call.f, call.b, call.noise, call.strength, call.padding, call.flip_filter, call.filter_gain,
        call.act, call.alpha, call.gain, call.clamp,
    )  # fmt: skip
    return y


# ----------------------------------------------------------------------------
# Launches.


def out_size(call: FirBiasAct) -> tuple[int, int]:
    """Height and width of the result. Raises ValueError if there is none."""
    return upfirdn2d.Pass(UNIT, UNIT, call.padding, filter_size(call.f), 1.0).out_size(*call.x.shape[2:])


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


def prepare(call: FirBiasAct) -> tuple[Tensor, list[Launch]]:
    """The result, still empty, and what fills it."""
    x, noise, padding = call.x, call.noise, call.padding
    f, b, strength = floats(call.f), floats(call.b), floats(call.strength)
    y = picture_like(x, *out_size(call))
    if noise is not None:
        noise = noise.to(torch.float32).expand(x.shape[0], 1, *y.shape[2:])
    count = thread_count(y, *y.shape[2:])
    parameters = Parameters(
        *(pointer(x), pointer(f), pointer(noise), pointer(strength), pointer(b), pointer(y)),
        *(strides(x), strides(y), Strides() if noise is None else strides(noise)),
        *(count, x.shape[1], x.shape[3], x.shape[2], y.shape[3], y.shape[2], padding[0], padding[2]),
        *(channels_last(y), call.flip_filter, call.filter_gain, call.alpha, call.gain, limit(call.clamp)),
    )
    return y, [Launch(kernel(x, f, call.act, count), blocks_for(count), parameters, (x, b, noise, strength, f, y))]


# ----------------------------------------------------------------------------
# Registration.


@torch.library.custom_op(
    f"{NAMESPACE}::sg2_tail_cuda",
    mutates_args=(),
    device_types="cuda",
    schema="(Tensor x, Tensor? f, Tensor? b, Tensor? noise, Tensor? strength, int[4] padding, bool flip_filter, "
    "float filter_gain, str act, float alpha, float gain, float? clamp) -> Tensor",
)
def compute(x: Tensor, *others: Any) -> Tensor:
    y, launches = prepare(FirBiasAct(x, *others))
    device.run(launches, x.device)
    return y


@compute.register_fake
def _(x: Tensor, *others: Any) -> Tensor:
    return picture_like(x, *out_size(FirBiasAct(x, *others)))


def keep_inputs(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    x, f, b, noise, strength, *ctx.numbers = inputs
    ctx.save_for_backward(x, f, b, noise, strength)


def gradients(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
    """In the steps that the kernel does at once."""
    call = FirBiasAct(*ctx.saved_tensors, *ctx.numbers)

    def steps(x: Tensor, b: Tensor | None, noise: Tensor | None, strength: Tensor | None) -> Tensor:
        filtered = Upfirdn2d(x, call.f, padding=call.padding, flip_filter=call.flip_filter, gain=call.filter_gain)
        x = upfirdn2d.run(filtered)
        if noise is not None:
            x = x + (noise if strength is None else noise * strength).to(x.dtype)
        return bias_act.run(BiasAct(x, b, act=call.act, alpha=call.alpha, gain=call.gain, clamp=call.clamp))

    inputs = (call.x, call.b, call.noise, call.strength)
    x_needs, _, *others_need = ctx.needs_input_grad[: len(ctx.saved_tensors)]
    dx, *others = recomputed_gradients(steps, inputs, (x_needs, *others_need), dy)
    return (dx, None, *others, *[None] * len(ctx.numbers))


compute.register_autograd(gradients, setup_context=keep_inputs)
