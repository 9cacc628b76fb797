"""The small pictures of what was kept, in one texture; those that are missing are made in the background."""

from __future__ import annotations

from collections.abc import Iterable

from imgui_bundle import imgui

from core.display.analysis import Pixels
from core.project import Kept
from core.render.operations import MakeThumbnail
from visualizer.actions.context import Context
from visualizer.output.small_pictures import EDGE, small_picture, small_pixels
from visualizer.session.work.jobs import Job
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.thumbnails import Thumbnails

ROWS = 8  # of the texture: more than a window is wide
MOST_DECODED = 12  # in a frame


class ShelfPictures:
    """As many as are seen, decoded when they come into sight."""

    def __init__(self) -> None:
        self._pictures = Thumbnails(ROWS, EDGE)
        self._bad: set[bytes] = set()  # which cannot be decoded
        self._failed: set[tuple[int, str]] = set()  # which cannot be made: the network, and the id
        self._job: Job[Pixels | None] | None = None
        self._decoded = 0  # in this frame

    def close(self) -> None:
        self._pictures.close()

    def begin_frame(self) -> None:
        self._decoded = 0

    def draw(self, context: Context, kept: Kept, r: Rect, *, alpha: float = 1.0) -> bool:
        """Draw the picture of one. Returns whether there is one."""
        uv = self._pictures.uv(kept.picture) if kept.picture else None
        if uv is None and kept.picture and kept.picture not in self._bad:
            if self._decoded >= MOST_DECODED:
                context.ui.redraw_in(0)
                return False
            self._decoded += 1
            pixels = small_pixels(kept.picture)
            if pixels is None:
                self._bad.add(kept.picture)
            else:
                self._pictures.put(kept.picture, pixels)
                uv = self._pictures.uv(kept.picture)
        if uv is None:
            return False
        tint = context.ui.style.colour("FFFFFF", alpha)
        texture = self._pictures.texture()
        context.ui.paint.list.add_image_rounded(texture, *r.corners, *uv, tint, context.ui.px(4))
        return True

    def make_missing(self, context: Context, some: Iterable[Kept]) -> None:
        """Begin with the first that has none, unless there is something that the user waits for."""
        session, loaded = context.session, context.session.loaded
        up_to_date = session.frame is not None and session.frame.request == session.shown_request
        busy = self._job is not None or session.animation.running or session.load_job is not None
        if loaded is None or busy or not up_to_date or imgui.is_mouse_down(0):
            return
        number, location = loaded.key.number, loaded.location
        missing = (
            one for one in some
            if not one.picture and one.request.network == location and (number, one.id) not in self._failed
        )  # fmt: skip
        kept = next(missing, None)
        if kept is None:
            return

        def take(pixels: Pixels | None) -> None:
            self._job = None
            if pixels is None:
                self._failed.add((number, kept.id))
            else:
                context.actions.shelf.put_picture(kept.id, small_picture(pixels))

        operation = MakeThumbnail(kept.request, whole=True)
        self._job = session.run("Pictures of the shelf", operation, take, otherwise=self._end, quiet=True)

    def _end(self) -> None:
        self._job = None
