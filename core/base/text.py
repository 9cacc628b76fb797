"""Text from files and the network made safe to show in a terminal or a window."""

from __future__ import annotations

import unicodedata
from datetime import datetime

MAX_SHOWN = 200  # characters
MOST_COUNTED = 10**15  # bytes

# Control, format (bidirectional overrides, zero widths), surrogate, private, unassigned; line and paragraph separators.
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def shown(text: object, limit: int = MAX_SHOWN) -> str:
    """The text with control and bidirectional characters escaped, at most `limit` characters long."""
    whole = str(text)
    escaped = "".join(_escape(character) for character in whole[:limit])
    if len(whole) <= limit and len(escaped) <= limit:
        return escaped
    return escaped[: limit - 1] + "…"


def _escape(character: str) -> str:
    if unicodedata.category(character) not in HIDDEN_CATEGORIES:
        return character
    return character.encode("unicode_escape").decode("ascii")


def moment(since_1970_s: float) -> str:
    """A time as people write it, by the clock of this machine, e.g. 2026-11-30 18:05."""
    return f"{datetime.fromtimestamp(since_1970_s):%Y-%m-%d %H:%M}"


def counted(count: int) -> str:
    """A number of bytes as people read it, e.g. 4.0 TB; no more than 1000 TB, which no file has."""
    if abs(count) >= MOST_COUNTED:
        return "1000 TB"
    size = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if abs(size) < 1000:
            return f"{count} bytes" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
