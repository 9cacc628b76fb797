"""Frames and seconds of a timeline, and what of it is played."""

from __future__ import annotations

from core.timeline import Timeline, snapping


def frame_at(timeline: Timeline, time_s: float) -> int:
    """The frame nearest to a time."""
    return snapping.frame_at(time_s, timeline.rate)


def time_of(timeline: Timeline, frame: int) -> float:
    """When a frame is shown."""
    return snapping.time_of(frame, timeline.rate)


def on_frame(timeline: Timeline, time_s: float) -> float:
    """The time of the nearest frame, none before the start."""
    return time_of(timeline, max(0, frame_at(timeline, time_s)))


def played(timeline: Timeline) -> range:
    """The frames from the in point to the out point, at least one."""
    end_s = timeline.duration_s if timeline.end_s is None else timeline.end_s
    first = max(0, frame_at(timeline, timeline.start_s))
    return range(first, max(first + 1, frame_at(timeline, end_s)))


def clock_text(timeline: Timeline, time_s: float) -> str:
    """A time as minutes, seconds and frames: "0:02:15"."""
    frame, rate = frame_at(timeline, time_s), max(1, round(timeline.rate))
    seconds, rest = divmod(max(frame, 0), rate)
    return f"{seconds // 60}:{seconds % 60:02d}:{rest:02d}"
