"""What an edit of the shown request does where things move: keys, or values that hold until the playhead moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from core.parameters import diff
from core.parameters.table import (
    CENTRE_COUNT,
    CENTRE_X,
    CENTRE_Y,
    LABEL,
    LATENT_X,
    LATENT_Y,
    SOURCE_LABEL,
    SOURCE_X,
    SOURCE_Y,
)
from core.request import ModelInfo, RenderRequest, SeedPoint
from core.timeline.arranging import clip_at
from core.timeline.editing import with_value
from core.timeline.evaluate import EnvelopeOf, order, silence
from core.timeline.targets import CENTRE, CLASS, LATENT, REQUEST, TRANSFORM, Target, known_target, target_of
from core.timeline.timeline import KeyValue, Timeline, Track

# Of latents, labels and centres, which are keyed as a whole.
OF_WHOLES = frozenset(parameter.path for parameter in (
    LATENT_X, LATENT_Y, LABEL, SOURCE_X, SOURCE_Y, SOURCE_LABEL, CENTRE_X, CENTRE_Y, CENTRE_COUNT,
))  # fmt: skip
# How the picture is looked at: it is keyed only where it moves already.
LOOKING = ("view.", "precision")


@dataclass(frozen=True)
class Edited:
    """What becomes of an edit."""

    base: RenderRequest
    timeline: Timeline
    loose: frozenset[str] = frozenset()  # paths that show the base in place of their track


def edited(
    now: Edited, shown: RenderRequest, wanted: RenderRequest, time_s: float, *, auto_key: bool,
    info: ModelInfo | None = None, envelope_of: EnvelopeOf = silence,
) -> Edited:  # fmt: skip
    """The edit of what is shown at a time to what is wanted there.

    What nothing moves goes to the base. What moves gets a key, as does anything else, if keys are set by themselves;
    else, and where a clip lies over the keys, it is loose: the base has it, and counts in place of the track.
    """
    moving = {track.path: track for track in now.timeline.tracks if _moves(track, wanted, info)}
    timeline, loose = now.timeline, set(now.loose)
    for path in _changed(shown, wanted, moving):
        if path not in moving and (not auto_key or path.startswith(LOOKING)):
            continue
        if auto_key and (path not in moving or clip_at(moving[path], time_s) is None):
            value = _without_sound(moving.get(path), target_of(path).get(wanted), time_s, envelope_of)
            timeline = with_value(timeline, path, time_s, value)
            loose.discard(path)
        else:
            loose.add(path)
    return Edited(_base(now.base, wanted, timeline, loose, info), timeline, frozenset(loose))


def _moves(track: Track, request: RenderRequest, info: ModelInfo | None) -> bool:
    target, has_any = known_target(track.path), bool(track.keys or track.clips or track.drive is not None)
    return has_any and not track.muted and target is not None and not target.missing(request, info)


def _changed(shown: RenderRequest, wanted: RenderRequest, moving: dict[str, Track]) -> tuple[str, ...]:
    """The paths that an edit is of: where the whole picture moves, it is of that, but for what moves by itself."""
    own = [path for path in moving if _differs(path, shown, wanted)]
    if REQUEST not in moving:
        return tuple(dict.fromkeys((*changed_paths(shown, wanted, moving), *own)))
    rest = shown
    for target in sorted(map(target_of, own), key=order):
        rest = rest if target.missing(rest) else target.set(rest, target.get(wanted))
    return tuple(own) if rest == wanted else (*own, REQUEST)


def _differs(path: str, before: RenderRequest, after: RenderRequest) -> bool:
    """Whether a single thing that moves has another value, or was not there before."""
    target = target_of(path)
    return path != REQUEST and (bool(target.missing(before)) or target.get(before) != target.get(after))


def _without_sound(track: Track | None, value: KeyValue, time_s: float, envelope_of: EnvelopeOf) -> KeyValue:
    """What a key has to hold, so that the value is seen once the sound is added."""
    envelope = envelope_of(track.drive) if track is not None and track.drive is not None else None
    if envelope is None or track is None or track.drive is None or not target_of(track.path).is_number:
        return value
    by = track.drive.amount * envelope(time_s)
    return cast(float, value) - by if isinstance(value, int | float) and by else value


def _base(
    before: RenderRequest, wanted: RenderRequest, timeline: Timeline, loose: set[str], info: ModelInfo | None
) -> RenderRequest:  # fmt: skip
    """What is wanted, but where tracks tell it: what was there before, for when they are gone."""
    still = [track.path for track in timeline.tracks if track.path not in loose and _moves(track, wanted, info)]
    if REQUEST in still:
        return before
    base = wanted
    for target in sorted(map(target_of, still), key=order):
        if not target.missing(before, info):
            base = target.set(base, target.get(before))
    return base


def changed_paths(before: RenderRequest, after: RenderRequest, moving: dict[str, Track]) -> Iterator[str]:
    """The paths of what differs; latents and the transform as a whole where they move as such, labels always."""
    yield from _latent(LATENT, before, after, moving, (LATENT_X.path, LATENT_Y.path))
    yield from _whole(CLASS, before, after)
    if len(before.sources) == len(after.sources):
        for number in range(len(after.sources)):
            parts = (SOURCE_X.path_at((number,)), SOURCE_Y.path_at((number,)))
            yield from _latent(f"sources[{number}].{LATENT}", before, after, moving, parts)
            yield from _whole(f"sources[{number}].{CLASS}", before, after)
    yield from _latent(CENTRE, before, after, moving, (CENTRE_X.path, CENTRE_Y.path, CENTRE_COUNT.path))
    if TRANSFORM in moving:
        yield from _whole(TRANSFORM, before, after)
    for change in diff(before, after):
        told = TRANSFORM in moving if change.path.startswith(TRANSFORM) else change.parameter.path in OF_WHOLES
        if not told:
            yield change.path


def _whole(path: str, before: RenderRequest, after: RenderRequest) -> Iterator[str]:
    target = target_of(path)
    if target.get(before) != target.get(after):
        yield path


def _latent(
    path: str, before: RenderRequest, after: RenderRequest, moving: dict[str, Track], parts: tuple[str, ...]
) -> Iterator[str]:  # fmt: skip
    """A latent, or the numbers of its place on the seed map that move."""
    target: Target = target_of(path)
    old, new = target.get(before), target.get(after)
    if old == new:
        return
    own = [part for part in parts if part in moving]
    if not own or not isinstance(new, SeedPoint):
        yield path
    for part in own:
        if not isinstance(new, SeedPoint) or target_of(part).get(before) != target_of(part).get(after):
            yield part
