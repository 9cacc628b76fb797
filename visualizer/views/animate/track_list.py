"""The list at the left of the timeline: groups and tracks with their values, muted, folded, removed."""

from __future__ import annotations

from collections.abc import Sequence

from imgui_bundle import imgui

from resources import icons
from visualizer.actions.context import Context
from visualizer.actions.timeline import verbs
from visualizer.panels.common.keys.track_words import value_words
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.views.animate import menus
from visualizer.views.animate.desk import Desk
from visualizer.views.animate.lines import ALL, Line

SIDE = 20  # of a small button
INDENT = 14  # of what is in a group
VALUE_WIDTH = 74
DIAMOND = 4.5


class TrackList:
    """Of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def draw(self, context: Context, r: Rect, lines: Sequence[Line]) -> None:
        """lines: all of them; those that are seen are drawn."""
        ui, px, desk = context.ui, context.ui.px, self._desk
        it = ui.item("Tracks", r)
        if it.hovered:
            imgui.set_item_key_owner(imgui.Key.mouse_wheel_y)
            desk.scroll -= imgui.get_io().mouse_wheel * px(48)
        imgui.push_clip_rect(*r.corners, True)
        ui.paint.box(r, "panel")
        pitch = desk.pitch(px)
        first, last = desk.visible(r, px, len(lines))
        for index in range(first, last):
            row = Rect(r.x, r.y + index * pitch - desk.scroll, r.w, pitch)
            imgui.push_id(index)
            self._line(context, lines[index], row, r)
            imgui.pop_id()
        imgui.pop_clip_rect()
        ui.paint.box(Rect(r.right - 1, r.y, 1, r.h), "window")

    def _line(self, context: Context, line: Line, row: Rect, area: Rect) -> None:
        ui, px, paint = context.ui, context.ui.px, context.ui.paint
        mouse = imgui.get_io().mouse_pos
        track = line.track
        hot = imgui.is_window_hovered() and row.contains(mouse.x, mouse.y) and area.contains(mouse.x, mouse.y)
        chosen = track is not None and track.path == context.chosen.path
        if track is None:
            paint.box(row, "header")
        if chosen or hot:
            paint.box(row, "select" if chosen else "control_hover", 0, 1.0 if chosen else 0.35)
        paint.box(Rect(row.x, row.bottom - 1, row.w, 1), "line", 0, 0.7)
        right = self._buttons(context, line, row, hot)
        x = row.x + px(8 + INDENT * line.depth)
        if track is None and line.name != ALL:
            at = Rect(x - px(4), row.y, px(18), row.h)
            paint.icon(at, icons.CHEVRON_RIGHT if line.folded else icons.CHEVRON_DOWN, size=13)
            x += px(16)
        name = Rect(x, row.y, right - x, row.h)
        it = ui.item(f"Track {self._id(line)}", Rect(row.x, row.y, right - row.x, row.h), tip=self._tip(line))
        if it.clicked:
            self._click(context, line)
        if it.hovered and imgui.is_mouse_clicked(1) and track is not None:
            context.chosen.path = track.path
            imgui.open_popup(menus.TRACK)
        self._words(context, line, name)
        if track is not None:
            menus.draw_track_menu(context, self._desk, track)

    def _id(self, line: Line) -> str:
        return line.track.path if line.track is not None else line.name

    def _tip(self, line: Line) -> str:
        if line.track is None:
            return "" if line.name == ALL else "Fold or unfold the group; right click on a track has more"
        if line.target is None:
            return "Nothing that there is has this path; the track does nothing"
        return f"{line.target.label} · right click has more"

    def _click(self, context: Context, line: Line) -> None:
        if line.track is not None:
            context.chosen.path = line.track.path
        elif line.name != ALL:
            self._desk.folded ^= {line.name}

    def _words(self, context: Context, line: Line, r: Rect) -> None:
        """The name, and the value at the playhead."""
        ui, paint, session = context.ui, context.ui.paint, context.session
        muted = all(track.muted for track in line.tracks)
        value = ""
        if line.target is not None:
            value = line.target.missing(session.request, session.info) and "not here"
            value = value or value_words(line.target, session.request, session.info)
        width = min(paint.text_width(value, size=13) + ui.px(8), ui.px(VALUE_WIDTH)) if value else 0.0
        font = Font.MEDIUM if line.track is None else Font.REGULAR
        colour = "text_faint" if muted else "text_dim" if line.track is None else "text"
        paint.text(Rect(r.x, r.y, max(r.w - width, 1), r.h), line.name, colour, font=font, size=14)
        if value:
            place = Rect(r.right - width, r.y, width - ui.px(4), r.h)
            paint.text(place, value, "text_faint" if muted else "text_dim", size=13, align=1)
            ui.values[ui.name(f"Track {self._id(line)}")] = value

    def _buttons(self, context: Context, line: Line, row: Rect, hot: bool) -> float:
        """Key at the playhead, mute, remove. Returns where they begin."""
        ui, px = context.ui, context.ui.px
        x, side, name = row.right - px(4), px(SIDE), self._id(line)
        track = line.track
        if line.name == ALL and track is None:
            return x
        x -= side
        muted = all(each.muted for each in line.tracks)
        at = Rect(x, row.y + px(2), side, row.h - px(4))
        if hot or muted:
            tip = "Let it move again" if muted else "Mute: as if it were not there"
            icon = icons.EYE_OFF if muted else icons.EYE
            if ui.icon_button(f"Mute {name}", icon, at=at, tip=tip):
                verbs.mute(context, line.tracks, not muted)
        if track is None:
            return x
        if hot:
            x -= side
            at = Rect(x, row.y + px(2), side, row.h - px(4))
            if ui.icon_button(f"Remove {name}", icons.TRASH_2, at=at, tip="Remove the track"):
                verbs.remove_track(context, track.path)
        x -= side
        at = Rect(x, row.y + px(2), side, row.h - px(4))
        here = verbs.key_here(context, track.path) is not None
        tip = "Remove the key at the playhead" if here else "Set a key at the playhead (I)"
        it = ui.item(f"Key {name}", at, tip=tip)
        loose = track.path in context.session.document.loose
        colour = "p1" if loose else "accent" if here else "text" if it.hovered else "text_faint"
        ui.paint.diamond(*at.centre, px(DIAMOND), colour, filled=here or loose)
        if it.clicked:
            verbs.toggle_keys(context, [track.path])
        return x
