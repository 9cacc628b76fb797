"""Chips over a picture: what lies under the pointer, and what the colours of a layer mean."""

from __future__ import annotations

from collections.abc import Callable

from core.base.control import number_text
from core.display.frame import Frame
from core.display.palette import ColourScale, Rgb
from core.request import Show
from visualizer.toolkit.paint import Paint, Rect
from visualizer.toolkit.style import Font

COLOURS = ("F47F6B", "6CC96C", "6FA8FF")  # of R, G and B
COLOUR_NAMES = {1: ("V",), 2: ("V", "A"), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}  # by the number of channels
COLOUR_CELL, VALUE_CELL = 54, 96
SCALE_WIDTH, SCALE_STEPS = 112, 28


def draw_probe(paint: Paint, x: float, y: float, frame: Frame, column: int, row: int) -> float:
    """A chip with a pixel's colour and place, and what is there. Returns its width."""
    px = paint.px
    pixel = [int(value) for value in frame.pixels[row, column]]
    rgb = pixel[:3] if len(pixel) >= 3 else pixel[:1] * 3
    entries = layer_entries(frame, column, row)
    cell = px(VALUE_CELL if entries else COLOUR_CELL)
    if not entries:
        entries = [(name, str(value)) for name, value in zip(COLOUR_NAMES[len(pixel)], pixel, strict=True)]
    place = f"{column}, {row}"
    place_width = max(paint.text_width(place, size=14), paint.text_width("0000, 0000", size=14))
    r = Rect(x, y, px(36) + place_width + cell * len(entries), px(28))
    paint.box(r, "overlay", px(5), 0.86)
    paint.box(Rect(r.x + px(7), r.y + px(7), px(14), px(14)), "{:02X}{:02X}{:02X}".format(*rgb), px(3))
    left = r.x + px(30)
    paint.text(Rect(left, r.y, place_width, r.h), place, "overlay_text", size=14)
    left += place_width + px(10)
    for i, (name, value) in enumerate(entries):
        colour = COLOURS[i] if len(entries) >= 3 and i < 3 else "overlay_dim"
        paint.text(Rect(left, r.y, cell, r.h), name, colour, font=Font.MEDIUM, size=14)
        paint.text(Rect(left, r.y, cell - px(14), r.h), value, "overlay_text", size=14, align=1)
        left += cell
    return r.w


def layer_entries(frame: Frame, column: int, row: int) -> list[tuple[str, str]]:
    """Channels of a layer with their values at a pixel; nothing if they are not known."""
    view = frame.request.view
    values = frame.analysis.values if frame.analysis else None
    if not view.layer or values is None or column >= values.shape[2] or row >= values.shape[1]:
        return []
    base = min(view.base, frame.image.shape[0] - len(values))
    names = [f"P{i + 1}" if view.show is Show.PCA else f"{base + i}" for i in range(len(values))]
    return [(name, number_text(float(x), "%+.3f")) for name, x in zip(names, values[:, row, column], strict=True)]


def draw_scale(
    paint: Paint, x: float, y: float, room: float, ends: tuple[str, str], colour: Callable[[float], Rgb]
) -> float:
    """A chip with colours from left to right, and what the first and the last stand for. Returns its width.

    room: for all of it; 0 is returned if there is too little. colour: that at a place from 0 to 1.
    """
    px = paint.px
    low, high = ends
    low_width, high_width = (paint.text_width(text, size=14) for text in ends)
    words = low_width + high_width + px(36)
    width = min(px(SCALE_WIDTH), room - words)
    if width < px(SCALE_STEPS):
        return 0.0
    r = Rect(x, y, width + words, px(28))
    paint.box(r, "overlay", px(5), 0.86)
    paint.text(Rect(r.x + px(9), r.y, low_width, r.h), low, "overlay_text", size=14)
    left, step = r.x + px(18) + low_width, width / SCALE_STEPS
    for i in range(SCALE_STEPS):
        box = Rect(left + i * step, r.y + px(9), step + 1, px(10))
        paint.box(box, "{:02X}{:02X}{:02X}".format(*colour(i / (SCALE_STEPS - 1))))
    paint.text(Rect(left + width + px(9), r.y, high_width + 1, r.h), high, "overlay_text", size=14)
    return r.w


def scale_ends(scale: ColourScale) -> tuple[str, str]:
    """What the ends of a scale of colours stand for, in words."""
    low, high = (_end(value, scale.relative) for value in (scale.low, scale.high))
    return low, high


def _end(value: float, relative: bool) -> str:
    shown = f"{abs(100 * value if relative else value):.3g}" + (" %" if relative else "")
    return f"{'−' if value < 0 else '+' if value > 0 else ''}{shown}"
