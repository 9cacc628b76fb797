"""JSON that people can read and change: a member a line, and numbers in rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

INDENT = "  "
WIDTH = 110  # characters of a line, as long as what is on it can be parted


@dataclass(frozen=True)
class Ready:
    """A value that is text already, indented for where it will stand."""

    text: str


def readable(value: object, depth: int = 0) -> str:
    """The text of a JSON value at so many steps of indentation, without that of its first line.

    Small objects and lists of plain values stand on one line. Raises ValueError for numbers that are not finite.
    """
    match value:
        case Ready():
            return value.text
        case Mapping() if value:
            if not any(_is_nested(item) for item in value.values()):
                line = "{" + ", ".join(f"{_plain(name)}: {readable(item)}" for name, item in value.items()) + "}"
                if len(line) <= WIDTH:
                    return line
            return _lines("{}", [f"{_plain(name)}: {readable(item, depth + 1)}" for name, item in value.items()], depth)
        case list() | tuple() if _is_nested(value):
            return _lines("[]", [readable(item, depth + 1) for item in value], depth)
    return _plain(value)


def _is_nested(value: object) -> bool:
    """Whether it is an object, or a list that holds more than plain values."""
    if isinstance(value, list | tuple):
        return any(isinstance(item, Mapping | list | tuple | Ready) for item in value)
    return isinstance(value, Ready) or (isinstance(value, Mapping) and len(value) > 0)


def _lines(brackets: str, items: Sequence[str], depth: int) -> str:
    inner = "\n" + INDENT * (depth + 1)
    return f"{brackets[0]}{inner}{f',{inner}'.join(items)}\n{INDENT * depth}{brackets[1]}"


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
