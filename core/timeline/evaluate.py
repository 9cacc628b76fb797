"""The request at a time, and the value of a track. Imports no torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from core.base.errors import UsageError
from core.parameters import Parameter
from core.parameters.adaptation import fitted
from core.request import ModelInfo, RenderRequest, Space
from core.request.mixtures import mixed_label
from core.timeline.arranging import clip_at
from core.timeline.between import (
    LatentPlace,
    between_centres,
    between_matrices,
    fitting,
    mixed_requests,
    through,
    turned,
    upright,
)
from core.timeline.curves import Around, Placed, around, eased, number_between
from core.timeline.generators import value_of
from core.timeline.targets import (
    CENTRE,
    CLASS,
    LATENT,
    REQUEST,
    Nothing,
    Target,
    TargetKind,
    is_latent,
    known_target,
    target_of,
    with_many,
)
from core.timeline.timeline import Between, Drive, Key, KeyValue, Timeline, Track

# How loud a band of the sound is at a time, 0..1; None: there is no sound.
Envelope: TypeAlias = Callable[[float], float]
EnvelopeOf: TypeAlias = Callable[[Drive], Envelope | None]

NO_KEYS = "It has no keys and no clips."
MUTED = "It is muted."
FOREIGN = "Some of its keys mean nothing to this network; they do not count."
NOT_A_NUMBER = "Sound drives numbers only."


def silence(drive: Drive) -> Envelope | None:
    return None


def request_at(
    timeline: Timeline, base: RenderRequest, time_s: float, info: ModelInfo | None = None, *,
    without: Collection[str] = (), envelope_of: EnvelopeOf = silence,
) -> RenderRequest:  # fmt: skip
    """The base with what the tracks say at a time. What a track names that the request or network lacks is left out.

    Whole requests come first, then latents and classes, then single parameters, so that the finer counts. In a loop,
    times beyond the end are those of the next round.

    without: paths of tracks that do not count. envelope_of: the sound that drives tracks.
    """
    if timeline.loop and timeline.duration_s > 0:
        time_s %= timeline.duration_s
    heard = (track for track in timeline.tracks if not track.muted and track.path not in without)
    named = [(target, track) for track in heard if (target := known_target(track.path)) is not None]
    request, fine = base, list[tuple[Target, KeyValue]]()
    for target, track in sorted(named, key=lambda item: order(item[0])):
        if target.missing(request, info):
            continue
        value = track_value(timeline, track, request, time_s, info, envelope_of=envelope_of)
        if isinstance(value, Nothing):
            continue
        if target.is_one_of_many:
            fine.append((target, value))
        else:
            request = target.set(request, value)
    return with_many(request, fine)


def order(target: Target) -> int:
    """Whole requests first, then latents and classes, then parameters, at last those of single layers and channels."""
    if target.path == REQUEST:
        return 0
    if target.path in (LATENT, CLASS, CENTRE) or target.source is not None:
        return 1
    return 3 if target.is_one_of_many else 2


def why_still(
    timeline: Timeline, path: str, request: RenderRequest, info: ModelInfo | None, *, envelope_of: EnvelopeOf = silence
) -> str:  # fmt: skip
    """Why a track moves nothing; "": it does. request: the one that is shown."""
    try:
        target = target_of(path)
    except UsageError as error:
        return str(error)
    track = timeline.track(path)
    if track is None or not (track.keys or track.clips or track.drive is not None):
        return NO_KEYS
    if track.muted:
        return MUTED
    if reason := target.missing(request, info):
        return reason
    if not track.keys and not track.clips and track.drive is not None and not target.is_number:
        return NOT_A_NUMBER
    if info is not None and any(not target.takes(key.value, info) for key in track.keys):
        return FOREIGN
    if target.parameter is not None:
        return target.parameter.off(info, request, target.at)
    return ""


# ----------------------------------------------------------------------------
# The value of a track.


@dataclass(frozen=True)
class _Scene:
    """What the value of a track may depend on besides the track."""

    target: Target
    request: RenderRequest
    info: ModelInfo | None
    space: Space
    parameter: Parameter | None  # as it is with the network


def track_value(
    timeline: Timeline, track: Track, request: RenderRequest, time_s: float, info: ModelInfo | None = None, *,
    envelope_of: EnvelopeOf = silence,
) -> KeyValue | Nothing:  # fmt: skip
    """What a track says at a time: that of its clip there, else that of its keys; with the sound, if that drives it.

    request: what it has under the track. It has to have what the track names. Times are within the timeline.
    """
    target = target_of(track.path)
    parameter = target.parameter.fitted(info, request) if target.parameter is not None else None
    scene = _Scene(target, request, info, track.space, parameter)
    clip = clip_at(track, time_s) if track.clips else None
    value: KeyValue | Nothing = Nothing.NOTHING
    if clip is not None:
        value = value_of(clip, time_s, target, request, info, track.space)
    if isinstance(value, Nothing) and track.keys:
        period_s = timeline.duration_s if timeline.loop and timeline.duration_s > 0 else None
        value = _of_keys(around(track, time_s, period_s), scene)
    envelope = envelope_of(track.drive) if track.drive is not None and target.is_number else None
    if envelope is not None and track.drive is not None:
        value = _driven(value, track.drive.amount * envelope(time_s), scene)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and parameter is not None and target.is_number:
        return fitting(parameter, cast(float, value))
    return value


def _driven(value: KeyValue | Nothing, by: float, scene: _Scene) -> KeyValue | Nothing:
    """A number, or what is under the track, with so much added."""
    under = scene.target.get(scene.request) if isinstance(value, Nothing) else value
    number = _number(under, scene)
    return value if number is None else number + by


def _of_keys(found: Key | Around | None, scene: _Scene) -> KeyValue | Nothing:
    if found is None:
        return Nothing.NOTHING
    if isinstance(found, Key):
        return _allowed(found.value, scene)
    match scene.target.kind:
        case TargetKind.NUMBER | TargetKind.WHOLE | TargetKind.ANGLE:
            return _number_at(found, scene)
        case TargetKind.LATENT:
            return _latent_at(found, scene)
    before, after = _allowed(found.left.key.value, scene), _allowed(found.right.key.value, scene)
    part = eased(found.left.key.between, found.part)
    if isinstance(before, Nothing) or isinstance(after, Nothing) or part == 0:
        return before
    match scene.target.kind:
        case TargetKind.LABEL:
            c_dim = scene.info.c_dim if scene.info is not None else 0
            return mixed_label(cast(Any, before), cast(Any, after), part, c_dim)
        case TargetKind.TRANSFORM:
            return between_matrices(cast(Any, before), cast(Any, after), part)
        case TargetKind.REQUEST:
            return mixed_requests(cast(Any, before), cast(Any, after), part, scene.space, scene.info)
    return before


def _number_at(found: Around, scene: _Scene) -> KeyValue | Nothing:
    left, right = _placed_number(found.left, scene), _placed_number(found.right, scene)
    if left is None or right is None:
        return found.left.key.value
    before, after = _placed_number(found.before, scene), _placed_number(found.after, scene)
    if scene.target.kind is not TargetKind.ANGLE:
        return number_between(found, left, right, before, after)
    right = turned(left, right)
    before = None if before is None else left - (turned(before, left) - before)
    after = None if after is None else turned(right, after)
    return upright(number_between(found, left, right, before, after))


def _placed_number(placed: Placed | None, scene: _Scene) -> float | None:
    return None if placed is None else _number(placed.key.value, scene)


def _number(value: KeyValue, scene: _Scene) -> float | None:
    """A value as a number: what None comes to, where it does; None: it is no number."""
    if type(value) is float:
        return value if math.isfinite(value) else None
    if value is None and scene.target.parameter is not None:
        value = scene.target.parameter.stand_in(scene.info, scene.request, scene.target.at)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(cast(float, value)) if is_number and math.isfinite(cast(float, value)) else None


def _latent_at(found: Around, scene: _Scene) -> KeyValue | Nothing:
    """Linearly in W, or spherically in Z; with cubic, along one curve through all keys."""
    left, right = _allowed(found.left.key.value, scene), _allowed(found.right.key.value, scene)
    if isinstance(left, Nothing) or isinstance(right, Nothing):
        return left
    places = [_latent_place(placed, scene) for placed in (found.before, found.left, found.right, found.after)]
    before, first, second, after = places
    if found.left.key.between is Between.CUBIC and first is not None and second is not None:
        return through(before, first, second, after, found.part, scene.space)
    return between_centres(cast(Any, left), cast(Any, right), eased(found.left.key.between, found.part), scene.space)


def _latent_place(placed: Placed | None, scene: _Scene) -> LatentPlace | None:
    """None: there is no key, or it holds no latent."""
    value = _allowed(placed.key.value, scene) if placed is not None else None
    return LatentPlace(placed.time_s, value) if placed is not None and is_latent(value) else None


def _allowed(value: KeyValue, scene: _Scene) -> KeyValue | Nothing:
    """What a key holds, if it is of the kind of its track and means something to the network."""
    if not scene.target.takes(value, scene.info):
        return Nothing.NOTHING
    if isinstance(value, RenderRequest) and scene.info is not None:
        return fitted(value, scene.info)[0]
    return value
