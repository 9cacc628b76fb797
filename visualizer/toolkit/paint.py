"""Drawing on an ImGui draw list: boxes, text, icons, shadows, in theme colours and whole device pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from imgui_bundle import imgui

from core.base.text import encodable
from visualizer.toolkit.style import Font, Style

ELLIPSIS = "…"
MAX_WIDTHS = 4096  # text widths remembered before the table starts anew


@dataclass(frozen=True)
class Rect:
    """A box in screen pixels."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.w / 2, self.y + self.h / 2

    @property
    def corners(self) -> tuple[tuple[float, float], tuple[float, float]]:
        return (self.x, self.y), (self.right, self.bottom)

    def contains(self, x: float, y: float) -> bool:
        return self.x <= x < self.right and self.y <= y < self.bottom

    def inset(self, by: float) -> Rect:
        return Rect(self.x + by, self.y + by, self.w - 2 * by, self.h - 2 * by)


class Paint:
    """A pen for the current window's draw list; `use` chooses the list."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self._list: imgui.ImDrawList | None = None
        self._widths: dict[tuple[str, Font, float], float] = {}
        self.shortened: list[str] = []  # texts of the frame in progress that did not fit

    @property
    def list(self) -> imgui.ImDrawList:
        return self._list if self._list is not None else imgui.get_window_draw_list()

    @property
    def drawn_on(self) -> imgui.ImDrawList | None:
        """What `use` chose."""
        return self._list

    def use(self, draw_list: imgui.ImDrawList | None) -> None:
        """Draw on this list from now on; None: on the current window's."""
        self._list = draw_list

    def px(self, size: float) -> float:
        return self.style.px(size)

    # -- Shapes ---------------------------------------------------------------

    def box(self, r: Rect, colour: str, radius: float = 0, alpha: float = 1.0) -> None:
        self.list.add_rect_filled((r.x, r.y), (r.right, r.bottom), self.style.colour(colour, alpha), radius)

    def frame(self, r: Rect, colour: str, radius: float = 0, thickness: float = 1.0, alpha: float = 1.0) -> None:
        self.list.add_rect((r.x, r.y), (r.right, r.bottom), self.style.colour(colour, alpha), radius, thickness)

    def line(self, a: tuple[float, float], b: tuple[float, float], colour: str, thickness: float = 1.0,
             alpha: float = 1.0) -> None:  # fmt: skip
        self.list.add_line(a, b, self.style.colour(colour, alpha), thickness)

    def curve(self, points: Sequence[tuple[float, float]], colour: str, thickness: float = 1.0,
              alpha: float = 1.0) -> None:  # fmt: skip
        """A line through points."""
        places: Any = [imgui.ImVec2(x, y) for x, y in points]  # tuples, which the stubs allow, are refused
        self.list.add_polyline(places, self.style.colour(colour, alpha), thickness, 0)

    def hline(self, x: float, y: float, w: float, colour: str = "line") -> None:
        self.box(Rect(x, y, w, 1), colour)

    def disc(self, x: float, y: float, radius: float, colour: str, alpha: float = 1.0) -> None:
        self.list.add_circle_filled((x, y), radius, self.style.colour(colour, alpha), 24)

    def ring(self, x: float, y: float, radius: float, colour: str, thickness: float = 1.5, alpha: float = 1.0) -> None:
        self.list.add_circle((x, y), radius, self.style.colour(colour, alpha), 32, thickness)

    def diamond(self, x: float, y: float, radius: float, colour: str, *, filled: bool) -> None:
        """radius: from its middle to its corners."""
        packed = self.style.colour(colour)
        if filled:
            self.list.add_ngon_filled((x, y), radius, packed, 4)
        else:
            self.list.add_ngon((x, y), radius, packed, 4, max(1.0, self.px(1)))

    def shadow(self, r: Rect, radius: float = 6) -> None:
        """A soft shadow of four stacked boxes, to be drawn before the thing itself."""
        for spread, alpha in ((10, 0.035), (7, 0.05), (4, 0.07), (2, 0.09)):
            by = self.px(spread)
            grown = Rect(r.x - by, r.y - by + self.px(3), r.w + 2 * by, r.h + 2 * by)
            self.box(grown, "shadow", self.px(radius) + by, alpha)

    def spinner(self, x: float, y: float, radius: float, colour: str, time_s: float) -> None:
        """Three quarters of a ring that turns once a second."""
        start = time_s % 1.0 * 6.283
        self.list.path_arc_to((x, y), radius, start, start + 4.7, 24)
        self.list.path_stroke(self.style.colour(colour), thickness=self.px(2))

    # -- Text -----------------------------------------------------------------

    def text_width(self, text: str, font: Font = Font.REGULAR, size: float = 15) -> float:
        text = encodable(text)
        key = (text, font, self.px(size))
        width = self._widths.get(key)
        if width is None:
            if len(self._widths) > MAX_WIDTHS:
                self._widths.clear()
            imgui.push_font(self.style.fonts[font], self.px(size))
            width = self._widths[key] = imgui.calc_text_size(text).x
            imgui.pop_font()
        return width

    def text(
        self, r: Rect, text: str, colour: str = "text", *, font: Font = Font.REGULAR, size: float = 15,
        align: float = 0.0, alpha: float = 1.0, keep_end: bool = False,
    ) -> None:  # fmt: skip
        """One line, centred in the height of the box. align: 0 left, 1 right.

        Too long, it ends in an ellipsis, or begins with one if its end says more, as a path's does.
        """
        text = encodable(text)
        width = self.text_width(text, font, size)
        if width > r.w + 0.5:
            self.shortened.append(text)
            text, width = self._shorten(text, r.w, font, size, keep_end)
        at = (round(r.x + (r.w - width) * align), round(r.y + (r.h - self.px(size)) / 2))
        self.list.add_text(self.style.fonts[font], self.px(size), at, self.style.colour(colour, alpha), text)

    def fits(self, text: str, width: float, font: Font = Font.REGULAR, size: float = 15) -> bool:
        return self.text_width(text, font, size) <= width + 0.5

    def _shorten(self, text: str, width: float, font: Font, size: float, keep_end: bool) -> tuple[str, float]:
        def cut(length: int) -> str:
            return ELLIPSIS + text[len(text) - length :] if keep_end else text[:length].rstrip() + ELLIPSIS

        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.text_width(cut(middle), font, size) <= width:
                low = middle
            else:
                high = middle - 1
        return cut(low), self.text_width(cut(low), font, size)

    def wrapped(self, x: float, y: float, width: float, text: str, colour: str = "text_dim", *,
                font: Font = Font.REGULAR, size: float = 15) -> float:  # fmt: skip
        """Text that wraps at `width`. Returns its height."""
        text = encodable(text)
        height = self.wrapped_height(width, text, font=font, size=size)
        colour_ = self.style.colour(colour)
        self.list.add_text(self.style.fonts[font], self.px(size), (round(x), round(y)), colour_, text, wrap_width=width)
        return height

    def wrapped_height(self, width: float, text: str, *, font: Font = Font.REGULAR, size: float = 15) -> float:
        imgui.push_font(self.style.fonts[font], self.px(size))
        height = imgui.calc_text_size(encodable(text), wrap_width=width).y
        imgui.pop_font()
        return float(height)

    def icon(self, r: Rect, icon: str, colour: str = "text_dim", size: float = 15, alpha: float = 1.0) -> None:
        """An icon, centred in the box."""
        width = self.text_width(icon, Font.ICON, size)
        at = (round(r.x + (r.w - width) / 2), round(r.y + (r.h - self.px(size)) / 2))
        self.list.add_text(self.style.fonts[Font.ICON], self.px(size), at, self.style.colour(colour, alpha), icon)

    def chip(self, x: float, y: float, text: str, icon: str = "", *, icon_colour: str = "overlay_dim",
             right: bool = False) -> Rect:  # fmt: skip
        """A dark label over a picture, 28 high; `right`: x is its right edge. Returns its box."""
        width = self.text_width(text, Font.MEDIUM, 14) + self.px(16) + (self.px(21) if icon else 0)
        r = Rect(round(x - width if right else x), round(y), round(width), self.px(28))
        self.box(r, "overlay", self.px(5), 0.86)
        indent = self.px(8)
        if icon:
            self.icon(Rect(r.x + indent, r.y, self.px(16), r.h), icon, icon_colour, 14)
            indent += self.px(21)
        self.text(Rect(r.x + indent, r.y, r.w - indent, r.h), text, "overlay_text", font=Font.MEDIUM, size=14)
        return r
