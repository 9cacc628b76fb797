"""The shape of a convolution, which decides how long it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ConvolutionShape:
    """A convolution at batch 1, with as many rows as columns in its kernel and the same padding on all sides."""

    in_channels: int
    out_channels: int
    size_in: tuple[int, int]  # height, width
    kernel: int  # edge
    stride: int = 1
    padding: int = 0
    groups: int = 1
    transposed: bool = False  # onto a grid `stride` times as fine, of which `padding` is cropped

    @classmethod
    def same(cls, weight: Sequence[int], size: tuple[int, int], *, groups: int = 1) -> ConvolutionShape:
        """One that keeps the size. weight: the shape of its weights, [O, I / groups, k, k], with an odd k"""
        out_channels, inner, kernel, _ = weight
        return cls(inner * groups, out_channels, size, kernel, padding=kernel // 2, groups=groups)

    @property
    def multiply_adds(self) -> int:
        h, w = self.size_in
        if not self.transposed:  # where each input meets the whole kernel, instead of each output
            h, w = ((n + 2 * self.padding - self.kernel) // self.stride + 1 for n in (h, w))
        return h * w * self.out_channels * (self.in_channels // self.groups) * self.kernel**2
