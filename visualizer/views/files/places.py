"""Where files are looked for: the user's folders, those of recent networks, the demo networks, the drives."""

from __future__ import annotations

import getpass
import string
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.text import shown
from core.opening.demos import installed_demos
from resources import icons
from visualizer.actions.context import Context

ROOT = "File system"
MOST_RECENT = 6  # folders of recent networks
MOST_DRIVES = 8
MOUNTS = ("/media/{user}", "/run/media/{user}", "/Volumes", "/mnt")  # whose folders are drives


@dataclass(frozen=True)
class Place:
    """A folder that a click goes to; None: the demo networks."""

    name: str
    icon: str
    folder: Path | None


def places(context: Context, *, networks: bool) -> tuple[Place, ...]:
    """All of them, from the nearest to the farthest. networks: whether these are looked for."""
    home, captures = Path.home(), context.actions.capture_folder
    found = [Place("Home", icons.HOUSE, home), Place("Saved here", icons.CAMERA, captures)]
    if networks and installed_demos():
        found.append(Place("Demo networks", icons.BRAIN, None))
    recent = [folder for folder in _recent_folders(context) if folder not in (home, captures)]
    found += [Place(name, icons.HISTORY, folder) for name, folder in _named(recent[:MOST_RECENT])]
    drives = _named([*_drives()][:MOST_DRIVES])
    return (*found, *(Place(name, icons.HARD_DRIVE, drive) for name, drive in drives))


def _named(folders: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """Folders with short names; those that would be called the same, with the folder that they are in."""
    names = [folder.name for folder in folders]
    for folder in folders:
        name = f"{folder.parent.name}/{folder.name}" if names.count(folder.name) > 1 else folder.name
        yield shown(name) if name else ROOT if folder == Path("/") else str(folder), folder


def _recent_folders(context: Context) -> list[Path]:
    """Those of the networks that were opened, the latest first. None is asked whether it is still there."""
    folders = []
    for network in context.settings.recent:
        try:
            path = Path(network.strip("'\"")).expanduser()
        except RuntimeError:  # of no such user
            continue
        if path.is_absolute():
            folders.append(path.parent if path.suffix else path)
    return list(dict.fromkeys(folders))


def _drives() -> Iterator[Path]:
    if sys.platform == "win32":
        yield from (Path(f"{letter}:\\") for letter in string.ascii_uppercase if Path(f"{letter}:\\").exists())
        return
    yield Path("/")
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a container without a name for its user
        user = "root"
    for mount in MOUNTS:
        try:
            yield from (path for path in sorted(Path(mount.format(user=user)).iterdir()) if path.is_dir())
        except OSError:  # there is none
            continue
