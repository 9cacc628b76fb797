"""What progressively grown generators share: convolutions, levels of detail, layers to RGB (Karras et al. 2018).

Their weights hold the constant factors of equalised learning rates.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from core.networks.parts.layers import Layer, StyledLayer, empty
from core.networks.parts.modules import same_size
from core.networks.parts.progressive_config import Progression
from core.synthesis.convolution import ConvolutionShape
from core.synthesis.generator import State, Step, SynthesisInputs, Tap
from ops.bias_act import bias_act, fir_bias_act
from ops.styled_conv import styled_conv2d

# ----------------------------------------------------------------------------
# Layers.


def double(x: Tensor) -> Tensor:
    """Each pixel twice along both axes. [N, C, H, W] -> [N, C, 2 H, 2 W]"""
    return F.interpolate(x, scale_factor=2, mode="nearest")


def pixel_norm(x: Tensor, epsilon: float = 1e-8) -> Tensor:
    """Scale each pixel to a mean square of 1 over the channels."""
    return x * (x.float().square().mean(dim=1, keepdim=True) + epsilon).rsqrt().to(x.dtype)


class ConvolutionLayer(StyledLayer):
    """A 3x3 convolution, if `up` of the pixels doubled."""

    _spread: tuple[object, Tensor] | None = None

    def __init__(self, in_channels: int, out_channels: int, *, up: bool) -> None:
        super().__init__()
        self.weight = empty(out_channels, in_channels, 3, 3)
        self.up = up

    def reset(self, random: torch.Generator) -> None:
        self.weight.normal_(generator=random).mul_(math.sqrt(2 / self.weight[0].numel()))

    def convolve(self, x: Tensor, b: Tensor | None = None, *, act: str = "linear") -> Tensor:
        """x: [N, I, H, W] -> [N, O, H, W] or [N, O, 2 H, 2 W], with bias and activation without a gain"""
        if self.up:
            y = F.conv_transpose2d(x, self.spread_weights(x.dtype), stride=2, padding=1)
            return fir_bias_act(y, b=b, act=act, gain=1.0, inplace=True)
        styles = torch.ones(len(x), self.weight.shape[1], device=x.device)
        return styled_conv2d(x, self.styled_weights(), styles, demodulate=False, padding=1, b=b, act=act)

    def shapes(self, size: tuple[int, int]) -> tuple[ConvolutionShape, ...]:
        """size: height and width of what it gives"""
        if not self.up:
            return same_size(self, size)
        o, i, _, _ = self.weight.shape
        return (ConvolutionShape(i, o, (size[0] // 2, size[1] // 2), 4, stride=2, padding=1, transposed=True),)

    def spread_weights(self, dtype: torch.dtype) -> Tensor:
        """What a transposed convolution takes to do the same as doubling the pixels first, [I, O, 4, 4]."""
        key = (self.weight.data_ptr(), self.weight._version, dtype)
        if self._spread is None or self._spread[0] != key:
            with torch.inference_mode(False), torch.no_grad():  # or no gradient could pass it later
                w = F.pad(self.weight.flip((2, 3)).transpose(0, 1), (1, 1, 1, 1))
                spread = (w[..., :-1, :-1] + w[..., :-1, 1:] + w[..., 1:, :-1] + w[..., 1:, 1:]).to(dtype)
                self._spread = (key, spread.contiguous(memory_format=torch.channels_last))
        return self._spread[1]


class ToRgb(Layer):
    """A 1x1 convolution to the channels of the image."""

    def __init__(self, in_channels: int, image_channels: int) -> None:
        super().__init__()
        self.weight = empty(image_channels, in_channels, 1, 1)
        self.bias = empty(image_channels)

    def reset(self, random: torch.Generator) -> None:
        self.weight.normal_(generator=random).div_(math.sqrt(self.weight.shape[1]))
        self.bias.zero_()

    def forward(self, x: Tensor) -> Tensor:
        """x: [N, I, H, W] -> float32 [N, image channels, H, W], contiguous"""
        y = F.conv2d(x, self.weight.to(x.dtype)).to(torch.float32, memory_format=torch.contiguous_format)
        return bias_act(y, self.bias, inplace=True)


# ----------------------------------------------------------------------------
# Levels of detail. At lod = k + f, with f in 0..1, the picture is that of level k, faded into that of level k + 1 by f.
# States: (features of the block before, features), then (..., image of level k + 1), in the end (None, None, image).


def is_needed(level: int, lod: float) -> bool:
    """Whether the layers that end with a level of detail run."""
    return lod < level + 1


def beyond(level: int, lod: float) -> float | None:
    """By how much the level of detail is coarser than a level whose RGB is seen, -1..1; None: it is not seen."""
    return lod - level if -1 < lod - level < 1 else None


def rgb_steps(blocks: Progression, layers: Sequence[ToRgb], rows: Sequence[int]) -> list[Step]:
    """The end of the synthesis: a step for each layer to RGB, the coarsest first. rows: `Step.row` of each."""
    steps = []
    for layer, row, level in zip(layers, rows, reversed(range(len(layers))), strict=True):
        index = len(blocks.channels) - 1 - level
        name, size = f"b{blocks.resolutions[index]}", blocks.size(index)
        step = Step(
            f"{name}.torgb", partial(_run_rgb, layer, name, level), row=row, lod=partial(beyond, level),
            tensors=(f"synthesis.{name}.torgb.",), shape=(blocks.image_channels, *size),
            convolutions=same_size(layer, size),
        )  # fmt: skip
        steps.append(step)
    return steps


def _run_rgb(layer: ToRgb, name: str, level: int, state: State, inputs: SynthesisInputs, tap: Tap) -> State:
    part = beyond(level, inputs.lod)
    if part is None:
        return state
    before, x, *coarser = state
    if part < 0:
        assert before is not None  # a finer level runs, too
        return before, x, tap(f"{name}.torgb", layer(before))
    assert x is not None  # every state has features
    y = tap(f"{name}.torgb", layer(x))
    if coarser:
        assert coarser[0] is not None  # left by the level before
        y = tap(f"{name}:img", torch.lerp(y, double(coarser[0]), part))
    if level:
        y = F.interpolate(y, scale_factor=2**level, mode="nearest")
    return None, None, tap("output", y)
