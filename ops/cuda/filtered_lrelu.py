"""StyleGAN3's filtered leaky ReLU as one CUDA kernel; see ops.filtered_lrelu for what it computes."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ..base.constants import LRELU_SLOPE
from ..base.geometry import Factor, Padding, filter_size, parse_factor, parse_padding
from . import device
from .autograd import recomputed_gradients
from .bias_act import bias_act
from .kernel import MAX_BLOCKS, NAMESPACE, Launch
from .tensors import (
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
from .tiles import Shape
from .upfirdn2d import upfirdn2d

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


def why_not(
    x: Tensor,
    *,
    fu: Tensor | None = None,
    fd: Tensor | None = None,
    b: Tensor | None = None,
    up: Factor = 1,
    down: Factor = 1,
    padding: Padding = 0,
    gain: float = math.sqrt(2),
    slope: float = LRELU_SLOPE,
    clamp: float | None = None,
    flip_filter: bool = False,
) -> str:
    """Why the kernel cannot run this call, in words; "" if it can. Raises ValueError as ops.filtered_lrelu does."""
    if reason := why_not_picture(x) or why_not_bias(x, b) or why_not_beside(x, fu, fd):
        return reason
    if any(f is not None and f.requires_grad for f in (fu, fd)):
        return "the filters have no gradients"
    if max(*filter_size(fu), *filter_size(fd)) > MAX_TAPS:
        return f"a filter has more than {MAX_TAPS} taps along an axis"
    if fu is not None and fu.ndim == 2:
        return "the filter for up-sampling is 2-D"
    if any(factor not in FACTORS for factor in (*parse_factor(up), *parse_factor(down))):
        return f"a factor is none of {', '.join(map(str, FACTORS))}"
    shape = Shape.of(fu, fd, parse_factor(up), parse_factor(down), parse_padding(padding))
    tile = shape.best_tile(*shape.out_size(*x.shape[2:]))
    if tile.count * x.shape[0] * x.shape[1] > MAX_BLOCKS:
        return "the result is too large"
    return device.why_not(x.device, [shape.kernel(x, tile)])


def filtered_lrelu(
    x: Tensor,
    *,
    fu: Tensor | None = None,
    fd: Tensor | None = None,
    b: Tensor | None = None,
    up: Factor = 1,
    down: Factor = 1,
    padding: Padding = 0,
    gain: float = math.sqrt(2),
    slope: float = LRELU_SLOPE,
    clamp: float | None = None,
    flip_filter: bool = False,
) -> Tensor:
    """As ops.filtered_lrelu.filtered_lrelu, where `why_not` says "". First-order gradients, for x and b."""
    factors = (parse_factor(up), parse_factor(down), parse_padding(padding))
    numbers = (gain, slope, math.inf if clamp is None else clamp, flip_filter)
    y: Tensor = compute(x, fu, fd, b, *factors, *numbers)
    return y


# ----------------------------------------------------------------------------
# Registration.


def prepare(
    x: Tensor,
    fu: Tensor | None,
    fd: Tensor | None,
    b: Tensor | None,
    up: Sequence[int],
    down: Sequence[int],
    padding: Sequence[int],
    gain: float,
    slope: float,
    clamp: float,
    flip: bool,
) -> tuple[Tensor, list[Launch]]:
    """The result, still empty, and what fills it."""
    fu, fd, b = floats(fu), floats(fd), floats(b)
    shape = Shape.of(fu, fd, up, down, padding)
    y = picture_like(x, *shape.out_size(*x.shape[2:]))
    tile = shape.best_tile(*y.shape[2:])
    parameters = Parameters(
        *(pointer(x), pointer(b), pointer(fu), pointer(fd), pointer(y), strides(x), strides(y)),
        *(x.shape[1], x.shape[3], x.shape[2], y.shape[3], y.shape[2], padding[0], padding[2]),
        *(tile.columns, tile.rows, channels_last(y), flip, gain, slope, clamp),
    )
    blocks = tile.count * x.shape[0] * x.shape[1]
    return y, [Launch(shape.kernel(x, tile), blocks, parameters, (x, b, fu, fd, y))]


@torch.library.custom_op(
    f"{NAMESPACE}::filtered_lrelu_cuda",
    mutates_args=(),
    device_types="cuda",
    schema="(Tensor x, Tensor? fu, Tensor? fd, Tensor? b, int[2] up, int[2] down, int[4] padding, "
    "float gain, float slope, float clamp, bool flip) -> Tensor",
)
def compute(x: Tensor, *others: Any) -> Tensor:
    y, launches = prepare(x, *others)
    device.run(launches, x.device)
    return y


@compute.register_fake
def _(
    x: Tensor,
    fu: Tensor | None,
    fd: Tensor | None,
    b: Tensor | None,
    up: Sequence[int],
    down: Sequence[int],
    padding: Sequence[int],
    *numbers: Any,
) -> Tensor:
    return picture_like(x, *Shape.of(fu, fd, up, down, padding).out_size(*x.shape[2:]))


def keep_inputs(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    x, fu, fd, b, *ctx.numbers = inputs
    ctx.save_for_backward(x, fu, fd, b)


def gradients(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
    """In the steps that the kernel does at once."""
    x, fu, fd, b = ctx.saved_tensors
    up, down, padding, gain, slope, clamp, flip = ctx.numbers

    def steps(x: Tensor, b: Tensor | None) -> Tensor:
        x = bias_act(x, b)
        x = upfirdn2d(x, fu, up=up, padding=padding, flip_filter=flip, gain=up[0] * up[1])
        x = bias_act(x, act="lrelu", alpha=slope, gain=gain, clamp=clamp)
        return upfirdn2d(x, fd, down=down, flip_filter=flip)

    dx, db = recomputed_gradients(steps, (x, b), (ctx.needs_input_grad[0], ctx.needs_input_grad[3]), dy)
    return (dx, None, None, db, *[None] * len(ctx.numbers))


compute.register_autograd(gradients, setup_context=keep_inputs)
