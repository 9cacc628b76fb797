"""A menu of classes, in which numbers and names can be searched."""

from __future__ import annotations

from collections.abc import Sequence

from imgui_bundle import imgui

from core.request import ModelInfo
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.ui import Ui

LINE, LINES = 26, 9  # height of a line of the menu; how many are in sight
WIDTH = 240  # of the menu, at least
SEARCHED = 12  # classes from which on there is a search
SEARCH_TIP = "Words of the name, or a number; Enter takes the first"


class ClassMenu:
    """All classes as lines that scroll, below a field that searches them. Drawn in an open menu."""

    def __init__(self) -> None:
        self._search = ""

    def draw(self, ui: Ui, info: ModelInfo, current: int | None, width: float) -> int | None:
        """Returns the class that was chosen, None if none was. current: that is marked; width: of the control."""
        px, width = ui.px, max(width, ui.px(WIDTH)) - ui.px(20)
        appears = imgui.is_window_appearing()
        found = self._found(ui, info, width, appears)
        lines = LINES if info.c_dim >= SEARCHED else info.c_dim  # the menu keeps its size while one types
        imgui.push_style_color(imgui.Col_.child_bg, (0, 0, 0, 0))
        imgui.begin_child("##classes", (width, px(LINE) * lines))
        if appears and current is not None:
            imgui.set_scroll_y(px(LINE) * (current - lines // 2))
        if not found:
            at = imgui.get_cursor_screen_pos()
            ui.paint.text(Rect(at.x + px(6), at.y, width, px(LINE)), "No class is called so.", "text_dim")
        chosen = found[0] if found and self._search and imgui.is_key_pressed(imgui.Key.enter) else None
        clipper = imgui.ListClipper()
        clipper.begin(len(found), px(LINE))
        while clipper.step():
            for index in found[clipper.display_start : clipper.display_end]:
                at = imgui.get_cursor_screen_pos()
                if _line(ui, info, index, Rect(at.x, at.y, width - px(10), px(LINE)), on=current == index):
                    chosen = index
                imgui.set_cursor_screen_pos((at.x, at.y + px(LINE)))
        imgui.dummy((0, 0))
        imgui.end_child()
        imgui.pop_style_color()
        if chosen is not None:
            imgui.close_current_popup()
        return chosen

    def _found(self, ui: Ui, info: ModelInfo, width: float, appears: bool) -> Sequence[int]:
        """The classes that are searched for; the field has the keyboard as the menu appears."""
        if appears:
            self._search = ""
        if info.c_dim >= SEARCHED:
            place = imgui.get_cursor_screen_pos()
            if appears:
                imgui.set_keyboard_focus_here()
            at = Rect(place.x, place.y, width, ui.px(24))
            hint = "Search names and numbers" if info.class_names else "Search numbers"
            search = ui.text_field("Search classes", self._search, at=at, hint=hint, tip=SEARCH_TIP, live=True)
            self._search = self._search if search is None else search
            imgui.set_cursor_screen_pos((place.x, at.bottom + ui.px(6)))
            if imgui.is_key_pressed(imgui.Key.escape):  # not only the field
                imgui.close_current_popup()
        return search_classes(info, self._search)


def _line(ui: Ui, info: ModelInfo, index: int, r: Rect, *, on: bool) -> bool:
    """A class in the menu. Returns whether it was clicked."""
    px, name = ui.px, name_of_class(info, index)
    it = ui.item(f"Class {index}", r)
    if on or it.hovered:
        ui.paint.box(r, "select" if on else "control_hover", px(4))
    number = Rect(r.x + px(6), r.y, ui.paint.text_width(str(info.c_dim - 1)) + px(14), r.h)
    if not name:
        ui.paint.text(Rect(number.x, r.y, r.w, r.h), f"Class {index}")
        return it.clicked
    ui.paint.text(number, str(index), "text_dim")
    ui.paint.text(Rect(number.right, r.y, r.right - number.right, r.h), name)
    return it.clicked


def name_of_class(info: ModelInfo, index: int) -> str:
    """"" if nothing tells it."""
    return info.class_names[index] if index < len(info.class_names) else ""


def search_classes(info: ModelInfo, text: str) -> Sequence[int]:
    """The classes whose name or number has all these words in it."""
    words = text.lower().split()
    if not words:
        return range(info.c_dim)
    return [
        index
        for index in range(info.c_dim)
        if all(word in f"class {index} {name_of_class(info, index)}".lower() for word in words)
    ]
