"""The frame of the window: bars, dock, and the picture in the centre with its tools."""

from __future__ import annotations

from dataclasses import replace

from imgui_bundle import imgui

from core.request import Compare
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.panel import HasTextures
from visualizer.session.comparison import GAINS
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.views.bars import StatusBar, TopBar
from visualizer.views.dock import LEFT, RIGHT, Dock
from visualizer.views.inspector import Inspector
from visualizer.views.overlays import Overlays
from visualizer.views.picture import ZOOMS, PictureView
from visualizer.views.table import TableView
from visualizer.views.workspaces import PANELS, WORKSPACES, Workspace

TOP, VIEW_BAR, STATUS = 44, 36, 28
COMPARISONS = {
    Compare.OFF: "Only B",
    Compare.SIDE: "Side by side",
    Compare.WIPE: "Wipe",
    Compare.BLINK: "Blink",
    Compare.DIFFERENCE: "Difference",
}
ROOMY = 400  # of a view bar with room for all tools
LEAST_CENTRE = 240  # in a window that leaves less to the picture, the right dock is shut

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
        self.inspector = Inspector()
        self.table = TableView()
        self.docks_hidden = False
        panels = {panel: panel() for panel in PANELS}  # one that is in several docks is one panel
        self._panels = tuple(panels.values())
        self._docks = {
            space.name: (Dock(LEFT, [panels[p] for p in space.left]), Dock(RIGHT, [panels[p] for p in space.right]))
            for space in WORKSPACES
        }
        self._workspace = WORKSPACES[0]
        self._layer = ""  # that was looked at last
        self._top = TopBar(self._panels)
        self._status = StatusBar()

    def close(self) -> None:
        self.picture.close()
        self.inspector.close()
        self.table.close()
        for panel in self._panels:
            if isinstance(panel, HasTextures):
                panel.close()

    @property
    def broken(self) -> dict[str, str]:
        """Panels of all docks whose draw failed, and how."""
        return {name: how for docks in self._docks.values() for dock in docks for name, how in dock.broken.items()}

    @property
    def docks(self) -> tuple[Dock, Dock]:
        """The left and the right one of the current workspace."""
        return self._docks[self._workspace.name]

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
        self._workspace = chosen_workspace(context)
        context.session.inspecting = self._workspace.inspects
        middle = Rect(0, px(TOP), w, h - px(TOP) - px(STATUS))
        docks = () if self.docks_hidden else self.docks
        widths = [dock.width(context, w) for dock in docks] or [0.0, 0.0]
        if w - sum(widths) < px(LEAST_CENTRE):
            widths[1] = 0.0
        places = Rect(0, middle.y, widths[0], middle.h), Rect(w - widths[1], middle.y, widths[1], middle.h)
        self._top.draw(context, Rect(0, 0, w, px(TOP)))
        centre = Rect(widths[0], middle.y, w - sum(widths), middle.h)
        view = self._view_bar(context, centre)
        ui.scope = ""
        for dock, place in zip(docks, places, strict=False):
            if dock.panels:
                dock.take_edge(context, place)
        if self._workspace.tables:
            self.table.draw(context, view)
        else:
            self.picture.draw(context, self.inspector.draw(context, view) if self._workspace.inspects else view)
        for dock, place in zip(docks, places, strict=False):
            if dock.panels:
                dock.draw(context, place)
        self._status.draw(context, Rect(0, h - px(STATUS), w, px(STATUS)))
        imgui.end()
        self.overlays.draw(context, view)

    # -- Centre ---------------------------------------------------------------

    def _view_bar(self, context: Context, r: Rect) -> Rect:
        """Tools over the picture. Returns what is left for the picture."""
        ui, px, actions = context.ui, context.ui.px, context.actions
        ui.scope = "View"
        bar = Rect(r.x, r.y, r.w, px(VIEW_BAR))
        ui.paint.box(bar, "bar")
        ui.paint.hline(bar.x, bar.bottom - 1, bar.w, "window")
        if self._workspace.tables:
            tab = Rect(bar.x + px(12), bar.y, bar.w, bar.h)
            ui.paint.text(tab, "Table", font=Font.MEDIUM)
            return Rect(r.x, bar.bottom, r.w, r.h - bar.h)
        self._tabs(context, bar)
        x, y, side = bar.right - px(8), bar.y + px(5), px(26)
        roomy = bar.w >= px(ROOMY)  # else the menu of the zoom has to do
        tools = [("Full screen", icons.EXPAND, "Full screen (F11)", actions.full_screen)]
        tools += [("Fit", icons.SCAN, "Fit the picture (F)", actions.fit)] if roomy else []
        for label, icon, tip, run in tools:
            x -= px(30)
            if ui.icon_button(label, icon, at=Rect(x, y, px(28), side), tip=tip):
                run()
        if roomy:
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
        self._compare(context, Rect(x - px(34), y, px(28), side))
        return Rect(r.x, bar.bottom, r.w, r.h - bar.h)

    def _compare(self, context: Context, at: Rect) -> None:
        """Keep a picture as A, and see the newest one beside it."""
        ui, session, comparison = context.ui, context.session, context.comparison
        off = "" if session.frame else "There is no picture yet."
        off = off or ("Only in Edit: this workspace compares in its own way." if self._workspace.inspects else "")
        on = comparison.mode is not Compare.OFF and comparison.kept is not None
        tip = "A and B: keep this picture and compare it with what comes"
        if ui.icon_button("Compare", icons.COLUMNS_2, at=at, on=on and not off, tip=tip, off=off):
            imgui.open_popup("##compare")
        ui.popup("##compare", lambda: self._compare_menu(context), Rect(at.x, at.bottom + ui.px(4), ui.px(200), 0))

    def _compare_menu(self, context: Context) -> None:
        ui, session, comparison = context.ui, context.session, context.comparison
        if ui.menu_item("Keep this as A"):
            comparison.keep(session.frame)
        none = comparison.kept is None
        if ui.menu_item("Swap A and B", off=none) and comparison.kept is not None:
            kept, comparison.kept = comparison.kept, session.frame
            context.actions.restore(kept.request)
        if ui.menu_item("Forget A", off=none):
            comparison.keep(None)
        imgui.separator()
        for mode, name in COMPARISONS.items():
            if ui.menu_item(name, on=comparison.mode is mode, off=none):
                comparison.mode = mode
        imgui.separator()
        for gain in GAINS:
            label = f"Gain {gain:+.0f} dB"
            is_on = comparison.gain_db == gain
            if ui.menu_item(label, on=is_on, off=none or comparison.mode is not Compare.DIFFERENCE):
                comparison.gain_db = gain

    def _tabs(self, context: Context, bar: Rect) -> None:
        """The picture, and the layer that was looked at last."""
        ui, px, session = context.ui, context.ui.px, context.session
        chosen = session.shown_request.view.layer
        self._layer = chosen or self._layer
        known = {layer.name for layer in session.frame.layers} if session.frame else set()
        layer = self._layer if self._workspace.inspects and self._layer in {*known, chosen} else ""
        x = bar.x + px(4)
        for name in (layer, "") if layer else ("",):
            on = name == chosen
            title, font = name or "Picture", Font.MEDIUM if on else Font.REGULAR
            tab = Rect(x, bar.y, round(ui.paint.text_width(title, Font.MEDIUM) + px(24)), bar.h)
            it = ui.item(f"Tab {title}", tab, tip="")
            if on:
                ui.paint.box(tab, "canvas")
                ui.paint.box(Rect(tab.x, tab.y, tab.w, px(2)), "accent")
            ui.paint.text(tab, title, "text" if on or it.hovered else "text_dim", font=font, align=0.5)
            if it.clicked and not on:
                session.edit(view=replace(session.request.view, layer=name))
            x = tab.right

    def _zoom_menu(self, context: Context) -> None:
        if context.ui.menu_item("Fit", "F", on=self.picture.view.zoom is None):
            self.picture.fit()
        for zoom in ZOOMS:
            if context.ui.menu_item(f"{zoom * 100:.0f} %", "1" if zoom == 1 else "", on=self.picture.view.zoom == zoom):
                self.picture.set_zoom(zoom)


def chosen_workspace(context: Context) -> Workspace:
    """That of the settings; the first, if they name none that there is."""
    return next((space for space in WORKSPACES if space.name == context.settings.workspace), WORKSPACES[0])
