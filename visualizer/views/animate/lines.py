"""The lines of the timeline from the top: all keys, groups, tracks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from core.request import ModelInfo
from core.timeline import Timeline, Track
from core.timeline.targets import Target, grouped
from visualizer.actions.timeline.names import group_words, target_or_none

ALL = "All keys"


@dataclass(frozen=True)
class Line:
    """One line: of a track, or of several together."""

    name: str
    tracks: tuple[Track, ...]
    single: bool = False  # it is of one track
    target: Target | None = None  # of that track; None: it moves nothing that there is
    folded: bool = False
    depth: int = 0

    @property
    def track(self) -> Track | None:
        """None: of a group, or of all."""
        return self.tracks[0] if self.single else None

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(track.path for track in self.tracks)


class Lines:
    """Made anew when the timeline or what is folded has changed."""

    def __init__(self) -> None:
        self._of: tuple[object, ...] = ()
        self._lines: tuple[Line, ...] = ()

    def of(self, timeline: Timeline, folded: Collection[str], info: ModelInfo | None) -> tuple[Line, ...]:
        """folded: names of groups."""
        of = (timeline, frozenset(folded), info)
        if len(self._of) != len(of) or self._of[0] is not of[0] or self._of[1] != of[1] or self._of[2] is not of[2]:
            self._of, self._lines = of, _lines(timeline, folded, info)
        return self._lines


def _lines(timeline: Timeline, folded: Collection[str], info: ModelInfo | None) -> tuple[Line, ...]:
    if not timeline.tracks:
        return ()
    lines = [Line(ALL, timeline.tracks)]
    for group in grouped(timeline):
        if len(group.tracks) == 1:
            lines.append(_line(group.tracks[0], alone=True))
            continue
        name = group_words(group.name, info)
        is_folded = name in folded
        lines.append(Line(name, group.tracks, folded=is_folded))
        if not is_folded:
            lines += [_line(track, alone=False) for track in group.tracks]
    return tuple(lines)


def _line(track: Track, *, alone: bool) -> Line:
    target = target_or_none(track.path)
    name = track.path if target is None else target.label if alone else target.name
    return Line(name, (track,), True, target, depth=0 if alone else 1)
