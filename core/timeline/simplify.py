"""Requests over time, such as a recording of what was done, as tracks with few keys. Imports no torch."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import cast

import numpy as np
import numpy.typing as npt

from core.parameters.table import LATENT_X, LATENT_Y, SOURCE_X, SOURCE_Y
from core.request import RenderRequest, SeedPoint
from core.request.edits import edit_at
from core.timeline.between import upright
from core.timeline.editing import in_order, with_track
from core.timeline.keying import changed_paths
from core.timeline.targets import LATENT, REQUEST, TargetKind, target_of
from core.timeline.timeline import RATE, Between, Key, KeyValue, Timeline, Track

Floats = npt.NDArray[np.float64]

TOLERANCE = 0.005  # of the range of a parameter
JUMP = 1.0  # of the seed map, from one moment to the next: what goes farther is another seed
HALF_TURN = 180.0  # degrees

Moments = Sequence[tuple[float, RenderRequest]]


def timeline_of(moments: Moments, *, tolerance: float = TOLERANCE, rate: Fraction = RATE) -> Timeline:
    """A timeline that moves through requests at their times, in order; the first one, at 0, is its base.

    Numbers lie within a tolerance of what they were, relative to the range of their parameter (of those without one, to
    how far they went), on straight lines between as few keys as that takes (Ramer 1972, Douglas and Peucker 1973, by
    the difference at each time). What makes steps has a key at each. Walks on the seed map are walks; a leap to another
    latent, and whatever no single track tells, holds until the next one.
    """
    if not moments:
        return Timeline(rate=rate)
    times = np.array([time_s for time_s, _ in moments]) - moments[0][0]
    requests = [request for _, request in moments]
    duration_s = float(times[-1]) + float(1 / rate)  # so that the last one is a frame
    timeline = Timeline(duration_s=duration_s, rate=rate)
    starts = _new_wholes(requests)
    if len(starts) > 1:
        keys = tuple(Key(float(times[i]), requests[i], Between.HOLD) for i in starts)
        timeline = with_track(timeline, Track(REQUEST, keys))
    for path in _moving(requests, starts):
        track = _track(path, times, requests, tolerance)
        timeline = with_track(timeline, track) if track.keys else timeline
    return timeline


# ----------------------------------------------------------------------------
# What moves.


def _shape(request: RenderRequest) -> tuple[object, ...]:
    """What no track of a single thing tells."""
    entries = range(len(request.layers))
    vectors = tuple((entry, edit.w, edit.offset) for entry in entries
                    if (edit := edit_at(request.layers, entry)).w is not None or edit.offset)  # fmt: skip
    names = tuple(source.name for source in request.sources)
    return request.network, names, tuple(blend.network for blend in request.blends), vectors


def _new_wholes(requests: Sequence[RenderRequest]) -> list[int]:
    """Where something begins that no track of a single thing tells."""
    found, shape = [0], _shape(requests[0])
    for index, request in enumerate(requests[1:], 1):
        if request is not requests[index - 1] and (new := _shape(request)) != shape:
            shape = new
            found.append(index)
    return found


def _moving(requests: Sequence[RenderRequest], starts: Sequence[int]) -> list[str]:
    """The paths of all that differs from moment to moment, where requests have the same parts."""
    on_map: dict[str, Track] = {}
    for path, latents in _latents(requests).items():
        if all(isinstance(latent, SeedPoint) for latent in latents):
            parts = (LATENT_X, LATENT_Y) if path == LATENT else (SOURCE_X, SOURCE_Y)
            at = () if path == LATENT else (cast(int, target_of(path).source),)
            on_map |= {part.path_at(at): Track(part.path_at(at)) for part in parts}
    found: dict[str, None] = {}
    for before, after in itertools.pairwise(requests):
        if before is not after and before != after:
            found |= dict.fromkeys(changed_paths(before, after, on_map))
    return list(found)


def _latents(requests: Sequence[RenderRequest]) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {LATENT: [request.latent for request in requests]}
    for number in range(min(len(request.sources) for request in requests)):
        found[f"sources[{number}].{LATENT}"] = [request.sources[number].latent for request in requests]
    return found


# ----------------------------------------------------------------------------
# One track.


def _track(path: str, times: Floats, requests: Sequence[RenderRequest], tolerance: float) -> Track:
    """From what the requests say that have such a thing."""
    target = target_of(path)
    there = [index for index, request in enumerate(requests) if not target.missing(request)]
    values = [target.get(requests[index]) for index in there]
    own = times[there]
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if not target.is_number or len(numbers) < len(values):
        return Track(path, _steps(own, values))
    curve = np.array(numbers, np.float64)
    if target.kind is TargetKind.ANGLE:
        curve = np.unwrap(curve, period=2 * HALF_TURN)
    allowed = tolerance * _span(path, curve)
    allowed = max(allowed, 0.5) if target.kind is TargetKind.WHOLE else allowed
    jump = JUMP if target.parameter in (LATENT_X, LATENT_Y, SOURCE_X, SOURCE_Y) else math.inf
    kept = _kept(own, curve, allowed, jump)
    made = [_key(own, curve, index, target.kind, jump) for index in kept]
    return Track(path, in_order(made))


def _steps(times: Floats, values: Sequence[KeyValue]) -> tuple[Key, ...]:
    """A key where a value is another one than before."""
    changes = [i for i, value in enumerate(values) if i == 0 or value != values[i - 1]]
    return in_order(Key(float(times[i]), values[i], Between.HOLD) for i in changes)


def _span(path: str, curve: Floats) -> float:
    """The range of a parameter; without one, how far it went."""
    parameter = target_of(path).parameter
    low, high = parameter.range if parameter is not None else (-math.inf, math.inf)
    return high - low if math.isfinite(high - low) else float(np.ptp(curve))


def _key(times: Floats, curve: Floats, index: int, kind: TargetKind, jump: float) -> Key:
    leaps = index + 1 < len(curve) and abs(curve[index + 1] - curve[index]) > jump
    value = float(curve[index])
    value = upright(value) if kind is TargetKind.ANGLE else value
    whole = kind is TargetKind.WHOLE
    return Key(float(times[index]), round(value) if whole else value, Between.HOLD if leaps else Between.LINEAR)


def _kept(times: Floats, curve: Floats, allowed: float, jump: float) -> list[int]:
    """Which moments stay: the first and the last, those around leaps, and as few between as the curve needs."""
    leaps = np.flatnonzero(np.abs(np.diff(curve)) > jump)
    bounds = sorted({0, len(curve) - 1, *leaps.tolist(), *(leaps + 1).tolist()})
    kept, rest = set(bounds), [(a, b) for a, b in itertools.pairwise(bounds) if b - a > 1]
    while rest:
        first, last = rest.pop()
        part = slice(first + 1, last)
        ways = (times[part] - times[first]) / max(times[last] - times[first], 1e-12)
        miss = np.abs(curve[part] - (curve[first] + (curve[last] - curve[first]) * ways))
        worst = first + 1 + int(miss.argmax())
        if miss.max() > allowed:
            kept.add(worst)
            rest += [(a, b) for a, b in ((first, worst), (worst, last)) if b - a > 1]
    return sorted(kept)
