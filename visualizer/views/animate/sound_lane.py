"""The lane of the sound: its waveform and beats; it drags, and its tempo is typed or tapped."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import numpy as np
import numpy.typing as npt
from imgui_bundle import imgui

from core.audio import Taps, waveform
from core.base.control import Control
from core.timeline import SoundTrack
from resources import icons
from visualizer.actions.context import Context
from visualizer.actions.timeline import sound as verbs_of_sound
from visualizer.actions.timeline import verbs
from visualizer.session.time.sounds import Heard
from visualizer.toolkit.paint import Rect
from visualizer.views.animate.desk import Desk

HEIGHT = 52
BPM = Control(label="Tempo", default=0.0, limits=(0, 1000), range=(0, 1000), format="%.1f", step=0.1,
              tip="Beats a minute; 0: as found in the sound")  # fmt: skip
BEATS_ROOM = 5  # pixels between two beats that are drawn


class SoundLane:
    """Of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._taps = Taps()
        self._drawn: tuple[tuple[object, ...], npt.NDArray[np.float32]] | None = None
        self._held: tuple[float, float] | None = None  # offset and time under the pointer at the press

    def draw(self, context: Context, left: Rect, right: Rect, sound: SoundTrack) -> None:
        self._draw_head(context, left, sound)
        self._draw_wave(context, right, sound)

    # -- At the left ----------------------------------------------------------

    def _draw_head(self, context: Context, r: Rect, sound: SoundTrack) -> None:
        ui, px, paint = context.ui, context.ui.px, context.ui.paint
        paint.box(r, "panel")
        paint.hline(r.x, r.bottom - 1, r.w)
        paint.box(Rect(r.right - 1, r.y, 1, r.h), "window")
        top = Rect(r.x, r.y + px(2), r.w, px(22))
        why_not = context.sounds.speaker.why_not
        paint.icon(Rect(top.x + px(6), top.y, px(16), top.h), icons.MUSIC, "text_faint" if why_not else "text_dim", 14)
        name = Rect(top.x + px(26), top.y, top.w - px(56), top.h)
        paint.text(name, Path(sound.path).name, size=14)
        ui.item("Sound", name, tip=Path(sound.path).name, more=why_not)
        at = Rect(top.right - px(26), top.y, px(22), top.h)
        if ui.icon_button("Remove the sound", icons.X, at=at):
            verbs_of_sound.remove(context)
        y, x = r.y + px(25), r.x + px(8)
        bpm = context.sounds.bpm(sound)
        box = Rect(x, y, px(76), px(23))
        new = ui.number(BPM, round(bpm, 1), at=box, name="Tempo")
        if new != round(bpm, 1):
            verbs_of_sound.set_tempo(context, float(new))
        x += px(80)
        for label, width, act in (("Tap", 40, self._tap), ("×2", 28, _double), ("÷2", 28, _halve)):
            if x + px(width) > r.right - px(4):
                break
            if ui.button(label, at=Rect(x, y, px(width), px(23)), tip=TIPS[label]):
                act(context)
            x += px(width + 4)

    def _tap(self, context: Context) -> None:
        """Taps while it plays tell where the beats are, too."""
        document, sound = context.session.document, verbs.timeline_of(context).sound
        playing = context.playback.speed == 1.0
        self._taps = self._taps.tapped(document.time_s if playing else perf_counter())
        bpm, first_s = self._taps.bpm, self._taps.offset_s
        if bpm is None or first_s is None or sound is None:
            return
        verbs_of_sound.set_tempo(context, bpm)
        if playing:
            verbs_of_sound.change(context, first_beat_s=first_s - sound.offset_s)

    # -- Over time ------------------------------------------------------------

    def _draw_wave(self, context: Context, r: Rect, sound: SoundTrack) -> None:
        ui, paint, heard = context.ui, context.ui.paint, context.sounds.heard
        self._drag(context, r, sound)
        paint.list.push_clip_rect(*r.corners, True)
        paint.box(r, "plot")
        if heard is None:
            words = "Reading the sound" if context.sounds.reading else "The sound is not there; open it anew"
            paint.text(r, words, "text_dim", size=14, align=0.5)
        else:
            self._columns(context, r, sound, heard)
            self._beats(context, r)
        paint.box(Rect(r.x, r.bottom - 1, r.w, 1), "grid")
        paint.list.pop_clip_rect()
        if heard is not None and context.sounds.speaker.why_not:
            plate = Rect(r.right - ui.px(50), r.y + ui.px(2), ui.px(44), ui.px(16))
            paint.box(plate, "plot", ui.px(3), 0.85)
            paint.text(plate, "silent", "text_dim", size=12, align=0.5)

    def _columns(self, context: Context, r: Rect, sound: SoundTrack, heard: Heard) -> None:
        scale, count = self._desk.scale, max(1, int(r.w))
        of = (heard, count, scale.start_s, scale.per_s, sound.offset_s, sound.gain_db)
        if self._drawn is None or self._drawn[0] != of:
            start_s = scale.start_s - sound.offset_s
            self._drawn = of, waveform(heard.sound, count, start_s, start_s + count / scale.per_s)
        middle, half = r.y + r.h / 2, r.h / 2 - context.ui.px(3)
        lowest, highest = (self._drawn[1] * 10 ** (sound.gain_db / 20)).clip(-1, 1).T
        tops = (middle - highest * half).tolist()
        bottoms = (middle - lowest * half + 1).tolist()
        draw, colour = context.ui.paint.list.add_line, context.ui.style.colour("p2", 0.8)
        for column in np.flatnonzero(highest - lowest > 0).tolist():
            x = r.x + column + 0.5
            draw((x, tops[column]), (x, bottoms[column]), colour)

    def _beats(self, context: Context, r: Rect) -> None:
        scale = self._desk.scale
        beats = [time_s for time_s in context.sounds.beats(verbs.timeline_of(context))
                 if scale.start_s <= time_s <= scale.end_s]  # fmt: skip
        if len(beats) * context.ui.px(BEATS_ROOM) > r.w:
            return
        for time_s in beats:
            context.ui.paint.box(Rect(round(scale.at(time_s)), r.y, 1, r.h), "warning", 0, 0.55)

    def _drag(self, context: Context, r: Rect, sound: SoundTrack) -> None:
        """The sound is moved along the timeline."""
        timeline, mouse = verbs.timeline_of(context), imgui.get_io().mouse_pos
        it = context.ui.item("Waveform", r, tip="Drag to move the sound; right click has more")
        if it.hovered and imgui.is_mouse_clicked(1):
            imgui.open_popup("##sound")
        context.ui.popup("##sound", lambda: self._menu(context), Rect(mouse.x, mouse.y, 0, 0))
        if it.started:
            self._held = sound.offset_s, self._desk.scale.time(mouse.x)
        if it.active and it.drag_x and self._held is not None:
            offset_s = self._held[0] + self._desk.scale.time(mouse.x) - self._held[1]
            if not imgui.get_io().key_ctrl:
                frame_s = float(1 / timeline.rate)
                offset_s = round(offset_s / frame_s) * frame_s
                offset_s = 0.0 if abs(offset_s * self._desk.scale.per_s) < context.ui.px(6) else offset_s
            verbs_of_sound.change(context, offset_s=offset_s)

    def _menu(self, context: Context) -> None:
        ui, document, sound = context.ui, context.session.document, verbs.timeline_of(context).sound
        if sound is None:
            return
        if ui.menu_item("First beat at the playhead", off=not context.sounds.bpm(sound)):
            verbs_of_sound.change(context, bpm=context.sounds.bpm(sound),
                                  first_beat_s=document.time_s - sound.offset_s)  # fmt: skip
        if ui.menu_item("Tempo as found", off=not sound.bpm):
            verbs_of_sound.change(context, bpm=0.0)
        if ui.menu_item("Start at the playhead"):
            verbs_of_sound.change(context, offset_s=document.time_s)
        imgui.separator()
        for gain in (6.0, 0.0, -6.0, -12.0):
            text = f"{gain:+.0f} dB".replace("-", "−") if gain else "0 dB"
            if ui.menu_item(text, on=sound.gain_db == gain):
                verbs_of_sound.change(context, gain_db=gain)


def _double(context: Context) -> None:
    verbs_of_sound.scale_tempo(context, 2.0)


def _halve(context: Context) -> None:
    verbs_of_sound.scale_tempo(context, 0.5)


TIPS = {
    "Tap": "Tap the tempo; while it plays, also where the beats are",
    "×2": "Twice as many beats",
    "÷2": "Half as many beats",
}
