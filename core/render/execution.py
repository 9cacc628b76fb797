"""How a request is carried out. What it shows is in the request alone. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Execution:
    """The liberties and limits of one frame."""

    draft: bool = False  # less precision will do, where that is faster and the request leaves it open
    kept_bytes: int | None = None  # of activations that are kept, to resume from; None: as many as usual


EXACT = Execution()
