"""`BiasAct` as one CUDA kernel."""

from __future__ import annotations

import ctypes
from typing import Any

import torch
from torch import Tensor

from ..base.calls import BiasAct
from ..base.constants import ACTIVATIONS
from ..base.tensors import needs_grad
from . import device
from .kernel import MAX_BLOCKS, NAMESPACE, Kernel, Launch, blocks_for, index_type
from .tensors import TYPES, floats, limit, pointer, why_not_bias, why_not_type

VECTOR_BYTES = 16  # that a thread reads and writes at once


class Parameters(ctypes.Structure):
    """BiasAct of bias_act.cu."""

    _fields_ = (
        ("x", ctypes.c_void_p),
        ("b", ctypes.c_void_p),
        ("dy", ctypes.c_void_p),
        ("y", ctypes.c_void_p),
        ("count", ctypes.c_int64),
        ("step", ctypes.c_int64),
        ("channels", ctypes.c_int64),
        ("alpha", ctypes.c_float),
        ("gain", ctypes.c_float),
        ("clamp", ctypes.c_float),
    )


def why_not(call: BiasAct) -> str:
    """Why the kernel cannot run this call, in words; "" if it can."""
    x, act = call.x, call.act
    if reason := why_not_type(x) or why_not_bias(x, call.b, call.dim):
        return reason
    if act not in ACTIVATIONS:
        return f"there is no activation {act!r}"
    if blocks_for(x.numel()) > MAX_BLOCKS:
        return "the tensor is too large"
    return device.why_not(x.device, [kernel(x, act, 1), kernel(x, act, VECTOR_BYTES // x.element_size())])


def run(call: BiasAct) -> Tensor:
    """Where `why_not` says "". First-order gradients."""
    x, b = call.x, call.b
    numbers = (call.dim, call.act, call.alpha, call.gain, call.clamp)
    if call.inplace and dense(x) and not needs_grad(x, b):
        overwrite(x, b, *numbers)
        return x
    y: Tensor = compute(x, b, *numbers)
    return y


# ----------------------------------------------------------------------------
# Launches.


def kernel(x: Tensor, act: str, pack: int, *, gradient: bool = False) -> Kernel:
    macros: dict[str, int | str] = {"TYPE": TYPES[x.dtype], "ACT": ACTIVATIONS.index(act)}
    return Kernel.of("bias_act", {**macros, "INDEX": index_type(x.numel()), "PACK": pack, "GRADIENT": int(gradient)})


def launch(call: BiasAct, *, x: Tensor, y: Tensor, dy: Tensor | None = None) -> Launch:
    """Into y, which may be x, that of the call. All of x, y and dy are dense and in the same order in memory."""
    b, dim = floats(call.b), call.dim
    aligned = all(t is None or t.data_ptr() % VECTOR_BYTES == 0 for t in (x, dy, y))
    pack = VECTOR_BYTES // x.element_size() if aligned else 1
    step, channels = (1, 1) if b is None or x.shape[dim] == 1 else (x.stride(dim), x.shape[dim])
    pointers = (pointer(x), pointer(b), pointer(dy), pointer(y))
    parameters = Parameters(*pointers, x.numel(), step, channels, call.alpha, call.gain, limit(call.clamp))
    chosen = kernel(x, call.act, pack, gradient=dy is not None)
    return Launch(chosen, blocks_for(-(-x.numel() // pack)), parameters, (x, b, dy, y))


def dense(x: Tensor) -> bool:
    """Whether the elements of x fill their memory without gaps or overlaps, in any order of dimensions."""
    expected = 1
    for stride, size in sorted(zip(x.stride(), x.shape, strict=True)):
        if size != 1 and stride != expected:
            return False
        expected *= size
    return True


def prepare(call: BiasAct) -> tuple[Tensor, list[Launch]]:
    """The result, still empty, and what fills it."""
    x = call.x if dense(call.x) else call.x.contiguous()
    y = torch.empty_like(x)
    return y, [launch(call, x=x, y=y)]


def prepare_gradient(dy: Tensor, call: BiasAct) -> tuple[Tensor, list[Launch]]:
    x = call.x if dense(call.x) else call.x.contiguous()
    if dy.stride() != x.stride():
        dy = torch.empty_like(x).copy_(dy)
    dx = torch.empty_like(x)
    return dx, [launch(call, x=x, y=dx, dy=dy)]


# ----------------------------------------------------------------------------
# Registration.

CALL = "Tensor? b, int dim, str act, float alpha, float gain, float? clamp"  # after x


@torch.library.custom_op(
    f"{NAMESPACE}::bias_act_cuda",
    mutates_args=(),
    device_types="cuda",
    schema=f"(Tensor x, {CALL}) -> Tensor",
)
def compute(x: Tensor, *others: Any) -> Tensor:
    y, launches = prepare(BiasAct(x, *others))
    device.run(launches, x.device)
    return y


@torch.library.custom_op(
    f"{NAMESPACE}::bias_act_cuda_gradient",
    mutates_args=(),
    device_types="cuda",
    schema=f"(Tensor dy, Tensor x, {CALL}) -> Tensor",
)
def compute_gradient(dy: Tensor, x: Tensor, *others: Any) -> Tensor:
    dx, launches = prepare_gradient(dy, BiasAct(x, *others))
    device.run(launches, x.device)
    return dx


@torch.library.custom_op(
    f"{NAMESPACE}::bias_act_cuda_",
    mutates_args=("x",),
    device_types="cuda",
    schema=f"(Tensor(a!) x, {CALL}) -> ()",
)
def overwrite(x: Tensor, *others: Any) -> None:
    device.run([launch(BiasAct(x, *others), x=x, y=x)], x.device)


@compute.register_fake
def _(x: Tensor, *_others: Any) -> Tensor:
    return torch.empty_like(x if dense(x) else x.contiguous())


@compute_gradient.register_fake
def _(dy: Tensor, x: Tensor, *_others: Any) -> Tensor:
    return torch.empty_like(x if dense(x) else x.contiguous())


def keep_inputs(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    x, b, *ctx.numbers = inputs
    ctx.save_for_backward(x, b)


def gradients(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
    x, b = ctx.saved_tensors
    dx = compute_gradient(dy, x, b, *ctx.numbers)
    db = None
    if ctx.needs_input_grad[1]:
        others = [i for i in range(x.ndim) if i != ctx.numbers[0]]
        db = dx.sum(others, dtype=torch.float32).to(b.dtype) if others else dx.to(b.dtype)
    return (dx, db, *[None] * len(ctx.numbers))


compute.register_autograd(gradients, setup_context=keep_inputs)
