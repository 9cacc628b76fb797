"""What lies between two values of a request, and between two whole requests. Imports no torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from core.base.control import Kind, Value
from core.parameters import At, Interpolation, Parameter, diff
from core.parameters.table import (
    CENTRE_COUNT,
    CENTRE_X,
    CENTRE_Y,
    GRID_COLUMNS,
    GRID_ROWS,
    JITTER,
    JITTER_SEED,
    LABEL,
    LATENT_X,
    LATENT_Y,
    MATRIX,
    NOISE_SEED,
    SOURCE_LABEL,
    SOURCE_X,
    SOURCE_Y,
)
from core.request import (
    Blend,
    Centre,
    Centroids,
    ClassMean,
    Clusters,
    Label,
    Latent,
    LayerEdit,
    Matrix,
    ModelInfo,
    RenderRequest,
    Space,
    StyleSource,
)
from core.request.edits import edit_at, with_edits
from core.request.mixtures import between, mixed_label, mixture
from core.request.placement import Placement
from core.timeline.curves import hermite_weights

T = TypeVar("T")

# Told by other means, or nothing that steps through what lies between: such a seed would flicker.
APART = frozenset(parameter.path for parameter in (
    LATENT_X, LATENT_Y, LABEL, SOURCE_X, SOURCE_Y, SOURCE_LABEL, CENTRE_X, CENTRE_Y, CENTRE_COUNT, MATRIX,
    JITTER_SEED, GRID_ROWS, GRID_COLUMNS,
))  # fmt: skip
NEXT_SEED = 1.0  # of the noise: a larger step would flicker through all seeds between
TURN = 360.0  # degrees

# ----------------------------------------------------------------------------
# Single values.


def turned(before: float, after: float) -> float:
    """The angle after another one, as it is reached along the shorter way, degrees."""
    return before + (after - before + TURN / 2) % TURN - TURN / 2


def upright(degrees: float) -> float:
    """The same angle within -180..180."""
    return (degrees + TURN / 2) % TURN - TURN / 2


def fitting(parameter: Parameter, number: float) -> int | float:
    """A number as the parameter can be: within its limits, whole where it is."""
    low, high = parameter.limits
    number = min(max(number, low), high)
    return math.floor(number + 0.5) if parameter.kind is Kind.WHOLE else number


def between_values(parameter: Parameter, before: Value, after: Value, part: float) -> Value:
    """By the interpolation of a parameter; what cannot be interpolated is the first until the second is reached."""
    if part in (0, 1):
        return after if part == 1 else before
    if parameter.interpolation is Interpolation.STEP or not (_is_number(before) and _is_number(after)):
        return before if part < 1 else after
    assert isinstance(before, int | float)
    assert isinstance(after, int | float)
    if parameter.interpolation is Interpolation.ANGLE:
        return upright(before + (turned(before, after) - before) * part)
    return fitting(parameter, before + (after - before) * part)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def between_matrices(before: Matrix, after: Matrix, part: float) -> Matrix:
    """As what a transform does: moved, scaled and sheared linearly, turned the shorter way. Where only one of them
    mirrors, or one cannot be undone: the first until the second is reached."""
    if part in (0, 1) or before == after:
        return after if part == 1 else before
    a, b = Placement.of(before), Placement.of(after)
    if a is None or b is None or a.mirrored is not b.mirrored:
        return before if part < 1 else after

    def mixed(first: float, second: float) -> float:
        return first + (second - first) * part

    def scale(first: float, second: float) -> float:
        return first * math.pow(second / first, part)

    return Placement(
        mixed(a.x, b.x), mixed(a.y, b.y), mixed(a.degrees, turned(a.degrees, b.degrees)),
        scale(a.scale_x, b.scale_x), scale(a.scale_y, b.scale_y), mixed(a.shear, b.shear), a.mirrored,
    ).matrix  # fmt: skip


def between_centres(
    before: Latent | Centre | None, after: Latent | Centre | None, part: float, space: Space
) -> Latent | Centre | None:
    """Of what truncation leads to: latents are mixed, others hold."""
    apart = (Clusters, ClassMean, Centroids, type(None))
    if before is None or after is None or isinstance(before, apart) or isinstance(after, apart):
        return before if part < 1 else after
    return between(before, after, part, space)


@dataclass(frozen=True)
class LatentPlace:
    """A latent at a time."""

    time_s: float
    latent: Latent


def through(
    before: LatentPlace | None, left: LatentPlace, right: LatentPlace, after: LatentPlace | None, part: float,
    space: Space,
) -> Latent:  # fmt: skip
    """The curve through latents, between the two in the middle: smooth in slope, which at each is that from the one
    before it to the one after it (Catmull and Rom 1974, by time). In Z, of spherical steps."""
    of_left, of_right, of_slope_left, of_slope_right = hermite_weights(part)
    weights = [0.0, of_left, of_right, 0.0]
    places, seconds = (before, left, right, after), right.time_s - left.time_s
    for at, weight in ((1, of_slope_left), (2, of_slope_right)):
        first = at - 1 if places[at - 1] is not None else at
        last = at + 1 if places[at + 1] is not None else at
        start, end = places[first] or left, places[last] or right
        slope = weight * seconds / (end.time_s - start.time_s)
        weights[first] -= slope
        weights[last] += slope
    parts = ((place.latent, weight, None) for place, weight in zip(places, weights, strict=True) if place is not None)
    return mixture(parts, space)


# ----------------------------------------------------------------------------
# Whole requests.


def mixed_requests(
    before: RenderRequest, after: RenderRequest, part: float, space: Space = Space.W, info: ModelInfo | None = None
) -> RenderRequest:
    """What lies between two requests; part 0: the first, 1: the second, beyond: farther, as far as limits let.

    Parameters by their interpolation, latents by their space, labels softly, kept styles and offsets of w linearly.
    A source, a network blended in, an edited style that only one of them has fades. What cannot be interpolated (modes,
    seeds of noise that are no neighbours, grids of codes, other kinds of centres) is the first until the second is
    reached. The network is that of the first. info: of the open network, for soft labels and what None comes to.
    """
    if part == 0 or before == after:
        return before
    if part == 1:
        return replace(after, network=before.network)
    first, second = _aligned(before, after)
    mixed = first
    for change in diff(replace(first, transform=second.transform), second):
        if change.parameter.path not in APART:
            value = _between(change.parameter, change.at, (first, second), part, info)
            mixed = change.parameter.set(mixed, value, change.at)
    c_dim = info.c_dim if info is not None else 0
    latent, label = _between_latents((first.latent, first.label), (second.latent, second.label), part, space, c_dim)
    centre = between_centres(first.truncation.centre, second.truncation.centre, part, space)
    sources = tuple(
        _between_sources(a, b, made, part, space, c_dim)
        for a, b, made in zip(first.sources, second.sources, mixed.sources, strict=True)
    )
    return replace(
        mixed, latent=latent, label=label, sources=sources, layers=_between_layers(first, second, mixed, part),
        truncation=replace(mixed.truncation, centre=centre),
        transform=between_matrices(first.transform, second.transform, part),
    )  # fmt: skip


def _between(
    parameter: Parameter, at: At, ends: tuple[RenderRequest, RenderRequest], part: float, info: ModelInfo | None
) -> Value:  # fmt: skip
    first, second = ends
    before, after = parameter.get(first, at), parameter.get(second, at)
    if parameter.path == NOISE_SEED.path and abs(second.noise.seed - first.noise.seed) > NEXT_SEED:
        return before
    if parameter.path == JITTER.path and before and after and len({JITTER_SEED.get(end, at) for end in ends}) > 1:
        return before
    if (before is None) != (after is None):
        before, after = (parameter.standing(info, request, at) for request in ends)
    return between_values(parameter.fitted(info, first), before, after, part)


def _between_latents(
    before: tuple[Latent, Label], after: tuple[Latent, Label], part: float, space: Space, c_dim: int
) -> tuple[Latent, Label]:
    """Two latents with their labels. Where one is drawn from its seed and the other is not, each keeps its own."""
    (a, label_a), (b, label_b) = before, after
    known = c_dim or isinstance(label_a, tuple) or isinstance(label_b, tuple)
    if label_a == label_b or (known and label_a is not None and label_b is not None):
        return between(a, b, part, space), mixed_label(label_a, label_b, part, c_dim)
    return mixture(((a, 1 - part, label_a), (b, part, label_b)), space), None


def _between_sources(
    a: StyleSource, b: StyleSource, made: StyleSource, part: float, space: Space, c_dim: int
) -> StyleSource:
    """made: with what the table tells of it."""
    fractions = [source.fraction if source.on else 0.0 for source in (a, b)]
    latent, label = (a.latent, a.label) if not fractions[1] else (b.latent, b.label)
    if all(fractions) or not any(fractions):
        latent, label = _between_latents((a.latent, a.label), (b.latent, b.label), part, space, c_dim)
    fraction = min(max(fractions[0] + (fractions[1] - fractions[0]) * part, 0.0), 1.0)
    name = a.name if a.name == b.name or not fractions[1] else "" if all(fractions) else b.name
    return replace(made, latent=latent, label=label, fraction=fraction, on=any(fractions), name=name)


def _between_layers(
    first: RenderRequest, second: RenderRequest, mixed: RenderRequest, part: float
) -> tuple[LayerEdit, ...]:
    """With what no parameter is: kept styles and offsets. A random offset that only one of them has fades."""
    changes = {}
    for entry in range(max(len(first.layers), len(second.layers))):
        a, b = edit_at(first.layers, entry), edit_at(second.layers, entry)
        w = a.w if a.w is None or b.w is None or len(a.w) != len(b.w) else _mixed(a.w, b.w, part)
        offset = a.offset
        if a.offset != b.offset and (len(a.offset) == len(b.offset) or not (a.offset and b.offset)):
            nothing = (0.0,) * max(len(a.offset), len(b.offset))
            offset = _mixed(a.offset or nothing, b.offset or nothing, part)
        changes[entry] = {"w": w, "offset": offset, "jitter_seed": (a if a.jitter or not b.jitter else b).jitter_seed}
    return with_edits(mixed.layers, changes)


def _mixed(before: Sequence[float], after: Sequence[float], part: float) -> tuple[float, ...]:
    if before == after:
        return tuple(before)
    return tuple(a + (b - a) * part for a, b in zip(before, after, strict=True))


# ----------------------------------------------------------------------------
# What only one of two requests has, added to the other one with nothing of it.


def _aligned(before: RenderRequest, after: RenderRequest) -> tuple[RenderRequest, RenderRequest]:
    """Both with as many sources and networks, at the same places."""
    sources = _as_many(
        _labelled(before, after), _labelled(after, before),
        lambda source: None, lambda source: replace(source, fraction=0.0),
    )  # fmt: skip
    blends = _as_many(
        before.blends, after.blends, lambda blend: (blend.network, blend.features),
        lambda blend: Blend(blend.network, features=blend.features),
    )  # fmt: skip
    a, b = (
        replace(request, sources=own, blends=mixed)
        for request, own, mixed in zip((before, after), sources, blends, strict=True)
    )
    return a, b


def _labelled(request: RenderRequest, other: RenderRequest) -> tuple[StyleSource, ...]:
    """The sources with the label that they have of the request, where the other one has another."""
    if request.label == other.label:
        return request.sources
    return tuple(replace(s, label=request.label if s.label is None else s.label) for s in request.sources)


def _as_many(
    before: tuple[T, ...], after: tuple[T, ...], key: Callable[[T], object], without: Callable[[T], T]
) -> tuple[tuple[T, ...], tuple[T, ...]]:
    """Pairs of the same key in their order; what has no partner gets one that does nothing."""
    rest, a, b = list(after), list[T](), list[T]()
    for entry in before:
        partner = next((other for other in rest if key(other) == key(entry)), None)
        if partner is not None:
            rest.remove(partner)
        a.append(entry)
        b.append(without(entry) if partner is None else partner)
    return (*a, *map(without, rest)), (*b, *rest)
