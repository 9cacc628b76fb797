"""StyleGAN2 as NVIDIA's TensorFlow code pickles it: the configurations B to F of its paper, and ADA."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count, takewhile

from core.errors import CheckpointError, UnsupportedFile
from core.loading.checkpoint import Plain, SavedNetwork, StateDict, StoredTensor, TensorFlowNetwork
from core.loading.saved import to_float32
from core.networks.config import CONCATENATED, EMBEDDED, MappingConfig, StyleGan2Config
from core.networks.stylegan2 import BINOMIAL
from core.text import shown

from .mapping import W_AVG
from .records import MAX_CLASSES, MAX_NAMED, MAX_RESOLUTION, MAX_TAPS, Settings, agree, shape_of
from .stylegan2 import MAX_CLAMP, checked
from .stylegan2_layout import (
    Array,
    Change,
    Rename,
    noise_names,
    plane,
    refuse_forks,
    renamed,
    saved_stylegan2,
    single,
    without_first,
)

CONST = re.compile(r"synthesis/([1-9][0-9]{0,3})x([1-9][0-9]{0,3})/Const/const")
AVERAGE = "dlatent_avg"
LABEL_MATRIX, LABEL_LAYER = "mapping/LabelConcat/weight", "mapping/LabelEmbed/weight"
GROWN_RGB = "synthesis/ToRGB_lod"  # then a number: the layers of configurations B to D, of which 0 is the last
GROWTH = ("synthesis/lod", "lod")  # how many resolutions are still to come
MAX_HALF = 16  # resolutions in float16

ONLY_TRAINING = "The smoothed copy `Gs` is missing from this file: the training generator `G` was loaded."
NO_MAPPING = "This is the synthesis of a StyleGAN2 network without its mapping network; open the complete snapshot."
RAW_LATENTS = "The mapping of this network does not normalise z, which no published StyleGAN2 network does."

# What generators of NVIDIA's code are made with. Most say nothing that shapes do not say, or are for training.
KNOWN = """
    latent_size label_size dlatent_size resolution num_channels fmap_base fmap_max fmap_min fmap_decay fmap_const
    architecture resample_kernel nonlinearity mapping_layers mapping_fmaps mapping_lrmul mapping_nonlinearity
    normalize_latents label_fmaps num_fp16_res conv_clamp use_noise randomize_noise synthesis_func mapping_func
    truncation_psi truncation_cutoff truncation_psi_val truncation_cutoff_val dlatent_avg_beta style_mixing_prob
    structure fused_modconv dtype dlatent_broadcast return_dlatents min_h min_w res_log2
"""
ARGUMENTS = frozenset(KNOWN.split())


class TensorFlowStyleGan2Layout:
    """Shapes come from the variables; from the arguments comes what shapes do not tell. The source is ignored."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        names = _variables(content) if isinstance(content, TensorFlowNetwork) else {}
        return any(name.endswith("/Conv/mod_weight") for name in names)

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, TensorFlowNetwork)  # as recognised
        variables = _variables(content)
        refuse_forks(variables)
        if "mapping" not in content.components or "synthesis" not in content.components:
            raise UnsupportedFile(NO_MAPPING)
        arguments = _arguments(content)
        notes = [ONLY_TRAINING] if content.name == "G" else []
        notes += _unknown(arguments)

        scopes, filter_taps = _scopes(variables), _filter(arguments)
        config = _config(variables, scopes, arguments, len(filter_taps))
        used = _of_use(variables)
        average = used.pop(AVERAGE, None)
        found = renamed(used, _names(config, scopes))
        for name, tensor in found.items():
            if name.endswith(".affine.bias"):
                found[name] = StoredTensor(to_float32(tensor) + 1, "float32")
        if average is not None:
            found[W_AVG] = average
        return saved_stylegan2(config, found, filter_taps), tuple(notes)


def _variables(network: TensorFlowNetwork) -> dict[str, StoredTensor]:
    """Those of the network and, after the name of the component, those of its components."""
    inside = {
        f"{key}/{name}": tensor
        for key, component in network.components.items()
        for name, tensor in _variables(component).items()
    }
    return {**network.variables, **inside}


def _arguments(network: TensorFlowNetwork) -> Settings:
    values: dict[str, Plain] = dict(network.arguments)
    for component in network.components.values():
        values.update(component.arguments)
    return Settings(values, network.name or "the generator")


def _unknown(arguments: Settings) -> list[str]:
    names = [name for name in arguments.values if name not in ARGUMENTS and not name.startswith("is_")]
    listed = ", ".join(f"`{shown(name, 60)}`" for name in names[:MAX_NAMED])
    return [f"It was made with settings that this program does not know: {listed}."] if names else []


def _of_use(variables: Mapping[str, StoredTensor]) -> dict[str, StoredTensor]:
    """Without what only a growing network needs. Raises UnsupportedFile if this is one that has not grown up."""
    growth = [float(n) for name in GROWTH if name in variables for n in to_float32(variables[name]).flat[:1]]
    grows = any(name.startswith(GROWN_RGB) for name in variables)
    if grows and any(growth):
        raise UnsupportedFile(
            f"This StyleGAN2 network was saved before it had grown to its full size (lod {growth[0]:g}); "
            "open a later snapshot."
        )
    earlier = [name for name in variables if name.startswith(GROWN_RGB) and not name.startswith(f"{GROWN_RGB}0/")]
    return {name: tensor for name, tensor in variables.items() if name not in (*GROWTH, *earlier)}


# ----------------------------------------------------------------------------
# The configuration.


@dataclass(frozen=True)
class Scopes:
    """Where the layers of each resolution stand, and how they make the picture."""

    height: int  # of the constant
    width: int
    blocks: int
    architecture: str
    last_rgb: str

    def __getitem__(self, index: int) -> str:
        return f"synthesis/{self.height << index}x{self.width << index}"


def _scopes(variables: Mapping[str, StoredTensor]) -> Scopes:
    match = next((found for name in variables if (found := CONST.fullmatch(name))), None)
    if match is None:
        raise CheckpointError("The network lacks its constant, the variable `4x4/Const/const`; the file is damaged.")
    height, width = int(match[1]), int(match[2])
    more = takewhile(lambda i: f"synthesis/{height << i}x{width << i}/Conv1/weight" in variables, count(1))
    blocks = 1 + len(list(more))
    scopes = Scopes(height, width, blocks, "orig", f"{GROWN_RGB}0")
    if f"{GROWN_RGB}0/weight" in variables:
        return scopes
    last_rgb = f"{scopes[blocks - 1]}/ToRGB"
    if f"{scopes[1]}/Skip/weight" in variables:
        return Scopes(height, width, blocks, "resnet", last_rgb)
    return Scopes(height, width, blocks, "skip" if f"{scopes[0]}/ToRGB/weight" in variables else "orig", last_rgb)


def _config(
    variables: Mapping[str, StoredTensor], scopes: Scopes, arguments: Settings, taps: int
) -> StyleGan2Config:
    """Raises CheckpointError if shapes are missing, or arguments contradict them."""
    _, _, height, width = shape_of(variables, f"{scopes[0]}/Const/const", 4)
    agree("the size of its constant", (height, width), (scopes.height, scopes.width))
    convs = [f"{scopes[0]}/Conv/weight", *(f"{scopes[i]}/Conv1/weight" for i in range(1, scopes.blocks))]
    largest = 4 << (scopes.blocks - 1)
    half = arguments.integer("num_fp16_res", 0, MAX_HALF, 0)
    config = checked(
        StyleGan2Config(
            mapping=_mapping(variables, arguments),
            channels=tuple(shape_of(variables, name, 4)[3] for name in convs),
            image_channels=shape_of(variables, f"{scopes.last_rgb}/weight", 4)[3],
            const_size=(height, width),
            architecture=scopes.architecture,
            fp16_blocks=tuple(4 << i >= max(largest * 2 >> half, 8) for i in range(scopes.blocks)),
            conv_clamp=arguments.optional_number("conv_clamp", 0, MAX_CLAMP),
            activation=arguments.text("nonlinearity", "lrelu"),
            use_noise=f"{scopes[0]}/Conv/noise_strength" in variables,
            filter_shape=(taps, taps),
        )
    )
    if height == width:  # what forks with others call their resolution is not known
        size = height << (scopes.blocks - 1)
        agree("its resolution", arguments.integer("resolution", 4, MAX_RESOLUTION, size), size)
    if scopes.last_rgb.endswith("/ToRGB") and scopes.blocks > 1:  # else there is no telling
        agree("its architecture", arguments.text("architecture", scopes.architecture), scopes.architecture)
    return config


def _mapping(variables: Mapping[str, StoredTensor], arguments: Settings) -> MappingConfig:
    layers = list(takewhile(lambda i: f"mapping/Dense{i}/weight" in variables, count()))
    shapes = [shape_of(variables, f"mapping/Dense{i}/weight", 2) for i in layers]
    if not shapes:
        raise CheckpointError("The mapping network lacks its layers, the variables `mapping/Dense0/weight` and more.")
    if not arguments.flag("normalize_latents", True):
        raise UnsupportedFile(RAW_LATENTS)
    label, classes, embed_width = EMBEDDED, 0, 0
    if LABEL_MATRIX in variables:
        label, (classes, embed_width) = CONCATENATED, shape_of(variables, LABEL_MATRIX, 2)
    elif LABEL_LAYER in variables:
        classes, embed_width = shape_of(variables, LABEL_LAYER, 2)
    agree("the number of classes", arguments.integer("label_size", 0, MAX_CLASSES, classes), classes)
    return MappingConfig(
        z_dim=shapes[0][0] - embed_width,
        c_dim=classes,
        widths=tuple(out for _, out in shapes),
        embed_width=embed_width,
        activation=arguments.text("mapping_nonlinearity", "lrelu"),
        lr=arguments.number("mapping_lrmul", 1e-6, 1e3, 0.01),
        label=label,
    )


def _filter(arguments: Settings) -> tuple[float, ...]:
    """The resampling filter, along one axis. Raises UnsupportedFile if it looks different from its other end."""
    if "resample_kernel" not in arguments.values:
        return BINOMIAL
    values = arguments.sequence("resample_kernel")
    taps = tuple(Settings({"resample_kernel": v}, arguments.where).number("resample_kernel", 0, 1e6) for v in values)
    if not 1 <= len(taps) <= MAX_TAPS or not any(taps) or taps != taps[::-1]:
        raise UnsupportedFile(f"The resampling filter of this network, {list(taps[:8])}, is of an unknown kind.")
    return taps


# ----------------------------------------------------------------------------
# Names.


def _transposed(array: Array) -> Array:
    """[in, out] -> [out, in]"""
    return array.transpose(1, 0)


def _kernel(array: Array) -> Array:
    """[h, w, in, out] -> [out, in, h, w]"""
    return array.transpose(3, 2, 0, 1)


def _turned_kernel(array: Array) -> Array:
    """The same for layers that up-sample: TensorFlow's are turned by half a turn."""
    return array.transpose(3, 2, 0, 1)[:, :, ::-1, ::-1]


def _names(config: StyleGan2Config, scopes: Scopes) -> Iterator[Rename]:
    for i in range(len(config.mapping.widths)):
        yield Rename(f"mapping.fc{i}.weight", f"mapping/Dense{i}/weight", _transposed)
        yield Rename(f"mapping.fc{i}.bias", f"mapping/Dense{i}/bias")
    if config.mapping.label == CONCATENATED:
        yield Rename("mapping.embed.weight", LABEL_MATRIX, _transposed)
    elif config.mapping.c_dim:
        yield Rename("mapping.embed.weight", LABEL_LAYER, _transposed)
        yield Rename("mapping.embed.bias", "mapping/LabelEmbed/bias")
    yield Rename("synthesis.b4.const", f"{scopes[0]}/Const/const", without_first)
    yield from _conv(config, "synthesis.b4.conv1", f"{scopes[0]}/Conv")
    for i, r in enumerate(config.resolutions):
        if i:
            yield from _conv(config, f"synthesis.b{r}.conv0", f"{scopes[i]}/Conv0_up", _turned_kernel)
            yield from _conv(config, f"synthesis.b{r}.conv1", f"{scopes[i]}/Conv1")
        if i and config.architecture == "resnet":
            yield Rename(f"synthesis.b{r}.skip.weight", f"{scopes[i]}/Skip/weight", _turned_kernel)
        if i == scopes.blocks - 1:
            yield from _modulated(f"synthesis.b{r}.torgb", scopes.last_rgb)
        elif config.architecture == "skip":
            yield from _modulated(f"synthesis.b{r}.torgb", f"{scopes[i]}/ToRGB")
    for i, (name, _) in enumerate(noise_names(config) if config.use_noise else ()):
        yield Rename(name, f"synthesis/noise{i}", plane)


def _conv(config: StyleGan2Config, name: str, source: str, change: Change = _kernel) -> Iterator[Rename]:
    yield from _modulated(name, source, change)
    if config.use_noise:
        yield Rename(f"{name}.noise_strength", f"{source}/noise_strength", single)


def _modulated(name: str, source: str, change: Change = _kernel) -> Iterator[Rename]:
    yield Rename(f"{name}.weight", f"{source}/weight", change)
    yield Rename(f"{name}.bias", f"{source}/bias")
    yield Rename(f"{name}.affine.weight", f"{source}/mod_weight", _transposed)
    yield Rename(f"{name}.affine.bias", f"{source}/mod_bias")
