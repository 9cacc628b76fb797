"""Files that are whole or absent: written beside their final name, forced to the disk, then renamed."""

from __future__ import annotations

import errno
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PARTIAL = re.compile(r"\.visualizer-[0-9a-f]{16}\.part")  # what a file of this program is called until it is whole
EARLIER = re.compile(r"\.[0-9a-f]{16}\.tmp|\..{1,100}\.[0-9a-f]{32}\.part")  # what it was called
LEFT_BEHIND_S = 3600.0  # whoever was writing to a file for so long without a change was killed


@contextmanager
def temporary(folder: Path, data: bytes) -> Iterator[Path]:
    """A hidden file in `folder` that holds `data`, on the disk; gone at the end of the block unless it was renamed."""
    with _partial(folder) as path:
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # or a power cut could leave the final name on an empty file
        yield path


def write_whole(path: Path, data: bytes) -> None:
    """Write or replace `path` in one step; nobody ever sees half of it. Raises OSError."""
    path = Path(os.path.realpath(path))  # a link stays a link
    with temporary(path.parent, data) as written:
        written.replace(path)
    force_names(path.parent)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A name for a file that somebody else writes in the block; at its end the file gets the name `path`.

    After an error there is no such file. Raises OSError.
    """
    with _partial(path.parent) as partial:
        yield partial
        put(partial, path)


def put(partial: Path, path: Path) -> None:
    """Give a file that is complete its final name, once its bytes are on the disk. Raises OSError."""
    with partial.open("r+b") as file:
        os.fsync(file.fileno())
    partial.replace(path)
    force_names(path.parent)


def force_names(folder: Path) -> None:
    """Have the names in a folder written to the disk: a new name is there only when its folder is."""
    with suppress(OSError):  # Windows and some disks cannot; a folder may be closed to readers
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _partial(folder: Path) -> Iterator[Path]:
    """A new name for a partial file, which is gone at the end of the block unless it was renamed."""
    tidy(folder)
    path = folder / f".visualizer-{secrets.token_hex(8)}.part"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def tidy(folder: Path) -> None:
    """Remove the partial files that this program left in a folder when it was killed. Raises nothing."""
    oldest = time.time() - LEFT_BEHIND_S
    with suppress(OSError, ValueError), os.scandir(folder) as entries:  # ValueError: a name that no folder can have
        for name in [entry.name for entry in entries if _is_partial(entry.name)]:
            with suppress(OSError):  # another program may tidy up too
                left = folder / name
                if left.lstat().st_mtime < oldest:
                    left.unlink()


def _is_partial(name: str) -> bool:
    return PARTIAL.fullmatch(name) is not None or EARLIER.fullmatch(name) is not None


def why(error: OSError) -> str:
    """What an error of the system means for a file that was to be written, and what to do."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return "the disk is full; free some space or choose another folder"
        case errno.EROFS:
            return "the disk is read-only; choose another folder"
        case errno.EACCES | errno.EPERM:
            return "this user may not write there; choose another folder"
        case errno.ENOTDIR | errno.EEXIST:
            return "its folder is a file; choose another folder"
        case errno.EISDIR:
            return "it is a folder; choose another name"
        case errno.ENOENT:
            return "there is no such folder, and it cannot be made; choose another folder"
        case errno.ENAMETOOLONG:
            return "the name is too long; choose a shorter one"
        case errno.EFBIG:
            return "it is larger than a file may be there; choose another folder"
        case _:
            return f"{error.strerror or error}; choose another folder"


def is_same_file(one: Path, other: Path) -> bool:
    """Whether two names are of the same file, through links and whatever their spelling; False if one is of none."""
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return False
