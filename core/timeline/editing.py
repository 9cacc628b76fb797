"""Keys and tracks of a timeline as they are edited: each function makes another timeline. Imports no torch."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from core.request import RenderRequest, Space
from core.timeline.targets import target_of
from core.timeline.timeline import Between, Key, KeyValue, Timeline, Track

SAME_S = 1e-4  # times that are nearer are one


@dataclass(frozen=True)
class KeyAt:
    """Which key: the path of its track, and its time."""

    path: str
    time_s: float


Keys: TypeAlias = Iterable[KeyAt]


# ----------------------------------------------------------------------------
# Tracks.


def with_track(timeline: Timeline, track: Track) -> Timeline:
    """With a track in place of the one of its path, or behind all others. Its keys are put in order."""
    track = replace(track, path=target_of(track.path).path, keys=in_order(track.keys))
    if timeline.track(track.path) is None:
        return replace(timeline, tracks=(*timeline.tracks, track))
    return replace(timeline, tracks=tuple(track if t.path == track.path else t for t in timeline.tracks))


def without_track(timeline: Timeline, *paths: str) -> Timeline:
    return replace(timeline, tracks=tuple(track for track in timeline.tracks if track.path not in paths))


def changed_track(timeline: Timeline, path: str, **fields: Any) -> Timeline:
    """With other fields of a track: `muted`, `folded`, `drive`, `space`. Without that track: as it is."""
    tracks = (replace(track, **fields) if track.path == path else track for track in timeline.tracks)
    return replace(timeline, tracks=tuple(tracks))


def in_order(keys: Iterable[Key]) -> tuple[Key, ...]:
    """By time, no two at one: of those, the last one given stays."""
    found: list[tuple[int, Key]] = []
    for order, key in sorted(enumerate(keys), key=lambda item: item[1].time_s):
        if not found or key.time_s - found[-1][1].time_s >= SAME_S:
            found.append((order, key))
        elif order > found[-1][0]:
            found[-1] = order, key
    return tuple(key for _, key in found)


# ----------------------------------------------------------------------------
# Finding keys.


def key_at(track: Track | None, time_s: float, within_s: float = SAME_S) -> Key | None:
    """The key nearest to a time, if it is not farther than that."""
    if track is None or not track.keys:
        return None
    after = bisect_left(track.keys, time_s, key=lambda key: key.time_s)
    near = min(track.keys[max(after - 1, 0) : after + 1], key=lambda key: abs(key.time_s - time_s))
    return near if abs(near.time_s - time_s) <= within_s else None


def key_before(timeline: Timeline, time_s: float, paths: Iterable[str] | None = None) -> float | None:
    """The time of the last key before a time, of some tracks or of all; None: there is none."""
    before = []
    for track in _of(timeline, paths):
        at = bisect_left(track.keys, time_s - SAME_S, key=lambda key: key.time_s)
        before += [track.keys[at - 1].time_s] if at else []
    return max(before, default=None)


def key_after(timeline: Timeline, time_s: float, paths: Iterable[str] | None = None) -> float | None:
    """The time of the first key after a time, of some tracks or of all; None: there is none."""
    after = []
    for track in _of(timeline, paths):
        at = bisect_left(track.keys, time_s + SAME_S, key=lambda key: key.time_s)
        after += [track.keys[at].time_s] if at < len(track.keys) else []
    return min(after, default=None)


def keys_between(timeline: Timeline, start_s: float, end_s: float, paths: Iterable[str] | None = None) -> list[KeyAt]:
    """All keys from one time to another, both included, of some tracks or of all."""
    found = []
    for track in _of(timeline, paths):
        first = bisect_left(track.keys, start_s, key=lambda key: key.time_s)
        for key in track.keys[first:]:
            if key.time_s > end_s:
                break
            found.append(KeyAt(track.path, key.time_s))
    return found


def _of(timeline: Timeline, paths: Iterable[str] | None) -> Iterable[Track]:
    if paths is None:
        return timeline.tracks
    wanted = frozenset(paths)
    return (track for track in timeline.tracks if track.path in wanted)


# ----------------------------------------------------------------------------
# Setting and removing keys.


def with_key(timeline: Timeline, path: str, key: Key) -> Timeline:
    """With a key in place of one at its time; the track is made if there is none."""
    track = timeline.track(target_of(path).path) or Track(path)
    return with_track(timeline, replace(track, keys=(*track.keys, key)))


def with_value(timeline: Timeline, path: str, time_s: float, value: KeyValue) -> Timeline:
    """With a value at a time: of the key that is there, else of a new one that goes on as the one before it does."""
    track = timeline.track(target_of(path).path)
    there = key_at(track, time_s)
    if there is not None:
        return with_key(timeline, path, replace(there, value=value))
    before = [key for key in track.keys if key.time_s < time_s] if track is not None else []
    return with_key(timeline, path, Key(time_s, value, before[-1].between if before else Between.SMOOTH))


def with_values(timeline: Timeline, paths: Iterable[str], time_s: float, request: RenderRequest) -> Timeline:
    """With what a request says at some paths as keys at a time. What it lacks is left out."""
    for path in paths:
        target = target_of(path)
        if not target.missing(request):
            timeline = with_value(timeline, path, time_s, target.get(request))
    return timeline


def without_keys(timeline: Timeline, keys: Keys) -> Timeline:
    """Without some keys. A track that had nothing else goes too."""
    return _put(timeline, _parted(timeline, keys), {}, drop_empty=True)


def changed_keys(timeline: Timeline, keys: Keys, change: Callable[[Key], Key]) -> Timeline:
    """With some keys replaced. Where one comes to lie on another, the changed one stays."""
    parted = _parted(timeline, keys)
    return _put(timeline, parted, {path: [change(key) for key in chosen] for path, (_, chosen) in parted.items()})


def moved_keys(timeline: Timeline, keys: Keys, seconds: float, value: float = 0.0) -> Timeline:
    """Later (or earlier) by so many seconds, and higher by a value where it is a number; the first stops at 0."""
    keys = list(keys)
    seconds = max([seconds, *(-key.time_s for key in keys)]) if seconds < 0 else seconds

    def moved(key: Key) -> Key:
        number = key.value
        if value and isinstance(number, int | float) and not isinstance(number, bool):
            whole = isinstance(number, int)
            number = round(number + value) if whole else number + value
        return replace(key, time_s=key.time_s + seconds, value=number)

    return changed_keys(timeline, keys, moved)


def scaled_keys(timeline: Timeline, keys: Keys, factor: float, around_s: float) -> Timeline:
    """Farther from a time, or nearer to it, by a factor above 0; tangents too. What would lie before 0 lies at 0."""

    def scaled(key: Key) -> Key:
        left, right = (t if t is None else replace(t, seconds=t.seconds * factor) for t in (key.left, key.right))
        return replace(key, time_s=max(around_s + (key.time_s - around_s) * factor, 0.0), left=left, right=right)

    return changed_keys(timeline, keys, scaled)


def moved_to(keys: Keys, seconds: float) -> frozenset[KeyAt]:
    """What keys are called after `moved_keys`, for a selection that goes with them."""
    keys = list(keys)
    seconds = max([seconds, *(-key.time_s for key in keys)]) if seconds < 0 else seconds
    return frozenset(KeyAt(key.path, key.time_s + seconds) for key in keys)


# ----------------------------------------------------------------------------
# Copies.


@dataclass(frozen=True)
class CopiedTrack:
    """Keys of one track; the first of all that were copied lies at 0."""

    path: str
    keys: tuple[Key, ...]
    space: Space = Space.W


@dataclass(frozen=True)
class Copied:
    """Keys that can be pasted elsewhere."""

    tracks: tuple[CopiedTrack, ...] = ()


def copied(timeline: Timeline, keys: Keys) -> Copied:
    parted = {path: chosen for path, (_, chosen) in _parted(timeline, keys).items() if chosen}
    start_s = min((key.time_s for chosen in parted.values() for key in chosen), default=0.0)
    tracks = []
    for track in timeline.tracks:
        chosen = [replace(key, time_s=key.time_s - start_s) for key in parted.get(track.path, ())]
        tracks += [CopiedTrack(track.path, tuple(chosen), track.space)] if chosen else []
    return Copied(tuple(tracks))


def pasted(timeline: Timeline, what: Copied, time_s: float, path: str = "") -> Timeline:
    """With copied keys from a time on, in place of those at their times.

    path: of the track that gets them, if they were of one track and it takes such values.
    """
    if path and len(what.tracks) == 1:
        (only,) = what.tracks
        if target_of(path).kind is target_of(only.path).kind:
            what = Copied((replace(only, path=path),))
    for copy in what.tracks:
        track = timeline.track(copy.path) or Track(copy.path, space=copy.space)
        keys = (replace(key, time_s=key.time_s + time_s) for key in copy.keys)
        timeline = with_track(timeline, replace(track, keys=(*track.keys, *keys)))
    return timeline


def pasted_at(what: Copied, time_s: float) -> frozenset[KeyAt]:
    """What pasted keys are called, for a selection."""
    return frozenset(KeyAt(track.path, key.time_s + time_s) for track in what.tracks for key in track.keys)


def duplicated(timeline: Timeline, keys: Keys, seconds: float) -> Timeline:
    """With copies of keys that lie later by so many seconds."""
    parted = _parted(timeline, keys)
    copies = {
        path: [*chosen, *(replace(key, time_s=key.time_s + seconds) for key in chosen)]
        for path, (_, chosen) in parted.items()
    }
    return _put(timeline, parted, copies)


# ----------------------------------------------------------------------------

Parted: TypeAlias = dict[str, tuple[list[Key], list[Key]]]  # by path: the other keys, the chosen ones


def _parted(timeline: Timeline, keys: Keys) -> Parted:
    chosen: dict[str, list[float]] = {}
    for key in keys:
        chosen.setdefault(key.path, []).append(key.time_s)
    parted: Parted = {}
    for track in timeline.tracks:
        if track.path in chosen:
            found = [key_at(track, time_s) for time_s in chosen[track.path]]
            ids = {id(key) for key in found if key is not None}
            others = [key for key in track.keys if id(key) not in ids]
            parted[track.path] = others, [key for key in track.keys if id(key) in ids]
    return parted


def _put(
    timeline: Timeline, parted: Parted, chosen: Mapping[str, list[Key]], *, drop_empty: bool = False
) -> Timeline:  # fmt: skip
    """With the other keys and these chosen ones, which stay where two lie at one time."""
    tracks = []
    for track in timeline.tracks:
        if track.path in parted:
            keys = in_order([*parted[track.path][0], *chosen.get(track.path, ())])
            track = replace(track, keys=keys)
            if drop_empty and not keys and not track.clips and track.drive is None:
                continue
        tracks.append(track)
    return replace(timeline, tracks=tuple(tracks))
