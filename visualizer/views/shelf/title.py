"""The title of the shelf: how many were kept, the search, keeping, the menu. Folded, it is all that is there."""

from __future__ import annotations

from imgui_bundle import imgui

from core.base.text import plural
from resources import icons
from visualizer.actions.commands import command_of, run_command
from visualizer.actions.context import Context
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.views.shelf.menu import draw_shelf_menu

TITLE = 32
KEEP_WIDTH, KEEP_ICON = 104, 28
SEARCH_WIDTH, LEAST_SEARCH = 170, 110
SEARCH_FROM = 9  # kept ones with which a search is worth its room
COUNT_ROOM = 60


def draw_title(context: Context, r: Rect) -> None:
    """From the right: the menu, keeping, the search and the stars; at the left the title, and what room is left."""
    ui, px, shelf = context.ui, context.ui.px, context.actions.shelf
    is_open = shelf.is_open(imgui.get_main_viewport().size.x / ui.style.scale)
    name = px(42) + ui.paint.text_width("Shelf", Font.BOLD)
    right = _buttons(context, r, name)
    left = r.x + name
    many = len(shelf.shelf) >= SEARCH_FROM or shelf.choice.filters
    if is_open and many and right - left >= px(LEAST_SEARCH + 40):
        right = _search(context, r, left, right)
    bar = Rect(r.x, r.y, right - r.x, r.h)
    tip = "Fold the shelf" if is_open else "Show what was kept"
    if ui.item("Title", bar, tip=tip).clicked:
        shelf.fold(not is_open)
    chevron = icons.CHEVRON_DOWN if is_open else icons.CHEVRON_RIGHT
    ui.paint.icon(Rect(r.x + px(10), r.y, px(16), r.h), chevron, size=14)
    ui.paint.text(Rect(r.x + px(30), r.y, name, r.h), "Shelf", font=Font.BOLD)
    room = Rect(left, r.y, right - left - px(8), r.h)
    words = _count(context)
    if room.w >= px(COUNT_ROOM) and ui.paint.fits(words, room.w, size=14):
        ui.paint.text(room, words, "text_dim", size=14)


def _count(context: Context) -> str:
    shelf = context.actions.shelf
    count = len(shelf.shelf)
    if shelf.choice.filters:
        return f"{len(shelf.choice.seen(shelf.shelf)):,} of {count:,}"
    return plural(count, "kept latent") if count else "Nothing kept yet"


def _buttons(context: Context, r: Rect, name: float) -> float:
    """Returns where they begin."""
    ui, px = context.ui, context.ui.px
    right = r.right - px(8)
    at = Rect(right - px(24), r.y + px(4), px(24), px(24))
    if ui.icon_button("More", icons.ELLIPSIS, at=at, tip="Import, export, choose"):
        imgui.open_popup("##shelf-more")
    ui.popup("##shelf-more", lambda: draw_shelf_menu(context), Rect(at.right - px(260), at.y - px(220), px(260), 0))
    right = at.x - px(4)
    keep = command_of("keep")
    roomy = right - r.x - name >= px(KEEP_WIDTH)
    width = px(KEEP_WIDTH if roomy else KEEP_ICON)
    at = Rect(right - width, r.y + px(4), width, px(24))
    it = ui.item("Keep this", at, tip="Keep what is shown (K)", off=keep.why_not(context))
    if it.hovered:
        ui.paint.box(at, "control_hover", px(4))
    colour = "text_faint" if keep.why_not(context) else "text"
    ui.paint.icon(Rect(at.x + px(6), at.y, px(16), at.h), icons.PLUS, colour)
    if roomy:
        ui.paint.text(Rect(at.x + px(28), at.y, at.right - at.x - px(28), at.h), "Keep this", colour)
    if it.clicked:
        run_command(keep, context)
    return at.x - px(6)


def _search(context: Context, r: Rect, left: float, right: float) -> float:
    """Returns where it begins."""
    ui, px, choice = context.ui, context.ui.px, context.actions.shelf.choice
    at = Rect(right - px(24), r.y + px(4), px(24), px(24))
    tip = "Show all" if choice.only_starred else "Show only those with a star"
    if ui.icon_button("Only starred", icons.STAR, at=at, on=choice.only_starred, tip=tip):
        choice.only_starred = not choice.only_starred
    width = min(px(SEARCH_WIDTH), at.x - px(4) - left)
    field = Rect(at.x - px(4) - width, r.y + px(4), width, px(24))
    tip = "Words of names and tags; #word for tags alone"
    text = ui.text_field("Search", choice.search, at=field, hint="Search", tip=tip, live=True)
    choice.search = text if text is not None else choice.search
    if choice.search and ui.icon_button(
        "Clear search", icons.X, at=Rect(field.right - px(22), field.y + px(2), px(20), px(20)), tip="Show all"
    ):
        choice.search = ""
    return field.x - px(6)
