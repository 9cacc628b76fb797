"""The menus of the shelf: of what was kept, and of all of it."""

from __future__ import annotations

from collections.abc import Sequence

from imgui_bundle import imgui

from core.project import Kept
from core.project.shelf import title_of
from core.request import ROOM_FOR_SOURCES
from visualizer.actions.context import Context
from visualizer.panels.common.command_items import draw_command
from visualizer.panels.common.sources import name_of
from visualizer.session.shelf import EASINGS, TIMES_S
from visualizer.toolkit.paint import Rect

POPUP, FIELD = "##shelf-menu", "##shelf-field"
FIELD_WIDTH, FIELD_HEIGHT = 260, 26
FULL = f"There are {ROOM_FOR_SOURCES} sources; remove one first."


class KeptMenu:
    """What a right click on something kept offers, and the field in which its name or its tags are typed."""

    def __init__(self) -> None:
        self._id = ""
        self._field = ""  # what is typed: "name" or "tags"
        self._field_wanted = False
        self._fresh = False
        self._below = Rect(0, 0, 0, 0)

    def open(self, id: str, r: Rect) -> None:
        self._id, self._below = id, r
        imgui.open_popup(POPUP)

    def type_name(self, id: str, r: Rect) -> None:
        self._id, self._below = id, r
        self._ask("name")

    def _ask(self, what: str) -> None:
        self._field, self._field_wanted = what, True

    def draw(self, context: Context) -> None:
        shelf = context.actions.shelf
        kept = next((one for one in shelf.shelf if one.id == self._id), None)
        if kept is None:
            return
        context.ui.popup(POPUP, lambda: self._lines(context, kept), Rect(self._below.x, self._below.y, 0, 0))
        if self._field_wanted:
            self._field_wanted, self._fresh = False, True
            imgui.open_popup(FIELD)
        r = self._below
        context.ui.popup(FIELD, lambda: self._type(context, kept), Rect(r.x, r.y - context.ui.px(56), 0, 0))

    def _lines(self, context: Context, kept: Kept) -> None:
        ui, shelf = context.ui, context.actions.shelf
        some = shelf.choice.with_chosen(shelf.shelf, kept.id)
        if ui.menu_item("Go there", "Enter"):
            shelf.go(kept)
        self._ways(context, kept)
        off = shelf.why_not_mix(kept)
        if line(context, "Keep as A", off):
            shelf.keep_as_a(kept, context.comparison)
        self._sources(context, kept)
        imgui.separator()
        if ui.menu_item("Rename…", "Double click"):
            self._ask("name")
        if ui.menu_item("Tags…"):
            self._ask("tags")
        if ui.menu_item("Take the star" if all(one.starred for one in some) else "Star"):
            shelf.star(some)
        imgui.separator()
        draw_exports(context, some, "Export" if len(some) == 1 else f"Export {len(some):,}")
        if ui.menu_item("Remove" if len(some) == 1 else f"Remove {len(some):,}", "Delete"):
            shelf.remove(some)

    def _ways(self, context: Context, kept: Kept) -> None:
        ui, shelf = context.ui, context.actions.shelf
        off = shelf.why_not_mix(kept)
        if off:
            line(context, "Animate to it", off)
            return
        if ui.begin_submenu("Animate to it"):
            for seconds in TIMES_S:
                if ui.menu_item(f"In {seconds:g} s"):
                    shelf.animate_to(kept, seconds)
            imgui.separator()
            for name, easing in EASINGS.items():
                imgui.push_item_flag(imgui.ItemFlags_.auto_close_popups, False)
                if ui.menu_item(name, on=shelf.choice.easing is easing):
                    shelf.choice.easing = easing
                imgui.pop_item_flag()
            imgui.end_menu()

    def _sources(self, context: Context, kept: Kept) -> None:
        ui, shelf, session = context.ui, context.actions.shelf, context.session
        if not ui.begin_submenu("As a source of styles"):
            return
        sources = session.request.sources
        for index, source in enumerate(sources):
            if ui.menu_item(f"In place of {name_of(source, session.info)}##{index}"):
                shelf.as_source(kept, index)
        if line(context, "A new one", FULL if len(sources) >= ROOM_FOR_SOURCES else ""):
            shelf.as_source(kept, len(sources))
        imgui.end_menu()

    def _type(self, context: Context, kept: Kept) -> None:
        """A line of text, taken by Enter."""
        ui, px, shelf = context.ui, context.ui.px, context.actions.shelf
        ui.scope = "Shelf"
        at = imgui.get_cursor_screen_pos()
        r = Rect(at.x, at.y, px(FIELD_WIDTH), px(FIELD_HEIGHT))
        if self._fresh:
            self._fresh = False
            imgui.set_keyboard_focus_here()
        if self._field == "name":
            text = ui.text_field("Name", kept.name, at=r, hint=title_of(kept))
        else:
            text = ui.text_field("Tags", ", ".join(kept.tags), at=r, hint="Tags, with commas between")
        imgui.dummy((r.w, px(2)))
        if text is None:
            return
        if self._field == "name":
            shelf.rename(kept, text)
        else:
            shelf.tag(shelf.choice.with_chosen(shelf.shelf, kept.id), text)
        imgui.close_current_popup()


def line(context: Context, label: str, off: str) -> bool:
    """A line of the open menu; off: why it cannot be chosen."""
    chosen = context.ui.menu_item(label, off=off != "")
    if off and imgui.is_item_hovered(imgui.HoveredFlags_.allow_when_disabled):
        context.ui.draw_tooltip(off, lock=True)
    return chosen and not off


def draw_exports(context: Context, some: Sequence[Kept], title: str) -> None:
    """A menu of what can be made of some of the shelf."""
    exports = context.actions.shelf.exports
    if not context.ui.begin_submenu(title):
        return
    if line(context, "Latents with their names (.npz)", exports.why_not(some)):
        exports.latents(some, ".npz")
    if line(context, "Latents (.npy)", exports.why_not(some, suffix=".npy")):
        exports.latents(some, ".npy")
    if line(context, "z with their names (.npz)", exports.why_not(some, z=True)):
        exports.zs(some, ".npz")
    if line(context, "z (.npy)", exports.why_not(some, suffix=".npy", z=True)):
        exports.zs(some, ".npy")
    if line(context, "A contact sheet", exports.why_not(some)):
        exports.sheet(some)
    imgui.end_menu()


def draw_shelf_menu(context: Context) -> None:
    """What the shelf as a whole offers."""
    ui, shelf = context.ui, context.actions.shelf
    if ui.menu_item("Import a file…"):
        shelf.imports.choose()
    if ui.menu_item("Import the pictures of a folder…"):
        shelf.imports.choose_folder()
    if ui.menu_item("Import the folder of captures"):
        shelf.imports.captures()
    imgui.separator()
    draw_exports(context, shelf.shelf, "Export all")
    imgui.separator()
    empty = "" if shelf.shelf else "The shelf is empty."
    if line(context, "Choose all", empty):
        shelf.choice.choose([one.id for one in shelf.choice.seen(shelf.shelf)])
    draw_command(context, "shelf-star")
    draw_command(context, "shelf-remove")
