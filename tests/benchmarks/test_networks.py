"""Loading networks of full size, and rendering with them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.bench.report import measure, random_network
from tests.benchmarks.full_size import write_pickle, write_safetensors

ROOT = Path(__file__).resolve().parent.parent.parent

LOAD = r"""
import json, re, sys, time
import torch
import core.families, core.opening.network

def peak_MB():  # not getrusage, which counts the process that this one was forked from
    return int(re.search(r"VmHWM:\s*(\d+)", open("/proc/self/status").read())[1]) / 1000

before = peak_MB()
start = time.perf_counter()
core.opening.network.open_network(sys.argv[1])
took = time.perf_counter() - start
after = peak_MB()
print(json.dumps({"load_s": took, "peak_MB": after, "peak_of_loading_MB": after - before}))
"""
WRITERS: dict[str, Callable[[str, Path], None]] = {".pkl": write_pickle, ".safetensors": write_safetensors}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("suffix", WRITERS)
def test_loading(benchmark: Any, tmp_path: Path, suffix: str):
    """A StyleGAN2 at 1024."""
    path = tmp_path / f"network{suffix}"
    WRITERS[suffix]("sg2-1024", path)
    runs: list[dict[str, float]] = []

    def load() -> None:
        ended = subprocess.run(
            [sys.executable, "-c", LOAD, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
        )
        runs.append(json.loads(ended.stdout))

    benchmark.pedantic(load, rounds=3, warmup_rounds=1)
    best = min(runs[1:], key=lambda run: run["load_s"])
    benchmark.extra_info |= best | {"file_MB": path.stat().st_size / 1e6}
    print(f"\n{path.stat().st_size / 1e6:.0f} MB: {best}")  # noqa: T201


@pytest.mark.parametrize("name", ["sg2-256", "sg2-1024", "sg3t-256", "sg3r-256"])
def test_rendering(benchmark: Any, name: str):
    network = random_network(name)
    options = {"device": "cpu", "runs": 3, "precisions": ["exact"]}
    [result] = benchmark.pedantic(measure, args=(name, network), kwargs=options, rounds=1)
    benchmark.extra_info |= {span.name: span.median_ms for span in result.stages}
    print("\n" + ", ".join(f"{span.name} {span.median_ms:.1f} ms" for span in result.stages))  # noqa: T201
