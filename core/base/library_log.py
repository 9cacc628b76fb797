"""What libraries warn of and log: kept for bug reports, off the console."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

MOST_LINES = 50
MAX_LINE = 500  # characters


class LibraryLog(logging.Handler):
    """Keeps the newest lines, each of which is kept once."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: deque[str] = deque(maxlen=MOST_LINES)

    def emit(self, record: logging.LogRecord) -> None:
        line = f"{record.name}: {' '.join(record.getMessage().split())[:MAX_LINE]}"
        if line not in self.lines:
            self.lines.append(line)


@contextmanager
def library_log() -> Iterator[None]:
    """Meanwhile nothing that a library warns of or logs in Python reaches the console; `logged` tells it."""
    root, handler = logging.getLogger(), LibraryLog()
    root.addHandler(handler)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)


def logged() -> tuple[str, ...]:
    """The newest lines, the oldest first."""
    handlers = logging.getLogger().handlers
    return tuple(line for handler in handlers if isinstance(handler, LibraryLog) for line in handler.lines)
