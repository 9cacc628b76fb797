"""Tensors as the kernels see them: element types, strides, the layout of results, pointers."""

from __future__ import annotations

import ctypes
import math
from types import MappingProxyType

import torch
from torch import Tensor

TYPES = MappingProxyType({torch.float32: "float", torch.float16: "Half", torch.bfloat16: "BFloat16"})


class Strides(ctypes.Structure):
    """Elements from one sample, channel, row, column to the next, as in common.cuh."""

    _fields_ = (
        ("n", ctypes.c_int64),
        ("c", ctypes.c_int64),
        ("y", ctypes.c_int64),
        ("x", ctypes.c_int64),
    )


def why_not_picture(x: Tensor) -> str:
    """Why the kernels cannot read this tensor as [N, C, H, W]."""
    if x.ndim != 4:
        return f"the tensor has {x.ndim} dimensions, not 4"
    return why_not_type(x)


def why_not_type(x: Tensor) -> str:
    if x.dtype not in TYPES:
        return f"there is no kernel for {str(x.dtype).removeprefix('torch.')}"
    return "the tensor is empty" if x.numel() == 0 else ""


def why_not_beside(x: Tensor, *others: Tensor | None) -> str:
    """A kernel would read memory of another device without noticing."""
    elsewhere = [other.device for other in others if other is not None and other.device != x.device]
    return f"tensors are on the devices {x.device} and {elsewhere[0]}" if elsewhere else ""


def why_not_bias(x: Tensor, b: Tensor | None, dim: int = 1) -> str:
    """A kernel would read behind a shorter bias."""
    if b is None or b.shape == x.shape[dim : dim + 1]:
        return why_not_beside(x, b)
    return f"the bias has the shape {list(b.shape)}, not {list(x.shape[dim : dim + 1])}"


def channels_last(x: Tensor) -> bool:
    """Whether the channels of a picture lie side by side, and not only because there is one channel or one pixel."""
    return not x.is_contiguous() and x.is_contiguous(memory_format=torch.channels_last)


def picture_like(x: Tensor, height: int, width: int) -> Tensor:
    """An empty [N, C, height, width] of the type and layout of x."""
    memory_format = torch.channels_last if channels_last(x) else torch.contiguous_format
    return torch.empty(*x.shape[:2], height, width, dtype=x.dtype, device=x.device, memory_format=memory_format)


def floats(values: Tensor | None) -> Tensor | None:
    """Coefficients as the kernels read them: contiguous float32."""
    return None if values is None else values.to(torch.float32).contiguous()


def limit(clamp: float | None) -> float:
    """As the kernels take it: without a limit it is infinite."""
    return math.inf if clamp is None else clamp


def pointer(x: Tensor | None) -> int | None:
    return None if x is None else x.data_ptr()


def strides(x: Tensor) -> Strides:
    return Strides(*x.stride())
