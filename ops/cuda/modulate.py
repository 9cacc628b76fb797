"""`Modulate` as one CUDA kernel (Karras et al. 2020, equations 1 and 3; 2021, appendix C.1)."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..base.calls import Modulate
from ..base.constants import EPSILON
from . import device
from .autograd import recomputed_gradients
from .kernel import NAMESPACE, THREADS, Kernel, Launch
from .tensors import TYPES, pointer, why_not_beside

NORMS = ("none", "peak", "rms")


class Parameters(ctypes.Structure):
    """Modulate of modulate.cu."""

    _fields_ = (
        ("weight", ctypes.c_void_p),
        ("styles", ctypes.c_void_p),
        ("gain", ctypes.c_void_p),
        ("y", ctypes.c_void_p),
        ("y_sample", ctypes.c_int64),
        ("y_out", ctypes.c_int64),
        ("y_in", ctypes.c_int64),
        ("y_tap", ctypes.c_int64),
        ("gain_sample", ctypes.c_int64),
        ("gain_in", ctypes.c_int64),
        ("samples", ctypes.c_int),
        ("out_channels", ctypes.c_int),
        ("in_channels", ctypes.c_int),
        ("taps", ctypes.c_int),
        ("taps_first", ctypes.c_int),
        ("flip", ctypes.c_int),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """What the kernel makes: weight * styles, `demodulate`d to unit magnitude, then times `input_gain`, each sample's
    weights a group.

    weight: float32 [O, I, kh, kw], styles: float32 [N, I], input_gain: [], [I] or [N, I]
    -> dtype [N * O, I, kh, kw], or [N * I, O, kh, kw] as `conv_transpose2d` wants it if `transpose`.
    `norm` comes first: "peak" keeps the products within float16 (StyleGAN2 in float16), "rms" takes the styles over
    the whole batch (StyleGAN3). `flip` turns the filter round.
    """

    weight: Tensor
    styles: Tensor
    input_gain: Tensor | None = None
    dtype: torch.dtype = torch.float32
    norm: str = "none"
    demodulate: bool = True
    flip: bool = False
    transpose: bool = False
    channels_last: bool = False


def why_not(call: Modulate) -> str:
    """Why the kernel cannot run this call, in words; "" if it can."""
    if call.normalize:
        return "it has no normalisation of the weights alone"
    last, exchanged = _layout(call.weight, call.memory_format)
    kept = call.weight.transpose(0, 1) if exchanged else call.weight
    preserved = call.memory_format is torch.preserve_format
    if last and preserved and not kept.is_contiguous(memory_format=torch.channels_last):
        return "it keeps the layouts contiguous and channels_last, the latter also with inputs and outputs exchanged"
    return why_not_make(_wanted(call))


def run(call: Modulate) -> Tensor:
    """Where `why_not` says "". First-order gradients."""
    wanted = _wanted(call)
    w = make(wanted)
    return w.transpose(0, 1) if wanted.transpose else w


def _wanted(call: Modulate) -> Weights:
    last, exchanged = _layout(call.weight, call.memory_format)
    return Weights(
        call.weight, call.styles.unsqueeze(0), call.input_gain, call.dtype, demodulate=call.demodulate,
        transpose=exchanged, channels_last=last,
    )  # fmt: skip


def _layout(weight: Tensor, wanted: torch.memory_format) -> tuple[bool, bool]:
    """Whether the result is channels_last, and whether with inputs and outputs exchanged."""
    if wanted is not torch.preserve_format:
        return wanted is torch.channels_last, False
    if weight.is_contiguous():
        return False, False
    exchanged = weight.transpose(0, 1).is_contiguous(memory_format=torch.channels_last)
    return True, exchanged and not weight.is_contiguous(memory_format=torch.channels_last)


def why_not_make(wanted: Weights) -> str:
    weight, styles = wanted.weight, wanted.styles
    if weight.dtype != torch.float32 or styles.dtype != torch.float32:
        return "weights and styles are not float32"
    if wanted.dtype not in TYPES:
        return f"there is no kernel for {str(wanted.dtype).removeprefix('torch.')}"
    if wanted.norm not in NORMS:
        return f"there is no normalisation {wanted.norm!r}"
    if weight.ndim != 4 or styles.ndim != 2 or styles.shape[1] != weight.shape[1]:
        return f"weights of {list(weight.shape)} and styles of {list(styles.shape)} do not fit"
    if reason := why_not_beside(weight, styles, wanted.input_gain):
        return reason
    if weight.numel() == 0 or styles.numel() == 0:
        return "the tensor is empty"
    return device.why_not(weight.device, [kernel(wanted.dtype, wanted.norm, wanted.demodulate)])


def make(wanted: Weights) -> Tensor:
    """Where `why_not_make` says "". First-order gradients."""
    y: Tensor = compute(
        wanted.weight, wanted.styles, wanted.input_gain, wanted.dtype, wanted.norm, wanted.demodulate, wanted.flip,
        wanted.transpose, wanted.channels_last,
    )  # fmt: skip
    return y


def steps(wanted: Weights) -> Tensor:
    """The same in plain torch operations: what the kernel is tested against, and where its gradients come from."""
    weight, styles, gain = wanted.weight, wanted.styles, wanted.input_gain
    if wanted.norm == "peak":
        weight = weight * (1 / math.sqrt(weight[0].numel()) / weight.abs().amax((1, 2, 3), keepdim=True))
        styles = styles / styles.abs().amax(1, keepdim=True)
    if wanted.norm == "rms":
        weight = weight * weight.square().mean((1, 2, 3), keepdim=True).rsqrt()
        styles = styles * styles.square().mean().rsqrt()
    w = weight[None] * styles[:, None, :, None, None]  # [N, O, I, kh, kw]
    if wanted.demodulate:
        w = w * (w.square().sum((2, 3, 4), keepdim=True) + EPSILON).rsqrt()
    if gain is not None:
        w = w * gain.expand(styles.shape)[:, None, :, None, None]
    if wanted.flip:
        w = w.flip((3, 4))
    if wanted.transpose:
        w = w.transpose(1, 2)
    memory_format = torch.channels_last if wanted.channels_last else torch.contiguous_format
    return w.flatten(0, 1).to(wanted.dtype).contiguous(memory_format=memory_format)


# ----------------------------------------------------------------------------
# Launches and registration.


def kernel(dtype: torch.dtype, norm: str, demodulate: bool) -> Kernel:
    macros: dict[str, int | str] = {"TYPE": TYPES[dtype], "NORM": NORMS.index(norm), "DEMODULATE": int(demodulate)}
    return Kernel.of("modulate", macros, shared_bytes=4 * THREADS)


def result(wanted: Weights) -> Tensor:
    """An empty [N * O, I, kh, kw], or [N * I, O, kh, kw]."""
    o, i, kh, kw = wanted.weight.shape
    outer, inner = (i, o) if wanted.transpose else (o, i)
    memory_format = torch.channels_last if wanted.channels_last else torch.contiguous_format
    shape = (wanted.styles.shape[0] * outer, inner, kh, kw)
    return torch.empty(shape, dtype=wanted.dtype, device=wanted.weight.device, memory_format=memory_format)


def prepare(wanted: Weights) -> tuple[Tensor, list[Launch]]:
    """The result, still empty, and what fills it."""
    y, last, transpose = result(wanted), wanted.channels_last, wanted.transpose
    weight, styles, gain = wanted.weight.contiguous(), wanted.styles.contiguous(), wanted.input_gain
    (o, i, kh, kw), n = weight.shape, styles.shape[0]
    inner = y.shape[1]
    y_outer, y_inner, y_tap = (inner * kh * kw, 1, inner) if last else (inner * kh * kw, kh * kw, 1)
    y_out, y_in = (y_inner, y_outer) if transpose else (y_outer, y_inner)
    gain = None if gain is None else gain.to(torch.float32).expand(n, i)
    parameters = Parameters(
        *(pointer(weight), pointer(styles), pointer(gain), pointer(y)),
        *(o * i * kh * kw, y_out, y_in, y_tap),
        *((0, 0) if gain is None else gain.stride()),
        *(n, o, i, kh * kw, last and not transpose, wanted.flip),
    )
    chosen = kernel(wanted.dtype, wanted.norm, wanted.demodulate)
    return y, [Launch(chosen, n * o, parameters, (weight, styles, gain, y))]


@torch.library.custom_op(
    f"{NAMESPACE}::modulate_cuda",
    mutates_args=(),
    device_types="cuda",
    schema="(Tensor weight, Tensor styles, Tensor? input_gain, ScalarType dtype, str norm, bool demodulate, bool flip, "
    "bool transpose, bool channels_last) -> Tensor",
)
def compute(weight: Tensor, *others: Any) -> Tensor:
    y, launches = prepare(Weights(weight, *others))
    device.run(launches, weight.device)
    return y


@compute.register_fake
def _(*inputs: Any) -> Tensor:
    return result(Weights(*inputs))


def keep_inputs(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    weight, styles, input_gain, *ctx.options = inputs
    ctx.save_for_backward(weight, styles, input_gain)


def gradients(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
    found = recomputed_gradients(
        lambda *tensors: steps(Weights(*tensors, *ctx.options)), ctx.saved_tensors, ctx.needs_input_grad[:3], dy
    )
    return (*found, *[None] * len(ctx.options))


compute.register_autograd(gradients, setup_context=keep_inputs)
