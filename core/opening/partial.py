"""A download that is not complete yet: its bytes, and which version of the original they are of."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from email.message import Message
from pathlib import Path
from typing import IO

from core.base.progress import Progress
from ops.base.file_lock import try_lock

LOCK = ".lock"  # of a folder of one address
RETRY_S = 0.1
LEFT_BEHIND_S = 24 * 3600.0  # whoever has not continued a download for so long does not want it any more


@dataclass(frozen=True)
class Version:
    """How a server tells versions of a file apart."""

    etag: str = ""
    last_modified: str = ""

    @classmethod
    def of(cls, headers: Message) -> Version:
        return cls(headers.get("ETag", ""), headers.get("Last-Modified", ""))

    @property
    def strong(self) -> str:
        """What tells that two files are the same to the byte; "": nothing does."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.last_modified


@dataclass(frozen=True)
class Partial:
    """A file that is still arriving, and the note beside it on its version."""

    path: Path

    @property
    def note(self) -> Path:
        return self.path.with_name(self.path.name + ".json")

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def version(self) -> Version:
        try:
            return Version(**{name: str(text) for name, text in json.loads(self.note.read_text("utf-8")).items()})
        except (OSError, ValueError, TypeError, AttributeError):
            return Version()

    def begin(self, version: Version) -> None:
        """It is empty now, and what comes is of this version."""
        self.path.write_bytes(b"")  # first: the bytes of another version must never stand beside this note
        self.note.write_text(json.dumps(asdict(version)), "utf-8")

    def delete(self) -> None:
        self.path.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)


@contextmanager
def alone(folder: Path, progress: Progress) -> Iterator[None]:
    """Wait until nobody else downloads into a folder, and keep others out. Raises OSError, and what progress does."""
    with (folder / LOCK).open("ab") as file:
        while not _locked(file):
            progress("waiting for another download of it", 0, 0)
            time.sleep(RETRY_S)
        yield  # closing the file ends the lock


def _locked(file: IO[bytes]) -> bool:
    try:
        return try_lock(file)
    except OSError:  # a disk without locks
        return True


def tidy_partials(cache: Path) -> None:
    """Remove what has not been continued for a day, of any address. Raises nothing."""
    oldest = time.time() - LEFT_BEHIND_S
    for pattern in ("*/*.part", "*/*.part.json", "*/*.partial*"):  # the last: of earlier versions of this program
        for left in cache.glob(pattern):
            with suppress(OSError):  # another program may tidy up too
                if left.stat().st_mtime < oldest:
                    left.unlink()
