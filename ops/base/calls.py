"""The calls of the operations, one class each: what a public function makes of its arguments and every backend takes.

Factors are (x, y) and paddings (x0, x1, y0, y1). The defaults filter, scale and limit nothing. The first fields stand
in the order in which torch gives the arguments of the registered operations, so that a call can be made of them.
Calls compare by identity, as their tensors have no one truth value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor

from .constants import LRELU_SLOPE
from .geometry import NO_SIDES, UNIT, Factors, Sides
from .styled_weights import StyledWeights


@dataclass(frozen=True, slots=True, eq=False)
class Upfirdn2d:
    """Insert zeros, pad, filter, decimate, add.

    x: [N, C, H, W], f: [fh, fw], [taps] (along x, then y) or None (identity), add: as the result
    -> [N, C, H', W'], H' = (H * up + y0 + y1 - fh) // down + 1
    """

    x: Tensor
    f: Tensor | None
    up: Factors = UNIT
    down: Factors = UNIT
    padding: Sides = NO_SIDES
    flip_filter: bool = False  # whether f is correlated, not convolved
    gain: float = 1.0
    add: Tensor | None = None


@dataclass(frozen=True, slots=True, eq=False)
class BiasAct:
    """x + b, the activation, times gain, limited to -clamp..clamp. x: any shape, b: [x.shape[dim]] -> as x."""

    x: Tensor
    b: Tensor | None = None
    dim: int = 1
    act: str = "linear"
    alpha: float = LRELU_SLOPE  # of lrelu
    gain: float = 1.0
    clamp: float | None = None
    inplace: bool = False  # whether x may be overwritten, where autograd does not follow it


@dataclass(frozen=True, slots=True, eq=False)
class FirBiasAct:
    """`Upfirdn2d` without resampling, noise, `BiasAct`.

    x: [N, C, H, W], f: [fh, fw], [taps] or None, b: [C], noise: [H', W'] or [N, 1, H', W'], times strength: []
    -> [N, C, H', W']
    """

    x: Tensor
    f: Tensor | None
    b: Tensor | None
    noise: Tensor | None = None
    strength: Tensor | None = None
    padding: Sides = NO_SIDES
    flip_filter: bool = False
    filter_gain: float = 1.0
    act: str = "linear"
    alpha: float = LRELU_SLOPE
    gain: float = 1.0
    clamp: float | None = None
    inplace: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class FilteredLrelu:
    """Bias, up-sample with fu, leaky ReLU times gain, clamp, down-sample with fd.

    x: [N, C, H, W], fu, fd: [fh, fw], [taps] or None, b: [C]; the padding counts at the up-sampled rate
    -> [N, C, H', W'], H' = (H * up + y0 + y1 - (fu - 1) - (fd - 1) + (down - 1)) // down
    """

    x: Tensor
    fu: Tensor | None
    fd: Tensor | None
    b: Tensor | None
    up: Factors = UNIT
    down: Factors = UNIT
    padding: Sides = NO_SIDES
    gain: float = 1.0
    slope: float = LRELU_SLOPE
    clamp: float | None = None
    flip_filter: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Modulate:
    """Weights times styles, brought to unit magnitude if `demodulate`, times input_gain. `normalize` comes first.

    weight: float32 [O, I, kh, kw], styles: float32 [I], input_gain: [], [I] or None -> [O, I, kh, kw]
    """

    weight: Tensor
    styles: Tensor
    input_gain: Tensor | None
    demodulate: bool
    normalize: bool
    dtype: torch.dtype
    memory_format: torch.memory_format


@dataclass(frozen=True, slots=True, eq=False)
class StyledConv2d:
    """A convolution with the weights of each sample's style, with or without up-sampling, and its `FirBiasAct`.

    x: [N, I, H, W], weights: of [O, I, kh, kw], styles: [N, I], f: as in `Upfirdn2d`, input_gain: [] or [I],
    noise: [H', W'] or [N, 1, H', W'], times strength: [], b: [O] -> [N, O, H', W']
    """

    x: Tensor
    weights: StyledWeights
    styles: Tensor
    up: int = 1
    padding: int = 0  # on all sides, with respect to the up-sampled picture
    f: Tensor | None = None
    demodulate: bool = True
    input_gain: Tensor | None = None
    noise: Tensor | None = None
    strength: Tensor | None = None
    b: Tensor | None = None
    act: str = "linear"
    alpha: float = LRELU_SLOPE
    gain: float = 1.0
    clamp: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Conv2d:
    """A convolution whose weights stay, with zeros beyond the border. x: [N, I, H, W], b: [O] -> [N, O, H, W]"""

    x: Tensor
    weights: StyledWeights
    b: Tensor


Call = TypeVar("Call", Upfirdn2d, BiasAct, FirBiasAct, FilteredLrelu, Modulate, StyledConv2d, Conv2d)
