"""What a press in the dope sheet begins: a box around keys, keys or clips that are moved."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from imgui_bundle import imgui

from core.timeline import Clip, Timeline
from core.timeline.arranging import moved_clip, resized_clip
from core.timeline.editing import KeyAt, duplicated, keys_between, moved_keys, moved_to
from core.timeline.snapping import places_of, snapped
from visualizer.actions.context import Context
from visualizer.actions.timeline import verbs
from visualizer.toolkit.paint import Rect
from visualizer.views.animate.desk import Desk
from visualizer.views.animate.lines import Line

SLOP = 3  # pixels that a click may move
SNAP = 7  # pixels within which times snap


class Drag(Protocol):
    """What goes on while the button is held. moved: pixels, altogether."""

    def go(self, context: Context, moved: float) -> None: ...
    def end(self, context: Context, moved: float) -> None: ...


class Snapping:
    """Where times snap to while something is moved; with Ctrl they do not."""

    def __init__(
        self, context: Context, timeline: Timeline, desk: Desk, without: frozenset[KeyAt] = frozenset()
    ) -> None:
        beats = context.sounds.beats(timeline)
        self._places = places_of(timeline, without=without, beats=beats)
        self._rate, self._desk = timeline.rate, desk

    def __call__(self, context: Context, time_s: float) -> float:
        if imgui.get_io().key_ctrl:
            return max(time_s, 0.0)
        return max(snapped(time_s, self._places, context.ui.px(SNAP) / self._desk.scale.per_s, self._rate), 0.0)


class KeyDrag:
    """Chosen keys go along with the one that was taken hold of."""

    def __init__(self, context: Context, desk: Desk, held: list[KeyAt], *, copies: bool, ripple: bool) -> None:
        self._origin, self._desk = verbs.timeline_of(context), desk
        self._held, self._copies = held, copies
        self._chosen = context.chosen.all
        self._keys = self._chosen
        if ripple and self._keys and not copies:
            first = min(key.time_s for key in self._keys)
            self._keys = keys_between(self._origin, first, float("inf"), {key.path for key in self._keys})
        self._grabbed_s = desk.scale.time(imgui.get_io().mouse_pos.x)
        self._snap: Snapping | None = None

    def go(self, context: Context, moved: float) -> None:
        if moved <= SLOP or not self._keys:
            return
        if self._snap is None:
            without = frozenset[KeyAt]() if self._copies else frozenset(self._keys)
            self._snap = Snapping(context, self._origin, self._desk, without)
        start_s = self._held[0].time_s
        way = self._desk.scale.time(imgui.get_io().mouse_pos.x) - self._grabbed_s
        by_s = self._snap(context, start_s + way) - start_s
        edit = duplicated if self._copies else moved_keys
        context.session.document.change(timeline=edit(self._origin, self._keys, by_s))
        context.chosen.choose(moved_to(self._chosen, by_s))

    def end(self, context: Context, moved: float) -> None:
        """A click on one of several chosen keys chooses it alone."""
        io = imgui.get_io()
        if moved <= SLOP and not io.key_shift and not io.key_ctrl:
            context.chosen.choose(self._held)
        context.chosen.follow(verbs.timeline_of(context))


class Part(Enum):
    """Of a clip."""

    START = 0
    BODY = 1
    END = 2


class ClipDrag:
    """A clip is moved, or made longer or shorter at an end."""

    def __init__(self, context: Context, desk: Desk, path: str, clip: Clip, part: Part) -> None:
        self._origin, self._desk = verbs.timeline_of(context), desk
        self._path, self._clip, self._part = path, clip, part
        self._grabbed_s = desk.scale.time(imgui.get_io().mouse_pos.x)
        self._snap = Snapping(context, self._origin, desk)

    def go(self, context: Context, moved: float) -> None:
        if moved <= SLOP:
            return
        clip, origin = self._clip, self._origin
        way = self._desk.scale.time(imgui.get_io().mouse_pos.x) - self._grabbed_s
        if self._part is Part.BODY:
            start_s = self._snap(context, clip.start_s + way)
            timeline = moved_clip(origin, self._path, clip, start_s)
        elif self._part is Part.START:
            start_s = min(self._snap(context, clip.start_s + way), clip.end_s - float(1 / origin.rate))
            timeline = resized_clip(origin, self._path, clip, start_s=start_s)
        else:
            end_s = max(self._snap(context, clip.end_s + way), clip.start_s + float(1 / origin.rate))
            timeline, start_s = resized_clip(origin, self._path, clip, end_s=end_s), clip.start_s
        context.session.document.change(timeline=timeline)
        context.chosen.clip = self._path, start_s

    def end(self, context: Context, moved: float) -> None:
        context.chosen.follow(verbs.timeline_of(context))


class Band:
    """A box that chooses the keys in it; a click chooses none."""

    def __init__(
        self, desk: Desk, r: Rect, lines: Sequence[Line], start: tuple[float, float], *, add: bool
    ) -> None:
        self._desk, self._r, self._lines, self._start, self._add = desk, r, lines, start, add
        self._before: list[KeyAt] | None = None

    def go(self, context: Context, moved: float) -> None:
        if self._before is None:
            self._before = context.chosen.all if self._add else []
        if moved <= SLOP:
            return
        context.chosen.choose([*self._before, *self.found(context, self._box())])

    def found(self, context: Context, box: Rect) -> list[KeyAt]:
        """The keys in a box."""
        desk = self._desk
        pitch, top = desk.pitch(context.ui.px), self._r.y - desk.scroll
        first, last = int((box.y - top) // pitch), int((box.bottom - top) // pitch)
        tracks = {track.path for line in self._lines[max(first, 0) : last + 1] for track in line.tracks}
        times = desk.scale.time(box.x), desk.scale.time(box.right)
        return keys_between(verbs.timeline_of(context), *times, tracks) if last >= 0 else []

    def end(self, context: Context, moved: float) -> None:
        if moved <= SLOP and not self._add:
            context.chosen.clear()

    def _box(self) -> Rect:
        mouse, (x, y) = imgui.get_io().mouse_pos, self._start
        left, right = sorted((x, mouse.x))
        top, bottom = sorted((y, mouse.y))
        return Rect(left, top, right - left, bottom - top)

    def draw(self, context: Context) -> None:
        box = self._box()
        context.ui.paint.box(box, "accent", 0, 0.18)
        context.ui.paint.frame(box, "accent", 0, max(1.0, context.ui.px(1)))
