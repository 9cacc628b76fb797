"""Plots in the style of the window, over ImPlot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from imgui_bundle import imgui, implot

from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.toolkit.ticks import Tick, decade_ticks, linear_ticks
from visualizer.toolkit.ui import Ui

Values = npt.NDArray[np.float64]
Range = tuple[float, float]

TICK_WIDTH, TICK_HEIGHT = 56, 30  # that a tick needs
LEGEND_LINE, LEGEND_GAP = 18, 14


@dataclass(frozen=True)
class Plot:
    """Takes lines while it is open; without effect where nothing of it can be seen."""

    ui: Ui
    seen: bool

    def line(self, label: str, x: Values, y: Values, colour: str, *, fill: float = 0.0) -> None:
        """A line, and the area under it in the same colour as opaque as `fill`."""
        if not self.seen:
            return
        spec = implot.Spec()
        spec.line_color = spec.fill_color = self.ui.style.vec4(colour)
        spec.fill_alpha, spec.line_weight = fill, max(1.0, 1.5 * self.ui.style.scale)
        x, y = np.ascontiguousarray(x, np.float64), np.ascontiguousarray(y, np.float64)
        if fill:
            implot.plot_shaded(f"##{label} fill", x, y, -np.inf, spec)
        implot.plot_line(f"##{label}", x, y, spec)


@contextmanager
def plot(
    ui: Ui, name: str, r: Rect, x: Range, y: Range, *, log_y: bool = False, axes: bool = True, unit_y: str = ""
) -> Iterator[Plot]:
    """A plot with fixed ranges; draw lines into it meanwhile. Without axes it fills r. unit_y: of the vertical axis."""
    imgui.set_cursor_screen_pos((r.x, r.y))
    imgui.push_font(ui.style.fonts[Font.REGULAR], ui.px(13))
    flags = implot.Flags_.no_legend | implot.Flags_.no_inputs | implot.Flags_.no_mouse_text | implot.Flags_.no_menus
    padding = implot.get_style().plot_padding if axes else (0, 0)
    implot.push_style_var(implot.StyleVar_.plot_padding, padding)
    seen = implot.begin_plot(f"##{ui.name(name)}", (r.w, r.h), flags)
    try:
        if seen:
            decorated = implot.AxisFlags_.none if axes else implot.AxisFlags_.no_decorations
            implot.setup_axes("", "", decorated, decorated)
            implot.setup_axis_limits(implot.ImAxis_.x1, *x, imgui.Cond_.always)
            implot.setup_axis_limits(implot.ImAxis_.y1, *y, imgui.Cond_.always)
            if log_y:
                implot.setup_axis_scale(implot.ImAxis_.y1, implot.Scale_.log10)
            if axes:
                most = max(2, int(r.w / ui.px(TICK_WIDTH))), max(2, int(r.h / ui.px(TICK_HEIGHT)))
                _set_ticks(implot.ImAxis_.x1, linear_ticks(*x, most[0]))
                vertical = decade_ticks(*y, most[1]) if log_y else linear_ticks(*y, most[1], unit_y)
                _set_ticks(implot.ImAxis_.y1, vertical)
            implot.setup_finish()
        yield Plot(ui, seen)
    finally:
        if seen:
            implot.end_plot()
        implot.pop_style_var()
        imgui.pop_font()


def _set_ticks(axis: implot.ImAxis_, ticks: Sequence[Tick]) -> None:
    if ticks:
        implot.setup_axis_ticks(axis, [tick.value for tick in ticks], [tick.text for tick in ticks])


def legend(ui: Ui, entries: Sequence[tuple[str, str]]) -> None:
    """Names with their colours, in lines of their own above the plot that comes next."""
    px, r = ui.px, ui.take(LEGEND_LINE)
    x, top = r.x, r.y
    for text, colour in entries:
        width = min(ui.paint.text_width(text, size=13), r.w - px(18))
        if x > r.x and x + px(18) + width > r.right:
            r = ui.take(LEGEND_LINE)
            x = r.x
        ui.paint.box(Rect(x, r.y + r.h // 2 - px(1), px(12), max(1, px(2))), colour)
        ui.paint.text(Rect(x + px(18), r.y, width + 1, r.h), text, "text_dim", size=13)
        x += px(18) + width + px(LEGEND_GAP)
    ui.items[ui.name("Legend")] = Rect(r.x, top, r.w, r.bottom - top)
    ui.gap(2)
