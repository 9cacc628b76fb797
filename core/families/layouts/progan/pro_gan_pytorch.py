"""ProGAN as the package pro_gan_pytorch stores it: `conf` beside the tensors says whether their constants are apart."""

from __future__ import annotations

import math

import numpy as np

from core.families.architectures.progan import Weights, progan_config, saved_network
from core.families.common.grown import MAX_BLOCKS, checked, guessed_level, untrained
from core.families.common.records import MAX_LATENT, Settings, agree
from core.families.common.tensor_renaming import Array, Foreign, equalised
from core.loading.common.checkpoint import SavedNetwork, StateDict, TensorFlowNetwork
from core.networks.parts.progressive_config import Progression

LAYER, RGB = "layers.{}", "rgb_converters.{}"
OLD_FIRST = "initial_block"  # in the first versions, the layers begin after it
SETTINGS = "conf"
FIRST_EDGE = 4  # pixels, of the first features
GUESSED = "The file does not say whether the constants of its layers are in its weights; by their size they are {}."


class ProGanPytorchLayout:
    """A layer to RGB for each resolution. The very first features are not normalised."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        if not isinstance(content, StateDict) or f"{RGB.format(0)}.weight" not in content.tensors:
            return False
        return any(f"{first}.conv_1.weight" in content.tensors for first in (OLD_FIRST, LAYER.format(0)))

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # as recognised
        file = Foreign(content.tensors, "a progressive GAN of pro_gan_pytorch")
        blocks = [f"{block}." for block in _blocks(file)]
        kernel = file.take(f"{blocks[0]}conv_1.weight", 4)  # [z_dim, C, 4, 4]
        agree(f"the shape of `{blocks[0]}conv_1`", kernel.shape[2:], (FIRST_EDGE, FIRST_EDGE))
        scaled, notes = _scaled(content, file, blocks)
        channels = tuple(file.shape(f"{block}conv_2.weight", 4)[0] for block in blocks)
        rgbs = [_layer(file, RGB.format(i), scaled) for i in reversed(range(len(blocks)))]
        lod = untrained([_stored(file, f"{block}conv_2") for block in blocks]) if scaled else 0
        progression = checked(Progression(channels, len(rgbs[0][1]), rgb_layers=len(blocks), lod=float(lod)))
        names = [f"{block}conv_{k}" for block in blocks for k in (1, 2)][1:]
        layers = [_layer(file, name, scaled) for name in names]
        config = progan_config(content, len(kernel), progression, first_norm=False)
        saved = saved_network(config, _first(file, f"{blocks[0]}conv_1", kernel, scaled), layers, rgbs, file)
        return saved, (*notes, *((guessed_level(progression),) if lod else ()))


def _blocks(file: Foreign) -> list[str]:
    old = file.has_part(f"{OLD_FIRST}.")
    count = file.count(LAYER + ".conv_2.weight", MAX_BLOCKS) if file.has_part(LAYER.format("")) else 0
    return [*((OLD_FIRST,) if old else ()), *(LAYER.format(i) for i in range(count))]


def _scaled(content: StateDict, file: Foreign, blocks: list[str]) -> tuple[bool, tuple[str, ...]]:
    """Whether constants multiply the weights as the network runs, and notes. Raises CheckpointError if the settings
    are those of another network."""
    settings = content.beside.get(SETTINGS)
    known = Settings(settings, SETTINGS) if isinstance(settings, dict) else Settings({}, SETTINGS)
    width = file.shape(f"{blocks[0]}conv_1.weight", 4)[0]
    agree("the width of z", known.integer("latent_size", 1, MAX_LATENT, width), width)
    if known.has("use_eql"):
        return known.flag("use_eql"), ()
    weight = file.take(f"{blocks[0]}conv_2.weight", 4)
    scaled = float(np.square(weight).mean()) > 1 / math.sqrt(math.prod(weight.shape[1:]))
    return scaled, (GUESSED.format("apart" if scaled else "in them"),)


def _stored(file: Foreign, name: str) -> Weights:
    return file.take(f"{name}.weight", 4), file.take(f"{name}.bias", 1)


def _layer(file: Foreign, name: str, scaled: bool) -> Weights:
    weight, bias = _stored(file, name)
    return (equalised(weight) if scaled else weight), bias


def _first(file: Foreign, name: str, kernel: Array, scaled: bool) -> Weights:
    """A transposed convolution of a single pixel: output (y, x) is its tap (y, x)."""
    weight = kernel.transpose(1, 2, 3, 0).reshape(-1, len(kernel))
    return (equalised(weight) if scaled else weight), np.repeat(file.take(f"{name}.bias", 1), FIRST_EDGE**2)
