"""The centre of the workspace Edit: the picture, its tools, and the shelf."""

from __future__ import annotations

from visualizer.actions.context import Context
from visualizer.panels.common.shelf_drop import dropped
from visualizer.toolkit.paint import Rect
from visualizer.views.picture import Picture
from visualizer.views.picture_bar import PictureBar
from visualizer.views.shelf.strip import ShelfStrip


class PictureView:
    """The picture as large as there is room above the shelf."""

    inspects = False

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._bar = PictureBar(picture)
        self._shelf = ShelfStrip()

    def draw_bar(self, context: Context, bar: Rect) -> None:
        self._bar.draw(context, bar, with_layer=False)

    def draw(self, context: Context, area: Rect) -> None:
        alone = context.actions.window.views.alone
        below = 0.0 if alone else self._shelf.height(context, area.h)
        above = Rect(area.x, area.y, area.w, area.h - below)
        self._picture.draw(context, above)
        for kept in dropped(context, above)[:1]:
            context.actions.shelf.go(kept)
        if not alone:
            with context.part("The shelf"):
                self._shelf.draw(context, Rect(area.x, above.bottom, area.w, below))

    def close(self) -> None:
        """The picture is of all views; the shelf is not."""
        self._shelf.close()
