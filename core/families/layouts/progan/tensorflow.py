"""ProGAN as NVIDIA's TensorFlow code pickles it."""

from __future__ import annotations

import math

import numpy as np

from core.base.text import shown
from core.families.architectures.progan import Weights, saved_network
from core.families.common.grown import checked
from core.families.common.records import MAX_CLASSES, agree
from core.families.common.tensor_renaming import Array, Foreign, equalised, oihw, reversed_kernel
from core.families.common.tensorflow_arguments import (
    ONLY_TRAINING,
    Arguments,
    block_names,
    growth,
    rgb_tensors,
    variables,
)
from core.loading.common.checkpoint import SavedNetwork, StateDict, TensorFlowNetwork
from core.networks.parts.progressive_config import ProGanConfig, Progression

WHAT = "a progressive GAN from TensorFlow"
DENSE_GAIN = math.sqrt(2) / 4  # of the layer that makes the first features of z


class TensorFlowProGanLayout:
    """Structure comes from the variables, all in one network. The source is ignored."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        if not isinstance(content, TensorFlowNetwork) or content.components:
            return False
        return any(name.endswith("/Dense/weight") for name in content.variables) and "ToRGB_lod0/weight" in (
            content.variables
        )

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, TensorFlowNetwork)  # as recognised
        file, arguments = Foreign(variables(content), WHAT), Arguments(content)
        blocks, rgbs = block_names(file), rgb_tensors(file)
        height, width = (int(n) for n in blocks[0].strip("/").split("x"))
        bias = file.take(f"{blocks[0]}Dense/bias", 1)
        inputs, outputs = file.shape(f"{blocks[0]}Dense/weight", 2)
        agree(f"the shape of `{shown(blocks[0])}Dense`", outputs, len(bias) * height * width)
        classes = arguments.about("label_size").integer("label_size", 0, MAX_CLASSES, 0)
        lod, notes = growth(file, "lod")
        config = ProGanConfig(
            z_dim=inputs - classes,
            c_dim=classes,
            blocks=checked(
                Progression(
                    channels=(len(bias), *(file.shape(f"{block}Conv1/weight", 4)[3] for block in blocks[1:])),
                    image_channels=len(rgbs[0][1]),
                    first_size=(height, width),
                    rgb_layers=len(rgbs),
                    lod=lod,
                )
            ),
            normalize_latents=arguments.about("normalize_latents").flag("normalize_latents", True),
        )
        arguments.check("resolution", max(config.blocks.picture))
        arguments.check("num_channels", config.blocks.image_channels)
        arguments.check("latent_size", config.z_dim)
        arguments.about("fused_scale")  # the names of the layers tell
        dense = equalised(file.take(f"{blocks[0]}Dense/weight", 2).T, DENSE_GAIN)
        first = dense, np.repeat(bias, height * width)
        layers = [layer for i, block in enumerate(blocks) for layer in _block(file, block, is_first=i == 0)]
        saved = saved_network(config, first, layers, rgbs, file)
        notes += arguments.notes()
        return saved, ((ONLY_TRAINING,) if content.name == "G" else ()) + notes


def _block(file: Foreign, name: str, *, is_first: bool) -> list[Weights]:
    if is_first:
        return [_layer(file, f"{name}Conv")]
    if file.has_part(f"{name}Conv0_up/"):  # up-sampling and convolution in one
        return [_layer(file, f"{name}Conv0_up", is_fused=True), _layer(file, f"{name}Conv1")]
    return [_layer(file, f"{name}Conv0"), _layer(file, f"{name}Conv1")]


def _layer(file: Foreign, name: str, *, is_fused: bool = False) -> Weights:
    weight: Array = file.take(f"{name}/weight", 4)
    weight = reversed_kernel(weight.transpose(2, 3, 0, 1)) if is_fused else oihw(weight)  # fused: [kh, kw, out, in]
    return equalised(weight), file.take(f"{name}/bias", 1)
