"""Films in which nothing moves, and frames that no network makes. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from core.film.film import Film, film_of
from core.film.frames import MadeFrame
from core.request import RenderRequest
from core.timeline import Timeline
from core.video.formats import Format


def still(kind: Format, frames: int = 12) -> Film:
    timeline = Timeline(duration_s=frames / 6, rate=Fraction(6))
    return film_of(RenderRequest(network="seed:0"), timeline, format=kind)


def painted(film: Film, indices: Sequence[int]) -> Iterator[MadeFrame]:
    """Frames of one colour each."""
    for index in indices:
        colour = (40 * index % 256, 200 - 7 * index % 200, 90)
        yield MadeFrame(index, np.full((64, 64, 3), colour, np.uint8), {})
