"""Our controls over ImGui: rows with a label and a reset gutter, buttons, menus, text fields, panel headers."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from imgui_bundle import imgui

from core.base.text import encodable
from resources import icons
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font, Style
from visualizer.toolkit.tooltips import Tip
from visualizer.toolkit.values import Row, ValueControls

LABEL_WIDTH = 84
GUTTER = 20
CONTROL_HEIGHT = 24
PITCH = 28
HEADER_HEIGHT = 32
MARK_WIDTH = 16  # of a diamond
MARGIN = 12  # left and right of a panel's content


class Mark(StrEnum):
    """What the diamond of a row tells of its value."""

    NONE = "not animated"
    ANIMATED = "animated"
    KEY = "key"
    CHANGED = "changed"  # and not kept


class Ui(ValueControls):
    """All controls, laid out in a column."""

    def __init__(self, style: Style) -> None:
        super().__init__(style)
        self.x = self.y = self.w = 0.0  # the content column: left, next line, width

    def area(self, r: Rect) -> None:
        """Lay out from the top of this box, with margins left and right."""
        self.x, self.y, self.w = r.x + self.px(MARGIN), r.y, r.w - 2 * self.px(MARGIN)

    def gap(self, height: float = 4) -> None:
        self.y += self.px(height)

    def separator(self) -> None:
        self.gap(4)
        self.paint.hline(self.x, self.y, self.w)
        self.gap(8)

    def take(self, height: float) -> Rect:
        """The next `height` (of the design) of the column."""
        r = Rect(self.x, self.y, self.w, self.px(height))
        self.y += r.h
        return r

    # -- Rows -----------------------------------------------------------------

    def row(
        self, label: str, *, changed: bool = False, off: str = "", mark: Mark | None = None, mark_tip: str = ""
    ) -> Row:  # fmt: skip
        """Label, room for a control, gutter with a dot when the value is not the default; the dot resets.

        mark: a diamond before the gutter, which can be clicked.
        """
        px = self.px
        r = Rect(self.x, self.y, self.w, px(CONTROL_HEIGHT))
        self.y += px(PITCH)
        band = Rect(r.x - px(8), r.y - px(2), r.w + px(16), px(PITCH))
        hovered = imgui.is_window_hovered() and band.contains(*imgui.get_io().mouse_pos)
        if hovered and not off and not imgui.is_mouse_down(0):
            self.paint.box(band, "control_hover", px(4), 0.35)
        self.paint.text(Rect(r.x, r.y, px(LABEL_WIDTH - 6), r.h), label, "text_faint" if off else "text_dim")
        beside = px(GUTTER) + (px(MARK_WIDTH) if mark is not None else 0)
        area = Rect(r.x + px(LABEL_WIDTH), r.y, r.w - px(LABEL_WIDTH) - beside, r.h)
        reset = changed and not off and self._gutter(label, Rect(r.right - px(18), r.y, px(18), r.h), hovered)
        at = Rect(area.right + px(1), r.y, px(MARK_WIDTH), r.h)
        marked = mark is not None and not off and self._mark(label, at, mark, mark_tip, hovered)
        return Row(area, reset, marked)

    def _mark(self, label: str, r: Rect, mark: Mark, tip: str, hovered: bool) -> bool:
        """The diamond of a row. Returns whether it was clicked."""
        it = self.item(f"{label} key", r, tip=tip)
        self.values[self.name(f"{label} key")] = mark.value
        x, y = r.centre
        if mark is Mark.NONE and not hovered:
            self.paint.disc(x, y, self.px(1.5), "text_faint", 0.8)
            return it.clicked
        filled = mark in (Mark.KEY, Mark.CHANGED)
        colour = "p1" if mark is Mark.CHANGED else "text" if it.hovered or mark is Mark.NONE else "accent"
        self.paint.diamond(x, y, self.px(4.5), colour, filled=filled)
        return it.clicked

    def _gutter(self, label: str, r: Rect, hovered: bool) -> bool:
        if hovered:
            self.paint.icon(r, icons.ROTATE_CCW, "accent", 13)
        else:
            self.paint.disc(r.right - self.px(6), r.y + r.h / 2, self.px(2.5), "accent")
        return self.item(f"{label} reset", r, tip="Back to the default").clicked

    def bare_row(self, area: Rect) -> Row:
        """A control anywhere, without a label."""
        return Row(area)

    # -- Buttons --------------------------------------------------------------

    def button(
        self, label: str, *, at: Rect, icon: str = "", primary: bool = False, tip: str = "", off: str = "",
        icon_colour: str = "",
    ) -> bool:  # fmt: skip
        """A button with a word and perhaps an icon. Returns whether it was clicked."""
        px, paint = self.px, self.paint
        it = self.item(label, at, tip=tip, off=off)
        if primary and not off:
            paint.box(at, "accent_hover" if it.hovered and not it.active else "primary", px(4))
        else:
            self.control_box(at, it.hovered, off)
        colour = "text_faint" if off else "on_primary" if primary else "text"
        font = Font.MEDIUM if primary else Font.REGULAR
        x, room = at.x, at.w
        if icon:
            width = paint.text_width(label, font)
            x = round(at.x + max(px(6), (at.w - width - px(22)) / 2))
            faint = "text_faint" if off else icon_colour or ("on_primary" if primary else "text_dim")
            paint.icon(Rect(x, at.y, px(16), at.h), icon, faint)
            x, room = x + px(22), at.right - x - px(22)
        paint.text(Rect(x, at.y, room, at.h), label, colour, font=font, align=0.0 if icon else 0.5)
        return it.clicked

    def icon_button(
        self, label: str, icon: str, *, at: Rect, on: bool = False, tip: str = "", off: str = "", path: str = "",
    ) -> bool:  # fmt: skip
        """A button that is only an icon; its label is its name and, without a tip, the tooltip. path: what it sets."""
        it = self.item(label, at, tip=tip or label, off=off, path=path)
        if on:
            self.paint.box(at, "select", self.px(4))
        elif it.hovered:
            self.paint.box(at, "control_hover", self.px(4))
        self.paint.icon(at, icon, "text_faint" if off else "accent" if on else "text" if it.hovered else "text_dim")
        self.draw_focus(label, at)
        return it.clicked

    def combo(
        self, label: str, shown: str, *, at: Rect, menu: Callable[[], None], tip: str = "", off: str = "",
        path: str = "",
    ) -> None:  # fmt: skip
        """A box that opens a menu; `menu` draws its lines with menu_item. path: of what it sets."""
        px, paint = self.px, self.paint
        it = self.item(label, at, tip=tip, off=off, path=path)
        self.control_box(at, it.hovered, off)
        colour = "text_faint" if off else "text"
        paint.text(Rect(at.x + px(8), at.y, at.w - px(30), at.h), shown, colour)
        arrow = Rect(at.right - px(22), at.y, px(18), at.h)
        paint.icon(arrow, icons.CHEVRON_DOWN, "text_faint" if off else "text_dim", 14)
        self.draw_focus(label, at)
        popup = f"##menu {self.name(label)}"
        if it.clicked:
            imgui.open_popup(popup)
        self.popup(popup, menu, Rect(at.x, at.bottom + px(2), at.w, 0))

    def popup(self, name: str, content: Callable[[], None], below: Rect) -> None:
        """Draw an open popup under a box, at least as wide as it."""
        if not imgui.is_popup_open(name):
            return
        px = self.px
        imgui.set_next_window_pos((below.x, below.y), imgui.Cond_.appearing)
        imgui.set_next_window_size_constraints((below.w, 0), (px(560), px(420)))
        self.push_menu_style()
        if imgui.begin_popup(name):
            content()
            imgui.end_popup()
        imgui.pop_style_var(2)

    def text_field(
        self, label: str, value: str, *, at: Rect, hint: str = "", tip: str = "", live: bool = False,
    ) -> str | None:  # fmt: skip
        """A field for a line of text. Returns the text when Enter commits it; live: whenever it changes."""
        px, value = self.px, encodable(value)
        self.items[self.name(label)] = at
        imgui.set_cursor_screen_pos((at.x, at.y))
        imgui.set_next_item_width(at.w)
        imgui.push_font(self.style.fonts[Font.REGULAR], px(15))
        imgui.push_style_var(imgui.StyleVar_.frame_padding, (px(8), (at.h - px(15)) / 2))
        flags = imgui.InputTextFlags_.auto_select_all
        flags |= imgui.InputTextFlags_.none if live else imgui.InputTextFlags_.enter_returns_true
        entered, text = imgui.input_text_with_hint(f"##{self.name(label)}", hint, value, flags)
        if imgui.is_item_active():
            self.paint.frame(at, "accent", px(4), max(1.5, 1.5 * self.style.scale))
            self.redraw_in(0.4)  # the caret blinks
        elif value:
            self.paint.box(at, "control", px(4))  # at rest the end of a path is shown, not its beginning
            self.paint.text(Rect(at.x + px(8), at.y, at.w - px(16), at.h), value, keep_end=True)
        hovered = imgui.is_item_hovered()
        imgui.pop_style_var()
        imgui.pop_font()
        self._tooltip(self.name(label), hovered and not imgui.is_item_active(), Tip(tip))
        return text if entered else None

    # -- Panels ---------------------------------------------------------------

    def header(
        self, r: Rect, title: str, icon: str, *, is_open: bool, changed: bool, summary: str = "",
        menu: Callable[[], None] | None = None,
    ) -> tuple[bool, bool]:  # fmt: skip
        """A panel's title bar. Returns whether it is open now, and whether its reset was clicked."""
        px, paint = self.px, self.paint
        paint.box(r, "header")
        paint.hline(r.x, r.bottom - 1, r.w)
        paint.hline(r.x, r.y, r.w, "line" if self.style.theme.name == "dark" else "border")
        paint.icon(Rect(r.x + px(8), r.y, px(16), r.h), icons.CHEVRON_DOWN if is_open else icons.CHEVRON_RIGHT, size=14)
        paint.icon(Rect(r.x + px(28), r.y, px(16), r.h), icon)
        right = r.right - px(30)
        if menu is not None:
            at = Rect(right, r.y + px(4), px(24), px(24))
            if self.icon_button("More", icons.ELLIPSIS, at=at, tip="Actions of this panel"):
                imgui.open_popup(f"##menu {self.scope}")
            self.popup(f"##menu {self.scope}", menu, Rect(at.x, at.bottom, at.w, 0))
        reset = False
        if changed:
            right -= px(26)
            at = Rect(right, r.y + px(4), px(24), px(24))
            reset = self.item("Reset", at, tip="Back to the defaults of this panel").clicked
            paint.icon(at, icons.ROTATE_CCW, "accent", 14)
        bar = Rect(r.x, r.y, right - r.x, r.h)
        if self.item("Header", bar, tip="").clicked:
            is_open = not is_open
        paint.text(Rect(r.x + px(52), r.y, right - r.x - px(52), r.h), title, font=Font.BOLD)
        if summary and not is_open:
            x = r.x + px(60) + paint.text_width(title, Font.BOLD)
            paint.text(Rect(x, r.y, right - x - px(8), r.h), summary, "text_dim", size=14, align=1)
        return is_open, reset
