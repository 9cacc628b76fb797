"""The file browser inside the window: no native dialog is needed, and tests can drive it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from imgui_bundle import imgui

from core.base.errors import UsageError
from core.base.paths import path_of, unquoted
from core.documents.pictures import PICTURES
from resources import icons
from visualizer.actions.context import Context
from visualizer.actions.opening import SUFFIXES
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font

SIZE = (720, 520)
LINE = 26


@dataclass(frozen=True)
class Line:
    """A folder or file of the list."""

    name: str
    path: Path
    is_folder: bool
    size: int = 0


class Browser:
    """A dialog that lists folders and the files that can be opened."""

    def __init__(self) -> None:
        self.is_open = False
        self._opening = False
        self._folder = Path.home()
        self._lines: tuple[Line, ...] = ()
        self.error = ""
        self._search = ""
        self._title = ""
        self._suffixes = SUFFIXES
        self._then: Callable[[Path], None] = lambda path: None

    def choose(self, title: str, suffixes: frozenset[str], then: Callable[[Path], None]) -> None:
        """Show the dialog for files of some kinds, and then do something with the chosen one."""
        self.is_open = self._opening = True
        self._title, self._suffixes, self._then = title, suffixes, then

    def go_to(self, folder: Path) -> None:
        self._folder = folder
        self._search = ""
        try:
            self._lines, self.error = list_folder(folder, self._suffixes), ""
        except OSError as error:
            self._lines, self.error = (), f"{folder} cannot be read: {error.strerror or error}"

    def draw(self, context: Context) -> None:
        """Draw the dialog while it is open."""
        if self._opening:
            start = Path(context.settings.browse_folder or self._folder)
            self.go_to(start if os.path.isdir(start) else Path.home())
            imgui.open_popup("##browser")
            self._opening = False
        if not self.is_open:
            return
        ui, px = context.ui, context.ui.px
        viewport = imgui.get_main_viewport()
        w, h = min(px(SIZE[0]), viewport.size.x - px(32)), min(px(SIZE[1]), viewport.size.y - px(32))
        x, y = round((viewport.size.x - w) / 2), round((viewport.size.y - h) / 2)
        imgui.set_next_window_pos((x, y))
        imgui.set_next_window_size((w, h))
        flags = imgui.WindowFlags_.no_decoration | imgui.WindowFlags_.no_move | imgui.WindowFlags_.no_saved_settings
        with ui.dialog_style(8):
            shown = imgui.begin_popup_modal("##browser", None, flags)[0]
        if not shown:
            self.is_open = False
            return
        ui.scope = "Browser"
        self._content(context, Rect(x, y, w, h))
        if not self.is_open or (imgui.is_key_pressed(imgui.Key.escape) and not ui.typing):
            self.is_open = False
            imgui.close_current_popup()
        imgui.end_popup()

    def _content(self, context: Context, r: Rect) -> None:
        ui, px = context.ui, context.ui.px
        ui.paint.text(Rect(r.x + px(16), r.y + px(10), r.w - px(80), px(28)), self._title, font=Font.BOLD, size=16)
        at = Rect(r.right - px(40), r.y + px(12), px(24), px(24))
        if ui.icon_button("Close", icons.X, at=at, tip="Close (Escape)"):
            self.is_open = False
        y = r.y + px(46)
        if ui.icon_button("Up", icons.FOLDER_UP, at=Rect(r.x + px(14), y, px(26), px(26)), tip="The folder above"):
            self.go_to(self._folder.parent)
        if ui.icon_button("Home", icons.HOUSE, at=Rect(r.x + px(44), y, px(26), px(26)), tip="Your home folder"):
            self.go_to(Path.home())
        field = Rect(r.x + px(76), y + px(1), r.w - px(92) - px(200), px(24))
        typed = ui.text_field("Folder", str(self._folder), at=field, tip="A folder or a file; Enter goes there")
        if typed is not None:
            self._go_to_typed(context, typed)
        field = Rect(r.right - px(206), y + px(1), px(190), px(24))
        self._search = self._filter(context, field)
        top = y + px(36)
        self._list(context, Rect(r.x + px(8), top, r.w - px(16), r.bottom - top - px(10)))

    def _filter(self, context: Context, at: Rect) -> str:
        ui, px = context.ui, context.ui.px
        ui.items[ui.name("Search")] = at
        imgui.set_cursor_screen_pos((at.x, at.y))
        imgui.set_next_item_width(at.w)
        imgui.push_font(ui.style.fonts[Font.REGULAR], px(15))
        imgui.push_style_var(imgui.StyleVar_.frame_padding, (px(8), (at.h - px(15)) / 2))
        text = imgui.input_text_with_hint("##Browser/Search", "Search", self._search)[1]
        imgui.pop_style_var()
        imgui.pop_font()
        return text

    def _go_to_typed(self, context: Context, typed: str) -> None:
        try:
            path = path_of(unquoted(typed))
        except UsageError as error:
            self.error = str(error)
            return
        if os.path.isdir(path):
            self.go_to(path)
        elif os.path.isfile(path):
            self._choose(context, path)
        else:
            self.error = f"{path} does not exist"

    def _list(self, context: Context, r: Rect) -> None:
        ui, px = context.ui, context.ui.px
        ui.paint.hline(r.x, r.y - px(4), r.w)
        imgui.set_cursor_screen_pos((r.x, r.y))
        imgui.begin_child("##lines", (r.w, r.h))
        if self.error:
            height = ui.paint.wrapped(r.x + px(8), r.y + px(4), r.w - px(16), self.error, "error")
            imgui.set_cursor_screen_pos((r.x, r.y + height + px(10)))
        words = self._search.lower().split()
        lines = [line for line in self._lines if all(word in line.name.lower() for word in words)]
        if not lines and not self.error:
            ui.paint.text(Rect(r.x + px(8), r.y, r.w, px(LINE)), "Nothing here that can be opened", "text_dim")
        clipper = imgui.ListClipper()
        clipper.begin(len(lines), px(LINE))
        chosen: Line | None = None
        while clipper.step():
            for line in lines[clipper.display_start : clipper.display_end]:
                at = imgui.get_cursor_screen_pos()
                if self._draw_line(context, line, Rect(at.x, at.y, r.w - px(12), px(LINE))):
                    chosen = line
                imgui.set_cursor_screen_pos((at.x, at.y + px(LINE)))
        imgui.dummy((0, 0))
        imgui.end_child()
        if chosen is not None:
            self._choose(context, chosen.path)

    def _draw_line(self, context: Context, line: Line, r: Rect) -> bool:
        ui, px = context.ui, context.ui.px
        it = ui.item(line.name, r)
        if it.hovered:
            ui.paint.box(r, "control_hover", px(4))
        file = icons.FILE_IMAGE if line.path.suffix.lower() in PICTURES else icons.FILE
        icon = icons.FOLDER if line.is_folder else file
        ui.paint.icon(Rect(r.x + px(6), r.y, px(20), r.h), icon, "accent" if line.is_folder else "text_dim")
        ui.paint.text(Rect(r.x + px(32), r.y, r.w - px(120), r.h), line.name)
        if not line.is_folder:
            size = f"{line.size / 1e6:,.1f} MB" if line.size >= 1e5 else f"{line.size / 1e3:,.0f} kB"
            ui.paint.text(Rect(r.x, r.y, r.w - px(8), r.h), size, "text_dim", size=14, align=1)
        return it.clicked

    def _choose(self, context: Context, path: Path) -> None:
        if path.is_dir():
            self.go_to(path)
            return
        self.is_open = False
        context.prefer(browse_folder=str(path.parent))
        self._then(path)


def list_folder(folder: Path, suffixes: frozenset[str] = SUFFIXES) -> tuple[Line, ...]:
    """Folders first, then files that end so, in natural order; hidden ones are left out. Raises OSError."""
    lines = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            try:
                if entry.is_dir():
                    lines.append(Line(entry.name, Path(entry.path), True))
                elif Path(entry.name).suffix.lower() in suffixes:
                    lines.append(Line(entry.name, Path(entry.path), False, entry.stat().st_size))
            except OSError:
                continue  # a broken link
    return tuple(sorted(lines, key=lambda line: (not line.is_folder, natural_key(line.name))))


def natural_key(name: str) -> list[tuple[int, int | str]]:
    """Sorts "snapshot-9" before "snapshot-10", an underscore as a space."""
    parts = re.split(r"(\d+)", name.lower().replace("_", " "))
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts]
