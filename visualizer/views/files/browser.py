"""The file browser inside the window: no native dialog is needed, and tests can drive it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from imgui_bundle import imgui

from core.base.errors import UsageError
from core.base.paths import path_of, unquoted
from core.base.text import shown
from core.opening.demos import demo_of
from resources import icons
from visualizer.actions.context import Context
from visualizer.actions.opening import SUFFIXES
from visualizer.actions.sessions.restoring import NETWORKS
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.views.boxes import dialog
from visualizer.views.files.file_list import FileList
from visualizer.views.files.listing import Line, list_demos, list_folder
from visualizer.views.files.places import Place, places
from visualizer.views.files.preview import Preview
from visualizer.views.files.save_bar import HEIGHT as BAR_HEIGHT
from visualizer.views.files.save_bar import SaveBar

SIZE = (960, 580)
PLACES_WIDTH, PLACE = 164, 26
PREVIEW_WIDTH = 208
PREVIEW_FROM, PLACES_FROM = 760, 560  # pixels at scale 1 of a dialog that has room for them
SEARCH_WIDTH = 190
DEMOS = "Demo networks"
MAX_PATH = 4096  # characters


class Browser:
    """A dialog that lists folders and the files that can be opened. Its search field has the keyboard all the time."""

    def __init__(self) -> None:
        self.is_open = False
        self.error = ""  # why what was asked for is not shown
        self._opening = False
        self._folder: Path | None = Path.home()  # None: the demo networks
        self._typed = ""  # in the field of the folder
        self._retype = False  # the field of the folder is to have the keyboard
        self._list = FileList()
        self._preview = Preview()
        self._places: tuple[Place, ...] = ()
        self._title = ""
        self._suffixes = SUFFIXES
        self._then: Callable[[Path], None] = lambda path: None
        self._start: Path | None = None  # the folder that is shown first; None: the last one used
        self._save: SaveBar | None = None  # a name for a new file is asked for

    def close(self) -> None:
        self._preview.close()

    def choose(self, title: str, suffixes: frozenset[str], then: Callable[[Path], None]) -> None:
        """Show the dialog for files of some kinds, and then do something with the chosen one."""
        self.is_open = self._opening = True
        self._title, self._suffixes, self._then = title, suffixes, then
        self._start = self._save = None

    def choose_new(
        self, title: str, suffix: str, name: str, start: Path | None, then: Callable[[Path], None]
    ) -> None:  # fmt: skip
        """Show the dialog for a name of a file to be written; see `visualizer.actions.ports.FileChooser`."""
        self.choose(title, frozenset({suffix}), then)
        self._start, self._save = start.parent if start is not None else None, SaveBar(suffix, name)

    def go_to(self, folder: Path | None, *, came_from: Path | None = None) -> bool:
        """Show a folder, None: the demo networks. One that cannot be read is told, and what was shown stays.

        came_from: the line to choose in it. Returns whether it is shown.
        """
        self._typed, self.error = DEMOS if folder is None else shown(folder, MAX_PATH), ""
        try:
            lines = list_demos() if folder is None else list_folder(folder, self._suffixes)
        except (OSError, ValueError) as error:  # ValueError: a name that no file can have
            self.error = f"It cannot be read: {getattr(error, 'strerror', '') or error}"
            return False
        self._folder = folder
        self._list.show(lines, came_from)
        return True

    # -- The dialog -----------------------------------------------------------

    def draw(self, context: Context) -> None:
        """Draw the dialog while it is open."""
        if self._opening:
            self._opening = False
            self._places = places(context, networks=self._suffixes >= NETWORKS)
            start = Path(self._start or context.settings.browse_folder or self._folder or Path.home())
            if not self.go_to(start) and not self.go_to(Path.home()):
                self._list.show((), None)
            imgui.open_popup("##browser")
        if not self.is_open:
            return
        searched = self._list.search != ""
        r, is_shown = dialog(context.ui, "##browser", *SIZE, escape=not searched)
        if not is_shown:
            self.is_open = False
            return
        context.ui.scope = "Browser"
        self._content(context, r)
        if not self.is_open:
            imgui.close_current_popup()
        imgui.end_popup()

    def _content(self, context: Context, r: Rect) -> None:
        ui, px = context.ui, context.ui.px
        ui.paint.text(Rect(r.x + px(16), r.y + px(10), r.w - px(80), px(28)), self._title, font=Font.BOLD, size=16)
        at = Rect(r.right - px(40), r.y + px(12), px(24), px(24))
        if ui.icon_button("Close", icons.X, at=at, tip="Close (Escape)"):
            self.is_open = False
        top = self._tools(context, Rect(r.x + px(14), r.y + px(46), r.w - px(30), px(26)))
        ui.paint.hline(r.x, top, r.w)
        if self._save is not None:
            r = Rect(r.x, r.y, r.w, r.h - px(BAR_HEIGHT))
            self._draw_save(context, Rect(r.x, r.bottom, r.w, px(BAR_HEIGHT)), self._save)
        body = Rect(r.x, top + 1, r.w, r.bottom - top - px(8))
        if r.w >= px(PLACES_FROM):
            self._draw_places(context, Rect(body.x + px(8), body.y + px(8), px(PLACES_WIDTH), body.h - px(8)))
            body = Rect(body.x + px(PLACES_WIDTH + 16), body.y, body.w - px(PLACES_WIDTH + 16), body.h)
            ui.paint.box(Rect(body.x - 1, body.y, 1, body.h + px(7)), "line")
        if r.w >= px(PREVIEW_FROM):
            body = Rect(body.x, body.y, body.w - px(PREVIEW_WIDTH + 25), body.h)
            ui.paint.box(Rect(body.right, body.y, 1, body.h + px(7)), "line")
            at = Rect(body.right + px(12), body.y + px(12), px(PREVIEW_WIDTH), body.h - px(12))
            self._preview.draw(context, self._list.chosen, at)
        clicked = self._list.draw(context, body)
        if clicked is not None:
            self._choose(context, clicked)

    def _tools(self, context: Context, r: Rect) -> float:
        """Up, the folder, the search; under it why a folder cannot be shown. Returns where they end."""
        ui, px = context.ui, context.ui.px
        if ui.icon_button("Up", icons.FOLDER_UP, at=Rect(r.x, r.y, px(26), px(26)), tip="The folder above (Backspace)"):
            self._go_up()
        search = min(px(SEARCH_WIDTH), round(r.w * 0.35))
        field = Rect(r.x + px(32), r.y + px(1), r.w - px(32) - search - px(8), px(24))
        retype, self._retype = self._retype, False
        if retype:
            imgui.set_keyboard_focus_here()
        typed = ui.text_field("Folder", self._typed, at=field, tip="A folder or a file; Enter goes there")
        if self.error:
            ui.paint.frame(field, "error", px(4), max(1.5, 1.5 * ui.style.scale))
        if typed is not None:
            self._go_to_typed(context, typed)
        at = Rect(r.right - search, field.y, search, px(24))
        takes = not (retype or self._retype or self._save)
        entered, went_up = self._list.draw_search(context, at, takes_keyboard=takes)
        if entered and self._list.chosen is not None:
            self._choose(context, self._list.chosen)
        elif went_up:
            self._go_up()
        bottom = r.bottom
        if self.error:
            width = r.right - field.x
            bottom += px(4) + ui.paint.wrapped(field.x + px(2), r.bottom + px(4), width, self.error, "error", size=14)
        return float(bottom + px(9))

    def _draw_save(self, context: Context, r: Rect, save: SaveBar) -> None:
        """The name of the file that is to be written."""
        path, gave_up = save.draw(context, r, self._folder or Path.home())
        if path is not None or gave_up:
            self.is_open = False
        if path is not None:
            context.prefer(browse_folder=str(path.parent))
            self._then(path)

    def _draw_places(self, context: Context, r: Rect) -> None:
        """A column of folders to go to; as many as there is room for."""
        ui, px = context.ui, context.ui.px
        for index, place in enumerate(self._places[: int(r.h / px(PLACE))]):
            at = Rect(r.x, r.y + index * px(PLACE), r.w, px(PLACE))
            it = ui.item(f"Place/{place.name}", at, tip=shown(place.folder or DEMOS))
            here = place.folder == self._folder
            if here or it.hovered:
                ui.paint.box(at, "select" if here else "control_hover", px(4))
            ui.paint.icon(Rect(at.x + px(6), at.y, px(20), at.h), place.icon, "accent" if here else "text_dim")
            ui.paint.text(Rect(at.x + px(32), at.y, at.w - px(38), at.h), place.name)
            if it.clicked:
                self.go_to(place.folder)

    # -- Going and choosing ---------------------------------------------------

    def _go_up(self) -> None:
        if self._folder is None:
            self.go_to(Path.home())
        elif self._folder.parent != self._folder:
            self.go_to(self._folder.parent, came_from=self._folder)

    def _go_to_typed(self, context: Context, typed: str) -> None:
        """To a folder or a file, from the shown folder if it does not say where. What there is not stays typed."""
        self._typed, self._retype = shown(typed, MAX_PATH), True
        try:
            path = (self._folder or Path.home()) / path_of(unquoted(typed))
        except UsageError as error:
            self.error = str(error)
            return
        if os.path.isdir(path):
            self._retype = not self.go_to(path)
        elif os.path.isfile(path):
            self._take(context, path)
        else:
            self.error = f"{shown(path.name)} does not exist in {shown(path.parent)}."

    def _choose(self, context: Context, line: Line) -> None:
        if line.is_folder:
            self.go_to(line.path)
        else:
            self._take(context, line.path)

    def _take(self, context: Context, path: Path) -> None:
        if self._save is not None:
            self._save.put(path)
            return
        self.is_open = False
        if demo_of(str(path)) is None:
            context.prefer(browse_folder=str(path.parent))
        self._then(path)
