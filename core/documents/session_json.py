"""The file of a session as text: everything that is made, in one JSON object that people can read and change."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.base.errors import UsageError
from core.documents import json_reader as fields
from core.documents.document import FORMAT as REQUEST
from core.documents.json_reader import Fields
from core.documents.json_text import readable
from core.documents.project_json import Texts, project_members, read_project
from core.documents.request_json import MAX_SOURCES, plain, read_request
from core.documents.rest import Rest, with_rest, without_depths
from core.parameters.table import MAX_LAYERS
from core.project import Autosaved, Captures, Looks, NetworkFile, Project, SavedSession, Selected

FORMAT = "stylegan-visualizer session"
VERSION = 1

MAX_TEXT = 128 * 2**20  # characters
MAX_VALUES = 8 * 2**20  # of all kinds, which take up to 60 bytes each
MAX_OBJECTS = 2**20  # and lists
MAX_NETWORKS = 10_000
MAX_PAN = 10**6  # device pixels
ZOOMS = (0.01, 1000.0)
MAX_FPS = 1000

MOST_NOTES = 3  # about what is unknown

NO_REST: Rest = {}


@dataclass(frozen=True)
class SessionText:
    """What was read from a file: the session, what this version does not know of it, and notes for the user."""

    session: SavedSession
    rest: Rest = field(default_factory=dict, repr=False)
    notes: tuple[str, ...] = ()
    of_request: bool = False  # a version wrote it that kept nothing but the request


# ----------------------------------------------------------------------------
# Writing.


def to_text(session: SavedSession, rest: Rest = NO_REST, texts: Texts | None = None) -> str:
    """The text of a session. texts: those of the last time, so that only what has changed is made anew.

    Raises UsageError if a number in it is not finite.
    """
    texts = texts or Texts()
    texts.begin()
    own: dict[str, Any] = {
        "networks": [plain(network) for network in session.networks],
        "view": {**_plain(session.looks), "time_s": session.time_s},
        "selection": _plain(session.selected),
        "capture": _plain(session.captures),
    }
    about = {} if session.autosaved is None else {"autosaved": _plain(session.autosaved)}
    try:
        made = project_members(session.project, rest, texts)
        known = {name: part for name, part in rest.items() if name not in made}
        return readable({"format": FORMAT, "version": VERSION, **about, **made, **with_rest(own, known)}) + "\n"
    except ValueError as error:
        advice = "it holds a number that is not finite; reset that control"
        raise UsageError(f"the session cannot be saved: {advice}") from error


def _plain(value: object) -> Mapping[str, Any]:
    members = plain(value)
    assert isinstance(members, Mapping)  # of a dataclass
    return members


# ----------------------------------------------------------------------------
# Reading.


def from_text(text: str, where: str) -> SessionText:
    """Read what `to_text` wrote, or a request that `core.documents.document.to_text` wrote.

    where: names it in errors and notes, e.g. "the session face.json". Raises UsageError.
    """
    check_size(text, where)
    top = Fields(fields.parse(text, where), where=where)
    kind = top.get("format", "", fields.string)
    if kind not in (FORMAT, REQUEST):
        raise UsageError(f'{where} cannot be used: it does not say "format": "{FORMAT}"')
    version = top.get("version", VERSION, fields.integer(1))
    session = _of_request(top) if kind == REQUEST else _read(top)
    unknown = list(itertools.islice(top.unknown(), MOST_NOTES))
    notes = [f"{where}: this version does not know {name}; it is kept as it is" for name in unknown]
    if version > VERSION:
        notes.insert(0, f"{where} was written by a newer version of this program; something may differ")
    return SessionText(session, without_depths(top.rest()), tuple(notes), kind == REQUEST)


def check_size(text: str, where: str) -> None:
    """Raises UsageError for what would take too much memory as values: so much is known before it is parsed."""
    if len(text) > MAX_TEXT:
        raise UsageError(f"{where} cannot be used: it is longer than {MAX_TEXT // 2**20} million characters")
    if text.count(",") > MAX_VALUES or text.count("[") + text.count("{") > MAX_OBJECTS:
        raise UsageError(f"{where} cannot be used: it holds more than {MAX_VALUES // 2**20} million values")


def _of_request(top: Fields) -> SavedSession:
    """A file of a version that kept nothing but the request."""
    request = read_request(top.child("request"))
    network = top.child("network")
    known = NetworkFile(
        request.network,
        network.get("digest", "", fields.string),
        network.get("size", 0, fields.integer(0)),
        network.get("family", "", fields.string),
    )
    for name in ("name", "container"):
        network.get(name, "", fields.string)
    return SavedSession(Project(request), (known,) if request.network else ())


def _read(top: Fields) -> SavedSession:
    project = read_project(top)
    view, selection, capture = top.child("view"), top.child("selection"), top.child("capture")
    pan = fields.number(-MAX_PAN, MAX_PAN)
    return SavedSession(
        project,
        tuple(_read_network(part) for part in top.children("networks", MAX_NETWORKS)),
        view.get("time_s", 0.0, fields.number(0.0)),
        Selected(
            selection.get("layer", 0, fields.integer(0, MAX_LAYERS)),
            selection.get("source", 0, fields.integer(0, MAX_SOURCES)),
        ),
        Looks(
            view.get("workspace", "", fields.string),
            view.get("zoom", None, fields.optional(fields.number(*ZOOMS))),
            view.get("pan_x", 0.0, pan),
            view.get("pan_y", 0.0, pan),
        ),
        Captures(capture.get("folder", "", fields.string), capture.get("fps", 0, fields.integer(0, MAX_FPS))),
        read_autosaved(top.child("autosaved")) if top.has("autosaved") else None,
    )


def _read_network(part: Fields) -> NetworkFile:
    return NetworkFile(
        part.require("location", fields.string),
        part.get("digest", "", fields.string),
        part.get("size", 0, fields.integer(0)),
        part.get("family", "", fields.string),
    )


def read_autosaved(part: Fields) -> Autosaved:
    """What a file that the program keeps by itself says of the session in it. Raises UsageError."""
    return Autosaved(
        part.get("file", "", fields.string),
        part.get("unsaved", True, fields.flag),
        part.get("when_s", 0.0, fields.number(0.0)),
        part.get("network", "", fields.string),
    )
