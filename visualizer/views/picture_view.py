"""The centre of the workspace Edit: the picture, its tools, and the shelf."""

from __future__ import annotations

from visualizer.actions.context import Context
from visualizer.toolkit.paint import Rect
from visualizer.views.picture import Picture
from visualizer.views.picture_bar import PictureBar
from visualizer.views.shelf.below import PictureOverShelf
from visualizer.views.view import WithoutFoot


class PictureView(WithoutFoot):
    """The picture as large as there is room above the shelf."""

    inspects = False

    def __init__(self, picture: Picture) -> None:
        self._picture = PictureOverShelf(picture)
        self._bar = PictureBar(picture)

    def draw_bar(self, context: Context, bar: Rect) -> None:
        self._bar.draw(context, bar, with_layer=False)

    def draw(self, context: Context, area: Rect) -> None:
        self._picture.draw(context, area)

    def close(self) -> None:
        self._picture.close()
