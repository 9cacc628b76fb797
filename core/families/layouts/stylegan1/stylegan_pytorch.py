"""StyleGAN1 in the layout of StyleGAN.pytorch: lernapparat's parts by number, a layer to RGB each resolution."""

from __future__ import annotations

from core.families.common.grown import MAX_BLOCKS, checked, guessed_level, untrained
from core.families.common.records import MAX_LAYERS, agree
from core.families.common.tensor_renaming import Array, Foreign, equalised
from core.families.layouts.stylegan1.lernapparat import EPSILON, layers_of
from core.families.layouts.stylegan1.stylegan1_layout import (
    BLUR,
    NO_NOISE,
    check_blur,
    mapping_tensors,
    saved_network,
)
from core.loading.common.checkpoint import SavedNetwork, StateDict, TensorFlowNetwork
from core.networks.parts.config import CONCATENATED, MappingConfig
from core.networks.parts.progressive_config import Progression, StyleGan1Config

WHAT = "a StyleGAN1 network of StyleGAN.pytorch"
MAPPING = "g_mapping.map.dense{}"
FIRST, BLOCK = "g_synthesis.init_block.", "g_synthesis.blocks.{}."
FILTER = "conv0_up.intermediate.kernel"  # of a block
RGB = "g_synthesis.to_rgb.{}"
CLASSES = "class_embedding.weight"
AVERAGE = "truncation.avg_latent"
SIGNS = {f"{FIRST}const", f"{MAPPING.format(0)}.weight"}


class StyleGanPytorchLayout:
    """Everything comes from shapes, but the resolution at which the training ended: that is guessed from weights."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        return isinstance(content, StateDict) and content.tensors.keys() >= SIGNS

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # as recognised
        file = Foreign(content.tensors, WHAT)
        blocks = [FIRST, *(BLOCK.format(i) for i in range(file.count(BLOCK + "conv1.weight", MAX_BLOCKS)))]
        _, first, height, width = file.shape(f"{FIRST}const", 4)
        convolutions = [_convolution(file, f"{b}conv1" if i else f"{b}conv") for i, b in enumerate(blocks)]
        channels = tuple(len(bias) for _, bias in convolutions)
        agree("the channels of its first block", first, channels[0])
        rgbs = [_rgb(file, RGB.format(i)) for i in reversed(range(len(blocks)))]
        lod = untrained(convolutions)
        progression = checked(Progression(channels, len(rgbs[0][1]), (height, width), len(blocks), float(lod)))
        layers = _mapping(file)
        blur = BLUR if f"{blocks[1]}{FILTER}" in file else ()
        check_blur(file, *(f"{block}{FILTER}" for block in blocks))
        config = StyleGan1Config(_mapping_config(file, layers), progression, blur_taps=len(blur), epsilon=EPSILON)
        labels = file.take(CLASSES, 2) if CLASSES in file else None
        mapping = mapping_tensors(layers, labels, _average(file))
        saved = saved_network(config, mapping, layers_of(file, progression, blocks), rgbs, file, blur)
        return saved, (NO_NOISE, *((guessed_level(progression),) if lod else ()))


def _mapping(file: Foreign) -> list[tuple[Array, Array]]:
    names = [MAPPING.format(i) for i in range(file.count(MAPPING + ".weight", MAX_LAYERS))]
    return [(file.take(f"{name}.weight", 2), file.take(f"{name}.bias", 1)) for name in names]


def _mapping_config(file: Foreign, layers: list[tuple[Array, Array]]) -> MappingConfig:
    classes, width = file.shape(CLASSES, 2) if CLASSES in file else (0, 0)
    return MappingConfig(
        z_dim=max(0, layers[0][0].shape[1] - width),
        c_dim=classes,
        widths=tuple(len(bias) for _, bias in layers),
        embed_width=width,
        label=CONCATENATED,
    )


def _average(file: Foreign) -> Array | None:
    """None if the training never averaged."""
    average = file.take(AVERAGE, 1) if AVERAGE in file else None
    return average if average is not None and average.any() else None


def _convolution(file: Foreign, name: str) -> tuple[Array, Array]:
    return file.take(f"{name}.weight", 4), file.take(f"{name}.bias", 1)


def _rgb(file: Foreign, name: str) -> tuple[Array, Array]:
    weight, bias = _convolution(file, name)
    return equalised(weight, 1.0), bias
