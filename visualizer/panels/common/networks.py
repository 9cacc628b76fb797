"""The colours of networks that are blended in, wherever they appear. Their letters are `core.parameters.letter_of`."""

from __future__ import annotations

COLOURS = ("p4", "p5")  # none of a source of styles; that of the shown network, which is A, is p0


def network_colour(index: int) -> str:
    return COLOURS[index % len(COLOURS)]
