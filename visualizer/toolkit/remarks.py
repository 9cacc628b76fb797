"""What is said beside a control for a moment: that a typed value was refused, or limited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter

from imgui_bundle import imgui

from resources import icons
from visualizer.toolkit.paint import Paint, Rect

REMARK_S = 4.0
WIDTH = 300  # pixels at scale 1, at most
SIZE = 14


@dataclass(frozen=True)
class Remark:
    """A sentence about what was typed into an item; refused: the value stays what it was."""

    item: str
    text: str
    refused: bool
    until: float  # time.perf_counter()


class Remarks:
    """The newest one, until its time is over or something else is typed."""

    def __init__(self) -> None:
        self.now: Remark | None = None

    def say(self, item: str, text: str, *, refused: bool) -> None:
        self.now = Remark(item, text, refused, perf_counter() + REMARK_S)

    def forget(self) -> None:
        self.now = None

    def draw(self, paint: Paint, items: Mapping[str, Rect]) -> float | None:
        """Draw it over everything, below its item or above it. Returns for how many seconds it stays."""
        remark, size = self.now, imgui.get_main_viewport().size
        left = remark.until - perf_counter() if remark is not None else 0.0
        if remark is None or left <= 0:
            self.now = None
            return None
        if remark.item in items and not imgui.is_popup_open("", imgui.PopupFlags_.any_popup):
            paint.use(imgui.get_foreground_draw_list())
            _draw(paint, remark, items[remark.item], (size.x, size.y))
            paint.use(None)
        return left


def _draw(paint: Paint, remark: Remark, item: Rect, window: tuple[float, float]) -> None:
    px, colour = paint.px, "error" if remark.refused else "warning"
    room = min(paint.text_width(remark.text, size=SIZE) + 1, px(WIDTH))
    w, h = room + px(44), paint.wrapped_height(room, remark.text, size=SIZE) + px(14)
    x = min(max(item.x, px(8)), window[0] - w - px(8))
    below = item.bottom + px(4)
    y = below if below + h <= window[1] else item.y - px(4) - h
    box = Rect(round(x), round(y), round(w), round(h))
    paint.frame(item, colour, px(4), max(1.5, 1.5 * paint.style.scale))
    paint.shadow(box)
    paint.box(box, "popup", px(5))
    paint.box(box, colour, px(5), 0.13)
    paint.frame(box, colour, px(5), 1, 0.7)
    paint.icon(Rect(box.x + px(8), box.y, px(20), box.h), icons.CIRCLE_ALERT if remark.refused else icons.INFO, colour)
    paint.wrapped(box.x + px(34), box.y + px(7), room, remark.text, "text", size=SIZE)
