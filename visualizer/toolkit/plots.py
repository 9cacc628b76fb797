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
from visualizer.toolkit.ui import Ui

Values = npt.NDArray[np.float64]
Range = tuple[float, float]

LEGEND = 0.45  # of the width of a plot that its legend takes at most


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
    ui: Ui, name: str, r: Rect, x: Range, y: Range, *, log_y: bool = False, axes: bool = True
) -> Iterator[Plot]:
    """A plot with fixed ranges; draw lines into it meanwhile. Without axes it fills r."""
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
            implot.setup_finish()
        yield Plot(ui, seen)
    finally:
        if seen:
            implot.end_plot()
        implot.pop_style_var()
        imgui.pop_font()


def legend(ui: Ui, r: Rect, entries: Sequence[tuple[str, str]]) -> None:
    """Names with their colours, at the right of the top of a plot; shortened where they would fill it."""
    width = min(max(ui.paint.text_width(text, size=13) for text, _ in entries), LEGEND * r.w)
    x, y = r.right - width - ui.px(10), r.y + ui.px(6)
    behind = Rect(x - ui.px(24), y - ui.px(2), width + ui.px(30), ui.px(16 * len(entries) + 4))
    ui.paint.box(behind, "plot", ui.px(3), 0.5)
    for text, colour in entries:
        ui.paint.box(Rect(x - ui.px(18), y + ui.px(7), ui.px(12), max(1, ui.px(2))), colour)
        ui.paint.text(Rect(x, y, width + 1, ui.px(16)), text, "text_dim", size=13)
        y += ui.px(16)
