"""`python -m ops`: which backend of each operation runs here, and why not the others; `--build` builds the kernels."""

from __future__ import annotations

import argparse
import sys

from . import build
from .report import backends, cuda_state
from .state import Phase

FAILED = 2


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ops", description="Which backend of each operation runs here.")
    parser.add_argument("--build", action="store_true", help="build the C++ kernels, if they are not in the cache")
    wanted = parser.parse_args().build
    state = build.run(_show) if wanted else build.run(make=False)
    if wanted and state.phase is not Phase.READY:
        sys.stderr.write(f"error: {state.reason}\n")
        return FAILED
    reports = backends()
    width = max(len(report.op) for report in reports)
    for report in reports:
        sys.stdout.write(f"{report.op:<{width}}  {report.backend} ({report.reason})\n")
    sys.stdout.write(f"On a GPU with CUDA: {cuda_state()}\n")
    return 0


def _show(part: float, text: str) -> None:
    sys.stderr.write(f"{part:4.0%} {text}\n")


if __name__ == "__main__":
    sys.exit(main())
