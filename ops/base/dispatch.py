"""The choice of a backend for a call: the first of an operation's backends that has no reason against it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

C = TypeVar("C")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Backend(Generic[C, R]):
    """One implementation of an operation. `why_not` says in words why it can not run a call; "" means it can."""

    name: str
    why_not: Callable[[C], str]
    run: Callable[[C], R]


def run_first(backends: tuple[Backend[C, R], ...], call: C) -> R:
    """Run a call on the first backend that can. Raises NotImplementedError with every reason if none can."""
    for backend in backends:
        if not backend.why_not(call):
            return backend.run(call)
    reasons = "; ".join(f"{backend.name}: {backend.why_not(call)}" for backend in backends)
    raise NotImplementedError(f"no backend can run this call: {reasons}")


def always(call: object) -> str:
    """The `why_not` of a backend that can run every call."""
    return ""
