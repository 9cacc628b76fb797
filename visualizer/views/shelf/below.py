"""A picture with the shelf below it, as several workspaces have it."""

from __future__ import annotations

from visualizer.actions.context import Context
from visualizer.panels.shelf.drop import dropped
from visualizer.toolkit.paint import Rect
from visualizer.views.picture import Picture
from visualizer.views.shelf.strip import ShelfStrip


class PictureOverShelf:
    """The picture as large as there is room above the shelf. What is dropped on it is shown."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._shelf = ShelfStrip()

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
        """Free the textures of the shelf; the picture is of all views."""
        self._shelf.close()
