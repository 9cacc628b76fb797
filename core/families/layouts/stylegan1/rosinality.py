"""StyleGAN1 in the layout of rosinality's style-based-gan-pytorch, in which all resolutions are always there."""

from __future__ import annotations

import math

import numpy as np

from core.base.errors import UnsupportedFile
from core.base.text import shown
from core.families.common.grown import MAX_BLOCKS, checked
from core.families.common.mapping import mapping_of_shapes
from core.families.common.records import MAX_LAYERS
from core.families.common.tensor_renaming import Array, Foreign, equalised, reversed_kernel
from core.families.layouts.stylegan1.stylegan1_layout import (
    BLUR,
    NO_NOISE,
    Epilogue,
    Layer,
    mapping_tensors,
    saved_network,
)
from core.loading.common.checkpoint import SavedNetwork, StateDict, TensorFlowNetwork
from core.networks.parts.progressive_config import Progression, StyleGan1Config
from ops.fir import setup_filter

WHAT = "a StyleGAN1 network in rosinality's layout"
SIGN = "generator.progression.0.conv1.input"
BLOCK = "generator.progression.{}."
RGB = "generator.to_rgb.{}.conv."
STYLE = "style.{}.linear."
EPSILON = 1e-5  # of its instance norm
FUSED_GAIN = 1 / 4  # its kernels that up-sample are averages of four, not sums
UNTRAINED_SPREAD = 5.0  # standard errors by which the deviation of new weights may differ from 1

ONLY_TRAINING = "The smoothed copy `g_running` is missing from this file: the training generator was loaded."


class RosinalityStyleGan1Layout:
    """Everything comes from shapes, but the resolution at which the training ended: that is guessed from weights."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        return isinstance(content, StateDict) and SIGN in content.tensors

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # as recognised
        file = Foreign(content.tensors, WHAT)
        count = file.count(BLOCK + "conv2.conv.weight_orig", MAX_BLOCKS)
        channels = tuple(file.shape(f"{BLOCK.format(i)}conv2.conv.weight_orig", 4)[0] for i in range(count))
        _, _, height, width = file.shape(SIGN, 4)
        rgbs = [_rgb(file, i) for i in reversed(range(count))]
        mapping = _mapping(file)
        lod = _untrained(file, count)
        config = StyleGan1Config(
            mapping=mapping_of_shapes([weight.shape for weight, _ in mapping], lr=1.0),
            blocks=checked(Progression(channels, len(rgbs[0][1]), (height, width), count, float(lod))),
            bias_before_blur=True,
            shared_noise=True,
            epsilon=EPSILON,
        )
        layers = [layer for i in range(count) for layer in _block(file, i)]
        saved = saved_network(config, mapping_tensors(mapping), layers, rgbs, file)
        notes = (ONLY_TRAINING,) if content.wrapper == "generator" else ()
        return saved, (*notes, NO_NOISE, _guess(config.blocks, lod))


def _guess(blocks: Progression, lod: int) -> str:
    height, width = blocks.size(len(blocks.channels) - 1 - lod)
    return (
        f"The file does not say up to which resolution it was trained; by its weights up to {width} x {height}, the "
        f"level of detail {lod}. If the picture looks untrained, choose another level."
    )


def _untrained(file: Foreign, count: int) -> int:
    """How many of the last blocks have never been trained: their biases are 0, their weights as drawn at first."""
    lod = 0
    while lod < count - 1 and _is_new(file, f"{BLOCK.format(count - 1 - lod)}conv2.conv."):
        lod += 1
    return 0 if lod == count - 1 else lod  # or nothing is trained, and there is nothing to choose


def _is_new(file: Foreign, name: str) -> bool:
    weight, bias = file.take(f"{name}weight_orig", 4), file.take(f"{name}bias", 1)
    error = 1 / math.sqrt(2 * weight.size)
    return not bias.any() and abs(float(weight.std()) - 1) < UNTRAINED_SPREAD * error


# ----------------------------------------------------------------------------
# Tensors.


def _mapping(file: Foreign) -> list[tuple[Array, Array]]:
    """The layers are those with odd numbers; between them are activations."""
    count = file.count(STYLE + "weight_orig", MAX_LAYERS, first=1, step=2)
    names = [STYLE.format(2 * i + 1) for i in range(count)]
    return [(file.take(f"{name}weight_orig", 2), file.take(f"{name}bias", 1)) for name in names]


def _rgb(file: Foreign, index: int) -> tuple[Array, Array]:
    name = RGB.format(index)
    return equalised(file.take(f"{name}weight_orig", 4)), file.take(f"{name}bias", 1)


def _block(file: Foreign, index: int) -> list[Layer]:
    name = BLOCK.format(index)
    if index == 0:
        source = file.take(SIGN, 4)[0]
        first = Layer(source, _epilogue(file, name, 1, np.zeros(len(source), np.float32)))
    elif f"{name}conv1.0.weight" in file:  # [in, out, 3, 3], up-sampling and convolution in one
        weight = equalised(file.take(f"{name}conv1.0.weight", 4).transpose(1, 0, 2, 3)) * np.float32(FUSED_GAIN)
        bias = file.take(f"{name}conv1.0.bias", 1)
        first = Layer(reversed_kernel(weight), _epilogue(file, name, 1, bias))
        _check_blur(file, f"{name}conv1.1.")
    else:
        bias = file.take(f"{name}conv1.1.conv.bias", 1)
        first = Layer(equalised(file.take(f"{name}conv1.1.conv.weight_orig", 4)), _epilogue(file, name, 1, bias))
        _check_blur(file, f"{name}conv1.2.")
    weight, bias = equalised(file.take(f"{name}conv2.conv.weight_orig", 4)), file.take(f"{name}conv2.conv.bias", 1)
    return [first, Layer(weight, _epilogue(file, name, 2, bias))]


def _check_blur(file: Foreign, name: str) -> None:
    """Raises UnsupportedFile if a stored filter is not the usual one."""
    for part in ("weight", "weight_flip"):
        if f"{name}{part}" in file:
            taps = file.take(f"{name}{part}", 4)
            if taps.shape[1:] != (1, 3, 3) or not np.allclose(taps, setup_filter(BLUR).numpy(), atol=1e-4):
                raise UnsupportedFile(
                    f"The filter `{shown(name + part)}` is not the [1, 2, 1] of published networks; this program does "
                    "not know such networks."
                )


def _epilogue(file: Foreign, block: str, number: int, bias: Array) -> Epilogue:
    strength = file.take(f"{block}noise{number}.weight_orig", 4).reshape(-1)
    name = f"{block}adain{number}.style.linear."
    style = file.take(f"{name}weight_orig", 2, math.sqrt(2)), file.take(f"{name}bias", 1)
    return Epilogue(bias, strength * np.float32(math.sqrt(2 / len(strength))), style)
