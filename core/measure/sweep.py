"""How well one picture follows, over how far it is moved and turned. Imports no torch."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from core.base.progress import Progress
from core.display.frame import Metric
from core.request.placement import Move

if TYPE_CHECKING:
    from torch import Tensor

    from core.synthesis.generator import Tap

SHIFTS, TURNS = 33, 65  # how many of each
BASE_SHIFT = 0.1  # picture heights; the fractions of a pixel begin at the whole pixel nearest to it

Array: TypeAlias = npt.NDArray[np.float64]

# The PSNR in dB of the picture under a move; calls the tap after each layer.
Scorer: TypeAlias = Callable[[Move, Metric, "Tap"], float]


@dataclass(frozen=True, eq=False)
class Sweep:
    """What is known so far; NaN where nothing is yet, infinite where the picture follows exactly."""

    pixels: Array  # [SHIFTS], 0..1: to the right and down, besides a whole number
    shift_db: Array  # [SHIFTS], EQ-T_frac
    turns: Array  # [TURNS], 0..1, anticlockwise
    turn_db: Array  # [TURNS], EQ-R


def sweep(score: Scorer, height: int, progress: Progress, publish: Callable[[Sweep], None]) -> Sweep:
    """Score one picture, `height` pixels high, in steps over a pixel and over a whole turn.

    `publish` gets each state between. Raises what `score` and `progress` raise.
    """
    pixels, turns = np.linspace(0, 1, SHIFTS), np.linspace(0, 1, TURNS)
    found = Sweep(pixels, np.full(SHIFTS, math.nan), turns, np.full(TURNS, math.nan))
    whole = max(1, round(BASE_SHIFT * height))
    shifted = [Move.by(whole + part, whole + part, 0) for part in pixels]
    turned = [Move.by(0, 0, 360 * part) for part in turns]
    done = 0

    def report() -> None:
        progress("sweeping", done, SHIFTS + TURNS, "steps")

    def tap(name: str, x: Tensor) -> Tensor:
        report()
        return x

    for moves, metric, into in ((shifted, Metric.EQT_FRAC, found.shift_db), (turned, Metric.EQR, found.turn_db)):
        for i, move in enumerate(moves):
            report()
            into[i] = score(move, metric, tap)
            done += 1
            publish(Sweep(pixels, found.shift_db.copy(), turns, found.turn_db.copy()))
    return found
