"""Where times lie on the screen, and the ticks of the ruler."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.timeline import Timeline

MOST_PER_S = 20_000.0  # pixels a second
LEAST_SPAN = 1.5  # times the whole: no farther away can be looked from
PADDING = 0.02  # of what is fitted, at both ends
SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)


@dataclass
class TimeScale:
    """Seconds to device pixels and back. Set `x` and `w` before it is used in a frame."""

    x: float = 0.0  # left edge on the screen
    w: float = 1.0
    start_s: float = 0.0  # at the left edge
    per_s: float = 0.0  # pixels; 0: to be fitted

    def at(self, time_s: float) -> float:
        return self.x + (time_s - self.start_s) * self.per_s

    def time(self, x: float) -> float:
        return self.start_s + (x - self.x) / self.per_s

    @property
    def end_s(self) -> float:
        return self.time(self.x + self.w)

    def fit(self, start_s: float, end_s: float) -> None:
        """Show a span of time."""
        span = max(end_s - start_s, 1e-3)
        self.per_s = self.w / (span * (1 + 2 * PADDING))
        self.start_s = start_s - span * PADDING

    def zoom(self, x: float, factor: float, timeline: Timeline) -> None:
        """Around a place of the screen."""
        kept = self.time(x)
        least = self.w / (LEAST_SPAN * max(timeline.duration_s, 1e-3))
        self.per_s = min(max(self.per_s * factor, least), MOST_PER_S)
        self.start_s = kept - (x - self.x) / self.per_s
        self.pan(0.0, timeline)

    def pan(self, dx: float, timeline: Timeline) -> None:
        """By so many pixels, as far as something is left to be seen."""
        span = self.w / self.per_s
        start = self.start_s - dx / self.per_s
        self.start_s = min(max(start, -span * 0.25), max(timeline.duration_s - span * 0.25, 0.0))

    def show(self, time_s: float) -> None:
        """Have a time in sight, a page further where it is not."""
        span = self.w / self.per_s
        if not self.start_s <= time_s <= self.end_s:
            self.start_s = time_s - span * PADDING


@dataclass(frozen=True)
class RulerTick:
    """A line of the ruler; text: of the large ones."""

    time_s: float
    frame: int
    text: str = ""


def ruler_ticks(timeline: Timeline, scale: TimeScale, room: float) -> Iterator[RulerTick]:
    """What is seen of them. room: pixels that a text needs."""
    rate = timeline.rate
    per_frame = scale.per_s / float(rate)
    whole = max(1, round(rate))
    steps = (1, 2, 5, 10, *(round(seconds * rate) for seconds in SECONDS if seconds * rate > 10))
    step = next((size for size in steps if size * per_frame >= room), steps[-1])
    small = next((size for size in steps if step % size == 0 and size * per_frame >= room / 8), step)
    first = max(0, int(scale.start_s * float(rate)) // step * step)
    last = min(int(scale.end_s * float(rate)) + 1, timeline.frames)
    for frame in range(first, last + 1, small):
        text = tick_text(frame, whole) if frame % step == 0 else ""
        yield RulerTick(frame / float(rate), frame, text)


def tick_text(frame: int, whole: int) -> str:
    """Minutes, seconds and, within a second, frames."""
    seconds, rest = divmod(frame, whole)
    text = f"{seconds // 60}:{seconds % 60:02d}"
    return f"{text}:{rest:02d}" if rest else text
