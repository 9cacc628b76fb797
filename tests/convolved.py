"""Notes which convolutions run."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from core.synthesis.convolution import ConvolutionShape

SEPARABLE = 4  # filters for each channel by itself that are no larger are products of two 1-D ones


class Convolved(TorchDispatchMode):
    """Notes the shapes of the convolutions that run at batch 1, but of those with separable filters.

    A radial filter is noted with a stride of 2, for of what it gives every other row and column is left out.
    """

    def __init__(self) -> None:
        super().__init__()
        self.shapes: list[ConvolutionShape] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.ops.aten.convolution.default:
            x, w, _, stride, padding, _, transposed, _, groups = args
            self._note(x.shape, w.shape, stride[0], padding[0], transposed, groups)
        else:
            with self:  # in inference mode, others come before they are taken apart into it
                parts = func.decompose(*args, **kwargs or {})
            if parts is not NotImplemented:
                return parts
        return func(*args, **kwargs or {})

    def _note(
        self, x: tuple[int, ...], w: tuple[int, ...], stride: int, padding: int, transposed: bool, groups: int
    ) -> None:
        height, width = w[2:]
        inputs, outputs = x[1], w[1] * groups if transposed else w[0]
        filters = groups == inputs == outputs > 1
        if filters and (height != width or height <= SEPARABLE):
            return
        stride = 2 if filters else stride
        self.shapes.append(ConvolutionShape(inputs, outputs, (x[2], x[3]), height, stride, padding, groups, transposed))
