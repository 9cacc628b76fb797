"""How long the stages of a frame and the layers of a network take."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import UsageError
from core.frame import Frame
from core.generator import Generator
from core.networks.config import StyleGan2Config, StyleGan3Config
from core.networks.layers import random_weights
from core.networks.stylegan2 import StyleGan2
from core.networks.stylegan3 import StyleGan3
from core.progress import Progress, silent
from core.render import Opened, Renderer
from core.request import ModelInfo, RenderRequest, SeedPoint

RUNS = 5
WARM_UPS = 1
SIZES = (64, 128, 256, 512, 1024)

CONFIGS: dict[str, Callable[[int], Generator]] = {
    "sg2": lambda resolution: StyleGan2(StyleGan2Config.official(resolution)),
    "sg3t": lambda resolution: StyleGan3(StyleGan3Config.official(resolution)),
    "sg3r": lambda resolution: StyleGan3(
        StyleGan3Config.official(resolution, kernel=1, radial=True, channel_base=65536, channel_max=1024)
    ),
}


@dataclass(frozen=True)
class Span:
    """Times of one thing over all runs, in milliseconds."""

    name: str
    median_ms: float
    min_ms: float
    max_ms: float


@dataclass(frozen=True)
class Bench:
    """One network on one device."""

    network: str
    device: str
    parameters: int
    runs: int
    stages: tuple[Span, ...]  # map, synthesis, display, frame
    layers: tuple[Span, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class RandomNetwork:
    """A network of an official configuration with random weights."""

    generator: Generator
    info: ModelInfo


def random_network(name: str) -> RandomNetwork:
    """The network of a name such as sg2-1024. Raises UsageError if there is none."""
    match = re.fullmatch(r"([a-z0-9]+)-(\d{1,4})", name)
    if match is None or match[1] not in CONFIGS or int(match[2]) not in SIZES:
        sizes = ", ".join(map(str, SIZES))
        raise UsageError(f"'{name}' is no configuration; write one of {', '.join(CONFIGS)}, then - and one of {sizes}.")
    network: Any = CONFIGS[match[1]](int(match[2]))  # a module, which the protocol does not say
    random_weights(network, 0)
    network.requires_grad_(False).eval()
    return RandomNetwork(network, network.info)


def measure(
    name: str, network: Opened, *, device: str = "auto", runs: int = RUNS, progress: Progress = silent
) -> Bench:
    """Time frames of different seeds, so that nothing is kept from one to the next. Raises what rendering does."""
    renderer = Renderer(network, device=device)
    frames = []
    for run in range(-WARM_UPS, runs):
        progress(f"measuring {name}", max(run, 0), runs)
        frames.append(renderer.render(_request(network.info, run)))
    progress(f"measuring {name}", runs, runs)
    frames = frames[WARM_UPS:]
    return Bench(
        network=name,
        device=frames[0].device,
        parameters=network.info.num_parameters,
        runs=runs,
        stages=_stages(frames),
        layers=_layers(frames),
        notes=frames[0].notes,
    )


def _request(info: ModelInfo, run: int) -> RenderRequest:
    return RenderRequest(latent=SeedPoint(float(run)), label=0 if info.c_dim else None)


def _stages(frames: Sequence[Frame]) -> tuple[Span, ...]:
    timings = [frame.timing for frame in frames]
    return (
        span("map", [timing.map_ms for timing in timings]),
        span("synthesis", [timing.synthesis_ms for timing in timings]),
        span("display", [timing.display_ms for timing in timings]),
        span("frame", [timing.total_ms for timing in timings]),
    )


def _layers(frames: Sequence[Frame]) -> tuple[Span, ...]:
    layers = enumerate(frames[0].layers)
    return tuple(span(layer.name, [frame.layers[index].ms for frame in frames]) for index, layer in layers)


def span(name: str, times: Sequence[float]) -> Span:
    return Span(name, statistics.median(times), min(times), max(times))
