"""StyleGAN2 in the layout of genforce, which InterFaceGAN and SeFa use too: named after TensorFlow's variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core.base.errors import CheckpointError, UnsupportedFile
from core.base.text import shown
from core.families.architectures.stylegan2 import checked
from core.families.common.mapping import average_of, mapping_of_shapes
from core.families.common.records import shape_of
from core.families.common.renames import (
    Change,
    Rename,
    numbered,
    plane,
    renamed,
    single,
    turned,
    unchanged,
    without_first,
)
from core.families.layouts.stylegan2.stylegan2_layout import (
    NO_NOISE,
    made_up_noise,
    noise_names,
    refuse_forks,
    saved_stylegan2,
    styles_with_one,
    without_kernels,
)
from core.loading.common.checkpoint import SavedNetwork, StateDict, StoredTensor, TensorFlowNetwork
from core.networks.parts.config import CONCATENATED, MappingConfig, StyleGan2Config

CONST = "synthesis.early_layer.const"
SIGNS = ("mapping.dense0.weight", CONST, "synthesis.layer0.style.weight")
AVERAGE = "truncation.w_avg"
LABELS = "mapping.label_weight"  # [classes, width], after which z and label are normalised together
DENSE = "mapping.dense{}.weight"
LAYER = "synthesis.layer{}.weight"
RGB = "synthesis.output{}"


class GenforceStyleGan2Layout:
    """Every width comes from a shape. Biases of styles and kernels that up-sample are as in TensorFlow."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        return (
            isinstance(content, StateDict)
            and all(sign in content.tensors for sign in SIGNS)
            and any(name.startswith("synthesis.output") and ".style." in name for name in content.tensors)
        )

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # as recognised
        tensors = without_kernels(content.tensors)
        refuse_forks(tensors)
        average = tensors.pop(AVERAGE, None)
        config = _config(tensors)
        with_noise = any(name.startswith("synthesis.") and name.endswith(".noise") for name in tensors)
        wanted = list(_names(config, with_noise=with_noise))
        _refuse_others(tensors, {one.source for one in wanted})
        found = styles_with_one(renamed(tensors, wanted))
        found |= average_of(average, config.mapping.w_dim, AVERAGE)
        if with_noise:
            return saved_stylegan2(config, found), ()
        return saved_stylegan2(config, found | made_up_noise(config)), (NO_NOISE,)


def _refuse_others(tensors: Mapping[str, StoredTensor], known: set[str]) -> None:
    """Raises UnsupportedFile if the synthesis has weights that the network would be another one without."""
    for name in tensors:
        if name not in known and name.startswith("synthesis.") and name.endswith(".weight"):
            raise UnsupportedFile(
                f"This is a StyleGAN2 network of genforce with a part that this program does not know, "
                f"`{shown(name, 80)}`; only networks that sum up their pictures (`skip`, `origin`) can be opened."
            )


def _config(tensors: Mapping[str, StoredTensor]) -> StyleGan2Config:
    """Raises CheckpointError if shapes are missing or unreasonable."""
    layers = numbered(tensors, LAYER)
    if len(layers) % 2 == 0:
        raise CheckpointError(f"The network has {len(layers)} layers; there are two for each resolution but the first.")
    _, channels, height, width = shape_of(tensors, CONST, 4)
    blocks = (len(layers) + 1) // 2
    is_skip = blocks == 1 or any(name.startswith(f"{RGB.format(0)}.") for name in tensors)
    return checked(
        StyleGan2Config(
            mapping=_mapping(tensors),
            channels=(channels, *(shape_of(tensors, LAYER.format(i), 4)[0] for i in layers[2::2])),
            image_channels=shape_of(tensors, f"{RGB.format(blocks - 1)}.weight", 4)[0],
            const_size=(height, width),
            architecture="skip" if is_skip else "orig",
        )
    )


def _mapping(tensors: Mapping[str, StoredTensor]) -> MappingConfig:
    shapes = [shape_of(tensors, DENSE.format(i), 2) for i in numbered(tensors, DENSE)]
    if LABELS not in tensors:
        return mapping_of_shapes(shapes)
    classes, width = shape_of(tensors, LABELS, 2)
    widths = tuple(out for out, _ in shapes)
    return MappingConfig(max(0, shapes[0][1] - width), classes, widths, width, label=CONCATENATED)


# ----------------------------------------------------------------------------
# Names.


def _names(config: StyleGan2Config, *, with_noise: bool) -> Iterator[Rename]:
    for i in range(len(config.mapping.widths)):
        for tensor in ("weight", "bias"):
            yield Rename(f"mapping.fc{i}.{tensor}", f"mapping.dense{i}.{tensor}")
    if config.mapping.c_dim:
        yield Rename("mapping.embed.weight", LABELS, lambda array: array.transpose(1, 0))
    yield Rename("synthesis.b4.const", CONST, without_first)
    for number, (noise, _) in enumerate(noise_names(config)):
        name, source = noise.rpartition(".")[0], f"synthesis.layer{number}"
        yield from _styled(name, source, turned if name.endswith("conv0") else unchanged)
        yield Rename(f"{name}.noise_strength", f"{source}.noise_strength", single)
        if with_noise:
            yield Rename(noise, f"{source}.noise", plane)
    for i, r in enumerate(config.resolutions):
        if config.architecture == "skip" or r == config.resolutions[-1]:
            yield from _styled(f"synthesis.b{r}.torgb", RGB.format(i))


def _styled(name: str, source: str, change: Change = unchanged) -> Iterator[Rename]:
    yield Rename(f"{name}.weight", f"{source}.weight", change)
    yield Rename(f"{name}.bias", f"{source}.bias")
    yield Rename(f"{name}.affine.weight", f"{source}.style.weight")
    yield Rename(f"{name}.affine.bias", f"{source}.style.bias")
