"""What the parts of the timeline share: where time lies, how far it is scrolled, what is folded."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from core.timeline import Timeline, Track
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
    wanted: str = ""  # the path of a track that is to be seen
    _times: dict[str, tuple[Track, Times]] = field(default_factory=dict)

    def times(self, track: Track) -> Times:
        """Of its keys."""
        known = self._times.get(track.path)
        if known is None or known[0] is not track:
            known = track, np.array([key.time_s for key in track.keys], np.float64)
            self._times[track.path] = known
        return known[1]

    def seen(self, track: Track, margin: float) -> tuple[int, int]:
        """The keys within what is seen of time: the first, and one past the last. margin: pixels at both ends."""
        times, scale = self.times(track), self.scale
        by = margin / scale.per_s
        first, last = np.searchsorted(times, (scale.start_s - by, scale.end_s + by))
        return int(first), int(last)

    def forget(self, timeline: Timeline) -> None:
        """What is known of tracks that are gone."""
        if len(self._times) > 2 * len(timeline.tracks) + 16:
            paths = {track.path for track in timeline.tracks}
            self._times = {path: known for path, known in self._times.items() if path in paths}
