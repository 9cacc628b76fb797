"""StyleGAN2 in the layout of rosinality's stylegan2-pytorch, alone or as the decoder of pSp and e4e."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.base.errors import CheckpointError
from core.families.architectures.stylegan2 import checked
from core.families.common.mapping import LATENT_AVERAGE, average_of, mapping_of_shapes
from core.families.common.records import agree, shape_of
from core.families.common.renames import Rename, flat, numbered, plane, renamed, single, without_first
from core.families.layouts.stylegan2.stylegan2_layout import (
    NO_NOISE,
    made_up_noise,
    noise_names,
    refuse_forks,
    saved_stylegan2,
    without_kernels,
)
from core.loading.common.checkpoint import SavedNetwork, StateDict, StoredTensor, TensorFlowNetwork
from core.networks.parts.config import StyleGan2Config

PREFIXES = ("", "decoder.")  # alone; of pSp, e4e and their kin

ONLY_TRAINING = "The smoothed copy `g_ema` is missing from this file: the training generator `g` was loaded."
ENCODER = "The encoder of this file is left out; only its decoder, a StyleGAN2 network, is used."


@dataclass(frozen=True)
class Spelling:
    """What a program calls the parts of the network."""

    mapping: str = "style.{}"  # numbered from 1
    const: str = "input.input"
    first: str = "conv1"
    convs: str = "convs.{}"
    modulated: str = "conv"  # inside of a layer
    strength: str = "noise.weight"  # inside of a layer
    noise: str = "noises.noise_{}"

    def conv(self, number: int) -> str:
        """The name of a convolution, numbered from 0."""
        return self.convs.format(number - 1) if number else self.first

    def rgb(self, number: int) -> str:
        return f"to_rgbs.{number - 1}" if number else "to_rgb1"

    def weight(self, layer: str) -> str:
        return f"{layer}.{self.modulated}.weight"

    @property
    def signs(self) -> tuple[str, str]:
        """What is in all files, and in those of no other layout."""
        return self.weight(self.conv(1)), self.weight(self.rgb(0))


class RosinalityStyleGan2Layout:
    """Every width comes from a shape; what other programs made of the network is told by names it does not have."""

    spelling = Spelling()

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        return isinstance(content, StateDict) and self._prefix(content.tensors) is not None

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # as recognised
        prefix = self._prefix(content.tensors) or ""
        inside = {name.removeprefix(prefix): t for name, t in content.tensors.items() if name.startswith(prefix)}
        average = inside.pop(LATENT_AVERAGE, None) or content.beside.get(LATENT_AVERAGE)
        notes = [ONLY_TRAINING] if content.wrapper == "g" else []
        notes += [ENCODER] if len(inside) < len(content.tensors) and prefix else []

        tensors = without_kernels(inside)
        refuse_forks(tensors)
        config = _config(tensors, self.spelling)
        with_noise = any(name.startswith("noises.") for name in tensors)
        found = renamed(tensors, _names(config, self.spelling, with_noise=with_noise))
        if not with_noise:
            found |= made_up_noise(config)
            notes.append(NO_NOISE)
        found |= average_of(average, config.mapping.w_dim, LATENT_AVERAGE)
        return saved_stylegan2(config, found), tuple(notes)

    def _prefix(self, tensors: Mapping[str, StoredTensor]) -> str | None:
        signs = self.spelling.signs
        return next((prefix for prefix in PREFIXES if all(prefix + sign in tensors for sign in signs)), None)


def _config(tensors: Mapping[str, StoredTensor], spelling: Spelling) -> StyleGan2Config:
    """Raises CheckpointError if shapes are missing or unreasonable."""
    names = [f"{spelling.mapping.format(i)}.weight" for i in numbered(tensors, f"{spelling.mapping}.weight", first=1)]
    convs = [f"{spelling.convs.format(i)}" for i in numbered(tensors, spelling.weight(spelling.convs))]
    if not names:
        first = f"{spelling.mapping.format(1)}.weight"
        raise CheckpointError(f"The network lacks its mapping, the tensors `{first}` and following.")
    rgbs = numbered(tensors, spelling.weight("to_rgbs.{}"))
    agree("the number of its layers", len(convs), 2 * len(rgbs))
    mapping = mapping_of_shapes([shape_of(tensors, name, 2) for name in names])
    _, channels, height, width = shape_of(tensors, spelling.const, 4)
    widths = [shape_of(tensors, spelling.weight(conv), 5)[1] for conv in convs[1::2]]
    return checked(
        StyleGan2Config(
            mapping=mapping,
            channels=(channels, *widths),
            image_channels=shape_of(tensors, spelling.weight(spelling.rgb(0)), 5)[1],
            const_size=(height, width),
        )
    )


# ----------------------------------------------------------------------------
# Names.


def _names(config: StyleGan2Config, spelling: Spelling, *, with_noise: bool) -> Iterator[Rename]:
    for i in range(len(config.mapping.widths)):
        for tensor in ("weight", "bias"):
            yield Rename(f"mapping.fc{i}.{tensor}", f"{spelling.mapping.format(i + 1)}.{tensor}")
    yield Rename("synthesis.b4.const", spelling.const, without_first)
    for i, r in enumerate(config.resolutions):
        for conv in ("conv0", "conv1") if i else ("conv1",):
            name, source = f"synthesis.b{r}.{conv}", spelling.conv(2 * i - (conv == "conv0"))
            yield from _modulated(name, f"{source}.{spelling.modulated}")
            yield Rename(f"{name}.noise_strength", f"{source}.{spelling.strength}", single)
            yield Rename(f"{name}.bias", f"{source}.activate.bias")
        yield from _modulated(f"synthesis.b{r}.torgb", f"{spelling.rgb(i)}.{spelling.modulated}")
        yield Rename(f"synthesis.b{r}.torgb.bias", f"{spelling.rgb(i)}.bias", flat)
    if with_noise:
        for i, (name, _) in enumerate(noise_names(config)):
            yield Rename(name, spelling.noise.format(i), plane)


def _modulated(name: str, source: str) -> Iterator[Rename]:
    yield Rename(f"{name}.weight", f"{source}.weight", without_first)
    yield Rename(f"{name}.affine.weight", f"{source}.modulation.weight")
    yield Rename(f"{name}.affine.bias", f"{source}.modulation.bias")
