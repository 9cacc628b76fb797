"""The bar between picture and timeline: play, step, loop, auto-key, preview, rate, duration."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from imgui_bundle import imgui

from core.base.control import Control
from resources import icons
from visualizer.actions.commands import command_of, run_command
from visualizer.actions.context import Context
from visualizer.actions.timeline import verbs
from visualizer.panels.common.command_items import draw_command, draw_tool
from visualizer.session.time.frames import clock_text, frame_at, played
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.views.animate.desk import Desk

HEIGHT = 36
RATES = {"24": Fraction(24), "25": Fraction(25), "30": Fraction(30), "48": Fraction(48), "50": Fraction(50),
         "60": Fraction(60), "23.976": Fraction(24000, 1001), "29.97": Fraction(30000, 1001),
         "59.94": Fraction(60000, 1001)}  # fmt: skip
DURATION = Control(label="Duration", default=10.0, limits=(0.1, 7200.0), range=(0.1, 7200.0), format="%.2f", unit="s",
                   step=0.05, tip="Of the timeline, in seconds")  # fmt: skip
EXPORT = 88  # width of its button
MIDDLE_FROM, RIGHT_FROM = 430, 640  # widths of the bar that have room for more than playing


class Transport:
    """Of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def draw(self, context: Context, r: Rect) -> None:
        px, paint = context.ui.px, context.ui.paint
        paint.box(r, "bar")
        paint.hline(r.x, r.bottom - 1, r.w, "window")
        x, y, side = r.x + px(8), r.y + px(4), px(28)

        def at(width: float = 28) -> Rect:
            nonlocal x
            place = Rect(x, y, px(width), side)
            x += px(width + 2)
            return place

        playing = context.playback.playing
        draw_tool(context, "first-frame", "First frame", at())
        draw_tool(context, "previous-key", "Previous key", at())
        self._play(context, at(36), playing)
        draw_tool(context, "next-key", "Next key", at())
        draw_tool(context, "last-frame", "Last frame", at())
        x += px(10)
        x = self._readout(context, Rect(x, r.y, r.right - x, r.h))
        if r.w >= px(MIDDLE_FROM):
            x += px(10)
            loops = verbs.timeline_of(context).loop
            tip = "Loop: the end meets the start, in value and motion"
            draw_tool(context, "loop-timeline", "Loop", at(), on=loops, tip=tip)
            self._auto_key(context, at())
            on = context.preview.on
            draw_tool(context, "preview", "Preview", at(), on=on, tip=preview_text(context))
        self._right(context, r, x)

    def _play(self, context: Context, r: Rect, playing: bool) -> None:
        ui = context.ui
        command = command_of("play")
        it = ui.item("Play", r, tip=command.tip("Stop" if playing else "Play"), off=command.why_not(context))
        ui.paint.box(r, "accent_hover" if it.hovered and not it.active else "primary", ui.px(4))
        ui.paint.icon(r, icons.PAUSE if playing else icons.PLAY, "on_primary", 16)
        if it.clicked:
            run_command(command, context)

    def _readout(self, context: Context, r: Rect) -> float:
        """Time, frame, whole. Returns where it ends."""
        ui, px, document = context.ui, context.ui.px, context.session.document
        timeline = document.state.timeline
        now, frame = clock_text(timeline, document.time_s), frame_at(timeline, document.time_s)
        widest = ui.paint.text_width("00:00:00", Font.BOLD, 16)
        ui.paint.text(Rect(r.x, r.y, widest, r.h), now, font=Font.BOLD, size=16)
        ui.readout("Time", Rect(r.x, r.y, widest, r.h), now, tip="Minutes, seconds, frames")
        x = r.x + widest + px(6)
        text = f"frame {frame} of {timeline.frames}"
        width = ui.paint.text_width(f"frame {timeline.frames} of {timeline.frames}", size=13)
        if x + width < r.right - px(190):
            ui.paint.text(Rect(x, r.y, width, r.h), text, "text_dim", size=13)
            x += width
        speed = context.playback.speed
        if speed not in (0.0, 1.0):
            words = f"{speed:+.0f} ×".replace("-", "−")
            ui.paint.text(Rect(x + px(6), r.y, px(40), r.h), words, "warning", font=Font.MEDIUM, size=14)
            x += px(44)
        return x

    def _auto_key(self, context: Context, r: Rect) -> None:
        """Red where it is on, as what it does cannot be seen otherwise."""
        command, on = command_of("auto-key"), context.session.document.auto_key
        it = context.ui.item("Auto-key", r, tip=command.tip("Auto-key: what is changed gets a key at the playhead"))
        if on or it.hovered:
            context.ui.paint.box(r, "control_hover", context.ui.px(4))
        context.ui.paint.icon(r, icons.CIRCLE_DOT, "error" if on else "text" if it.hovered else "text_dim")
        if it.clicked:
            run_command(command, context)

    # -- Rate, duration, more -------------------------------------------------

    def _right(self, context: Context, r: Rect, left: float) -> None:
        ui, px = context.ui, context.ui.px
        x, y = r.right - px(36), r.y + px(4)
        if ui.icon_button("Timeline menu", icons.ELLIPSIS, at=Rect(x, y, px(28), px(28)), tip="More of the timeline"):
            imgui.open_popup("##timeline")
        ui.popup("##timeline", lambda: self._menu(context), Rect(x - px(180), r.bottom, px(208), 0))
        if r.w >= px(RIGHT_FROM) and x - px(EXPORT + 210) > left:
            x -= px(EXPORT + 4)
            self._export(context, Rect(x, y, px(EXPORT), px(28)))
        x -= px(32)
        if x > left:
            draw_tool(context, "fit-timeline", "Fit", Rect(x, y, px(28), px(28)), tip="See the whole timeline")
        if r.w < px(RIGHT_FROM) or x - px(174) < left:
            return
        x -= px(88)
        self._duration(context, Rect(x, r.y + px(6), px(82), px(24)))
        x -= px(82)
        text = f"{rate_text(verbs.timeline_of(context).rate)} fps"
        ui.combo("Rate", text, at=Rect(x, r.y + px(6), px(78), px(24)), menu=lambda: self._rates(context),
                 tip="Frames a second")  # fmt: skip

    def _export(self, context: Context, r: Rect) -> None:
        command = command_of("export-film")
        if context.ui.button("Export", at=r, icon=command.icon, tip=command.title, off=command.why_not(context)):
            run_command(command, context)

    def _duration(self, context: Context, r: Rect) -> None:
        timeline = verbs.timeline_of(context)
        new = context.ui.number(DURATION, timeline.duration_s, at=r, name="Duration", prefix="s")
        if new != timeline.duration_s:
            end_s = timeline.end_s if timeline.end_s is not None and timeline.end_s < new else None
            start_s = timeline.start_s if timeline.start_s < new else 0.0
            verbs.change(context, replace(timeline, duration_s=float(new), end_s=end_s, start_s=start_s))

    def _rates(self, context: Context) -> None:
        timeline = verbs.timeline_of(context)
        for text, rate in RATES.items():
            if context.ui.menu_item(f"{text} fps", on=timeline.rate == rate):
                verbs.change(context, replace(timeline, rate=rate))

    def _menu(self, context: Context) -> None:
        ui, desk = context.ui, self._desk
        draw_command(context, "loop-timeline")
        draw_command(context, "auto-key")
        draw_command(context, "preview")
        if ui.menu_item("Ripple: what lies later goes along", on=desk.ripple):
            desk.ripple = not desk.ripple
        imgui.separator()
        if ui.begin_submenu("Frame rate"):
            self._rates(context)
            imgui.end_menu()
        draw_command(context, "fit-timeline")
        draw_command(context, "marker")
        imgui.separator()
        for name in ("insert-key", "choose-all-keys", "copy-keys", "paste-keys", "duplicate-keys", "delete-keys"):
            draw_command(context, name)
        imgui.separator()
        draw_command(context, "open-sound")
        draw_command(context, "remove-sound")
        imgui.separator()
        draw_command(context, "export-film")


def rate_text(rate: Fraction) -> str:
    """A rate as it is called: "29.97"."""
    known = next((text for text, known in RATES.items() if known == rate), "")
    return known or f"{float(rate):.3f}".rstrip("0").rstrip(".")


def preview_text(context: Context) -> str:
    """What the preview has."""
    total = len(played(verbs.timeline_of(context)))
    there = sum(len(span) for span in context.preview.spans)
    return f"RAM preview: renders what is coming, then plays at full rate; {there} of {total} frames are there"
