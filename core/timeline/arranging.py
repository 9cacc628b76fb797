"""Clips, markers, and time that is put in or taken out: each function makes another timeline. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.timeline.clips import Clip
from core.timeline.editing import SAME_S, in_order, with_track
from core.timeline.targets import target_of
from core.timeline.timeline import Key, Marker, Timeline, Track

SHORTEST_S = 0.01  # of a clip

# ----------------------------------------------------------------------------
# Clips.


def with_clip(timeline: Timeline, path: str, clip: Clip) -> Timeline:
    """With a clip on a track, which is made if there is none. What lies under it is cut away."""
    track = timeline.track(target_of(path).path) or Track(path)
    return with_track(timeline, replace(track, clips=_laid(track.clips, clip)))


def without_clips(timeline: Timeline, path: str, *clips: Clip) -> Timeline:
    """Without some clips. A track that had nothing else goes too."""
    track = timeline.track(path)
    if track is None:
        return timeline
    track = replace(track, clips=tuple(clip for clip in track.clips if clip not in clips))
    if not track.clips and not track.keys and track.drive is None:
        return replace(timeline, tracks=tuple(other for other in timeline.tracks if other.path != path))
    return with_track(timeline, track)


def changed_clip(timeline: Timeline, path: str, clip: Clip, new: Clip) -> Timeline:
    """With another clip in place of one: another generator, more rounds, another place. What lies under it is cut."""
    track = timeline.track(path)
    if track is None or clip not in track.clips:
        return timeline
    others = tuple(other for other in track.clips if other != clip)
    return with_track(timeline, replace(track, clips=_laid(others, new)))


def moved_clip(timeline: Timeline, path: str, clip: Clip, start_s: float) -> Timeline:
    return changed_clip(timeline, path, clip, replace(clip, start_s=max(start_s, 0.0)))


def resized_clip(
    timeline: Timeline, path: str, clip: Clip, *, start_s: float | None = None, end_s: float | None = None
) -> Timeline:  # fmt: skip
    """With another start or end; its motion is faster or slower then."""
    start_s, end_s = clip.start_s if start_s is None else max(start_s, 0.0), clip.end_s if end_s is None else end_s
    new = replace(clip, start_s=start_s, duration_s=max(end_s - start_s, SHORTEST_S))
    return changed_clip(timeline, path, clip, new)


def split_clip(timeline: Timeline, path: str, time_s: float) -> Timeline:
    """With two parts of the clip that lies at a time, which move as it did."""
    track = timeline.track(path)
    clip = clip_at(track, time_s) if track is not None else None
    if track is None or clip is None or not clip.start_s + SHORTEST_S <= time_s <= clip.end_s - SHORTEST_S:
        return timeline
    parts = (_cut(clip, clip.start_s, time_s), _cut(clip, time_s, clip.end_s))
    clips = tuple(part for each in track.clips for part in (parts if each is clip else (each,)))
    return with_track(timeline, replace(track, clips=clips))


def clip_at(track: Track, time_s: float) -> Clip | None:
    """The clip that counts at a time."""
    return next((clip for clip in track.clips if clip.start_s <= time_s < clip.end_s), None)


def _laid(clips: Iterable[Clip], new: Clip) -> tuple[Clip, ...]:
    """A clip among others, of which only what lies beside it is left."""
    kept = [new]
    for clip in clips:
        kept += [_cut(clip, start_s, end_s)
                 for start_s, end_s in ((clip.start_s, min(clip.end_s, new.start_s)),
                                        (max(clip.start_s, new.end_s), clip.end_s))
                 if end_s - start_s >= SHORTEST_S]  # fmt: skip
    return tuple(sorted(kept, key=lambda clip: clip.start_s))


def _cut(clip: Clip, start_s: float, end_s: float) -> Clip:
    """The part of a clip between two times, which moves there as it did."""
    if (start_s, end_s) == (clip.start_s, clip.end_s):
        return clip
    ways = [clip.first + (clip.last - clip.first) * (t - clip.start_s) / clip.duration_s for t in (start_s, end_s)]
    return replace(clip, start_s=start_s, duration_s=end_s - start_s, first=ways[0], last=ways[1])


# ----------------------------------------------------------------------------
# Time that is put in or taken out.


def with_time(timeline: Timeline, time_s: float, seconds: float) -> Timeline:
    """With so much more time at a time: all that comes later does so by that, but the sound.

    A clip that lies there is cut in two, which lie apart then.
    """
    tracks = []
    for track in timeline.tracks:
        keys = [replace(key, time_s=_later(key.time_s, time_s, seconds)) for key in track.keys]
        clips: list[Clip] = []
        for clip in track.clips:
            parts = [clip]
            if clip.start_s + SHORTEST_S <= time_s <= clip.end_s - SHORTEST_S:
                parts = [_cut(clip, clip.start_s, time_s), _cut(clip, time_s, clip.end_s)]
            clips += [replace(part, start_s=_later(part.start_s, time_s, seconds)) for part in parts]
        tracks.append(replace(track, keys=tuple(keys), clips=tuple(clips)))
    return replace(
        timeline,
        tracks=tuple(tracks),
        markers=tuple(replace(m, time_s=_later(m.time_s, time_s, seconds)) for m in timeline.markers),
        duration_s=timeline.duration_s + seconds,
        start_s=_later(timeline.start_s, time_s, seconds) if timeline.start_s else 0.0,
        end_s=None if timeline.end_s is None else _later(timeline.end_s, time_s, seconds),
    )


def _later(time_s: float, from_s: float, seconds: float) -> float:
    return time_s + seconds if time_s >= from_s - SAME_S else time_s


def without_time(timeline: Timeline, start_s: float, end_s: float) -> Timeline:
    """Without what lies between two times: all that comes later follows at once, but the sound.

    Of a timeline that is nothing else, SHORTEST_S stays.
    """
    start_s, end_s = max(start_s, 0.0), min(end_s, timeline.duration_s)
    gone = min(end_s - start_s, timeline.duration_s - SHORTEST_S)
    if gone <= 0:
        return timeline

    def earlier(time_s: float) -> float:
        return time_s if time_s <= start_s else max(start_s, time_s - gone)

    tracks = []
    for track in timeline.tracks:
        keys = [_at(key, earlier(key.time_s)) for key in track.keys if not _within(key.time_s, start_s, end_s)]
        clips = []
        for clip in track.clips:
            sides = ((clip.start_s, min(clip.end_s, start_s)), (max(clip.start_s, end_s), clip.end_s))
            parts = [_cut(clip, *side) for side in sides if side[1] - side[0] >= SHORTEST_S]
            clips += [replace(part, start_s=earlier(part.start_s)) for part in parts]
        tracks.append(replace(track, keys=in_order(keys), clips=tuple(clips)))
    markers = [m for m in timeline.markers if not _within(m.time_s, start_s, end_s)]
    return replace(
        timeline,
        tracks=tuple(tracks),
        markers=tuple(replace(marker, time_s=earlier(marker.time_s)) for marker in markers),
        duration_s=timeline.duration_s - gone,
        start_s=earlier(timeline.start_s),
        end_s=None if timeline.end_s is None else earlier(timeline.end_s),
    )


def _within(time_s: float, start_s: float, end_s: float) -> bool:
    return start_s - SAME_S <= time_s < end_s - SAME_S


def _at(key: Key, time_s: float) -> Key:
    return replace(key, time_s=time_s)


# ----------------------------------------------------------------------------
# Markers.


def with_marker(timeline: Timeline, marker: Marker) -> Timeline:
    """With a marker in place of one at its time."""
    others = (m for m in timeline.markers if abs(m.time_s - marker.time_s) >= SAME_S)
    return replace(timeline, markers=tuple(sorted((*others, marker), key=lambda m: m.time_s)))


def without_marker(timeline: Timeline, marker: Marker) -> Timeline:
    return replace(timeline, markers=tuple(m for m in timeline.markers if m != marker))


def changed_marker(timeline: Timeline, marker: Marker, new: Marker) -> Timeline:
    """With another place or name of a marker."""
    return with_marker(without_marker(timeline, marker), new)
