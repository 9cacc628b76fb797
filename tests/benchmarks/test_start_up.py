"""From the start of the process to the first frame of the window, and to the first picture."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
NETWORKS = {"built in": "seed:0", "small": str(ROOT / "tests/golden/sg2-32-gray.pkl")}


@pytest.mark.parametrize("network", NETWORKS)
def test_start_up(benchmark: Any, tmp_path: Path, network: str, display: None):
    """Compared with the import of torch alone, which the window does not wait for."""
    environment = os.environ | {"VISUALIZER_HEADLESS": "1", "VISUALIZER_CONFIG_DIR": str(tmp_path)}
    runs: list[dict[str, float]] = []

    def start() -> None:
        command = [sys.executable, "-m", "tests.benchmarks.start_up", NETWORKS[network]]
        ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        runs.append(json.loads(ended.stdout))

    benchmark.pedantic(start, rounds=3, warmup_rounds=1)
    before = perf_counter()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    torch_s = perf_counter() - before
    window_s = statistics.median(run["window_s"] for run in runs[1:])
    picture_s = statistics.median(run["picture_s"] for run in runs[1:])
    benchmark.extra_info |= {"window_s": window_s, "picture_s": picture_s, "import_torch_s": torch_s}
    assert window_s < picture_s
    print(f"\nwindow {window_s:.2f} s, picture {picture_s:.2f} s, import torch {torch_s:.2f} s")  # noqa: T201
