"""A lock on an open file that the system takes back when its holder dies, however it dies. Imports no torch."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def try_lock(file: IO[bytes]) -> bool:
        """Lock a file until it is closed. Returns whether nobody else had done so. Raises OSError without locks."""
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def try_lock(file: IO[bytes]) -> bool:
        """Lock a file until it is closed. Returns whether nobody else had done so. Raises OSError without locks."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def hold(file: IO[bytes]) -> None:
    """Tell other programs that a file is being written to, for as long as it is open. Raises nothing."""
    if os.name != "nt":  # there an open file cannot be removed, and a lock would keep players from reading it
        with suppress(OSError):
            try_lock(file)
