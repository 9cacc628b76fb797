"""A file as PyAV writes to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO


class Sink:
    """Every write reaches the system at once, so that it survives this process."""

    def __init__(self, file: BinaryIO) -> None:
        self.size = 0  # bytes
        self._file = file
        self._error: OSError | None = None

    @contextmanager
    def told(self) -> Iterator[None]:
        """Around calls that write: raises what the file raised, of which PyAV may tell no more than that it did."""
        try:
            yield
        except Exception:
            if self._error is not None:
                raise self._error from None
            raise

    def write(self, data: bytes) -> int:
        if self._error is not None:  # what is there can be played; an index that is half written would spoil it
            raise self._error
        try:
            self._file.write(data)
            self._file.flush()
        except OSError as error:
            self._error = error
            raise
        self.size = max(self.size, self._file.tell())
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        with self.told():
            self._file.close()
