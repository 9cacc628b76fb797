"""The frame of the window: bars, docks, and the workspace's view in the centre."""

from __future__ import annotations

from collections.abc import Sequence

from imgui_bundle import imgui

from core.parameters import matched
from visualizer.actions.context import Context
from visualizer.panels.common.panel import HasParameters, HasTextures, Panel
from visualizer.toolkit.paint import Rect
from visualizer.views.animate.view import AnimateView
from visualizer.views.bars import StatusBar, TopBar
from visualizer.views.command_list import CommandList
from visualizer.views.dialogs import Dialogs
from visualizer.views.dock import LEFT, RIGHT, Dock, Side
from visualizer.views.overlays import Overlays
from visualizer.views.picture import Framing, Picture
from visualizer.views.view import View
from visualizer.views.workspaces import PANELS, WORKSPACES, Workspace

TOP, VIEW_BAR, STATUS = 44, 36, 28
BOTH_FROM = 1100  # width of a window that has room for both docks, pixels at scale 1
LEAST_CENTRE = 240  # in a window that leaves less to the picture, the right dock is shut

HOST_FLAGS = (
    imgui.WindowFlags_.no_decoration | imgui.WindowFlags_.no_move | imgui.WindowFlags_.no_saved_settings
    | imgui.WindowFlags_.no_bring_to_front_on_focus | imgui.WindowFlags_.no_docking
    | imgui.WindowFlags_.no_scroll_with_mouse | imgui.WindowFlags_.no_nav
)  # fmt: skip


class Shell:
    """Lays the window out and draws everything in it. It is the `Views` of the actions."""

    def __init__(self) -> None:
        self.picture = Picture()
        self.overlays = Overlays()
        self.dialogs = Dialogs()
        self.command_list = CommandList()
        self.docks_hidden = False
        self.alone = False
        panels = {panel: panel() for panel in PANELS}  # one that is in several docks is one panel
        self._panels = tuple(panels.values())
        self._docks = {
            space.name: (Dock(LEFT, [panels[p] for p in space.left]), Dock(RIGHT, [panels[p] for p in space.right]))
            for space in WORKSPACES
        }
        self._views = {space.name: space.centre(self.picture) for space in WORKSPACES}
        self._workspace = WORKSPACES[0]
        self._top = TopBar()
        self._status = StatusBar()
        self._front: Side = LEFT  # of the docks, which is there where there is room for one
        self._reset_wanted = False
        self._path_wanted = ""  # of the parameter whose control is to be shown
        self._item_wanted: tuple[str, str] | None = None  # likewise, of a panel

    def close(self) -> None:
        self.picture.close()
        self.overlays.close()
        for view in self._views.values():
            view.close()
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

    @property
    def view(self) -> View:
        """The one in the centre."""
        return self._views[self._workspace.name]

    # -- What actions ask for -------------------------------------------------

    @property
    def smooth(self) -> bool:
        return self.picture.smooth

    @property
    def framing(self) -> tuple[float | None, float, float]:
        framing = self.picture.view
        return framing.zoom, framing.pan_x, framing.pan_y

    def frame(self, zoom: float | None, pan_x: float, pan_y: float) -> None:
        self.picture.frame(Framing(zoom, pan_x, pan_y))

    def fit(self) -> None:
        self.picture.fit()

    def one_to_one(self) -> None:
        self.picture.one_to_one()

    def fit_timeline(self) -> None:
        for view in self._views.values():
            if isinstance(view, AnimateView):
                view.timeline.desk.fit_wanted = True

    def show_keys(self) -> None:
        self.dialogs.keys_wanted = True

    def show_commands(self) -> None:
        self.command_list.wanted = True

    def ask_to_quit(self) -> None:
        self.dialogs.quit_wanted = True

    def reset_panels(self) -> None:
        self._reset_wanted = True

    def show_item(self, panel: str, name: str) -> None:
        self._item_wanted = panel, name

    def show_parameter(self, path: str) -> None:
        self._path_wanted = path

    def _do_wanted(self, context: Context) -> None:
        if self._reset_wanted:
            self._reset_wanted = False
            for panel in self._panels:
                panel.reset(context)
        if self._path_wanted:
            path, self._path_wanted = self._path_wanted, ""
            self._go_to(context, path)
        if self._item_wanted:
            (title, name), self._item_wanted = self._item_wanted, None
            if self._open(context, [panel for panel in self._panels if panel.title == title]):
                context.ui.go_to(f"{title}/{name}")

    def _go_to(self, context: Context, path: str) -> None:
        """Open the panel of a parameter, in this workspace if it is there, and give its control the keyboard."""
        said = {p: matched(path, p.parameters) for p in self._panels if isinstance(p, HasParameters)}
        if self._open(context, [panel for panel in said if said[panel] == max(said.values())]):
            context.ui.go_to_path(path)

    def _open(self, context: Context, panels: Sequence[Panel]) -> bool:
        """Open the first of some panels that is in this workspace, else in another. Returns whether there is one."""
        for space in (self._workspace, *WORKSPACES):
            places = ((dock, panel) for dock in self._docks[space.name] for panel in panels if panel in dock.panels)
            dock, panel = next(places, (None, None))
            if dock is not None and panel is not None:
                context.prefer(workspace=space.name, panels={**context.settings.panels, panel.title: True})
                dock.open(context)
                self._front = dock.side
                self.docks_hidden = self.alone = False
                return True
        return False

    # -- Drawing --------------------------------------------------------------

    def draw(self, context: Context) -> None:
        """Draw one frame of the window."""
        ui, px = context.ui, context.ui.px
        with context.session.attempt("The panels could not do what was asked for"):
            self._do_wanted(context)
        size = imgui.get_main_viewport().size
        imgui.set_next_window_pos((0, 0))
        imgui.set_next_window_size(size)
        imgui.begin("##shell", None, HOST_FLAGS)
        ui.paint.use(None)
        w, h = size.x, size.y
        self._workspace = chosen_workspace(context)
        view = self.view
        context.session.inspecting = view.inspects
        left, right = self._widths(context, w)
        top, bottom, bar_height = (0.0, 0.0, 0.0) if self.alone else (px(TOP), px(STATUS), px(VIEW_BAR))
        foot = 0.0 if self.alone else view.foot(context, h - top - bottom)
        middle = Rect(0, top, w, h - top - bottom - foot)
        places = Rect(0, middle.y, left, middle.h), Rect(w - right, middle.y, right, middle.h)
        bar = Rect(left, middle.y, w - left - right, bar_height)
        if not self.alone:
            with context.part("The top bar"):
                self._top.draw(context, Rect(0, 0, w, top))
            with context.part("The bar over the picture"):
                self._draw_bar(context, view, bar)
        hidden = self.docks_hidden or self.alone
        docks = [] if hidden else [d for d in zip(self.docks, places, strict=True) if d[0].panels]
        ui.scope = ""
        for dock, place in docks:
            if dock.take_edge(context, place):
                self._front = dock.side
        area = Rect(bar.x, bar.bottom, bar.w, middle.h - bar.h)
        with context.part("The view"):
            view.draw(context, area)
        for dock, place in docks:
            dock.draw(context, place)
        if foot:
            with context.part("What lies below the view"):
                view.draw_foot(context, Rect(0, middle.bottom, w, foot))
        if not self.alone:
            with context.part("The status bar"):
                self._status.draw(context, Rect(0, h - bottom, w, bottom))
        imgui.end()
        with context.part("What lies over the picture"):
            self.overlays.draw(context, area)
        with context.part("A dialog"):
            self.dialogs.draw(context, self.overlays.take_details())
        with context.part("The list of commands"):
            self.command_list.draw(context)

    def _widths(self, context: Context, width: float) -> tuple[float, float]:
        """Of the docks. In a narrow window one of them is folded; else the right one gives way to the picture."""
        if self.docks_hidden or self.alone:
            return 0.0, 0.0
        left, right = (dock.width(context, width) for dock in self.docks)
        if left and right and width / context.ui.style.scale < BOTH_FROM:
            return (left, 0.0) if self._front is LEFT else (0.0, right)
        return left, right if width - left - right >= context.ui.px(LEAST_CENTRE) else 0.0

    def _draw_bar(self, context: Context, view: View, bar: Rect) -> None:
        ui = context.ui
        ui.scope = "View"
        ui.paint.box(bar, "bar")
        ui.paint.hline(bar.x, bar.bottom - 1, bar.w, "window")
        view.draw_bar(context, bar)


def chosen_workspace(context: Context) -> Workspace:
    """That of the settings; the first, if they name none that there is."""
    return next((space for space in WORKSPACES if space.name == context.settings.workspace), WORKSPACES[0])
