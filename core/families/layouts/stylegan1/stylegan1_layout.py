"""What the layouts of StyleGAN1 networks share: the tensors of ours, made of those of a file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from core.base.errors import UnsupportedFile
from core.base.text import shown
from core.families.architectures.stylegan1 import checked
from core.families.common.grown import checked as checked_blocks
from core.families.common.mapping import checked as checked_mapping
from core.families.common.tensor_renaming import Array, Foreign, drawn_noise, stored
from core.loading.common.checkpoint import SavedNetwork
from core.networks.parts.progressive_config import Progression, StyleGan1Config
from ops.fir import setup_filter

BLUR = (1.0, 2.0, 1.0)  # of all published networks
FUSED_FROM = 128  # pixels: from this edge on, up-sampling and convolution are one operation in the original code

NO_NOISE = "The file has no noise maps; the constant ones were drawn from a seed."


@dataclass(frozen=True)
class Epilogue:
    """The end of a layer."""

    bias: Array  # [C]
    noise_strength: Array | None  # [C]
    style: tuple[Array, Array] | None  # weight [2 C, w_dim], to be divided by sqrt(w_dim), and bias [2 C]
    noise: Array | None = None  # [h, w]


@dataclass(frozen=True)
class Layer:
    """A layer; its weights hold their constant factor and are correlated after the pixels were doubled."""

    weight: Array  # [O, I, 3, 3]; of the first layer: [C, h, w], or [C h w, w_dim], to be divided by sqrt(w_dim)
    epilogue: Epilogue


def layer_names(blocks: Progression) -> list[str]:
    """In execution order."""
    return [
        f"synthesis.b{resolution}.{layer}"
        for index, resolution in enumerate(blocks.resolutions)
        for layer in ("conv0" if index else "input", "conv1")
    ]


def noise_shapes(blocks: Progression) -> list[tuple[int, int]]:
    """Of each layer."""
    return [blocks.size(index // 2) for index in range(2 * len(blocks.channels))]


def with_one(bias: Array) -> Array:
    """The bias [2 C] of a style that is written as its difference from doing nothing."""
    scales = np.arange(len(bias)) < len(bias) // 2
    return bias + scales.astype(np.float32)


def check_blur(file: Foreign, *names: str) -> None:
    """Raises UnsupportedFile if one of these filters is in the file and not the usual one."""
    for name in filter(file.__contains__, names):
        taps = file.take(name, 4)
        if taps.shape[1:] != (1, 3, 3) or not np.allclose(taps, setup_filter(BLUR).numpy(), atol=1e-4):
            raise UnsupportedFile(
                f"The filter `{shown(name)}` is not the [1, 2, 1] of published networks; this program does not know "
                "such networks."
            )


def mapping_tensors(
    layers: Sequence[tuple[Array, Array]], labels: Array | None = None, w_avg: Array | None = None
) -> dict[str, Array]:
    """layers: weight [out, in] and bias [out] each, both to be multiplied by the learning-rate factor, the weight by
    sqrt(2 / in), too. labels: a row for each class.
    """
    found: dict[str, Array] = {}
    for i, (weight, bias) in enumerate(layers):
        # lrelu(sqrt(2) x W + b) = sqrt(2) lrelu(x W + b / sqrt(2)), as StyleGAN2's layers have it.
        found |= {f"mapping.fc{i}.weight": weight, f"mapping.fc{i}.bias": bias / np.float32(math.sqrt(2))}
    if labels is not None:
        found["mapping.embed.weight"] = labels.T
    return found if w_avg is None else found | {"mapping.w_avg": w_avg}


def saved_network(
    config: StyleGan1Config,
    mapping: dict[str, Array],
    layers: Sequence[Layer],
    rgbs: Sequence[tuple[Array, Array]],
    file: Foreign,
    blur: Sequence[float] = BLUR,
) -> SavedNetwork:
    """rgbs: weight [O, I, 1, 1] and bias [O] each, of the finest level of detail first.

    Raises CheckpointError if the configuration is unreasonable.
    """
    checked_mapping(config.mapping)
    checked_blocks(config.blocks)
    checked(config)
    found = dict(mapping)
    names = layer_names(config.blocks)
    drawn = drawn_noise(noise_shapes(config.blocks)) if config.use_noise else []
    for index, (name, layer) in enumerate(zip(names, layers, strict=True)):
        end = layer.epilogue
        part = "conv.weight" if index else "const" if config.const_input else "dense.weight"
        found |= {f"{name}.{part}": layer.weight, f"{name}.bias": end.bias}
        if end.noise_strength is not None:
            own = drawn[index - index % 2 if config.shared_noise else index]
            found |= {
                f"{name}.noise_strength": end.noise_strength,
                f"{name}.noise_const": own if end.noise is None else end.noise,
            }
        if end.style is not None:
            found |= {f"{name}.affine.weight": end.style[0], f"{name}.affine.bias": end.style[1]}
        if name.endswith("conv0") and blur:
            found[f"{name}.blur_filter"] = setup_filter(blur).numpy()
    if not config.const_input:
        found[f"{names[0]}.dense.bias"] = np.zeros(len(layers[0].weight), np.float32)
    for level, (weight, bias) in enumerate(rgbs):
        resolution = config.blocks.resolutions[-1 - level]
        found |= {f"synthesis.b{resolution}.torgb.weight": weight, f"synthesis.b{resolution}.torgb.bias": bias}
    return SavedNetwork("stylegan1", asdict(config), {**file.left(), **stored(found)})
