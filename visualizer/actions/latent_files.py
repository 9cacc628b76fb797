"""Latents and files: open one, save the shown one, take one as a source of styles or as a centre."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from core.base.errors import VisualizerError
from core.base.text import plural
from core.documents.latents.codes import codes_archive
from core.documents.latents.latents import holds_arrays, read_latents
from core.documents.latents.rows import read_centroids
from core.documents.latents.shapes import latent_archive
from core.request import ROOM_FOR_SOURCES, Centre, Latent, ModelInfo, StyleSource
from visualizer.actions.ports import FileChooser
from visualizer.output.capture import save_together
from visualizer.output.capture_folder import CaptureFolder
from visualizer.session.messages import Kind
from visualizer.session.session import Session

T = TypeVar("T")

NO_NETWORK = ("No network is open", "A latent is one of a network")
READ = (".npy", ".npz", ".pt", ".pth", ".pkl", ".pickle", ".txt", ".csv")
AMBIGUOUS = (".pt", ".pth", ".pkl", ".pickle")  # a latent or a network
MAX_LATENT_BYTES = 64 * 2**20  # of such a file; what is larger is taken for a network


class LatentActions:
    """What the window does with files of latents."""

    def __init__(self, session: Session, folder: CaptureFolder, files: FileChooser) -> None:
        self._session = session
        self._folder = folder
        self._files = files

    def opened(self, path: Path) -> bool:
        """Show the latent of a file, if it is one. Raises UsageError if it is one that does not fit."""
        suffix, session = path.suffix.lower(), self._session
        if suffix not in READ or not os.path.isfile(path):
            return False
        if session.info is None:
            if suffix not in AMBIGUOUS:
                session.say(NO_NETWORK[0], NO_NETWORK[1], kind=Kind.WARNING)
            return suffix not in AMBIGUOUS
        if suffix in AMBIGUOUS and not _is_latent(path):
            return False
        notes: list[str] = []
        self._show(path, read_latents(path, session.info, tell=notes.append))
        self._tell(notes)
        return True

    def _show(self, path: Path, latents: tuple[Latent, ...]) -> None:
        session = self._session
        session.edit(latent=latents[0])
        more = f"The first of {len(latents)}; as a source of styles, all can be had" if len(latents) > 1 else ""
        session.say(f"Opened {path.name}", more)

    def _tell(self, notes: Sequence[str]) -> None:
        for text in notes:
            self._session.say(text, kind=Kind.NOTE)

    def choose(self) -> None:
        self._browse("Open a latent", self._show)

    def choose_sources(self) -> None:
        """All latents of a file, as sources of styles."""
        self._browse("A latent as a source of styles", self._add_sources)

    def _add_sources(self, path: Path, latents: tuple[Latent, ...]) -> None:
        session = self._session
        room = max(0, ROOM_FOR_SOURCES - len(session.request.sources))
        names = [path.stem] if len(latents) == 1 else [f"{path.stem} {i}" for i in range(len(latents))]
        added = tuple(StyleSource(latent, name=name) for latent, name in zip(latents[:room], names, strict=False))
        session.edit(sources=(*session.request.sources, *added))
        session.selection.source = len(session.request.sources) - 1
        if len(latents) > room:
            has = f"{path.name} has {plural(len(latents), 'latent')}"
            session.say(has, f"There was room for {room}", kind=Kind.NOTE)

    def choose_centre(self) -> None:
        self._browse("A latent as the centre of the truncation", lambda _, latents: self._put_centre(latents[0]))

    def choose_centroids(self) -> None:
        """Many centres, of which the nearest counts."""
        title = "Centroids as the centres of the truncation"
        self._browse_for(title, read_centroids, lambda _, centroids: self._put_centre(centroids))

    def _put_centre(self, centre: Latent | Centre) -> None:
        session = self._session
        session.edit(truncation=replace(session.request.truncation, centre=centre))

    def _browse(self, title: str, then: Callable[[Path, tuple[Latent, ...]], None]) -> None:
        notes: list[str] = []

        def read(path: Path, info: ModelInfo) -> tuple[Latent, ...]:
            notes.clear()
            return read_latents(path, info, tell=notes.append)

        def taken(path: Path, latents: tuple[Latent, ...]) -> None:
            then(path, latents)
            self._tell(notes)

        self._browse_for(title, read, taken)

    def _browse_for(
        self, title: str, read: Callable[[Path, ModelInfo], T], then: Callable[[Path, T], None]
    ) -> None:
        session = self._session

        def chosen(path: Path) -> None:
            if session.info is None:
                session.say(NO_NETWORK[0], NO_NETWORK[1], kind=Kind.WARNING)
                return
            with session.attempt(f"Cannot open {path.name}", file=str(path)):
                then(path, read(path, session.info))

        self._files.choose(title, frozenset(READ), chosen)

    def save(self) -> None:
        """What the layers of the shown picture got, as published projectors write it, beside the pictures; of a network
        with codes, the codes of its latent."""
        session, folder = self._session, self._folder.path
        frame, info = session.frame, session.info
        if frame is None or frame.ws is None:
            session.say("There is no picture yet", kind=Kind.WARNING)
            return
        if frame.codes is not None and info is not None and info.codes is not None:
            data = codes_archive(frame.codes, info.codes)
        else:
            data = latent_archive(frame.ws)
        with session.attempt("Cannot save the latent", file=str(folder)):
            (path,) = save_together(folder, {".npz": data})
            session.say_saved(path, detail=str(folder))


def _is_latent(path: Path) -> bool:
    """Whether a file of a kind that networks have, too, holds arrays and no network; what cannot be told is none."""
    try:
        return path.stat().st_size <= MAX_LATENT_BYTES and holds_arrays(path)
    except (OSError, VisualizerError):
        return False
