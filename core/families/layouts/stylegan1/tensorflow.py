"""StyleGAN1 as NVIDIA's TensorFlow code pickles it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.base.errors import UnsupportedFile
from core.families.common.grown import checked
from core.families.common.records import MAX_LATENT, MAX_LAYERS
from core.families.common.tensor_renaming import Array, Foreign, equalised, oihw, reversed_kernel
from core.families.common.tensorflow_arguments import (
    ONLY_TRAINING,
    Arguments,
    block_names,
    growth,
    rgb_tensors,
    variables,
)
from core.families.layouts.stylegan1.stylegan1_layout import (
    BLUR,
    FUSED_FROM,
    Epilogue,
    Layer,
    mapping_tensors,
    saved_network,
    with_one,
)
from core.loading.common.checkpoint import SavedNetwork, StateDict, TensorFlowNetwork
from core.networks.parts.config import CONCATENATED, MappingConfig
from core.networks.parts.progressive_config import Progression, StyleGan1Config
from ops.fir import SEPARABLE_TAPS

WHAT = "a StyleGAN1 network from TensorFlow"
DENSE_GAIN = math.sqrt(2) / 4  # of the layer that makes the first features of w
MAPPING = "mapping/Dense"
LABELS = "mapping/LabelConcat/weight"
AVERAGE = "dlatent_avg"
PSI, CUTOFF = 0.7, 8  # the truncation of files that say nothing else


class TensorFlowStyleGan1Layout:
    """Structure comes from the variables; from the arguments comes what they do not tell. The source is ignored."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        if not isinstance(content, TensorFlowNetwork) or not {"mapping", "synthesis"} <= content.components.keys():
            return False
        names = content.components["synthesis"].variables
        return any(name.startswith("ToRGB_lod") for name in names) and not any("mod_weight" in name for name in names)

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, TensorFlowNetwork)  # as recognised
        file, arguments = Foreign(variables(content), WHAT), Arguments(content)
        blocks = block_names(file, "synthesis/")
        blur, rgbs = _blur(arguments), rgb_tensors(file, "synthesis/")
        first = f"{blocks[0]}Dense" if file.has_part(f"{blocks[0]}Dense/") else f"{blocks[0]}Const"
        first_size = _first_size(file, first, blocks[0])
        lod, notes = growth(file, "synthesis/lod", "lod")
        progression = checked(
            Progression(
                channels=tuple(file.shape(f"{b}{'Conv1' if i else 'Conv'}/weight", 4)[3] for i, b in enumerate(blocks)),
                image_channels=len(rgbs[0][1]),
                first_size=first_size,
                rgb_layers=len(rgbs),
                lod=lod,
            )
        )
        config = StyleGan1Config(
            mapping=_mapping(file, arguments),
            blocks=progression,
            const_input=first.endswith("Const"),
            blur_taps=len(blur),
            use_noise=any("/Noise/" in name for name in file),
            activation=arguments.about("nonlinearity").text("nonlinearity", "lrelu"),
            use_pixel_norm=arguments.about("use_pixel_norm").flag("use_pixel_norm", False),
            use_instance_norm=arguments.about("use_instance_norm").flag("use_instance_norm", True),
            use_styles=any("/StyleMod/" in name for name in file),
        )
        _check(config, arguments)
        layers = _layers(file, config, blocks, first, _fused(arguments))
        saved = saved_network(config, _mapping_tensors(file, config), layers, rgbs, file, blur)
        notes += (_truncation(arguments, config.num_ws), *arguments.notes())
        return saved, ((ONLY_TRAINING,) if content.name == "G" else ()) + notes


# ----------------------------------------------------------------------------
# The configuration.


def _first_size(file: Foreign, first: str, scope: str) -> tuple[int, int]:
    """Height and width of the features that the synthesis starts with."""
    if first.endswith("Const"):
        _, _, height, width = file.shape(f"{first}/const", 4)
    else:
        height, width = (int(n) for n in scope.strip("/").rpartition("/")[2].split("x"))
    return height, width


def _mapping(file: Foreign, arguments: Arguments) -> MappingConfig:
    count = file.count(MAPPING + "{}/weight", MAX_LAYERS)
    shapes = [file.shape(f"{MAPPING}{i}/weight", 2) for i in range(count)]
    classes, width = file.shape(LABELS, 2) if LABELS in file else (0, 0)
    return MappingConfig(
        z_dim=max(0, shapes[0][0] - width),
        c_dim=classes,
        widths=tuple(out for _, out in shapes),
        embed_width=width,
        activation=arguments.about("mapping_nonlinearity").text("mapping_nonlinearity", "lrelu"),
        lr=arguments.about("mapping_lrmul").number("mapping_lrmul", 1e-6, 1e3, 0.01),
        label=CONCATENATED,
        normalize=arguments.about("normalize_latents").flag("normalize_latents", True),
    )


def _check(config: StyleGan1Config, arguments: Arguments) -> None:
    """Raises CheckpointError if the arguments contradict the variables."""
    height, width = config.blocks.picture
    if height == width:  # what forks with others call their resolution is not known
        arguments.check("resolution", height)
    arguments.check("num_channels", config.blocks.image_channels)
    arguments.check("label_size", config.mapping.c_dim)
    arguments.check("latent_size", config.mapping.z_dim)
    arguments.check("dlatent_size", config.mapping.w_dim)
    arguments.check("mapping_layers", len(config.mapping.widths))
    for name, found in (
        ("use_noise", config.use_noise),
        ("use_styles", config.use_styles),
        ("const_input_layer", config.const_input),
    ):
        arguments.check(name, found)


def _blur(arguments: Arguments) -> tuple[float, ...]:
    """The taps along an axis. Raises UnsupportedFile if the filter looks different from its other end."""
    if arguments.is_none("blur_filter"):
        return ()
    settings = arguments.about("blur_filter")
    if not settings.has("blur_filter"):
        return BLUR
    taps = settings.numbers("blur_filter", -MAX_LATENT, MAX_LATENT)
    if not 1 <= len(taps) < SEPARABLE_TAPS or sum(taps) == 0 or taps != taps[::-1]:
        raise UnsupportedFile(f"The blur of this network, {list(taps[:8])}, is of an unknown kind.")
    return taps


def _fused(arguments: Arguments) -> int:
    """From which edge on up-sampling and convolution are one operation, pixels."""
    settings = arguments.about("fused_scale")
    if settings.values.get("fused_scale", "auto") == "auto":
        return FUSED_FROM
    return 0 if settings.flag("fused_scale") else 1 << 30


def _truncation(arguments: Arguments, num_ws: int) -> str:
    psi = arguments.about("truncation_psi").number("truncation_psi", -1e6, 1e6, PSI)
    cutoff = arguments.about("truncation_cutoff").integer("truncation_cutoff", 0, 1 << 30, CUTOFF)
    if arguments.is_none("truncation_psi") or arguments.is_none("truncation_cutoff"):
        return "Its own pictures are made without truncation."
    return f"Its own pictures are made with psi {psi:g} on the first {min(cutoff, num_ws)} of its {num_ws} layers."


# ----------------------------------------------------------------------------
# Tensors.


def _mapping_tensors(file: Foreign, config: StyleGan1Config) -> dict[str, Array]:
    names = [f"{MAPPING}{i}" for i in range(len(config.mapping.widths))]
    layers = [(file.take(f"{name}/weight", 2).T, file.take(f"{name}/bias", 1)) for name in names]
    labels = file.take(LABELS, 2) if LABELS in file else None
    return mapping_tensors(layers, labels, file.take(AVERAGE, 1) if AVERAGE in file else None)


def _layers(file: Foreign, config: StyleGan1Config, blocks: Sequence[str], first: str, fused_from: int) -> list[Layer]:
    is_const = config.const_input
    source = file.take(f"{first}/const", 4)[0] if is_const else file.take(f"{first}/weight", 2, DENSE_GAIN).T
    found = [Layer(source, _epilogue(file, config, first, 0))]
    found.append(_convolution(file, config, f"{blocks[0]}Conv", 1))
    for i, block in enumerate(blocks[1:], 1):
        is_fused = min(config.blocks.size(i)) >= fused_from
        found.append(_convolution(file, config, f"{block}Conv0_up", 2 * i, backwards=is_fused))
        found.append(_convolution(file, config, f"{block}Conv1", 2 * i + 1))
    return found


def _convolution(file: Foreign, config: StyleGan1Config, name: str, index: int, *, backwards: bool = False) -> Layer:
    weight = equalised(oihw(file.take(f"{name}/weight", 4)))
    return Layer(reversed_kernel(weight) if backwards else weight, _epilogue(file, config, name, index))


def _epilogue(file: Foreign, config: StyleGan1Config, name: str, index: int) -> Epilogue:
    style = None
    if config.use_styles:
        weight = file.take(f"{name}/StyleMod/weight", 2).T
        style = weight, with_one(file.take(f"{name}/StyleMod/bias", 1))
    noise = file.take(f"synthesis/noise{index}", 4)[0, 0] if config.use_noise else None
    strength = file.take(f"{name}/Noise/weight", 1) if config.use_noise else None
    return Epilogue(file.take(f"{name}/bias", 1), strength, style, noise)
