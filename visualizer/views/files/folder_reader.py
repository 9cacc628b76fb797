"""What is at a path is found out in the background: it may lie on a drive that does not answer."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from core.base.errors import UsageError
from core.base.paths import path_of, unquoted
from core.base.text import shown
from visualizer.session.session import Session
from visualizer.views.files.listing import Line, list_demos, list_folder


@dataclass(frozen=True)
class Listing:
    """A folder and what is in it; None: the demo networks."""

    folder: Path | None
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class File:
    """A file that was named."""

    path: Path


@dataclass(frozen=True)
class Absent:
    """Nothing that can be shown; why."""

    reason: str


Found = Listing | File | Absent


class FolderReader:
    """Reads one folder at a time. What was asked for before is let go, whether it ever answers or not."""

    def __init__(self) -> None:
        self._newest: object | None = None  # stands for what is waited for
        self._since = 0.0

    @property
    def waited_s(self) -> float | None:
        """How long the newest has been waited for; None: for nothing."""
        return None if self._newest is None else perf_counter() - self._since

    def ask(self, session: Session, look: Callable[[], Found], then: Callable[[Found], None]) -> None:
        """Look somewhere, and then do something with what was found, unless something else is asked for before."""
        question = self._newest = object()
        self._since = perf_counter()

        def take(found: Found) -> None:
            if self._newest is question:
                self._newest = None
                then(found)

        session.start("Cannot read the folder", look, take, awaited=False)

    def leave(self) -> None:
        """Wait for nothing any more."""
        self._newest = None


def read_folder(folder: Path | None, suffixes: frozenset[str]) -> Found:
    """What of a folder can be opened; None: the demo networks."""
    try:
        return Listing(folder, list_demos() if folder is None else list_folder(folder, suffixes))
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        return Absent(f"It cannot be read: {getattr(error, 'strerror', '') or error}")


def look_at(typed: str, start: Path, suffixes: frozenset[str]) -> Found:
    """What is at a path as people write it. start: the folder from which it goes, if it does not say where."""
    try:
        path = Path(os.path.normpath(start / path_of(unquoted(typed))))  # "..": as a shell goes up, whatever links say
    except UsageError as error:
        return Absent(str(error))
    if path.is_dir():
        return read_folder(path, suffixes)
    if path.is_file():
        return File(path)
    return Absent(f"{shown(path.name)} does not exist in {shown(path.parent)}.")
