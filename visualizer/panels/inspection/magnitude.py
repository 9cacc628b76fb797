"""Magnitude by layer: how large the values of each layer are; dead and runaway layers stand out."""

from __future__ import annotations

import math

import numpy as np
from imgui_bundle import imgui

from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.readonly_panel import ReadonlyPanel
from visualizer.toolkit.paint import Rect

HEIGHT = 100
DECADES = 4  # at most below the largest


class MagnitudePanel(ReadonlyPanel):
    title = "Magnitude by layer"
    icon = icons.CHART_COLUMN

    def summary(self, context: Context) -> str:
        return "rms, log"

    def draw(self, context: Context) -> None:
        ui, px, session = context.ui, context.ui.px, context.session
        session.want(magnitudes=True)
        ui.gap(8)
        r = ui.take(HEIGHT)
        frame = session.frame
        analysis = frame.analysis if frame else None
        if frame is None or analysis is None or not analysis.magnitudes:
            ui.item("Plot", r)
            ui.gap(8)
            return
        names = [name for name, _ in analysis.magnitudes]
        values = np.array([value for _, value in analysis.magnitudes])
        known = np.isfinite(values) & (values > 0)
        top = math.ceil(math.log10(float(values[known].max()))) if known.any() else 0
        bottom = max(math.floor(math.log10(float(values[known].min()))), top - DECADES) if known.any() else -1
        bottom = min(bottom, top - 1)  # all may be the same power of ten
        heights = np.where(known, np.log10(np.where(known, values, 1)) - bottom, 0).clip(0.02)
        heights[~np.isfinite(values)] = top - bottom
        step = r.w / len(frame.layers)
        mouse = imgui.get_io().mouse_pos
        index = int((mouse.x - r.x) / step)
        tip = f"{names[index]} · {values[index]:.4g}" if 0 <= index < len(names) else "Root mean square of each layer"
        it = ui.item("Plot", r, tip=tip, more="A click shows the layer")
        if it.started and 0 <= index < len(names):
            session.show_layer(names[index])
        ui.paint.box(r, "plot")
        for decade in range(1, top - bottom):
            ui.paint.hline(r.x, round(r.bottom - decade / (top - bottom) * r.h), r.w, "grid")
        for i, height in enumerate(heights):
            h = max(px(1), round(height / (top - bottom) * (r.h - px(4))))
            bar = Rect(round(r.x + i * step), r.bottom - h, max(1, round(step) - px(2)), h)
            colour = "p1" if names[i] == frame.request.view.layer else "p0" if math.isfinite(values[i]) else "error"
            ui.paint.box(bar, colour, px(1), 1 if it.hovered and i == index else 0.75)
        ui.paint.text(Rect(r.x + px(4), r.y, r.w, px(18)), f"10^{top}" if top else "1", "text_dim", size=13)
        ui.gap(8)
