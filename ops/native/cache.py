"""The built libraries in the cache: keyed by what they are made of, complete or not there. Imports no torch."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..base.file_lock import try_lock
from .toolchain import BuildError, library_name

LOCK_TIMEOUT_S = 600.0
LOCK_RETRY_S = 0.1
CHECKSUM = "sha256"
BLOCK = 2**20
UNUSED_DAYS = 60.0  # after which a library is removed when another one is built


def digest(parts: Iterable[str], files: Iterable[Path]) -> str:
    """A name for what is made of these. The files' names count, their places do not."""
    total = hashlib.sha256()
    for part in parts:
        total.update(part.encode("utf-8", errors="replace") + b"\0")
    for file in sorted(files):
        total.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:20]


def find(folder: Path) -> Path | None:
    """The library in a folder, if it is there and whole: loading a damaged one could end the process."""
    library = folder / library_name()
    try:
        whole = (folder / CHECKSUM).read_text(encoding="ascii") == _checksum(library)
    except (OSError, UnicodeDecodeError):
        return None
    return library if whole else None


def publish(made: Path, folder: Path) -> Path:
    """Move a new library, out of the folder that it was made in, to its place: in one step, with its checksum."""
    for path in made.iterdir():
        if path.name != library_name():
            path.unlink()
    (made / CHECKSUM).write_text(_checksum(made / library_name()), encoding="ascii")
    shutil.rmtree(folder, ignore_errors=True)  # damaged, or `find` would have found it
    made.replace(folder)
    return folder / library_name()


def copy(library: Path, folder: Path) -> Path:
    """Put a copy of a library into a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(library, folder / library_name())
    (folder / CHECKSUM).write_text(_checksum(library), encoding="ascii")
    return folder / library_name()


def use(library: Path) -> Path:
    """Note that a library is used today."""
    with suppress(OSError):  # a folder that cannot be written to is not tidied either
        os.utime(library.parent)
    return library


def remove_unused(root: Path) -> None:
    """Remove the libraries that nobody has used for a long time, as of an earlier torch."""
    oldest = time.time() - UNUSED_DAYS * 86400
    for path in root.glob(f"*/{CHECKSUM}"):
        with suppress(OSError):
            if path.parent.stat().st_mtime < oldest:
                shutil.rmtree(path.parent, ignore_errors=True)


def _checksum(path: Path) -> str:
    total = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            total.update(block)
    return total.hexdigest()


@contextmanager
def locked(path: Path, *, timeout_s: float = LOCK_TIMEOUT_S) -> Iterator[None]:
    """Hold a lock that the system takes back when its holder dies, however it dies.

    Raises BuildError if another process holds it for so long, and OSError where the folder can not be written.
    """
    with path.open("ab") as file:
        deadline = time.monotonic() + timeout_s
        while not try_lock(file):
            if time.monotonic() > deadline:
                raise BuildError(f"another process has been building the kernels for more than {timeout_s:g} s")
            time.sleep(LOCK_RETRY_S)
        yield  # closing the file ends the lock
