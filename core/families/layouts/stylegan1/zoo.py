"""StyleGAN1 as pytorch_GAN_zoo stores it: no blur, and constants that multiply the biases, too."""

from __future__ import annotations

import math

import numpy as np

from core.families.common.grown import MAX_BLOCKS, checked
from core.families.common.records import MAX_LAYERS, Settings
from core.families.common.tensor_renaming import Array, Foreign, equalised
from core.families.common.told_classes import told_classes
from core.families.layouts.stylegan1.stylegan1_layout import (
    NO_NOISE,
    Epilogue,
    Layer,
    mapping_tensors,
    saved_network,
)
from core.loading.common.checkpoint import SavedNetwork, StateDict, TensorFlowNetwork
from core.networks.parts.config import CONCATENATED, EMBEDDED, MappingConfig
from core.networks.parts.progressive_config import Progression, StyleGan1Config

WHAT = "a StyleGAN1 network of pytorch_GAN_zoo"
SIGN, AVERAGE = "baseScale0", "mean_w"
MAPPING = "mapping.FC.{}"
BLOCK, NOISE = "scaleLayers.{}.", "noiseModulators.{}."
RGB = "toRGBLayers.{}"
ONLY_TRAINING = "The smoothed copy `avgG` is missing from this file: the training generator `netG` was loaded."


class ZooStyleGan1Layout:
    """All blocks but the first have a layer to RGB. What the training grew up to is all there is."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        wanted = {SIGN, f"{MAPPING.format(0)}.module.weight"}
        return isinstance(content, StateDict) and content.tensors.keys() >= wanted

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # as recognised
        file = Foreign(content.tensors, WHAT)
        _, first, height, width = file.shape(SIGN, 4)
        count = file.count(BLOCK + "2.module.weight", MAX_BLOCKS)
        mapping = [_linear(file, MAPPING.format(i)) for i in range(file.count(MAPPING + ".module.weight", MAX_LAYERS))]
        layers = _layers(file, count)
        rgbs = [_weights(file, RGB.format(i), 4) for i in reversed(range(count))]
        channels = (first, *(len(layer.weight) for layer in layers[2::2]))
        inputs = mapping[0][0].shape[1]
        classes = told_classes(content.beside, inputs)
        config = StyleGan1Config(
            mapping=MappingConfig(
                z_dim=inputs - classes,
                c_dim=classes,
                widths=tuple(len(bias) for _, bias in mapping),
                embed_width=classes,
                label=CONCATENATED if classes else EMBEDDED,
            ),
            blocks=checked(Progression(channels, len(rgbs[0][1]), (height, width), count)),
            blur_taps=0,
        )
        average = file.take(AVERAGE, 2)[0] if AVERAGE in file else None
        labels = np.eye(classes, dtype=np.float32) if classes else None  # as they are
        saved = saved_network(config, mapping_tensors(mapping, labels, average), layers, rgbs, file, ())
        notes = (ONLY_TRAINING,) if content.wrapper == "netG" else ()
        return saved, (*notes, NO_NOISE, *_truncation(content))


def _truncation(content: StateDict) -> tuple[str, ...]:
    """A note on how the code that made the network shows it, if the file tells."""
    settings = content.beside.get("config")
    known = Settings(settings, "config") if isinstance(settings, dict) else Settings({}, "")
    if not known.has("phiTruncation"):
        return ()
    psi = known.number("phiTruncation", -1e6, 1e6)
    return (f"Its own pictures are made with psi {psi:g}.",)


# ----------------------------------------------------------------------------
# Tensors.


def _weights(file: Foreign, name: str, rank: int) -> tuple[Array, Array]:
    """Weight and bias, times their constant."""
    weight, bias = file.take(f"{name}.module.weight", rank), file.take(f"{name}.module.bias", 1)
    return equalised(weight), bias * _constant(weight)


def _linear(file: Foreign, name: str) -> tuple[Array, Array]:
    """A layer of the mapping; the constant of its weight is applied when it runs."""
    weight, bias = file.take(f"{name}.module.weight", 2), file.take(f"{name}.module.bias", 1)
    return weight, bias * _constant(weight)


def _constant(weight: Array) -> np.float32:
    return np.float32(math.sqrt(2 / math.prod(weight.shape[1:])))


def _layers(file: Foreign, count: int) -> list[Layer]:
    """count: of blocks after the first"""
    constant = file.take(SIGN, 4)[0]
    none = np.zeros(len(constant), np.float32)
    found = [
        Layer(constant, _epilogue(file, "adain00", "noiseMod00", none)),
        _layer(file, "conv0", "adain01", "noiseMod01"),
    ]
    for i in range(count):
        block, noise = BLOCK.format(i), NOISE.format(i)
        found.append(_layer(file, f"{block}0", f"{block}1", f"{noise}0"))
        found.append(_layer(file, f"{block}2", f"{block}3", f"{noise}1"))
    return found


def _layer(file: Foreign, name: str, style: str, noise: str) -> Layer:
    weight, bias = _weights(file, name, 4)
    return Layer(weight, _epilogue(file, style, noise, bias))


def _epilogue(file: Foreign, style: str, noise: str, bias: Array) -> Epilogue:
    strength = file.take(f"{noise}.module.weight", 4).reshape(-1)
    weight = file.take(f"{style}.styleModulator.module.weight", 2)
    offset = file.take(f"{style}.styleModulator.module.bias", 1) * _constant(weight)
    return Epilogue(bias, strength[:1].repeat(len(bias)), (weight * np.float32(math.sqrt(2)), offset))
