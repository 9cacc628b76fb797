"""The weights of a modulated convolution, prepared once for all styles."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from .constants import EPSILON
from .packed import Convolution, convolution, transposed_convolution

MANY_TILES = 150  # with so many, making the weights for `winograd` anew is little of the work that they are for


class StyledWeights:
    """The weights of a modulated convolution, and what depends on them alone, made once each when it is needed.

    weight: float32 [O, I, kh, kw]. `normalize`: each output's weights are brought to unit mean square first
    (Karras et al. 2021, appendix C.1).
    """

    def __init__(self, weight: Tensor, *, normalize: bool = False) -> None:
        self.weight, self.normalize = weight, normalize
        self._packed: dict[object, Convolution] = {}
        self._winograd: Tensor | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> StyledWeights:
        return StyledWeights(copy.deepcopy(self.weight, memo), normalize=self.normalize)

    @property
    def final(self) -> Tensor:
        """The weights as they are to be modulated; a copy where they are normalized."""
        return self.weight if self._norm is None else self.weight * self._norm[:, None, None, None]

    @cached_property
    def _norm(self) -> Tensor | None:
        """What brings each output to unit mean square, [O]."""
        return self.weight.square().mean((1, 2, 3)).rsqrt() if self.normalize else None

    @cached_property
    def energy(self) -> Tensor:
        """The sums of squares over the taps, [O, I]: with the squares of the styles, all that demodulation needs."""
        return self.final.square().sum((2, 3))

    @cached_property
    def channels_last(self) -> Tensor:
        return self.final.contiguous(memory_format=torch.channels_last)

    @cached_property
    def exchanged(self) -> Tensor:
        """In the layout in which `conv_transpose2d` takes them without a copy."""
        return self.final.transpose(0, 1).contiguous(memory_format=torch.channels_last).transpose(0, 1)

    def convolution(self, x: Tensor, *, up: int, padding: int) -> Convolution:
        """Of pictures like x with the weights as they are, without styles; with `up`, a transposed one."""
        key = (x.shape, x.dtype, up, padding)
        if key not in self._packed:
            weight = (self.final if up == 1 else self.final.transpose(0, 1)).to(x.dtype)
            weight = weight.contiguous(memory_format=torch.channels_last)
            if up == 1:
                self._packed[key] = convolution(weight, x.shape, padding=padding)
            else:
                self._packed[key] = transposed_convolution(weight, x.shape, stride=up)
        return self._packed[key]

    def winograd(self, tiles: int, dtype: torch.dtype) -> Tensor:
        """As the native `winograd` takes them; four times as many numbers.

        Where there are few tiles they stay, until they are wanted in another type.
        """
        packed = self._winograd
        if packed is None or packed.dtype != dtype:
            packed = torch.ops.stylegan_ops.winograd_weights(self.weight, self._norm, dtype)
            self._winograd = packed if tiles < MANY_TILES else None
        return packed


def demodulation(weights: StyledWeights, styles: Tensor) -> Tensor:
    """What brings each output of each sample to unit magnitude. styles: [N, I] -> [N, O]"""
    return (styles.square() @ weights.energy.t() + EPSILON).rsqrt()
