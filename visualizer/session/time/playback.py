"""The playhead while it moves by itself: it keeps the clock, and leaves frames out where they take longer."""

from __future__ import annotations

from core.timeline import Timeline
from visualizer.session.making.document import Document
from visualizer.session.time.frames import on_frame, played, time_of

SPEEDS = (1.0, 2.0, 4.0, 8.0)  # that J and L go through


class Playback:
    """Moves the playhead of a document. That is no step of its history."""

    def __init__(self) -> None:
        self.speed = 0.0  # seconds of the timeline a second; below 0: backwards; 0: it stands
        self._clock_s = 0.0  # between the frames
        self._left_at: float | None = None  # where it put the playhead last

    @property
    def playing(self) -> bool:
        return self.speed != 0

    def toggle(self) -> None:
        """Play from the playhead, or stop there."""
        if self.playing:
            self.stop()
        else:
            self._start(1.0)

    def shuttle(self, direction: int) -> None:
        """Play forwards (1) or backwards (-1), and faster each time."""
        if self.speed * direction > 0:
            faster = [speed for speed in SPEEDS if speed > abs(self.speed)]
            self.speed = direction * (faster[0] if faster else SPEEDS[-1])
        else:
            self._start(float(direction))

    def _start(self, speed: float) -> None:
        self.speed, self._left_at = speed, None

    def stop(self) -> None:
        self.speed = 0.0

    def step(self, document: Document, dt: float) -> None:
        """So many seconds have passed. Where the user has moved the playhead meanwhile, it goes on from there."""
        if not self.playing:
            return
        timeline = document.state.timeline
        if document.time_s != self._left_at:
            self._clock_s = document.time_s
        self._clock_s = self._bounded(timeline, self._clock_s + self.speed * dt)
        self._left_at = on_frame(timeline, self._clock_s)
        document.move_to(self._left_at)

    def _bounded(self, timeline: Timeline, time_s: float) -> float:
        """A time within what is played, which goes round and round."""
        frames = played(timeline)
        half_s = time_of(timeline, 1) / 2  # a frame is shown from half before its time to half after it
        start_s = time_of(timeline, frames[0]) - half_s
        return start_s + (time_s - start_s) % time_of(timeline, len(frames))
