"""The files that windows keep of what is done in them: one for each, and a lock beside it while the window runs.

A lock that nobody holds is that of a window which ended unexpectedly: the system takes it back from whatever dies.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from core.base.errors import UsageError
from core.base.reading import open_ordinary
from core.documents.json_reader import Fields
from core.documents.session_json import read_autosaved
from core.project import Autosaved
from ops.base.file_lock import try_lock
from visualizer.settings import settings_folder

NAME = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{8}\.json")
LOCK = ".lock"
HEAD = 8192  # bytes in which a file says what it is of
ABOUT = b'"autosaved": '
MOST_ENDED = 20  # files of windows that have ended; the oldest go first
MAX_AGE_S = 60 * 86400.0


def autosave_folder() -> Path:
    """Where the files of all windows of this user are."""
    return settings_folder() / "sessions"


class Fate(StrEnum):
    """What became of the window that wrote a file."""

    RUNS = "runs"
    ENDED = "ended"  # as it should
    DIED = "died"


@dataclass(frozen=True)
class Left:
    """A file, and what it says of itself."""

    path: Path
    fate: Fate
    about: Autosaved

    @property
    def name(self) -> str:
        """Of the session."""
        return Path(self.about.file).stem if self.about.file else "Untitled"


class Slot:
    """The file of a running window. Its lock is held until `end`, or until the program dies. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _take(path)

    @classmethod
    def new(cls, folder: Path) -> Slot:
        """A file that there is not yet."""
        return cls(folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}.json")

    @classmethod
    def of(cls, path: Path) -> Slot | None:
        """One that another window has left; None if a window has it, or it is gone."""
        try:
            return cls(path) if path.is_file() else None
        except BlockingIOError:
            return None

    def end(self, *, keep: bool) -> None:
        """The window has ended, or does something else now. keep: what is in the file may be wanted again."""
        if not keep:
            self.path.unlink(missing_ok=True)
        lock = _lock_of(self.path)
        if os.name != "nt":  # while it is held: nobody takes the window for dead
            lock.unlink(missing_ok=True)
        self._lock.close()
        if os.name == "nt":  # there an open file cannot be removed
            lock.unlink(missing_ok=True)


def left_sessions(folder: Path) -> list[Left]:
    """All files, the newest first. Raises nothing."""
    found = [Left(path, _fate(path), _about(path)) for path in _files(folder)]
    return sorted(found, key=lambda left: left.about.when_s, reverse=True)


def was_seen(left: Left) -> None:
    """The user knows that its window died: it is one that ended from now on. Raises nothing."""
    with suppress(OSError):
        if (slot := Slot.of(left.path)) is not None:
            slot.end(keep=True)


def prune(folder: Path) -> None:
    """Remove what windows have left that is old, or more than anyone looks through. Raises nothing."""
    now = time.time()
    ended = [left for left in left_sessions(folder) if left.fate is Fate.ENDED]
    old = [left for left in ended if now - left.about.when_s > MAX_AGE_S]
    for left in {*ended[MOST_ENDED:], *old}:
        with suppress(OSError):
            if (slot := Slot.of(left.path)) is not None:
                slot.end(keep=False)
    for path in _files(folder, LOCK):  # of windows that died before they had anything to keep
        with suppress(OSError):
            if not path.with_suffix("").exists() and _fate(path.with_suffix("")) is Fate.DIED:
                path.unlink()


def _files(folder: Path, more: str = "") -> list[Path]:
    """Those that are called as files of ours are, followed by something."""
    with suppress(OSError, ValueError):
        names = [name for name in os.listdir(folder) if name.endswith(more)]
        paths = [folder / name for name in names if NAME.fullmatch(name.removesuffix(more))]
        return [path for path in paths if path.is_file() and not path.is_symlink()]
    return []


def _lock_of(path: Path) -> Path:
    return path.with_name(path.name + LOCK)


def _take(path: Path) -> BinaryIO:
    """The lock of a file, held for as long as it is open. Raises BlockingIOError if somebody else has it."""
    file = open(_lock_of(path), "a+b")  # noqa: SIM115  # the slot closes it
    held = True
    try:
        held = not try_lock(file)
    finally:
        if held:
            file.close()
    if held:
        raise BlockingIOError(f"another window has {path.name}")
    return file


def _fate(path: Path) -> Fate:
    try:
        with open_ordinary(_lock_of(path)) as file:
            return Fate.DIED if try_lock(file) else Fate.RUNS
    except FileNotFoundError:
        return Fate.ENDED
    except OSError:  # a disk without locks: whoever has it, it is no news
        return Fate.RUNS


def _about(path: Path) -> Autosaved:
    """What a file says of itself at its beginning; what its name and date do, where that cannot be read."""
    try:
        with open_ordinary(path) as file:
            head = file.read(HEAD)
            modified = os.fstat(file.fileno()).st_mtime
        text = head[head.index(ABOUT) + len(ABOUT) :].decode("utf-8", "replace")
        members, _ = json.JSONDecoder().raw_decode(text)
        about = read_autosaved(Fields(members, where=path.name))
        return about if about.when_s else Autosaved(about.file, about.unsaved, modified, about.network)
    except (OSError, ValueError, RecursionError, UsageError):
        return Autosaved()
