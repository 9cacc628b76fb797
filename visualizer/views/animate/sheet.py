"""The dope sheet: the keys and clips of all lines over time, as the mouse finds, chooses and moves them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from imgui_bundle import imgui

from core.timeline import Timeline, Track
from core.timeline.editing import KeyAt, with_values
from visualizer.actions.context import Context
from visualizer.actions.timeline import verbs
from visualizer.session.time.frames import on_frame, played, time_of
from visualizer.toolkit.interact import Interaction
from visualizer.toolkit.paint import Rect
from visualizer.views.animate import clip_bars, menus
from visualizer.views.animate.desk import KEY_SIZE, REACH, Desk
from visualizer.views.animate.drags import Band, ClipDrag, Drag, KeyDrag
from visualizer.views.animate.key_shapes import Places, draw_keys
from visualizer.views.animate.lines import Line
from visualizer.views.animate.ruler import ZOOM_STEP

TIP = "Click, Shift and click or draw a box to choose keys; drag to move them; Alt drags copies"
MORE = "Ctrl does not snap · double click sets a key · Ctrl and wheel zooms, Shift and wheel pans"


class Sheet:
    """Of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._drag: Drag | None = None
        self._moved = 0.0  # pixels since the press

    def draw(self, context: Context, r: Rect, lines: Sequence[Line]) -> None:
        """lines: all of them; those that are seen are drawn."""
        ui, px, desk = context.ui, context.ui.px, self._desk
        it = ui.item("Sheet", r, tip="" if self._drag else TIP, more=MORE)
        self._wheel(context, it)
        self._mouse(context, it, r, lines)
        ui.paint.list.push_clip_rect(*r.corners, True)
        ui.paint.box(r, "plot")
        draw_grid(context, desk, r)
        pitch = desk.pitch(px)
        first, last = desk.visible(r, px, len(lines))
        for index in range(first, last):
            row = Rect(r.x, r.y + index * pitch - desk.scroll, r.w, pitch)
            self._line(context, lines[index], row)
        draw_outside(context, desk, r)
        if isinstance(self._drag, Band):
            self._drag.draw(context)
        ui.paint.list.pop_clip_rect()
        menus.draw_menus(context, desk)

    # -- Drawing --------------------------------------------------------------

    def _line(self, context: Context, line: Line, row: Rect) -> None:
        paint, px, track = context.ui.paint, context.ui.px, line.track
        if track is None:
            paint.box(Rect(row.x, row.y, row.w, row.h), "header", 0, 0.55)
        elif track.path == context.chosen.path:
            paint.box(row, "select", 0, 0.45)
        paint.box(Rect(row.x, row.bottom - 1, row.w, 1), "grid")
        muted = all(track.muted for track in line.tracks)
        if track is not None:
            for clip in track.clips:
                clip_bars.draw_clip(context, self._desk, row, track, clip)
            self._extent(context, row, track)
            self._driven(context, row, track)
        everything, chosen = self._places(context, line)
        size, y = px(KEY_SIZE), row.y + row.h // 2
        colour, alpha = ("text_faint", 0.6) if muted else ("text_dim", 1.0) if track is None else ("text", 0.9)
        draw_keys(paint, everything, y, size, colour, alpha)
        draw_keys(paint, chosen, y, size, "accent")

    def _extent(self, context: Context, row: Rect, track: Track) -> None:
        """A thin line from the first key to the last."""
        times, scale = self._desk.times(track), self._desk.scale
        if len(times) > 1:
            left, right = max(scale.at(times[0]), row.x), min(scale.at(times[-1]), row.right)
            if right > left:
                context.ui.paint.box(Rect(left, row.y + row.h // 2, right - left, 1), "text_faint", 0, 0.5)

    def _driven(self, context: Context, row: Rect, track: Track) -> None:
        """What moves a track that has neither keys nor clips."""
        px, drive = context.ui.px, track.drive
        if drive is not None and not (track.keys or track.clips):
            words = f"By the sound, {drive.low_hz:.0f} to {drive.high_hz:.0f} Hz"
            left = max(self._desk.scale.at(0.0), row.x) + px(8)
            context.ui.paint.text(Rect(left, row.y, row.right - left - px(8), row.h), words, "text_dim", size=13)

    def _places(self, context: Context, line: Line) -> tuple[Places, Places]:
        """Where keys lie that are seen: all, and those that are chosen."""
        desk, margin = self._desk, context.ui.px(KEY_SIZE + 1)
        there, chosen = [], []
        for track in line.tracks:
            first, last = desk.seen(track, margin)
            times = desk.times(track)[first:last]
            there.append(times)
            picked = context.chosen.of(track.path)
            if picked:
                chosen.append(times[np.isin(times, list(picked))])
        return desk.places(there), desk.places(chosen)

    # -- The mouse ------------------------------------------------------------

    def _wheel(self, context: Context, it: Interaction) -> None:
        """It scrolls the lines; with Ctrl it zooms time at the pointer, with Shift it pans."""
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
            self._desk.scroll -= io.mouse_wheel * context.ui.px(48)
        if imgui.is_mouse_down(2):
            scale.pan(io.mouse_delta.x, timeline)
            self._desk.scroll -= io.mouse_delta.y
            imgui.set_mouse_cursor(imgui.MouseCursor_.resize_all)

    def _mouse(self, context: Context, it: Interaction, r: Rect, lines: Sequence[Line]) -> None:
        mouse = imgui.get_io().mouse_pos
        line = self._line_at(context, r, lines, mouse.y)
        keys = self._keys_at(context, line, mouse.x) if line is not None and it.hovered else []
        if it.hovered and imgui.is_mouse_clicked(1):
            self._ask(context, line, keys, mouse.x)
        elif it.hovered and imgui.is_mouse_double_clicked(0) and not keys:
            self._set_key(context, line, mouse.x)
        elif it.started:
            self._moved = 0.0
            self._drag = self._take_hold(context, line, keys, r, lines)
        if self._drag is not None:
            self._moved += abs(it.drag_x) + abs(it.drag_y)
            if it.active:
                self._drag.go(context, self._moved)
            else:
                self._drag.end(context, self._moved)
                self._drag = None
        elif keys and it.hovered:
            imgui.set_mouse_cursor(imgui.MouseCursor_.hand)

    def _take_hold(
        self, context: Context, line: Line | None, keys: list[KeyAt], r: Rect, lines: Sequence[Line]
    ) -> Drag | None:
        """What a press begins."""
        io, chosen, desk = imgui.get_io(), context.chosen, self._desk
        track = line.track if line is not None else None
        if track is not None:
            chosen.path = track.path
        if keys:
            if io.key_shift or io.key_ctrl:
                chosen.toggle(keys)
            elif not set(keys) <= set(chosen.all):
                chosen.choose(keys)
            return KeyDrag(context, desk, keys, copies=io.key_alt, ripple=desk.ripple)
        if track is not None and (hit := clip_bars.clip_under(context, desk, track, io.mouse_pos.x)) is not None:
            clip, part = hit
            chosen.choose_clip(track.path, clip)
            return ClipDrag(context, desk, track.path, clip, part)
        return Band(desk, r, lines, (io.mouse_pos.x, io.mouse_pos.y), add=io.key_shift or io.key_ctrl)

    def _line_at(self, context: Context, r: Rect, lines: Sequence[Line], y: float) -> Line | None:
        index = int((y - r.y + self._desk.scroll) // self._desk.pitch(context.ui.px))
        return lines[index] if 0 <= index < len(lines) else None

    def _keys_at(self, context: Context, line: Line, x: float) -> list[KeyAt]:
        """Those under the pointer: of one track the nearest, of several all at one place."""
        desk, reach = self._desk, context.ui.px(REACH)
        near: list[tuple[float, str, float]] = []
        for track in line.tracks:
            times = desk.times(track)
            first, last = np.searchsorted(times, (desk.scale.time(x - reach), desk.scale.time(x + reach)))
            near += [(abs(desk.scale.at(time_s) - x), track.path, time_s) for time_s in times[first:last].tolist()]
        if not near:
            return []
        _, _, nearest = min(near)
        return [KeyAt(path, time_s) for _, path, time_s in near if abs(time_s - nearest) < 1e-4]

    def _ask(self, context: Context, line: Line | None, keys: list[KeyAt], x: float) -> None:
        """The menu of what is under the pointer."""
        chosen, track = context.chosen, line.track if line is not None else None
        if track is not None:
            chosen.path = track.path
        hit = clip_bars.clip_under(context, self._desk, track, x) if track is not None else None
        if keys:
            if not set(keys) <= set(chosen.all):
                chosen.choose(keys)
            imgui.open_popup(menus.KEYS)
        elif hit is not None and track is not None:
            chosen.choose_clip(track.path, hit[0])
            imgui.open_popup(menus.CLIP)
        else:
            imgui.open_popup(menus.EMPTY)

    def _set_key(self, context: Context, line: Line | None, x: float) -> None:
        """A key with what the track has there, where there was none."""
        timeline = verbs.timeline_of(context)
        time_s = min(on_frame(timeline, self._desk.scale.time(x)), timeline.duration_s)
        if line is None or line.track is None:
            return
        new = with_values(timeline, line.paths, time_s, verbs.request_then(context, time_s))
        verbs.change(context, new)
        context.chosen.choose([KeyAt(line.track.path, time_s)])


def draw_grid(context: Context, desk: Desk, r: Rect) -> None:
    """The large ticks of the ruler, down through the lines."""
    for x in desk.tick_places:
        context.ui.paint.box(Rect(x, r.y, 1, r.h), "grid")


def draw_outside(context: Context, desk: Desk, r: Rect) -> None:
    """Shade what is not played."""
    timeline: Timeline = verbs.timeline_of(context)
    frames, scale = played(timeline), desk.scale
    left, right = (round(scale.at(time_of(timeline, frame))) for frame in (frames.start, frames.stop))
    for start, end in ((r.x, min(left, r.right)), (max(right, r.x), r.right)):
        if end > start:
            context.ui.paint.box(Rect(start, r.y, end - start, r.h), "window", 0, 0.35)
