"""The shelf below the picture: what was kept, as a row of pictures that are clicked, dragged and searched."""

from __future__ import annotations

from itertools import chain

from imgui_bundle import imgui

from core.parameters import source_name
from core.project import Kept
from core.project.shelf import Shelf, title_of
from core.request import RenderRequest, SeedPoint
from core.request.words import seed_at
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.sources import colour_of
from visualizer.panels.shelf.drop import dropped
from visualizer.toolkit.interact import Interaction
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.views.shelf.menu import KeptMenu
from visualizer.views.shelf.pictures import ShelfPictures
from visualizer.views.shelf.title import TITLE, draw_title

HEIGHT, LEAST_ABOVE = 100, 60  # with its pictures, and what has to be left to the picture above it
CELL, GAP, MARGIN, OUTLINE = 60, 8, 12, 2
PLATE, MARK, WIDE_MARK = 16, 14, 20  # height of the name over a picture and of its marks, width of that of a source
DRAG_FROM = 5  # pixels at scale 1 that the mouse moves before a press is a drag
EDGE, EDGE_STEP = 36, 10  # pixels at the ends of the row where a drag scrolls it, and how far a frame
WHEEL = 68  # pixels a notch
EMPTY = "K keeps what is shown; the menu at the right imports pictures, latents and seeds"
NOTHING_FOUND = "Nothing is called so, or has such a tag"


class ShelfStrip:
    """Only what is in sight is drawn."""

    def __init__(self) -> None:
        self._pictures = ShelfPictures()
        self._menu = KeptMenu()
        self._scroll = 0.0  # pixels
        self._count = -1  # of those kept, in the last frame
        self._area = Rect(0, 0, 0, 0)

    def close(self) -> None:
        self._pictures.close()

    def height(self, context: Context, room: float) -> float:
        """How much it takes of the room below the bar."""
        px = context.ui.px
        opened = context.actions.shelf.is_open(imgui.get_main_viewport().size.x / context.ui.style.scale)
        high = opened and room >= px(HEIGHT + LEAST_ABOVE)
        return min(px(HEIGHT if high else TITLE), room / 2)

    def draw(self, context: Context, area: Rect) -> None:
        ui, px, shelf = context.ui, context.ui.px, context.actions.shelf
        ui.scope = "Shelf"
        ui.paint.box(area, "panel")
        ui.paint.hline(area.x, area.y, area.w, "window")
        if shelf.choice.dragged and not (imgui.is_mouse_down(0) or imgui.is_mouse_released(0)):
            shelf.choice.dragged = ()
        self._pictures.begin_frame()
        draw_title(context, Rect(area.x, area.y, area.w, px(TITLE)))
        self._area = Rect(area.x, area.y + px(TITLE), area.w, area.h - px(TITLE))
        if self._area.h >= px(CELL):
            self._row(context, shelf.choice.seen(shelf.shelf))
        self._menu.draw(context)
        self._ghost(context)

    # -- The row --------------------------------------------------------------

    def _row(self, context: Context, seen: Shelf) -> None:
        ui, px, area, shelf = context.ui, context.ui.px, self._area, context.actions.shelf
        self._take_wheel(context, len(seen))
        clip = area.corners
        ui.paint.list.push_clip_rect(*clip, True)
        first = max(0, int((self._scroll - px(MARGIN)) // px(CELL + GAP)))
        last = first + int(area.w // px(CELL + GAP)) + 2
        now = shelf.shown
        for index in range(first, min(last, len(seen))):
            self._kept(context, seen, index, now)
        self._plus(context, len(seen))
        self._insertion(context, seen)
        ui.paint.list.pop_clip_rect()
        self._bar(context, len(seen))
        self._keys(context, seen)
        if not seen:
            words = EMPTY if not shelf.shelf else NOTHING_FOUND
            x = area.x + px(MARGIN + CELL + GAP + 8) if not shelf.choice.filters else area.x + px(MARGIN)
            ui.paint.text(Rect(x, area.y + px(OUTLINE), area.right - x - px(8), px(CELL)), words, "text_dim", size=14)
        self._pictures.make_missing(context, chain(seen[first:last], seen))

    def _place(self, context: Context, index: int) -> Rect:
        px, area = context.ui.px, self._area
        x = round(area.x + px(MARGIN) + index * px(CELL + GAP) - self._scroll)
        return Rect(x, area.y + px(OUTLINE), px(CELL), px(CELL))

    def _kept(self, context: Context, seen: Shelf, index: int, now: RenderRequest) -> None:
        """One of them: its picture, its name, its marks, and what the mouse does with it."""
        ui, px, shelf = context.ui, context.ui.px, context.actions.shelf
        kept, r = seen[index], self._place(context, index)
        tags = " · ".join(f"#{tag}" for tag in kept.tags)
        more = tags or "Drag it to the picture, to a source of styles, or elsewhere on the shelf"
        it = ui.item(f"Kept {kept.id}", r, tip=title_of(kept), more="" if shelf.choice.dragged else more)
        alpha = 0.4 if kept.id in shelf.choice.dragged else 1.0
        if not self._pictures.draw(context, kept, r, alpha=alpha):
            ui.paint.box(r, "control", px(4), alpha)
            ui.paint.icon(Rect(r.x, r.y, r.w, r.h - px(PLATE)), icons.IMAGE, "text_faint", 18, alpha)
        self._marks(context, kept, r, alpha)
        if shelf.choice.has(kept.id):
            ui.paint.frame(r.inset(-px(2)), "accent", px(5), px(2))
        elif it.hovered or kept.request == now:
            ui.paint.frame(r.inset(-px(1)), "accent" if kept.request == now else "text_dim", px(4), px(1))
        ui.draw_focus(f"Kept {kept.id}", r.inset(-px(2)))
        self._mouse(context, seen, kept, r, it)

    def _marks(self, context: Context, kept: Kept, r: Rect, alpha: float) -> None:
        """Its name, its star, and the sources of styles that have its latent."""
        ui, px, paint = context.ui, context.ui.px, context.ui.paint
        plate = Rect(r.x, r.bottom - px(PLATE), r.w, px(PLATE))
        paint.list.add_rect_filled(
            *plate.corners, ui.style.colour("overlay", 0.66 * alpha), px(4), imgui.ImDrawFlags_.round_bottom
        )
        latent = kept.request.latent
        seed = isinstance(latent, SeedPoint) and not kept.name
        words = str(seed_at(latent)) if seed and isinstance(latent, SeedPoint) else title_of(kept)
        paint.text(plate.inset(px(2)), words, "overlay_text", size=13, align=0.5, alpha=alpha)
        if kept.starred:
            chip = Rect(r.x + px(2), r.y + px(2), px(MARK), px(MARK))
            paint.box(chip, "overlay", px(4), 0.66 * alpha)
            paint.icon(chip, icons.STAR, "warning", 11, alpha)
        x = r.right - px(2)
        for index, source in enumerate(context.session.request.sources):
            if any(source.parts) and source.latent == latent and x - px(WIDE_MARK) > r.x + px(MARK):
                mark = Rect(x - px(WIDE_MARK), r.y + px(2), px(WIDE_MARK), px(MARK))
                paint.box(mark, colour_of(index), px(4), alpha)
                colour = "101114" if ui.style.theme.name == "dark" else "FFFFFF"
                paint.text(mark, source_name(index), colour, font=Font.MEDIUM, size=12, align=0.5, alpha=alpha)
                x = mark.x - px(1)

    def _mouse(self, context: Context, seen: Shelf, kept: Kept, r: Rect, it: Interaction) -> None:
        shelf, io = context.actions.shelf, imgui.get_io()
        choice = shelf.choice
        if it.active and not choice.dragged and imgui.is_mouse_dragging(0, context.ui.px(DRAG_FROM)):
            choice.dragged = tuple(one.id for one in choice.with_chosen(shelf.shelf, kept.id))
        if it.hovered and imgui.is_mouse_clicked(1):
            if not choice.has(kept.id):
                choice.choose_one(kept.id)
            self._menu.open(kept.id, r)
        elif it.hovered and imgui.is_mouse_double_clicked(0):
            self._menu.type_name(kept.id, r)
        elif it.clicked and not choice.dragged:
            context.ui.focus, context.ui.focus_ring = context.ui.name(f"Kept {kept.id}"), True
            if io.key_ctrl or io.key_super:
                choice.toggle(kept.id)
            elif io.key_shift:
                choice.extend(seen, kept.id)
            else:
                choice.choose_one(kept.id)
                shelf.go(kept)

    def _plus(self, context: Context, index: int) -> None:
        """The empty place behind the last."""
        ui, px, shelf = context.ui, context.ui.px, context.actions.shelf
        r = self._place(context, index)
        if r.x >= self._area.right or shelf.choice.filters:
            return
        why_not = "" if context.session.frame is not None else "There is no picture yet."
        it = ui.item("Keep here", r, tip="Keep what is shown (K)", off=why_not)
        ui.paint.frame(r, "text_dim" if it.hovered else "border", px(4), 1)
        ui.paint.icon(r, icons.PLUS, "text" if it.hovered else "text_faint", 16)
        if it.clicked:
            shelf.keep()

    # -- Scrolling ------------------------------------------------------------

    def _take_wheel(self, context: Context, count: int) -> None:
        px, io, area = context.ui.px, imgui.get_io(), self._area
        if self._count >= 0 and count > self._count:
            self._show(context, count)  # what was kept now comes into sight
        self._count = count
        over = imgui.HoveredFlags_.allow_when_blocked_by_active_item
        inside = area.contains(io.mouse_pos.x, io.mouse_pos.y) and imgui.is_window_hovered(over)
        if inside:
            self._scroll -= (io.mouse_wheel + io.mouse_wheel_h) * px(WHEEL)
        if inside and context.actions.shelf.choice.dragged:
            before = self._scroll
            self._scroll -= px(EDGE_STEP) * (io.mouse_pos.x < area.x + px(EDGE))
            self._scroll += px(EDGE_STEP) * (io.mouse_pos.x > area.right - px(EDGE))
            if self._scroll != before:
                context.ui.redraw_in(0)
        self._scroll = min(max(self._scroll, 0.0), self._most(context, count))

    def _most(self, context: Context, count: int) -> float:
        """The farthest it scrolls, with the empty place at the end in sight."""
        px = context.ui.px
        return max(0.0, 2 * px(MARGIN) + (count + 1) * px(CELL + GAP) - px(GAP) - self._area.w)

    def _show(self, context: Context, index: int) -> None:
        """Scroll as little as brings one into sight."""
        px = context.ui.px
        left = index * px(CELL + GAP)
        self._scroll = min(max(self._scroll, left + px(CELL) + 2 * px(MARGIN) - self._area.w), left)

    def _bar(self, context: Context, count: int) -> None:
        """How far it is scrolled; it can be dragged."""
        ui, px, area, most = context.ui, context.ui.px, self._area, self._most(context, count)
        if most <= 0:
            return
        groove = Rect(area.x + px(MARGIN), area.y + px(CELL + 2 * OUTLINE), area.w - 2 * px(MARGIN), px(4))
        width = max(px(24), groove.w * area.w / (area.w + most))
        it = ui.item("Scroll", Rect(groove.x, groove.y - px(1), groove.w, px(6)))
        if it.active and it.drag_x:
            self._scroll = min(max(self._scroll + it.drag_x * most / (groove.w - width), 0.0), most)
        x = groove.x + (groove.w - width) * self._scroll / most
        ui.paint.box(Rect(x, groove.y, width, groove.h), "text_dim" if it.hovered else "control_active", px(2))

    # -- Keys, and what hangs at the pointer ----------------------------------

    def _keys(self, context: Context, seen: Shelf) -> None:
        """Left and Right go from one to the next while one of them has the keyboard; Enter presses it."""
        ui = context.ui
        names = [ui.name(f"Kept {one.id}") for one in seen] if ui.focus.startswith(ui.name("Kept ")) else []
        if not ui.focus_ring or ui.focus not in names or ui.typing:
            return
        step = imgui.is_key_pressed(imgui.Key.right_arrow) - imgui.is_key_pressed(imgui.Key.left_arrow)
        if step:
            at = min(max(names.index(ui.focus) + step, 0), len(names) - 1)
            ui.go_to(names[at])
            context.actions.shelf.choice.choose_one(seen[at].id)
            self._show(context, at)

    def _insertion(self, context: Context, seen: Shelf) -> None:
        """Where what is dragged would go to; there it goes when it is let go."""
        px, shelf = context.ui.px, context.actions.shelf
        mouse, area = imgui.get_io().mouse_pos, self._area
        if not shelf.choice.dragged or not area.contains(mouse.x, mouse.y):
            return
        place = round((mouse.x - area.x - px(MARGIN) + self._scroll) / px(CELL + GAP))
        place = min(max(place, 0), len(seen))
        x = self._place(context, place).x - px(GAP / 2)
        context.ui.paint.box(Rect(x - px(1), area.y + px(OUTLINE), px(2), px(CELL)), "accent", px(1))
        if some := dropped(context, area, frame=False):
            ids = [one.id for one in shelf.shelf]
            shelf.move(some, ids.index(seen[place].id) if place < len(seen) else len(ids))

    def _ghost(self, context: Context) -> None:
        """What is dragged, at the pointer."""
        ui, px, shelf = context.ui, context.ui.px, context.actions.shelf
        if not shelf.choice.dragged:
            return
        some = [one for one in shelf.shelf if one.id in shelf.choice.dragged]
        if not some:
            return
        mouse, before = imgui.get_io().mouse_pos, ui.paint.drawn_on
        ui.paint.use(imgui.get_foreground_draw_list())
        r = Rect(round(mouse.x + px(10)), round(mouse.y + px(6)), px(CELL), px(CELL))
        ui.paint.shadow(r)
        if not self._pictures.draw(context, some[0], r, alpha=0.9):
            ui.paint.box(r, "control", px(4), 0.9)
        if len(some) > 1:
            chip = Rect(r.right - px(22), r.y - px(6), px(28), px(18))
            ui.paint.box(chip, "primary", px(9))
            ui.paint.text(chip, str(len(some)), "on_primary", font=Font.MEDIUM, size=13, align=0.5)
        ui.paint.use(before)
