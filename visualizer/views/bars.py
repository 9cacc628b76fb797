"""The bars at the top and the bottom of the window: menus and main buttons; message and machine facts."""

from __future__ import annotations

from imgui_bundle import imgui

import ops
from core.base.text import shown
from core.opening.demos import installed_demos
from resources import icons
from visualizer.actions.commands import command_of, run_command
from visualizer.actions.context import Context
from visualizer.panels.common.command_items import draw_command, draw_tool
from visualizer.panels.common.demo_row import draw_demo_menu
from visualizer.session.meters import Meter
from visualizer.session.network_names import display_name
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.views.files.recent_menu import draw_recent_menu
from visualizer.views.overlays import amount_text
from visualizer.views.toasts import NOTICE_LOOKS
from visualizer.views.workspaces import WORKSPACES

TAB_WIDTH, TAB_ICON = 104, 32
NAME_WIDTH = 60  # the least room for the name of the session
RATE_REFRESH_S = 0.5
MENUS = {  # ids of commands; "": a line between groups, "recent" and "demos": menus of what can be opened
    "File": (
        "new-session", "open", "recent", "demos", "", "save-session", "save-session-as", "resume", "",
        "save-picture", "save-window", "record", "export-film", "", "quit",
    ),
    "Edit": ("undo", "redo", "", "copy", "random-seed", "keep-a", "swap-a-b", "", "cancel-job", "reset-everything"),
    "View": (
        "fit", "one-to-one", "smooth", "full-screen", "docks", "", "larger", "smaller", "own-size", "theme", "",
        *(f"workspace-{space.name.lower()}" for space in WORKSPACES),
    ),
    "Help": ("find", "keys", "copy-report"),
}  # fmt: skip


class TopBar:
    """Logo, menus, workspaces, undo and redo, theme, record, save."""

    def __init__(self) -> None:
        self._demos = installed_demos()

    def draw(self, context: Context, r: Rect) -> None:
        ui, px = context.ui, context.ui.px
        ui.scope = "Top"
        ui.paint.box(r, "bar")
        ui.paint.hline(0, r.bottom - 1, r.w, "window")
        ui.paint.icon(Rect(px(12), 0, px(22), r.h), icons.APERTURE, "accent", 21)
        x = px(40)
        for name in MENUS:
            x = self._menu(context, name, x, r)
        right = self._right(context, r)
        left = self._workspaces(context, x, right, r)
        self._session(context, Rect(x + px(10), px(8), left - x - px(20), px(28)))

    def _session(self, context: Context, r: Rect) -> None:
        """The name of the session, with a dot while something of it is not saved; where there is room."""
        ui, px, sessions = context.ui, context.ui.px, context.actions.sessions
        if r.w < px(NAME_WIDTH):
            return
        filed, changed = sessions.filed, sessions.changed
        name = shown(filed.name, 100)
        where = shown(filed.path, 200) if filed.path is not None else "Not saved yet; it is kept by itself"
        more = "Not all of it is saved (Ctrl+S)" if changed and filed.path is not None else ""
        width = min(ui.paint.text_width(name, size=14), r.w - px(14))
        ui.item("Session", Rect(r.x, r.y, width + px(14), r.h), tip=where, more=more)
        ui.paint.text(Rect(r.x, r.y, width + 1, r.h), name, "text_dim", size=14)
        if changed:
            ui.paint.disc(r.x + width + px(9), r.y + r.h / 2, px(2.5), "accent")

    def _workspaces(self, context: Context, left: float, right: float, r: Rect) -> float:
        """Tabs in the middle of the window; icons alone or nothing, where there is no room: the View menu has them.

        Returns where they begin.
        """
        ui, px = context.ui, context.ui.px
        gap = px(4)

        def all_of(width: float) -> float:
            return len(WORKSPACES) * (width + gap) - gap

        width = px(TAB_WIDTH if all_of(px(TAB_WIDTH)) + px(16) <= right - left else TAB_ICON)
        whole = all_of(width)
        if whole + px(16) > right - left:
            return right
        first = x = round(min(max((r.w - whole) / 2, left + px(8)), right - px(8) - whole))
        for space in WORKSPACES:
            at = Rect(x, px(8), width, px(28))
            command = command_of(f"workspace-{space.name.lower()}")
            it = ui.item(command.title, at, tip=command.tip())
            on = space.name == context.settings.workspace
            if on or it.hovered:
                ui.paint.box(at, "select" if on else "control_hover", px(4))
            colour = "text" if on else "text_dim"
            word = ui.paint.text_width(space.name, Font.MEDIUM if on else Font.REGULAR)
            start = at.x + (at.w - word - px(22)) / 2 if width > px(TAB_ICON) else at.x + px(8)
            ui.paint.icon(Rect(start, at.y, px(16), at.h), command.icon, "accent" if on else "text_dim")
            if width > px(TAB_ICON):
                font = Font.MEDIUM if on else Font.REGULAR
                ui.paint.text(Rect(round(start + px(22)), at.y, word + 1, at.h), space.name, colour, font=font)
            if it.clicked:
                run_command(command, context)
            x = round(x + width + gap)
        return first

    def _menu(self, context: Context, name: str, x: float, r: Rect) -> float:
        ui, px = context.ui, context.ui.px
        at = Rect(x, px(8), ui.paint.text_width(name, size=16) + px(20), px(28))
        it = ui.item(name, at)
        popup = f"##menu {name}"
        if it.started:
            imgui.open_popup(popup)
        if it.hovered or imgui.is_popup_open(popup):
            ui.paint.box(at, "control_hover", px(4))
        ui.paint.text(at, name, size=16, align=0.5)
        ui.popup(popup, lambda: self._draw_menu(context, name), Rect(at.x, r.bottom, px(220), 0))
        return at.right

    def _right(self, context: Context, r: Rect) -> float:
        ui, px = context.ui, context.ui.px
        y, x = px(8), r.w - px(12)
        x -= px(124)
        save = command_of("save-picture")
        at, tip = Rect(x, y, px(124), px(28)), save.tip("Save the picture at its own size")
        if ui.button("Save picture", at=at, icon=save.icon, primary=True, tip=tip, off=save.why_not(context)):
            run_command(save, context)
        x = self._record_button(context, x - px(10))
        x -= px(8)
        sun = icons.SUN if ui.style.theme.name == "dark" else icons.MOON
        for name, label, icon in (("theme", "Theme", sun), ("redo", "Redo", ""), ("undo", "Undo", "")):
            x -= px(30)
            draw_tool(context, name, label, Rect(x, y, px(28), px(28)), icon=icon)
        return x

    def _record_button(self, context: Context, right: float) -> float:
        """The record button, a red clock while recording. Returns its left edge."""
        ui, px, recorder = context.ui, context.ui.px, context.actions.recording.recorder
        at = Rect(right - px(94), px(8), px(94), px(28))
        record = command_of("record")
        off = record.why_not(context)
        it = ui.item("Record", at, tip=record.tip(record.title_in(context) if recorder else "Record a video"), off=off)
        if recorder is not None:
            ui.paint.box(at, "error", px(4), 0.18)
            ui.paint.frame(at, "error", px(4), 1, 0.7)
            elapsed = recorder.elapsed_s
            label, colour = f"{int(elapsed // 60):02d}:{elapsed % 60:04.1f}", "error"
            ui.redraw_in(0.1)
        else:
            ui.control_box(at, it.hovered, off)
            label, colour = "Record", "text_faint" if off else "text"
        ui.paint.disc(at.x + px(16), at.y + at.h / 2, px(5), "error", 0.4 if off else 1.0)
        ui.paint.text(Rect(at.x + px(29), at.y, at.w - px(29), at.h), label, colour)
        if it.clicked:
            run_command(record, context)
        return at.x

    def _draw_menu(self, context: Context, name: str) -> None:
        for entry in MENUS[name]:
            match entry:
                case "":
                    imgui.separator()
                case "recent":
                    draw_recent_menu(context)
                case "demos":
                    draw_demo_menu(context, self._demos)
                case _:
                    draw_command(context, entry)


class StatusBar:
    """What is going on, at the left; the machine, at the right."""

    def draw(self, context: Context, r: Rect) -> None:
        ui, px, session = context.ui, context.ui.px, context.session
        ui.scope = "Status"
        ui.paint.box(r, "bar")
        ui.paint.hline(0, r.y, r.w, "window")
        right = self._facts(context, r)
        icon, colour, message, detail = self._message(context)
        ui.paint.icon(Rect(px(10), r.y, px(16), r.h), icon, colour)
        x = px(32)
        ui.paint.text(Rect(x, r.y, right - x, r.h), message, size=14)
        x += ui.paint.text_width(message, size=14) + px(12)
        job = session.load_job or next(iter(session.operations), None)
        if job is not None and job.status.fraction is not None and x + px(230) < right:
            done = job.status.fraction
            track = Rect(x, r.y + r.h // 2 - px(2), px(160), px(4))
            ui.paint.box(track, "control", px(2))
            ui.paint.box(Rect(track.x, track.y, track.w * done, track.h), "accent", px(2))
            ui.paint.text(Rect(track.right + px(10), r.y, px(60), r.h), f"{done * 100:.0f} %", "text_dim", size=14)
        elif detail and x < right:
            ui.paint.text(Rect(x, r.y, right - x, r.h), detail, "text_faint", size=14)

    def _message(self, context: Context) -> tuple[str, str, str, str]:
        """Icon, colour, message, dim detail."""
        session = context.session
        if session.load_job is not None:
            stage = session.load_job.status.stage
            return icons.LOADER_CIRCLE, "accent", f"Opening {display_name(session.load_job.name)}", stage
        if session.problem is not None:
            still = f"Still showing {display_name(session.loaded.location)}" if session.loaded else ""
            return icons.CIRCLE_ALERT, "error", session.problem.title, still
        if session.notices:
            newest = session.notices[-1]
            return *NOTICE_LOOKS[newest.kind], newest.text, newest.detail
        if session.operations:
            job = session.operations[0]
            return icons.LOADER_CIRCLE, "accent", job.name, amount_text(job.status)
        if session.frame is not None and session.frame.notes:
            return icons.TRIANGLE_ALERT, "warning", session.frame.notes[0], ""
        if session.animation.running:
            return icons.PLAY, "accent", "Animating", "Space stops"
        return icons.CHECK, "ok", "Ready", ""

    def _facts(self, context: Context, r: Rect) -> float:
        """Machine facts from the right edge; a click opens their panel. Returns the left edge."""
        ui, px, session, meters = context.ui, context.ui.px, context.session, context.meters
        native = sum(not record.backend.startswith("torch") for record in ops.backends())
        count, frame = len(ops.backends()), session.frame
        facts = [
            (icons.ZOOM_IN, f"{context.settings.ui_scale * 100:.0f} %", "Scale", "Size of the controls (Ctrl +/−)"),
            (icons.ZAP, f"{native} of {count} ops native", "Ops", "Which implementation of each op runs"),
        ]
        if meters.render.per_second:
            ui.redraw_in(RATE_REFRESH_S)  # until it has fallen
        if frame is not None:
            facts += [
                (icons.TIMER, f"{frame.timing.total_ms:.1f} ms", "Latency", "The newest frame's time"),
                (icons.ACTIVITY, rate_text(meters.render), "Rate", "Frames of the network a second"),
                (icons.CPU, frame.device, "Device", "What runs the network"),
            ]
        x = r.right - px(12)
        for icon, text, name, tip in facts:
            width = ui.paint.text_width(text, size=14)
            left = x - width - px(22)
            if left < px(360):
                break
            ui.paint.icon(Rect(left, r.y, px(16), r.h), icon, size=14)
            ui.paint.text(Rect(left + px(22), r.y, width, r.h), text, "text_dim", size=14)
            if ui.item(name, Rect(left, r.y, x - left, r.h), tip=tip).clicked:
                context.prefer(panels={**context.settings.panels, "Performance": True})
            ui.paint.box(Rect(left - px(12), r.y + px(8), 1, r.h - px(16)), "line")
            x = left - px(24)
        return x


def rate_text(meter: Meter) -> str:
    """How many frames come a second, while any come."""
    return f"{meter.per_second:.0f} fps" if meter.per_second else "idle"
