"""StyleGAN1 in lernapparat's layout, which GANSpace uses: converted from TensorFlow, scaled alike."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.families.common.grown import MAX_BLOCKS, checked
from core.families.common.mapping import mapping_of_shapes
from core.families.common.records import MAX_LAYERS, agree, unreasonable
from core.families.common.tensor_renaming import Array, Foreign, equalised, reversed_kernel
from core.families.layouts.stylegan1.stylegan1_layout import (
    FUSED_FROM,
    NO_NOISE,
    Epilogue,
    Layer,
    mapping_tensors,
    saved_network,
    with_one,
)
from core.loading.common.checkpoint import SavedNetwork, StateDict, TensorFlowNetwork
from core.networks.parts.progressive_config import Progression, StyleGan1Config

WHAT = "a StyleGAN1 network in lernapparat's layout"
SIGNS = ("g_mapping.dense0.weight", "g_synthesis.blocks.4x4.const")
MAPPING = "g_mapping.dense{}"
BLOCK = re.compile(r"g_synthesis\.blocks\.(\d{1,4})x(\d{1,4})\.")
RGB = "g_synthesis.torgb"
EPSILON = 1e-5  # of its instance norm


class LernapparatLayout:
    """Everything comes from shapes. There is one layer to RGB, so the full resolution alone can be shown."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        return isinstance(content, StateDict) and all(sign in content.tensors for sign in SIGNS)

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # as recognised
        file = Foreign(content.tensors, WHAT)
        blocks = _blocks(file)
        _, first, height, width = file.shape(f"{blocks[0]}const", 4)
        channels = (first, *(file.shape(f"{block}conv1.weight", 4)[0] for block in blocks[1:]))
        image_channels = file.shape(f"{RGB}.weight", 4)[0]
        count = file.count(MAPPING + ".weight", MAX_LAYERS)
        layers = [(file.take(f"{m}.weight", 2), file.take(f"{m}.bias", 1)) for m in map(MAPPING.format, range(count))]
        config = StyleGan1Config(
            mapping=mapping_of_shapes([weight.shape for weight, _ in layers]),
            blocks=checked(Progression(channels, image_channels, (height, width))),
            epsilon=EPSILON,
        )
        rgb = equalised(file.take(f"{RGB}.weight", 4), 1.0), file.take(f"{RGB}.bias", 1)
        saved = saved_network(config, mapping_tensors(layers), layers_of(file, config.blocks, blocks), [rgb], file)
        return saved, (NO_NOISE,)


def _blocks(file: Foreign) -> list[str]:
    """What the names of the blocks' tensors begin with, in order."""
    sizes = sorted({(int(m[1]), int(m[2])) for name in file if (m := BLOCK.match(name))})
    if len(sizes) > MAX_BLOCKS:
        raise unreasonable("the number of blocks", len(sizes), f"1 to {MAX_BLOCKS}")
    agree("its blocks", sizes, [(4 << i, 4 << i) for i in range(len(sizes))])
    return [f"g_synthesis.blocks.{h}x{w}." for h, w in sizes]


def layers_of(file: Foreign, progression: Progression, blocks: Sequence[str]) -> list[Layer]:
    """blocks: what the names of each block begin with."""
    first = blocks[0]
    found = [
        Layer(file.take(f"{first}const", 4)[0], _epilogue(file, f"{first}epi1", f"{first}bias")),
        Layer(_weight(file, f"{first}conv.weight"), _epilogue(file, f"{first}epi2", f"{first}conv.bias")),
    ]
    for i, block in enumerate(blocks[1:], 1):
        weight = _weight(file, f"{block}conv0_up.weight")
        weight = reversed_kernel(weight) if min(progression.size(i)) >= FUSED_FROM else weight
        file.ignore(f"{block}conv0_up.intermediate.kernel")
        found.append(Layer(weight, _epilogue(file, f"{block}epi1", f"{block}conv0_up.bias")))
        weight = _weight(file, f"{block}conv1.weight")
        found.append(Layer(weight, _epilogue(file, f"{block}epi2", f"{block}conv1.bias")))
    return found


def _weight(file: Foreign, name: str) -> Array:
    return equalised(file.take(name, 4))


def _epilogue(file: Foreign, name: str, bias: str) -> Epilogue:
    style = file.take(f"{name}.style_mod.lin.weight", 2), with_one(file.take(f"{name}.style_mod.lin.bias", 1))
    return Epilogue(file.take(bias, 1), file.take(f"{name}.top_epi.noise.weight", 1), style)
