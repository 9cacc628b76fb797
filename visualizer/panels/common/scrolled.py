"""A box that scrolls by itself, with rows of one height of which only the visible ones are drawn."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from imgui_bundle import imgui

from visualizer.toolkit.paint import Rect
from visualizer.toolkit.ui import Ui


@dataclass(frozen=True)
class Rows:
    """Where the rows are on the screen, and which of them are seen."""

    left: float
    top: float  # of the first, above the box if it is scrolled
    width: float
    height: float  # of a row
    seen: range

    def place(self, index: int) -> Rect:
        return Rect(self.left, self.top + index * self.height, self.width, self.height)


def rows_area(ui: Ui, count: int, height: float) -> Rect:
    """The next part of the column, as high as so many whole rows in device pixels."""
    r = Rect(ui.x, ui.y, ui.w, count * height)
    ui.y += r.h
    return r


@contextmanager
def scrolled(ui: Ui, name: str, r: Rect, count: int, height: float, *, show: int | None = None) -> Iterator[Rows]:
    """A box with so many rows of a height in device pixels. show: a row that is scrolled to if it is not seen."""
    ui.paint.box(r, "track", ui.px(4))
    imgui.set_cursor_screen_pos((r.x, r.y))
    imgui.push_style_color(imgui.Col_.child_bg, (0, 0, 0, 0))
    imgui.begin_child(f"##{name}", (r.w, r.h))
    imgui.pop_style_color()
    try:
        at, scroll = imgui.get_cursor_screen_pos(), imgui.get_scroll_y()
        if show is not None and not scroll <= show * height <= scroll + r.h - height:
            imgui.set_scroll_y(min(max((show + 0.5) * height - r.h / 2, 0.0), max(count * height - r.h, 0.0)))
        bar = imgui.get_style().scrollbar_size if count * height > r.h else 0.0
        seen = range(max(0, int(scroll / height)), min(count, math.ceil((scroll + r.h) / height)))
        yield Rows(at.x, at.y, r.w - bar, height, seen)
        imgui.set_cursor_screen_pos((at.x, at.y + count * height - 1))
        imgui.dummy((1, 1))
    finally:
        imgui.end_child()
