"""Measures one thing about one network in a process of its own.

`python -m tests.benchmarks.child JOB` prints a `Measured`; both are JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from core.base.process import QUIET_WAITING, prepare_process
from ops.native.build import OFF_VARIABLE

if TYPE_CHECKING:
    from torch import Tensor

    from core.bench.report import RandomNetwork

ROOT = Path(__file__).resolve().parent.parent.parent
# How many, by the seconds that the first one is below, which is not counted.
RUNS = ((0.5, 15), (2.0, 7), (20.0, 3), (float("inf"), 1))
SEED = 0  # of the picture that is compared


class Way(StrEnum):
    PLAIN = "plain"  # the plain way, in a process like any other
    OURS = "ours"  # frames of the renderer, in a process set up as the program's own
    PEAK = "peak"  # two such frames, for the memory they take
    BATCH = "batch"  # our synthesis of several latents at once
    FLOOR = "floor"  # the bare convolutions, in the dtype of the precision
    OPENVINO = "openvino"


@dataclass(frozen=True)
class Job:
    """What to measure."""

    way: Way
    network: str  # a name that `core.bench.report.random_network` takes
    precision: str = "exact"  # of `core.bench.report.PRECISIONS`
    channel_base: int | None = None  # None: as published
    threads: int = 2
    batch: int = 1
    image: str = ""  # an .npy file for the picture of `SEED`; "": none


@dataclass(frozen=True)
class Measured:
    """What came out."""

    times_s: tuple[float, ...]  # empty if the device does not have the precision
    peak_bytes: int | None = None  # the high-water mark of the process's resident set
    prepare_s: float = 0.0  # compiling
    multiply_adds: int = 0  # of the convolutions


def run_job(job: Job) -> Measured:
    """Run a job in a new process. Raises RuntimeError with its last words if it fails."""
    left_out = {*QUIET_WAITING, OFF_VARIABLE}  # which the tests set
    environment = {key: value for key, value in os.environ.items() if key not in left_out}
    command = [sys.executable, "-m", "tests.benchmarks.child", json.dumps(asdict(job))]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise RuntimeError(f"{job} failed:\n{ended.stderr[-2000:]}")
    told = json.loads(ended.stdout.splitlines()[-1])
    return Measured(**told | {"times_s": tuple(told["times_s"])})


# ----------------------------------------------------------------------------
# In the new process. torch is imported only after it has been set up.


def main(text: str) -> None:
    told = json.loads(text)
    job = Job(**told | {"way": Way(told["way"])})
    if job.way is not Way.PLAIN:
        prepare_process()
    import torch

    from core.base.memory import resident_peak
    from core.bench.report import random_network

    torch.set_num_threads(job.threads)
    network = random_network(job.network, channel_base=job.channel_base)
    measured = {
        Way.PLAIN: _plain, Way.OURS: _ours, Way.PEAK: _ours, Way.BATCH: _batch, Way.FLOOR: _floor,
        Way.OPENVINO: _openvino,
    }[job.way](job, network)  # fmt: skip
    sys.stdout.write(json.dumps(asdict(measured) | {"peak_bytes": resident_peak()}) + "\n")


def _plain(job: Job, network: RandomNetwork) -> Measured:
    from tests.benchmarks.plain import plain_synthesis

    return Measured(_timed(lambda seed: plain_synthesis(network.generator, _ws(network, seed, job.batch)), job.image))


def _ours(job: Job, network: RandomNetwork) -> Measured:
    from core.bench.report import PRECISIONS
    from core.render.renderer import Renderer
    from core.request import RenderRequest, SeedPoint
    from ops.native import build

    build.run()
    renderer = Renderer(network)
    dtypes: set[str] = set()
    times: list[float] = []

    def render(seed: int) -> Tensor:
        frame = renderer.render(PRECISIONS[job.precision](RenderRequest(latent=SeedPoint(float(seed)))))
        dtypes.update(layer.dtype for layer in frame.layers)
        times.append(frame.timing.synthesis_ms / 1000)
        return frame.image[None]

    save(render(SEED), job.image)
    if job.precision != "exact" and dtypes == {"float32"}:
        return Measured(())
    count = 1 if job.way is Way.PEAK else _count(times[0])
    for run in range(count):
        render(SEED + 1 + run)
    return Measured(tuple(times[1:]))


def _batch(job: Job, network: RandomNetwork) -> Measured:
    import torch

    from core.synthesis.generator import SynthesisInputs, synthesize
    from ops.native import build

    build.run()

    @torch.inference_mode()
    def run(seed: int) -> Tensor:
        return synthesize(network.generator, SynthesisInputs(_ws(network, seed, job.batch), force_fp32=True))

    return Measured(_timed(run, job.image))


def _floor(job: Job, network: RandomNetwork) -> Measured:
    import torch

    from core.bench.convolution_bound import convolutions_of, time_convolutions

    shapes = convolutions_of(network.generator)
    dtype = torch.float32 if job.precision == "exact" else torch.bfloat16
    total_ms = sum(time_convolutions(shapes, dtype))
    return Measured((total_ms / 1000,), multiply_adds=sum(shape.multiply_adds for shape in shapes))


def _openvino(job: Job, network: RandomNetwork) -> Measured:
    from tests.benchmarks.openvino_peer import compiled

    before = perf_counter()
    run = compiled(network.generator, threads=job.threads, half=job.precision == "fast")
    prepare_s = perf_counter() - before
    return Measured(_timed(lambda seed: run(_ws(network, seed, 1)), job.image), prepare_s=prepare_s)


# ----------------------------------------------------------------------------
# Parts.


def _ws(network: RandomNetwork, seed: int, batch: int) -> Tensor:
    import torch

    from core.synthesis.latents import map_seeds

    with torch.inference_mode():
        seeds = tuple(range(seed, seed + batch))
        return map_seeds(network.generator, network.info, seeds, None, torch.device("cpu"))


def _timed(run: Callable[[int], Tensor], path: str) -> tuple[float, ...]:
    """Seconds of runs with different seeds, after one that is not counted, whose pictures are saved."""
    before = perf_counter()
    images = run(SEED)
    count = _count(perf_counter() - before)
    save(images, path)
    del images
    times = []
    for number in range(count):
        before = perf_counter()
        run(SEED + 1 + number)
        times.append(perf_counter() - before)
    return tuple(times)


def _count(first_s: float) -> int:
    return next(count for limit_s, count in RUNS if first_s < limit_s)


def save(images: Tensor, path: str) -> None:
    import numpy as np

    if path:
        np.save(path, images.numpy())


if __name__ == "__main__":
    main(sys.argv[1])
