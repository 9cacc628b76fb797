"""The file browser inside the window: no native dialog is needed, and tests can drive it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from imgui_bundle import imgui

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
from visualizer.views.files.folder_reader import Absent, File, FolderReader, Found, Listing, look_at, read_folder
from visualizer.views.files.listing import Line, is_path
from visualizer.views.files.places import Place, drives, places
from visualizer.views.files.preview import Preview
from visualizer.views.files.save_bar import HEIGHT as BAR_HEIGHT
from visualizer.views.files.save_bar import SaveBar

SIZE = (960, 580)
PLACES_WIDTH, PLACE = 164, 26
PREVIEW_WIDTH = 208
PREVIEW_FROM, PLACES_FROM = 760, 560  # pixels at scale 1 of a dialog that has room for them
SEARCH_WIDTH = 190
DEMOS, READING = "Demo networks", "Reading the folder …"
MAX_PATH = 4096  # characters
PATIENCE_S = 0.15  # how long what was listed before stays while another folder is read


class Browser:
    """A dialog that lists folders and the files that can be opened. Its search field has the keyboard all the time."""

    def __init__(self) -> None:
        self.is_open = False
        self.error = ""  # why what was asked for is not shown
        self._opening = False
        self._folder: Path | None = Path.home()  # that is shown or being read; None: the demo networks
        self._listed: Path | None = None  # what the list shows
        self._typed = ""  # in the field of the folder
        self._retype = False  # the field of the folder is to have the keyboard
        self._list = FileList()
        self._reader = FolderReader()
        self._preview = Preview()
        self._places: tuple[Place, ...] = ()
        self._title = ""
        self._suffixes = SUFFIXES
        self._then: Callable[[Path], None] = lambda path: None
        self._otherwise: Callable[[], None] = lambda: None
        self._start: Path | None = None  # the folder that is shown first; None: the last one used
        self._save: SaveBar | None = None  # a name for a new file is asked for

    def close(self) -> None:
        self._preview.close()

    def choose(
        self, title: str, suffixes: frozenset[str], then: Callable[[Path], None],
        otherwise: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Show the dialog for files of some kinds, and then do something with the chosen one, or without one."""
        self.is_open = self._opening = True
        self._title, self._suffixes, self._then, self._otherwise = title, suffixes, then, otherwise
        self._start = self._save = None

    def choose_new(
        self, title: str, suffix: str, name: str, start: Path | None, then: Callable[[Path], None]
    ) -> None:  # fmt: skip
        """Show the dialog for a name of a file to be written; see `visualizer.actions.ports.FileChooser`."""
        self.choose(title, frozenset({suffix}), then)
        self._start, self._save = start.parent if start is not None else None, SaveBar(suffix, name)

    def go_to(
        self, context: Context, folder: Path | None, *, came_from: Path | None = None, refuge: Path | None = None
    ) -> None:
        """Read a folder and show it, None: the demo networks. If it cannot be read, what was shown stays.

        came_from: the line to choose in it; refuge: where to go instead if it cannot be read.
        """
        self._typed, self._folder = DEMOS if folder is None else shown(folder, MAX_PATH), folder
        self._ask(context, partial(read_folder, folder, self._suffixes), came_from, refuge)

    def _ask(
        self, context: Context, look: Callable[[], Found], came_from: Path | None = None, refuge: Path | None = None
    ) -> None:
        self.error, self._list.search = "", ""

        def take(found: Found) -> None:
            match found:
                case Listing(folder=folder, lines=lines):
                    self._typed = DEMOS if folder is None else shown(folder, MAX_PATH)
                    self._folder = self._listed = folder
                    self._list.show(lines, came_from)
                case File(path=path):
                    self._take(context, path)
                case Absent() if refuge is not None:
                    self.go_to(context, refuge)
                case Absent(reason=reason):
                    self.error, self._retype, self._folder = reason, True, self._listed
                    self._list.arrange()

        self._reader.ask(context.session, look, take)

    # -- The dialog -----------------------------------------------------------

    def draw(self, context: Context) -> None:
        """Draw the dialog while it is open."""
        if self._opening:
            self._opening = False
            self._begin(context)
            imgui.open_popup("##browser")
        if not self.is_open:
            return
        searched = self._list.search != ""
        r, is_shown = dialog(context.ui, "##browser", *SIZE, escape=not searched)
        if not is_shown:
            self._leave()
            return
        context.ui.scope = "Browser"
        self._content(context, r)
        if not self.is_open:
            imgui.close_current_popup()
        imgui.end_popup()

    def _begin(self, context: Context) -> None:
        """Look where files were chosen the last time; the drives come when they have been found."""
        networks = self._suffixes >= NETWORKS
        self._places = places(context, networks=networks)
        self._list.show((), None)
        self._listed = Path.home()
        start = Path(self._start or context.settings.browse_folder or self._folder or Path.home())
        self.go_to(context, start, refuge=Path.home() if start != Path.home() else None)

        def take(found: tuple[Path, ...]) -> None:
            self._places = places(context, found, networks=networks)

        context.session.start("Cannot look for drives", drives, take, awaited=False)

    def _leave(self) -> None:
        """Nothing was chosen."""
        self.is_open = False
        self._reader.leave()
        self._otherwise()

    def _content(self, context: Context, r: Rect) -> None:
        ui, px = context.ui, context.ui.px
        ui.paint.text(Rect(r.x + px(16), r.y + px(10), r.w - px(80), px(28)), self._title, font=Font.BOLD, size=16)
        at = Rect(r.right - px(40), r.y + px(12), px(24), px(24))
        if ui.icon_button("Close", icons.X, at=at, tip="Close (Escape)"):
            self._leave()
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
            self._preview.draw(context, self._chosen, at)
        self._draw_list(context, body)

    @property
    def _chosen(self) -> Line | None:
        """The chosen line, once the list is that of the folder."""
        return self._list.chosen if self._reader.waited_s is None else None

    def _draw_list(self, context: Context, r: Rect) -> None:
        ui, px, waited = context.ui, context.ui.px, self._reader.waited_s
        if waited is not None and waited >= PATIENCE_S:
            ui.paint.spinner(r.x + px(26), r.y + px(25), px(7), "text_dim", waited)
            ui.paint.text(Rect(r.x + px(44), r.y + px(12), r.w - px(60), px(26)), READING, "text_dim")
            ui.redraw_in(0.03)
        elif waited is not None:
            ui.redraw_in(PATIENCE_S - waited)
            if self._list.chosen is not None:
                self._list.draw(context, r)
        elif (clicked := self._list.draw(context, r)) is not None:
            self._choose(context, clicked)

    def _tools(self, context: Context, r: Rect) -> float:
        """Up, the folder, the search; under it why a folder cannot be shown. Returns where they end."""
        ui, px = context.ui, context.ui.px
        if ui.icon_button("Up", icons.FOLDER_UP, at=Rect(r.x, r.y, px(26), px(26)), tip="The folder above (Backspace)"):
            self._go_up(context)
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
        if entered and is_path(self._list.search):
            self._go_to_typed(context, self._list.search)
        elif entered and self._chosen is not None:
            self._choose(context, self._chosen)
        elif went_up:
            self._go_up(context)
        bottom = r.bottom
        if self.error:
            width = r.right - field.x
            bottom += px(4) + ui.paint.wrapped(field.x + px(2), r.bottom + px(4), width, self.error, "error", size=14)
        return float(bottom + px(9))

    def _draw_save(self, context: Context, r: Rect, save: SaveBar) -> None:
        """The name of the file that is to be written."""
        path, gave_up = save.draw(context, r, self._folder or Path.home())
        if gave_up:
            self._leave()
        if path is not None:
            self.is_open = False
            self._reader.leave()
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
                self.go_to(context, place.folder)

    # -- Going and choosing ---------------------------------------------------

    def _go_up(self, context: Context) -> None:
        if self._folder is None:
            self.go_to(context, Path.home())
        elif self._folder.parent != self._folder:
            self.go_to(context, self._folder.parent, came_from=self._folder)

    def _go_to_typed(self, context: Context, typed: str) -> None:
        """To a folder or a file, from the shown folder if it does not say where. What there is not stays typed."""
        self._typed = shown(typed, MAX_PATH)
        self._ask(context, partial(look_at, typed, self._folder or Path.home(), self._suffixes))

    def _choose(self, context: Context, line: Line) -> None:
        if line.is_folder:
            self.go_to(context, line.path)
        else:
            self._take(context, line.path)

    def _take(self, context: Context, path: Path) -> None:
        if self._save is not None:
            self._save.put(path)
            return
        self.is_open = False
        self._reader.leave()
        if demo_of(str(path)) is None:
            context.prefer(browse_folder=str(path.parent))
        self._then(path)
