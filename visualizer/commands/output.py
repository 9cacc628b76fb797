"""What commands write to the terminal."""

from __future__ import annotations

import sys
import time

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


def timed_progress() -> Progress:
    """As `terminal_progress`, with how much is done of how much, and the time that is left."""
    if not sys.stderr.isatty():
        return silent
    begun: dict[str, tuple[float, int]] = {}  # by stage: when, and with how much

    def progress(stage: str, done: int, total: int, unit: str = "") -> None:
        start_s, first = begun.setdefault(stage, (time.monotonic(), done))
        share = f" {done / total:4.0%} · {done:,} of {total:,} {unit}" if total else ""
        left_s = (time.monotonic() - start_s) / (done - first) * (total - done) if first < done < total else 0.0
        left = f" · {int(left_s) // 60}:{int(left_s) % 60:02d} left" if left_s else ""
        end = "\n" if total and done >= total else ""
        print(f"\r\x1b[K{stage}{share}{left}", end=end, file=sys.stderr, flush=True)  # noqa: T201

    return progress
