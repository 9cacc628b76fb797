"""What differs between two timelines, in a few words, as undo and the history tell it. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from core.base.control import number_text
from core.base.text import plural
from core.timeline.targets import known_target
from core.timeline.timeline import Key, Timeline, Track


def describe_timeline(before: Timeline, after: Timeline) -> str:
    """One step in a few words: "Key of Psi at 2.5 s", "3 keys moved", "Track Psi removed"; "" if nothing differs."""
    if before is after or before == after:
        return ""
    told = [*_tracks(before, after), *_rest(before, after)]
    if not told:
        return "Timeline"
    return told[0] if len(told) == 1 else f"{told[0]} and {len(told) - 1} more"


def label_of(path: str) -> str:
    """What a track is called."""
    target = known_target(path)
    return target.label if target is not None else path


def _tracks(before: Timeline, after: Timeline) -> Iterator[str]:
    old, new = ({track.path: track for track in timeline.tracks} for timeline in (before, after))
    gone, come = [path for path in old if path not in new], [path for path in new if path not in old]
    single = len(come) == 1 and len(new[come[0]].keys) == 1 and not new[come[0]].clips
    if gone:
        yield f"Track {label_of(gone[0])} removed" if len(gone) == 1 else f"{len(gone)} tracks removed"
    if come and not single:
        yield f"Track {label_of(come[0])} added" if len(come) == 1 else f"{len(come)} tracks added"
    pairs = [(old[path], new[path]) for path in new if path in old and old[path] != new[path]]
    pairs += [(Track(come[0]), new[come[0]])] if single else []
    yield from _keys(pairs)
    for a, b in pairs:
        if replace(a, keys=b.keys) != b:
            yield _fields(a, b)


def _keys(pairs: list[tuple[Track, Track]]) -> Iterator[str]:
    """Of all tracks together."""
    gone, come, tracks = list[Key](), list[Key](), list[Track]()
    for a, b in pairs:
        old, new = {id(key) for key in a.keys}, {id(key) for key in b.keys}
        lost, made = [k for k in a.keys if id(k) not in new], [k for k in b.keys if id(k) not in old]
        same = frozenset(lost) & frozenset(made)
        lost, made = ([key for key in keys if key not in same] for keys in (lost, made))
        gone, come = [*gone, *lost], [*come, *made]
        tracks += [b] if lost or made else []
    if not tracks:
        return
    count = max(len(gone), len(come))
    name = label_of(tracks[0].path)
    what = f"Key of {name}" if count == 1 else f"{count} keys" + (f" of {name}" if len(tracks) == 1 else "")
    times = [sorted(key.time_s for key in keys) for keys in (gone, come)]
    if not come:
        yield f"{what} removed"
    elif len(gone) == len(come) and times[0] != times[1]:
        yield f"{what} moved"
    elif gone and len(gone) == len(come) and [key.value for key in gone] == [key.value for key in come]:
        yield f"Curve of {name}" if len(tracks) == 1 else f"Curves of {plural(len(tracks), 'track')}"
    else:
        yield f"{what} at {_time(come[0].time_s)}" if count == 1 else what if gone else f"{what} added"


def _time(time_s: float) -> str:
    return f"{number_text(time_s, '%.3f').rstrip('0').rstrip('.')} s"


def _fields(before: Track, after: Track) -> str:
    name = label_of(after.path)
    if before.clips != after.clips:
        by = len(after.clips) - len(before.clips)
        return f"Clip of {name} " + ("added" if by > 0 else "removed" if by < 0 else "changed")
    if before.muted is not after.muted:
        return f"{name} muted" if after.muted else f"{name} heard again"
    if before.drive != after.drive:
        how = "no longer driven" if after.drive is None else "driven"
        return f"{name} {how} by the sound"
    if before.space is not after.space:
        return f"{name} interpolated in {after.space.upper()}"
    return f"Curve of {name} {'folded' if after.folded else 'shown'}"


def _rest(before: Timeline, after: Timeline) -> Iterator[str]:
    if before.markers != after.markers:
        by = len(after.markers) - len(before.markers)
        yield "Marker " + ("added" if by > 0 else "removed" if by < 0 else "changed")
    if before.duration_s != after.duration_s:
        yield f"Length {_time(before.duration_s)} → {_time(after.duration_s)}"
    if before.rate != after.rate:
        yield f"{number_text(float(before.rate), '%g')} → {number_text(float(after.rate), '%g')} frames a second"
    if before.loop is not after.loop:
        yield "Loop on" if after.loop else "Loop off"
    if (before.start_s, before.end_s) != (after.start_s, after.end_s):
        yield "In and out"
    if before.sound != after.sound:
        same = before.sound is not None and after.sound is not None and before.sound.path == after.sound.path
        yield "Sound removed" if after.sound is None else "Sound changed" if same else "Sound added"
