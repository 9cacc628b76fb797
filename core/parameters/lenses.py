"""Lenses: how a path such as `layers[5].noise` reads a request and makes one with another value there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from core.base.control import Value
from core.request import (
    IDENTITY,
    UNEDITED,
    Blend,
    Clusters,
    Latent,
    RenderRequest,
    SeedPoint,
    StyleEdit,
    StyleSource,
)
from core.request.edits import style_at, with_style
from core.request.placement import Placement

# What stands in the brackets of a path: a number, or the layer and the channel of a style.
Key: TypeAlias = int | tuple[str, int]
At: TypeAlias = tuple[Key, ...]

# A request that has one of everything, at its default.
DEFAULTS = RenderRequest(sources=(StyleSource(),), blends=(Blend(),), layers=(UNEDITED,), styles=(StyleEdit(),))
# What entries beyond the end of a tuple are, and what ends of a tuple are left out. Others have as many as there are.
FILLERS: dict[str, object] = {"layers": UNEDITED, "parts": 0.0, "weights": 0.0}


@dataclass(frozen=True)
class Lens:
    """Reads a value, and makes a request with another one. at: the keys of its path."""

    get: Callable[[RenderRequest, At], Value]
    put: Callable[[RenderRequest, At, Any], RenderRequest]


def by_path(path: str) -> Lens:
    """Of a path that reads like the request: names of fields, and [] after those that have entries."""
    names = re.findall(r"\w+|\[\]", path)

    def get(request: RenderRequest, at: At) -> Any:
        value: Any = request
        keys, before = iter(at), ""
        for name in names:
            value = _entry(value, next(keys), before) if name == "[]" else getattr(value, name)
            before = name
        return value

    def put(request: RenderRequest, at: At, value: Any) -> RenderRequest:
        whole: RenderRequest = _put(request, names, at, value, "")
        return whole

    return Lens(get, put)


def _entry(entries: tuple[Any, ...], index: Any, name: str) -> Any:
    return entries[index] if index < len(entries) or name not in FILLERS else FILLERS[name]


def _put(whole: Any, names: list[str], at: At, value: Any, before: str) -> Any:
    if not names:
        return value
    name, *rest = names
    if name != "[]":
        return replace(whole, **{name: _put(getattr(whole, name), rest, at, value, name)})
    index, *others = at
    assert isinstance(index, int)
    entries = list(whole)
    if before in FILLERS:
        entries += [FILLERS[before]] * (index + 1 - len(entries))
    entries[index] = _put(entries[index], rest, tuple(others), value, "")
    while before in FILLERS and entries and entries[-1] == FILLERS[before]:
        entries.pop()
    return tuple(entries)


# ----------------------------------------------------------------------------
# Of what has no field of its own.


def item(record: str, field: str, index: int) -> Lens:
    """One number of several that a field of a record holds."""

    def get(request: RenderRequest, at: At) -> Value:
        number: float = getattr(getattr(request, record), field)[index]
        return number

    def put(request: RenderRequest, at: At, value: float) -> RenderRequest:
        numbers = list(getattr(getattr(request, record), field))
        numbers[index] = value
        part = replace(getattr(request, record), **{field: tuple(numbers)})
        return replace(request, **{record: part})

    return Lens(get, put)


def seed_point(axis: str) -> Lens:
    """x or y of the latent on the seed map. An explicit latent is at its origin, and is left where this is set."""

    def get(request: RenderRequest, at: At) -> Value:
        return _on_map(request.latent, axis)

    def put(request: RenderRequest, at: At, value: float) -> RenderRequest:
        return replace(request, latent=_moved(request.latent, axis, value))

    return Lens(get, put)


def source_point(axis: str) -> Lens:
    """Likewise of the latent of a source."""

    def get(request: RenderRequest, at: At) -> Value:
        return _on_map(_source(request, at).latent, axis)

    def put(request: RenderRequest, at: At, value: float) -> RenderRequest:
        source = _source(request, at)
        moved = replace(source, latent=_moved(source.latent, axis, value))
        return replace(request, sources=tuple(moved if at == (i,) else s for i, s in enumerate(request.sources)))

    return Lens(get, put)


def _source(request: RenderRequest, at: At) -> StyleSource:
    (index,) = at
    assert isinstance(index, int)
    return request.sources[index]


def _on_map(latent: Latent, axis: str) -> float:
    point = latent if isinstance(latent, SeedPoint) else SeedPoint()
    return point.x if axis == "x" else point.y


def _moved(latent: Latent, axis: str, value: float) -> SeedPoint:
    point = latent if isinstance(latent, SeedPoint) else SeedPoint()
    return replace(point, x=value) if axis == "x" else replace(point, y=value)


def centre_point(axis: str) -> Lens:
    """x or y of a centre of truncation on the seed map; None: it is none."""

    def get(request: RenderRequest, at: At) -> Value:
        centre = request.truncation.centre
        return _on_map(centre, axis) if isinstance(centre, SeedPoint) else None

    def put(request: RenderRequest, at: At, value: float | None) -> RenderRequest:
        before = request.truncation.centre
        point = before if isinstance(before, SeedPoint) else SeedPoint()
        centre = None if value is None else _moved(point, axis, value)
        kept = before if value is None and not isinstance(before, SeedPoint) else centre
        return replace(request, truncation=replace(request.truncation, centre=kept))

    return Lens(get, put)


def _clusters(request: RenderRequest, at: At) -> Value:
    centre = request.truncation.centre
    return centre.count if isinstance(centre, Clusters) else None


def _with_clusters(request: RenderRequest, at: At, count: int | None) -> RenderRequest:
    before = request.truncation.centre
    kept = None if isinstance(before, Clusters) else before
    return replace(request, truncation=replace(request.truncation, centre=kept if count is None else Clusters(count)))


CLUSTERS = Lens(_clusters, _with_clusters)


def style(field: str) -> Lens:
    """Of the edit of one channel in style space, by layer and channel."""

    def edit(request: RenderRequest, at: At) -> StyleEdit:
        (key,) = at
        return style_at(request, *key) if isinstance(key, tuple) else StyleEdit()

    def get(request: RenderRequest, at: At) -> Value:
        number: float = getattr(edit(request, at), field)
        return number

    def put(request: RenderRequest, at: At, value: float) -> RenderRequest:
        change: dict[str, Any] = {field: value}
        return replace(request, styles=with_style(request.styles, replace(edit(request, at), **change)))

    return Lens(get, put)


def placed(field: str) -> Lens:
    """Of how the transform places the picture, in the terms of a user."""

    def get(request: RenderRequest, at: At) -> Value:
        value: float = getattr(Placement.of(request.transform) or Placement(), field)
        return value

    def put(request: RenderRequest, at: At, value: float) -> RenderRequest:
        change: dict[str, Any] = {field: value}
        placement = replace(Placement.of(request.transform) or Placement(), **change)
        return replace(request, transform=placement.matrix if placement != Placement() else IDENTITY)

    return Lens(get, put)
