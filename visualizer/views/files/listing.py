"""What of a folder can be opened, and in which order it is listed."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.base.errors import UsageError
from core.base.paths import unquoted
from core.base.text import moment, shown
from core.opening.demos import demo_file, installed_demos


class Column(StrEnum):
    """What a list of files tells, and can be sorted by."""

    NAME = "Name"
    DATE = "Date"
    SIZE = "Size"


@dataclass(frozen=True)
class Line:
    """A folder, a file or a demo network of the list."""

    name: str  # as it can be shown
    path: Path  # of a demo network, what it is opened by
    is_folder: bool
    size: int = 0  # bytes
    modified: float = 0.0  # seconds since 1970

    @property
    def date(self) -> str:
        """When it was modified, in local time; "" where that is unknown."""
        try:
            return moment(self.modified) if self.modified else ""
        except (OverflowError, ValueError, OSError):  # a date that no calendar has
            return ""


def list_folder(folder: Path, suffixes: frozenset[str]) -> tuple[Line, ...]:
    """Folders and files that end so, in no order; hidden and special ones are left out. Raises OSError."""
    lines = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            try:
                is_folder = entry.is_dir()
                if is_folder or (entry.is_file() and Path(entry.name).suffix.lower() in suffixes):
                    facts = entry.stat()
                    size = 0 if is_folder else facts.st_size
                    lines.append(Line(shown(entry.name), Path(entry.path), is_folder, size, facts.st_mtime))
            except OSError:
                continue  # a broken link
    return tuple(lines)


def list_demos() -> tuple[Line, ...]:
    """The demo networks of this copy of the program."""
    lines = []
    for demo in installed_demos():
        try:
            size = demo_file(demo.location).stat().st_size
        except (OSError, UsageError):  # it has just gone
            continue
        lines.append(Line(demo.description, Path(demo.location), False, size))
    return tuple(lines)


def is_path(text: str) -> bool:
    """Whether what was typed says where a file is; no name of one has a separator."""
    text = unquoted(text)
    separators = [separator for separator in (os.sep, os.altsep) if separator]
    return text.startswith("~") or bool(os.path.splitdrive(text)[0]) or any(one in text for one in separators)


def arranged(lines: Sequence[Line], column: Column, *, descending: bool, search: str = "") -> list[Line]:
    """Those with all words of the search in their names; folders first, and what is equal by its name."""
    words = search.lower().split()
    found = [line for line in lines if all(word in line.name.lower() for word in words)]
    found.sort(key=lambda line: natural_key(line.name), reverse=descending and column is Column.NAME)
    match column:
        case Column.DATE:
            found.sort(key=lambda line: line.modified, reverse=descending)
        case Column.SIZE:
            found.sort(key=lambda line: line.size, reverse=descending)
    return sorted(found, key=lambda line: not line.is_folder)


def natural_key(name: str) -> list[tuple[int, int | str]]:
    """Sorts "snapshot-9" before "snapshot-10", an underscore as a space."""
    parts = re.split(r"([0-9]+)", name.lower().replace("_", " "))
    return [(0, int(part)) if index % 2 else (1, part) for index, part in enumerate(parts)]
