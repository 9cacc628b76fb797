"""Text from files and the network made safe to show in a terminal or a window."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

MAX_SHOWN = 200  # characters
MAX_WORD = 300  # characters without a space; a path may be long
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


def encodable(text: str) -> str:
    """The text with `?` in place of half characters (lone surrogates), as in names that are no UTF-8: no library takes
    them."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def cut_words(text: str, limit: int = MAX_WORD) -> str:
    """The text with the middle left out of what has more characters without a space than anyone reads."""
    return re.sub(rf"\S{{{limit + 1},}}", lambda word: f"{word[0][: limit // 2]}…{word[0][-limit // 4 :]}", text)
def moment(since_1970_s: float) -> str:
    """A time as people write it, by the clock of this machine, e.g. 2026-11-30 18:05."""
    return f"{datetime.fromtimestamp(since_1970_s):%Y-%m-%d %H:%M}"


def ago(seconds: float) -> str:
    """How long ago something was, e.g. "just now", "2 min ago", "3 h ago"."""
    minutes = int(max(seconds, 0.0) // 60)
    if minutes < 1:
        return "just now"
    return f"{minutes} min ago" if minutes < 60 else f"{minutes // 60} h ago"


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


def plural(count: int, one: str, many: str = "") -> str:
    """A count of things: "1 layer", "2 layers", "1,024 layers". many: where it is not `one` with an s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
