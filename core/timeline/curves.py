"""What lies between keys: easings (after Penner), cubic curves, tangents, and loops. Imports no torch."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass

from core.timeline.timeline import Between, Key, Tangent, Track

OVERSHOOT = 1.70158  # of "back": 10 % of the way
BOUNCE, BOUNCES = 7.5625, 2.75  # how fast it falls, and how long it takes, so that the first touch is at 1 / 2.75
ELASTIC_PERIOD = 0.3  # of the whole
STEPS = 40  # of the search for a point of a curve
EXACT = 1e-12
CURVES = (Between.CUBIC, Between.BEZIER)  # which more keys tell than two

# ----------------------------------------------------------------------------
# Easings: 0..1 -> how much of the way, which may lie beyond 0..1.


def eased(between: Between, part: float) -> float:
    """How much of the way from a key to the next one is gone, when so much of the time is. 0 -> 0, 1 -> 1.

    What needs more than two numbers (cubic, bezier) is as smooth.
    """
    if between is Between.HOLD or part in (0, 1):
        return 0.0 if part < 1 else 1.0
    match between:
        case Between.LINEAR:
            return part
        case Between.EASE_IN:
            return part**3
        case Between.EASE_OUT:
            return 1 - (1 - part) ** 3
        case Between.EASE_IN_OUT:
            return 4 * part**3 if part < 0.5 else 1 - 4 * (1 - part) ** 3
        case Between.BACK_IN:
            return _back(part)
        case Between.BACK:
            return 1 - _back(1 - part)
        case Between.BACK_IN_OUT:
            return _back(2 * part) / 2 if part < 0.5 else 1 - _back(2 - 2 * part) / 2
        case Between.BOUNCE_IN:
            return 1 - _bounce(1 - part)
        case Between.BOUNCE:
            return _bounce(part)
        case Between.BOUNCE_IN_OUT:
            return (1 - _bounce(1 - 2 * part)) / 2 if part < 0.5 else (1 + _bounce(2 * part - 1)) / 2
        case Between.ELASTIC_IN:
            return _elastic(part)
        case Between.ELASTIC:
            return 1 - _elastic(1 - part)
        case Between.ELASTIC_IN_OUT:
            return _elastic(2 * part) / 2 if part < 0.5 else 1 - _elastic(2 - 2 * part) / 2
    return part * part * (3 - 2 * part)


def _back(part: float) -> float:
    return part * part * ((OVERSHOOT + 1) * part - OVERSHOOT)


def _bounce(part: float) -> float:
    """Four parabolas, each half as long as the one before."""
    touches = ((1.0, 0.0, 0.0), (2.0, 1.5, 0.75), (2.5, 2.25, 0.9375))  # until, middle, lowest
    for until, middle, lowest in touches:
        if part < until / BOUNCES:
            return BOUNCE * (part - middle / BOUNCES) ** 2 + lowest
    return BOUNCE * (part - 2.625 / BOUNCES) ** 2 + 0.984375


def _elastic(part: float) -> float:
    """Swings that grow, ending at 1."""
    if part in (0, 1):
        return part
    return -(2 ** (10 * (part - 1))) * math.sin((part - 1 - ELASTIC_PERIOD / 4) * 2 * math.pi / ELASTIC_PERIOD)


# ----------------------------------------------------------------------------
# Where a time lies among keys.


@dataclass(frozen=True)
class Placed:
    """A key and when it counts, which in a loop may be rounds earlier or later than it says."""

    time_s: float
    key: Key


@dataclass(frozen=True)
class Around:
    """The keys around a time: before it and after it; for a curve one more at each side, where there are any."""

    left: Placed
    right: Placed
    part: float  # 0..1 of the time from the left one to the right one
    before: Placed | None = None
    after: Placed | None = None

    @property
    def seconds(self) -> float:
        return self.right.time_s - self.left.time_s

    @property
    def between(self) -> Between:
        return self.left.key.between


def around(track: Track, time_s: float, period_s: float | None = None) -> Key | Around | None:
    """The keys of a track around a time; a single one where that holds; None without keys.

    period_s: of a loop, in which the last key leads to the first one, a round later. Keys outside it do not count.
    """
    keys, times = track.keys, track.times
    first, last = 0, len(keys)
    if period_s is not None:
        first = bisect_right(times, -EXACT)
        last = bisect_right(times, period_s + EXACT)
        if last - first > 1 and times[last - 1] >= period_s - EXACT and times[first] <= EXACT:
            last -= 1  # the end is the start, and that has a key
        time_s %= period_s
    count = last - first
    if count <= 0:
        return None
    index = bisect_right(times, time_s, first, last) - first - 1
    if count == 1 or (period_s is None and not 0 <= index < count - 1):
        return keys[first + min(max(index, 0), count - 1)]

    def placed(i: int) -> Placed:
        rounds, i = divmod(i, count)
        key = keys[first + i]
        return Placed(key.time_s + (rounds * period_s if period_s is not None else 0.0), key)

    left, right = placed(index), placed(index + 1)
    if time_s <= left.time_s:
        return left.key
    curved = left.key.between in CURVES
    within = period_s is not None
    return Around(
        left, right, (time_s - left.time_s) / (right.time_s - left.time_s),
        placed(index - 1) if curved and (within or index > 0) else None,
        placed(index + 2) if curved and (within or index + 2 < count) else None,
    )  # fmt: skip


# ----------------------------------------------------------------------------
# Numbers.


@dataclass(frozen=True)
class Point:
    """A number at a time."""

    time_s: float
    value: float


def number_between(it: Around, left: float, right: float, before: float | None, after: float | None) -> float:
    """The number at a time between two keys with these numbers, and those of the keys beside them, if there are any."""
    if it.between not in CURVES:
        return left + (right - left) * eased(it.between, it.part)
    a, b = Point(it.left.time_s, left), Point(it.right.time_s, right)
    earlier = Point(it.before.time_s, before) if it.before is not None and before is not None else None
    later = Point(it.after.time_s, after) if it.after is not None and after is not None else None
    slopes = slope(earlier, a, b, later)
    if it.between is Between.CUBIC:
        return hermite(left, right, slopes[0] * it.seconds, slopes[1] * it.seconds, it.part)
    return _bezier(it, left, right, slopes)


def slope(before: Point | None, left: Point, right: Point, after: Point | None) -> tuple[float, float]:
    """The slopes of the curve through all keys at two of them, units a second.

    Steffen 1990 (A simple method for monotonic interpolation in one dimension): smooth in slope, by the neighbours
    only, and never beyond the keys on both sides.
    """
    first = _slope_at(before, left, right) if before is not None else _slope_at_end(left, right, after)
    if after is not None:
        return first, _slope_at(left, right, after)
    return first, _slope_at_end(right, left, before)


def _slope_at(before: Point, at: Point, after: Point) -> float:
    h0, h1 = at.time_s - before.time_s, after.time_s - at.time_s
    s0, s1 = (at.value - before.value) / h0, (after.value - at.value) / h1
    if s0 * s1 <= 0:
        return 0.0
    parabola = (s0 * h1 + s1 * h0) / (h0 + h1)
    return math.copysign(2 * min(abs(s0), abs(s1), abs(parabola) / 2), s0)


def _slope_at_end(end: Point, near: Point, far: Point | None) -> float:
    """Of the parabola through the last three keys, as far as it stays between them."""
    h0 = near.time_s - end.time_s
    s0 = (near.value - end.value) / h0
    if far is None:
        return s0
    h1 = far.time_s - near.time_s
    s1 = (far.value - near.value) / h1
    parabola = s0 + (s0 - s1) * h0 / (h0 + h1)
    if parabola * s0 <= 0:
        return 0.0
    return math.copysign(min(abs(parabola), 2 * abs(s0)), s0)


def hermite(left: float, right: float, slope_left: float, slope_right: float, part: float) -> float:
    """The cubic between two numbers with slopes at both, units a segment."""
    a, b, c, d = hermite_weights(part)
    return a * left + b * right + c * slope_left + d * slope_right


def hermite_weights(part: float) -> tuple[float, float, float, float]:
    """Of both ends, and of the slopes at both."""
    rest = 1 - part
    return (1 + 2 * part) * rest * rest, part * part * (3 - 2 * part), part * rest * rest, -part * part * rest


def _bezier(it: Around, left: float, right: float, slopes: tuple[float, float]) -> float:
    """By the tangents, each shortened to the segment, so that time goes on; without one, along the slope."""
    x1, y1 = _handle(it.left.key.right, it.seconds, slopes[0])
    x2, y2 = _handle(_mirrored(it.right.key.left), it.seconds, -slopes[1])
    u = _solved(x1 / it.seconds, 1 - x2 / it.seconds, it.part)
    return _cubic(left, left + y1, right + y2, right, u)


def _mirrored(tangent: Tangent | None) -> Tangent | None:
    return None if tangent is None else Tangent(-tangent.seconds, tangent.value)


def _handle(tangent: Tangent | None, seconds: float, slope: float) -> tuple[float, float]:
    """Seconds into the segment, and units of the value."""
    if tangent is None:
        return seconds / 3, slope * seconds / 3
    if tangent.seconds <= seconds:
        return max(tangent.seconds, 0.0), tangent.value
    return seconds, tangent.value * seconds / tangent.seconds


def _cubic(p0: float, p1: float, p2: float, p3: float, u: float) -> float:
    rest = 1 - u
    return rest**3 * p0 + 3 * rest * rest * u * p1 + 3 * rest * u * u * p2 + u**3 * p3


def _solved(x1: float, x2: float, x: float) -> float:
    """Where the curve 0, x1, x2, 1 is at x; it rises, as x1 and x2 lie within 0..1. By halving, and Newton's steps."""
    low, high, u = 0.0, 1.0, x
    for _ in range(STEPS):
        miss = _cubic(0, x1, x2, 1, u) - x
        if abs(miss) < EXACT:
            break
        low, high = (u, high) if miss < 0 else (low, u)
        rise = 3 * ((1 - u) ** 2 * x1 + 2 * (1 - u) * u * (x2 - x1) + u * u * (1 - x2))
        u = u - miss / rise if rise > EXACT else low
        if not low < u < high:
            u = (low + high) / 2
    return u
