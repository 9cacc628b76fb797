"""Importing to the shelf: pictures saved here, latents, lists of seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.base.text import plural, shown
from core.project.shelf import MOST_KEPT, with_kept
from core.request import lit
from visualizer.actions.ports import FileChooser
from visualizer.output.capture_folder import CaptureFolder
from visualizer.output.shelf_files import READ, SAVED_PICTURES, Base, Imported, pictures_in, read_all
from visualizer.session.messages import Kind
from visualizer.session.session import Session
from visualizer.session.work.follow_ups import FollowUp

FULL = "The shelf is full"


class ShelfImports:
    """One job a time of asking, and one step of undo."""

    def __init__(self, session: Session, folder: CaptureFolder, files: FileChooser) -> None:
        self._session = session
        self._folder = folder
        self._files = files

    def choose(self) -> None:
        """Ask for a file."""
        self._files.choose("Import to the shelf", READ, lambda path: self.read((path,)))

    def choose_folder(self) -> None:
        """Ask for a picture, and take all in its folder that were saved here."""
        title = "Choose one of the pictures; all of its folder are taken"
        self._files.choose(title, frozenset(SAVED_PICTURES), lambda path: self.folder(path.parent))

    def captures(self) -> None:
        """All pictures in the folder that pictures are saved in."""
        self.folder(self._folder.path)

    def folder(self, folder: Path) -> None:
        """All pictures in a folder that were saved here."""
        with self._session.attempt("Cannot import the folder", file=str(folder)):
            self.read(pictures_in(folder), shown(folder.name or folder, 60))

    def read(self, paths: Sequence[Path], name: str = "") -> None:
        """Import files in the background. name: what they are called together."""
        session = self._session
        name = name or (shown(paths[0].name, 60) if len(paths) == 1 else plural(len(paths), "file"))
        room = MOST_KEPT - len(session.document.state.shelf)
        if room <= 0:
            session.say(FULL, f"It holds {MOST_KEPT:,}; remove some first", kind=Kind.WARNING)
            return
        loaded, request = session.loaded, session.request
        request = replace(request, view=lit(request.view))
        base = Base(request, session.info, loaded.origin.digest if loaded else "")
        job = session.jobs.start(f"Importing {name}", lambda progress: read_all(paths, base, room, progress))
        follow = FollowUp(f"Cannot import {name}", lambda imported: self._take(imported, name), watched=True)
        session.follow_ups.add(job, follow)

    def _take(self, imported: Imported, name: str) -> None:
        session = self._session
        shelf = session.document.state.shelf
        new = with_kept(shelf, *imported.kept)
        session.document.change(shelf=new)
        left = imported.left_out
        others = f"{plural(left, 'picture')} of other programs left out" if left else ""
        if len(new) > len(shelf):
            session.say(f"Imported {plural(len(new) - len(shelf), 'latent')} from {name}", others)
        elif not imported.bad:
            session.say(f"Nothing to import in {name}", others or "It has no pictures that were saved here",
                        kind=Kind.WARNING)  # fmt: skip
        if len(imported.bad) == 1:
            session.say(imported.bad[0], kind=Kind.WARNING)
        elif imported.bad:
            session.say(f"{len(imported.bad):,} files cannot be used", imported.bad[0], kind=Kind.WARNING)
        for note in imported.notes[:2]:
            session.say(note, kind=Kind.NOTE)
