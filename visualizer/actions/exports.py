"""Larger things that are saved: tables of pictures, blended networks."""

from __future__ import annotations

import os

from core.base.text import plural
from core.documents.document import to_text
from core.opening.network import SNAPSHOT
from core.render.operations import WriteBlend
from core.request import RenderRequest
from visualizer.output.capture import capturing, claim
from visualizer.output.capture_folder import CaptureFolder
from visualizer.session.session import Session
from visualizer.session.work.table_job import Tables

NO_SOURCE = "programs that run the source inside of a snapshot cannot open it"


class Exports:
    """What the window saves besides pictures, videos, sessions and latents, in the folder of the pictures."""

    def __init__(self, session: Session, tables: Tables, folder: CaptureFolder) -> None:
        self._session = session
        self._tables = tables
        self._folder = folder

    def blended(self, suffix: str) -> None:
        """The network that the shown request blends, beside the pictures. suffix: .safetensors or .pkl."""
        session, folder = self._session, self._folder.path
        more = f"{folder} · {NO_SOURCE}" if suffix == SNAPSHOT else str(folder)
        with session.attempt("Cannot save the network", file=str(folder)):
            with capturing(folder):
                folder.mkdir(parents=True, exist_ok=True)
                path, descriptor = claim(folder, suffix)
                os.close(descriptor)
            session.run(
                "Saving the network", WriteBlend(session.request, path),
                lambda path: session.say_saved(path, detail=more),
                otherwise=lambda: path.unlink(missing_ok=True), awaited=True, failure="Cannot save the network",
            )  # fmt: skip

    def table(self, *, singly: bool, labels: bool) -> None:
        """The table of pictures that is there. labels: say what its rows and columns are."""
        session, tables, folder = self._session, self._tables, self._folder.path
        loaded = session.loaded

        def text(request: RenderRequest) -> str:
            same = loaded is not None and loaded.location == request.network
            return to_text(request, loaded.origin if loaded and same else None)

        session.start(
            "Cannot save the table",
            lambda: tables.save(folder, text, singly=singly, labels=labels),
            lambda paths: session.say_saved(
                paths[0], detail=f"{plural(len(paths), 'file')} · {folder}", picture=tables.sheet()
            ),
        )
