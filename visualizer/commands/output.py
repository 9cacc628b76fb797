"""What commands write to the terminal."""

from __future__ import annotations

import sys

from core.base.progress import Progress, silent


def say(text: str) -> None:
    """A line of the result, on standard output."""
    print(text)  # noqa: T201


def note(text: str) -> None:
    """A line for the user, on standard error."""
    print(f"note: {text}", file=sys.stderr)  # noqa: T201


def terminal_progress() -> Progress:
    """Progress on one line of a terminal; silent where standard error is no terminal."""
    if not sys.stderr.isatty():
        return silent

    def progress(stage: str, done: int, total: int, unit: str = "") -> None:
        share = f" {done / total:4.0%}" if total else ""
        end = "\n" if total and done >= total else ""
        print(f"\r\x1b[K{stage}{share}", end=end, file=sys.stderr, flush=True)  # noqa: T201

    return progress
