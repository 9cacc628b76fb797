"""Settings that lie beside a network's file, as some programs leave them there. Only plain JSON is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from core.loading.common.checkpoint import Plain

MAX_BYTES = 1 << 20


def settings_beside(path: Path) -> tuple[Path, ...]:
    """The files that would be read with a network's, whether they are there or not."""
    return path.with_suffix(".config.json"), path.with_name("config.json")


def config_beside(path: Path, members: frozenset[str]) -> tuple[str, Mapping[str, Plain]] | None:
    """The name and the content of NAME.config.json or config.json beside a file: the first one with these members.

    None if there is none, or it is no JSON.
    """
    for candidate in settings_beside(path):
        found = _read(candidate)
        if members <= found.keys():
            return candidate.name, found
    return None


def _read(path: Path) -> dict[str, Plain]:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
        found = json.loads(text) if len(text) <= MAX_BYTES else None
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
