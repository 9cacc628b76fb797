"""Compiled kernels on disk, so that only the first start waits for the compiler."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from ..base.cache_folder import cache_folder as ops_folder

DIGEST_BYTES = 32


def cache_folder() -> Path:
    """Where compiled kernels are kept, below the cache of the operations."""
    return ops_folder() / "cuda"


def read(key: str) -> bytes | None:
    """What was written under this key, or None if it is not there, or not as it was written."""
    try:
        stored = (cache_folder() / key).read_bytes()
    except OSError:
        return None
    digest, data = stored[:DIGEST_BYTES], stored[DIGEST_BYTES:]
    return data if hashlib.sha256(data).digest() == digest else None


def write(key: str, data: bytes) -> None:
    """Keep data under this key; another process sees all of it or nothing. A folder that cannot be written is left."""
    folder = cache_folder()
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(data).digest() + data)
            os.replace(partial, folder / key)
        except OSError:
            os.unlink(partial)
