"""`FilteredLrelu` as one CUDA kernel."""

from __future__ import annotations

import ctypes
from typing import Any

import torch
from torch import Tensor

from ..base.calls import BiasAct, FilteredLrelu, Upfirdn2d
from ..base.geometry import filter_size
from . import bias_act, device, upfirdn2d
from .autograd import recomputed_gradients
from .kernel import MAX_BLOCKS, NAMESPACE, Launch
from .tensors import (
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
from .tiles import Shape

MAX_TAPS = 32  # along an axis
FACTORS = (1, 2, 4)


class Parameters(ctypes.Structure):
    """FilteredLrelu of filtered_lrelu.cu."""

    _fields_ = (
        ("x", ctypes.c_void_p),
        ("b", ctypes.c_void_p),
        ("fu", ctypes.c_void_p),
        ("fd", ctypes.c_void_p),
        ("y", ctypes.c_void_p),
        ("x_strides", Strides),
        ("y_strides", Strides),
        ("channels", ctypes.c_int),
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("out_width", ctypes.c_int),
        ("out_height", ctypes.c_int),
        ("pad_x0", ctypes.c_int),
        ("pad_y0", ctypes.c_int),
        ("tiles_x", ctypes.c_int),
        ("tiles_y", ctypes.c_int),
        ("channels_first", ctypes.c_int),
        ("flip", ctypes.c_int),
        ("gain", ctypes.c_float),
        ("slope", ctypes.c_float),
        ("clamp", ctypes.c_float),
    )


def why_not(call: FilteredLrelu) -> str:
    """Why the kernel cannot run this call, in words; "" if it can. Raises ValueError where nothing is left."""
    x, fu, fd = call.x, call.fu, call.fd
    if reason := why_not_picture(x) or why_not_bias(x, call.b) or why_not_beside(x, fu, fd):
        return reason
    if any(f is not None and f.requires_grad for f in (fu, fd)):
        return "the filters have no gradients"
    if max(*filter_size(fu), *filter_size(fd)) > MAX_TAPS:
        return f"a filter has more than {MAX_TAPS} taps along an axis"
    if fu is not None and fu.ndim == 2:
        return "the filter for up-sampling is 2-D"
    if any(factor not in FACTORS for factor in (*call.up, *call.down)):
        return f"a factor is none of {', '.join(map(str, FACTORS))}"
    shape = Shape.of(call)
    tile = shape.best_tile(*shape.out_size(*x.shape[2:]))
    if tile.count * x.shape[0] * x.shape[1] > MAX_BLOCKS:
        return "the result is too large"
    return device.why_not(x.device, [shape.kernel(x, tile)])


def run(call: FilteredLrelu) -> Tensor:
    """Where `why_not` says "". First-order gradients, for x and b."""
    y: Tensor = compute(
        call.x, call.fu, call.fd, call.b, call.up, call.down, call.padding,
        call.gain, call.slope, call.clamp, call.flip_filter,
    )  # fmt: skip
    return y


# ----------------------------------------------------------------------------
# Registration.


def prepare(call: FilteredLrelu) -> tuple[Tensor, list[Launch]]:
    """The result, still empty, and what fills it."""
    x, fu, fd, b, padding = call.x, floats(call.fu), floats(call.fd), floats(call.b), call.padding
    shape = Shape.of(call)
    y = picture_like(x, *shape.out_size(*x.shape[2:]))
    tile = shape.best_tile(*y.shape[2:])
    parameters = Parameters(
        *(pointer(x), pointer(b), pointer(fu), pointer(fd), pointer(y), strides(x), strides(y)),
        *(x.shape[1], x.shape[3], x.shape[2], y.shape[3], y.shape[2], padding[0], padding[2]),
        *(tile.columns, tile.rows, channels_last(y), call.flip_filter, call.gain, call.slope, limit(call.clamp)),
    )
    blocks = tile.count * x.shape[0] * x.shape[1]
    return y, [Launch(shape.kernel(x, tile), blocks, parameters, (x, b, fu, fd, y))]


@torch.library.custom_op(
    f"{NAMESPACE}::filtered_lrelu_cuda",
    mutates_args=(),
    device_types="cuda",
    schema="(Tensor x, Tensor? fu, Tensor? fd, Tensor? b, int[2] up, int[2] down, int[4] padding, "
    "float gain, float slope, float? clamp, bool flip_filter) -> Tensor",
)
def compute(x: Tensor, *others: Any) -> Tensor:
    y, launches = prepare(FilteredLrelu(x, *others))
    device.run(launches, x.device)
    return y


@compute.register_fake
def _(x: Tensor, *others: Any) -> Tensor:
    return picture_like(x, *Shape.of(FilteredLrelu(x, *others)).out_size(*x.shape[2:]))


def keep_inputs(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    x, fu, fd, b, *ctx.numbers = inputs
    ctx.save_for_backward(x, fu, fd, b)


def gradients(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
    """In the steps that the kernel does at once."""
    call = FilteredLrelu(*ctx.saved_tensors, *ctx.numbers)
    up, flip = call.up, call.flip_filter

    def steps(x: Tensor, b: Tensor | None) -> Tensor:
        x = bias_act.run(BiasAct(x, b))
        x = upfirdn2d.run(Upfirdn2d(x, call.fu, up=up, padding=call.padding, flip_filter=flip, gain=up[0] * up[1]))
        x = bias_act.run(BiasAct(x, act="lrelu", alpha=call.slope, gain=call.gain, clamp=call.clamp))
        return upfirdn2d.run(Upfirdn2d(x, call.fd, down=call.down, flip_filter=flip))

    needed = (ctx.needs_input_grad[0], ctx.needs_input_grad[3])
    dx, db = recomputed_gradients(steps, (call.x, call.b), needed, dy)
    return (dx, None, None, db, *[None] * len(ctx.numbers))


compute.register_autograd(gradients, setup_context=keep_inputs)
