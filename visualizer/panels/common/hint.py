"""A line of a panel that says why what it sets is not seen."""

from __future__ import annotations

from resources import icons
from visualizer.actions.context import Context
from visualizer.toolkit.paint import Rect

SIZE = 14
INDENT = 22


def draw_hint(context: Context, text: str) -> None:
    """Draw it at the cursor of `context.ui`, as many lines high as it needs; nothing without a text."""
    if not text:
        return
    ui, px, paint = context.ui, context.ui.px, context.ui.paint
    height = paint.wrapped_height(ui.w - px(INDENT), text, size=SIZE)
    r = Rect(ui.x, ui.y, ui.w, max(height, px(18)))
    ui.readout("Hidden", r, text)
    paint.icon(Rect(r.x, r.y, px(16), px(18)), icons.TRIANGLE_ALERT, "warning", SIZE)
    paint.wrapped(r.x + px(INDENT), r.y + px(1), r.w - px(INDENT), text, "text", size=SIZE)
    ui.y += r.h
    ui.gap(8)
