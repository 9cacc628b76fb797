"""The backend of C++ kernels on the CPU: why it can not run a call, and the calls. Its library is loaded by `build`."""

from __future__ import annotations

import torch
from torch import Tensor

from ..base.geometry import NO_SIDES, Factors, Sides
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


def why_not_upfirdn2d(
    x: Tensor,
    f: Tensor | None,
    *,
    up: Factors,
    down: Factors,
    padding: Sides,
    flip_filter: bool,
    gain: float,
    add: Tensor | None = None,
) -> str:
    if reason := _why_not(x, f, add) or _why_not_filters(f):
        return reason
    return "what is added is of another type" if add is not None and add.dtype != x.dtype else ""


def upfirdn2d(
    x: Tensor,
    f: Tensor | None,
    *,
    up: Factors,
    down: Factors,
    padding: Sides,
    flip_filter: bool,
    gain: float,
    add: Tensor | None = None,
) -> Tensor:
    y: Tensor = torch.ops.stylegan_ops.upfirdn2d(x, f, up, down, padding, flip_filter, gain, add)
    return y


def why_not_filtered_lrelu(
    x: Tensor,
    fu: Tensor | None,
    fd: Tensor | None,
    b: Tensor | None,
    *,
    up: Factors,
    down: Factors,
    padding: Sides,
    gain: float,
    slope: float,
    clamp: float | None,
    flip_filter: bool,
) -> str:
    if reason := _why_not(x, fu, fd, b) or _why_not_filters(fu, fd):
        return reason
    return "its up-sampling filters are one-dimensional" if fu is not None and fu.ndim > 1 else ""


def filtered_lrelu(
    x: Tensor,
    fu: Tensor | None,
    fd: Tensor | None,
    b: Tensor | None,
    *,
    up: Factors,
    down: Factors,
    padding: Sides,
    gain: float,
    slope: float,
    clamp: float | None,
    flip_filter: bool,
) -> Tensor:
    y: Tensor = torch.ops.stylegan_ops.filtered_lrelu(x, fu, fd, b, up, down, padding, gain, slope, clamp, flip_filter)
    return y


# ----------------------------------------------------------------------------
# Activations.


def _why_not_act(act: str) -> str:
    return "" if act in SLOPES else f"it has {' and '.join(SLOPES)}, not {act}"


def _slope(act: str, alpha: float) -> float:
    known = SLOPES[act]
    return alpha if known is None else known


def why_not_bias_act(
    x: Tensor,
    b: Tensor | None,
    *,
    dim: int,
    act: str,
    alpha: float,
    gain: float,
    clamp: float | None,
    inplace: bool,
) -> str:
    if reason := _why_not(x, b) or _why_not_act(act):
        return reason
    return "" if dim == 1 and 2 <= x.ndim <= 4 else "it has [N, C], [N, C, W] and [N, C, H, W] with a bias of C"


def bias_act(
    x: Tensor,
    b: Tensor | None,
    *,
    dim: int,
    act: str,
    alpha: float,
    gain: float,
    clamp: float | None,
    inplace: bool,
) -> Tensor:
    slope = _slope(act, alpha)
    if inplace and not needs_grad(x, b):
        torch.ops.stylegan_ops.bias_act_(x, b, None, None, slope, gain, clamp)
        return x
    y: Tensor = torch.ops.stylegan_ops.fir_bias_act(x, None, b, None, None, NO_SIDES, False, 1.0, slope, gain, clamp)
    return y


def why_not_fir_bias_act(
    x: Tensor,
    f: Tensor | None,
    b: Tensor | None,
    *,
    padding: Sides,
    flip_filter: bool,
    filter_gain: float,
    noise: Tensor | None,
    strength: Tensor | None,
    act: str,
    alpha: float,
    gain: float,
    clamp: float | None,
    inplace: bool,
) -> str:
    return _why_not(x, f, b, noise, strength) or _why_not_filters(f) or _why_not_act(act)


def fir_bias_act(
    x: Tensor,
    f: Tensor | None,
    b: Tensor | None,
    *,
    padding: Sides,
    flip_filter: bool,
    filter_gain: float,
    noise: Tensor | None,
    strength: Tensor | None,
    act: str,
    alpha: float,
    gain: float,
    clamp: float | None,
    inplace: bool,
) -> Tensor:
    slope = _slope(act, alpha)
    filters = f is not None or filter_gain != 1 or padding != NO_SIDES
    if inplace and not filters and not needs_grad(x, b, noise, strength):
        torch.ops.stylegan_ops.bias_act_(x, b, noise, strength, slope, gain, clamp)
        return x
    y: Tensor = torch.ops.stylegan_ops.fir_bias_act(
        x, f, b, noise, strength, padding, flip_filter, filter_gain, slope, gain, clamp
    )
    return y


# ----------------------------------------------------------------------------
# Weights.


def why_not_modulate(
    weight: Tensor,
    styles: Tensor,
    *,
    input_gain: Tensor | None,
    demodulate: bool,
    normalize: bool,
    dtype: torch.dtype,
    memory_format: torch.memory_format,
) -> str:
    if reason := _why_not(weight, styles, input_gain):
        return reason
    if weight.dtype != torch.float32 or dtype not in TYPES:
        return "it makes float32 and bfloat16 of float32 weights"
    together = weight.is_contiguous() or weight.is_contiguous(memory_format=torch.channels_last)
    if together or (
        memory_format is torch.preserve_format
        and weight.transpose(0, 1).is_contiguous(memory_format=torch.channels_last)
    ):
        return ""
    return "it has contiguous and channels_last weights, the latter also with inputs and outputs exchanged"


def modulate(
    weight: Tensor,
    styles: Tensor,
    *,
    input_gain: Tensor | None,
    demodulate: bool,
    normalize: bool,
    dtype: torch.dtype,
    memory_format: torch.memory_format,
) -> Tensor:
    gains = None if input_gain is None else input_gain.expand(styles.shape)
    w: Tensor = torch.ops.stylegan_ops.modulate(weight, styles, gains, demodulate, normalize, dtype, memory_format)
    return w
