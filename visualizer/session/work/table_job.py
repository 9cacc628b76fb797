"""The table of pictures in the window: made in the background, seen while it grows, saved whole or singly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from core.render.operations import MakeTable, TablePicture
from core.request import RenderRequest
from core.request.tables import Cell, Table, sheet
from visualizer.output.capture import encode, save_together
from visualizer.output.sheet_labels import labelled
from visualizer.session.session import Session
from visualizer.session.work.jobs import Job
from visualizer.toolkit.pixels import Pixels


class Tables:
    """The newest table, and the pictures of it that are there. UI thread only."""

    def __init__(self) -> None:
        self.table: Table | None = None
        self.job: Job[None] | None = None  # it has the pictures
        self._sheet: tuple[tuple[int, int], Pixels] | None = None  # of so many pictures, on which background

    @property
    def pictures(self) -> dict[Cell, Pixels]:
        made: Sequence[TablePicture] = self.job.published if self.job is not None else ()
        return {picture.cell: picture.pixels for picture in made}

    def running(self, session: Session) -> bool:
        return self.job is not None and self.job in session.operations

    def make(self, session: Session, table: Table) -> None:
        """Render a table with the shown network, and forget the one before."""
        if session.loaded is None:
            return
        if self.job is not None:
            self.job.cancel()
        self.table, self._sheet = table, None
        self.job = session.run("Making a table", MakeTable(table))

    def sheet(self, background: int = 255) -> Pixels | None:
        """All that is there as one picture; None before the first."""
        count = len(self.job.published) if self.job is not None else 0
        if self.table is None or not count:
            return None
        if self._sheet is None or self._sheet[0] != (count, background):
            self._sheet = (count, background), sheet(self.table, self.pictures.get, background=background)
        return self._sheet[1]

    def save(
        self, folder: Path, text: Callable[[RenderRequest], str], *, singly: bool, labels: bool
    ) -> tuple[Path, ...]:
        """Write the whole table, with its first picture's request, and each picture if `singly`, under one number.

        text: what is kept in a picture of a request; labels: say what the rows and columns are. Raises CaptureError.
        """
        assert self.table is not None  # there is something to save
        known = dict(self.pictures)
        whole = sheet(self.table, known.get)
        whole = labelled(whole, self.table) if labels else whole
        files = {".png": encode(whole, ".png", text(self.table.cells[0].request))}
        if singly:
            for cell, pixels in known.items():
                files[f"-{cell.name}.png"] = encode(pixels, ".png", text(cell.request))
        return save_together(folder, files)
