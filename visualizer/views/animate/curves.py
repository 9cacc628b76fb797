"""The curve editor: numbers over time, whose keys and tangents drag."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from imgui_bundle import imgui

from core.timeline import Timeline, Track
from core.timeline.editing import KeyAt, keys_between, moved_keys, moved_to, with_values
from core.timeline.evaluate import track_value
from visualizer.actions.context import Context
from visualizer.actions.timeline import verbs
from visualizer.session.time.frames import on_frame
from visualizer.toolkit.interact import Interaction
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.ticks import linear_ticks
from visualizer.views.animate import menus
from visualizer.views.animate.curve_shapes import (
    Handle,
    Sample,
    Sampled,
    ValueScale,
    handles,
    is_number,
    number,
    numbers,
    sample_around,
    sampled,
    with_handle,
)
from visualizer.views.animate.desk import KEY_SIZE, REACH, Desk
from visualizer.views.animate.drags import SLOP, Band, Drag, Snapping
from visualizer.views.animate.lines import Line
from visualizer.views.animate.ruler import ZOOM_STEP
from visualizer.views.animate.sheet import draw_grid, draw_outside

COLOURS = ("p0", "p1", "p2", "p3", "p4", "p5", "p6")
MOST = 7  # curves at once
MOST_HANDLES = 40  # keys whose tangents are seen
REFRESHED = 2  # curves, in a frame of the window
TICK_HEIGHT = 34
TIP = "Drag keys in time and value, drag their handles; a box chooses keys"
MORE = "Shift keeps to one direction · Ctrl does not snap · Alt moves one handle alone · the wheel zooms values"
HINT = "Choose a track of numbers at the left, or animate one."


class Curves:
    """Of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._scale = ValueScale()
        self._paths: tuple[str, ...] = ()
        self._sampled: dict[str, tuple[Track, Sampled]] = {}
        self._refreshed = 0  # curves that may be sampled anew in this frame, though an older piece would do
        self._drag: Drag | None = None
        self._moved = 0.0

    def draw(self, context: Context, r: Rect, lines: Sequence[Line]) -> None:
        ui, px = context.ui, context.ui.px
        tracks = shown_tracks(context, lines)
        self._scale.r = r.inset(px(4))
        it = ui.item("Curves", r, tip="" if self._drag else TIP, more=MORE)
        self._keep_fitted(context, tracks)
        self._wheel(context, it)
        self._mouse(context, it, tracks)
        ui.paint.list.push_clip_rect(*r.corners, True)
        ui.paint.box(r, "plot")
        draw_grid(context, self._desk, r)
        self._values(context, r)
        draw_outside(context, self._desk, r)
        self._refreshed = REFRESHED
        for index, track in enumerate(tracks):
            self._curve(context, track, COLOURS[index])
        for track in tracks:
            self._keys(context, track)
        if isinstance(self._drag, Box):
            self._drag.draw(context)
        ui.paint.list.pop_clip_rect()
        if not tracks and lines:
            ui.paint.text(r, HINT, "text_dim", align=0.5)
        menus.draw_menus(context, self._desk)

    def refit(self) -> None:
        """All values of the shown tracks, with the next frame."""
        self._paths = ()

    # -- Drawing --------------------------------------------------------------

    def _keep_fitted(self, context: Context, tracks: Sequence[Track]) -> None:
        """Other tracks are seen whole at first."""
        paths = tuple(track.path for track in tracks)
        if paths != self._paths:
            self._paths = paths
            timeline = verbs.timeline_of(context)
            times = np.linspace(0.0, timeline.duration_s, 60).tolist()
            sample = sampler(context)
            values = [value for track in tracks for _, value in sampled(track, sample, times)]
            self._scale.fit([*values, *(number(key) for track in tracks for key in numbers(track))])

    def _values(self, context: Context, r: Rect) -> None:
        """Lines at round values."""
        ui, px, scale = context.ui, context.ui.px, self._scale
        for tick in linear_ticks(scale.low, scale.high, max(2, int(r.h / px(TICK_HEIGHT)))):
            y = round(scale.at(tick.value))
            ui.paint.box(Rect(r.x, y, r.w, 1), "grid")
            ui.paint.text(Rect(r.x + px(4), y - px(15), px(60), px(14)), tick.text, "text_faint", size=12)

    def _curve(self, context: Context, track: Track, colour: str) -> None:
        scale, document = self._desk.scale, context.session.document
        timeline = document.state.timeline
        rest = id(document.state.request), id(context.session.info), id(document.envelope_of)
        of = (timeline.loop, timeline.duration_s, *rest)
        known = self._sampled.get(track.path)
        fresh = known is not None and known[0] is track and known[1].of == of
        if known is None or not fresh or not known[1].serves(scale.start_s, scale.end_s, scale.per_s):
            if fresh and not self._refreshed:
                context.ui.redraw_in(0.0)  # it is its turn in one of the next frames
            else:
                self._refreshed -= 1
                known = track, sample_around(of, track, sampler(context), scale, timeline.duration_s)
                self._sampled = {path: kept for path, kept in self._sampled.items() if path in self._paths}
                self._sampled[track.path] = known
        assert known is not None
        points = known[1].points
        if len(points) > 1:
            x = scale.x + (points[:, 0] - scale.start_s) * scale.per_s
            y = self._scale.r.bottom - (points[:, 1] - self._scale.low) / self._scale.span * self._scale.r.h
            alpha = 0.4 if track.muted else 1.0
            line = list(zip(x.tolist(), y.tolist(), strict=True))
            context.ui.paint.curve(line, colour, max(1.5, 1.5 * context.ui.style.scale), alpha)

    def _keys(self, context: Context, track: Track) -> None:
        """Where they lie closer than they can be told apart, only those that are chosen."""
        paint, px, scale = context.ui.paint, context.ui.px, self._desk.scale
        picked = context.chosen.of(track.path)
        size, keys = px(KEY_SIZE), self._desk.numbers(track)
        seen = self._desk.seen_numbers(track, size)
        dense = len(seen) * px(KEY_SIZE) > scale.w
        shown = [index for index in seen if not dense or keys[index].time_s in picked]
        for index in [index for index in shown if keys[index].time_s in picked][:MOST_HANDLES]:
            x, y = scale.at(keys[index].time_s), self._scale.at(number(keys[index]))
            for handle in handles(track, keys, index):
                end = scale.at(handle.time_s), self._scale.at(handle.value)
                paint.line((x, y), end, "accent", max(1.0, px(1)), 0.8)
                paint.disc(*end, px(3.5), "accent")
        draw, around = paint.list.add_ngon_filled, paint.style.colour("plot")
        colours = {chosen: paint.style.colour("accent" if chosen else "text") for chosen in (False, True)}
        for index in shown:
            place = scale.at(keys[index].time_s), self._scale.at(number(keys[index]))
            draw(place, size + px(1.5), around, 4)
            draw(place, size, colours[keys[index].time_s in picked], 4)

    # -- The mouse ------------------------------------------------------------

    def _wheel(self, context: Context, it: Interaction) -> None:
        io, scale = imgui.get_io(), self._desk.scale
        timeline = verbs.timeline_of(context)
        if not it.hovered:
            return
        imgui.set_item_key_owner(imgui.Key.mouse_wheel_y)
        if io.mouse_wheel_h or (io.mouse_wheel and io.key_shift):
            scale.pan((io.mouse_wheel_h or io.mouse_wheel) * context.ui.px(48), timeline)
        elif io.mouse_wheel and io.key_ctrl:
            scale.zoom(io.mouse_pos.x, ZOOM_STEP**io.mouse_wheel, timeline)
        elif io.mouse_wheel:
            self._scale.zoom(io.mouse_pos.y, ZOOM_STEP**io.mouse_wheel)
        if imgui.is_mouse_down(2):
            scale.pan(io.mouse_delta.x, timeline)
            self._scale.pan(io.mouse_delta.y)

    def _mouse(self, context: Context, it: Interaction, tracks: Sequence[Track]) -> None:
        mouse, chosen = imgui.get_io().mouse_pos, context.chosen
        key = self._key_at(context, tracks, mouse.x, mouse.y) if it.hovered and self._drag is None else None
        if it.hovered and imgui.is_mouse_clicked(1):
            if key is not None and key not in chosen.all:
                chosen.choose([key])
            imgui.open_popup(menus.KEYS if key is not None else menus.EMPTY)
        elif it.hovered and imgui.is_mouse_double_clicked(0) and key is None:
            self._set_key(context, tracks, mouse.x, mouse.y)
        elif it.started:
            self._moved, self._drag = 0.0, self._take_hold(context, tracks, key)
        if self._drag is not None:
            self._moved += abs(it.drag_x) + abs(it.drag_y)
            if it.active:
                self._drag.go(context, self._moved)
            else:
                self._drag.end(context, self._moved)
                self._drag = None

    def _take_hold(self, context: Context, tracks: Sequence[Track], key: KeyAt | None) -> Drag:
        io, chosen = imgui.get_io(), context.chosen
        handle = self._handle_at(context, tracks, io.mouse_pos.x, io.mouse_pos.y)
        if handle is not None and key is None:
            return HandleDrag(context, self._desk, self._scale, handle)
        if key is None:
            return Box(self._desk, self._scale, tracks, add=io.key_shift or io.key_ctrl)
        chosen.path = key.path
        if io.key_shift or io.key_ctrl:
            chosen.toggle([key])
        elif key not in chosen.all:
            chosen.choose([key])
        return PointDrag(context, self._desk, self._scale, key)

    def _key_at(self, context: Context, tracks: Sequence[Track], x: float, y: float) -> KeyAt | None:
        reach, near = context.ui.px(REACH), []
        for track in tracks:
            keys = self._desk.numbers(track)
            for key in (keys[index] for index in self._desk.seen_numbers(track, reach)):
                dx, dy = self._desk.scale.at(key.time_s) - x, self._scale.at(number(key)) - y
                if abs(dx) <= reach and abs(dy) <= reach:
                    near.append((dx * dx + dy * dy, track.path, key.time_s))
        return KeyAt(*min(near)[1:]) if near else None

    def _handle_at(self, context: Context, tracks: Sequence[Track], x: float, y: float) -> Handle | None:
        reach, picked = context.ui.px(REACH), context.chosen
        for track in tracks:
            keys = self._desk.numbers(track) if picked.of(track.path) else ()
            for index, key in enumerate(keys):
                if not picked.has(track.path, key.time_s):
                    continue
                for handle in handles(track, keys, index):
                    dx, dy = self._desk.scale.at(handle.time_s) - x, self._scale.at(handle.value) - y
                    if abs(dx) <= reach and abs(dy) <= reach:
                        return handle
        return None

    def _set_key(self, context: Context, tracks: Sequence[Track], x: float, y: float) -> None:
        """A key on the curve that is nearest."""
        timeline, sample = verbs.timeline_of(context), sampler(context)
        time_s = min(on_frame(timeline, self._desk.scale.time(x)), timeline.duration_s)
        near = [(abs(self._scale.at(value) - y), track.path) for track in tracks
                if (value := sample(track, time_s)) is not None]  # fmt: skip
        if near:
            path = min(near)[1]
            verbs.change(context, with_values(timeline, [path], time_s, verbs.request_then(context, time_s)))
            context.chosen.choose([KeyAt(path, time_s)])


class PointDrag:
    """Chosen keys go along in time and value."""

    def __init__(self, context: Context, desk: Desk, values: ValueScale, held: KeyAt) -> None:
        self._origin, self._desk, self._values, self._held = verbs.timeline_of(context), desk, values, held
        self._keys = context.chosen.all
        mouse = imgui.get_io().mouse_pos
        self._from = mouse.x, mouse.y
        self._snap = Snapping(context, self._origin, desk, frozenset(self._keys))

    def go(self, context: Context, moved: float) -> None:
        if moved <= SLOP or not self._keys:
            return
        io = imgui.get_io()
        dx, dy = io.mouse_pos.x - self._from[0], io.mouse_pos.y - self._from[1]
        if io.key_shift:
            dx, dy = (dx, 0.0) if abs(dx) > abs(dy) else (0.0, dy)
        start_s = self._held.time_s
        by_s = self._snap(context, start_s + dx / self._desk.scale.per_s) - start_s if dx else 0.0
        by = -dy / self._values.r.h * self._values.span
        context.session.document.change(timeline=moved_keys(self._origin, self._keys, by_s, by))
        context.chosen.choose(moved_to(self._keys, by_s))

    def end(self, context: Context, moved: float) -> None:
        io = imgui.get_io()
        if moved <= SLOP and not io.key_shift and not io.key_ctrl:
            context.chosen.choose([self._held])
        context.chosen.follow(verbs.timeline_of(context))


class HandleDrag:
    """A tangent is turned."""

    def __init__(self, context: Context, desk: Desk, values: ValueScale, handle: Handle) -> None:
        self._origin, self._desk, self._values, self._handle = verbs.timeline_of(context), desk, values, handle

    def go(self, context: Context, moved: float) -> None:
        track, io = self._origin.track(self._handle.key.path), imgui.get_io()
        if track is None or not moved:
            return
        time_s, value = self._desk.scale.time(io.mouse_pos.x), self._values.value(io.mouse_pos.y)
        new = with_handle(self._origin, track, self._handle, time_s, value, alone=io.key_alt)
        context.session.document.change(timeline=new)

    def end(self, context: Context, moved: float) -> None:
        context.chosen.follow(verbs.timeline_of(context))


class Box(Band):
    """A box that chooses the keys whose places lie in it."""

    def __init__(self, desk: Desk, values: ValueScale, tracks: Sequence[Track], *, add: bool) -> None:
        mouse = imgui.get_io().mouse_pos
        super().__init__(desk, values.r, (), (mouse.x, mouse.y), add=add)
        self._values, self._tracks = values, tracks

    def found(self, context: Context, box: Rect) -> list[KeyAt]:
        timeline = verbs.timeline_of(context)
        low, high = self._values.value(box.bottom), self._values.value(box.y)
        times = self._desk.scale.time(box.x), self._desk.scale.time(box.right)
        within = {(key.path, key.time_s) for key in keys_between(timeline, *times, [t.path for t in self._tracks])}
        return [
            KeyAt(track.path, key.time_s)
            for track in self._tracks
            for key in numbers(track)
            if (track.path, key.time_s) in within and low <= number(key) <= high
        ]


def shown_tracks(context: Context, lines: Sequence[Line]) -> tuple[Track, ...]:
    """The chosen one and those with chosen keys, if they are of numbers; else all of numbers that are unfolded."""
    numeric = (line for line in lines if line.target is not None and line.target.is_number)
    found = [line.track for line in numeric if line.track is not None]
    chosen = [track for track in found if track.path == context.chosen.path or context.chosen.of(track.path)]
    return tuple(chosen or found)[:MOST]


def sampler(context: Context) -> Sample:
    """The number that a track has at a time."""
    state, info = context.session.document.state, context.session.info
    timeline: Timeline = state.timeline
    envelope_of = context.session.document.envelope_of

    def sample(track: Track, time_s: float) -> float | None:
        value = track_value(timeline, track, state.request, time_s, info, envelope_of=envelope_of)
        return float(value) if is_number(value) and isinstance(value, int | float) else None

    return sample
