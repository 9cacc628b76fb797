"""Weights of modulated convolutions as one CUDA kernel (Karras et al. 2020, equations 1 and 3; 2021, appendix C.1)."""

from __future__ import annotations

import ctypes
import math
from typing import Any

import torch
from torch import Tensor

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


def why_not(
    weight: Tensor,
    styles: Tensor,
    *,
    dtype: torch.dtype = torch.float32,
    norm: str = "none",
    demodulate: bool = True,
    input_gain: Tensor | None = None,
    flip: bool = False,
    transpose: bool = False,
    channels_last: bool = False,
) -> str:
    """Why the kernel cannot run this call, in words; "" if it can."""
    if weight.dtype != torch.float32 or styles.dtype != torch.float32:
        return "weights and styles are not float32"
    if dtype not in TYPES:
        return f"there is no kernel for {str(dtype).removeprefix('torch.')}"
    if norm not in NORMS:
        return f"there is no normalisation {norm!r}"
    if weight.ndim != 4 or styles.ndim != 2 or styles.shape[1] != weight.shape[1]:
        return f"weights of {list(weight.shape)} and styles of {list(styles.shape)} do not fit"
    if reason := why_not_beside(weight, styles, input_gain):
        return reason
    if weight.numel() == 0 or styles.numel() == 0:
        return "the tensor is empty"
    return device.why_not(weight.device, [kernel(dtype, norm, demodulate)])


def modulate(
    weight: Tensor,
    styles: Tensor,
    *,
    dtype: torch.dtype = torch.float32,
    norm: str = "none",
    demodulate: bool = True,
    input_gain: Tensor | None = None,
    flip: bool = False,
    transpose: bool = False,
    channels_last: bool = False,
) -> Tensor:
    """weight * styles, `demodulate`d to unit magnitude, then times `input_gain`, each sample's weights a group.

    weight: float32 [O, I, kh, kw], styles: float32 [N, I], input_gain: [], [I] or [N, I]
    -> dtype [N * O, I, kh, kw], or [N * I, O, kh, kw] as `conv_transpose2d` wants it if `transpose`.
    `norm` comes first: "peak" keeps the products within float16 (StyleGAN2 in float16), "rms" takes the styles over
    the whole batch (StyleGAN3). `flip` turns the filter round. First-order gradients.
    """
    y: Tensor = compute(weight, styles, input_gain, dtype, norm, demodulate, flip, transpose, channels_last)
    return y


def steps(
    weight: Tensor,
    styles: Tensor,
    input_gain: Tensor | None,
    dtype: torch.dtype,
    norm: str,
    demodulate: bool,
    flip: bool,
    transpose: bool,
    channels_last: bool,
) -> Tensor:
    """The same in plain torch operations: what the kernel is tested against, and where its gradients come from."""
    if norm == "peak":
        weight = weight * (1 / math.sqrt(weight[0].numel()) / weight.abs().amax((1, 2, 3), keepdim=True))
        styles = styles / styles.abs().amax(1, keepdim=True)
    if norm == "rms":
        weight = weight * weight.square().mean((1, 2, 3), keepdim=True).rsqrt()
        styles = styles * styles.square().mean().rsqrt()
    w = weight[None] * styles[:, None, :, None, None]  # [N, O, I, kh, kw]
    if demodulate:
        w = w * (w.square().sum((2, 3, 4), keepdim=True) + EPSILON).rsqrt()
    if input_gain is not None:
        w = w * input_gain.expand(styles.shape)[:, None, :, None, None]
    if flip:
        w = w.flip((3, 4))
    if transpose:
        w = w.transpose(1, 2)
    memory_format = torch.channels_last if channels_last else torch.contiguous_format
    return w.flatten(0, 1).to(dtype).contiguous(memory_format=memory_format)


# ----------------------------------------------------------------------------
# Launches and registration.


def kernel(dtype: torch.dtype, norm: str, demodulate: bool) -> Kernel:
    macros: dict[str, int | str] = {"TYPE": TYPES[dtype], "NORM": NORMS.index(norm), "DEMODULATE": int(demodulate)}
    return Kernel.of("modulate", macros, shared_bytes=4 * THREADS)


def result(weight: Tensor, styles: Tensor, dtype: torch.dtype, transpose: bool, channels_last: bool) -> Tensor:
    """An empty [N * O, I, kh, kw], or [N * I, O, kh, kw]."""
    o, i, kh, kw = weight.shape
    outer, inner = (i, o) if transpose else (o, i)
    memory_format = torch.channels_last if channels_last else torch.contiguous_format
    shape = (styles.shape[0] * outer, inner, kh, kw)
    return torch.empty(shape, dtype=dtype, device=weight.device, memory_format=memory_format)


def prepare(
    weight: Tensor,
    styles: Tensor,
    input_gain: Tensor | None,
    dtype: torch.dtype,
    norm: str,
    demodulate: bool,
    flip: bool,
    transpose: bool,
    channels_last: bool,
) -> tuple[Tensor, list[Launch]]:
    """The result, still empty, and what fills it."""
    weight, styles = weight.contiguous(), styles.contiguous()
    (o, i, kh, kw), n = weight.shape, styles.shape[0]
    y = result(weight, styles, dtype, transpose, channels_last)
    inner = y.shape[1]
    y_outer, y_inner, y_tap = (inner * kh * kw, 1, inner) if channels_last else (inner * kh * kw, kh * kw, 1)
    y_out, y_in = (y_inner, y_outer) if transpose else (y_outer, y_inner)
    gain = None if input_gain is None else input_gain.to(torch.float32).expand(n, i)
    parameters = Parameters(
        *(pointer(weight), pointer(styles), pointer(gain), pointer(y)),
        *(o * i * kh * kw, y_out, y_in, y_tap),
        *((0, 0) if gain is None else gain.stride()),
        *(n, o, i, kh * kw, channels_last and not transpose, flip),
    )
    return y, [Launch(kernel(dtype, norm, demodulate), n * o, parameters, (weight, styles, gain, y))]


@torch.library.custom_op(
    f"{NAMESPACE}::modulate_cuda",
    mutates_args=(),
    device_types="cuda",
    schema="(Tensor weight, Tensor styles, Tensor? input_gain, ScalarType dtype, str norm, bool demodulate, bool flip, "
    "bool transpose, bool channels_last) -> Tensor",
)
def compute(weight: Tensor, *others: Any) -> Tensor:
    y, launches = prepare(weight, *others)
    device.run(launches, weight.device)
    return y


@compute.register_fake
def _(
    weight: Tensor,
    styles: Tensor,
    input_gain: Tensor | None,
    dtype: torch.dtype,
    norm: str,
    demodulate: bool,
    flip: bool,
    transpose: bool,
    channels_last: bool,
) -> Tensor:
    return result(weight, styles, dtype, transpose, channels_last)


def keep_inputs(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    weight, styles, input_gain, *ctx.options = inputs
    ctx.save_for_backward(weight, styles, input_gain)


def gradients(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
    found = recomputed_gradients(
        lambda *tensors: steps(*tensors, *ctx.options), ctx.saved_tensors, ctx.needs_input_grad[:3], dy
    )
    return (*found, *[None] * len(ctx.options))


compute.register_autograd(gradients, setup_context=keep_inputs)
