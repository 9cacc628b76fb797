"""The bars at the top and the bottom of the window: menus and main buttons; message and machine facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from imgui_bundle import imgui

import ops
from resources import icons
from visualizer.actions.context import Context
from visualizer.actions.keys import SHORTCUTS
from visualizer.panels.common.panel import Panel
from visualizer.session.network_names import display_name
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.views.overlays import NOTICE_LOOKS, amount_text
from visualizer.views.workspaces import WORKSPACES

TAB_WIDTH, TAB_ICON = 104, 32


class TopBar:
    """Logo, menus, workspaces, undo and redo, theme, record, save."""

    def __init__(self, panels: Sequence[Panel]) -> None:
        self._panels = panels  # that "Reset everything" resets

    def draw(self, context: Context, r: Rect) -> None:
        ui, px = context.ui, context.ui.px
        ui.scope = "Top"
        ui.paint.box(r, "bar")
        ui.paint.hline(0, r.bottom - 1, r.w, "window")
        ui.paint.icon(Rect(px(12), 0, px(22), r.h), icons.APERTURE, "accent", 21)
        x = px(40)
        menus = {"File": self._file_menu, "Edit": self._edit_menu, "View": self._view_menu, "Help": self._help_menu}
        for name, menu in menus.items():
            x = self._menu(context, name, menu, x, r)
        right = self._right(context, r)
        self._workspaces(context, x, right, r)

    def _workspaces(self, context: Context, left: float, right: float, r: Rect) -> None:
        """Tabs in the middle of the window; icons alone or nothing, where there is no room: the View menu has them."""
        ui, px = context.ui, context.ui.px
        gap = px(4)

        def all_of(width: float) -> float:
            return len(WORKSPACES) * (width + gap) - gap

        width = px(TAB_WIDTH if all_of(px(TAB_WIDTH)) + px(16) <= right - left else TAB_ICON)
        whole = all_of(width)
        if whole + px(16) > right - left:
            return
        x = round(min(max((r.w - whole) / 2, left + px(8)), right - px(8) - whole))
        for space in WORKSPACES:
            at = Rect(x, px(8), width, px(28))
            it = ui.item(f"Workspace {space.name}", at, tip=f"Workspace {space.name}")
            on = space.name == context.settings.workspace
            if on or it.hovered:
                ui.paint.box(at, "select" if on else "control_hover", px(4))
            colour = "text" if on else "text_dim"
            word = ui.paint.text_width(space.name, Font.MEDIUM if on else Font.REGULAR)
            start = at.x + (at.w - word - px(22)) / 2 if width > px(TAB_ICON) else at.x + px(8)
            ui.paint.icon(Rect(start, at.y, px(16), at.h), space.icon, "accent" if on else "text_dim")
            if width > px(TAB_ICON):
                font = Font.MEDIUM if on else Font.REGULAR
                ui.paint.text(Rect(round(start + px(22)), at.y, word + 1, at.h), space.name, colour, font=font)
            if it.clicked:
                context.prefer(workspace=space.name)
            x = round(x + width + gap)

    def _menu(self, context: Context, name: str, content: Callable[[Context], None], x: float, r: Rect) -> float:
        ui, px = context.ui, context.ui.px
        at = Rect(x, px(8), ui.paint.text_width(name, size=16) + px(20), px(28))
        it = ui.item(name, at)
        popup = f"##menu {name}"
        if it.started:
            imgui.open_popup(popup)
        if it.hovered or imgui.is_popup_open(popup):
            ui.paint.box(at, "control_hover", px(4))
        ui.paint.text(at, name, size=16, align=0.5)
        ui.popup(popup, lambda: content(context), Rect(at.x, r.bottom, px(220), 0))
        return at.right

    def _right(self, context: Context, r: Rect) -> float:
        ui, px, actions, session = context.ui, context.ui.px, context.actions, context.session
        y, x = px(8), r.w - px(12)
        no_picture = "" if session.frame else "There is no picture yet."
        x -= px(124)
        tip = "Save the picture at its own size (Ctrl+S)"
        at = Rect(x, y, px(124), px(28))
        if ui.button("Save picture", at=at, icon=icons.SAVE, primary=True, tip=tip, off=no_picture):
            actions.save_picture()
        x = self._record_button(context, x - px(10), no_picture)
        buttons: tuple[tuple[str, str, str, Callable[[], None]], ...] = (
            ("Theme", icons.SUN if ui.style.theme.name == "dark" else icons.MOON, "", actions.toggle_theme),
            ("Redo", icons.REDO_2, "" if session.document.can_redo else "There is nothing to redo.", actions.redo),
            ("Undo", icons.UNDO_2, "" if session.document.can_undo else "There is nothing to undo.", actions.undo),
        )
        tips = {"Theme": "Dark or light", "Redo": "Redo (Ctrl+Shift+Z)", "Undo": "Undo (Ctrl+Z)"}
        x -= px(8)
        for name, icon, off, run in buttons:
            x -= px(30)
            if ui.icon_button(name, icon, at=Rect(x, y, px(28), px(28)), tip=tips[name], off=off):
                run()
        return x

    def _record_button(self, context: Context, right: float, off: str) -> float:
        """The record button, a red clock while recording. Returns its left edge."""
        ui, px, recorder = context.ui, context.ui.px, context.actions.recorder
        at = Rect(right - px(94), px(8), px(94), px(28))
        tip = "Stop recording (Ctrl+R)" if recorder else "Record a video (Ctrl+R)"
        it = ui.item("Record", at, tip=tip, off=off)
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
            context.actions.toggle_recording()
        return at.x

    def _entries(self, context: Context, *keys: str) -> None:
        for keys_ in keys:
            shortcut = next(s for s in SHORTCUTS if s.keys == keys_)
            if context.ui.menu_item(shortcut.what, shortcut.keys) and shortcut.run is not None:
                shortcut.run(context, context.actions)

    def _file_menu(self, context: Context) -> None:
        self._entries(context, "Ctrl+O")
        context.demos.draw_menu(context)
        self._entries(context, "Ctrl+S")
        if context.ui.menu_item("Save the window"):
            context.actions.save_window()
        self._entries(context, "Ctrl+Shift+S", "Ctrl+R")
        imgui.separator()
        self._entries(context, "Ctrl+Q")

    def _edit_menu(self, context: Context) -> None:
        self._entries(context, "Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+C", "R")
        if context.ui.menu_item("Reset everything"):
            for panel in self._panels:
                panel.reset(context)

    def _view_menu(self, context: Context) -> None:
        self._entries(context, "F", "1", "F11", "Tab", "Ctrl++", "Ctrl+-", "Ctrl+0")
        imgui.separator()
        for space in WORKSPACES:
            if context.ui.menu_item(f"Workspace {space.name}", on=space.name == context.settings.workspace):
                context.prefer(workspace=space.name)
        imgui.separator()
        if context.ui.menu_item("Smooth picture", on=context.settings.smooth):
            context.actions.toggle_smooth()

    def _help_menu(self, context: Context) -> None:
        if context.ui.menu_item("Keys", "F1"):
            context.actions.show_keys()
        if context.ui.menu_item("Copy system report"):
            context.actions.copy_report()


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
        job = session.load_job or next(iter(session.studies), None)
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
        if session.studies:
            study = session.studies[0]
            return icons.LOADER_CIRCLE, "accent", study.name, amount_text(study.status)
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
        if frame is not None:
            facts += [
                (icons.TIMER, f"{frame.timing.total_ms:.1f} ms", "Latency", "The newest frame's time"),
                (icons.ACTIVITY, f"{meters.render.per_second:.0f} fps", "Rate", "Frames of the network a second"),
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
