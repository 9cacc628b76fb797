"""The floor of a synthesis: how long the bare convolutions of a network take here, whatever is done between them."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

from core.base.device import Stopwatch
from core.base.progress import Progress, silent
from core.synthesis.convolution import ConvolutionShape
from core.synthesis.generator import Generator

RUNS = 5
ENOUGH_MS = 500.0  # of runs, after which no more are added
BURST_MS = 2.0  # runs shorter than this are timed together
MAX_BURST = 20
HOPELESS = 3  # times the best form so far: one that takes longer is timed only once

Run: TypeAlias = Callable[[], object]


def convolutions_of(generator: Generator) -> tuple[ConvolutionShape, ...]:
    """In execution order, at the level of detail at which the training ended: all with learned weights, and those with
    a filter that is no product of two 1-D ones. Empty for a network that does not tell them.
    """
    lod = generator.info.lod
    return tuple(shape for step in generator.steps if step.runs(lod) for shape in step.convolutions)


@torch.inference_mode()
def time_convolutions(
    shapes: Sequence[ConvolutionShape],
    dtype: torch.dtype = torch.float32,
    device: torch.device | None = None,
    progress: Progress = silent,
) -> tuple[float, ...]:
    """Milliseconds of each convolution, of its fastest form and memory layout; equal ones are timed once."""
    device = device or torch.device("cpu")
    known: dict[ConvolutionShape, float] = {}
    for done, shape in enumerate(shapes):
        progress("timing bare convolutions", done, len(shapes))
        if shape not in known:
            known[shape] = _best(shape, dtype, device)
    progress("timing bare convolutions", len(shapes), len(shapes))
    return tuple(known[shape] for shape in shapes)


def _best(shape: ConvolutionShape, dtype: torch.dtype, device: torch.device) -> float:
    best = float("inf")
    for layout in (torch.channels_last, torch.contiguous_format):

        def filled(*size: int, layout: torch.memory_format = layout) -> Tensor:
            return torch.ones(size, dtype=dtype, device=device).to(memory_format=layout)

        for form in _forms(shape, filled):
            best = min(best, _median_ms(form, device, best))
    return best


def _forms(shape: ConvolutionShape, filled: Callable[..., Tensor]) -> list[Run]:
    """The ways to run a convolution. filled: makes a tensor of a size."""
    o, i, k, stride, padding = shape.out_channels, shape.in_channels, shape.kernel, shape.stride, shape.padding
    x = filled(1, i, *shape.size_in)
    if not shape.transposed:
        w = filled(o, i // shape.groups, k, k)
        return [lambda: F.conv2d(x, w, None, stride, padding, 1, shape.groups)]
    transposed = filled(i, o // shape.groups, k, k)
    taps = [len(range(phase, k, stride)) for phase in range(stride)]
    phases = [filled(o, i // shape.groups, rows, columns) for rows in taps for columns in taps]
    return [
        lambda: F.conv_transpose2d(x, transposed, None, stride, padding, 0, shape.groups),
        lambda: [F.conv2d(x, w, padding=(w.shape[2] - 1, w.shape[3] - 1), groups=shape.groups) for w in phases],
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
