"""How long the stages of a frame and the layers of a network take, beside the floor of its convolutions."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import torch

from core.base.device import open_device
from core.base.errors import UsageError
from core.base.memory import PeakMemory
from core.base.progress import Progress, silent
from core.base.text import shown
from core.bench.convolution_bound import convolutions_of, time_convolutions
from core.display.frame import Frame
from core.networks.parts.config import StyleGan2Config, StyleGan3Config
from core.networks.parts.layers import random_weights
from core.networks.stylegan2 import StyleGan2
from core.networks.stylegan3 import StyleGan3
from core.render.renderer import Opened, Renderer
from core.request import ModelInfo, Precision, RenderRequest, SeedPoint
from core.synthesis.generator import Generator
from ops import BackendReport, backends

RUNS = 5
ENOUGH_S = 10.0  # of frames, after which no more are added if their number was not asked for
SIZES = (64, 128, 256, 512, 1024)
LIVELINESS = 0.1  # of what an untrained network has no use for: biases and noise

Config: TypeAlias = StyleGan2Config | StyleGan3Config

# The published ones; the second argument is another channel_base.
CONFIGS: Mapping[str, Callable[[int, int | None], Config]] = {
    "sg2": lambda resolution, base: StyleGan2Config.official(
        resolution, channel_base=base or (16384 if resolution <= 256 else 32768)
    ),
    "sg3t": lambda resolution, base: StyleGan3Config.official(resolution, channel_base=base or 32768),
    "sg3r": lambda resolution, base: StyleGan3Config.official(
        resolution, kernel=1, radial=True, channel_base=base or 65536, channel_max=1024
    ),
}

# How a request asks for a precision. A device without a fast one renders both alike.
PRECISIONS: Mapping[str, Callable[[RenderRequest], RenderRequest]] = {
    "exact": lambda request: replace(request, precision=Precision.EXACT),
    "fast": lambda request: replace(request, precision=Precision.FAST),
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
    """One network on one device in one precision."""

    network: str
    device: str
    backends: tuple[BackendReport, ...]
    precision: str  # a name of `PRECISIONS`
    dtypes: tuple[str, ...]  # of the layers, the narrowest first
    parameters: int
    runs: int
    stages: tuple[Span, ...]  # map, synthesis, display, frame
    layers: tuple[Span, ...]
    floor_ms: float | None  # of the synthesis: its convolutions alone; None for a network that does not tell them
    quotient: float | None  # the synthesis over its floor
    peak_bytes: int | None  # the weights, and the most that frames took besides; None where the system does not tell
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class RandomNetwork:
    """A network of an official configuration with random weights."""

    generator: Generator
    info: ModelInfo


def random_network(name: str, *, channel_base: int | None = None) -> RandomNetwork:
    """The network of a name such as sg2-1024. Raises UsageError if there is none. channel_base: None, as published."""
    match = re.fullmatch(r"([a-z0-9]+)-([0-9]{1,4})", name)
    if match is None or match[1] not in CONFIGS or int(match[2]) not in SIZES:
        sizes = ", ".join(map(str, SIZES))
        called, known = shown(name, 40), ", ".join(CONFIGS)
        raise UsageError(f"'{called}' is no configuration; write one of {known}, then - and one of {sizes}.")
    config = CONFIGS[match[1]](int(match[2]), channel_base)
    network: Any = StyleGan2(config) if isinstance(config, StyleGan2Config) else StyleGan3(config)  # a module
    random_weights(network, 0)
    random = torch.Generator().manual_seed(1)
    for tensor_name, tensor in network.synthesis.named_parameters():
        if tensor_name.endswith(("noise_strength", ".bias")) and ".affine." not in tensor_name:
            tensor.normal_(std=LIVELINESS, generator=random)  # or a network could be fast by leaving them out
    return RandomNetwork(network.requires_grad_(False).eval(), network.info)


def measure(
    name: str,
    network: Opened,
    *,
    device: str = "auto",
    precisions: Sequence[str] = tuple(PRECISIONS),
    runs: int | None = None,
    progress: Progress = silent,
) -> tuple[Bench, ...]:
    """One for each precision that the device has, of `PRECISIONS`. Raises what rendering does.

    runs: None for `RUNS`, or fewer if they take long.
    """
    results: list[Bench] = []
    shapes, info = convolutions_of(network.generator), network.info
    for precision in precisions:
        place = open_device(device)
        # A GPU gets the weights with the first frame, and then they are seen to come.
        there = sum(t.nbytes for t in network.generator.tensors().values() if t.device.type == place.type)
        memory = PeakMemory(place)
        renderer = Renderer(network, device=str(place))
        warm_up = renderer.render(_request(info, -1, precision))
        dtypes = _dtypes(warm_up)
        if dtypes in {result.dtypes for result in results}:
            continue
        samples = _samples(renderer, precision, runs, partial(progress, f"measuring {name}, {precision}"))
        growth = memory.growth()
        floor = sum(time_convolutions(shapes, getattr(torch, dtypes[0]), place, progress)) if shapes else None
        stages = _spans(("map", "synthesis", "display", "frame"), [sample.stages for sample in samples])
        result = Bench(
            network=name,
            device=warm_up.device,
            backends=backends(),
            precision=precision,
            dtypes=dtypes,
            parameters=info.num_parameters,
            runs=len(samples),
            stages=stages,
            layers=_spans([layer.name for layer in warm_up.layers], [sample.layers for sample in samples]),
            floor_ms=floor,
            quotient=stages[1].median_ms / floor if floor else None,
            peak_bytes=None if growth is None else there + growth,
            notes=warm_up.notes,
        )
        results.append(result)
    return tuple(results)


class _Sample(NamedTuple):
    """The times of one frame, milliseconds."""

    stages: tuple[float, ...]
    layers: tuple[float, ...]


def _samples(
    renderer: Renderer, precision: str, runs: int | None, progress: Callable[[int, int], None]
) -> list[_Sample]:
    """Of frames of different seeds, so that nothing is kept from one to the next."""
    most, found = runs or RUNS, list[_Sample]()
    progress(0, most)
    while len(found) < most:
        frame = renderer.render(_request(renderer.info, len(found), precision))
        timing = frame.timing
        stages = (timing.map_ms, timing.synthesis_ms, timing.display_ms, timing.total_ms)
        found.append(_Sample(stages, tuple(layer.ms for layer in frame.layers)))
        progress(len(found), most)
        if runs is None and sum(sample.stages[-1] for sample in found) > ENOUGH_S * 1000:
            break
    progress(most, most)
    return found


def _request(info: ModelInfo, seed: int, precision: str) -> RenderRequest:
    request = RenderRequest(latent=SeedPoint(float(seed)), label=0 if info.c_dim else None)
    return PRECISIONS[precision](request)


def _dtypes(frame: Frame) -> tuple[str, ...]:
    names = {layer.dtype for layer in frame.layers}
    return tuple(sorted(names, key=lambda name: (getattr(torch, name).itemsize, name)))


def _spans(names: Sequence[str], runs: Sequence[Sequence[float]]) -> tuple[Span, ...]:
    """runs: in each, a time for each name."""
    columns = zip(*runs, strict=True)
    return tuple(
        Span(name, statistics.median(column), min(column), max(column))
        for name, column in zip(names, columns, strict=True)
    )
