"""The centre of the workspace Animate: the picture above, the timeline below."""

from __future__ import annotations

from imgui_bundle import imgui

from visualizer.actions.context import Context
from visualizer.toolkit.paint import Rect
from visualizer.views.animate.timeline import TimelineView
from visualizer.views.picture import Picture
from visualizer.views.picture_bar import PictureBar

GRIP = 7  # of the divider
LEAST_PICTURE, LEAST_TIMELINE = 120, 130  # heights


class AnimateView:
    """Picture and timeline, with a divider that drags."""

    inspects = False

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._bar = PictureBar(picture)
        self.timeline = TimelineView()

    def draw_bar(self, context: Context, bar: Rect) -> None:
        self._bar.draw(context, bar, with_layer=False)

    def draw(self, context: Context, area: Rect) -> None:
        px = context.ui.px
        wanted = px(context.settings.timeline_height)
        height = round(max(min(wanted, area.h - px(LEAST_PICTURE)), min(px(LEAST_TIMELINE), area.h / 2)))
        below = Rect(area.x, area.bottom - height, area.w, height)
        context.ui.scope = "Timeline"
        hot = self._divider(context, area, below.y)
        context.ui.scope = ""
        self._picture.draw(context, Rect(area.x, area.y, area.w, area.h - height))
        context.ui.scope = "Timeline"
        self.timeline.draw(context, below)
        if hot:
            context.ui.paint.box(Rect(below.x, below.y - 1, below.w, px(2)), "accent", 0, 0.7)
        context.ui.scope = ""

    def _divider(self, context: Context, area: Rect, y: float) -> bool:
        """Drag it; a double click gives the timeline its own height. Returns whether it is taken hold of."""
        ui, px = context.ui, context.ui.px
        it = ui.item("Divider", Rect(area.x, y - px(GRIP // 2), area.w, px(GRIP)))
        if it.hovered or it.active:
            imgui.set_mouse_cursor(imgui.MouseCursor_.resize_ns)
        if it.hovered and imgui.is_mouse_double_clicked(0):
            context.prefer(timeline_height=type(context.settings)().timeline_height)
        elif it.active and it.drag_y:
            height = (area.bottom - imgui.get_io().mouse_pos.y) / ui.style.scale
            most = area.h / ui.style.scale - LEAST_PICTURE
            context.prefer(timeline_height=max(min(height, most), float(LEAST_TIMELINE)))
        return it.hovered or it.active

    def close(self) -> None:
        """The picture is of all views."""
