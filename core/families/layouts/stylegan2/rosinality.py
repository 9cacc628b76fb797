"""StyleGAN2 in the layout of rosinality's stylegan2-pytorch, alone or as the decoder of pSp and e4e."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count, takewhile

import numpy as np

from core.base.errors import CheckpointError, UnsupportedFile
from core.base.text import shown
from core.families.architectures.stylegan2 import checked
from core.families.common.mapping import W_AVG
from core.families.common.records import agree, shape_of
from core.families.layouts.stylegan2.stylegan2_layout import (
    Rename,
    flat,
    made_up_noise,
    noise_names,
    plane,
    refuse_forks,
    renamed,
    saved_stylegan2,
    single,
    without_first,
)
from core.loading.common.checkpoint import SavedNetwork, StateDict, StoredTensor, TensorFlowNetwork
from core.loading.formats.saved import to_float32
from core.networks.parts.config import MappingConfig, StyleGan2Config
from core.networks.stylegan2 import BINOMIAL
from ops.fir import setup_filter

PREFIXES = ("", "decoder.")  # alone; of pSp, e4e and their kin
SIGNS = ("convs.0.conv.weight", "to_rgb1.conv.weight")
AVERAGE = "latent_avg"
KERNEL = ".kernel"
KERNEL_GAIN = 4.0  # what the stored filters are multiplied by, for up-sampling
KERNEL_TOLERANCE = 1e-3

ONLY_TRAINING = "The smoothed copy `g_ema` is missing from this file: the training generator `g` was loaded."
ENCODER = "The encoder of this file is left out; only its decoder, a StyleGAN2 network, is used."
NO_NOISE = "The file has no noise maps; the constant noise is drawn from a seed."


class RosinalityStyleGan2Layout:
    """Every width comes from a shape; what other programs made of the network is told by names it does not have."""

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        return isinstance(content, StateDict) and _prefix(content.tensors) is not None

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # as recognised
        prefix = _prefix(content.tensors) or ""
        inside = {name.removeprefix(prefix): t for name, t in content.tensors.items() if name.startswith(prefix)}
        average = inside.pop(AVERAGE, None) or content.beside.get(AVERAGE)
        notes = [ONLY_TRAINING] if content.wrapper == "g" else []
        notes += [ENCODER] if len(inside) < len(content.tensors) and prefix else []

        tensors = _without_kernels(inside)
        refuse_forks(tensors)
        config = _config(tensors)
        found = renamed(tensors, _names(config, with_noise=_has_noise(tensors)))
        if not _has_noise(tensors):
            found |= made_up_noise(config)
            notes.append(NO_NOISE)
        if isinstance(average, StoredTensor):
            found[W_AVG] = _centre(average, config.mapping.w_dim)
        return saved_stylegan2(config, found), tuple(notes)


def _prefix(tensors: Mapping[str, StoredTensor]) -> str | None:
    return next((prefix for prefix in PREFIXES if all(prefix + sign in tensors for sign in SIGNS)), None)


def _has_noise(tensors: Mapping[str, StoredTensor]) -> bool:
    return any(name.startswith("noises.") for name in tensors)


def _without_kernels(tensors: Mapping[str, StoredTensor]) -> dict[str, StoredTensor]:
    """Raises UnsupportedFile if one of them is not the filter of the published networks."""
    usual = setup_filter(BINOMIAL).numpy() * KERNEL_GAIN
    for name, tensor in tensors.items():
        if name.endswith(KERNEL):
            taps = to_float32(tensor) if tensor.shape == usual.shape else None
            if taps is None or not np.allclose(taps, usual, atol=KERNEL_TOLERANCE):
                raise UnsupportedFile(
                    f"The filter `{shown(name, 80)}` is not the [1, 3, 3, 1] of published networks; this program does "
                    "not know such networks."
                )
    return {name: tensor for name, tensor in tensors.items() if not name.endswith(KERNEL)}


def _config(tensors: Mapping[str, StoredTensor]) -> StyleGan2Config:
    """Raises CheckpointError if shapes are missing or unreasonable."""
    layers = _numbered(tensors, "style.{}.weight", first=1)
    convs = _numbered(tensors, "convs.{}.conv.weight")
    if not layers:
        raise CheckpointError("The network lacks its mapping, the tensors `style.1.weight` and following.")
    agree("the number of its layers", len(convs), 2 * len(_numbered(tensors, "to_rgbs.{}.conv.weight")))
    shapes = [shape_of(tensors, f"style.{i}.weight", 2) for i in layers]
    _, channels, height, width = shape_of(tensors, "input.input", 4)
    widths = [shape_of(tensors, f"convs.{i}.conv.weight", 5)[1] for i in convs if i % 2]
    return checked(
        StyleGan2Config(
            mapping=MappingConfig(z_dim=shapes[0][1], c_dim=0, widths=tuple(out for out, _ in shapes)),
            channels=(channels, *widths),
            image_channels=shape_of(tensors, "to_rgb1.conv.weight", 5)[1],
            const_size=(height, width),
        )
    )


def _numbered(tensors: Mapping[str, StoredTensor], name: str, first: int = 0) -> list[int]:
    """The numbers from `first` on, without a gap, under which there is a tensor."""
    return list(takewhile(lambda i: name.format(i) in tensors, count(first)))


def _centre(average: StoredTensor, w_dim: int) -> StoredTensor:
    """[w_dim], [1, w_dim], or a row for each layer, all alike."""
    if len(average.shape) not in (1, 2) or average.array.size == 0 or average.shape[-1] != w_dim:
        raise CheckpointError(f"The average w, `{AVERAGE}`, has the shape {average.shape} instead of ({w_dim},).")
    return StoredTensor(average.array.reshape(-1, w_dim)[0], average.dtype)


# ----------------------------------------------------------------------------
# Names.


def _names(config: StyleGan2Config, *, with_noise: bool) -> Iterator[Rename]:
    for i in range(len(config.mapping.widths)):
        for tensor in ("weight", "bias"):
            yield Rename(f"mapping.fc{i}.{tensor}", f"style.{i + 1}.{tensor}")
    yield Rename("synthesis.b4.const", "input.input", without_first)
    yield from _conv("synthesis.b4.conv1", "conv1")
    yield from _rgb("synthesis.b4.torgb", "to_rgb1")
    for i, r in enumerate(config.resolutions[1:]):
        yield from _conv(f"synthesis.b{r}.conv0", f"convs.{2 * i}")
        yield from _conv(f"synthesis.b{r}.conv1", f"convs.{2 * i + 1}")
        yield from _rgb(f"synthesis.b{r}.torgb", f"to_rgbs.{i}")
    if with_noise:
        for i, (name, _) in enumerate(noise_names(config)):
            yield Rename(name, f"noises.noise_{i}", plane)


def _conv(name: str, source: str) -> Iterator[Rename]:
    yield from _modulated(name, source)
    yield Rename(f"{name}.noise_strength", f"{source}.noise.weight", single)
    yield Rename(f"{name}.bias", f"{source}.activate.bias")


def _rgb(name: str, source: str) -> Iterator[Rename]:
    yield from _modulated(name, source)
    yield Rename(f"{name}.bias", f"{source}.bias", flat)


def _modulated(name: str, source: str) -> Iterator[Rename]:
    yield Rename(f"{name}.weight", f"{source}.conv.weight", without_first)
    yield Rename(f"{name}.affine.weight", f"{source}.conv.modulation.weight")
    yield Rename(f"{name}.affine.bias", f"{source}.conv.modulation.bias")
