"""A dock: a scrolling column of panels at a side of the window."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass

from imgui_bundle import imgui

from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.panel import HasMenu, HasUse, Panel
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.recovery import recovering
from visualizer.toolkit.ui import HEADER_HEIGHT, MARGIN

SHUTS = 240.0  # narrower than this, a dock is shut
NARROW_WINDOW = 1440  # pixels at scale 1
GRIP = 6
CLOSED_PANELS = ("Presets", "History", "Capture", "Performance")  # until the user opens them


@dataclass(frozen=True)
class Side:
    """A side of the window, and the widths of a dock there; pixels at scale 1."""

    name: str
    setting: str  # that holds the width
    width: float
    narrow: float  # in a narrow window
    least: float
    most: float


LEFT = Side("left", "dock_width", 328.0, 296.0, 280.0, 480.0)
RIGHT = Side("right", "right_dock_width", 412.0, 352.0, 352.0, 560.0)


class Dock:
    """Panels one above the other. One that fails says so in its place; the others go on."""

    def __init__(self, side: Side, panels: Sequence[Panel]) -> None:
        self.side = side
        self.panels = tuple(panels)
        self._with_use = {panel.title: panel for panel in panels if isinstance(panel, HasUse)}
        self.broken: dict[str, str] = {}  # panels whose draw failed, and how
        self._hot = False  # the edge is under the mouse

    def reset(self, context: Context) -> None:
        for panel in self.panels:
            panel.reset(context)

    def width(self, context: Context, window_width: float) -> float:
        """Device pixels; 0 when it is shut or has nothing to show."""
        side = self.side
        width: float = getattr(context.settings, side.setting) if self.panels else 0.0
        if width == side.width and window_width / context.ui.style.scale < NARROW_WINDOW:
            width = side.narrow
        return context.ui.px(width) if width else 0.0

    def open(self, context: Context) -> None:
        """At its own width, if it is shut."""
        if not getattr(context.settings, self.side.setting):
            context.prefer(**{self.side.setting: self.side.width})

    def take_edge(self, context: Context, r: Rect) -> bool:
        """The edge of the dock: drag it, or double click for the default width. Before what lies beside it.

        Returns whether a dock that is folded for want of room was asked for, by a click.
        """
        ui, px, side = context.ui, context.ui.px, self.side
        size = px(GRIP if r.w else 12)
        left = side is LEFT
        at = Rect(max(0, r.right - 1) if left else r.x + 1 - size, r.y, size, r.h)
        folded = not r.w and getattr(context.settings, side.setting) > 0
        tip = "Show these panels in place of the others" if folded else ""
        it = ui.item("Dock edge" if left else "Right dock edge", at, tip=tip)
        self._hot = it.hovered or it.active
        if folded:
            return it.clicked
        if it.hovered or it.active:
            imgui.set_mouse_cursor(imgui.MouseCursor_.resize_ew)
        if it.hovered and imgui.is_mouse_double_clicked(0):
            context.prefer(**{side.setting: side.width})
        elif it.active and it.drag_x:
            mouse = imgui.get_io().mouse_pos.x
            wanted = (mouse if left else r.right - mouse) / ui.style.scale
            context.prefer(**{side.setting: 0.0 if wanted < SHUTS else min(max(wanted, side.least), side.most)})
        return False

    def draw(self, context: Context, r: Rect) -> None:
        ui, px = context.ui, context.ui.px
        if r.w:
            self._draw_panels(context, r)
        else:
            x, icon = (r.x, icons.CHEVRON_RIGHT) if self.side is LEFT else (r.x - px(12), icons.CHEVRON_LEFT)
            at = Rect(x, r.y + r.h / 2 - px(24), px(12), px(48))
            ui.paint.box(at, "control_hover" if self._hot else "control", px(3))
            ui.paint.icon(at, icon, size=13)
        if self._hot:
            x = max(0, r.right - 1) if self.side is LEFT else r.x - px(1)
            ui.paint.box(Rect(x, r.y, px(2), r.h), "accent", 0, 0.7)

    def _draw_panels(self, context: Context, r: Rect) -> None:
        ui, px = context.ui, context.ui.px
        left = self.side is LEFT
        imgui.set_cursor_screen_pos((r.x if left else r.x + 1, r.y))
        imgui.begin_child(f"##dock {self.side.name}", (r.w - 1, r.h))
        at = imgui.get_cursor_screen_pos()
        x, y = at.x, at.y
        width = r.w - 1 - (imgui.get_style().scrollbar_size if imgui.get_scroll_max_y() > 0 else 0)
        for panel in self.panels:
            y = self._panel(context, panel, Rect(x, y, width, px(HEADER_HEIGHT)))
        imgui.set_cursor_screen_pos((x, y))
        imgui.dummy((1, px(12)))
        imgui.end_child()
        ui.paint.box(Rect(r.right - 1 if left else r.x, r.y, 1, r.h), "window")

    def _panel(self, context: Context, panel: Panel, header: Rect) -> float:
        """Draw a panel and return where the next one begins. One that fails says so in its place; the others go on."""
        ui, px = context.ui, context.ui.px
        try:
            with recovering(ui.paint):
                return self._draw_panel(context, panel, header)
        except Exception as error:
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
        with_use = self._with_use.get(panel.title)
        useful = panel.title not in CLOSED_PANELS if with_use is None else with_use.useful(context)
        was_open = context.settings.panels.get(panel.title, useful)

        def menu() -> None:
            if isinstance(panel, HasMenu):
                panel.menu(context)
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
