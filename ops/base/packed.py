"""Convolutions on the CPU with weights that stay: oneDNN gets them once in its own layout, where torch lets it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

# From x to the result.
Convolution: TypeAlias = Callable[[Tensor], Tensor]


def convolution(weight: Tensor, size: torch.Size, *, padding: int) -> Convolution:
    """Of pictures of this size, [N, I, H, W], in the type of the weights. weight: [O, I, kh, kw], best channels_last"""
    ones, sides = [1, 1], [padding, padding]
    pack, run = _operations("_reorder_convolution_weight", "_convolution_pointwise", weight)
    if pack is None or run is None:
        return lambda x: F.conv2d(x, weight, padding=padding)
    packed = pack(weight, sides, ones, ones, 1, list(size))

    def convolve(x: Tensor) -> Tensor:
        y: Tensor = run(x, packed, None, sides, ones, ones, 1, "none", [], "")
        return y

    return convolve


def transposed_convolution(weight: Tensor, size: torch.Size, *, stride: int) -> Convolution:
    """Likewise, up-sampling. weight: [I, O, kh, kw]"""
    ones, zeros, strides = [1, 1], [0, 0], [stride, stride]
    pack, run = _operations("_reorder_convolution_transpose_weight", "_convolution_transpose_pointwise", weight)
    if pack is None or run is None:
        return lambda x: F.conv_transpose2d(x, weight, stride=stride)
    packed = pack(weight, zeros, zeros, strides, ones, 1, list(size))

    def convolve(x: Tensor) -> Tensor:
        y: Tensor = run(x, packed, None, zeros, zeros, strides, ones, 1, "none", [], "")
        return y

    return convolve


def _operations(pack: str, run: str, weight: Tensor) -> tuple[Any, Any]:
    """Torch's operations of these names, which its compiler uses; None where this torch or type has none."""
    if weight.device.type != "cpu" or weight.dtype not in (torch.float32, torch.bfloat16):
        return None, None
    if weight.dtype == torch.bfloat16 and not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return None, None
    return getattr(torch.ops.mkldnn, pack, None), getattr(torch.ops.mkldnn, run, None)
