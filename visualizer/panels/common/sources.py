"""How sources of styles look wherever they appear: a colour, a name, the words for what it is."""

from __future__ import annotations

from core.display.frame import Frame
from core.request import ModelInfo, StyleSource, WVector
from core.request.words import latent_words as latent_words
from core.request.words import seed_at as seed_at
from visualizer.panels.common.capability_text import letter_of_space

COLOURS = ("p1", "p2", "p3", "p6")  # none of a network


def colour_of(index: int) -> str:
    return COLOURS[index % len(COLOURS)]


def name_of(source: StyleSource, info: ModelInfo | None) -> str:
    """info: of the network that is shown."""
    return source.name or latent_words(source.latent, letter_of_space(info))


def w_of(frame: Frame) -> WVector:
    """What the layers of a picture got: one row if it is the same for all."""
    assert frame.ws is not None  # of every picture of a network
    rows = frame.ws if (frame.ws != frame.ws[:1]).any() else frame.ws[:1]
    return WVector(tuple(tuple(row) for row in rows.tolist()))


def ranges(entries: list[int]) -> str:
    """[0, 1, 2, 5] -> "0–2, 5"."""
    words: list[str] = []
    start = None
    for entry in entries:
        if entry - 1 not in entries:
            start = entry
        if entry + 1 not in entries:
            words.append(str(entry) if start == entry else f"{start}–{entry}")
    return ", ".join(words)
