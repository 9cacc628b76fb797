"""The cells of the layer strip: where they lie, and how each kind is drawn."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from core.request.edits import shares
from visualizer.actions.context import Context
from visualizer.panels.common.networks import network_colour
from visualizer.panels.common.sources import colour_of, name_of
from visualizer.panels.layer_strip.columns import BlendColumn, Column
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.toolkit.ui import Ui

ROW_HEIGHT = 24
EYE, INDEX, NUMBER = 22, 20, 46  # widths
STYLE, STYLE_BESIDE_A_BLEND, DOT = 104, 66, 24
BLEND, NARROW_BLEND = 76, 60
WIDE = 360  # of the table; where it is narrower, the style is a dot only


class CellPlaces:
    """Where the columns of the table lie in a row, from the column of the panel."""

    def __init__(self, ui: Ui, blends: Sequence[str]) -> None:
        px, right = ui.px, ui.x + ui.w
        self.words = ui.w >= px(WIDE) and len(blends) < 2  # the style has words, not only a dot
        style = (STYLE_BESIDE_A_BLEND if blends else STYLE) if self.words else DOT
        blend = NUMBER if len(blends) > 1 else BLEND if self.words else NARROW_BLEND
        columns = [*((name, blend) for name in reversed(blends)), ("Noise", NUMBER), ("Psi", NUMBER), ("Style", style)]
        self._places = {}
        for name, width in columns:
            self._places[name] = Rect(right - px(width), 0, px(width), 0)
            right -= px(width + 4)
        x = ui.x + px(EYE + INDEX + 8)
        self.name = Rect(x, 0, right - x, 0)

    def of(self, column: str) -> Rect:
        return self._places[column]


def draw_number(
    ui: Ui, column: Column, at: Rect, value: float, text: str, *, changed: bool, hot: bool, off: str
) -> None:
    """A number over a bar from zero."""
    px, paint = ui.px, ui.paint
    paint.box(at, "control_off" if off else "control_hover" if hot else "control", px(3))
    if off:
        paint.text(at, "–", "text_faint", size=14, align=0.5)
        return
    colour = "text" if changed else "text_dim"
    paint.text(Rect(at.x, at.y - px(1), at.w - px(4), at.h - px(2)), text, colour, size=14, align=1)
    groove = Rect(at.x + px(3), at.bottom - px(4), at.w - px(6), px(3))
    part = (value - column.low) / (column.high - column.low)
    zero = (0 - column.low) / (column.high - column.low)
    left, right = sorted((part, zero))
    fill = Rect(round(groove.x + left * groove.w), groove.y, max(1.0, round((right - left) * groove.w)), groove.h)
    paint.box(fill, "accent" if changed else "text_faint", px(1), 1.0 if changed else 0.6)


def draw_style(context: Context, entry: int, at: Rect, *, muted: bool, words: bool) -> None:
    """A dot in the colour of the source that the layer takes most of, its name, and how much."""
    ui, px, request = context.ui, context.ui.px, context.session.request
    taken = [row[entry] for row in shares(request, entry + 1)]
    most = max(range(len(taken)), key=lambda i: taken[i]) if any(taken) else None
    colour = "p0" if most is None else colour_of(most)
    x = at.x + px(6) if words else at.x + at.w / 2
    ui.paint.disc(x, at.y + at.h / 2, px(4), colour, 0.4 if muted else 1.0)
    if not words:
        return
    name = "Base" if most is None else name_of(request.sources[most], context.session.info).removeprefix("Seed ")
    percent = "" if most is None or taken[most] > 0.995 else f"{100 * taken[most]:.0f}%"
    room = Rect(at.x + px(16), at.y, at.w - px(16), at.h)
    ui.paint.text(room, percent, "text_dim", size=14, align=1)
    width = ui.paint.text_width(percent, size=14) + px(4) if percent else 0
    shade = "text_faint" if muted else "text_dim"
    ui.paint.text(Rect(room.x, room.y, room.w - width, room.h), name, shade, size=14)


def draw_blend(ui: Ui, column: BlendColumn, at: Rect, value: float, *, muted: bool, hot: bool, off: str) -> None:
    """From A at the left to all of the other network at the right."""
    px, paint = ui.px, ui.paint
    if off:
        paint.box(at, "control_off", px(3))
        paint.text(at, "–", "text_faint", size=14, align=0.5)
        return
    alpha = 0.25 if muted else 0.62 if hot else 0.5
    paint.box(at, "p0", px(3), alpha)
    if value > 0:
        part = Rect(at.x, at.y, max(px(2), round(at.w * value)), at.h)
        paint.box(part, network_colour(column.number or 0), px(3), alpha + 0.3)


def draw_curve(ui: Ui, place: Rect, top: float, values: Sequence[tuple[int, float]]) -> None:
    """The weights of a blend, (row, 0..1), as a curve over their cells; top: of the first row."""
    px = ui.px
    points = [(place.x + value * place.w, top + (row + 0.5) * px(ROW_HEIGHT)) for row, value in values]
    for first, second in itertools.pairwise(points):
        ui.paint.line(first, second, "FFFFFF", px(1.5), 0.8)
    for x, y in points:
        ui.paint.disc(x, y, px(3.5), "101114")
        ui.paint.ring(x, y, px(3.5), "FFFFFF", px(1.5))


def draw_bubble(ui: Ui, words: str, right: float, y: float) -> None:
    """The value under the pointer, at the left of it."""
    px = ui.px
    width = ui.paint.text_width(words, Font.MEDIUM, 14) + px(16)
    bubble = Rect(right - width, y + px(1), width, px(22))
    ui.paint.box(bubble, "overlay", px(5), 0.95)
    ui.paint.text(bubble, words, "overlay_text", font=Font.MEDIUM, size=14, align=0.5)
