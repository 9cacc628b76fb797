"""The native backend of `styled_conv2d`: minimal filtering (Lavin and Gray 2016), a quarter of the multiplications."""

from __future__ import annotations

import torch
from torch import Tensor

from ..base.styled_weights import StyledWeights, demodulation
from ..base.tensors import needs_grad
from .native_backend import SLOPES, TYPES
from .state import LIBRARY

TILE = 4  # results along each axis that are made together
MIN_TILES = 16  # below, reading the weights, of which there are four times as many, takes longer than it saves
MIN_CHANNELS = 16


def tiles_of(x: Tensor, padding: int) -> int:
    n, _, h, w = x.shape
    return n * ((h + 2 * padding - 3) // TILE + 1) * ((w + 2 * padding - 3) // TILE + 1)


def why_not(
    x: Tensor,
    weights: StyledWeights,
    styles: Tensor,
    *,
    up: int,
    padding: int,
    f: Tensor | None,
    demodulate: bool,
    input_gain: Tensor | None,
    noise: Tensor | None,
    strength: Tensor | None,
    b: Tensor | None,
    act: str,
    alpha: float,
    gain: float,
    clamp: float | None,
) -> str:
    if reason := LIBRARY.state.why_not:
        return reason
    outputs, inputs, *kernel = weights.weight.shape
    if kernel != [3, 3] or up != 1:
        return "it has 3x3 weights without resampling"
    if x.dtype not in TYPES or not (x.is_cpu and weights.weight.is_cpu):
        return f"it has float32 and bfloat16 on the CPU, not {x.dtype} on {x.device.type}"
    if tiles_of(x, padding) < MIN_TILES or min(inputs, outputs) < MIN_CHANNELS:
        return "the picture is so small that it takes longer"
    if act not in SLOPES:
        return f"it has {' and '.join(SLOPES)}, not {act}"
    if needs_grad(x, weights.weight, styles, input_gain, noise, strength, b):
        return "it has no gradient"
    return ""


def run(
    x: Tensor,
    weights: StyledWeights,
    styles: Tensor,
    *,
    up: int,
    padding: int,
    f: Tensor | None,
    demodulate: bool,
    input_gain: Tensor | None,
    noise: Tensor | None,
    strength: Tensor | None,
    b: Tensor | None,
    act: str,
    alpha: float,
    gain: float,
    clamp: float | None,
) -> Tensor:
    known = SLOPES[act]
    # Products of bfloat16 are no less exact than its pictures: they add a fifth to the error.
    pairs = x.dtype == torch.bfloat16 and torch.ops.stylegan_ops.multiplies_pairs()
    y: Tensor = torch.ops.stylegan_ops.winograd(
        x,
        weights.winograd(tiles_of(x, padding), x.dtype if pairs else torch.float32),
        len(weights.weight),
        padding,
        styles if input_gain is None else styles * input_gain,
        demodulation(weights, styles) if demodulate else None,
        b,
        noise,
        strength,
        alpha if known is None else known,
        gain,
        clamp,
    )
    return y
