"""StyleGAN1 in the layout of genforce, which InterFaceGAN and SeFa use too: named after TensorFlow's variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from core.base.errors import UnsupportedFile
from core.base.text import shown
from core.families.common.grown import MAX_BLOCKS, checked
from core.families.common.mapping import mapping_of_shapes
from core.families.common.records import MAX_LAYERS, unreasonable
from core.families.common.tensor_renaming import Array, Foreign, equalised, reversed_kernel
from core.families.layouts.stylegan1.stylegan1_layout import (
    BLUR,
    FUSED_FROM,
    NO_NOISE,
    Epilogue,
    Layer,
    mapping_tensors,
    saved_network,
    with_one,
)
from core.loading.common.checkpoint import SavedNetwork, StateDict, StoredTensor, TensorFlowNetwork
from core.networks.parts.config import CONCATENATED, MappingConfig
from core.networks.parts.progressive_config import Progression, StyleGan1Config
from ops.fir import setup_filter

WHAT = "a StyleGAN1 network of genforce"
EARLIER = (  # what was between the parts of names in earlier programs
    (re.compile(r"\.epilogue\."), "."),
    (re.compile(r"\.style_mod\.dense\."), ".style."),
    (re.compile(r"\.(linear|fc|conv)\.weight$"), ".weight"),
    (re.compile(r"\.wscale\.bias$"), ".bias"),
    (re.compile(r"\.first_layer$"), ".const"),
)
CONST = "synthesis.layer0.const"
SIGNS = ("mapping.dense0.weight", CONST, "synthesis.layer1.style.weight")
AVERAGE = "truncation.w_avg"
LABELS = "mapping.label_weight"  # [classes, width]
DENSE = "mapping.dense{}"
LAYER, RGB = "synthesis.layer{}", "synthesis.output{}"  # numbered from the coarsest on
LOD = "synthesis.lod"
KERNEL, KERNEL_TOLERANCE = ".kernel", 1e-4


class GenforceStyleGan1Layout:
    """Everything comes from shapes; weights mean what they mean in TensorFlow."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        return isinstance(content, StateDict) and _names(content.tensors).keys() >= set(SIGNS)

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # as recognised
        file = Foreign(_names(content.tensors), WHAT)
        _check_kernels(file)
        _, first, height, width = file.shape(CONST, 4)
        count = 1 + file.count(f"{LAYER}.weight", 2 * MAX_BLOCKS, first=1)
        if count % 2:
            raise unreasonable("the number of layers", count, "two for each resolution")
        channels = (first, *(file.shape(f"{LAYER.format(i)}.weight", 4)[0] for i in range(3, count, 2)))
        finest = count // 2 - 1
        levels = [i for i in reversed(range(finest + 1)) if i == finest or file.has_part(f"{RGB.format(i)}.")]
        rgbs = [
            (equalised(file.take(f"{name}.weight", 4), 1.0), file.take(f"{name}.bias", 1))
            for name in map(RGB.format, levels)
        ]
        mapping, tensors = _mapping(file)
        lod = file.number(LOD) or 0.0
        blocks = checked(Progression(channels, len(rgbs[0][1]), (height, width), len(rgbs), lod))
        layers = [Layer(file.take(CONST, 4)[0], _epilogue(file, LAYER.format(0)))]
        layers += [_convolution(file, blocks, i) for i in range(1, count)]
        saved = saved_network(StyleGan1Config(mapping, blocks), tensors, layers, rgbs, file)
        return saved, () if all(layer.epilogue.noise is not None for layer in layers) else (NO_NOISE,)


def _names(tensors: Mapping[str, StoredTensor]) -> dict[str, StoredTensor]:
    """The tensors under the names of the latest program."""
    found = {}
    for source, tensor in tensors.items():
        name = source
        for pattern, now in EARLIER if name.startswith(("mapping.", "synthesis.")) else ():
            name = pattern.sub(now, name)
        found[name] = tensor if name == source else replace(tensor, source=source)
    return found


def _mapping(file: Foreign) -> tuple[MappingConfig, dict[str, Array]]:
    names = [DENSE.format(i) for i in range(file.count(f"{DENSE}.weight", MAX_LAYERS))]
    layers = [(file.take(f"{name}.weight", 2), file.take(f"{name}.bias", 1)) for name in names]
    labels = file.take(LABELS, 2) if LABELS in file else None
    average = file.take(AVERAGE, 1) if AVERAGE in file else None
    config = mapping_of_shapes([weight.shape for weight, _ in layers])
    if labels is not None:
        classes, width = labels.shape
        z_dim = max(0, layers[0][0].shape[1] - width)
        config = MappingConfig(z_dim, classes, config.widths, width, label=CONCATENATED)
    return config, mapping_tensors(layers, labels, average)


def _convolution(file: Foreign, blocks: Progression, number: int) -> Layer:
    """Layers that up-sample and convolve in one store their kernels backwards, and some [in, out, 3, 3]."""
    name = LAYER.format(number)
    weight = file.take(f"{name}.weight", 4)
    if number % 2 == 0 and min(blocks.size(number // 2)) >= FUSED_FROM:
        outputs = blocks.channels[number // 2]
        weight = weight if len(weight) == outputs else weight.transpose(1, 0, 2, 3)
        weight = reversed_kernel(weight)
    return Layer(equalised(weight), _epilogue(file, name))


def _epilogue(file: Foreign, name: str) -> Epilogue:
    noise = f"{name}.apply_noise.noise"
    return Epilogue(
        bias=file.take(f"{name}.bias", 1),
        noise_strength=file.take(f"{name}.apply_noise.weight", 1),
        style=(file.take(f"{name}.style.weight", 2), with_one(file.take(f"{name}.style.bias", 1))),
        noise=file.take(noise, 4)[0, 0] if noise in file else None,
    )


def _check_kernels(file: Foreign) -> None:
    """Raises UnsupportedFile if a stored filter is not the usual one."""
    usual = setup_filter(BLUR).numpy()
    for name in file:
        if name.endswith(KERNEL):
            taps = file.take(name, 4)
            if taps.shape[2:] != usual.shape or not np.allclose(taps, usual, atol=KERNEL_TOLERANCE):
                raise UnsupportedFile(
                    f"The filter `{shown(name, 80)}` is not the [1, 2, 1] of published networks; this program does "
                    "not know such networks."
                )
