"""The timeline: transport, ruler, list, and over time the keys or the curves."""

from __future__ import annotations

from imgui_bundle import imgui

from core.base.control import one_of
from resources import icons
from visualizer.actions.context import Context
from visualizer.actions.timeline import clips, verbs
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.views.animate import menus, ruler, sound_lane, transport
from visualizer.views.animate.curves import Curves
from visualizer.views.animate.desk import LIST_NARROW, LIST_WIDTH, NARROW, PITCH, Desk, Mode
from visualizer.views.animate.lines import Line, Lines
from visualizer.views.animate.scale import ruler_ticks
from visualizer.views.animate.sheet import Sheet, draw_grid
from visualizer.views.animate.track_list import TrackList
from visualizer.views.shelf.timeline_drop import take_dropped

MODES = one_of("Shown", [mode.value for mode in Mode], ["Keys and clips", "Curves of the chosen tracks, with tangents"])
HINT = "Nothing moves yet"
HINTS = (
    "Point at any control and press I, or right click it with Shift: it gets a key at the playhead.",
    "Move the playhead, change the value, and press I again. Space plays.",
    "A sound that is dropped on the window lies under the timeline, and can drive what has a number.",
)
BAR = 6  # of the scroll bar


class TimelineView:
    """One for the window."""

    def __init__(self) -> None:
        self.desk = Desk()
        self._lines = Lines()
        self._transport = transport.Transport(self.desk)
        self._ruler = ruler.Ruler(self.desk)
        self._list = TrackList(self.desk)
        self._sheet = Sheet(self.desk)
        self._curves = Curves(self.desk)
        self._sound = sound_lane.SoundLane(self.desk)

    def draw(self, context: Context, area: Rect) -> None:
        px, desk = context.ui.px, self.desk
        timeline = verbs.timeline_of(context)
        context.chosen.follow(timeline)
        desk.forget(timeline)
        self._transport.draw(context, Rect(area.x, area.y, area.w, px(transport.HEIGHT)))
        width = px(LIST_WIDTH if area.w >= px(NARROW) else LIST_NARROW)
        top = area.y + px(transport.HEIGHT)
        head = Rect(area.x, top, width, px(ruler.HEIGHT))
        over = Rect(area.x + width, top, area.w - width, px(ruler.HEIGHT))
        self._place_time(context, over)
        lines = self.lines(context)
        lane = px(sound_lane.HEIGHT) if timeline.sound is not None else 0.0
        lane_left, lane_right = Rect(area.x, head.bottom, width, lane), Rect(over.x, head.bottom, over.w, lane)
        below = Rect(area.x, head.bottom + lane, area.w, max(0.0, area.bottom - head.bottom - lane))
        at_left, at_right = Rect(area.x, below.y, width, below.h), Rect(over.x, below.y, over.w, below.h)
        desk.keep_scrolled(at_right, px, len(lines))
        self._head(context, head)
        self._ruler.draw(context, over)
        if timeline.sound is not None:
            self._sound.draw(context, lane_left, lane_right, timeline.sound)
        self._list.draw(context, at_left, lines)
        if lines:
            over_time = self._sheet if desk.mode is Mode.KEYS else self._curves
            over_time.draw(context, at_right, lines)
        else:
            self._hint(context, at_right)
        take_dropped(context, desk, at_right, lines)
        self._scroll_bar(context, at_right if desk.mode is Mode.KEYS else at_left, len(lines))
        ruler.draw_playhead(context, desk, Rect(over.x, over.y, over.w, area.bottom - over.y))
        self._take_wanted(context, timeline.duration_s)

    def lines(self, context: Context) -> tuple[Line, ...]:
        """All of them, from the top."""
        return self._lines.of(verbs.timeline_of(context), self.desk.folded, context.session.info)

    def _place_time(self, context: Context, r: Rect) -> None:
        """Where time lies in this frame; a window that has grown shows more of it."""
        scale, timeline = self.desk.scale, verbs.timeline_of(context)
        scale.x, scale.w = r.x, max(r.w, 1.0)
        if not scale.per_s:
            scale.fit(0.0, timeline.duration_s)
        if context.playback.playing:
            scale.show(context.session.document.time_s)
        room = context.ui.px(ruler.TEXT_ROOM)
        ticks = [round(scale.at(tick.time_s)) for tick in ruler_ticks(timeline, scale, room) if tick.text]
        self.desk.tick_places = tuple(float(x) for x in ticks)

    def _take_wanted(self, context: Context, duration_s: float) -> None:
        """What a command asked for."""
        if self.desk.fit_wanted:
            self.desk.fit_wanted = False
            self.desk.scale.fit(0.0, duration_s)
            self._curves.refit()
            context.ui.redraw_in(0.0)

    def _head(self, context: Context, r: Rect) -> None:
        """Over the list: keys or curves, what can be added."""
        ui, px, desk = context.ui, context.ui.px, self.desk
        ui.paint.box(r, "header")
        ui.paint.hline(r.x, r.bottom - 1, r.w)
        ui.paint.box(Rect(r.right - 1, r.y, 1, r.h), "window")
        row = ui.bare_row(Rect(r.x + px(8), r.y + px(6), px(128), px(24)))
        desk.mode = Mode(str(ui.segments(MODES, desk.mode.value, row=row)))
        at = Rect(r.right - px(34), r.y + px(4), px(28), px(28))
        if ui.icon_button("Add", icons.PLUS, at=at, tip="Add a key, a clip, a marker, a sound"):
            imgui.open_popup("##add")
        ui.popup("##add", lambda: menus.draw_add(context), Rect(at.x, at.bottom, px(180), 0))

    def _scroll_bar(self, context: Context, r: Rect, count: int) -> None:
        ui, px, desk = context.ui, context.ui.px, self.desk
        whole = count * px(PITCH)
        if whole <= r.h or r.h <= 0:
            return
        high = max(r.h * r.h / whole, px(20))
        y = r.y + (r.h - high) * desk.scroll / (whole - r.h)
        bar = Rect(r.right - px(BAR + 2), y, px(BAR), high)
        it = ui.item("Scroll", Rect(r.right - px(BAR + 4), r.y, px(BAR + 4), r.h))
        ui.paint.box(bar, "border" if it.hovered or it.active else "control_active", px(3), 0.9)
        if it.active:
            desk.scroll += it.drag_y * whole / r.h

    def _hint(self, context: Context, r: Rect) -> None:
        """What to do with an empty timeline."""
        context.ui.paint.box(r, "plot")
        draw_grid(context, self.desk, r)
        px, paint = context.ui.px, context.ui.paint
        width = min(r.w - px(32), px(560))
        heights = [paint.wrapped_height(width, text, size=14) for text in HINTS]
        whole = px(24) + sum(heights) + px(44)
        if whole > r.h or width < px(120):
            return
        x, y = float(round(r.x + (r.w - width) / 2)), float(round(r.y + (r.h - whole) / 2))
        paint.box(Rect(x, y, width, whole).inset(-px(8)), "plot")
        paint.text(Rect(x, y, width, px(20)), HINT, font=Font.MEDIUM)
        y += px(24)
        for text, height in zip(HINTS, heights, strict=True):
            paint.wrapped(x, y, width, text, size=14)
            y += height + px(4)
        each = min(px(194), (width - px(8)) / 2)
        for choice in clips.CHOICES[:2]:
            at = Rect(x, y + px(8), each, px(26))
            if context.ui.button(choice.name, at=at, icon=icons.ROUTE, tip=choice.tip, off=choice.why_not(context)):
                clips.add(context, choice)
            x += each + px(8)
