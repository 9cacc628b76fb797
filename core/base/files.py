"""Files that are whole or absent: written beside their final name first, then renamed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
