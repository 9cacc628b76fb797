"""Benchmarks run as the window does, with its settings of OpenMP and of the allocator; made before torch is loaded."""

from __future__ import annotations

import os

from core.memory import keep_freed_memory
from visualizer.loader import QUIET_WAITING


def pytest_configure() -> None:
    for name, value in QUIET_WAITING.items():
        os.environ.setdefault(name, value)
    keep_freed_memory()
