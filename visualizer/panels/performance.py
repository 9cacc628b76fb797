"""Performance: times of rendering and of the window, limits, device, precision, op backends."""

from __future__ import annotations

import numpy as np

import ops
from core.parameters.table import PRECISION
from ops.native.state import LIBRARY
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.parameter_panel import ParameterPanel
from visualizer.panels.common.parameter_rows import parameter_row
from visualizer.settings import FPS_LIMIT, ON_RELEASE, VSYNC, Settings
from visualizer.toolkit import plots
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font

DEFAULTS = Settings()
LIMITS = (DEFAULTS.fps_limit, DEFAULTS.vsync, DEFAULTS.render_on_release)


class PerformancePanel(ParameterPanel):
    title = "Performance"
    icon = icons.GAUGE
    parameters = ("precision",)

    def summary(self, context: Context) -> str:
        return f"{context.meters.render.mean_ms:.1f} ms" if context.meters.render.times else ""

    def changed(self, context: Context) -> bool:
        settings = context.settings
        return (
            super().changed(context)
            or context.session.device != "auto"
            or (settings.fps_limit, settings.vsync, settings.render_on_release) != LIMITS
        )

    def reset(self, context: Context) -> None:
        limit, vsync, release = LIMITS
        context.prefer(fps_limit=limit, vsync=vsync, render_on_release=release)
        super().reset(context)
        if context.session.device != "auto":
            context.session.use_device("auto")

    def draw(self, context: Context) -> None:
        ui, px = context.ui, context.ui.px
        ui.gap(8)
        area = ui.take(56)
        half = round((area.w - px(8)) / 2)
        self._plot(context, "Render", Rect(area.x, area.y, half, area.h), context.meters.render.times, "p0")
        self._plot(context, "Window", Rect(area.right - half, area.y, half, area.h), context.meters.window.times, "p2")
        ui.gap(8)
        self._limits(context)
        ui.separator()
        self._device(context)
        ui.separator()
        self._backends(context)
        ui.gap(6)

    def _plot(self, context: Context, name: str, r: Rect, times: list[float], colour: str) -> None:
        """Milliseconds of the last frames as a filled line."""
        ui, px = context.ui, context.ui.px
        ui.item(name, r, tip=f"{name} times of the last frames, the mean at the right")
        top = max(times, default=1.0)
        with plots.plot(ui, name, r, (0, max(1, len(times) - 1)), (0, 1.7 * top), axes=False) as plot:
            if len(times) > 1:
                plot.line(name, np.arange(len(times), dtype=float), np.array(times), colour, fill=0.16)
        mean = f"{sum(times) / len(times):.1f} ms" if times else "–"
        ui.paint.text(Rect(r.x + px(7), r.y + px(2), r.w, px(20)), name, "text_dim", size=13)
        ui.paint.text(Rect(r.x, r.y + px(2), r.w - px(7), px(20)), mean, font=Font.MEDIUM, size=14, align=1)

    def _limits(self, context: Context) -> None:
        ui, settings, px = context.ui, context.settings, context.ui.px
        row = ui.row("Frame limit", changed=settings.fps_limit != FPS_LIMIT.default)
        limit = ui.number(FPS_LIMIT, settings.fps_limit, row=row, stepper=True)
        row = ui.row("Vsync", changed=settings.vsync)
        vsync = ui.toggle(VSYNC, settings.vsync, at=row.left(px(36))) and not row.reset
        row = ui.row("On release", changed=settings.render_on_release)
        release = ui.toggle(ON_RELEASE, settings.render_on_release, at=row.left(px(36))) and not row.reset
        context.prefer(fps_limit=int(limit), vsync=vsync, render_on_release=release)

    def _device(self, context: Context) -> None:
        ui, session = context.ui, context.session
        devices = session.loaded.devices if session.loaded else ("auto",)
        row = ui.row("Device", changed=session.device != "auto")

        def choose() -> None:
            for name in devices:
                if ui.menu_item(name, on=name == session.device):
                    session.use_device(name)

        ui.combo("Device", session.device, at=row.area, menu=choose, tip="What runs the network")
        if row.reset:
            session.use_device("auto")

        parameter_row(context, PRECISION)
        if session.frame is not None:
            area = ui.take(20)
            ui.paint.text(area, f"Running on {session.frame.device}", "text_dim", size=14)

    def _backends(self, context: Context) -> None:
        """Which implementation of each op runs, and why no faster one."""
        ui, px = context.ui, context.ui.px
        for record in ops.backends():
            area = ui.take(20)
            ui.item(record.op, area, tip=f"{record.op} runs on {record.backend}", more=record.reason)
            ui.paint.text(area, record.op, "text_dim", size=14)
            name = record.backend.partition(":")[0]
            ui.paint.text(Rect(area.x, area.y, area.w - px(2), area.h), name, "text", size=14, align=1)
        state = LIBRARY.state
        if state.why_not:
            ui.gap(2)
            top = ui.y
            ui.y += ui.paint.wrapped(ui.x, ui.y, ui.w, f"Plain torch runs: {state.why_not}", "text_dim", size=13)
            ui.item("Kernels", Rect(ui.x, top, ui.w, ui.y - top), tip="Why no faster kernels run")
        ui.gap(4)
        at = ui.take(24)
        if ui.button("Copy system report", at=at, icon=icons.CLIPBOARD_COPY, tip="What a bug report needs"):
            context.actions.window.copy_report()
