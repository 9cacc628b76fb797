"""Messages that servers give in place of a file, with a status that says all is well."""

from __future__ import annotations

from pathlib import Path

from core.loading.readers import PickleReader

HEAD_BYTES = 512
MOST_BYTES = 2**16  # of a message; a longer text may be a pickle of numbers as text


def message_in(path: Path) -> str:
    """The beginning of the text that a file is, in one line; "" if it may be a network."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    text = _text(head)
    size = path.stat().st_size
    if size > MOST_BYTES and PickleReader().recognises(head, size):
        return ""
    return " ".join(text.split())


def _text(head: bytes) -> str:
    """As text, if it is nothing but text; it may be cut within its last character."""
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end < len(head) or error.reason != "unexpected end of data":
            return ""
        text = head[: error.start].decode("utf-8")
    return text if all(character.isprintable() or character.isspace() for character in text) else ""
