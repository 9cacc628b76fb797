"""The list of a folder in columns: a search narrows it, Up and Down move, the titles sort."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from imgui_bundle import imgui

from core.base.text import counted
from resources import icons
from visualizer.actions.context import Context
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.views.boxes import begin_list
from visualizer.views.files.listing import Column, Line, arranged, is_path
from visualizer.views.files.preview import icon_of

LINE, HEAD = 26, 28  # heights
DATE_WIDTH, SIZE_WIDTH = 128, 84
DATE_FROM = 400  # pixels at scale 1 of a list that has room for dates
NOTHING, NOTHING_FOUND = "Nothing here that can be opened.", "Nothing here is called so."
A_PATH = "Enter goes to this path."


class FileList:
    """What is listed, in which order, and which line is chosen."""

    def __init__(self) -> None:
        self.search = ""
        self._lines: Sequence[Line] = ()
        self._shown: list[Line] = []  # found and sorted
        self._index = 0  # of the chosen one of those
        self._column, self._descending = Column.NAME, False
        self._has_keyboard = False
        self._show_chosen = False  # scroll to it
        self._page = 1  # how many lines there is room for

    @property
    def chosen(self) -> Line | None:
        return self._shown[self._index] if self._shown else None

    def show(self, lines: Sequence[Line], chosen: Path | None) -> None:
        """List another folder, of it what is searched. chosen: a line of it; None: the first one."""
        self._lines = lines
        self.arrange(chosen)

    def arrange(self, chosen: Path | None = None) -> None:
        """Search and sort anew."""
        self._shown = arranged(self._lines, self._column, descending=self._descending, search=self.search)
        self._index = next((index for index, line in enumerate(self._shown) if line.path == chosen), 0)
        self._show_chosen = True

    # -- Searching and moving -------------------------------------------------

    def draw_search(self, context: Context, r: Rect, *, takes_keyboard: bool) -> tuple[bool, bool]:
        """The field of the search, which has the keyboard while nothing else has it, unless that is not wanted.

        Returns whether Enter was pressed, and whether Backspace was where there is nothing to delete.
        """
        ui, px = context.ui, context.ui.px
        ui.items[ui.name("Search")] = r
        imgui.set_cursor_screen_pos((r.x, r.y))
        imgui.set_next_item_width(r.w)
        imgui.push_font(ui.style.fonts[Font.REGULAR], px(15))
        imgui.push_style_var(imgui.StyleVar_.frame_padding, (px(8), (r.h - px(15)) / 2))
        if takes_keyboard and not imgui.is_any_item_active() and not imgui.is_mouse_down(0):
            imgui.set_keyboard_focus_here()
        before, had_keyboard = self.search, self._has_keyboard
        flags = imgui.InputTextFlags_.enter_returns_true | imgui.InputTextFlags_.escape_clears_all
        entered, self.search = imgui.input_text_with_hint("##Browser/Search", "Search", before, flags)
        self._has_keyboard = imgui.is_item_active()
        imgui.pop_style_var()
        imgui.pop_font()
        if self._has_keyboard:
            ui.paint.frame(r, "accent", px(4), max(1.5, 1.5 * ui.style.scale))
        ui.redraw_in(0.4)  # the caret blinks
        if self.search != before:
            self.arrange()
        if self._has_keyboard:
            self._move()
        return entered, had_keyboard and not before and imgui.is_key_pressed(imgui.Key.backspace)

    def _move(self) -> None:
        """Up and Down, as far as there are lines."""
        step = imgui.is_key_pressed(imgui.Key.down_arrow) - imgui.is_key_pressed(imgui.Key.up_arrow)
        page = imgui.is_key_pressed(imgui.Key.page_down) - imgui.is_key_pressed(imgui.Key.page_up)
        if step or page:
            self._index = min(max(self._index + step + page * self._page, 0), max(len(self._shown) - 1, 0))
            self._show_chosen = True

    # -- Drawing --------------------------------------------------------------

    def draw(self, context: Context, r: Rect) -> Line | None:
        """The titles of the columns and the lines under them. Returns the line that was clicked."""
        ui, px = context.ui, context.ui.px
        has_dates = r.w >= px(DATE_FROM)
        self._draw_titles(context, Rect(r.x + px(8), r.y, r.w - px(24), px(HEAD)), has_dates=has_dates)
        ui.paint.hline(r.x, r.y + px(HEAD), r.w)
        r = Rect(r.x + px(8), r.y + px(HEAD + 4), r.w - px(12), r.h - px(HEAD + 4))
        if not self._shown:
            text = A_PATH if is_path(self.search) else NOTHING_FOUND if self.search else NOTHING
            ui.paint.text(Rect(r.x + px(8), r.y, r.w - px(8), px(LINE)), text, "text_dim")
            return None
        self._page = max(1, int(r.h / px(LINE)))
        moved = imgui.get_io().mouse_delta  # a mouse that rests chooses nothing
        begin_list("##lines", r)
        self._scroll(r.h, px(LINE))
        clipper = imgui.ListClipper()
        clipper.begin(len(self._shown), px(LINE))
        clicked: Line | None = None
        while clipper.step():
            for index in range(clipper.display_start, clipper.display_end):
                line, at = self._shown[index], imgui.get_cursor_screen_pos()
                box = Rect(at.x, at.y, r.w - px(12), px(LINE))
                it = ui.item(line.name, box)
                if it.hovered and (moved.x or moved.y):
                    self._index = index
                self._draw_line(context, line, box, chosen=index == self._index, has_dates=has_dates)
                clicked = line if it.clicked else clicked
                imgui.set_cursor_screen_pos((at.x, at.y + px(LINE)))
        imgui.dummy((0, 0))
        imgui.end_child()
        return clicked

    def _scroll(self, height: float, line: float) -> None:
        """Bring the chosen line into view, if it was chosen by the keyboard."""
        if not self._show_chosen:
            return
        self._show_chosen = False
        top, scroll = self._index * line, imgui.get_scroll_y()
        if top < scroll or top + line > scroll + height:
            imgui.set_scroll_y(top if top < scroll else top + line - height)

    def _draw_titles(self, context: Context, r: Rect, *, has_dates: bool) -> None:
        ui, px = context.ui, context.ui.px
        boxes = [(Column.SIZE, Rect(r.right - px(SIZE_WIDTH), r.y, px(SIZE_WIDTH), r.h))]
        if has_dates:
            boxes.append((Column.DATE, Rect(boxes[-1][1].x - px(DATE_WIDTH), r.y, px(DATE_WIDTH), r.h)))
        boxes.append((Column.NAME, Rect(r.x, r.y, boxes[-1][1].x - r.x, r.h)))
        for column, box in boxes:
            it = ui.item(f"Sort by {column.lower()}", box, tip=f"Sort by {column.lower()}; once more: the other way")
            sorts = column is self._column
            text, colour = str(column), "text" if sorts or it.hovered else "text_dim"
            x = box.x + px(8) if column is not Column.SIZE else box.right - px(8) - ui.paint.text_width(text, size=14)
            ui.paint.text(Rect(x, box.y, box.w, box.h), text, colour, size=14)
            if sorts:
                arrow = icons.CHEVRON_DOWN if self._descending else icons.CHEVRON_UP
                beside = x - px(18) if column is Column.SIZE else x + ui.paint.text_width(text, size=14) + px(2)
                ui.paint.icon(Rect(beside, box.y, px(16), box.h), arrow, size=13)
            if it.clicked:
                self._sort_by(column)

    def _sort_by(self, column: Column) -> None:
        """By a column: names from A, the newest and the largest first; once more: the other way."""
        self._descending = not self._descending if column is self._column else column is not Column.NAME
        self._column = column
        self.arrange(self.chosen.path if self.chosen is not None else None)

    def _draw_line(self, context: Context, line: Line, r: Rect, *, chosen: bool, has_dates: bool) -> None:
        px, paint = context.ui.px, context.ui.paint
        if chosen:
            paint.box(r, "select", px(4))
        paint.icon(Rect(r.x + px(6), r.y, px(20), r.h), icon_of(line), "accent" if line.is_folder else "text_dim")
        right = r.right - px(SIZE_WIDTH)
        if not line.is_folder:
            paint.text(Rect(right, r.y, px(SIZE_WIDTH - 8), r.h), counted(line.size), "text_dim", size=14, align=1)
        if has_dates:
            right -= px(DATE_WIDTH)
            paint.text(Rect(right + px(8), r.y, px(DATE_WIDTH - 8), r.h), line.date, "text_dim", size=14)
        paint.text(Rect(r.x + px(32), r.y, right - r.x - px(32), r.h), line.name)
