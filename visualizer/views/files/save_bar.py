"""The lower end of the file browser while a name for a new file is asked for."""

from __future__ import annotations

import os
from pathlib import Path

from imgui_bundle import imgui

from core.base.errors import UsageError
from core.base.paths import path_of, unquoted
from core.base.text import encodable, shown
from visualizer.actions.context import Context
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font

HEIGHT = 52
BUTTON, BUTTON_WIDTH = 28, 96
LABEL = 52


class SaveBar:
    """The name of the file, and whether one that there is may be replaced."""

    def __init__(self, suffix: str, name: str) -> None:
        self.name = name
        self._suffix = suffix
        self._existing: Path | None = None  # the user is asked about it
        self._error = ""
        self._fresh = True  # the field gets the keyboard

    def put(self, path: Path) -> None:
        """Propose the name of a file that there is."""
        self.name, self._existing, self._error, self._fresh = path.stem, None, "", True

    def draw(self, context: Context, r: Rect, folder: Path) -> tuple[Path | None, bool]:
        """Draw it. Returns the path that was decided for, and whether the user gave up."""
        ui, px = context.ui, context.ui.px
        ui.paint.hline(r.x, r.y, r.w)
        y = r.y + px(12)
        right = Rect(r.right - px(14 + BUTTON_WIDTH), y, px(BUTTON_WIDTH), px(BUTTON))
        left = Rect(right.x - px(8 + BUTTON_WIDTH), y, px(BUTTON_WIDTH), px(BUTTON))
        words = Rect(r.x + px(16), y, left.x - r.x - px(28), px(BUTTON))
        if self._existing is not None:
            text = f"{shown(self._existing.name, 60)} is there already. Replace it?"
            ui.paint.text(words, text, "warning", font=Font.MEDIUM)
            if ui.button("Keep it", at=left):
                self._existing, self._fresh = None, True
            replaced = ui.button("Replace", at=right, primary=True)
            return (self._existing if replaced else None), False
        ui.paint.text(Rect(words.x, y, px(LABEL), px(BUTTON)), "Name", "text_dim")
        entered = self._draw_field(context, Rect(words.x + px(LABEL), y + px(2), words.w - px(LABEL), px(24)))
        gave_up = ui.button("Cancel", at=left, tip="Nothing is saved (Escape)")
        if ui.button("Save", at=right, primary=True) or entered:
            return self._decided(folder), gave_up
        return None, gave_up

    def _draw_field(self, context: Context, r: Rect) -> bool:
        """The field of the name. Returns whether Enter was pressed."""
        ui, px = context.ui, context.ui.px
        ui.items[ui.name("Name")] = r
        imgui.set_cursor_screen_pos((r.x, r.y))
        imgui.set_next_item_width(r.w)
        imgui.push_font(ui.style.fonts[Font.REGULAR], px(15))
        imgui.push_style_var(imgui.StyleVar_.frame_padding, (px(8), (r.h - px(15)) / 2))
        if self._fresh:
            self._fresh = False
            imgui.set_keyboard_focus_here()
        flags = imgui.InputTextFlags_.enter_returns_true | imgui.InputTextFlags_.auto_select_all
        before = self.name
        entered, self.name = imgui.input_text_with_hint("##Browser/Name", self._suffix, encodable(before), flags)
        active = imgui.is_item_active()
        imgui.pop_style_var()
        imgui.pop_font()
        if self.name != before:
            self._error = ""
        if active or self._error:
            ui.paint.frame(r, "error" if self._error else "accent", px(4), max(1.5, 1.5 * ui.style.scale))
        if self._error:
            ui.paint.text(Rect(r.x + px(2), r.bottom, r.w, px(18)), self._error, "error", size=13)
        ui.redraw_in(0.4)  # the caret blinks
        return bool(entered)

    def _decided(self, folder: Path) -> Path | None:
        """The path that the name means in a folder; None if there can be none, or the user has to be asked first."""
        name = unquoted(self.name)
        try:
            path = folder / path_of(name)
        except UsageError as error:
            self._error, self._fresh = str(error), True
            return None
        if not name or os.path.isdir(path):
            self._error, self._fresh = "Type a name." if not name else "That is a folder; type another name.", True
            return None
        if path.suffix.lower() != self._suffix:
            path = path.with_name(path.name + self._suffix)
        if os.path.lexists(path):
            self._existing = path
            return None
        return path
