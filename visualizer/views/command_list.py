"""The searchable list of commands and parameters: type words, Up and Down choose, Enter runs."""

from __future__ import annotations

from collections.abc import Sequence

from imgui_bundle import imgui

from resources import icons
from visualizer.actions.context import Context
from visualizer.actions.entries import Entry, command_entries, found
from visualizer.actions.parameter_entries import parameter_entries
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.views.boxes import DIALOG_MARGIN, begin_list, dialog

WIDTH, TOP = 620, 64
FIELD, LINE = 44, 30  # heights
AROUND = FIELD + 11  # of the dialog besides the lines
MOST_LINES = 14
HINT = "A command, or something that can be turned"
NOTHING = "Nothing is called so."


class CommandList:
    """A dialog over the window while it is open."""

    def __init__(self) -> None:
        self.wanted = False
        self._search = ""
        self._chosen = 0
        self._fresh = False  # the field has yet to get the keyboard
        self._mouse = (0.0, 0.0)  # where it was: one that rests chooses nothing
        self._show_chosen = False  # scroll to it

    def draw(self, context: Context) -> None:
        """Draw the list while it is open; what is chosen runs when it is closed."""
        if self.wanted:
            self.wanted, self._fresh, self._search, self._chosen = False, True, "", 0
            imgui.open_popup("##commands")
        if not imgui.is_popup_open("##commands"):
            return
        entries = found([*command_entries(context), *parameter_entries(context)], self._search)
        room = imgui.get_main_viewport().size.y / context.ui.style.scale - DIALOG_MARGIN - AROUND
        lines = min(max(len(entries), 1), MOST_LINES, int(room / LINE))  # whole ones
        r, shown = dialog(context.ui, "##commands", WIDTH, AROUND + LINE * lines, top=TOP)
        if not shown:
            return
        context.ui.scope = "Commands"
        entered = self._field(context, Rect(r.x, r.y, r.w, context.ui.px(FIELD)))
        entries = found([*command_entries(context), *parameter_entries(context)], self._search)
        self._move(len(entries))
        top = r.y + context.ui.px(FIELD + 5)
        clicked = self._lines(context, entries, Rect(r.x, top, r.w, context.ui.px(LINE) * lines))
        chosen = entries[self._chosen] if entered and entries else clicked
        if chosen is not None and not chosen.why_not:
            imgui.close_current_popup()
        imgui.end_popup()
        if chosen is not None and not chosen.why_not:
            chosen.run()

    def _field(self, context: Context, r: Rect) -> bool:
        """The field at the top. Returns whether Enter was pressed."""
        ui, px = context.ui, context.ui.px
        ui.items[ui.name("Search")] = r
        ui.paint.icon(Rect(r.x + px(14), r.y, px(18), r.h), icons.SEARCH, "text_dim", 16)
        imgui.set_cursor_screen_pos((r.x + px(40), r.y))
        imgui.set_next_item_width(r.w - px(52))
        imgui.push_font(ui.style.fonts[Font.REGULAR], px(16))
        imgui.push_style_var(imgui.StyleVar_.frame_padding, (0, (r.h - px(16)) / 2))
        imgui.push_style_var(imgui.StyleVar_.frame_border_size, 0.0)
        imgui.push_style_color(imgui.Col_.frame_bg, (0, 0, 0, 0))
        if self._fresh:
            imgui.set_keyboard_focus_here()
            self._fresh = False
        flags = imgui.InputTextFlags_.enter_returns_true
        before = self._search
        entered, self._search = imgui.input_text_with_hint("##search", HINT, self._search, flags)
        imgui.pop_style_color()
        imgui.pop_style_var(2)
        imgui.pop_font()
        ui.paint.hline(r.x, r.bottom, r.w)
        ui.redraw_in(0.4)  # the caret blinks
        if self._search != before:
            self._chosen, self._show_chosen = 0, True
        if entered:
            self._fresh = True  # Enter leaves the field; what cannot be run keeps the list open
        return entered

    def _move(self, count: int) -> None:
        """Up and Down, around the ends."""
        if not count:
            self._chosen = 0
            return
        step = imgui.is_key_pressed(imgui.Key.down_arrow) - imgui.is_key_pressed(imgui.Key.up_arrow)
        page = imgui.is_key_pressed(imgui.Key.page_down) - imgui.is_key_pressed(imgui.Key.page_up)
        if step:
            self._chosen = (self._chosen + step) % count
        elif page:
            self._chosen = min(max(self._chosen + page * MOST_LINES, 0), count - 1)
        self._chosen = min(self._chosen, count - 1)
        self._show_chosen = self._show_chosen or bool(step or page)

    def _lines(self, context: Context, entries: Sequence[Entry], r: Rect) -> Entry | None:
        """The list. Returns the entry that was clicked."""
        ui, px = context.ui, context.ui.px
        if not entries:
            ui.paint.text(Rect(r.x + px(40), r.y, r.w - px(52), px(LINE)), NOTHING, "text_dim")
            return None
        mouse = imgui.get_io().mouse_pos
        moved, self._mouse = (mouse.x, mouse.y) != self._mouse, (mouse.x, mouse.y)
        begin_list("##entries", r)
        at = imgui.get_cursor_screen_pos()
        width = r.w - (imgui.get_style().scrollbar_size if len(entries) * px(LINE) > r.h + 1 else 0)
        clicked = None
        for index, entry in enumerate(entries):
            line = Rect(at.x, at.y + index * px(LINE), width, px(LINE))
            it = ui.item(entry.title, line)
            if it.hovered and moved:
                self._chosen = index
            self._line(context, entry, line, chosen=index == self._chosen)
            if it.clicked:
                clicked = entry
            if index == self._chosen and self._show_chosen:
                self._show_chosen = False
                corners = imgui.internal.ImRect(*line.corners)
                imgui.internal.scroll_to_rect(imgui.internal.get_current_window(), corners)
        imgui.set_cursor_screen_pos((at.x, at.y + len(entries) * px(LINE)))
        imgui.dummy((1, 0))
        imgui.end_child()
        return clicked

    def _line(self, context: Context, entry: Entry, r: Rect, *, chosen: bool) -> None:
        """Icon, title, and dim where it is or why it cannot be run; at the right its value or its keys."""
        px, paint = context.ui.px, context.ui.paint
        if chosen:
            paint.box(Rect(r.x + px(6), r.y + px(1), r.w - px(12), r.h - px(2)), "select", px(4))
        off = entry.why_not != ""
        paint.icon(Rect(r.x + px(14), r.y, px(18), r.h), entry.icon, "text_faint" if off else "text_dim", 15)
        right = r.right - px(16)
        for text, colour in ((entry.keys, "text_dim"), (entry.detail, "accent")):
            if text:
                width = paint.text_width(text, size=14)
                paint.text(Rect(right - width, r.y, width + 1, r.h), text, "text_faint" if off else colour, size=14)
                right -= width + px(12)
        x = r.x + px(40)
        paint.text(Rect(x, r.y, right - x, r.h), entry.title, "text_faint" if off else "text")
        x += paint.text_width(entry.title) + px(12)
        dim = entry.why_not or entry.place
        if dim and right - x > px(40):
            paint.text(Rect(x, r.y, right - x, r.h), dim, "text_faint", size=14)
