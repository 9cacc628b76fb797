"""ProGAN as this program writes it, and what its layouts share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np

from core.base.errors import CheckpointError
from core.families.common.converted import ConvertedFamily
from core.families.common.grown import checked as checked_blocks
from core.families.common.grown import progression_of_json
from core.families.common.records import MAX_CLASSES, MAX_LATENT, Settings, agree, known_activation, unreasonable
from core.families.common.tensor_renaming import Array, Foreign, equalised, reversed_kernel, stored
from core.families.common.told_classes import told_classes
from core.loading.common.checkpoint import SavedNetwork, StateDict
from core.networks.parts.progressive_config import ProGanConfig, Progression
from core.networks.progan import ProGan

ACTIVATIONS = ("lrelu", "relu")
FIRST_EDGE = 4  # pixels, of the first features


class ProGanFamily(ConvertedFamily):
    key = "progan"
    network = ProGan

    def with_classes(self, content: SavedNetwork, count: int) -> SavedNetwork:
        width = self.config_of(Settings(content.config, "config")).w_dim
        return replace(content, config={**content.config, "z_dim": width - count, "c_dim": count})

    def config_of(self, values: Settings) -> ProGanConfig:
        return checked(
            ProGanConfig(
                z_dim=values.integer("z_dim", 0, MAX_LATENT),
                c_dim=values.integer("c_dim", 0, MAX_CLASSES),
                blocks=progression_of_json(values.child("blocks")),
                normalize_latents=values.flag("normalize_latents"),
                activation=values.text("activation"),
                first_norm=values.flag("first_norm") if "first_norm" in values.values else True,
            )
        )


def checked(config: ProGanConfig) -> ProGanConfig:
    """Raises CheckpointError if the configuration is unreasonable."""
    if not 0 <= config.z_dim <= MAX_LATENT:
        raise unreasonable("z_dim", config.z_dim, f"0 to {MAX_LATENT}")
    if config.w_dim == 0:
        raise CheckpointError("The network has neither a z nor a class as input; it cannot be opened.")
    checked_blocks(config.blocks)
    known_activation(config.activation, ACTIVATIONS)
    return config


def progan_config(content: StateDict, width: int, blocks: Progression, *, first_norm: bool = True) -> ProGanConfig:
    """Of a network whose input has this width, with classes if what stands beside its tensors tells them."""
    classes = told_classes(content.beside, width)
    return ProGanConfig(width - classes, classes, blocks, first_norm=first_norm)


# Weight and bias of a layer. They hold their constant factors; kernels are correlated after the pixels were doubled.
Weights = tuple[Array, Array]


def first_weights(kernel: Array, bias: Array, name: str) -> Weights:
    """Of the first layer, if it is stored as a convolution with padding of the single pixel that z is: then output
    (y, x) is its tap (3 - y, 3 - x). kernel: [C, z_dim, 4, 4], bias: [C]. Raises CheckpointError for another size.
    """
    agree(f"the shape of `{name}`", kernel.shape[2:], (FIRST_EDGE, FIRST_EDGE))
    weight = reversed_kernel(kernel).transpose(0, 2, 3, 1).reshape(-1, kernel.shape[1])
    return equalised(weight, math.sqrt(2) / FIRST_EDGE), np.repeat(bias, FIRST_EDGE**2)


def saved_network(
    config: ProGanConfig, first: Weights, layers: Sequence[Weights], rgbs: Sequence[Weights], file: Foreign
) -> SavedNetwork:
    """first: [C h w, z_dim + c_dim] and [C h w], layers: [O, I, 3, 3] and [O] each, rgbs: [O, I, 1, 1] and [O] each, of
    the finest level of detail first. Raises CheckpointError if the configuration is unreasonable.
    """
    checked(config)
    resolutions = config.blocks.resolutions
    names = [f"b{r}.{layer}" for r in resolutions for layer in ("conv0", "conv1")][1:]
    found = {"synthesis.b4.input.weight": first[0], "synthesis.b4.input.bias": first[1]}
    for name, (weight, bias) in zip(names, layers, strict=True):
        found |= {f"synthesis.{name}.conv.weight": weight, f"synthesis.{name}.bias": bias}
    for level, (weight, bias) in enumerate(rgbs):
        name = f"b{resolutions[-1 - level]}.torgb"
        found |= {f"synthesis.{name}.weight": weight, f"synthesis.{name}.bias": bias}
    return SavedNetwork("progan", asdict(config), {**file.left(), **stored(found)})
