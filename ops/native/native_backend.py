"""The backend of C++ kernels on the CPU: why it can not run a call, and the calls. Its library is loaded by `build`."""

from __future__ import annotations

import torch
from torch import Tensor

from ..base.calls import BiasAct, FilteredLrelu, FirBiasAct, Modulate, StyledConv2d, Upfirdn2d
from ..base.geometry import NO_SIDES
from ..base.tensors import needs_grad
from .state import LIBRARY

TYPES = (torch.float32, torch.bfloat16)
MAX_FILTER = 256  # taps along an axis
SLOPES = {"linear": 1.0, "lrelu": None}  # of negative values; None: as the caller says


def _why_not(x: Tensor, *others: Tensor | None) -> str:
    """others: tensors that it only reads, in any type."""
    if reason := LIBRARY.state.why_not:
        return reason
    if x.dtype not in TYPES:
        return f"it has float32 and bfloat16, not {x.dtype}"
    if not (x.is_cpu and all(t is None or t.is_cpu for t in others)):
        return "it runs on the CPU, and not all tensors are there"
    return ""


def _why_not_filters(*filters: Tensor | None) -> str:
    for f in filters:
        if f is not None and max(f.shape) > MAX_FILTER:
            return f"it has filters of up to {MAX_FILTER} taps, not {max(f.shape)}"
    return "it has no gradient of a filter" if needs_grad(*filters) else ""


# ----------------------------------------------------------------------------
# Filters.


def why_not_upfirdn2d(call: Upfirdn2d) -> str:
    if reason := _why_not(call.x, call.f, call.add) or _why_not_filters(call.f):
        return reason
    return "what is added is of another type" if call.add is not None and call.add.dtype != call.x.dtype else ""


def upfirdn2d(call: Upfirdn2d) -> Tensor:
    y: Tensor = torch.ops.stylegan_ops.upfirdn2d(
        call.x, call.f, call.up, call.down, call.padding, call.flip_filter, call.gain, call.add
    )
    return y


def why_not_filtered_lrelu(call: FilteredLrelu) -> str:
    if reason := _why_not(call.x, call.fu, call.fd, call.b) or _why_not_filters(call.fu, call.fd):
        return reason
    return "its up-sampling filters are one-dimensional" if call.fu is not None and call.fu.ndim > 1 else ""


def filtered_lrelu(call: FilteredLrelu) -> Tensor:
    y: Tensor = torch.ops.stylegan_ops.filtered_lrelu(
        call.x, call.fu, call.fd, call.b, call.up, call.down, call.padding,
        call.gain, call.slope, call.clamp, call.flip_filter,
    )  # fmt: skip
    return y


# ----------------------------------------------------------------------------
# Activations.


def why_not_act(act: str) -> str:
    return "" if act in SLOPES else f"it has {' and '.join(SLOPES)}, not {act}"


def slope_of(call: BiasAct | FirBiasAct | StyledConv2d) -> float:
    """Of negative values."""
    known = SLOPES[call.act]
    return call.alpha if known is None else known


def why_not_bias_act(call: BiasAct) -> str:
    if reason := _why_not(call.x, call.b) or why_not_act(call.act):
        return reason
    fits = call.dim == 1 and 2 <= call.x.ndim <= 4
    return "" if fits else "it has [N, C], [N, C, W] and [N, C, H, W] with a bias of C"


def bias_act(call: BiasAct) -> Tensor:
    x, b = call.x, call.b
    if call.inplace and not needs_grad(x, b):
        torch.ops.stylegan_ops.bias_act_(x, b, None, None, slope_of(call), call.gain, call.clamp)
        return x
    y: Tensor = torch.ops.stylegan_ops.fir_bias_act(
        x, None, b, None, None, NO_SIDES, False, 1.0, slope_of(call), call.gain, call.clamp
    )
    return y


def why_not_fir_bias_act(call: FirBiasAct) -> str:
    return (
        _why_not(call.x, call.f, call.b, call.noise, call.strength) or _why_not_filters(call.f) or why_not_act(call.act)
    )


def fir_bias_act(call: FirBiasAct) -> Tensor:
    x, f, b, noise, strength = call.x, call.f, call.b, call.noise, call.strength
    filters = f is not None or call.filter_gain != 1 or call.padding != NO_SIDES
    if call.inplace and not filters and not needs_grad(x, b, noise, strength):
        torch.ops.stylegan_ops.bias_act_(x, b, noise, strength, slope_of(call), call.gain, call.clamp)
        return x
    y: Tensor = torch.ops.stylegan_ops.fir_bias_act(
        x, f, b, noise, strength, call.padding, call.flip_filter, call.filter_gain,
        slope_of(call), call.gain, call.clamp,
    )  # fmt: skip
    return y


# ----------------------------------------------------------------------------
# Weights.


def why_not_modulate(call: Modulate) -> str:
    weight = call.weight
    if reason := _why_not(weight, call.styles, call.input_gain):
        return reason
    if weight.dtype != torch.float32 or call.dtype not in TYPES:
        return "it makes float32 and bfloat16 of float32 weights"
    together = weight.is_contiguous() or weight.is_contiguous(memory_format=torch.channels_last)
    if together or (
        call.memory_format is torch.preserve_format
        and weight.transpose(0, 1).is_contiguous(memory_format=torch.channels_last)
    ):
        return ""
    return "it has contiguous and channels_last weights, the latter also with inputs and outputs exchanged"


def modulate(call: Modulate) -> Tensor:
    gains = None if call.input_gain is None else call.input_gain.expand(call.styles.shape)
    w: Tensor = torch.ops.stylegan_ops.modulate(
        call.weight, call.styles, gains, call.demodulate, call.normalize, call.dtype, call.memory_format
    )
    return w
