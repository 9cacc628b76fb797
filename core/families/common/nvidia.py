"""What the families of NVIDIA's PyTorch code share: build on the meta device, fill with the file's tensors, save."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import torch

from core.families.common.mapping import ESTIMATED, W_AVG
from core.families.common.noise import with_fitting_noise
from core.families.common.official import has_official_mapping, official
from core.families.common.records import count_note, fill, flatten, saved_tensors
from core.loading.common.checkpoint import Node, SavedNetwork
from core.loading.formats.snapshot import Module
from core.networks.stylegan2 import StyleGan2
from core.networks.stylegan3 import StyleGan3
from core.request import ModelInfo
from core.synthesis.generator import Generator


class NvidiaFamily:
    """A `Family` whose network is made from a configuration and has the file's own tensor names."""

    key: str
    network: type[StyleGan2] | type[StyleGan3]

    def is_generator(self, node: Node) -> bool:
        """Whether a pickled module is a generator of this family."""
        raise TypeError("a family says what its generators look like")

    def config_of(self, content: Node | SavedNetwork) -> Any:
        """Raises CheckpointError if settings and shapes are unreasonable or contradict each other."""
        raise TypeError("a family says how its configuration is read")

    def detect(self, content: Node | SavedNetwork) -> bool:
        return content.family == self.key if isinstance(content, SavedNetwork) else self.is_generator(content)

    def describe(self, content: Node | SavedNetwork) -> ModelInfo:
        with torch.device("meta"):
            return self.network(self.config_of(content)).info

    def build(self, content: Node | SavedNetwork) -> tuple[Generator, tuple[str, ...]]:
        config = self.config_of(content)
        with torch.device("meta"):
            network = self.network(config)
        stored = dict(flatten(content)) if isinstance(content, Node) else content.tensors
        stored, notes = with_fitting_noise(network, stored)
        notes += fill(network, stored, optional=(W_AVG,))
        if W_AVG not in stored:
            network.mapping.estimate_w_avg()
            notes += (ESTIMATED,)
        return network, notes + (count_note(content, config.num_ws) if isinstance(content, Node) else ())

    def save(self, generator: Generator) -> SavedNetwork | None:
        if not isinstance(generator, self.network):
            return None
        return SavedNetwork(self.key, asdict(generator.config), saved_tensors(generator))

    def snapshot(self, generator: Generator) -> Module | None:
        if not isinstance(generator, self.network) or not has_official_mapping(generator.config.mapping):
            return None
        return official(generator)
