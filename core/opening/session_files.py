"""Files of sessions on the disk: networks near the file are named from its folder, so that both can move together."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from core.base.errors import UsageError
from core.base.files import why, write_whole
from core.base.paths import path_of, unquoted
from core.base.reading import read_ordinary
from core.base.text import shown
from core.documents.project_json import Texts
from core.documents.rest import Rest
from core.documents.session_json import MAX_TEXT, NO_REST, SessionText, from_text, to_text
from core.opening.address import is_url
from core.opening.class_counts import named_count, with_count
from core.project import Project, SavedSession
from core.project.saved import networks_in, with_networks

SUFFIX = ".json"
NEAR = 1  # folders above the file from which a path is still told from it
WITHOUT_FILE = ("seed:", "demo:")


def read_session(path: Path) -> SessionText:
    """A session from its file, or from that of a request alone. Its networks are named by whole paths.

    Raises UsageError.
    """
    where = f"the session {shown(path.name or path, 100)}"
    try:
        text = read_ordinary(path, MAX_TEXT).decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{where} cannot be read: it is not text; choose a file saved by this program.") from error
    found = from_text(text, where)
    folder = Path(os.path.abspath(path)).parent
    resolve = from_folder if not found.of_request else _from_folder_of_request
    return replace(found, session=_with_paths(found.session, lambda name: resolve(name, folder)))


def write_session(path: Path, session: SavedSession, rest: Rest = NO_REST, texts: Texts | None = None) -> None:
    """Write the file of a session in one step; its folder is made if need be. Raises UsageError.

    texts: see `core.documents.session_json.to_text`.
    """
    folder = Path(os.path.abspath(path)).parent
    named = {named_count(name)[0] for name in networks_in(session.project)}
    session = replace(session, networks=tuple(one for one in session.networks if one.location in named))
    text = to_text(_with_paths(session, lambda name: to_folder(name, folder)), rest, texts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode("utf-8", "backslashreplace"))  # half characters as JSON writes them
    except OSError as error:
        raise UsageError(f"The session {shown(path)} cannot be written: {why(error)}.") from error


def _with_paths(session: SavedSession, name_of: Callable[[str], str]) -> SavedSession:
    """With other names for all files."""
    project = with_networks(session.project, name_of)
    sound = project.timeline.sound
    if sound is not None and sound.path and (heard := name_of(sound.path)) != sound.path:
        project = replace(project, timeline=replace(project.timeline, sound=replace(sound, path=heard)))
    captures = session.captures
    return replace(
        session,
        project=project,
        networks=tuple(replace(one, location=name_of(one.location)) for one in session.networks),
        captures=replace(captures, folder=name_of(captures.folder)) if captures.folder else captures,
    )


# ----------------------------------------------------------------------------
# Names of files, seen from a folder.


def file_of(location: str) -> Path | None:
    """The file or folder that a location names; None if that is no path."""
    name = unquoted(named_count(location)[0])
    if not name or name.startswith(WITHOUT_FILE) or is_url(name) or "://" in name:
        return None
    try:
        os.fsencode(name)  # half characters are in the name of no file
        return path_of(name)
    except (UsageError, UnicodeEncodeError):
        return None


def to_folder(location: str, folder: Path) -> str:
    """A location as a file in a folder names it: near it from there, else whole."""
    path, count = file_of(location), named_count(location)[1]
    if path is None:
        return location
    whole = os.path.abspath(path)
    try:
        parts = Path(os.path.relpath(whole, folder)).parts
    except ValueError:  # on another drive
        return with_count(whole, count)
    if parts[NEAR : NEAR + 1] == ("..",):
        return with_count(whole, count)
    told = "/".join(parts) or "."
    plain = file_of(told) == Path(told)  # it could look like an address, a demo network, a home
    return with_count(told if plain else f"./{told}", count)


def from_folder(location: str, folder: Path) -> str:
    """The whole location that a file in a folder means."""
    path, count = file_of(location), named_count(location)[1]
    if path is None or path.is_absolute():
        return location if path is None else with_count(str(path), count)
    return with_count(os.path.normpath(folder / path), count)


def _from_folder_of_request(location: str, folder: Path) -> str:
    """As early versions wrote it: as the user had named it, seen from wherever the program ran."""
    if file_of(location) is None:
        return location
    beside = from_folder(location, folder)
    return beside if is_inside(Path(beside), folder) and exists(beside) and not exists(location) else location


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a path lies in a folder or below it, whatever is there, through links."""
    if "\0" in str(path):
        return False
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def is_remote(location: str) -> bool:
    """Whether asking the system about a path would ask another machine."""
    path = file_of(location)
    return path is not None and os.name == "nt" and str(path).startswith("\\\\")


def exists(location: str) -> bool:
    """Whether there is a file or folder of this name; True for what is neither. Raises nothing."""
    path = file_of(location)
    return path is None or os.path.exists(path)


def files_of(project: Project) -> tuple[str, ...]:
    """The files besides networks that a project names."""
    sound = project.timeline.sound
    return (sound.path,) if sound is not None and sound.path else ()
