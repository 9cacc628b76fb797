"""`python -m ops`: which backend of each operation runs here, and why not the others; `--build` builds the kernels."""

from __future__ import annotations

import argparse
import sys

from .native import build
from .native.state import Phase
from .native.toolchain import BuildError
from .report import backends, cuda_state

FAILED = 2


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ops", description="Which backend of each operation runs here.")
    parser.add_argument("--build", action="store_true", help="build the C++ kernels, if they are not in the cache")
    parser.add_argument("--package", action="store_true", help="put them into the package, for a wheel of this machine")
    given = parser.parse_args()
    if given.package:
        return _package()
    wanted = given.build
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


def _package() -> int:
    try:
        library = build.package(_show)
    except (BuildError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return FAILED
    sys.stdout.write(f"{library}\n")
    return 0


def _show(part: float, text: str) -> None:
    sys.stderr.write(f"{part:4.0%} {text}\n")


if __name__ == "__main__":
    sys.exit(main())
