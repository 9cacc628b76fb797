"""StyleGAN2 of the package stylegan2-pytorch: its checkpoints, and our own files."""

from __future__ import annotations

from dataclasses import asdict

import torch

from core.base.errors import CheckpointError, UnsupportedFile
from core.families.common.converted import ConvertedFamily, largest_channels
from core.families.common.records import (
    MAX_CHANNELS,
    MAX_LATENT,
    MAX_LAYERS,
    MAX_RESOLUTION,
    Settings,
    agree,
    unreasonable,
)
from core.families.common.tensor_renaming import Array, Foreign, stored
from core.loading.common.checkpoint import SavedNetwork, StateDict, TensorFlowNetwork
from core.networks.stylegan2_pytorch import FIRST, LR, LucidrainsStyleGan2, LucidrainsStyleGan2Config, Mapping

MAX_BLOCKS = 11
SMOOTHED, TRAINED = ("SE.", "GE."), ("S.", "G.")
UNUSED = ("S.", "G.", "SE.", "D.", "D_aug.")  # what the names of what is not needed begin with
ESTIMATED = "The file has no average w; truncation uses one estimated from 2000 samples."
ONLY_TRAINED = "The smoothed copy `GE` is missing from this file: the training generator `G` was loaded."
WHAT = "a StyleGAN2 network of stylegan2-pytorch"
FORKS = {"attns.": "attention", "to_initial_block.": "no learned constant"}
NOISE_SEED = 0  # of the constant noise, which no file has


class LucidrainsStyleGan2Family(ConvertedFamily):
    """Family and layout in one."""

    key = "stylegan2-pytorch"
    network = LucidrainsStyleGan2

    def config_of(self, values: Settings) -> LucidrainsStyleGan2Config:
        return checked(
            LucidrainsStyleGan2Config(
                z_dim=values.integer("z_dim", 1, MAX_LATENT),
                widths=values.integers("widths", 1, MAX_LATENT, range(1, MAX_LAYERS + 1)),
                first=values.integer("first", 1, MAX_CHANNELS),
                channels=values.integers("channels", 1, MAX_CHANNELS, range(1, MAX_BLOCKS + 1)),
                image_channels=values.integer("image_channels", 1, 4),
                lr=values.number("lr", 1e-6, 1e3),
            )
        )

    # -- Checkpoints ----------------------------------------------------------

    def recognises(self, content: StateDict | TensorFlowNetwork) -> bool:
        return isinstance(content, StateDict) and any(
            f"{mapping}net.0.weight" in content.tensors and f"{generator}blocks.0.conv1.weight" in content.tensors
            for mapping, generator in (SMOOTHED, TRAINED)
        )

    def saved(self, content: StateDict | TensorFlowNetwork) -> tuple[SavedNetwork, tuple[str, ...]]:
        assert isinstance(content, StateDict)  # no other is recognised
        named = Foreign(content.tensors, WHAT, ())
        smoothed = named.has_part(f"{SMOOTHED[1]}blocks.")
        mapping, generator = SMOOTHED if smoothed else TRAINED
        for name, words in FORKS.items():
            if any(key.startswith(generator + name) for key in content.tensors):
                raise UnsupportedFile(f"This is {WHAT} with {words}, which this program does not know.")
        config = checked(_config(named, mapping, generator))
        tensors = _tensors(named, config, mapping, generator)
        named.ignore(*(name for name in content.tensors if name.startswith(UNUSED)))
        notes = (ESTIMATED,) if smoothed else (ONLY_TRAINED, ESTIMATED)
        return SavedNetwork(self.key, asdict(config), {**named.left(), **stored(tensors)}), notes


def checked(config: LucidrainsStyleGan2Config) -> LucidrainsStyleGan2Config:
    """Raises RefusedFile for an unreasonable number."""
    largest_channels(config.first, *config.channels)
    edge = config.size(len(config.channels) - 1)
    if len(config.channels) > MAX_BLOCKS or edge > MAX_RESOLUTION:
        raise unreasonable("image_size", edge, f"at most {MAX_RESOLUTION}")
    if max(config.z_dim, *config.widths) > MAX_LATENT:
        raise unreasonable("latent_dim", max(config.z_dim, *config.widths), f"1 to {MAX_LATENT}")
    return config


def _config(named: Foreign, mapping: str, generator: str) -> LucidrainsStyleGan2Config:
    layers = _layers(named, mapping)
    shapes = [named.shape(f"{mapping}net.{number}.weight", 2) for number in layers]
    blocks = range(named.numbered(f"{generator}blocks.", MAX_BLOCKS))
    colours = {named.shape(f"{generator}blocks.{i}.to_rgb.conv.weight", 4)[0] for i in blocks}
    agree("its colours", *colours)
    if not 1 <= min(colours) <= 4:
        raise unreasonable("the number of its colours", min(colours), "1 to 4")
    return LucidrainsStyleGan2Config(
        z_dim=shapes[0][1],
        widths=tuple(out for out, _ in shapes),
        first=named.shape(f"{generator}initial_block", 4)[1],
        channels=tuple(named.shape(f"{generator}blocks.{i}.conv1.weight", 4)[0] for i in blocks),
        image_channels=min(colours),
        lr=LR,
    )


def _layers(named: Foreign, mapping: str) -> list[int]:
    """The numbers of the fully connected layers of the mapping: 0, 2, 4, ..., with activations between."""
    names = named.children(f"{mapping}net.")
    found = list(range(0, 2 * len(names), 2))
    if sorted(names) != sorted(map(str, found)) or len(names) > MAX_LAYERS:
        raise CheckpointError(f"The layers of the mapping are not numbered 0, 2, 4, ...: {', '.join(names[:5])}.")
    return found


def _tensors(named: Foreign, config: LucidrainsStyleGan2Config, mapping: str, generator: str) -> dict[str, Array]:
    first, width = config.first, config.w_dim
    edge = config.size(len(config.channels) - 1)
    tensors = {
        "synthesis.const": named.exactly(f"{generator}initial_block", 1, first, FIRST, FIRST)[0],
        "synthesis.weight": named.exactly(f"{generator}initial_conv.weight", first, first, 3, 3),
        "synthesis.bias": named.exactly(f"{generator}initial_conv.bias", first),
        "synthesis.noise": torch.randn(edge, edge, generator=torch.Generator().manual_seed(NOISE_SEED)).numpy(),
    }
    widths = (config.z_dim, *config.widths)
    for i, number in enumerate(_layers(named, mapping)):
        weight = named.exactly(f"{mapping}net.{number}.weight", widths[i + 1], widths[i])
        tensors[f"mapping.weights.{i}"] = weight
        tensors[f"mapping.biases.{i}"] = named.exactly(f"{mapping}net.{number}.bias", widths[i + 1])
    tensors["mapping.w_avg"] = _average(config, tensors)
    for i, channels in enumerate(config.channels):
        prefix, own = f"{generator}blocks.{i}.", f"synthesis.blocks.{i}."
        before = config.channels[i - 1] if i else first
        for k, inputs in ((1, before), (2, channels)):
            tensors[f"{own}conv{k}.weight"] = named.exactly(f"{prefix}conv{k}.weight", channels, inputs, 3, 3)
            tensors[f"{own}conv{k}.style"] = named.exactly(f"{prefix}to_style{k}.weight", inputs, width)
            tensors[f"{own}conv{k}.style_bias"] = named.exactly(f"{prefix}to_style{k}.bias", inputs)
            tensors[f"{own}conv{k}.strength"] = named.exactly(f"{prefix}to_noise{k}.weight", channels, 1)[:, 0]
            tensors[f"{own}conv{k}.bias"] = named.exactly(f"{prefix}to_noise{k}.bias", channels)
        shape = (config.image_channels, channels, 1, 1)
        tensors[f"{own}torgb.weight"] = named.exactly(f"{prefix}to_rgb.conv.weight", *shape)
        tensors[f"{own}torgb.style"] = named.exactly(f"{prefix}to_rgb.to_style.weight", channels, width)
        tensors[f"{own}torgb.style_bias"] = named.exactly(f"{prefix}to_rgb.to_style.bias", channels)
        if i < len(config.channels) - 1:
            tensors[f"{own}filter"] = named.exactly(f"{prefix}to_rgb.upsample.1.f", 3)
    return tensors


def _average(config: LucidrainsStyleGan2Config, tensors: dict[str, Array]) -> Array:
    """The mean w of random latents."""
    mapping = Mapping(config)
    own = {name.removeprefix("mapping."): torch.from_numpy(array) for name, array in tensors.items()
           if name.startswith("mapping.")}  # fmt: skip
    mapping.load_state_dict({**own, "w_avg": mapping.w_avg}, assign=True)
    mapping.estimate_w_avg()
    average: Array = mapping.w_avg.numpy()
    return average
