"""The centre of the workspace Edit: the picture, and its tools."""

from __future__ import annotations

from visualizer.actions.context import Context
from visualizer.toolkit.paint import Rect
from visualizer.views.picture import Picture
from visualizer.views.picture_bar import PictureBar
from visualizer.views.view import WithoutFoot


class PictureView(WithoutFoot):
    """The picture as large as there is room."""

    inspects = False

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._bar = PictureBar(picture)

    def draw_bar(self, context: Context, bar: Rect) -> None:
        self._bar.draw(context, bar, with_layer=False)

    def draw(self, context: Context, area: Rect) -> None:
        self._picture.draw(context, area)

    def close(self) -> None:
        """The picture is of all views."""
