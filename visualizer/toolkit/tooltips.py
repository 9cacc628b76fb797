"""Tooltips: they come when the pointer rests on an item, and stay out of the way while something is edited."""

from __future__ import annotations

import time
from dataclasses import dataclass

from imgui_bundle import imgui

from core.base.text import cut_words, encodable
from resources import icons
from visualizer.toolkit.paint import Paint
from visualizer.toolkit.style import Font, Style

DELAY_S = 0.5
WIDTH = 320  # at most
GESTURES = "right click resets · double click types · Shift drags finer"


@dataclass(frozen=True)
class Tip:
    """What there is to tell of an item: what it does, more, why it is off, its default, its path."""

    text: str = ""
    more: str = ""
    off: str = ""
    default: str = ""
    path: str = ""


class Tooltips:
    """Which item the pointer rests on, and since when."""

    def __init__(self, style: Style, paint: Paint) -> None:
        self._style = style
        self._paint = paint
        self._item, self._since = "", 0.0
        self._edited = ""  # an item that the pointer has not left since something was edited: nothing is told of it

    def show(self, name: str, tip: Tip, *, hovered: bool, typing: bool) -> float | None:
        """Tell of an item in this frame, if it is time to. Returns in how many seconds it will be, if it will.

        Why something is off is told at once. typing: a value is being typed.
        """
        if not hovered:
            if name in (self._item, self._edited):
                self._item = self._edited = ""
            return None
        if typing or _is_editing():
            self._item, self._edited = "", name
        if not (tip.text or tip.off) or typing or imgui.is_mouse_down(0) or (name == self._edited and not tip.off):
            return None
        now = time.perf_counter()
        if self._item != name:
            self._item, self._since = name, now
        if tip.off:
            self.draw(tip.off, tip.text, tip.path, lock=True)
            return None
        if (left := DELAY_S - (now - self._since)) > 0:
            return left
        self.draw(tip.text, tip.more or (f"Default {tip.default} · {GESTURES}" if tip.default else ""), tip.path)
        return None

    def draw(self, first: str, second: str = "", third: str = "", *, lock: bool = False) -> None:
        """A small box at the pointer: one line of text, two of dim text, wrapped."""
        px, paint = self._style.px, self._paint
        first, second, third = (encodable(cut_words(text)) for text in (first, second, third))
        imgui.push_style_var(imgui.StyleVar_.window_padding, (px(10), px(7)))
        imgui.push_style_var(imgui.StyleVar_.window_rounding, px(6))
        imgui.push_style_var(imgui.StyleVar_.window_border_size, 1.0)
        imgui.begin_tooltip()
        imgui.pop_style_var(2)
        imgui.push_font(self._style.fonts[Font.REGULAR], px(14))
        if lock:
            imgui.push_font(self._style.fonts[Font.ICON], px(14))
            imgui.text_colored(self._style.vec4("warning"), icons.LOCK)
            imgui.pop_font()
            imgui.same_line(0, px(8))
        width = min(px(WIDTH), max(paint.text_width(text, size=14) for text in (first, second, third)) + px(2))
        imgui.push_text_wrap_pos(imgui.get_cursor_pos_x() + width)
        imgui.text_unformatted(first)
        for text in filter(None, (second, third)):
            imgui.text_colored(self._style.vec4("text_dim"), text)
        imgui.pop_text_wrap_pos()
        imgui.pop_font()
        imgui.end_tooltip()
        imgui.pop_style_var()


def _is_editing() -> bool:
    """Whether a button, the wheel or a letter is being used."""
    io = imgui.get_io()
    pressed = any(imgui.is_mouse_down(button) for button in (0, 1, 2))
    return pressed or io.mouse_wheel != 0 or io.input_queue_characters.size() > 0
