"""The backend of CUDA kernels: the operations' arguments as the kernels take them. They are imported on first use."""

from __future__ import annotations

import torch
from torch import Tensor

from ..base.geometry import Factors, Sides
from ..base.tensors import needs_grad

NOT_CUDA = "it runs on a GPU with CUDA, and the tensors are elsewhere"


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
    if not x.is_cuda:
        return NOT_CUDA
    from .upfirdn2d import why_not

    return why_not(x, f, up=up, down=down, padding=padding, flip_filter=flip_filter, gain=gain)


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
    from .upfirdn2d import upfirdn2d

    y = upfirdn2d(x, f, up=up, down=down, padding=padding, flip_filter=flip_filter, gain=gain)
    if add is None:
        return y
    return y + add if needs_grad(y, add) else y.add_(add)


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
    if not x.is_cuda:
        return NOT_CUDA
    from .filtered_lrelu import why_not

    return why_not(
        x, fu=fu, fd=fd, b=b, up=up, down=down, padding=padding, gain=gain, slope=slope, clamp=clamp,
        flip_filter=flip_filter,
    )  # fmt: skip


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
    from .filtered_lrelu import filtered_lrelu

    return filtered_lrelu(
        x, fu=fu, fd=fd, b=b, up=up, down=down, padding=padding, gain=gain, slope=slope, clamp=clamp,
        flip_filter=flip_filter,
    )  # fmt: skip


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
    if not x.is_cuda:
        return NOT_CUDA
    from .bias_act import why_not

    return why_not(x, b, dim=dim, act=act, alpha=alpha, gain=gain, clamp=clamp, inplace=inplace)


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
    from .bias_act import bias_act

    return bias_act(x, b, dim=dim, act=act, alpha=alpha, gain=gain, clamp=clamp, inplace=inplace)


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
    if not x.is_cuda:
        return NOT_CUDA
    from .sg2_tail import why_not

    return why_not(
        x, f, b, padding=padding, flip_filter=flip_filter, filter_gain=filter_gain, noise=noise, strength=strength,
        act=act, alpha=alpha, gain=gain, clamp=clamp,
    )  # fmt: skip


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
    from .sg2_tail import sg2_tail

    return sg2_tail(
        x, f, b, padding=padding, flip_filter=flip_filter, filter_gain=filter_gain, noise=noise, strength=strength,
        act=act, alpha=alpha, gain=gain, clamp=clamp,
    )  # fmt: skip


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
    if not weight.is_cuda:
        return NOT_CUDA
    if normalize:
        return "it has no normalisation of the weights alone"
    from .modulate import why_not

    last, exchanged = _layout(weight, memory_format)
    kept = weight.transpose(0, 1) if exchanged else weight
    if last and memory_format is torch.preserve_format and not kept.is_contiguous(memory_format=torch.channels_last):
        return "it keeps the layouts contiguous and channels_last, the latter also with inputs and outputs exchanged"
    return why_not(
        weight, styles.unsqueeze(0), dtype=dtype, demodulate=demodulate, input_gain=input_gain, transpose=exchanged,
        channels_last=last,
    )  # fmt: skip


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
    from .modulate import modulate

    last, exchanged = _layout(weight, memory_format)
    w = modulate(
        weight, styles.unsqueeze(0), dtype=dtype, demodulate=demodulate, input_gain=input_gain, transpose=exchanged,
        channels_last=last,
    )  # fmt: skip
    return w.transpose(0, 1) if exchanged else w


def _layout(weight: Tensor, wanted: torch.memory_format) -> tuple[bool, bool]:
    """Whether the result is channels_last, and whether with inputs and outputs exchanged."""
    if wanted is not torch.preserve_format:
        return wanted is torch.channels_last, False
    if weight.is_contiguous():
        return False, False
    exchanged = weight.transpose(0, 1).is_contiguous(memory_format=torch.channels_last)
    return True, exchanged and not weight.is_contiguous(memory_format=torch.channels_last)
