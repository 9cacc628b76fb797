"""The frame around the panels: top bar, dock, view bar, status bar."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from imgui_bundle import imgui

import ops
from resources import icons
from visualizer.context import Context
from visualizer.keys import SHORTCUTS
from visualizer.overlays import NOTICE_LOOKS, Overlays
from visualizer.paint import Rect
from visualizer.panels import PANELS, Panel
from visualizer.panels.network import display_name
from visualizer.picture import ZOOMS, PictureView
from visualizer.style import Font
from visualizer.ui import HEADER_HEIGHT, MARGIN

TOP, VIEW_BAR, STATUS = 44, 36, 28
DOCK, DOCK_NARROW, DOCK_RANGE, DOCK_SHUTS = 328.0, 296.0, (280.0, 480.0), 240.0
NARROW_WINDOW = 1440  # pixels at scale 1
GRIP = 6
TITLE = 90  # the least room for a part of a network's name
CLOSED_PANELS = ("Capture", "Performance")  # until the user opens them

HOST_FLAGS = (
    imgui.WindowFlags_.no_decoration | imgui.WindowFlags_.no_move | imgui.WindowFlags_.no_saved_settings
    | imgui.WindowFlags_.no_bring_to_front_on_focus | imgui.WindowFlags_.no_docking
    | imgui.WindowFlags_.no_scroll_with_mouse | imgui.WindowFlags_.no_nav
)  # fmt: skip


class Shell:
    """Lays the window out and draws everything in it."""

    def __init__(self) -> None:
        self.picture = PictureView()
        self.overlays = Overlays()
        self.panels: tuple[Panel, ...] = tuple(panel() for panel in PANELS)
        self.docks_hidden = False
        self.broken: dict[str, str] = {}  # panels whose draw failed, and how

    def show_keys(self) -> None:
        self.overlays.keys_wanted = True

    def ask_to_quit(self) -> None:
        self.overlays.quit_wanted = True

    def draw(self, context: Context) -> None:
        """Draw one frame of the window."""
        ui, px = context.ui, context.ui.px
        size = imgui.get_main_viewport().size
        imgui.set_next_window_pos((0, 0))
        imgui.set_next_window_size(size)
        imgui.begin("##shell", None, HOST_FLAGS)
        ui.paint.use(None)
        w, h = size.x, size.y
        middle = Rect(0, px(TOP), w, h - px(TOP) - px(STATUS))
        dock = 0.0 if self.docks_hidden else self._dock_width(context, w)
        self._top_bar(context, Rect(0, 0, w, px(TOP)))
        centre = Rect(dock, middle.y, w - dock, middle.h)
        view = self._view_bar(context, centre)
        ui.scope = ""
        hot = not self.docks_hidden and self._grip(context, dock, middle)  # before the picture: it lies over it
        self.picture.draw(context, view)
        if dock:
            self._dock(context, Rect(0, middle.y, dock, middle.h))
        if not dock and not self.docks_hidden:
            ui.paint.icon(Rect(0, middle.y + middle.h / 2 - px(12), px(12), px(24)), icons.CHEVRON_RIGHT, size=13)
        if hot:
            ui.paint.box(Rect(max(0, dock - 1), middle.y, px(2), middle.h), "accent", 0, 0.7)
        self._status_bar(context, Rect(0, h - px(STATUS), w, px(STATUS)))
        imgui.end()
        self.overlays.draw(context, view)

    # -- Top bar --------------------------------------------------------------

    def _top_bar(self, context: Context, r: Rect) -> None:
        ui, px, session = context.ui, context.ui.px, context.session
        ui.scope = "Top"
        ui.paint.box(r, "bar")
        ui.paint.hline(0, r.bottom - 1, r.w, "window")
        ui.paint.icon(Rect(px(12), 0, px(22), r.h), icons.APERTURE, "accent", 21)
        x = px(40)
        menus = {"File": self._file_menu, "Edit": self._edit_menu, "View": self._view_menu, "Help": self._help_menu}
        for name, menu in menus.items():
            x = self._menu(context, name, menu, x, r)
        right = self._top_right(context, r)
        title = display_name(session.loaded.source) if session.loaded else ""
        width = min(ui.paint.text_width(title, size=15), r.w)
        start = max(x + px(16), (r.w - width) / 2)
        room = right - start - px(16)
        if room > min(width, px(TITLE)):
            ui.paint.text(Rect(start, 0, room, r.h), title, "text_dim")

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

    def _top_right(self, context: Context, r: Rect) -> float:
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
            ("Redo", icons.REDO_2, "" if session.history.can_redo else "There is nothing to redo.", actions.redo),
            ("Undo", icons.UNDO_2, "" if session.can_undo else "There is nothing to undo.", actions.undo),
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
            for panel in self.panels:
                panel.reset(context)

    def _view_menu(self, context: Context) -> None:
        self._entries(context, "F", "1", "F11", "Tab", "Ctrl++", "Ctrl+-", "Ctrl+0")
        if context.ui.menu_item("Smooth picture", on=context.settings.smooth):
            context.actions.toggle_smooth()

    def _help_menu(self, context: Context) -> None:
        if context.ui.menu_item("Keys", "F1"):
            self.show_keys()
        if context.ui.menu_item("Copy system report"):
            context.actions.copy_report()

    # -- Dock -----------------------------------------------------------------

    def _dock_width(self, context: Context, window_width: float) -> float:
        """Device pixels; 0 when it is shut."""
        width = context.settings.dock_width
        if width == DOCK and window_width / context.ui.style.scale < NARROW_WINDOW:
            width = DOCK_NARROW
        return context.ui.px(width) if width else 0.0

    def _dock(self, context: Context, r: Rect) -> None:
        ui, px = context.ui, context.ui.px
        imgui.set_cursor_screen_pos((r.x, r.y))
        imgui.begin_child("##dock", (r.w - 1, r.h))
        at = imgui.get_cursor_screen_pos()
        x, y = at.x, at.y
        width = r.w - 1 - (imgui.get_style().scrollbar_size if imgui.get_scroll_max_y() > 0 else 0)
        for panel in self.panels:
            y = self._panel(context, panel, Rect(x, y, width, px(HEADER_HEIGHT)))
        imgui.set_cursor_screen_pos((x, y))
        imgui.dummy((1, px(12)))
        imgui.end_child()
        ui.paint.box(Rect(r.right - 1, r.y, 1, r.h), "window")

    def _panel(self, context: Context, panel: Panel, header: Rect) -> float:
        """Draw a panel and return where the next one begins. One that fails says so in its place; the others go on."""
        ui, px = context.ui, context.ui.px
        state = imgui.internal.ErrorRecoveryState()
        imgui.internal.error_recovery_store_state(state)
        clips = len(ui.paint.list._clip_rect_stack)
        try:
            return self._draw_panel(context, panel, header)
        except Exception as error:
            with ui.quiet_recovery():
                imgui.internal.error_recovery_try_to_recover_state(state)  # what it has left open
            while len(ui.paint.list._clip_rect_stack) > clips:
                ui.paint.list.pop_clip_rect()
            self.broken[panel.title] = traceback.format_exc()
            ui.y = max(ui.y, header.bottom) + px(8)
            text = f"{panel.title} has failed: {type(error).__name__}: {error}"
            width = header.w - 2 * px(MARGIN)
            return ui.y + ui.paint.wrapped(header.x + px(MARGIN), ui.y, width, text, "error", size=14) + px(10)

    def _draw_panel(self, context: Context, panel: Panel, header: Rect) -> float:
        """A panel's header and, if it is open, its rows. Returns where they end."""
        ui = context.ui
        ui.scope = panel.title
        ui.area(Rect(header.x, header.bottom, header.w, 0))
        was_open = context.settings.panels.get(panel.title, panel.title not in CLOSED_PANELS)

        def menu() -> None:
            if ui.menu_item("Reset this panel", off=not panel.changed(context)):
                panel.reset(context)
            if ui.menu_item("Fold all others"):
                context.prefer(panels={p.title: p is panel for p in self.panels})

        is_open, reset = ui.header(
            header, panel.title, panel.icon, is_open=was_open, changed=panel.changed(context),
            summary=panel.summary(context), menu=menu,
        )  # fmt: skip
        if reset:
            panel.reset(context)
        if is_open != was_open:
            context.prefer(panels={**context.settings.panels, panel.title: is_open})
        if is_open:
            panel.draw(context)
        return ui.y

    def _grip(self, context: Context, dock: float, middle: Rect) -> bool:
        """The edge of the dock: drag it, or double click for the default width. Returns whether it is hot."""
        ui, px = context.ui, context.ui.px
        grip = Rect(max(0, dock - 1), middle.y, px(GRIP if dock else 12), middle.h)
        it = ui.item("Dock edge", grip)
        if it.hovered or it.active:
            imgui.set_mouse_cursor(imgui.MouseCursor_.resize_ew)
        if it.hovered and imgui.is_mouse_double_clicked(0):
            context.prefer(dock_width=DOCK)
        elif it.active and it.drag_x:
            wanted = imgui.get_io().mouse_pos.x / ui.style.scale
            width = 0.0 if wanted < DOCK_SHUTS else min(max(wanted, DOCK_RANGE[0]), DOCK_RANGE[1])
            context.prefer(dock_width=width)
        return it.hovered or it.active

    # -- Centre ---------------------------------------------------------------

    def _view_bar(self, context: Context, r: Rect) -> Rect:
        """Tools over the picture. Returns what is left for the picture."""
        ui, px, actions = context.ui, context.ui.px, context.actions
        ui.scope = "View"
        bar = Rect(r.x, r.y, r.w, px(VIEW_BAR))
        ui.paint.box(bar, "bar")
        ui.paint.hline(bar.x, bar.bottom - 1, bar.w, "window")
        tab = Rect(bar.x + px(4), bar.y, ui.paint.text_width("Picture", Font.MEDIUM) + px(24), bar.h)
        ui.paint.box(tab, "canvas")
        ui.paint.box(Rect(tab.x, tab.y, tab.w, px(2)), "accent")
        ui.paint.text(tab, "Picture", font=Font.MEDIUM, align=0.5)
        x, y, side = bar.right - px(8), bar.y + px(5), px(26)
        for label, icon, tip, run in (
            ("Full screen", icons.EXPAND, "Full screen (F11)", actions.full_screen),
            ("Fit", icons.SCAN, "Fit the picture (F)", actions.fit),
        ):
            x -= px(30)
            if ui.icon_button(label, icon, at=Rect(x, y, px(28), side), tip=tip):
                run()
        x -= px(38)
        at = Rect(x, y + px(1), px(34), px(24))
        if ui.button("1:1", at=at, tip="A pixel of the picture is a pixel of the screen (1)"):
            actions.one_to_one()
        x -= px(90)
        ui.combo(
            "Zoom", f"{self.picture.zoom * 100:.0f} %", at=Rect(x, y + px(1), px(86), px(24)),
            menu=lambda: self._zoom_menu(context), tip="Zoom; the wheel zooms at the pointer",
        )  # fmt: skip
        x -= px(34)
        tip = "Smooth: blend pixels when enlarged, or show each one"
        at = Rect(x, y, px(28), side)
        if ui.icon_button("Smooth", icons.CONTRAST, at=at, on=context.settings.smooth, tip=tip):
            actions.toggle_smooth()
        return Rect(r.x, bar.bottom, r.w, r.h - bar.h)

    def _zoom_menu(self, context: Context) -> None:
        if context.ui.menu_item("Fit", "F", on=self.picture.view.zoom is None):
            self.picture.fit()
        for zoom in ZOOMS:
            if context.ui.menu_item(f"{zoom * 100:.0f} %", "1" if zoom == 1 else "", on=self.picture.view.zoom == zoom):
                self.picture.set_zoom(zoom)

    # -- Status bar -----------------------------------------------------------

    def _status_bar(self, context: Context, r: Rect) -> None:
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
        job = session.load_job
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
            still = f"Still showing {display_name(session.loaded.source)}" if session.loaded else ""
            return icons.CIRCLE_ALERT, "error", session.problem.title, still
        if session.notices:
            newest = session.notices[-1]
            return *NOTICE_LOOKS[newest.kind], newest.text, newest.detail
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
