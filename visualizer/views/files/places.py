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
from visualizer.actions.sessions.restoring import known_folders

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
    known = known_folders(context.settings.recent)
    recent = [folder for folder in known if folder not in (home, captures)][:MOST_RECENT]
    drives = [drive for drive in _drives() if drive not in recent][:MOST_DRIVES]
    for icon, folders in ((icons.HISTORY, recent), (icons.HARD_DRIVE, drives)):
        for folder in folders:
            taken = [place.name for place in found] + [other.name for other in recent + drives if other != folder]
            found.append(Place(_name(folder, taken), icon, folder))
    return tuple(found)


def _name(folder: Path, taken: Sequence[str]) -> str:
    """A short name; where another one is called so, with the folder that it is in."""
    if folder == Path("/"):
        return ROOT
    names = (folder.name, "/".join(folder.parts[-2:]))
    return shown(next((name for name in names if name and name not in taken), str(folder)))


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
