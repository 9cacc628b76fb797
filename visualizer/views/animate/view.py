"""The workspace Animate: the picture in the centre, the timeline below it over the whole width."""

from __future__ import annotations

from imgui_bundle import imgui

from visualizer.actions.context import Context
from visualizer.toolkit.paint import Rect
from visualizer.views.animate.timeline import TimelineView
from visualizer.views.picture import Picture
from visualizer.views.picture_bar import PictureBar
from visualizer.views.shelf.below import PictureOverShelf

GRIP = 7  # of the divider
LEAST_PICTURE, LEAST_TIMELINE = 160, 130  # heights; the bar over the picture is a part of the first


class AnimateView:
    """Picture and timeline, with a divider that drags."""

    inspects = False

    def __init__(self, picture: Picture) -> None:
        self._picture = PictureOverShelf(picture)
        self._bar = PictureBar(picture)
        self.timeline = TimelineView()

    def draw_bar(self, context: Context, bar: Rect) -> None:
        self._bar.draw(context, bar, with_layer=False)

    def draw(self, context: Context, area: Rect) -> None:
        self._picture.draw(context, area)

    def foot(self, context: Context, height: float) -> float:
        """The height of the timeline."""
        px = context.ui.px
        most = max(height - px(LEAST_PICTURE), height / 2)
        return round(max(min(px(context.settings.timeline_height), most), min(px(LEAST_TIMELINE), height / 2)))

    def draw_foot(self, context: Context, area: Rect) -> None:
        context.ui.scope = "Timeline"
        hot = self._divider(context, area)
        self.timeline.draw(context, area)
        if hot:
            context.ui.paint.box(Rect(area.x, area.y - 1, area.w, context.ui.px(2)), "accent", 0, 0.7)
        context.ui.scope = ""

    def _divider(self, context: Context, area: Rect) -> bool:
        """Drag it; a double click gives the timeline its own height. Returns whether it is taken hold of."""
        ui, px = context.ui, context.ui.px
        it = ui.item("Divider", Rect(area.x, area.y - px(GRIP // 2), area.w, px(GRIP)))
        if it.hovered or it.active:
            imgui.set_mouse_cursor(imgui.MouseCursor_.resize_ns)
        if it.hovered and imgui.is_mouse_double_clicked(0):
            context.prefer(timeline_height=type(context.settings)().timeline_height)
        elif it.active and it.drag_y:
            height = (area.bottom - imgui.get_io().mouse_pos.y) / ui.style.scale
            context.prefer(timeline_height=max(height, float(LEAST_TIMELINE)))
        return it.hovered or it.active

    def close(self) -> None:
        self._picture.close()
