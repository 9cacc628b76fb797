"""What the families share that are opened from tensors by name: reading these, and files of our own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from core.errors import CheckpointError
from core.generator import Generator
from core.loading.checkpoint import Node, SavedNetwork, StoredTensor
from core.loading.snapshot import Module
from core.request import ModelInfo
from core.text import shown

from .records import FLOATS, MAX_CHANNELS, Settings, fill, listed, saved_tensors, to_torch, unreasonable

MAX_EDGE = 2**20  # of a tensor

Floats = npt.NDArray[np.float32]


class ConvertedFamily:
    """A `Family` whose networks have one form only: a configuration and tensors, as this program writes them."""

    key: str
    network: Any  # makes a torch module, which is a `Generator`, of a configuration

    def config_of(self, values: Settings) -> Any:
        """The configuration of a file. Raises CheckpointError if a member is missing or unreasonable."""
        raise TypeError("a family says how its configuration is read")

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
        return network, fill(network, content.tensors)

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


class NamedTensors:
    """The tensors of a file, each checked when it is taken; those that nobody took are left over."""

    def __init__(self, stored: Mapping[str, StoredTensor]) -> None:
        self._stored = stored
        self._taken: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._stored

    def children(self, prefix: str) -> list[str]:
        """What comes after a prefix, up to the next dot, without repetitions."""
        rest = (name.removeprefix(prefix) for name in self._stored if name.startswith(prefix))
        return list(dict.fromkeys(name.partition(".")[0] for name in rest))

    def count(self, prefix: str, most: int) -> int:
        """How many parts are numbered 0, 1, 2, ... after a prefix. Raises CheckpointError if there are gaps."""
        names = self.children(prefix)
        if not 1 <= len(names) <= most:
            raise unreasonable(f"the number of {prefix}*", len(names), f"1 to {most}")
        if sorted(names) != sorted(map(str, range(len(names)))):
            raise CheckpointError(f"The parts of `{shown(prefix)}` are not numbered 0, 1, 2, ...: {listed(names)}.")
        return len(names)

    def shape(self, name: str, rank: int) -> tuple[int, ...]:
        """Raises CheckpointError if it is missing or has other dimensions, RefusedFile if they are unreasonable."""
        if name not in self._stored:
            raise CheckpointError(f"The network lacks its tensor `{shown(name)}`; the file is damaged.")
        found = self._stored[name].shape
        if len(found) != rank:
            raise CheckpointError(f"The tensor `{shown(name)}` has {len(found)} dimensions instead of {rank}.")
        if rank and not 1 <= min(found) <= max(found) <= MAX_EDGE:
            raise unreasonable(name, found, "a shape of a network")
        return found

    def take(self, name: str, *shape: int) -> Floats:
        """A float32 copy. Raises CheckpointError if it is missing, or not of this shape."""
        found = self.shape(name, len(shape))
        if found != shape:
            raise CheckpointError(f"The tensor `{shown(name)}` has the shape {found} instead of {shape}.")
        if self._stored[name].dtype not in FLOATS:
            raise CheckpointError(f"The tensor `{shown(name)}` holds no numbers with a fraction.")
        self._taken.add(name)
        array: Floats = to_torch(self._stored[name]).numpy()
        return array

    def scalar(self, name: str) -> float:
        """A single number. Raises CheckpointError if it is missing, or more or less than one."""
        if name not in self._stored or self._stored[name].array.size != 1:
            raise CheckpointError(f"The network lacks its number `{shown(name)}`; the file is damaged.")
        self._taken.add(name)
        return float(to_torch(self._stored[name]).item())

    def ignore(self, names: Iterable[str]) -> None:
        """These are known and not needed."""
        self._taken.update(names)

    def left_over(self) -> tuple[str, ...]:
        """A note about the tensors that were not taken, if there are any."""
        rest = [name for name in self._stored if name not in self._taken]
        return (f"Tensors that this network does not use were left out: {listed(rest)}.",) if rest else ()


def largest_channels(*channels: int) -> None:
    """Raises RefusedFile if a layer has more channels than any network."""
    if not 1 <= min(channels) <= max(channels) <= MAX_CHANNELS:
        raise unreasonable("channels", max(channels), f"1 to {MAX_CHANNELS}")


def stored(tensors: Mapping[str, Floats]) -> dict[str, StoredTensor]:
    return {name: StoredTensor(np.asarray(array, np.float32, order="C"), "float32") for name, array in tensors.items()}
