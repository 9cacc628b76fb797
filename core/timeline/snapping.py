"""Where times snap to: frames, beats, keys, markers. Imports no torch."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Container, Iterable, Sequence
from fractions import Fraction

from core.timeline.editing import KeyAt
from core.timeline.timeline import SoundTrack, Timeline


def frame_at(time_s: float, rate: Fraction) -> int:
    """The frame that is nearest to a time."""
    return math.floor(Fraction(time_s) * rate + Fraction(1, 2))


def time_of(frame: int, rate: Fraction) -> float:
    """When a frame is shown."""
    return float(frame / rate)


def to_frame(time_s: float, rate: Fraction) -> float:
    """The time of the nearest frame."""
    return time_of(frame_at(time_s, rate), rate)


def beats_of(sound: SoundTrack | None, duration_s: float) -> tuple[float, ...]:
    """When the beats of a sound with a tempo are, within a timeline; none without one."""
    if sound is None or not sound.bpm > 0 or not math.isfinite(sound.bpm):
        return ()
    step_s, first_s = 60 / sound.bpm, sound.offset_s + sound.first_beat_s
    first = math.ceil(-first_s / step_s)
    last = math.floor((duration_s - first_s) / step_s)
    return tuple(first_s + step_s * beat for beat in range(first, last + 1))


def places_of(timeline: Timeline, *, without: Container[KeyAt] = (), beats: Iterable[float] = ()) -> tuple[float, ...]:
    """What times snap to besides frames, in order: keys, ends of clips, markers, in and out, and beats.

    without: keys that are being moved.
    """
    times = {timeline.start_s, timeline.duration_s if timeline.end_s is None else timeline.end_s, *beats}
    times |= {marker.time_s for marker in timeline.markers}
    for track in timeline.tracks:
        times |= {key.time_s for key in track.keys if not without or KeyAt(track.path, key.time_s) not in without}
        times |= {end for clip in track.clips for end in (clip.start_s, clip.end_s)}
    return tuple(sorted(times))


def nearest(time_s: float, places: Sequence[float], within_s: float = math.inf) -> float | None:
    """The nearest of several times in order, if it is not farther than that."""
    after = bisect_left(places, time_s)
    near = min(places[max(after - 1, 0) : after + 1], key=lambda place: abs(place - time_s), default=None)
    return near if near is not None and abs(near - time_s) <= within_s else None


def snapped(
    time_s: float, places: Sequence[float], within_s: float, rate: Fraction | None = None
) -> float:  # fmt: skip
    """The nearest of several places if one is near; else the nearest frame, or without a rate the time itself."""
    near = nearest(time_s, places, within_s)
    if near is not None:
        return near
    return time_s if rate is None else to_frame(time_s, rate)
