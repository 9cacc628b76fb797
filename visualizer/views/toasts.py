"""Toasts: what was done, with its picture and the way to its file. They go by themselves, unless they are read."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from core.base import text
from resources import icons
from visualizer.actions.context import Context
from visualizer.session.messages import Kind, Notice
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.pixels import Pixels, reduced
from visualizer.toolkit.style import Font
from visualizer.toolkit.texture import Texture
from visualizer.views.boxes import card

WIDTH, PICTURE = 312, 48
ACTION = 22  # height of the line with the action
NOTICE_LOOKS = {  # icon and colour
    Kind.DONE: (icons.CHECK, "ok"),
    Kind.NOTE: (icons.INFO, "accent"),
    Kind.WARNING: (icons.TRIANGLE_ALERT, "warning"),
}


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture of a toast, as small as it is drawn."""

    of: Pixels
    texture: Texture
    width: int
    height: int


class Toasts:
    """The notices of now, one above the other at the right of the bottom."""

    def __init__(self) -> None:
        self._shown: list[Shown] = []

    def close(self) -> None:
        for shown in self._shown:
            shown.texture.close()

    def draw(self, context: Context, view: Rect) -> None:
        messages, ui, px = context.session.messages, context.ui, context.ui.px
        now = perf_counter()
        messages.forget_old(now)
        self._forget_pictures(messages.notices)
        y = view.bottom - px(16)
        for index, notice in enumerate(reversed(messages.notices)):
            w = min(px(WIDTH), view.w - px(32))
            h = self._height(context, notice, w)
            r = Rect(round(view.right - px(16) - w), round(y - h), round(w), round(h))
            y -= h + px(8)
            with card(ui, f"Toast {index}", r):
                hovered = self._draw(context, notice, r)
            if hovered:  # kept while it is read
                messages.keep(notice, now)
            ui.redraw_in(max(0.0, notice.until - now) + 0.01)

    def _left(self, context: Context, notice: Notice) -> float:
        """Where the words begin."""
        return context.ui.px(PICTURE + 20 if notice.picture is not None else 44)

    def _height(self, context: Context, notice: Notice, w: float) -> float:
        px, paint = context.ui.px, context.ui.paint
        width = w - self._left(context, notice) - px(12)
        height = paint.wrapped_height(width, notice.text) + px(22)
        if notice.detail:
            height += paint.wrapped_height(width, notice.detail, size=14) + px(2)
        if notice.path is not None:
            height += px(ACTION)
        return max(px(PICTURE + 20 if notice.picture is not None else 44), height)

    def _draw(self, context: Context, notice: Notice, r: Rect) -> bool:
        ui, px = context.ui, context.ui.px
        icon, colour = NOTICE_LOOKS[notice.kind]
        left = self._left(context, notice)
        if notice.picture is not None:
            self._draw_picture(context, notice.picture, Rect(r.x + px(10), r.y + px(10), px(PICTURE), px(PICTURE)))
        else:
            ui.paint.icon(Rect(r.x + px(8), r.y, px(32), r.h), icon, colour, 16)
        x, w = r.x + left, r.w - left - px(12)
        y = r.y + px(10)
        y += ui.paint.wrapped(x, y, w, notice.text, "text") + px(2)
        if notice.detail:
            y += ui.paint.wrapped(x, y, w, notice.detail, "text_dim", size=14) + px(2)
        hovered = ui.item(notice.text, Rect(r.x, r.y, r.w, y - r.y)).hovered
        if notice.path is None:
            return hovered
        words = "Show in folder"
        at = Rect(x, y, ui.paint.text_width(words, Font.MEDIUM, 14), px(ACTION))
        it = ui.item(f"{words}: {text.shown(notice.path.name)}", at, tip=text.shown(notice.path.parent))
        ui.paint.text(at, words, "accent_hover" if it.hovered else "accent", font=Font.MEDIUM, size=14)
        if it.clicked:
            context.actions.saving.show_in_folder(notice.path)
        return hovered or it.hovered

    def _draw_picture(self, context: Context, pixels: Pixels, r: Rect) -> None:
        paint = context.ui.paint
        if not any(shown.of is pixels for shown in self._shown):
            small, texture = reduced(pixels, int(r.w)), Texture()
            texture.update(small)
            self._shown.append(Shown(pixels, texture, small.shape[1], small.shape[0]))
        texture, w, h = next((shown.texture, shown.width, shown.height) for shown in self._shown if shown.of is pixels)
        x, y = round(r.x + (r.w - w) / 2), round(r.y + (r.h - h) / 2)
        paint.box(r, "canvas", context.ui.px(4))
        paint.list.add_image_rounded(texture.ref, (x, y), (x + w, y + h), (0, 0), (1, 1), 0xFFFFFFFF, context.ui.px(4))

    def _forget_pictures(self, notices: list[Notice]) -> None:
        kept = [shown for shown in self._shown if any(shown.of is notice.picture for notice in notices)]
        for shown in self._shown:
            if shown not in kept:
                shown.texture.close()
        self._shown = kept
