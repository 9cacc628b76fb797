"""StyleGAN2 as NVIDIA's TensorFlow code pickles it: the configurations B to F of its paper, and ADA."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.base.errors import CheckpointError, UnsupportedFile
from core.families.architectures.stylegan2 import MAX_CLAMP, checked
from core.families.common.mapping import average_of
from core.families.common.records import MAX_RESOLUTION, MAX_TAPS, Settings, agree, shape_of
from core.families.common.renames import Array, Change, Rename, numbered, plane, renamed, single, turned, without_first
from core.families.common.tensorflow_arguments import ONLY_TRAINING, Arguments, block_names, variables
from core.families.layouts.stylegan2.stylegan2_layout import noise_names, refuse_forks, saved_stylegan2, styles_with_one
from core.loading.common.checkpoint import SavedNetwork, StateDict, StoredTensor, TensorFlowNetwork
from core.loading.formats.saved import to_float32
from core.networks.parts.config import CONCATENATED, EMBEDDED, MappingConfig, StyleGan2Config
from core.networks.stylegan2 import BINOMIAL

CONST = re.compile(r"synthesis/([1-9][0-9]{0,3})x([1-9][0-9]{0,3})/Const/const")
AVERAGE = "dlatent_avg"
LABEL_MATRIX, LABEL_LAYER = "mapping/LabelConcat/weight", "mapping/LabelEmbed/weight"
GROWN_RGB = "synthesis/ToRGB_lod"  # then a number: the layers of configurations B to D, of which 0 is the last
GROWTH = ("synthesis/lod", "lod")  # how many resolutions are still to come
PSI = 0.5  # of files that say nothing else
MAX_HALF = 16  # resolutions in float16

NO_MAPPING = "This is the synthesis of a StyleGAN2 network without its mapping network; open the complete snapshot."
RAW_LATENTS = "The mapping of this network does not normalise z, which no published StyleGAN2 network does."

# Arguments that shapes tell better, or that concern training.
IGNORED = "label_fmaps fmap_const use_noise fused_modconv return_dlatents min_h min_w res_log2"


class TensorFlowStyleGan2Layout:
    """Shapes come from the variables; from the arguments comes what shapes do not tell. The source is ignored."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        names = variables(content) if isinstance(content, TensorFlowNetwork) else {}
        return any(name.endswith("/mod_weight") for name in names)

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, TensorFlowNetwork)  # as recognised
        tensors, arguments = variables(content), Arguments(content)
        refuse_forks(tensors)
        if "mapping" not in content.components or "synthesis" not in content.components:
            raise UnsupportedFile(NO_MAPPING)
        used, average = _of_use(tensors)
        scopes, taps = _scopes(tensors), _filter(arguments)
        config = _config(tensors, scopes, arguments, len(taps))
        found = styles_with_one(renamed(used, _names(config, scopes)))
        found |= average_of(average, config.mapping.w_dim, AVERAGE)

        notes = [ONLY_TRAINING] if content.name == "G" else []
        notes.append(_truncation(arguments, config.num_ws))
        for name in IGNORED.split():
            arguments.about(name)
        return saved_stylegan2(config, found, taps), (*notes, *arguments.notes())


def _of_use(tensors: Mapping[str, StoredTensor]) -> tuple[dict[str, StoredTensor], StoredTensor | None]:
    """The tensors without what only a growing network needs, and the average w.

    Raises UnsupportedFile if this is a network that has not grown up.
    """
    growth = [float(n) for name in GROWTH if name in tensors for n in to_float32(tensors[name]).flat[:1]]
    grows = any(name.startswith(GROWN_RGB) for name in tensors)
    if grows and any(growth):
        raise UnsupportedFile(
            f"This StyleGAN2 network was saved before it had grown to its full size (lod {growth[0]:g}); "
            "open a later snapshot."
        )
    earlier = [name for name in tensors if name.startswith(GROWN_RGB) and not name.startswith(f"{GROWN_RGB}0/")]
    left_out = (AVERAGE, *GROWTH, *earlier)
    return {name: tensor for name, tensor in tensors.items() if name not in left_out}, tensors.get(AVERAGE)


def _truncation(arguments: Arguments, num_ws: int) -> str:
    """A note on how the code that made the network shows it."""
    if arguments.is_none("truncation_psi"):
        return "Its own pictures are made without truncation."
    psi = arguments.about("truncation_psi").number("truncation_psi", -1e6, 1e6, PSI)
    cutoff = arguments.about("truncation_cutoff").integer("truncation_cutoff", 0, 1 << 30, num_ws)
    where = f" on the first {cutoff} of its {num_ws} layers" if cutoff < num_ws else ""
    return f"Its own pictures are made with psi {psi:g}{where}."


# ----------------------------------------------------------------------------
# The configuration.


@dataclass(frozen=True)
class Scopes:
    """Where the layers of each resolution stand, and how they make the picture."""

    height: int  # of the constant, as its name has it
    width: int
    blocks: int
    architecture: str
    last_rgb: str

    def __getitem__(self, index: int) -> str:
        return f"synthesis/{self.height << index}x{self.width << index}"


def _scopes(tensors: Mapping[str, StoredTensor]) -> Scopes:
    names = block_names(tensors, "synthesis/")
    match = next((found for name in tensors if (found := CONST.fullmatch(name))), None)
    if match is None:
        raise CheckpointError(f"The network lacks its constant, `{names[0]}Const/const`; the file is damaged.")
    height, width, blocks = int(match[1]), int(match[2]), len(names)
    scopes = Scopes(height, width, blocks, "orig", f"{GROWN_RGB}0")

    def has(part: str) -> bool:
        return any(name.startswith(f"{part}/") for name in tensors)

    if has(f"{GROWN_RGB}0"):
        return scopes
    last_rgb = f"{scopes[blocks - 1]}/ToRGB"
    if has(f"{scopes[1]}/Skip"):
        return Scopes(height, width, blocks, "resnet", last_rgb)
    return Scopes(height, width, blocks, "skip" if has(f"{scopes[0]}/ToRGB") else "orig", last_rgb)


def _config(tensors: Mapping[str, StoredTensor], scopes: Scopes, arguments: Arguments, taps: int) -> StyleGan2Config:
    """Raises CheckpointError if shapes are missing, or arguments contradict them."""
    _, _, height, width = shape_of(tensors, f"{scopes[0]}/Const/const", 4)
    named = (scopes.height, scopes.width)
    if named != (4, 4):  # else it may be of a fork whose blocks keep the names of square ones
        agree("the size of its constant", (height, width), named)
    if arguments.about("init_res").has("init_res"):
        told = arguments.about("init_res").integers("init_res", 1, MAX_RESOLUTION, (2,))
        agree("the size of its constant", (height, width), told)
    convs = [f"{scopes[0]}/Conv/weight", *(f"{scopes[i]}/Conv1/weight" for i in range(1, scopes.blocks))]
    largest = 4 << (scopes.blocks - 1)
    half = arguments.about("num_fp16_res").integer("num_fp16_res", 0, MAX_HALF, 0)
    config = checked(
        StyleGan2Config(
            mapping=_mapping(tensors, arguments),
            channels=tuple(shape_of(tensors, name, 4)[3] for name in convs),
            image_channels=shape_of(tensors, f"{scopes.last_rgb}/weight", 4)[3],
            const_size=(height, width),
            architecture=scopes.architecture,
            fp16_blocks=tuple(4 << i >= max(largest * 2 >> half, 8) for i in range(scopes.blocks)),
            conv_clamp=arguments.about("conv_clamp").optional_number("conv_clamp", 0, MAX_CLAMP),
            activation=arguments.about("nonlinearity").text("nonlinearity", "lrelu"),
            use_noise=any(name.endswith("/noise_strength") for name in tensors),
            filter_shape=(taps, taps),
        )
    )
    size = height << (scopes.blocks - 1)
    resolution = arguments.about("resolution").integer("resolution", 4, MAX_RESOLUTION, size)
    if height == width == scopes.height:  # what forks with others call their resolution is not known
        agree("its resolution", resolution, size)
    architecture = arguments.about("architecture").text("architecture", scopes.architecture)
    if scopes.last_rgb.endswith("/ToRGB") and scopes.blocks > 1:  # else there is no telling
        agree("its architecture", architecture, scopes.architecture)
    arguments.check("num_channels", config.image_channels)
    arguments.check("label_size", config.mapping.c_dim)
    arguments.check("latent_size", config.mapping.z_dim)
    arguments.check("dlatent_size", config.mapping.w_dim)
    arguments.check("mapping_layers", len(config.mapping.widths))
    return config


def _mapping(tensors: Mapping[str, StoredTensor], arguments: Arguments) -> MappingConfig:
    layers = numbered(tensors, "mapping/Dense{}/weight")
    shapes = [shape_of(tensors, f"mapping/Dense{i}/weight", 2) for i in layers]
    if not shapes:
        raise CheckpointError("The mapping network lacks its layers, the variables `mapping/Dense0/weight` and more.")
    if not arguments.about("normalize_latents").flag("normalize_latents", True):
        raise UnsupportedFile(RAW_LATENTS)
    label, classes, embed_width = EMBEDDED, 0, 0
    if LABEL_MATRIX in tensors:
        label, (classes, embed_width) = CONCATENATED, shape_of(tensors, LABEL_MATRIX, 2)
    elif LABEL_LAYER in tensors:
        classes, embed_width = shape_of(tensors, LABEL_LAYER, 2)
    return MappingConfig(
        z_dim=shapes[0][0] - embed_width,
        c_dim=classes,
        widths=tuple(out for _, out in shapes),
        embed_width=embed_width,
        activation=arguments.about("mapping_nonlinearity").text("mapping_nonlinearity", "lrelu"),
        lr=arguments.about("mapping_lrmul").number("mapping_lrmul", 1e-6, 1e3, 0.01),
        label=label,
    )


def _filter(arguments: Arguments) -> tuple[float, ...]:
    """The resampling filter, along one axis. Raises UnsupportedFile if it looks different from its other end."""
    known = arguments.about("resample_kernel")
    if "resample_kernel" not in known.values:
        return BINOMIAL
    values = known.sequence("resample_kernel")
    taps = tuple(Settings({"resample_kernel": v}, known.where).number("resample_kernel", 0, 1e6) for v in values)
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
    return turned(_kernel(array))


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
