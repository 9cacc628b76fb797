"""Requests as plain JSON values, and back with every type, limit and name checked."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from numbers import Integral, Real
from typing import Any, TypeAlias, TypeVar

from core.base.control import Control, Kind
from core.base.errors import UsageError
from core.documents import json_reader as fields
from core.documents.json_reader import Convert, Fields
from core.parameters import BY_PATH
from core.parameters.table import CENTRE_COUNT, LABEL, MAX_CLASSES, MAX_LAYERS, NOISE_SHIFT_X
from core.request import (
    MAX_CENTROIDS,
    MAX_CODES,
    MAX_EDGE,
    Blend,
    Centre,
    Centroids,
    ClassMean,
    Clusters,
    Codes,
    Grid,
    Label,
    Latent,
    LayerEdit,
    Matrix,
    Mixture,
    Noise,
    Precision,
    RenderRequest,
    SeedPoint,
    Share,
    SingleLatent,
    Space,
    StyleEdit,
    StyleSource,
    Truncation,
    View,
    WVector,
    ZVector,
)
from core.request.mixtures import MAX_SHARES

T = TypeVar("T")

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None

MAX_ROWS = 64
MAX_NUMBERS = 8192  # of z, and of each row of w
MAX_SOURCES = 64
MAX_BLENDS = 8
MAX_STYLE_EDITS = 10_000
MAX_CODEBOOK = 2**20
MAX_WEIGHT, WHOLE = 100.0, 1e-3  # of a share; by how much all of them together may differ from 1

MEMBERS = {"colours": "colors"}  # fields that files have under another name

CENTRES: Mapping[str, type[Centre]] = {"clusters": Clusters, "class": ClassMean, "centroids": Centroids}
SINGLE: Mapping[str, type[SingleLatent]] = {"seed": SeedPoint, "z": ZVector, "w": WVector, "codes": Codes}
LATENTS: Mapping[str, type[Latent]] = {**SINGLE, "mixture": Mixture}
KINDS: Mapping[type, str] = {kind: name for name, kind in (*LATENTS.items(), *CENTRES.items())}


# ----------------------------------------------------------------------------
# Writing.


def plain(value: object, kinds: Mapping[type, str] = KINDS) -> Json:
    """A part of a request as JSON: an object for a record (with its `kind`, where there are several), else as it is."""
    match value:
        case None | bool():
            return value
        case StrEnum():
            return value.value
        case str():
            return value
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case Integral():
            return int(value)
        case Fraction():
            return str(value)  # which no float is
        case Real():
            return float(value)
        case tuple():
            return [plain(item, kinds) for item in value]
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"{type(value).__name__} is no part of a request")
    members = {
        MEMBERS.get(field.name, field.name): plain(getattr(value, field.name), kinds)
        for field in dataclasses.fields(value)
    }
    return {"kind": kinds[type(value)], **members} if type(value) in kinds else members


# ----------------------------------------------------------------------------
# Reading.

# Reads one member of an object: (the object, the member's name, its default) -> its value.
Read: TypeAlias = Callable[[Fields, str, Any], Any]


def read_request(part: Fields) -> RenderRequest:
    """What `plain` made of a request. A missing member takes its default. Raises UsageError if one is wrong."""
    return _members(RenderRequest, part)


def _members(kind: type[T], part: Fields) -> T:
    default = kind()
    return kind(**{name: read(part, name, getattr(default, name)) for name, read in READERS[kind].items()})


def _value(convert: Convert[Any]) -> Read:
    return lambda part, name, default: part.get(name, default, convert)


def _renamed(member: str, convert: Convert[Any]) -> Read:
    """A field that files have under another name."""
    return lambda part, name, default: part.get(member, default, convert)


def _record(kind: type) -> Read:
    return lambda part, name, default: _members(kind, part.child(name))


def _records(kind: type[T], high: int) -> Read:
    """A list of at most `high` records."""
    return lambda part, name, default: (
        tuple(_members(kind, item) for item in part.children(name, high)) if part.has(name) else default
    )


def _latent(part: Fields, name: str, default: Latent) -> Latent:
    return read_latent(part.child(name))


def read_latent(latent: Fields) -> Latent:
    """What `plain` made of a latent. Raises UsageError."""
    if latent.get("kind", "seed", _kind(LATENTS)) != "mixture":
        return _single(latent)
    read = [Share(_single(share.child("latent")), share.require("weight", fields.number(-MAX_WEIGHT, MAX_WEIGHT)),
                  share.get("label", None, read_label))
            for share in latent.children("shares", MAX_SHARES)]  # fmt: skip

    def whole(value: object) -> tuple[Share, ...]:
        if abs(sum(share.weight for share in read) - 1) > WHOLE:
            raise ValueError("a list of shares whose weights add up to 1")
        return tuple(read)

    return Mixture(latent.require("shares", whole), latent.get("space", Space.W, fields.choice(Space)))


def _single(latent: Fields) -> SingleLatent:
    match latent.get("kind", "seed", _kind(SINGLE)):
        case "z":
            return ZVector(latent.require("values", fields.sequence(fields.number(), 1, MAX_NUMBERS)))
        case "w":
            return WVector(latent.require("rows", _rows))
        case "codes":
            return _codes(latent)
        case _:
            return SeedPoint(latent.get("x", 0.0, fields.number()), latent.get("y", 0.0, fields.number()))


def _codes(latent: Fields) -> Codes:
    rows, columns = (latent.require(name, fields.integer(1, MAX_EDGE)) for name in ("rows", "columns"))

    def grid(value: object) -> tuple[int, ...]:
        try:
            return fields.sequence(fields.integer(0, MAX_CODEBOOK - 1), rows * columns, rows * columns)(value)
        except ValueError as error:
            raise ValueError(f"{rows} x {columns} codes in a list, each a whole number from 0") from error

    if rows * columns > MAX_CODES:
        raise UsageError(f"A grid of {rows} x {columns} codes is too large; {MAX_CODES:,} are the most.")
    return Codes(rows, columns, latent.require("indices", grid))


def read_centre(part: Fields, name: str, default: Latent | Centre | None) -> Latent | Centre | None:
    """The member that is where truncation leads to. Raises UsageError."""
    if part.get(name, None, _absent) is None:
        return None
    inner = part.child(name)
    match inner.get("kind", "seed", fields.string):
        case "clusters":
            return Clusters(inner.get("count", Clusters().count, _within(CENTRE_COUNT)))
        case "class":
            return ClassMean()
        case "centroids":
            return Centroids(inner.require("rows", _centroids), inner.get("name", "", fields.string))
    return read_latent(inner)


def _absent(value: object) -> bool | None:
    return None if value is None else True


def _sources(part: Fields, name: str, default: tuple[StyleSource, ...]) -> tuple[StyleSource, ...]:
    if part.has(name):
        return _records(StyleSource, MAX_SOURCES)(part, name, default)  # type: ignore[no-any-return]
    mixing = part.child("mixing")  # of early versions: one seed, and the entries that took their style from it
    seed = mixing.get("seed", 1000, fields.integer())
    none: tuple[int, ...] = ()
    layers = mixing.get("layers", none, fields.sequence(fields.integer(0, MAX_LAYERS), 0, MAX_LAYERS))
    parts = tuple(float(i in layers) for i in range(max(layers) + 1)) if layers else ()
    return (StyleSource(SeedPoint(float(seed)), parts=parts),)


def _precision(part: Fields, name: str, default: Precision) -> Precision:
    if part.has(name):
        return part.get(name, default, fields.choice(Precision))
    return Precision.EXACT if part.get("force_fp32", False, fields.flag) else default  # of early versions


def _kind(kinds: Mapping[str, type[Latent]]) -> Convert[str]:
    def convert(value: object) -> str:
        if isinstance(value, str) and value in kinds:
            return value
        raise ValueError("one of " + ", ".join(kinds))

    return convert


def _rows(value: object) -> tuple[tuple[float, ...], ...]:
    rows = fields.sequence(fields.sequence(fields.number(), 1, MAX_NUMBERS), 1, MAX_ROWS)(value)
    if len({len(row) for row in rows}) > 1:
        raise ValueError("a list of rows of one length")
    return rows


def _centroids(value: object) -> tuple[tuple[float, ...], ...]:
    rows = fields.sequence(fields.sequence(fields.number(), 1, MAX_NUMBERS), 1, MAX_CENTROIDS)(value)
    if {len(row) for row in rows} != {len(rows[0])} or len(rows) * len(rows[0]) > MAX_CENTROIDS:
        raise ValueError(f"a list of rows of one length, with at most {MAX_CENTROIDS:,} numbers")
    return rows


def read_label(value: object) -> Label:
    """What `plain` made of a label. Raises ValueError."""
    if value is None:
        return None
    if isinstance(value, list):
        return fields.sequence(fields.number(), 1, MAX_CLASSES)(value)
    try:
        number: int = _within(LABEL)(value)
        return number
    except ValueError as error:
        raise ValueError("null, the number of a class, or a list of weights") from error


def _matrix(value: object) -> Matrix:
    a, b, c, d, e, f = fields.sequence(fields.number(), 6, 6)(value)
    return (a, b, c, d, e, f)


def _within(control: Control) -> Convert[Any]:
    """What a control may be, within its limits."""
    match control.kind:
        case Kind.FLAG:
            return fields.flag
        case Kind.TEXT:
            return fields.string
        case Kind.CHOICE:
            kinds = {type(choice.value) for choice in control.choices}
            return fields.choice(*kinds)
        case Kind.WHOLE:
            most = fields.MAX_INTEGER
            return fields.integer(*(int(max(min(limit, most), -most)) for limit in control.limits))
    return fields.number(*control.limits)


def _turned(path: str) -> Read:
    """A field that is a parameter, or a list of one for each layer."""
    parameter = BY_PATH[path]
    convert = fields.optional(_within(parameter)) if parameter.optional else _within(parameter)
    if path.endswith("[]"):
        convert = fields.sequence(convert, 0, MAX_LAYERS)
    member = MEMBERS.get(path.rpartition(".")[2])
    return _renamed(member, convert) if member else _value(convert)


READERS: Mapping[type, Mapping[str, Read]] = {
    RenderRequest: {
        "network": _value(fields.string),
        "latent": _latent,
        "label": _value(read_label),
        "grid": _record(Grid),
        "sources": _sources,
        "truncation": _record(Truncation),
        "blends": _records(Blend, MAX_BLENDS),
        "styles": _records(StyleEdit, MAX_STYLE_EDITS),
        "layers": _records(LayerEdit, MAX_LAYERS),
        "noise": _record(Noise),
        "transform": _value(_matrix),
        "lod": _turned("lod"),
        "precision": _precision,
        "view": _record(View),
    },
    Grid: {name: _turned(f"grid.{name}") for name in ("rows", "columns", "snap")},
    StyleSource: {
        "latent": _latent,
        "label": _value(read_label),
        "name": _value(fields.string),
        "fraction": _turned("sources[].fraction"),
        "parts": _turned("sources[].parts[]"),
        "on": _turned("sources[].on"),
    },
    Blend: {
        "network": _value(fields.string),
        "weights": _turned("blends[].weights[]"),
        "mapping": _turned("blends[].mapping"),
        "features": _turned("blends[].features"),
    },
    StyleEdit: {
        "layer": _value(fields.string),
        "channel": _value(fields.integer(0, MAX_NUMBERS)),
        "offset": _turned("styles[].offset"),
        "scale": _turned("styles[].scale"),
    },
    LayerEdit: {
        "psi": _turned("layers[].psi"),
        "noise": _turned("layers[].noise"),
        "w": _value(fields.optional(fields.sequence(fields.number(), 1, MAX_NUMBERS))),
        "offset": _value(fields.sequence(fields.number(), 0, MAX_NUMBERS)),
        "jitter": _turned("layers[].jitter"),
        "jitter_seed": _turned("layers[].jitter_seed"),
        "muted": _turned("layers[].muted"),
    },
    Truncation: {"psi": _turned("truncation.psi"), "cutoff": _turned("truncation.cutoff"), "centre": read_centre},
    Noise: {
        "mode": _turned("noise.mode"),
        "seed": _turned("noise.seed"),
        "strength": _turned("noise.strength"),
        "shift": _value(fields.sequence(_within(NOISE_SHIFT_X), 2, 2)),
    },
    View: {field.name: _turned(f"view.{field.name}") for field in dataclasses.fields(View)},
}
