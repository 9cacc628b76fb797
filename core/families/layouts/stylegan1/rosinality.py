"""StyleGAN1 in the layout of rosinality's style-based-gan-pytorch, in which all resolutions are always there."""

from __future__ import annotations

import math

import numpy as np

from core.families.common.grown import MAX_BLOCKS, checked, guessed_level, untrained
from core.families.common.mapping import mapping_of_shapes
from core.families.common.records import MAX_LAYERS
from core.families.common.tensor_renaming import Array, Foreign, equalised, reversed_kernel
from core.families.layouts.stylegan1.stylegan1_layout import (
    NO_NOISE,
    Epilogue,
    Layer,
    check_blur,
    mapping_tensors,
    saved_network,
)
from core.loading.common.checkpoint import SavedNetwork, StateDict, TensorFlowNetwork
from core.networks.parts.progressive_config import Progression, StyleGan1Config

WHAT = "a StyleGAN1 network in rosinality's layout"
SIGN = "generator.progression.0.conv1.input"
BLOCK = "generator.progression.{}."
RGB = "generator.to_rgb.{}.conv."
STYLE = "style.{}.linear."
EPSILON = 1e-5  # of its instance norm
FUSED_GAIN = 1 / 4  # its kernels that up-sample are averages of four, not sums
FILTERS = ("weight", "weight_flip")  # of a blur

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
        lod = untrained([_last_weights(file, i) for i in range(count)])
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
        return saved, (*notes, NO_NOISE, guessed_level(config.blocks))


# ----------------------------------------------------------------------------
# Tensors.


def _mapping(file: Foreign) -> list[tuple[Array, Array]]:
    """The layers are those with odd numbers; between them are activations."""
    count = file.count(STYLE + "weight_orig", MAX_LAYERS, first=1, step=2)
    names = [STYLE.format(2 * i + 1) for i in range(count)]
    return [(file.take(f"{name}weight_orig", 2), file.take(f"{name}bias", 1)) for name in names]


def _last_weights(file: Foreign, index: int) -> tuple[Array, Array]:
    name = f"{BLOCK.format(index)}conv2.conv."
    return file.take(f"{name}weight_orig", 4), file.take(f"{name}bias", 1)


def _rgb(file: Foreign, index: int) -> tuple[Array, Array]:
    name = RGB.format(index)
    return equalised(file.take(f"{name}weight_orig", 4)), file.take(f"{name}bias", 1)


def _block(file: Foreign, index: int) -> list[Layer]:
    name = BLOCK.format(index)
    if index == 0:
        source = file.take(SIGN, 4)[0]
        first = Layer(source, _epilogue(file, name, 1, np.zeros_like(source[:, 0, 0])))
    elif file.has_part(f"{name}conv1.0."):  # [in, out, 3, 3], up-sampling and convolution in one
        weight = equalised(file.take(f"{name}conv1.0.weight", 4).transpose(1, 0, 2, 3)) * np.float32(FUSED_GAIN)
        bias = file.take(f"{name}conv1.0.bias", 1)
        first = Layer(reversed_kernel(weight), _epilogue(file, name, 1, bias))
        check_blur(file, *(f"{name}conv1.1.{part}" for part in FILTERS))
    else:
        bias = file.take(f"{name}conv1.1.conv.bias", 1)
        first = Layer(equalised(file.take(f"{name}conv1.1.conv.weight_orig", 4)), _epilogue(file, name, 1, bias))
        check_blur(file, *(f"{name}conv1.2.{part}" for part in FILTERS))
    weight, bias = equalised(file.take(f"{name}conv2.conv.weight_orig", 4)), file.take(f"{name}conv2.conv.bias", 1)
    return [first, Layer(weight, _epilogue(file, name, 2, bias))]


def _epilogue(file: Foreign, block: str, number: int, bias: Array) -> Epilogue:
    strength = file.take(f"{block}noise{number}.weight_orig", 4).reshape(-1)
    name = f"{block}adain{number}.style.linear."
    style = file.take(f"{name}weight_orig", 2, math.sqrt(2)), file.take(f"{name}bias", 1)
    return Epilogue(bias, strength * np.float32(math.sqrt(2 / len(strength))), style)
