"""Families of progressively grown generators, as this program writes them; what else there is are layouts."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import torch

from core.errors import CheckpointError, UnsupportedFile
from core.generator import Generator
from core.loading.checkpoint import Node, SavedNetwork
from core.loading.snapshot import Module
from core.networks.grown import Progression
from core.request import ModelInfo

from .records import MAX_CHANNELS, MAX_RESOLUTION, Settings, fill, saved_tensors, unreasonable

MAX_BLOCKS = int(math.log2(MAX_RESOLUTION)) - 1


class GrownFamily:
    """A `Family` whose network is made from a configuration, and which only `SavedNetwork` holds directly."""

    key: str
    network: type[Any]
    optional: tuple[str, ...] = ()  # tensors that need not be there

    def config_of(self, values: Settings) -> Any:
        """Raises CheckpointError if settings are missing or unreasonable."""
        raise TypeError("a family says how its configuration is read")

    def complete(self, network: Any, content: SavedNetwork) -> tuple[str, ...]:
        """Find out what the file leaves open. Returns notes."""
        return ()

    def detect(self, content: Node | SavedNetwork) -> bool:
        return isinstance(content, SavedNetwork) and content.family == self.key

    def describe(self, content: Node | SavedNetwork) -> ModelInfo:
        with torch.device("meta"):
            info: ModelInfo = self.network(self._config(content)).info
        return info

    def build(self, content: Node | SavedNetwork) -> tuple[Generator, tuple[str, ...]]:
        assert isinstance(content, SavedNetwork)  # as detected
        with torch.device("meta"):
            network = self.network(self._config(content))
        notes = fill(network, content.tensors, self.optional)
        return network, notes + self.complete(network, content)

    def save(self, generator: Generator) -> SavedNetwork | None:
        if not isinstance(generator, self.network):
            return None
        return SavedNetwork(self.key, asdict(generator.config), saved_tensors(generator))

    def snapshot(self, generator: Generator) -> Module | None:
        return None  # the official PyTorch code has no such network

    def _config(self, content: Node | SavedNetwork) -> Any:
        assert isinstance(content, SavedNetwork)  # as detected
        return self.config_of(Settings(content.config, "config"))


def progression_of_json(values: Settings) -> Progression:
    """Raises CheckpointError if a member is missing or unreasonable."""
    height, width = values.integers("first_size", 1, MAX_RESOLUTION, (2,))
    return checked(
        Progression(
            channels=values.integers("channels", 1, MAX_CHANNELS, range(1, MAX_BLOCKS + 1)),
            image_channels=values.integer("image_channels", 1, MAX_CHANNELS),
            first_size=(height, width),
            rgb_layers=values.integer("rgb_layers", 1, MAX_BLOCKS),
            lod=values.number("lod", 0, MAX_BLOCKS),
        )
    )


def checked(blocks: Progression) -> Progression:
    """Raises CheckpointError if the blocks are unreasonable or contradict each other."""
    if not 1 <= len(blocks.channels) <= MAX_BLOCKS:
        raise unreasonable("the number of blocks", len(blocks.channels), f"1 to {MAX_BLOCKS}")
    if max(blocks.picture) > MAX_RESOLUTION:
        raise unreasonable("resolution", max(blocks.picture), f"at most {MAX_RESOLUTION}")
    if max(blocks.channels) > MAX_CHANNELS:
        raise unreasonable("channels", max(blocks.channels), f"at most {MAX_CHANNELS}")
    if blocks.image_channels > 4:
        raise UnsupportedFile(
            f"The network draws {blocks.image_channels} channels; this program shows pictures of 1 to 4 channels."
        )
    if not 1 <= blocks.rgb_layers <= len(blocks.channels):
        raise CheckpointError(
            f"The network has {blocks.rgb_layers} layers to RGB for {len(blocks.channels)} resolutions; "
            "it has at most one for each."
        )
    if not 0 <= blocks.lod <= blocks.max_lod:
        raise CheckpointError(
            f"The network's training ended at the level of detail {blocks.lod:g}, for which it has no layer to RGB; "
            f"it has them up to {blocks.max_lod}."
        )
    return blocks
