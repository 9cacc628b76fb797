"""Latents and files: open one, save the shown one, take one as a source of styles or as a centre."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from core.base.errors import VisualizerError
from core.base.text import plural
from core.documents.latent_files import READ, read_centroids, read_latents, write_codes, write_latent
from core.request import Centre, Latent, ModelInfo, StyleSource
from visualizer.actions.ports import FileChooser
from visualizer.output.capture import capturing, claim
from visualizer.output.capture_folder import CaptureFolder
from visualizer.session.messages import Kind
from visualizer.session.session import Session

T = TypeVar("T")

MAX_SOURCES = 12
NO_NETWORK = ("No network is open", "A latent is one of a network")
CENTROIDS = (".npy",)
AMBIGUOUS = (".pt", ".pth")  # a latent or a network
MAX_LATENT_BYTES = 16 * 2**20  # of such a file; what is larger is a network


class LatentActions:
    """What the window does with files of latents."""

    def __init__(self, session: Session, folder: CaptureFolder, files: FileChooser) -> None:
        self._session = session
        self._folder = folder
        self._files = files

    def opened(self, path: Path) -> bool:
        """Show the latent of a file, if it is one. Raises UsageError if it is one that does not fit."""
        suffix, session = path.suffix.lower(), self._session
        if suffix not in READ or not path.is_file():
            return False
        if session.info is None:
            if suffix not in AMBIGUOUS:
                session.say(NO_NETWORK[0], NO_NETWORK[1], kind=Kind.WARNING)
            return suffix not in AMBIGUOUS
        if suffix in AMBIGUOUS:
            try:
                if path.stat().st_size > MAX_LATENT_BYTES:
                    return False
                self._show(path, read_latents(path, session.info))
            except VisualizerError:
                return False
            return True
        self._show(path, read_latents(path, session.info))
        return True

    def _show(self, path: Path, latents: tuple[Latent, ...]) -> None:
        session = self._session
        session.edit(latent=latents[0])
        more = f"The first of {len(latents)}; as a source of styles, all can be had" if len(latents) > 1 else ""
        session.say(f"Opened {path.name}", more)

    def choose(self) -> None:
        self._browse("Open a latent", lambda path, latents: self._show(path, latents))

    def choose_sources(self) -> None:
        """All latents of a file, as sources of styles."""
        self._browse("A latent as a source of styles", self._add_sources)

    def _add_sources(self, path: Path, latents: tuple[Latent, ...]) -> None:
        session = self._session
        room = MAX_SOURCES - len(session.request.sources)
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
        self._browse_for(title, CENTROIDS, read_centroids, lambda _, centroids: self._put_centre(centroids))

    def _put_centre(self, centre: Latent | Centre) -> None:
        session = self._session
        session.edit(truncation=replace(session.request.truncation, centre=centre))

    def _browse(self, title: str, then: Callable[[Path, tuple[Latent, ...]], None]) -> None:
        self._browse_for(title, READ, read_latents, then)

    def _browse_for(
        self, title: str, suffixes: tuple[str, ...], read: Callable[[Path, ModelInfo], T],
        then: Callable[[Path, T], None],
    ) -> None:  # fmt: skip
        session = self._session

        def chosen(path: Path) -> None:
            if session.info is None:
                session.say(NO_NETWORK[0], NO_NETWORK[1], kind=Kind.WARNING)
                return
            try:
                then(path, read(path, session.info))
            except VisualizerError as error:
                session.fail(f"Cannot open {path.name}", error)

        self._files.choose(title, frozenset(suffixes), chosen)

    def save(self) -> None:
        """What the layers of the shown picture got, as published projectors write it, beside the pictures; of a network
        with codes, the codes of its latent."""
        session, folder = self._session, self._folder.path
        if session.frame is None or session.frame.ws is None:
            session.say("There is no picture yet", kind=Kind.WARNING)
            return
        try:
            with capturing(folder):
                folder.mkdir(parents=True, exist_ok=True)
                path, descriptor = claim(folder, ".npz")
                os.close(descriptor)
            if session.frame.codes is not None and session.info is not None and session.info.codes is not None:
                write_codes(path, session.frame.codes, session.info.codes)
            else:
                write_latent(path, session.frame.ws)
            session.say_saved(path, detail=str(folder))
        except VisualizerError as error:
            session.fail("Cannot save the latent", error)
