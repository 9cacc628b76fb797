"""Frame times, as the Performance panel and the status bar show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter

RENDER_FRAMES = 30
WINDOW_FRAMES = 60
RATE_SPAN_S = 2.0


@dataclass
class Meter:
    """The latest times of something, in milliseconds."""

    length: int
    times: list[float] = field(default_factory=list)
    _moments: list[float] = field(default_factory=list)

    def add(self, ms: float) -> None:
        self.times = [*self.times, ms][-self.length :]
        self._moments = [*self._moments, perf_counter()][-self.length :]

    @property
    def mean_ms(self) -> float:
        return sum(self.times) / len(self.times) if self.times else 0.0

    @property
    def per_second(self) -> float:
        """How many came within the last two seconds, a second."""
        now = perf_counter()
        recent = [moment for moment in self._moments if now - moment < RATE_SPAN_S]
        return (len(recent) - 1) / (recent[-1] - recent[0]) if len(recent) > 1 and recent[-1] > recent[0] else 0.0


@dataclass
class Meters:
    """render: the frames of the network. window: the work of one frame of the window, without the swap."""

    render: Meter = field(default_factory=lambda: Meter(RENDER_FRAMES))
    window: Meter = field(default_factory=lambda: Meter(WINDOW_FRAMES))
