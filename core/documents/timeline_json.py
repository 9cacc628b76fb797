"""Timelines as plain JSON values, and back with every type, limit and name checked."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias, TypeVar

from core.base.control import Kind, Value
from core.documents import json_reader as fields
from core.documents.json_reader import Convert, Fields
from core.documents.request_json import read_centre, read_label, read_latent, read_request
from core.parameters import BY_PATH
from core.parameters.table import MAX_CLASSES
from core.request import Label, Latent, Space
from core.timeline import (
    Between,
    Circle,
    Clip,
    Drive,
    Generator,
    Key,
    KeyValue,
    LatentWalk,
    Marker,
    NoiseLoop,
    Orbit,
    Pulse,
    RandomWalk,
    SoundTrack,
    Tangent,
    Timeline,
    Track,
)

T = TypeVar("T")

MAX_TRACKS = 4096
MAX_KEYS = 200_000  # of a track
MAX_CLIPS = 10_000  # of a track
MAX_MARKERS = 10_000
MAX_LATENTS = 10_000  # of a walk
MAX_TIME_S = 7 * 86400.0
MAX_ROUNDS = 10**6
RATES = (Fraction(1, 60), Fraction(1000))  # frames a second

GENERATORS: Mapping[str, type[Generator]] = {
    "walk": LatentWalk, "circle": Circle, "noise": NoiseLoop, "random walk": RandomWalk, "pulse": Pulse,
    "orbit": Orbit,
}  # fmt: skip

# Reads one member of an object: (the object, the member's name, its default) -> its value. Without a default, it has
# to be there.
Read: TypeAlias = Callable[[Fields, str, Any], Any]

_MISSING = dataclasses.MISSING
_BRACKETS = re.compile(r"\[[^\[\]]*\]")
_RATE = re.compile(r"([0-9]{1,6})(?:/([0-9]{1,6}))?")


def read_timeline(part: Fields) -> Timeline:
    """What `plain` made of a timeline. A missing member takes its default. Raises UsageError if one is wrong.

    Keys and clips come by their time; of several keys at one, and of several tracks of one path, the last counts.
    """
    timeline = read_record(Timeline, part, READERS)
    tracks = {track.path: track for track in timeline.tracks}
    markers = sorted(timeline.markers, key=lambda marker: marker.time_s)
    return dataclasses.replace(timeline, tracks=tuple(tracks.values()), markers=tuple(markers))


def read_record(kind: type[T], part: Fields, readers: Mapping[type, Mapping[str, Read]]) -> T:
    """A dataclass from the members of an object, each by its reader. Raises UsageError."""
    assert dataclasses.is_dataclass(kind)
    defaults = {field.name: field.default for field in dataclasses.fields(kind)}
    return kind(**{name: read(part, name, defaults[name]) for name, read in readers[kind].items()})


def value(convert: Convert[Any]) -> Read:
    """A member that is read by itself."""
    return lambda part, name, default: (
        part.require(name, convert) if default is _MISSING else part.get(name, default, convert)
    )


def value_of(path: str, part: Fields, name: str) -> KeyValue:
    """A member that is a value of a track or of a preset: of the kind that its path says. Raises UsageError."""
    path = _BRACKETS.sub("[]", path)
    match path:
        case "request":
            return read_request(part.child(name))
        case "latent" | "sources[].latent":
            return read_latent(part.child(name))
        case "truncation.centre":
            return read_centre(part, name, None)
        case "label" | "sources[].label":
            return part.require(name, read_label)
    return part.require(name, _kind_of(path))


# ----------------------------------------------------------------------------
# Kinds of values.


def _kind_of(path: str) -> Convert[Value]:
    """What the values of a parameter are. They may lie beyond its limits: curves do, and what they give is limited."""
    parameter = BY_PATH.get(path)
    if parameter is None:
        return _scalar
    convert: Convert[Any] = fields.number()
    match parameter.kind:
        case Kind.FLAG:
            convert = fields.flag
        case Kind.TEXT:
            convert = fields.string
        case Kind.CHOICE:
            (kind,) = {type(choice.value) for choice in parameter.choices}
            convert = fields.choice(kind)
        case Kind.WHOLE:
            convert = _whole
    return fields.optional(convert) if parameter.optional else convert


def _whole(value: object) -> float | int:
    number = fields.number()(value)
    return int(number) if number.is_integer() else number


def _scalar(value: object) -> Value:
    """Of a parameter that this version does not know."""
    match value:
        case None | bool() | str():
            return value
        case list():
            return fields.sequence(fields.number(), 1, MAX_CLASSES)(value)
    return fields.number()(value)


def _rate(value: object) -> Fraction:
    """Frames a second: 30, or "30000/1001"."""
    match = _RATE.fullmatch(str(value)) if isinstance(value, int | str) and not isinstance(value, bool) else None
    if match is not None and int(match[2] or 1):
        rate = Fraction(int(match[1]), int(match[2] or 1))
        if RATES[0] <= rate <= RATES[1]:
            return rate
    raise ValueError('frames a second, such as 30 or "30000/1001"')


_time = fields.number(0.0, MAX_TIME_S)
_seconds = fields.number(-MAX_TIME_S, MAX_TIME_S)
_seed = fields.integer()


def _duration(value: object) -> float:
    seconds = _time(value)
    if seconds <= 0:
        raise ValueError("a number of seconds above 0")
    return seconds


# ----------------------------------------------------------------------------
# Records within records.


def _optional_record(kind: type) -> Read:
    def read(part: Fields, name: str, default: object) -> object:
        return read_record(kind, part.child(name), READERS) if part.has(name) and not part.is_null(name) else None

    return read


def _markers(part: Fields, name: str, default: object) -> tuple[Marker, ...]:
    return tuple(read_record(Marker, item, READERS) for item in part.children(name, MAX_MARKERS))


def _tracks(part: Fields, name: str, default: object) -> tuple[Track, ...]:
    return tuple(read_record(Track, item, READERS) for item in part.children(name, MAX_TRACKS))


def _keys(part: Fields, name: str, default: object) -> tuple[Key, ...]:
    path = part.require("path", fields.string)
    items = part.children(name, MAX_KEYS)
    keys = {key.time_s: key for key in (_key(item, path) for item in items)}
    return tuple(keys[time_s] for time_s in sorted(keys))


def _key(part: Fields, path: str) -> Key:
    between = part.get("between", Between.SMOOTH, fields.choice(Between))
    left, right = (_optional_record(Tangent)(part, name, None) for name in ("left", "right"))
    return Key(part.require("time_s", _time), value_of(path, part, "value"), between, left, right)


def _clips(part: Fields, name: str, default: object) -> tuple[Clip, ...]:
    clips = [read_record(Clip, item, READERS) for item in part.children(name, MAX_CLIPS)]
    return tuple(sorted(clips, key=lambda clip: clip.start_s))


def _generator(part: Fields, name: str, default: object) -> Generator:
    inner = part.child(name)
    return read_record(GENERATORS[inner.require("kind", _generator_kind)], inner, READERS)


def _generator_kind(value: object) -> str:
    if isinstance(value, str) and value in GENERATORS:
        return value
    raise ValueError("one of " + ", ".join(GENERATORS))


def _latents(part: Fields, name: str, default: object) -> tuple[Latent, ...]:
    return tuple(read_latent(item) for item in part.children(name, MAX_LATENTS))


def _labels(value: object) -> tuple[Label, ...]:
    return fields.sequence(read_label, 0, MAX_LATENTS)(value)


READERS: Mapping[type, Mapping[str, Read]] = {
    Timeline: {
        "tracks": _tracks,
        "duration_s": value(_duration),
        "rate": value(_rate),
        "loop": value(fields.flag),
        "start_s": value(_time),
        "end_s": value(fields.optional(_time)),
        "markers": _markers,
        "sound": _optional_record(SoundTrack),
    },
    Track: {
        "path": value(fields.string),
        "keys": _keys,
        "clips": _clips,
        "drive": _optional_record(Drive),
        "space": value(fields.choice(Space)),
        "muted": value(fields.flag),
        "folded": value(fields.flag),
    },
    Tangent: {"seconds": value(_seconds), "value": value(fields.number())},
    Drive: {
        "low_hz": value(fields.number(0.0, 10**6)),
        "high_hz": value(fields.number(0.0, 10**6)),
        "amount": value(fields.number()),
        "attack_s": value(_time),
        "release_s": value(_time),
        "onsets": value(fields.flag),
    },
    Marker: {"time_s": value(_time), "name": value(fields.string)},
    SoundTrack: {
        "path": value(fields.string),
        "digest": value(fields.string),
        "offset_s": value(_seconds),
        "gain_db": value(fields.number(-1000.0, 1000.0)),
        "bpm": value(fields.number(0.0, 10_000.0)),
        "first_beat_s": value(_seconds),
    },
    Clip: {
        "start_s": value(_time),
        "duration_s": value(_duration),
        "generator": _generator,
        "rounds": value(fields.integer(0, MAX_ROUNDS)),
        "first": value(fields.number(0.0, 1.0)),
        "last": value(fields.number(0.0, 1.0)),
    },
    LatentWalk: {"latents": _latents, "labels": value(_labels)},
    Circle: {
        "centre": value(_seed),
        "first": value(_seed),
        "second": value(_seed),
        "diameter": value(fields.number()),
    },
    NoiseLoop: {"seed": value(_seed), "diameter": value(fields.number())},
    RandomWalk: {"seed": value(_seed), "smoothing_s": value(_time)},
    Pulse: {
        "low": value(fields.number()),
        "high": value(fields.number()),
        "times": value(fields.integer(-MAX_ROUNDS, MAX_ROUNDS)),
    },
    Orbit: {
        "radius": value(fields.number()),
        "turns": value(fields.integer(-MAX_ROUNDS, MAX_ROUNDS)),
        "spins": value(fields.integer(-MAX_ROUNDS, MAX_ROUNDS)),
    },
}
