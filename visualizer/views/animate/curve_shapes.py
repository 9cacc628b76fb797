"""Curves of numbers on the screen: the scale of values, sampled curves, where keys and their handles lie."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.timeline import Between, Key, Tangent, Timeline, Track
from core.timeline.curves import Point, slope
from core.timeline.editing import KeyAt, changed_keys
from visualizer.toolkit.paint import Rect
from visualizer.views.animate.scale import TimeScale

PADDING = 0.12  # of the span of values, above and below
FLAT = 0.5  # span around a curve that is flat
SAMPLE = 4  # pixels from one point of a curve to the next
FINE = (0.5, 1.6)  # times the zoom that a curve was sampled for
JUST_BEFORE_S = 1e-6
LEAST_SPAN, MOST_SPAN = 1e-9, 1e12

UNIT = Rect(0, 0, 1, 1)

Sample = Callable[[Track, float], float | None]  # the number of a track at a time


@dataclass
class ValueScale:
    """Values to device pixels and back. Set `r` before it is used in a frame."""

    r: Rect = UNIT
    low: float = 0.0  # at the bottom
    high: float = 1.0

    @property
    def span(self) -> float:
        return self.high - self.low

    def at(self, value: float) -> float:
        return self.r.bottom - (value - self.low) / self.span * self.r.h

    def value(self, y: float) -> float:
        return self.low + (self.r.bottom - y) / self.r.h * self.span

    def fit(self, values: Iterable[float]) -> None:
        """Show all of them."""
        values = list(values)
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        if high - low < LEAST_SPAN * max(1.0, abs(high)):
            low, high = low - FLAT, high + FLAT
        self.low, self.high = low - PADDING * (high - low), high + PADDING * (high - low)

    def zoom(self, y: float, factor: float) -> None:
        """Around a height."""
        kept, span = self.value(y), min(max(self.span / factor, LEAST_SPAN), MOST_SPAN)
        share = (self.r.bottom - y) / self.r.h
        self.low = kept - share * span
        self.high = self.low + span

    def pan(self, dy: float) -> None:
        by = dy / self.r.h * self.span
        self.low, self.high = self.low + by, self.high + by


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def numbers(track: Track) -> list[Key]:
    """Its keys that hold numbers."""
    return [key for key in track.keys if is_number(key.value)]


def number(key: Key) -> float:
    assert isinstance(key.value, int | float)  # of those in `numbers`
    return float(key.value)


def sampled(track: Track, sample: Sample, times: Iterable[float]) -> list[tuple[float, float]]:
    """Times and values along a curve."""
    points = ((time_s, sample(track, time_s)) for time_s in times)
    return [(time_s, value) for time_s, value in points if value is not None]


@dataclass(frozen=True, eq=False)
class Sampled:
    """A piece of a curve that was sampled, longer than what is seen, so that it serves while time is moved."""

    of: tuple[object, ...]  # what it was made of
    start_s: float
    end_s: float
    per_s: float  # pixels, for which it is fine enough
    points: npt.NDArray[np.float64]  # [N, 2], times and values

    def serves(self, start_s: float, end_s: float, per_s: float) -> bool:
        fine = FINE[0] <= per_s / self.per_s <= FINE[1]
        return fine and self.start_s <= start_s and end_s <= self.end_s


def sample_around(
    of: tuple[object, ...], track: Track, sample: Sample, scale: TimeScale, duration_s: float
) -> Sampled:  # fmt: skip
    """What is seen of a curve and half as much at both sides; with the keys, where it may turn or jump."""
    margin = (scale.end_s - scale.start_s) / 2
    start_s, end_s = max(scale.start_s - margin, 0.0), min(scale.end_s + margin, duration_s)
    count = max(2, int((end_s - start_s) * scale.per_s / SAMPLE))
    times = np.linspace(start_s, end_s, count)
    keys = [key for key in track.keys if start_s <= key.time_s <= end_s]
    if len(keys) < count / 2:
        jumps = [key.time_s - JUST_BEFORE_S for key in keys if key.time_s > start_s]
        times = np.unique(np.concatenate((times, [key.time_s for key in keys], jumps)))
    points = np.array(sampled(track, sample, times.tolist()), np.float64).reshape(-1, 2)
    # Before the start and behind the end there is nothing to be missed.
    return Sampled(of, -np.inf if start_s == 0 else start_s, np.inf if end_s == duration_s else end_s, scale.per_s,
                   points)  # fmt: skip


# ----------------------------------------------------------------------------
# Tangents.


@dataclass(frozen=True)
class Handle:
    """An end of a tangent that can be taken hold of."""

    key: KeyAt
    side: str  # "left" or "right"
    time_s: float
    value: float


def handles(track: Track, keys: Sequence[Key], index: int) -> list[Handle]:
    """Of one of the keys that hold numbers: towards each neighbour."""
    key, found = keys[index], []
    points = [Point(each.time_s, number(each)) for each in keys[max(index - 2, 0) : index + 3]]
    at = index - max(index - 2, 0)
    for side, by in (("left", -1), ("right", 1)):
        if not 0 <= at + by < len(points):
            continue
        given: Tangent | None = getattr(key, side)
        tangent = given or _along(points, at, by)
        found.append(Handle(KeyAt(track.path, key.time_s), side, key.time_s + tangent.seconds,
                            number(key) + tangent.value))  # fmt: skip
    return found


def _along(points: Sequence[Point], at: int, by: int) -> Tangent:
    """A third of the way to a neighbour, along the curve through all keys."""
    left = min(at, at + by)

    def point(i: int) -> Point | None:
        return points[i] if 0 <= i < len(points) else None

    slopes = slope(point(left - 1), points[left], points[left + 1], point(left + 2))
    seconds = (points[left + 1].time_s - points[left].time_s) / 3 * by
    return Tangent(seconds, slopes[0 if by > 0 else 1] * seconds)


def with_handle(
    timeline: Timeline, track: Track, handle: Handle, time_s: float, value: float, *, alone: bool
) -> Timeline:  # fmt: skip
    """With a tangent that ends there; what lies at its side of the key follows tangents from now on.

    alone: the tangent at the other side stays; else it goes along, as long as it was.
    """
    keys = numbers(track)
    index = next(i for i, key in enumerate(keys) if key.time_s == handle.key.time_s)
    key = keys[index]
    sign = 1 if handle.side == "right" else -1
    seconds = sign * max(sign * (time_s - key.time_s), 1e-4)
    tangent = Tangent(seconds, value - number(key))
    new = _with_tangent(key, handle.side, tangent)
    others = [each for each in handles(track, keys, index) if each.side != handle.side]
    if others and not alone:
        length = others[0].time_s - key.time_s
        mirrored = Tangent(length, tangent.value / tangent.seconds * length)
        new = _with_tangent(new, others[0].side, mirrored)
    if handle.side == "right" or (others and not alone):
        new = replace(new, between=Between.BEZIER)
    timeline = changed_keys(timeline, [handle.key], lambda _: new)
    if index and (handle.side == "left" or (others and not alone)):
        before = KeyAt(track.path, keys[index - 1].time_s)
        timeline = changed_keys(timeline, [before], lambda key: replace(key, between=Between.BEZIER))
    return timeline


def _with_tangent(key: Key, side: str, tangent: Tangent) -> Key:
    return replace(key, left=tangent) if side == "left" else replace(key, right=tangent)
