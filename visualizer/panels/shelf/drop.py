"""Places that take what is dragged from the shelf."""

from __future__ import annotations

from imgui_bundle import imgui

from core.project import Kept
from visualizer.actions.context import Context
from visualizer.toolkit.paint import Rect


def dropped(context: Context, r: Rect, *, frame: bool = True) -> tuple[Kept, ...]:
    """What was let go over a place of the current ImGui window in this frame; a place that it hangs over is framed.

    To be asked in each frame, while the place is drawn. frame: False: the place shows it by itself.
    """
    shelf, mouse = context.actions.shelf, imgui.get_io().mouse_pos
    over = imgui.HoveredFlags_.allow_when_blocked_by_active_item
    if not shelf.choice.dragged or not r.contains(mouse.x, mouse.y) or not imgui.is_window_hovered(over):
        return ()
    if frame:
        context.ui.paint.frame(r, "accent", context.ui.px(4), context.ui.px(2))
    if not imgui.is_mouse_released(0):
        return ()
    return tuple(one for one in shelf.shelf if one.id in shelf.choice.dragged)
