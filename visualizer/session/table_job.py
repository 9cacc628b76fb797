"""The table of pictures in the window: made in the background, seen while it grows, saved whole or singly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.base.progress import Progress
from core.request import RenderRequest
from core.request.tables import Cell, Table, sheet
from visualizer.output.capture import encode, save_together
from visualizer.session.jobs import Job
from visualizer.session.session import Session
from visualizer.toolkit.pixels import Pixels


class Tables:
    """The newest table, and the pictures of it that are there. UI thread only, but for `pictures`."""

    def __init__(self) -> None:
        self.table: Table | None = None
        self.pictures: dict[Cell, Pixels] = {}  # the job adds to it
        self.job: Job[Any] | None = None
        self._sheet: tuple[int, Pixels] | None = None  # of so many pictures

    def running(self, session: Session) -> bool:
        return self.job is not None and self.job in session.studies

    def make(self, session: Session, table: Table) -> None:
        """Render a table with the open network, and forget the one before."""
        loaded = session.loaded
        if loaded is None:
            return
        if self.job is not None:
            self.job.cancel()
        renderer = loaded.renderer(session.device)
        pictures: dict[Cell, Pixels] = {}
        self.table, self.pictures, self._sheet = table, pictures, None

        def work(progress: Progress) -> None:
            from core.display.frame import NOTHING

            for done, cell in enumerate(table.cells):
                progress("rendering", done, len(table.cells), "pictures")

                def tap(name: str, x: Any, done: int = done) -> Any:
                    progress("rendering", done, len(table.cells), "pictures")  # which stops a job that was cancelled
                    return x

                pictures[cell] = renderer.render(cell.request, tap, NOTHING).pixels

        self.job = session.study("Making a table", work, lambda _: None)

    def sheet(self) -> Pixels | None:
        """All that is there as one picture; None before the first."""
        count = len(self.pictures)
        if self.table is None or not count:
            return None
        if self._sheet is None or self._sheet[0] != count:
            known = dict(self.pictures)
            self._sheet = count, sheet(self.table, known.get, background=24)
        return self._sheet[1]

    def save(self, folder: Path, text: Callable[[RenderRequest], str], *, singly: bool) -> tuple[Path, ...]:
        """Write the whole table, with its first picture's request, and each picture if `singly`, under one number.

        text: what is kept in a picture of a request. Raises CaptureError.
        """
        assert self.table is not None  # there is something to save
        known = dict(self.pictures)
        files = {".png": encode(sheet(self.table, known.get), ".png", text(self.table.cells[0].request))}
        if singly:
            for cell, pixels in known.items():
                files[f"-{cell.name}.png"] = encode(pixels, ".png", text(cell.request))
        return save_together(folder, files)
