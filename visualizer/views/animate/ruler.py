"""The ruler over the timeline: time and frames, the playhead, in and out, markers, what the preview has."""

from __future__ import annotations

from dataclasses import replace

from imgui_bundle import imgui

from core.timeline import Marker, Timeline
from visualizer.actions.context import Context
from visualizer.session.time.frames import clock_text, frame_at, on_frame, played, time_of
from visualizer.toolkit.interact import Interaction
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.views.animate.desk import Desk
from visualizer.views.animate.scale import ruler_ticks

HEIGHT = 36
RANGE = 12  # of the strip with in, out and markers
TEXT_ROOM = 74  # that a text of the ruler needs
ZOOM_STEP = 1.2
GRIP = 6  # to each side of a handle
TIP = "Drag to scrub; the wheel zooms, a double click shows all of it"


class Ruler:
    """Of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._held_marker: int | None = None

    def draw(self, context: Context, r: Rect) -> None:
        """Take its input, and draw it. The playhead's line is drawn by `draw_playhead`."""
        ui, px, timeline = context.ui, context.ui.px, context.session.document.state.timeline
        strip = Rect(r.x, r.y, r.w, px(RANGE))
        it = ui.item("Ruler", Rect(r.x, strip.bottom, r.w, r.h - strip.h), tip=TIP,
                     more="Right click for in, out and markers")  # fmt: skip
        self._scrub(context, it)
        self._menu(context, it)
        zoom_with_wheel(context, self._desk, it)
        ui.paint.list.push_clip_rect(*r.corners, True)
        ui.paint.box(r, "header")
        self._ticks(context, r, timeline)
        self._range(context, strip, timeline)
        self._cached(context, Rect(r.x, r.bottom - px(3), r.w, px(3)), timeline)
        self._markers(context, strip, timeline)
        ui.paint.hline(r.x, r.bottom - 1, r.w)
        ui.paint.list.pop_clip_rect()

    def _scrub(self, context: Context, it: Interaction) -> None:
        if it.hovered and imgui.is_mouse_double_clicked(0):
            self._desk.scale.fit(0.0, context.session.document.state.timeline.duration_s)
        elif it.active:
            document, mouse = context.session.document, imgui.get_io().mouse_pos.x
            timeline = document.state.timeline
            document.move_to(on_frame(timeline, min(max(self._desk.scale.time(mouse), 0.0), timeline.duration_s)))

    def _ticks(self, context: Context, r: Rect, timeline: Timeline) -> None:
        ui, px, scale = context.ui, context.ui.px, self._desk.scale
        bottom, plate = r.bottom - px(3), playhead_plate(context, self._desk, r)
        for tick in ruler_ticks(timeline, scale, px(TEXT_ROOM)):
            x = round(scale.at(tick.time_s))
            high = px(9) if tick.text else px(4)
            ui.paint.box(Rect(x, bottom - high, 1, high), "text_faint" if tick.text else "border")
            if not tick.text or x + px(40) >= r.right:
                continue
            place = Rect(x + px(4), r.y + px(RANGE), ui.paint.text_width(tick.text, size=12) + 1, px(16))
            frame = Rect(place.right + px(5), place.y, ui.paint.text_width(str(tick.frame), size=12) + 1, place.h)
            if place.x < plate.right and place.right > plate.x:
                continue  # half of a time would be read as another one
            ui.paint.text(place, tick.text, "text_dim", size=12)
            if frame.x >= plate.right or frame.right <= plate.x:
                ui.paint.text(frame, str(tick.frame), "text_faint", size=12, alpha=0.7)

    def _cached(self, context: Context, r: Rect, timeline: Timeline) -> None:
        """A line where the preview has frames."""
        scale, half_s = self._desk.scale, time_of(timeline, 1) / 2
        for span in context.preview.spans:
            left = max(scale.at(time_of(timeline, span.start) - half_s), r.x)
            right = min(scale.at(time_of(timeline, span.stop) - half_s), r.right)
            if right > left:
                context.ui.paint.box(Rect(left, r.y, right - left, r.h), "ok")

    # -- In and out -----------------------------------------------------------

    def _range(self, context: Context, r: Rect, timeline: Timeline) -> None:
        """What is played, as a bar whose ends drag."""
        ui, px, scale = context.ui, context.ui.px, self._desk.scale
        frames = played(timeline)
        left, right = (round(scale.at(time_of(timeline, frame))) for frame in (frames.start, frames.stop))
        ui.paint.box(r, "track")
        bar = Rect(left, r.y + px(2), max(1, right - left), r.h - px(4))
        whole = timeline.start_s == 0 and timeline.end_s is None
        ui.paint.box(bar, "control_active" if whole else "accent_fill", px(2))
        for name, x in (("In", left), ("Out", right)):
            at = Rect(x - px(GRIP), r.y, px(2 * GRIP), r.h)
            it = ui.item(name, at, tip=f"{name} point: drag it, double click for the {END[name]}")
            ui.paint.box(Rect(x - px(1.5), r.y, px(3), r.h), "accent" if it.hovered or it.active else "text_faint")
            if it.hovered or it.active:
                imgui.set_mouse_cursor(imgui.MouseCursor_.resize_ew)
            if it.hovered and imgui.is_mouse_double_clicked(0):
                context.session.document.change(timeline=with_end(timeline, name, None))
            elif it.active and it.drag_x:
                time_s = on_frame(timeline, scale.time(imgui.get_io().mouse_pos.x))
                context.session.document.change(timeline=with_end(timeline, name, time_s))

    # -- Markers --------------------------------------------------------------

    def _markers(self, context: Context, r: Rect, timeline: Timeline) -> None:
        ui, px, scale = context.ui, context.ui.px, self._desk.scale
        for index, marker in enumerate(timeline.markers):
            x = round(scale.at(marker.time_s))
            if not r.x - px(120) <= x <= r.right:
                continue
            at = Rect(x - px(5), r.y, px(10), r.h)
            it = ui.item(f"Marker {index + 1}", at, tip=marker.name or f"Marker {index + 1}",
                         more="Drag it; right click renames or removes it")  # fmt: skip
            ui.paint.list.add_triangle_filled(
                (x - px(5), r.y + px(1)), (x + px(5), r.y + px(1)), (x, r.bottom), ui.style.colour("warning")
            )
            if marker.name:
                width = min(ui.paint.text_width(marker.name, size=12), px(110))
                plate = Rect(x + px(7), r.y, width + px(6), r.h)
                ui.paint.box(plate, "track", px(2), 0.85)
                ui.paint.text(Rect(plate.x + px(3), r.y, width + 1, r.h), marker.name, "text", size=12)
            if it.active and it.drag_x:
                time_s = min(on_frame(timeline, scale.time(imgui.get_io().mouse_pos.x)), timeline.duration_s)
                moved = replace(marker, time_s=time_s)
                markers = tuple(moved if i == index else other for i, other in enumerate(timeline.markers))
                context.session.document.change(timeline=replace(timeline, markers=markers))
            if it.hovered and imgui.is_mouse_clicked(1):
                self._held_marker = index
                imgui.open_popup("##marker")
        here = Rect(imgui.get_io().mouse_pos.x, r.bottom, 0, 0)
        ui.popup("##marker", lambda: self._marker_menu(context), here)

    def _marker_menu(self, context: Context) -> None:
        ui, px, timeline = context.ui, context.ui.px, context.session.document.state.timeline
        index = self._held_marker
        if index is None or index >= len(timeline.markers):
            return
        marker = timeline.markers[index]
        at = imgui.get_cursor_screen_pos()
        field = Rect(at.x, at.y, px(180), px(24))
        name = ui.text_field("Name of the marker", marker.name, at=field, hint="Name", live=True)
        if name is not None and name != marker.name:
            markers = tuple(replace(m, name=name) if i == index else m for i, m in enumerate(timeline.markers))
            context.session.document.change(timeline=replace(timeline, markers=markers))
        if ui.menu_item("Remove the marker"):
            markers = tuple(m for i, m in enumerate(timeline.markers) if i != index)
            context.session.document.change(timeline=replace(timeline, markers=markers))

    def _menu(self, context: Context, it: Interaction) -> None:
        ui, document = context.ui, context.session.document
        if it.hovered and imgui.is_mouse_clicked(1):
            imgui.open_popup("##ruler")

        def content() -> None:
            timeline, now = document.state.timeline, document.time_s
            if ui.menu_item("In point at the playhead"):
                document.change(timeline=with_end(timeline, "In", now))
            if ui.menu_item("Out point at the playhead"):
                document.change(timeline=with_end(timeline, "Out", now))
            if ui.menu_item("All of it", off=timeline.start_s == 0 and timeline.end_s is None):
                document.change(timeline=replace(timeline, start_s=0.0, end_s=None))
            imgui.separator()
            if ui.menu_item("Marker at the playhead", "M"):
                add_marker(context)

        mouse = imgui.get_io().mouse_pos
        ui.popup("##ruler", content, Rect(mouse.x, mouse.y, 0, 0))


END = {"In": "start", "Out": "end"}


def with_end(timeline: Timeline, name: str, time_s: float | None) -> Timeline:
    """With another in or out point, at least a frame from the other one; None: the very start or end."""
    frame_s = time_of(timeline, 1)
    end_s = timeline.duration_s if timeline.end_s is None else timeline.end_s
    if name == "In":
        return replace(timeline, start_s=min(max(time_s or 0.0, 0.0), end_s - frame_s))
    if time_s is None or time_s >= timeline.duration_s:
        return replace(timeline, end_s=None)
    return replace(timeline, end_s=max(time_s, timeline.start_s + frame_s))


def add_marker(context: Context) -> None:
    """At the playhead, unless there is one."""
    document = context.session.document
    timeline, now = document.state.timeline, document.time_s
    if all(marker.time_s != now for marker in timeline.markers):
        markers = tuple(sorted((*timeline.markers, Marker(now)), key=lambda marker: marker.time_s))
        document.change(timeline=replace(timeline, markers=markers))


def zoom_with_wheel(context: Context, desk: Desk, it: Interaction) -> None:
    """The wheel zooms at the pointer; with Shift, or sideways, it pans."""
    io, timeline = imgui.get_io(), context.session.document.state.timeline
    if not it.hovered:
        return
    imgui.set_item_key_owner(imgui.Key.mouse_wheel_y)
    if io.mouse_wheel_h or (io.mouse_wheel and io.key_shift):
        desk.scale.pan((io.mouse_wheel_h or io.mouse_wheel) * context.ui.px(48), timeline)
    elif io.mouse_wheel:
        desk.scale.zoom(io.mouse_pos.x, ZOOM_STEP**io.mouse_wheel, timeline)


def draw_playhead(context: Context, desk: Desk, r: Rect) -> None:
    """The line of the playhead over ruler and lanes, with its time on the ruler."""
    ui, px, document = context.ui, context.ui.px, context.session.document
    x = round(desk.scale.at(document.time_s))
    if not r.x - px(40) <= x <= r.right + px(40):
        return
    ui.paint.list.push_clip_rect(*r.corners, True)
    ui.paint.box(Rect(x, r.y, max(1, px(1)), r.h), "accent")
    text, plate = clock_text(document.state.timeline, document.time_s), playhead_plate(context, desk, r)
    ui.paint.box(plate, "primary", px(4))
    ui.paint.text(plate, text, "on_primary", font=Font.MEDIUM, size=12, align=0.5)
    ui.paint.list.pop_clip_rect()


def playhead_plate(context: Context, desk: Desk, r: Rect) -> Rect:
    """Where the time of the playhead is on a ruler."""
    ui, px, document = context.ui, context.ui.px, context.session.document
    width = ui.paint.text_width(clock_text(document.state.timeline, document.time_s), Font.MEDIUM, 12) + px(10)
    x = min(max(round(desk.scale.at(document.time_s)) - round(width / 2), r.x), r.right - width)
    return Rect(x, r.y + px(RANGE), width, px(17))


def frame_text(context: Context) -> str:
    """Which frame the playhead is at."""
    document = context.session.document
    return f"Frame {frame_at(document.state.timeline, document.time_s)}"
