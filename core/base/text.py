"""Text from files and the network made safe to show in a terminal or a window."""

from __future__ import annotations

import unicodedata

MAX_SHOWN = 200  # characters

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


def counted(count: int) -> str:
    """A number of bytes as people read it, e.g. 4.0 TB."""
    size = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if abs(size) < 1000:
            return f"{count} bytes" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def plural(count: int, one: str, many: str = "") -> str:
    """A count of things: "1 layer", "2 layers", "1,024 layers". many: where it is not `one` with an s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
