"""Commands run in the process of the tests, and the networks they are given."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from visualizer.__main__ import main

ROOT = Path(__file__).resolve().parent.parent.parent
GOLDEN = ROOT / "tests" / "golden"

PLAIN = "sg2-32-gray"
CONDITIONAL = "sg2ada-64-cond"
MOVABLE = "sg3t-64-cond"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Run:
    """Runs a command in this process."""

    capture: pytest.CaptureFixture[str]

    def __call__(self, *arguments: object) -> Ended:
        terminated = signal.getsignal(signal.SIGTERM)
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as left:
            code = int(left.code or 0)
        finally:
            signal.signal(signal.SIGTERM, terminated)
        said = self.capture.readouterr()
        return Ended(code, said.out, said.err)


def network(name: str) -> Path:
    return GOLDEN / f"{name}.pkl"
