"""A chip over a picture that does not lie upright: how it lies, and a button that sets it upright."""

from __future__ import annotations

from core.base.control import number_text
from core.request import IDENTITY
from core.request.placement import Placement
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.placement_rows import set_upright
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.views.boxes import overlay

HEIGHT = 28


def draw_placement(context: Context, x: float, y: float, room: float) -> bool:
    """Draw it with its left upper corner at a place, no wider than the room. Returns whether there is one to draw."""
    ui, px, session = context.ui, context.ui.px, context.session
    movable = session.info is not None and session.info.has_transform
    if not movable or session.request.transform == IDENTITY:
        return False
    ends = px(30) + px(HEIGHT)  # the icon, and the button
    words = placement_words(Placement.of(session.request.transform))
    if not ui.paint.fits(words, room - ends, Font.MEDIUM, 14):
        words = "Moved"
    width = ui.paint.text_width(words, Font.MEDIUM, 14) + ends
    r = Rect(round(x), round(y), round(width), px(HEIGHT))
    with overlay("Placement", r):
        ui.paint.box(r, "overlay", px(5), 0.86)
        button = Rect(r.right - px(HEIGHT), r.y, px(HEIGHT), r.h)
        it = ui.item("Set upright", button, tip="Set the picture upright again", more="Transform has its numbers")
        ui.paint.icon(Rect(r.x + px(8), r.y, px(16), r.h), icons.MOVE, "overlay_dim", 14)
        text = Rect(r.x + px(29), r.y, button.x - r.x - px(29), r.h)
        ui.paint.text(text, words, "overlay_text", font=Font.MEDIUM, size=14)
        ui.paint.icon(button, icons.ROTATE_CCW, "accent_hover" if it.hovered else "overlay_text", 14)
    if it.clicked:
        set_upright(context)
    return True


def placement_words(placement: Placement | None) -> str:
    """What was done to the upright picture, in a few words."""
    if placement is None:
        return "Transformed"
    scales = placement.scale_x, placement.scale_y
    even = f"× {number_text(scales[0], '%.2f')}" if scales[0] == scales[1] else "scaled"
    words = [
        "moved" if (placement.x, placement.y) != (0, 0) else "",
        f"turned {number_text(placement.degrees, '%.1f')} °" if placement.degrees else "",
        even if scales != (1, 1) else "",
        "sheared" if placement.shear else "",
        "mirrored" if placement.mirrored else "",
    ]
    said = " · ".join(word for word in words if word)
    return said[:1].upper() + said[1:]
