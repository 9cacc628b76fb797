"""The row that chooses a class, of the latent or of a source of styles, by number or by name."""

from __future__ import annotations

from collections.abc import Sequence

from imgui_bundle import imgui

from core.request import Label, ModelInfo
from resources import icons
from visualizer.context import Context
from visualizer.paint import Rect
from visualizer.ui import Ui

UNCONDITIONAL = "This network was trained without classes."
LINE, LINES = 26, 9  # height of a line of the menu; how many are in sight
WIDTH = 240  # of the menu, at least
SEARCHED = 12  # classes from which on there is a search
NUMBER_WIDTH, STEPS_WIDTH = 80, 48  # of the field for the number; of the buttons beside a name
SEARCH_TIP = "Words of the name, or a number; Enter takes the first"


class ClassRow:
    """A row with a menu of all classes, in which names and numbers can be searched."""

    def __init__(self) -> None:
        self._search = ""

    def draw(self, context: Context, label: Label, *, none: str, tip: str) -> Label:
        """Returns the class that is chosen then. none: what None stands for, in words."""
        ui, info = context.ui, context.session.info
        off = "" if info is None or info.c_dim else UNCONDITIONAL
        row = ui.row("Class", changed=label is not None, off=off)
        if row.reset:
            return None
        number = label if isinstance(label, int) and info is not None and not off else None
        name = "" if info is None or number is None else name_of_class(info, number)
        shown = "Not conditional" if off else "Mixed" if isinstance(label, tuple) else none
        if number is not None:
            shown, tip = name or "Class", f"Class {number}: {name}" if name else tip  # the number stands beside it
        right = 0.0 if number is None else ui.px(STEPS_WIDTH if name else NUMBER_WIDTH)
        at = Rect(row.area.x, row.area.y, row.area.w - right, row.area.h)
        chosen = [label]

        def menu() -> None:
            if ui.menu_item(none, on=label is None):
                chosen[0] = None
            if ui.menu_item("Names from a file…", off=info is None):
                context.actions.choose_class_names()
            if info is not None:
                chosen[0] = self._menu(ui, info, chosen[0], max(at.w, ui.px(WIDTH)) - ui.px(20))

        ui.combo("Class", shown, at=at, menu=menu, tip=tip, off=off)
        if number is None or info is None or chosen[0] != label:
            return chosen[0]
        at = Rect(at.right + ui.px(4), row.area.y, right - ui.px(4), row.area.h)
        if name:
            return self._steps(ui, at, number, info.c_dim)
        tip, last = "The number of the class", info.c_dim - 1
        return int(ui.number("Class number", number, at=at, reset=0, low=0, high=last, stepper=True, tip=tip))

    def _steps(self, ui: Ui, r: Rect, number: int, classes: int) -> int:
        """Two buttons for the class before and the next one, in a circle."""
        left, right = Rect(r.x, r.y, r.w / 2, r.h), Rect(r.x + r.w / 2, r.y, r.w / 2, r.h)
        back = ui.icon_button("Previous class", icons.CHEVRON_LEFT, at=left)
        on = ui.icon_button("Next class", icons.CHEVRON_RIGHT, at=right)
        return (number + on - back) % classes

    def _menu(self, ui: Ui, info: ModelInfo, label: Label, width: float) -> Label:
        """The classes as lines that scroll, below a field that searches them. Returns the one that is chosen then."""
        px = ui.px
        appears = imgui.is_window_appearing()
        found = self._found(ui, info, width, appears)
        lines = LINES if info.c_dim >= SEARCHED else info.c_dim  # the menu keeps its size while one types
        imgui.push_style_color(imgui.Col_.child_bg, (0, 0, 0, 0))
        imgui.begin_child("##classes", (width, px(LINE) * lines))
        if appears and isinstance(label, int):
            imgui.set_scroll_y(px(LINE) * (label - lines // 2))
        if not found:
            at = imgui.get_cursor_screen_pos()
            ui.paint.text(Rect(at.x + px(6), at.y, width, px(LINE)), "No class is called so.", "text_dim")
        chosen = found[0] if found and self._search and imgui.is_key_pressed(imgui.Key.enter) else None
        clipper = imgui.ListClipper()
        clipper.begin(len(found), px(LINE))
        while clipper.step():
            for index in found[clipper.display_start : clipper.display_end]:
                at = imgui.get_cursor_screen_pos()
                if _line(ui, info, index, Rect(at.x, at.y, width - px(10), px(LINE)), on=label == index):
                    chosen = index
                imgui.set_cursor_screen_pos((at.x, at.y + px(LINE)))
        imgui.dummy((0, 0))
        imgui.end_child()
        imgui.pop_style_color()
        if chosen is None:
            return label
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
