"""Small pictures of requests in panels: as they were shown, or made in the background while nothing else is."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from imgui_bundle import imgui

from core.render.operations import MakeThumbnail
from core.request import RenderRequest
from visualizer.actions.context import Context
from visualizer.session.work.jobs import Job
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.pixels import Pixels
from visualizer.toolkit.thumbnails import Thumbnails

RADIUS = 4  # of the corners, pixels at scale 1


class SmallPictures:
    """Pictures by key. One at a time is made, of what is drawn."""

    def __init__(self, rows: int) -> None:
        """rows: of the texture that holds the latest."""
        self._pictures = Thumbnails(rows)
        self._failed: set[Hashable] = set()
        self._job: Job[Pixels | None] | None = None

    def close(self) -> None:
        self._pictures.close()

    def forget_failures(self) -> None:
        """Another network is open, with which they may succeed."""
        self._failed.clear()

    def has(self, key: Hashable) -> bool:
        return self._pictures.uv(key) is not None

    def put(self, key: Hashable, picture: Pixels) -> None:
        self._pictures.put(key, picture)

    def draw(self, context: Context, key: Hashable, r: Rect, *, alpha: float = 1.0) -> bool:
        """Draw a picture. Returns whether there is one."""
        uv = self._pictures.uv(key)
        if uv is None:
            return False
        ui = context.ui
        tint = ui.style.colour("FFFFFF", alpha)
        ui.paint.list.add_image_rounded(self._pictures.texture(), *r.corners, *uv, tint, ui.px(RADIUS))
        return True

    def ask(
        self, context: Context, key: Hashable, request: RenderRequest, name: str,
        then: Callable[[Pixels], None] = lambda picture: None,
    ) -> None:  # fmt: skip
        """Begin with a picture of the open network, unless there is something that the user waits for.

        name: of the work, in the plural. then: is given the picture, too.
        """
        session = context.session
        up_to_date = session.frame is not None and session.frame.request == session.shown_request
        busy = self._job is not None or session.animation.running or session.load_job is not None
        if busy or not up_to_date or key in self._failed or imgui.is_mouse_down(0):
            return

        def take(pixels: Pixels | None) -> None:
            self._end()
            if pixels is None:
                self._failed.add(key)
            else:
                self.put(key, pixels)
                then(pixels)

        self._job = session.run(name, MakeThumbnail(request), take, otherwise=self._end, quiet=True)

    def _end(self) -> None:
        self._job = None
