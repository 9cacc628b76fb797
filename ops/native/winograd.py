"""The native backend of `styled_conv2d`: minimal filtering (Lavin and Gray 2016), a quarter of the multiplications."""

from __future__ import annotations

import torch
from torch import Tensor

from ..base.calls import StyledConv2d
from ..base.styled_weights import demodulation
from ..base.tensors import needs_grad
from .native_backend import TYPES, slope_of, why_not_act
from .state import LIBRARY

TILE = 4  # results along each axis that are made together
MIN_TILES = 16  # below, reading the weights, of which there are four times as many, takes longer than it saves
MIN_CHANNELS = 16


def tiles_of(x: Tensor, padding: int) -> int:
    n, _, h, w = x.shape
    return n * ((h + 2 * padding - 3) // TILE + 1) * ((w + 2 * padding - 3) // TILE + 1)


def why_not(call: StyledConv2d) -> str:
    if reason := LIBRARY.state.why_not:
        return reason
    x, weight = call.x, call.weights.weight
    outputs, inputs, *kernel = weight.shape
    if kernel != [3, 3] or call.up != 1:
        return "it has 3x3 weights without resampling"
    if x.dtype not in TYPES or not (x.is_cpu and weight.is_cpu):
        return f"it has float32 and bfloat16 on the CPU, not {x.dtype} on {x.device.type}"
    if tiles_of(x, call.padding) < MIN_TILES or min(inputs, outputs) < MIN_CHANNELS:
        return "the picture is so small that it takes longer"
    if reason := why_not_act(call.act):
        return reason
    if needs_grad(x, weight, call.styles, call.input_gain, call.noise, call.strength, call.b):
        return "it has no gradient"
    return ""


def run(call: StyledConv2d) -> Tensor:
    x, weights, styles = call.x, call.weights, call.styles
    # Products of bfloat16 are no less exact than its pictures: they add a fifth to the error.
    pairs = x.dtype == torch.bfloat16 and torch.ops.stylegan_ops.multiplies_pairs()
    y: Tensor = torch.ops.stylegan_ops.winograd(
        x,
        weights.winograd(tiles_of(x, call.padding), x.dtype if pairs else torch.float32),
        len(weights.weight),
        call.padding,
        styles if call.input_gain is None else styles * call.input_gain,
        demodulation(weights, styles) if call.demodulate else None,
        call.b,
        call.noise,
        call.strength,
        slope_of(call),
        call.gain,
        call.clamp,
    )
    return y
