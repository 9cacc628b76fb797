"""What the path of a track names in a request: reading it, writing it, what it is, and what it is called."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Any, TypeGuard, cast

from core.base.control import Kind
from core.base.errors import UsageError
from core.base.text import shown
from core.parameters import At, Axis, Interpolation, Parameter, everywhere, letter_of, place_of, source_name, where
from core.parameters.adaptation import takes, takes_label
from core.parameters.table import LABEL, PARAMETERS, SOURCE_LABEL
from core.request import (
    IDENTITY,
    Centroids,
    ClassMean,
    Clusters,
    Codes,
    Label,
    Latent,
    Mixture,
    ModelInfo,
    RenderRequest,
    SeedPoint,
    StyleEdit,
    WVector,
    ZVector,
)
from core.request.edits import with_edits
from core.timeline.timeline import KeyValue, Timeline, Track

REMEMBERED = 4096  # targets
OF_SOURCE = re.compile(r"sources\[([0-9]{1,3})\]\.(latent|label)")


class Nothing(Enum):
    """What a track says at a time when it has no key and no clip there."""

    NOTHING = "nothing"


class TargetKind(StrEnum):
    """How a value is interpolated."""

    NUMBER = "number"
    WHOLE = "whole number"
    ANGLE = "angle"
    STEP = "step"  # it holds from key to key
    LATENT = "latent"  # what truncation leads to, too
    LABEL = "label"
    TRANSFORM = "transform"  # the matrix, as what it does: moving, turning, scaling
    REQUEST = "request"


@dataclass(frozen=True)
class Target:
    """One thing in a request that a track moves."""

    path: str
    kind: TargetKind
    name: str  # within its group
    parameter: Parameter | None = None  # of a parameter and of a label
    at: At = ()
    source: int | None = None  # whose latent or label it is

    @property
    def label(self) -> str:
        """In words: "Psi", "Noise of layer 5"."""
        if self.source is not None:
            return f"{self.name} of {source_name(self.source)}"
        return self.name + (where(self.parameter, self.at) if self.parameter is not None else "")

    @property
    def is_number(self) -> bool:
        """Whether it has a curve."""
        return self.kind in (TargetKind.NUMBER, TargetKind.WHOLE, TargetKind.ANGLE)

    @property
    def is_one_of_many(self) -> bool:
        """Whether it is a value of a layer or of a channel, of which `with_many` sets many at once."""
        return self.parameter is not None and self.parameter.axes in ((Axis.LAYER,), (Axis.STYLE,))

    def get(self, request: RenderRequest) -> KeyValue:
        """The value in a request that has it, see `missing`."""
        if self.source is not None:
            value: KeyValue = getattr(request.sources[self.source], self._field)
            return value
        if self.path in WHOLES:
            return WHOLES[self.path].get(request)
        assert self.parameter is not None
        return self.parameter.get(request, self.at)

    def set(self, request: RenderRequest, value: KeyValue) -> RenderRequest:
        """The request with another value, if it has such a thing."""
        if self.source is not None:
            changed = replace(request.sources[self.source], **cast(dict[str, Any], {self._field: value}))
            sources = (changed if i == self.source else other for i, other in enumerate(request.sources))
            return replace(request, sources=tuple(sources))
        if self.path in WHOLES:
            return WHOLES[self.path].put(request, value)
        assert self.parameter is not None
        return self.parameter.set(request, cast(Any, value), self.at)

    def missing(self, request: RenderRequest, info: ModelInfo | None = None) -> str:
        """Why the request, or the network, has no such thing, so that its track does nothing; "": it has."""
        if self.source is not None:
            if self.source >= len(request.sources):
                return _no_source(self.source)
            return self.parameter.why_not(info) if self.parameter is not None else ""
        if self.path == TRANSFORM:
            return _TRANSFORMED.why_not(info)
        if self.path == CENTRE:
            return _CENTRED.why_not(info)
        if self.parameter is None:
            return ""
        for key, axis in zip(self.at, self.parameter.axes, strict=True):
            if reason := _beyond(key, axis, request, info):
                return reason
        return self.parameter.why_not(info, self.at)

    def takes(self, value: KeyValue, info: ModelInfo | None = None) -> bool:
        """Whether a value is of its kind, and means something to a network."""
        match self.kind:
            case TargetKind.REQUEST:
                return isinstance(value, RenderRequest)
            case TargetKind.TRANSFORM:
                return isinstance(value, tuple) and len(value) == len(IDENTITY)
            case TargetKind.LABEL:
                known = value is None or (isinstance(value, int | tuple) and not isinstance(value, bool))
                return known and (info is None or takes_label(info, cast(Label, value)))
            case TargetKind.LATENT if is_latent(value):
                return info is None or takes(info, value)
            case TargetKind.LATENT:
                if isinstance(value, Clusters | ClassMean | Centroids):
                    return self.path == CENTRE and (info is None or takes(info, value))
                return self.path == CENTRE and value is None
        assert self.parameter is not None
        if value is None:
            return self.parameter.optional
        match self.parameter.kind:
            case Kind.FLAG:
                return isinstance(value, bool)
            case Kind.TEXT:
                return isinstance(value, str)
            case Kind.CHOICE:
                return any(value == choice.value for choice in self.parameter.choices)
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)

    @property
    def _field(self) -> str:
        return self.path.rpartition(".")[2]


def is_latent(value: object) -> TypeGuard[Latent]:
    return isinstance(value, SeedPoint | ZVector | WVector | Codes | Mixture)


def _no_source(number: int) -> str:
    return f"There is no source {source_name(number)}."


def _beyond(key: object, axis: Axis, request: RenderRequest, info: ModelInfo | None) -> str:
    """Why there is no such entry; "": there is."""
    match axis, key:
        case Axis.SOURCE, int(number) if number >= len(request.sources):
            return _no_source(number)
        case Axis.BLEND, int(number) if number >= len(request.blends):
            return f"No network {letter_of(number)} is blended in."
        case Axis.LAYER, int(entry) if info is not None and entry >= info.num_ws:
            return f"This network has no layer {entry}; its last one is {info.num_ws - 1}."
        case Axis.STYLE, (layer, _) if info is not None and info.steps:
            if not any(step.name == layer and step.has_styles for step in info.steps):
                return f"This network has no layer {layer} with styles."
    return ""


# ----------------------------------------------------------------------------
# What is no parameter.


@dataclass(frozen=True)
class Whole:
    """Something that is moved as a whole."""

    kind: TargetKind
    name: str
    get: Callable[[RenderRequest], KeyValue]
    put: Callable[[RenderRequest, Any], RenderRequest]


REQUEST, LATENT, CLASS, CENTRE, TRANSFORM = "request", "latent", "label", "truncation.centre", "transform"

WHOLES = {
    REQUEST: Whole(TargetKind.REQUEST, "Whole picture", lambda request: request,
                   lambda request, value: replace(value, network=request.network)),
    LATENT: Whole(TargetKind.LATENT, "Latent", lambda request: request.latent,
                  lambda request, value: replace(request, latent=value)),
    CLASS: Whole(TargetKind.LABEL, "Class", lambda request: request.label,
                 lambda request, value: replace(request, label=value)),
    CENTRE: Whole(TargetKind.LATENT, "Centre", lambda request: request.truncation.centre,
                  lambda request, value: replace(request, truncation=replace(request.truncation, centre=value))),
    TRANSFORM: Whole(TargetKind.TRANSFORM, "Transform", lambda request: request.transform,
                     lambda request, value: replace(request, transform=value)),
}  # fmt: skip

_TRANSFORMED = next(parameter for parameter in PARAMETERS if parameter.needs == "transform")
_CENTRED = next(parameter for parameter in PARAMETERS if parameter.needs == "centre")


@lru_cache(REMEMBERED)
def target_of(path: str) -> Target:
    """What a path names: one value, with a number in each bracket. Raises UsageError."""
    if path in WHOLES:
        whole = WHOLES[path]
        return Target(path, whole.kind, whole.name, LABEL if path == CLASS else None)
    if match := OF_SOURCE.fullmatch(path):
        is_latent = match[2] == LATENT
        kind, name = (TargetKind.LATENT, "Latent") if is_latent else (TargetKind.LABEL, "Class")
        number = int(match[1])
        canonical = f"sources[{number}].{match[2]}"
        return Target(canonical, kind, name, None if is_latent else SOURCE_LABEL, source=number)
    place = place_of(path)
    if any(isinstance(span, slice) or (isinstance(span, int) and span < 0) for span in place.spans):
        raise UsageError(f"'{shown(path, 60)}' names no single value; a track has one, such as layers[5].noise.")
    at: At = tuple(span for span in place.spans if not isinstance(span, slice))
    parameter = place.parameter
    return Target(parameter.path_at(at), _kind_of(parameter), parameter.label, parameter, at)


def known_target(path: str) -> Target | None:
    """Likewise; None for a path that this version does not know."""
    try:
        return target_of(path)
    except UsageError:
        return None


def _kind_of(parameter: Parameter) -> TargetKind:
    match parameter.interpolation, parameter.kind:
        case Interpolation.ANGLE, _:
            return TargetKind.ANGLE
        case Interpolation.LINEAR, Kind.NUMBER:
            return TargetKind.NUMBER
        case Interpolation.LINEAR, Kind.WHOLE:
            return TargetKind.WHOLE
    return TargetKind.STEP


def targets_of(request: RenderRequest, info: ModelInfo) -> Iterator[Target]:
    """Everything in a request that a network lets move, in the order in which groups are shown."""
    paths = [REQUEST, LATENT, CLASS, CENTRE, TRANSFORM]
    for number in range(len(request.sources)):
        paths += [f"sources[{number}].latent", f"sources[{number}].label"]
    for parameter in PARAMETERS:
        paths += [parameter.path_at(at) for at in everywhere(parameter, request, info.num_ws)]
    found = [target_of(path) for path in dict.fromkeys(paths)]
    yield from sorted((each for each in found if not each.missing(request, info)), key=lambda each: _rank(each.path))


def with_many(request: RenderRequest, values: Iterable[tuple[Target, KeyValue]]) -> RenderRequest:
    """The request with values of single layers and channels, as if each were set by itself."""
    layers: dict[int, dict[str, Any]] = {}
    channels: dict[tuple[str, int], dict[str, Any]] = {}
    for target, value in values:
        match target.at:
            case (int(entry),):
                layers.setdefault(entry, {})[target._field] = value
            case ((str(layer), int(channel)),):
                channels.setdefault((layer, channel), {})[target._field] = value
    if not layers and not channels:
        return request
    styles = {(edit.layer, edit.channel): edit for edit in request.styles}
    for key, fields in channels.items():
        styles[key] = replace(styles.get(key) or StyleEdit(*key), **fields)
    kept = (edit for key, edit in styles.items() if key not in channels or edit != StyleEdit(*key))
    return replace(request, layers=with_edits(request.layers, layers), styles=tuple(kept))


# ----------------------------------------------------------------------------
# Groups of tracks.

# By how a path begins: what the group is called. Those with brackets are one group for each number.
GROUPS = {
    "request": "Whole picture", "latent": "Latent", "label": "Latent", "sources": "Source", "truncation": "Truncation",
    "noise": "Noise", "layers": "Layer", "styles": "Style space", "blends": "Network", "transform": "Transform",
    "grid": "Codes", "lod": "Picture", "precision": "Picture", "view": "View",
}  # fmt: skip
BEGINNING = re.compile(r"(\w+)(?:\[([^\]]*)\])?")


@dataclass(frozen=True)
class Group:
    """Tracks that belong together: all of a layer, of a source, of the truncation."""

    name: str
    tracks: tuple[Track, ...]


def grouped(timeline: Timeline) -> tuple[Group, ...]:
    """The tracks by group, layers by their numbers."""
    groups: dict[str, list[Track]] = {}
    for track in sorted(timeline.tracks, key=lambda track: _rank(track.path)):
        groups.setdefault(group_of(track.path), []).append(track)
    return tuple(Group(name, tuple(tracks)) for name, tracks in groups.items())


def group_of(path: str) -> str:
    """What the group of a track is called: "Layer 5", "Source S1", "Truncation"."""
    beginning, number = _beginning(path)
    match beginning:
        case "layers":
            return f"Layer {number}"
        case "sources":
            return f"Source {source_name(number)}"
        case "blends":
            return f"Network {letter_of(number)}"
    return GROUPS.get(beginning, "Picture")


def _beginning(path: str) -> tuple[str, int]:
    match = BEGINNING.match(path)
    assert match is not None  # of every path
    return match[1], int(match[2]) if match[2] and match[2].isdecimal() else 0


def _rank(path: str) -> tuple[int, int]:
    beginning, number = _beginning(path)
    order: Sequence[str] = tuple(GROUPS)
    return order.index(beginning) if beginning in GROUPS else len(order), number

