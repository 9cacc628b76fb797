"""Lists of seeds in text files: numbers and ranges, or a table with names. Imports no torch."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import UsageError
from core.base.reading import check_ordinary, read_ordinary
from core.base.text import shown
from core.documents.latents.lists import RANGE, checked_seed

SUFFIXES = (".txt", ".csv")
MAX_BYTES = 2**22
MAX_SEEDS = 10_000
SEED_HEADS, NAME_HEADS = ("seed", "seeds"), ("name", "names", "label", "title")


@dataclass(frozen=True)
class ListedSeed:
    """A line of a list."""

    seed: int
    name: str = ""


def read_seeds(path: Path) -> tuple[ListedSeed, ...] | None:
    """The seeds of a file in their order, each once; None if it is no list of them, as a file of latents is not.

    Numbers and ranges such as 5-9, between commas, semicolons or spaces, on as many lines as one likes; or a table
    whose head says which column has the seed and which the name; or a seed and a name a line. What follows # on a line
    is left out. Raises UsageError for a seed that there is not, or too many.
    """
    if check_ordinary(path) > MAX_BYTES:
        return None
    try:
        text = read_ordinary(path, MAX_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    lines = [line for each in text.splitlines() if (line := each.partition("#")[0].strip())]
    if not lines:
        raise UsageError(f"{_called(path)} is empty; write a seed a line, such as 85, or 5-9 for several.")
    found = _of_table(lines, path) or _of_numbers(lines, path)
    if found is None:
        return None
    once: dict[int, ListedSeed] = {}
    for one in found:
        once.setdefault(one.seed, one)
    return tuple(once.values())


def _of_table(lines: Sequence[str], path: Path) -> list[ListedSeed] | None:
    """Of a table with a head, or of lines with a seed and a name; None if it is none."""
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=_delimiter(lines[0]))]
    except csv.Error:
        return None
    head = [cell.casefold() for cell in rows[0]]
    seed = next((index for index, cell in enumerate(head) if cell in SEED_HEADS), None)
    if seed is not None:
        name = next((index for index, cell in enumerate(head) if cell in NAME_HEADS), None)
        rows = rows[1:]
    elif all(len(row) == 2 and _is_whole(row[0]) and _is_name(row[1]) for row in rows):
        seed, name = 0, 1
    else:
        return None
    found = []
    for number, row in enumerate(rows, 1):
        if len(row) <= seed or not _is_whole(row[seed]):
            has = shown(row[seed], 40) if len(row) > seed else "nothing"
            raise UsageError(f"Line {number} below the head of {_called(path)} has {has} for a seed; write a number.")
        found.append(ListedSeed(_seed(row[seed], path), row[name] if name is not None and name < len(row) else ""))
    _check_count(len(found), path)
    if not found:
        raise UsageError(f"{_called(path)} has no seed below its head; write a seed a line.")
    return found


def _of_numbers(lines: Sequence[str], path: Path) -> list[ListedSeed] | None:
    """Of numbers and ranges alone; None if there is anything else."""
    words = [word for line in lines for word in line.replace(",", " ").replace(";", " ").split()]
    matches = [RANGE.fullmatch(word) for word in words]
    found: list[ListedSeed] = []
    for match in matches:
        if match is None:
            return None
        first, last = _seed(match[1], path), _seed(match[2] or match[1], path)
        _check_count(len(found) + last - first + 1, path)
        found += [ListedSeed(seed) for seed in range(first, last + 1)]
    if not found:
        raise UsageError(f"{_called(path)} has no seed: its ranges end before they begin; write 5-9.")
    return found


def _delimiter(line: str) -> str:
    return next((mark for mark in (",", ";", "\t") if mark in line), ",")


def _is_whole(text: str) -> bool:
    return text.removeprefix("-").isascii() and text.removeprefix("-").isdigit()


def _is_name(text: str) -> bool:
    """Whether it has a letter and is no number, such as 1e-3."""
    try:
        float(text)
    except ValueError:
        return any(character.isalpha() for character in text)
    return False


def _seed(text: str, path: Path) -> int:
    if len(text) > 18:
        raise UsageError(f"{shown(text, 24)} in {_called(path)} is too large for a seed.")
    return checked_seed(int(text), _called(path))


def _check_count(count: int, path: Path) -> None:
    if count > MAX_SEEDS:
        raise UsageError(f"{_called(path)} has more than {MAX_SEEDS:,} seeds; take fewer.")


def _called(path: Path) -> str:
    return shown(path.name, 100)
