"""Disks that are too small."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def no_larger_files(than: int) -> Iterator[None]:
    """No file of this process can get more bytes than this until the end of the block."""
    resource = pytest.importorskip("resource")  # limits of a process, which Windows has not
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (than, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
