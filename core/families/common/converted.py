"""What the families share whose networks come from layouts, or from files that this program wrote."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import torch

from core.families.common.noise import with_fitting_noise
from core.families.common.records import MAX_CHANNELS, Settings, fill, saved_tensors, unreasonable
from core.loading.common.checkpoint import Node, SavedNetwork
from core.loading.formats.snapshot import Module
from core.request import ModelInfo
from core.synthesis.generator import Generator


class ConvertedFamily:
    """A `Family` whose networks have one form only: a configuration and tensors, as this program writes them."""

    key: str
    network: type[Any]  # makes a torch module, which is a `Generator`, of a configuration
    optional: tuple[str, ...] = ()  # tensors that need not be there

    def config_of(self, values: Settings) -> Any:
        """The configuration of a file. Raises CheckpointError if a member is missing or unreasonable."""
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
        assert isinstance(content, SavedNetwork)  # no other is detected
        with torch.device("meta"):
            network = self.network(self._config(content))
        tensors, notes = with_fitting_noise(network, content.tensors)
        notes += fill(network, tensors, self.optional)
        return network, notes + self.complete(network, content)

    def save(self, generator: Generator) -> SavedNetwork | None:
        if not isinstance(generator, self.network):
            return None
        network: Any = generator
        return SavedNetwork(self.key, asdict(network.config), saved_tensors(network))

    def snapshot(self, generator: Generator) -> Module | None:
        return None

    def _config(self, content: Node | SavedNetwork) -> Any:
        assert isinstance(content, SavedNetwork)  # no other is detected
        return self.config_of(Settings(content.config, "config"))


def largest_channels(*channels: int) -> None:
    """Raises RefusedFile if a layer has more channels than any network."""
    if not 1 <= min(channels) <= max(channels) <= MAX_CHANNELS:
        raise unreasonable("channels", max(channels), f"1 to {MAX_CHANNELS}")
