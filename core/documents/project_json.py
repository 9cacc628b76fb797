"""What a user makes as JSON: what was kept, presets, the timeline; and back with every type and limit checked."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from core.documents import json_reader as fields
from core.documents.json_reader import Fields
from core.documents.json_text import Ready, readable
from core.documents.request_json import KINDS, plain, read_request
from core.documents.rest import Rest, identity, with_rest
from core.documents.timeline_json import GENERATORS, read_timeline, value_of
from core.project import Kept, Part, Preset, Project

MAX_KEPT = 20_000
MAX_TAGS = 100
MAX_PRESETS = 5000
MAX_PARTS = 20_000
MAX_PICTURE = 2**20  # bytes of a small picture

Members: TypeAlias = Mapping[str, Any]

_KINDS: Mapping[type, str] = {**KINDS, **{kind: name for name, kind in GENERATORS.items()}}


# ----------------------------------------------------------------------------
# Writing.


class Texts:
    """The text of each thing as it was written last: what has not changed since is not made into text again."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], tuple[object, Rest, Ready]] = {}
        self._used: dict[tuple[int, int], tuple[object, Rest, Ready]] = {}

    def begin(self) -> None:
        """Another file is written: what was not in the last one is forgotten."""
        self._known, self._used = self._used, {}

    def of(self, thing: object, rest: Rest, depth: int, members: Callable[[Any], Members]) -> Ready:
        """Its text at a depth, with what was unknown in it."""
        key = (id(thing), depth)
        known = self._used.get(key) or self._known.get(key)
        if known is None or known[0] is not thing or known[1] != rest:
            known = (thing, rest, Ready(readable(with_rest(members(thing), rest), depth)))
        self._used[key] = known
        return known[2]


def project_members(project: Project, rest: Rest, texts: Texts) -> Members:
    """The members that a project has in the file of a session."""
    timeline = project.timeline
    inner = rest.get("timeline", {})
    tracks = _listed(timeline.tracks, inner.get("tracks", {}), texts, 3, "path", lambda track: track.path, written)
    whole = written(replace(timeline, tracks=()))
    members = {name: tracks if name == "tracks" else value for name, value in whole.items()}
    return {
        "request": texts.of(project.request, rest.get("request", {}), 1, written),
        "shelf": _listed(project.shelf, rest.get("shelf", {}), texts, 2, "id", lambda kept: kept.id, written),
        "presets": _listed(project.presets, rest.get("presets", {}), texts, 2, "name", lambda one: one.name, written),
        "timeline": with_rest(members, {name: part for name, part in inner.items() if name != "tracks"}),
    }


def written(value: object) -> Members:
    """A part of a project as JSON."""
    members = plain(value, _KINDS)
    assert isinstance(members, Mapping)  # of a dataclass
    return members


def _listed(
    things: tuple[Any, ...], rest: Mapping[str, Rest], texts: Texts, depth: int, member: str,
    named: Callable[[Any], str], members: Callable[[Any], Members],
) -> list[Ready]:  # fmt: skip
    return [texts.of(thing, rest.get(identity({member: named(thing)}, 0), {}), depth, members) for thing in things]


# ----------------------------------------------------------------------------
# Reading.


def read_project(part: Fields) -> Project:
    """What the members of `project_members` were written of. A missing one takes its default.

    Raises UsageError if one is wrong.
    """
    shelf = [_read_kept(item) for item in part.children("shelf", MAX_KEPT)]
    presets = [read_preset(item) for item in part.children("presets", MAX_PRESETS)]
    return Project(
        read_request(part.child("request")), _each_with_its_id(shelf), tuple(presets),
        read_timeline(part.child("timeline")),
    )  # fmt: skip


def _read_kept(part: Fields) -> Kept:
    return Kept(
        part.require("id", fields.string),
        read_request(part.child("request")),
        part.get("name", "", fields.string),
        part.get("tags", (), fields.sequence(fields.string, 0, MAX_TAGS)),
        part.get("starred", False, fields.flag),
        part.get("picture", b"", _picture),
    )


def read_preset(part: Fields) -> Preset:
    """What `written` wrote of one. Raises UsageError."""
    name = part.require("name", fields.string)
    return Preset(name, tuple(_read_part(item) for item in part.children("parts", MAX_PARTS)))


def _read_part(part: Fields) -> Part:
    path = part.require("path", fields.string)
    return Part(path, value_of(path, part, "value"))


def _picture(value: object) -> bytes:
    try:
        data = base64.b64decode(fields.string(value), validate=True)
    except (ValueError, binascii.Error) as error:
        raise ValueError("a picture file in base64") from error
    if len(data) > MAX_PICTURE:
        raise ValueError(f"a picture file of at most {MAX_PICTURE:,} bytes")
    return data


def _each_with_its_id(shelf: list[Kept]) -> tuple[Kept, ...]:
    """With another id for what has that of one before it, as after copying a part of the file."""
    taken: set[str] = set()
    kept = []
    for one in shelf:
        name = one.id
        number = 2
        while name in taken:
            name, number = f"{one.id}-{number}", number + 1
        taken.add(name)
        kept.append(one if name == one.id else replace(one, id=name))
    return tuple(kept)
