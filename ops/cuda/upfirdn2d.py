"""`Upfirdn2d` as a CUDA kernel, two for a separable filter."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..base.calls import Upfirdn2d
from ..base.geometry import Factors, Sides, filter_size
from ..base.tensors import needs_grad
from . import device
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
    why_not_picture,
)

MAX_TAPS = 32  # along an axis


class Parameters(ctypes.Structure):
    """UpFirDn2d of upfirdn2d.cu."""

    _fields_ = (
        ("x", ctypes.c_void_p),
        ("f", ctypes.c_void_p),
        ("y", ctypes.c_void_p),
        ("x_strides", Strides),
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
        ("gain", ctypes.c_float),
    )


def why_not(call: Upfirdn2d) -> str:
    """Why the kernel cannot run this call, in words; "" if it can. Raises ValueError where nothing is left."""
    x, f = call.x, call.f
    if reason := why_not_picture(x) or why_not_beside(x, f):
        return reason
    if f is not None and f.requires_grad:
        return "the filter has no gradient"
    if max(filter_size(f)) > MAX_TAPS:
        return f"the filter has more than {MAX_TAPS} taps along an axis"
    height, width = x.shape[2:]
    kernels = []
    for step in passes(call):
        height, width = step.out_size(height, width)
        count = x.shape[0] * x.shape[1] * height * width
        if blocks_for(count) > MAX_BLOCKS:
            return "the result is too large"
        kernels.append(step.kernel(x, count))
    return device.why_not(x.device, kernels)


def run(call: Upfirdn2d) -> Tensor:
    """Where `why_not` says "". Gradients of any order, for x."""
    y: Tensor = compute(call.x, call.f, call.up, call.down, call.padding, call.flip_filter, call.gain)
    if call.add is None:
        return y
    return y + call.add if needs_grad(y, call.add) else y.add_(call.add)


# ----------------------------------------------------------------------------
# Launches.


@dataclass(frozen=True)
class Pass:
    """One run of the kernel. Pairs are x and y; the padding is x0, x1, y0, y1."""

    up: Factors
    down: Factors
    padding: Sides
    taps: tuple[int, int]
    gain: float

    def out_size(self, height: int, width: int) -> tuple[int, int]:
        """Height and width of the result. Raises ValueError if there is none."""
        x0, x1, y0, y1 = self.padding
        rest_x = width * self.up[0] + x0 + x1 - self.taps[0]
        rest_y = height * self.up[1] + y0 + y1 - self.taps[1]
        if rest_x < 0 or rest_y < 0:
            raise ValueError(f"the padding {self.padding} leaves less of {height}x{width} than the filter covers")
        return rest_y // self.down[1] + 1, rest_x // self.down[0] + 1

    def kernel(self, x: Tensor, count: int) -> Kernel:
        """For a result of `count` samples."""
        return Kernel.of(
            "upfirdn2d",
            {
                "TYPE": TYPES[x.dtype],
                "INDEX": index_type(count),
                **{"UP_X": self.up[0], "UP_Y": self.up[1], "DOWN_X": self.down[0], "DOWN_Y": self.down[1]},
                **{"TAPS_X": self.taps[0], "TAPS_Y": self.taps[1]},
            },
            shared_bytes=4 * self.taps[0] * self.taps[1],
        )

    def launch(self, x: Tensor, f: Tensor | None, y: Tensor, flip: bool) -> Launch:
        parameters = Parameters(
            *(pointer(x), pointer(f), pointer(y), strides(x), y.numel()),
            *(x.shape[1], x.shape[3], x.shape[2], y.shape[3], y.shape[2]),
            *(self.padding[0], self.padding[2], channels_last(y), flip, self.gain),
        )
        return Launch(self.kernel(x, y.numel()), blocks_for(y.numel()), parameters, (x, f, y))


def passes(call: Upfirdn2d) -> tuple[Pass, ...]:
    """One for a 2-D filter; along x and then along y for a 1-D filter."""
    (up_x, up_y), (down_x, down_y), (x0, x1, y0, y1) = call.up, call.down, call.padding
    f, (width, height) = call.f, filter_size(call.f)
    if f is None or f.ndim == 2:
        return (Pass((up_x, up_y), (down_x, down_y), (x0, x1, y0, y1), (width, height), call.gain),)
    along_x = Pass((up_x, 1), (down_x, 1), (x0, x1, 0, 0), (width, 1), 1.0)
    return along_x, Pass((1, up_y), (1, down_y), (0, 0, y0, y1), (1, height), call.gain)


def prepare(call: Upfirdn2d) -> tuple[Tensor, list[Launch]]:
    """The result but for what is added, still empty, and what fills it."""
    launches = []
    x, f = call.x, floats(call.f)
    for step in passes(call):
        y = picture_like(x, *step.out_size(*x.shape[2:]))
        launches.append(step.launch(x, f, y, call.flip_filter))
        x = y
    return x, launches


# ----------------------------------------------------------------------------
# Registration.


@torch.library.custom_op(
    f"{NAMESPACE}::upfirdn2d_cuda",
    mutates_args=(),
    device_types="cuda",
    schema="(Tensor x, Tensor? f, int[2] up, int[2] down, int[4] padding, bool flip, float gain) -> Tensor",
)
def compute(x: Tensor, *others: Any) -> Tensor:
    y, launches = prepare(Upfirdn2d(x, *others))
    device.run(launches, x.device)
    return y


@compute.register_fake
def _(x: Tensor, *others: Any) -> Tensor:
    for step in passes(Upfirdn2d(x, *others)):
        x = picture_like(x, *step.out_size(*x.shape[2:]))
    return x


def keep_inputs(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    x, f, *ctx.numbers = inputs
    ctx.in_size = x.shape[2:]
    ctx.save_for_backward(f)


def gradients(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
    """What went up goes down, with the filter the other way round."""
    (f,) = ctx.saved_tensors
    up, down, padding, flip, gain = ctx.numbers
    sides = []
    for axis, taps in enumerate(filter_size(f)):
        before = padding[2 * axis]
        in_size, out_size = ctx.in_size[1 - axis], dy.shape[3 - axis]
        sides += [taps - 1 - before, in_size * up[axis] - out_size * down[axis] + before - up[axis] + 1]
    dx = compute(dy, f, down, up, sides, not flip, gain)
    return dx, None, None, None, None, None, None


compute.register_autograd(gradients, setup_context=keep_inputs)
