"""How many of the last numbers of z are a class, where no file tells: in the name of a network, and remembered.

A count after the name of a network, as in `dcgan.pth#classes=8`, is a part of what names it, so that a saved picture
says it. What the user set for a network is remembered by the digest of its file.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path

from core.base.files import write_whole
from core.opening.download import cache_folder

NAMED = re.compile(r"(.*)#classes=([0-9]{1,6})", re.DOTALL)
FILE = "classes.json"
MAX_BYTES = 1 << 20
MAX_KEPT = 1000  # networks; those that were set first go first


def named_count(location: str) -> tuple[str, int | None]:
    """The name of a network without its count of classes, and that; None if the name has none."""
    match = NAMED.fullmatch(location.strip().strip("\"'"))  # as a terminal may give it
    return (match[1], int(match[2])) if match else (location, None)


def with_count(location: str, count: int | None) -> str:
    """The name of a network with this count in place of any other. None: without one."""
    name, _ = named_count(location)
    return name if count is None else f"{name}#classes={count}"


def remembered_count(digest: str) -> int | None:
    """What was set for the network of a file; None if nothing was, or it cannot be read."""
    return _counts().get(digest)


def remember_count(digest: str, count: int) -> None:
    """Keep what is set for the network of a file, 0: it has no classes. That it cannot be written is no loss."""
    counts = {known: number for known, number in _counts().items() if known != digest} | {digest: count}
    path = _file()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(dict([*counts.items()][-MAX_KEPT:])).encode())


def _file() -> Path:
    return cache_folder().with_name(FILE)  # beside the downloads


def _counts() -> dict[str, int]:
    try:
        with _file().open("rb") as file:
            found = json.loads(file.read(MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    known = found.items() if isinstance(found, dict) else ()
    return {digest: count for digest, count in known if isinstance(count, int) and not isinstance(count, bool)}
