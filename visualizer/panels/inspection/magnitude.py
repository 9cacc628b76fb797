"""Magnitude by layer: how large the values of each layer are; dead and runaway layers stand out."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from imgui_bundle import imgui

from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.readonly_panel import ReadonlyPanel
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.toolkit.ticks import power_text
from visualizer.toolkit.ui import Ui

HEIGHT, NAMES = 100, 18  # of the bars, and of the names under them
DECADE = 40  # width of the powers of ten
DECADES = 4  # at most below the largest
BLOCK = re.compile(r"[._:]")  # what ends the name of a block within that of a layer

Values = npt.NDArray[np.float64]


class MagnitudePanel(ReadonlyPanel):
    title = "Magnitude by layer"
    icon = icons.CHART_COLUMN

    def summary(self, context: Context) -> str:
        return "rms, log"

    def draw(self, context: Context) -> None:
        ui, px, session = context.ui, context.ui.px, context.session
        session.want(magnitudes=True)
        ui.gap(8)
        whole = ui.take(HEIGHT + NAMES)
        r = Rect(whole.x + px(DECADE), whole.y, whole.w - px(DECADE), px(HEIGHT))
        frame = session.frame
        analysis = frame.analysis if frame else None
        if frame is None or analysis is None or not analysis.magnitudes:
            ui.item("Plot", r)
            ui.gap(8)
            return
        names = [name for name, _ in analysis.magnitudes]
        values = np.array([value for _, value in analysis.magnitudes])
        step = r.w / len(frame.layers)
        index = int((imgui.get_io().mouse_pos.x - r.x) // step)
        there = 0 <= index < len(names)
        words = f"{names[index]} · {values[index]:.4g}".replace("-", "−") if there else ""
        it = ui.readout("Plot", r, words)
        if it.started and there:
            session.show_layer(names[index])
        self._draw_bars(context, r, values, names, step, index if it.hovered else -1)
        draw_names(ui, Rect(r.x, r.bottom, r.w, px(NAMES)), names, step)
        if it.hovered and there:
            width = ui.paint.text_width(words, Font.MEDIUM, 14) + px(16)
            ui.paint.chip(min(max(r.x + (index + 0.5) * step - width / 2, r.x), r.right - width), r.y + px(2), words)
        ui.gap(8)

    def _draw_bars(
        self, context: Context, r: Rect, values: Values, names: Sequence[str], step: float, hovered: int
    ) -> None:
        """A bar for each layer over powers of ten."""
        px, paint = context.ui.px, context.ui.paint
        known = np.isfinite(values) & (values > 0)
        top = math.ceil(math.log10(float(values[known].max()))) if known.any() else 0
        bottom = max(math.floor(math.log10(float(values[known].min()))), top - DECADES) if known.any() else -1
        bottom = min(bottom, top - 1)  # all may be the same power of ten
        heights = np.where(known, np.log10(np.where(known, values, 1)) - bottom, 0).clip(0.02)
        heights[~np.isfinite(values)] = top - bottom
        paint.box(r, "plot")
        for decade in range(top - bottom + 1):
            y = round(r.bottom - decade / (top - bottom) * r.h)
            if 0 < decade < top - bottom:
                paint.hline(r.x, y, r.w, "grid")
            label = Rect(r.x - px(DECADE), min(max(y - px(8), r.y - px(2)), r.bottom - px(14)), px(DECADE - 5), px(16))
            paint.text(label, power_text(bottom + decade), "text_dim", size=13, align=1)
        chosen = context.session.request.view.layer
        for i, height in enumerate(heights):
            h = max(px(1), round(height / (top - bottom) * (r.h - px(4))))
            bar = Rect(round(r.x + i * step), r.bottom - h, max(1, round(step) - px(2)), h)
            colour = "p1" if names[i] == chosen else "p0" if math.isfinite(values[i]) else "error"
            paint.box(bar, colour, px(1), 1 if i == hovered else 0.75)


def draw_names(ui: Ui, r: Rect, names: Sequence[str], step: float) -> None:
    """Names of layers along the axis: in full if all fit, else where a block begins, as far as there is room."""
    if all(ui.paint.text_width(name, size=13) + ui.px(4) <= step for name in names):
        for i, name in enumerate(names):
            ui.paint.text(Rect(r.x + i * step, r.y, step, r.h), name, "text_dim", size=13, align=0.5)
        return
    free = r.x
    blocks = [BLOCK.split(name)[0] for name in names]
    for i, block in enumerate(blocks):
        x, width = round(r.x + i * step), ui.paint.text_width(block, size=13)
        if (i == 0 or block != blocks[i - 1]) and x >= free and x + width <= r.right:
            ui.paint.text(Rect(x, r.y, width + 1, r.h), block, "text_dim", size=13)
            free = x + width + ui.px(8)
