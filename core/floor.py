"""The floor of a synthesis: how long the bare convolutions of a network take here, whatever is done between them."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

from core.device import Stopwatch
from core.generator import Generator
from core.networks.config import StyleGan2Config, StyleGan3Config
from core.networks.grown import Progression
from core.networks.progan import ProGan
from core.networks.stylegan1 import StyleGan1
from core.networks.stylegan2 import StyleGan2
from core.networks.stylegan3 import StyleGan3
from core.progress import Progress, silent

RUNS = 5
ENOUGH_MS = 500.0  # of runs, after which no more are added
BURST_MS = 2.0  # runs shorter than this are timed together
MAX_BURST = 20
HOPELESS = 3  # times the best form so far: one that takes longer is timed only once

Config: TypeAlias = StyleGan2Config | StyleGan3Config
Run: TypeAlias = Callable[[], object]


class Kind(StrEnum):
    PLAIN = "plain"
    UP = "up"  # onto a grid `stride` times as fine, in full: a transposed convolution, or plain ones for its phases
    FIR = "fir"  # each channel by itself


@dataclass(frozen=True)
class Convolution:
    """The shape of one convolution at batch 1. Two of different layers are equal if they take equally long."""

    kind: Kind
    in_channels: int
    out_channels: int
    size_in: tuple[int, int]  # height, width
    kernel: int  # edge
    stride: int = 1
    padding: int = 0  # all sides
    layer: str = field(default="", compare=False)

    @property
    def groups(self) -> int:
        return self.out_channels if self.kind is Kind.FIR else 1

    @property
    def multiply_adds(self) -> int:
        h, w = self.size_in
        if self.kind is not Kind.UP:  # where each input meets the whole kernel, instead of each output
            h, w = ((n + 2 * self.padding - self.kernel) // self.stride + 1 for n in (h, w))
        return h * w * self.out_channels * (self.in_channels // self.groups) * self.kernel**2


# ----------------------------------------------------------------------------
# The convolutions of a network.


def convolutions_of(generator: Generator) -> tuple[Convolution, ...]:
    """In execution order; empty for a network of an unknown kind."""
    if isinstance(generator, StyleGan1 | ProGan):
        return convolutions(generator.config.blocks)
    return convolutions(generator.config) if isinstance(generator, StyleGan2 | StyleGan3) else ()


def convolutions(config: Config | Progression) -> tuple[Convolution, ...]:
    """In execution order: all with learned weights, and those with a filter that is no product of two 1-D ones."""
    match config:
        case StyleGan2Config():
            return tuple(c for index in range(len(config.channels)) for c in _block(config, index))
        case StyleGan3Config():
            return tuple(c for layer in range(len(config.layers)) for c in _layer(config, layer))
        case Progression():
            return tuple(c for index in range(len(config.channels)) for c in _grown_block(config, index))


def _block(config: StyleGan2Config, index: int) -> list[Convolution]:
    name, channels, size = f"b{config.resolutions[index]}", config.channels[index], config.block_size(index)
    found = []
    if index > 0:
        before, smaller = config.channels[index - 1], config.block_size(index - 1)
        if config.architecture == "resnet":
            found.append(Convolution(Kind.PLAIN, before, channels, smaller, 1, layer=f"{name}.skip"))
        found.append(Convolution(Kind.UP, before, channels, smaller, 3, stride=2, layer=f"{name}.conv0"))
    found.append(Convolution(Kind.PLAIN, channels, channels, size, 3, padding=1, layer=f"{name}.conv1"))
    if config.architecture == "skip" or index == len(config.channels) - 1:
        found.append(Convolution(Kind.PLAIN, channels, config.image_channels, size, 1, layer=f"{name}.torgb"))
    return found


def _layer(config: StyleGan3Config, index: int) -> list[Convolution]:
    layer = config.layers[index]
    k, o, size = layer.kernel, layer.out_channels, (layer.in_size[1], layer.in_size[0])
    found = [Convolution(Kind.PLAIN, layer.in_channels, o, size, k, padding=k - 1, layer=layer.name)]
    if len(layer.down_shape) == 2:
        taps = layer.down_shape[0]
        size = ((layer.out_size[1] - 1) * layer.down + taps, (layer.out_size[0] - 1) * layer.down + taps)
        found.append(Convolution(Kind.FIR, o, o, size, taps, stride=layer.down, layer=layer.name))
    return found


def _grown_block(blocks: Progression, index: int) -> list[Convolution]:
    """At the full resolution. A kernel of 3x3 after pixels are doubled is one of 4x4 onto the finer grid."""
    name, channels, size = f"b{blocks.resolutions[index]}", blocks.channels[index], blocks.size(index)
    found = []
    if index > 0:
        before, smaller = blocks.channels[index - 1], blocks.size(index - 1)
        found.append(Convolution(Kind.UP, before, channels, smaller, 4, stride=2, layer=f"{name}.conv0"))
    found.append(Convolution(Kind.PLAIN, channels, channels, size, 3, padding=1, layer=f"{name}.conv1"))
    if blocks.level(index) == 0:
        found.append(Convolution(Kind.PLAIN, channels, blocks.image_channels, size, 1, layer=f"{name}.torgb"))
    return found


# ----------------------------------------------------------------------------
# Their times.


@torch.inference_mode()
def time_convolutions(
    shapes: Sequence[Convolution],
    dtype: torch.dtype = torch.float32,
    device: torch.device | None = None,
    progress: Progress = silent,
) -> tuple[float, ...]:
    """Milliseconds of each convolution, of its fastest form and memory layout; equal ones are timed once."""
    device = device or torch.device("cpu")
    known: dict[Convolution, float] = {}
    for done, shape in enumerate(shapes):
        progress("timing bare convolutions", done, len(shapes))
        if shape not in known:
            known[shape] = _best(shape, dtype, device)
    progress("timing bare convolutions", len(shapes), len(shapes))
    return tuple(known[shape] for shape in shapes)


def _best(shape: Convolution, dtype: torch.dtype, device: torch.device) -> float:
    best = float("inf")
    for layout in (torch.channels_last, torch.contiguous_format):

        def filled(*size: int, layout: torch.memory_format = layout) -> Tensor:
            return torch.ones(size, dtype=dtype, device=device).to(memory_format=layout)

        for form in _forms(shape, filled):
            best = min(best, _median_ms(form, device, best))
    return best


def _forms(shape: Convolution, filled: Callable[..., Tensor]) -> list[Run]:
    """The ways to run a convolution. filled: makes a tensor of a size."""
    o, i, k, s = shape.out_channels, shape.in_channels, shape.kernel, shape.stride
    x = filled(1, i, *shape.size_in)
    if shape.kind is not Kind.UP:
        w = filled(o, i // shape.groups, k, k)
        return [lambda: F.conv2d(x, w, None, s, shape.padding, 1, shape.groups)]
    transposed = filled(i, o, k, k)
    taps = [len(range(phase, k, s)) for phase in range(s)]
    phases = [filled(o, i, rows, columns) for rows in taps for columns in taps]
    return [
        lambda: F.conv_transpose2d(x, transposed, stride=s),
        lambda: [F.conv2d(x, w, padding=(w.shape[2] - 1, w.shape[3] - 1)) for w in phases],
    ]


def _median_ms(run: Run, device: torch.device, best: float) -> float:
    """The median of a few runs, but one run of a form that is hopelessly slower than `best`."""
    _burst_ms(run, device, 1)  # the first time, kernels are loaded and chosen
    once = _burst_ms(run, device, 1)
    if once > max(HOPELESS * best, BURST_MS):
        return once
    burst = max(1, min(MAX_BURST, round(BURST_MS / max(once, 1e-3))))
    found: list[float] = []
    while len(found) < RUNS and sum(found) * burst < ENOUGH_MS:
        found.append(_burst_ms(run, device, burst))
    return statistics.median(found)


def _burst_ms(run: Run, device: torch.device, count: int) -> float:
    watch = Stopwatch(device)
    start = watch.mark()
    for _ in range(count):
        run()
    end = watch.mark()
    if device.type != "cpu":
        torch.accelerator.synchronize(device)
    return watch.ms(start, end) / count
