"""Captions of a picture: which of two is seen where, and which channels of a layer are."""

from __future__ import annotations

from core.base.control import number_text
from core.display.frame import Frame
from core.request import Compare, View
from visualizer.panels.common.layer_text import shown_channels

AS_MADE = ("As made", "Upright")  # of what a comparison of the request shows
A_AND_B = ("B", "A")


def captions(frame: Frame, view: View, *, upright_now: bool, names: tuple[str, str] = AS_MADE) -> tuple[str, str]:
    """What is seen at the left and at the right. names: of the newest picture and of the other. A is at the left."""
    made, other = names
    made = "Untransformed" if view.untransform else made
    match view.compare:
        case Compare.SIDE | Compare.WIPE:
            return (other, made) if names == A_AND_B else (made, other)
        case Compare.BLINK:
            return other if upright_now else made, ""
        case Compare.DIFFERENCE:
            what = "Difference" if names == AS_MADE else f"{made} − {other}"
            return f"{what} {number_text(view.difference_db, '%+.0f')} dB", ""
        case _:
            shown = shown_channels(frame) if view.layer else ""
            return " · ".join(word for word in (shown, "Untransformed" if view.untransform else "") if word), ""
