"""Where a network is now whose file has moved: looked for by its content in folders where it may be."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.base.progress import Progress, silent
from core.opening.class_counts import named_count
from core.project import NetworkFile

MOST_ENTRIES = 50_000  # files and folders that are looked at, of all folders together
MAX_DEPTH = 3  # folders below those that are looked through
CHUNK = 2**22  # bytes
STAGE = "Looking for it"


def find_network(wanted: NetworkFile, folders: Iterable[Path], progress: Progress = silent) -> Path | None:
    """The file that is the same network, in one of the folders or a little below. None: there is none.

    Of a network whose content is unknown, a file of the same name is it. Nothing is read but files of the same size,
    and those of the same name first. Raises what `progress` raises.
    """
    name = file_name(wanted.location)
    found = list(_candidates(wanted, name, folders, progress))
    found.sort(key=lambda path: path.name != name)
    if not wanted.digest:
        return next((path for path in found if path.name == name), None)
    for path in found:
        if _digest(path, progress) == wanted.digest:
            return path
    return None


def file_name(location: str) -> str:
    """What the file of a location is called, wherever it was written."""
    return named_count(location)[0].rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]


def _candidates(wanted: NetworkFile, name: str, folders: Iterable[Path], progress: Progress) -> Iterator[Path]:
    """Files that could be it by their names and sizes, each once."""
    seen, looked_at = set[str](), 0
    for folder in dict.fromkeys(folders):
        for entry in _entries(folder, MAX_DEPTH):
            looked_at += 1
            if looked_at > MOST_ENTRIES:
                return
            progress(STAGE, looked_at, 0, "files")
            try:
                fits = entry.is_file() and (
                    entry.stat().st_size == wanted.size if wanted.size and wanted.digest else entry.name == name
                )
                whole = os.path.realpath(entry.path) if fits else ""
            except (OSError, ValueError):  # it has just gone, or a broken link
                continue
            if fits and whole not in seen:
                seen.add(whole)
                yield Path(entry.path)


def _entries(folder: Path, depth: int) -> Iterator[os.DirEntry[str]]:
    """What is in a folder, and below it; hidden folders and links to folders are left out."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except (OSError, ValueError):
        return
    yield from found
    for entry in found:
        try:
            below = depth > 0 and not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
        except OSError:
            continue
        if below:
            yield from _entries(Path(entry.path), depth - 1)


def _digest(path: Path, progress: Progress) -> str:
    """SHA-256 of a file, hexadecimal; "" if it cannot be read."""
    digest, done = hashlib.sha256(), 0
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                done += len(chunk)
                progress(STAGE, done, size, "B")
    except OSError:
        return ""
    return digest.hexdigest()
