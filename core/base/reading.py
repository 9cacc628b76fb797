"""Ordinary files only: a pipe or a device would be waited for without end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from core.base.errors import UsageError
from core.base.text import counted, shown


def check_ordinary(path: Path) -> int:
    """The size of a file in bytes. Raises UsageError if it is none, or none that ends."""
    name = shown(path.name or path, 100)
    try:
        status = path.stat()  # before it is opened, where a pipe would wait for its other end
    except (OSError, ValueError) as error:  # a name that no file can have
        reason = getattr(error, "strerror", None) or "it is no name of a file"
        raise UsageError(f"{name} cannot be read: {reason}; check the path.") from error
    if stat.S_ISDIR(status.st_mode):
        raise UsageError(f"{name} is a folder and cannot be read as a file; choose a file in it.")
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"{name} cannot be read: it is no ordinary file; copy what it gives to one.")
    if not status.st_size:
        raise UsageError(f"{name} cannot be read: it is empty, or a file without a length; copy it to an ordinary one.")
    return status.st_size


def read_ordinary(path: Path, most: int) -> bytes:
    """The bytes of a file, at most so many. Raises UsageError with a sentence that names it."""
    name, size = shown(path.name or path, 100), check_ordinary(path)
    if size > most:
        raise UsageError(f"{name} has {counted(size)}, and at most {counted(most)} are read; choose another file.")
    try:
        with open_ordinary(path) as file:
            return file.read(size)  # which takes as much memory as it is asked for
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror or error}; check it, or copy it.") from error
    except MemoryError as error:
        raise UsageError(f"{name} does not fit into the memory of this machine; choose a smaller file.") from error


def open_ordinary(path: Path) -> BinaryIO:
    """Open a file for reading. Raises OSError, also for a pipe or a device."""
    file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115  # the caller closes it
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no ordinary file")
    return file


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
