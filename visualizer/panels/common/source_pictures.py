"""The pictures of sources of styles, small: made in the background while nothing else is."""

from __future__ import annotations

from collections.abc import Hashable

from imgui_bundle import imgui

from core.display.analysis import Pixels
from core.render.operations import MakeThumbnail
from core.request import RenderRequest, StyleSource
from visualizer.actions.context import Context
from visualizer.session.work.jobs import Job
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.thumbnails import Thumbnails

ROWS = 4  # of the texture
Known = tuple[int, RenderRequest]  # the network, and what it was asked for


class SourcePictures:
    """Those of the sources as they are, or as they were until they are made anew."""

    def __init__(self) -> None:
        self._pictures = Thumbnails(ROWS)
        self._latest: dict[int, Hashable] = {}  # by source, what it shows
        self._failed: set[Known] = set()
        self._network = 0  # whose pictures they are
        self._job: Job[Pixels | None] | None = None

    def close(self) -> None:
        self._pictures.close()

    def draw(self, context: Context, index: int, source: StyleSource, r: Rect, *, alpha: float) -> bool:
        """Draw the picture of a source, and have it made if it is not there. Returns whether there was one."""
        key = self._key(context, source)
        if key is None:
            return False
        if self._pictures.uv(key) is None:
            self._ask(context, key)
        else:
            self._latest[index] = key
        uv = self._pictures.uv(self._latest.get(index))
        if uv is not None:
            tint = context.ui.style.colour("FFFFFF", alpha)
            context.ui.paint.list.add_image_rounded(
                self._pictures.texture(), *r.corners, *uv, tint, context.ui.px(4)
            )
        return uv is not None

    def _key(self, context: Context, source: StyleSource) -> Known | None:
        """What decides a picture of nothing but a source."""
        session, request = context.session, context.session.request
        if session.loaded is None:
            return None
        if self._network != session.loaded.key.number:
            self._network = session.loaded.key.number
            self._latest, self._failed = {}, set()
        label = request.label if source.label is None else source.label
        return session.loaded.key.number, RenderRequest(
            session.loaded.location, source.latent, label, (), request.truncation, grid=request.grid, lod=request.lod
        )

    def _ask(self, context: Context, key: Known) -> None:
        """Begin with a picture, unless there is something that the user waits for."""
        session, request = context.session, key[1]
        up_to_date = session.frame is not None and session.frame.request == session.shown_request
        busy = self._job is not None or session.animation.running or session.load_job is not None
        if busy or not up_to_date or key in self._failed or imgui.is_mouse_down(0):
            return

        def take(pixels: Pixels | None) -> None:
            self._end()
            if pixels is None:
                self._failed.add(key)
            else:
                self._pictures.put(key, pixels)

        self._job = session.run("Pictures of sources", MakeThumbnail(request), take, otherwise=self._end, quiet=True)

    def _end(self) -> None:
        self._job = None
