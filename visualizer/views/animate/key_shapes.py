"""Keys as they are drawn: diamonds, squares where a value holds, bars where many lie close together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from visualizer.toolkit.paint import Paint

Places = npt.NDArray[np.int64]
SIDES = 4  # of a diamond
CLOSE = 0.7  # keys nearer than this times their width become a bar


def draw_keys(paint: Paint, places: Places, y: float, size: float, colour: str, alpha: float = 1.0) -> None:
    """Keys at x places in order, around a height. size: from the middle to the corners."""
    if not len(places):
        return
    packed = paint.style.colour(colour, alpha)
    ends = np.flatnonzero(np.diff(places) > 2 * size * CLOSE)
    firsts = places[np.concatenate(([0], ends + 1))].tolist()
    lasts = places[np.concatenate((ends, [len(places) - 1]))].tolist()
    draw, box = paint.list.add_ngon_filled, paint.list.add_rect_filled
    high = size * 0.62
    for first, last in zip(firsts, lasts, strict=True):
        if first == last:
            draw((first + 0.5, y), size, packed, SIDES)
        else:
            box((first - high, y - high), (last + 1 + high, y + high), packed, high)
