"""What of the timeline is chosen: keys, a clip, a track; and the keys that were copied."""

from __future__ import annotations

from collections.abc import Iterable

from core.timeline import Clip, Timeline
from core.timeline.editing import Copied, KeyAt

Times = frozenset[float]
NONE: Times = frozenset()


class Chosen:
    """Keys are known by their track's path and their time, clips by their start."""

    def __init__(self) -> None:
        self.keys: dict[str, Times] = {}
        self.clip: tuple[str, float] | None = None  # path of the track, start
        self.path = ""  # the track that was touched last
        self.copied = Copied()

    @property
    def all(self) -> list[KeyAt]:
        return [KeyAt(path, time_s) for path, times in self.keys.items() for time_s in times]

    @property
    def count(self) -> int:
        return sum(len(times) for times in self.keys.values())

    def of(self, path: str) -> Times:
        return self.keys.get(path, NONE)

    def has(self, path: str, time_s: float) -> bool:
        return time_s in self.of(path)

    def clear(self) -> None:
        self.keys, self.clip = {}, None

    def choose(self, keys: Iterable[KeyAt]) -> None:
        """These and no others."""
        found: dict[str, set[float]] = {}
        for key in keys:
            found.setdefault(key.path, set()).add(key.time_s)
        self.keys = {path: frozenset(times) for path, times in found.items()}
        self.clip = None

    def toggle(self, keys: Iterable[KeyAt]) -> None:
        """Add them; take them away, if they were all chosen."""
        keys, before = set(keys), set(self.all)
        self.choose(before - keys if keys <= before else before | keys)

    def choose_clip(self, path: str, clip: Clip) -> None:
        self.keys, self.clip, self.path = {}, (path, clip.start_s), path

    def follow(self, timeline: Timeline) -> None:
        """Forget what is not there any more."""
        for path in list(self.keys):
            track = timeline.track(path)
            there = self.keys[path] & {key.time_s for key in track.keys} if track is not None else NONE
            if there:
                self.keys[path] = there
            else:
                del self.keys[path]
        if self.clip is not None and self.chosen_clip(timeline) is None:
            self.clip = None

    def chosen_clip(self, timeline: Timeline) -> Clip | None:
        if self.clip is None or (track := timeline.track(self.clip[0])) is None:
            return None
        return next((clip for clip in track.clips if clip.start_s == self.clip[1]), None)
