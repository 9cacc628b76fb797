"""Small networks with random weights, in which every control of a picture shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from core.networks.parts.config import MappingConfig, StyleGan2Config, StyleGan3Config
from core.networks.parts.layers import random_weights
from core.networks.parts.progressive_config import ProGanConfig, Progression, StyleGan1Config
from core.networks.progan import ProGan
from core.networks.stylegan1 import StyleGan1
from core.networks.stylegan2 import StyleGan2
from core.networks.stylegan3 import StyleGan3
from core.request import ModelInfo, SeedPoint, StyleSource
from core.request.edits import with_parts
from core.synthesis.generator import Generator, State, Step, SynthesisInputs, Tap

SMALL: dict[str, Any] = {"channel_base": 256, "channel_max": 12, "z_dim": 16, "w_dim": 16, "mapping_layers": 2}
SMALL_MAPPING = MappingConfig(z_dim=16, c_dim=0, widths=(16, 16))


@dataclass(frozen=True, eq=False)
class Opened:
    """A generator as the renderer gets it."""

    generator: Generator
    info: ModelInfo


def stylegan2(resolution: int = 32, *, seed: int = 0, **options: Any) -> Opened:
    return _lively(StyleGan2(StyleGan2Config.official(resolution, **SMALL | options)), seed)


def stylegan3(resolution: int = 32, *, seed: int = 0, **options: Any) -> Opened:
    return _lively(StyleGan3(StyleGan3Config.official(resolution, num_layers=5, **SMALL | options)), seed)


def stylegan1(resolution: int = 32, *, seed: int = 0, lod: float = 0.0, **options: Any) -> Opened:
    return _lively_grown(StyleGan1(StyleGan1Config(SMALL_MAPPING, _grown(resolution, lod), **options)), seed)


def progan(resolution: int = 32, *, seed: int = 0, classes: int = 0, **options: Any) -> Opened:
    return _lively_grown(ProGan(ProGanConfig(16, classes, _grown(resolution), **options)), seed)


def _grown(resolution: int, lod: float = 0.0) -> Progression:
    """With layers to RGB for three levels of detail."""
    channels = tuple(min(256 // edge, 12) for edge in (4 << i for i in range(resolution.bit_length() - 2)))
    return Progression(channels, rgb_layers=3, lod=lod)


def _lively_grown(network: StyleGan1 | ProGan, seed: int) -> Opened:
    random_weights(network, seed)
    random = torch.Generator().manual_seed(seed + 1)
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if name.endswith(("bias", "noise_strength", "const", "w_avg")):
                tensor.add_(torch.randn(tensor.shape, generator=random), alpha=0.3)
    return Opened(network.requires_grad_(False).eval(), network.info)


def _lively(network: StyleGan2 | StyleGan3, seed: int) -> Opened:
    """Random weights, and something random where an untrained network has nothing: biases, noise, the centre of w."""
    random_weights(network, seed)
    random = torch.Generator().manual_seed(seed + 1)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.endswith(("bias", "noise_strength")):
                parameter.add_(torch.randn(parameter.shape, generator=random), alpha=0.3)
        network.mapping.w_avg.normal_(generator=random)
    network.requires_grad_(False)
    return Opened(network.eval(), network.info)


class Ran:
    """A tap that notes which layers ran."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, name: str, x: torch.Tensor) -> torch.Tensor:
        self.names.append(name)
        return x


# ----------------------------------------------------------------------------
# A generator that a test controls.


@dataclass
class Scripted:
    """Three layers, a, b and c, that double a picture made of w. `faults` are raised when b runs, one after another."""

    faults: list[Exception] = field(default_factory=list)
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    moves: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    w_avg: torch.Tensor = field(default_factory=lambda: torch.zeros(4))
    refused: tuple[str, ...] = ()  # device types that have too little memory for the weights

    @property
    def info(self) -> ModelInfo:
        return ModelInfo("Scripted", "", 8, 8, 1, z_dim=4, w_dim=4, c_dim=0, num_ws=3, ws_names=("a", "b", "c"))

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(Step(name, self._layer(name, index), ws=(index,)) for index, name in enumerate("abc"))

    @property
    def noise_shapes(self) -> tuple[tuple[int, int], ...]:
        return ()

    @property
    def stored_noise(self) -> tuple[torch.Tensor, ...]:
        return ()

    def tensors(self) -> dict[str, torch.Tensor]:
        return {}

    def centre(self, c: torch.Tensor | None) -> torch.Tensor:
        return self.w_avg[None]

    def map(self, z: torch.Tensor, c: torch.Tensor | None) -> torch.Tensor:
        return z[:, None].expand(-1, 3, -1)

    def span(self, layer: str) -> float:
        return 1.0

    def to(self, device: torch.device) -> Scripted:
        self.moves.append(device.type)
        if device.type in self.refused:
            raise torch.OutOfMemoryError("out of memory")
        self.device = device
        return self

    def _layer(self, name: str, index: int) -> Any:
        def run(state: State, inputs: SynthesisInputs, tap: Tap) -> State:
            before = state[0] if state else torch.full((1, 1, 8, 8), 0.1)
            assert before is not None
            x = before * 2 + inputs.ws[:, index].mean() * 0.01
            self.runs.append(name)
            if name == "b" and self.faults:
                raise self.faults.pop(0)
            return (tap(name, x),)

        return run


def opened(generator: Generator | nn.Module) -> Opened:
    assert not isinstance(generator, nn.Module)
    return Opened(generator, generator.info)


def mixed(seed: float = 1000, layers: Iterable[int] = ()) -> tuple[StyleSource, ...]:
    """One source, of which these entries of ws take all."""
    return (with_parts(StyleSource(SeedPoint(seed)), dict.fromkeys(layers, 1.0)),)
