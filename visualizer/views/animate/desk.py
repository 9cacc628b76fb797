"""What the parts of the timeline share: where time lies, how far it is scrolled, what is folded."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from core.timeline import Key, Timeline, Track
from visualizer.toolkit.paint import Rect
from visualizer.views.animate.curve_shapes import numbers
from visualizer.views.animate.scale import TimeScale

Times = npt.NDArray[np.float64]
PITCH = 24  # of the lines, pixels at scale 1
LIST_WIDTH, LIST_NARROW, NARROW = 268, 196, 620  # of the list; in an area narrower than that
KEY_SIZE = 5.5  # from the middle of a diamond to its corners
REACH = 8  # pixels from a key that take hold of it


class Mode(StrEnum):
    """What lies at the right of the list."""

    KEYS = "Keys"
    CURVES = "Curves"


@dataclass
class Desk:
    """Of one timeline view."""

    scale: TimeScale = field(default_factory=TimeScale)
    scroll: float = 0.0  # pixels, of the lines
    folded: set[str] = field(default_factory=set)  # names of groups
    mode: Mode = Mode.KEYS
    ripple: bool = False  # what lies later goes along with keys that are moved
    fit_wanted: bool = False  # the whole is to be seen
    tick_places: tuple[float, ...] = ()  # of the large ticks of the ruler, on the screen
    _times: dict[str, tuple[Track, Times]] = field(default_factory=dict)
    _numbers: dict[str, tuple[Track, tuple[Key, ...]]] = field(default_factory=dict)

    def times(self, track: Track) -> Times:
        """Of its keys."""
        known = self._times.get(track.path)
        if known is None or known[0] is not track:
            known = track, np.array([key.time_s for key in track.keys], np.float64)
            self._times[track.path] = known
        return known[1]

    def numbers(self, track: Track) -> tuple[Key, ...]:
        """Its keys that hold numbers."""
        known = self._numbers.get(track.path)
        if known is None or known[0] is not track:
            known = track, tuple(numbers(track))
            self._numbers[track.path] = known
        return known[1]

    def seen_numbers(self, track: Track, margin: float) -> range:
        """Which of them lie within what is seen of time. margin: pixels at both ends."""
        keys, by = self.numbers(track), margin / self.scale.per_s

        def index(time_s: float) -> int:
            return bisect_left(keys, time_s, key=lambda key: key.time_s)

        return range(index(self.scale.start_s - by), index(self.scale.end_s + by))

    def seen(self, track: Track, margin: float) -> tuple[int, int]:
        """The keys within what is seen of time: the first, and one past the last. margin: pixels at both ends."""
        times, scale = self.times(track), self.scale
        by = margin / scale.per_s
        first, last = np.searchsorted(times, (scale.start_s - by, scale.end_s + by))
        return int(first), int(last)

    def places(self, times: Sequence[Times]) -> npt.NDArray[np.int64]:
        """Where times lie on the screen, in whole pixels from the left, no two at one."""
        whole = np.concatenate(times) if times else np.empty(0)
        pixels = np.rint(self.scale.x + (whole - self.scale.start_s) * self.scale.per_s).astype(np.int64)
        if len(times) == 1:
            return pixels[np.concatenate(([True], np.diff(pixels) > 0))] if len(pixels) else pixels
        return np.unique(pixels)

    def pitch(self, px: Callable[[float], float]) -> float:
        return px(PITCH)

    def visible(self, r: Rect, px: Callable[[float], float], count: int) -> tuple[int, int]:
        """The lines that are seen: the first, and one past the last."""
        pitch = self.pitch(px)
        first = int(self.scroll // pitch)
        return max(first, 0), min(int((self.scroll + r.h) // pitch) + 1, count)

    def keep_scrolled(self, r: Rect, px: Callable[[float], float], count: int) -> None:
        """No farther than the lines reach."""
        self.scroll = float(round(min(max(self.scroll, 0.0), max(count * self.pitch(px) - r.h, 0.0))))

    def forget(self, timeline: Timeline) -> None:
        """What is known of tracks that are gone."""
        if len(self._times) > 2 * len(timeline.tracks) + 16:
            paths = {track.path for track in timeline.tracks}
            self._times = {path: known for path, known in self._times.items() if path in paths}
            self._numbers = {path: known for path, known in self._numbers.items() if path in paths}
