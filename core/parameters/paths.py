"""Paths of parameters as users write them: `truncation.psi`, `layers[8:12].noise`, `styles[b64.conv0,12].offset`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias

from core.base.control import Value
from core.base.errors import UsageError
from core.base.text import shown
from core.parameters.lenses import At, Key
from core.parameters.parameter import Axis, Parameter
from core.parameters.table import BY_PATH
from core.request import ModelInfo, RenderRequest

BRACKETS = re.compile(r"\[([^\[\]]*)\]")
RANGE = re.compile(r"(-?[0-9]{1,6})?(?:(:)(-?[0-9]{1,6})?)?")
NEAREST = 3  # paths that an error names

# What a path says in one pair of brackets: a number, a range, half open as in Python, or a layer and its channel.
Span: TypeAlias = int | slice | tuple[str, int]
WORDS = {Axis.LAYER: "layer", Axis.SOURCE: "source", Axis.BLEND: "network that is blended in", Axis.MATRIX: "number"}


@dataclass(frozen=True)
class Place:
    """A parameter, and which entries of it a path names."""

    parameter: Parameter
    spans: tuple[Span, ...]
    text: str  # as it was written


@dataclass(frozen=True)
class Setting:
    """A value that a parameter is to get, wherever its path says."""

    place: Place
    value: Value


def place_of(text: str) -> Place:
    """What a path names, as far as it can be told without a network. Raises UsageError."""
    path = BRACKETS.sub("[]", text.strip())
    if path not in BY_PATH:
        raise UsageError(f"There is no parameter '{shown(text, 60)}'; {_advice(path)}.")
    parameter, inner = BY_PATH[path], BRACKETS.findall(text)
    spans = [_span(word.strip(), axis, text) for word, axis in zip(inner, parameter.axes, strict=True)]
    return Place(parameter, tuple(spans), text.strip())


def setting_of(text: str) -> Setting:
    """What `PATH=VALUE` sets. Raises UsageError for an unknown path, and a value of the wrong kind or out of range."""
    path, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"'{shown(text, 60)}' sets nothing; write a path and its value, such as truncation.psi=0.7.")
    place = place_of(path)
    return Setting(place, place.parameter.read(value))


def positions(place: Place, request: RenderRequest, info: ModelInfo) -> tuple[At, ...]:
    """The keys that a path names in a request for a network. Raises UsageError for what is not there."""
    counts = {Axis.LAYER: info.num_ws, Axis.SOURCE: len(request.sources), Axis.BLEND: len(request.blends),
              Axis.MATRIX: len(request.transform)}  # fmt: skip
    keys: list[Sequence[Key]] = []
    for span, axis in zip(place.spans, place.parameter.axes, strict=True):
        keys.append([span] if isinstance(span, tuple) else _indices(span, counts[axis], WORDS[axis], place.text))
    return tuple(itertools.product(*keys))


def everywhere(parameter: Parameter, request: RenderRequest, num_ws: int) -> Iterator[At]:
    """All keys that a parameter has in a request: of each layer, source, network blended in, edited channel."""
    counts: dict[Axis, Sequence[Key]] = {
        Axis.LAYER: range(num_ws), Axis.SOURCE: range(len(request.sources)), Axis.BLEND: range(len(request.blends)),
        Axis.STYLE: [(edit.layer, edit.channel) for edit in request.styles], Axis.MATRIX: range(len(request.transform)),
    }  # fmt: skip
    return itertools.product(*(counts[axis] for axis in parameter.axes))


def with_setting(request: RenderRequest, setting: Setting, info: ModelInfo) -> RenderRequest:
    """The request with what is set. Raises UsageError if the network has no such thing, or the value is too large."""
    place, value = setting.place, setting.value
    reason = place.parameter.why_not(info)
    if reason:
        raise UsageError(f"{place.text} cannot be set: {reason[0].lower()}{reason[1:]}")
    fitted = place.parameter.fitted(info, request)
    if isinstance(value, int | float) and not isinstance(value, bool) and not fitted.allows(value):
        raise UsageError(f"{place.text} cannot be {value:g} with this network; it is {fitted.wanted}.")
    for at in positions(place, request, info):
        reason = place.parameter.why_not(info, at)
        if reason and not any(isinstance(span, slice) for span in place.spans):
            raise UsageError(f"{place.text} cannot be set: {reason[0].lower()}{reason[1:]}")
        request = request if reason else place.parameter.set(request, value, at)
    return request


def _span(word: str, axis: Axis, text: str) -> Span:
    if axis is Axis.STYLE:
        layer, comma, channel = word.rpartition(",")
        if not comma or not layer.strip() or not re.fullmatch(r"\s*[0-9]{1,5}\s*", channel):
            raise UsageError(f"'{shown(text, 60)}' names no channel; write a layer and a channel: [b64.conv0,12].")
        return layer.strip(), int(channel)
    match = RANGE.fullmatch(word)
    if match is None or not word:
        form = "a number or a range such as [8:12], [:8] or [:]"
        raise UsageError(f"'{shown(text, 60)}' has '{shown(word, 20)}' in brackets; write {form}.")
    first, last = (int(part) if part else None for part in match.group(1, 3))
    return slice(first, last) if match[2] else int(word)


def _indices(span: int | slice, count: int, what: str, text: str) -> Sequence[int]:
    entries = range(count)
    there = f"there are {count}, 0 to {count - 1}" if count > 1 else "there is only 0" if count else "there is none"
    if isinstance(span, slice):
        if not entries[span]:
            raise UsageError(f"'{shown(text, 60)}' names no {what}; {there}.")
        return entries[span]
    if not -count <= span < count:
        raise UsageError(f"'{shown(text, 60)}' names {what} {span}, but {there}.")
    return [entries[span]]


def _advice(path: str) -> str:
    """The nearest paths, or where all of them are told."""
    bare = {known: known.replace("[]", "") for known in BY_PATH}
    alike = [known for known in BY_PATH if bare[known] == path.replace("[]", "")]
    same = [known for known in BY_PATH if bare[known].rpartition(".")[2] == path.rpartition(".")[2]]
    near = alike or list(dict.fromkeys([*same, *get_close_matches(path, BY_PATH, NEAREST, 0.55)]))[:NEAREST]
    return f"close to it: {', '.join(near)}" if near else "`python -m visualizer parameters` lists all there are"
