"""The pictures of sources of styles, small: made in the background while nothing else is."""

from __future__ import annotations

from collections.abc import Hashable

from core.request import RenderRequest, StyleSource
from visualizer.actions.context import Context
from visualizer.panels.pictures.small_pictures import SmallPictures
from visualizer.toolkit.paint import Rect

ROWS = 4  # of the texture
Known = tuple[int, RenderRequest]  # the network, and what it was asked for


class SourcePictures:
    """Those of the sources as they are, or as they were until they are made anew."""

    def __init__(self) -> None:
        self._pictures = SmallPictures(ROWS)
        self._latest: dict[int, Hashable] = {}  # by source, what it shows
        self._network = 0  # whose pictures they are

    def close(self) -> None:
        self._pictures.close()

    def draw(self, context: Context, index: int, source: StyleSource, r: Rect, *, alpha: float) -> bool:
        """Draw the picture of a source, and have it made if it is not there. Returns whether there was one."""
        key = self._key(context, source)
        if key is None:
            return False
        if self._pictures.has(key):
            self._latest[index] = key
        else:
            self._pictures.ask(context, key, key[1], "Pictures of sources")
        return self._pictures.draw(context, self._latest.get(index), r, alpha=alpha)

    def _key(self, context: Context, source: StyleSource) -> Known | None:
        """What decides a picture of nothing but a source."""
        session, request = context.session, context.session.request
        if session.loaded is None:
            return None
        if self._network != session.loaded.key.number:
            self._network = session.loaded.key.number
            self._latest = {}
            self._pictures.forget_failures()
        label = request.label if source.label is None else source.label
        return session.loaded.key.number, RenderRequest(
            session.loaded.location, source.latent, label, (), request.truncation, grid=request.grid, lod=request.lod
        )
