"""Files that are whole or absent: written beside their final name first, then renamed; and ordinary ones only."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def temporary(folder: Path, data: bytes) -> Iterator[Path]:
    """A hidden file in `folder` that holds `data`, on the disk; gone at the end of the block unless it was renamed."""
    path = folder / f".{secrets.token_hex(8)}.tmp"
    try:
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # or a power cut could leave the final name on an empty file
        yield path
    finally:
        path.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write or replace `path` in one step; nobody ever sees half of it. Raises OSError."""
    path = Path(os.path.realpath(path))  # a link stays a link
    with temporary(path.parent, data) as written:
        written.replace(path)


def open_ordinary(path: Path) -> BinaryIO:
    """Open a file for reading. Raises OSError, also for a pipe or a device, which could keep one waiting for ever."""
    file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115  # the caller closes it
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no ordinary file")
    return file


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
