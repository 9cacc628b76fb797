"""How long work reports itself, and is stopped."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called now and then by long work: what is being done, how much of how much (total 0: unknown), and the unit.

    It may raise `core.base.errors.Cancelled`, which the work lets through after tidying up.
    """

    def __call__(self, stage: str, done: int, total: int, unit: str = "") -> None: ...


def silent(stage: str, done: int, total: int, unit: str = "") -> None:
    """A `Progress` that tells nobody."""
