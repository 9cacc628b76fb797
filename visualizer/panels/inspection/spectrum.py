"""Spectrum: the power of the shown picture or layer by frequency, or its mean over many pictures."""

from __future__ import annotations

import numpy as np

from core.display.analysis import SpectrumOptions
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.inspection.averages import Averages
from visualizer.toolkit import plots
from visualizer.toolkit.paint import Rect

HEIGHT = 122
COLOURS = ("p0", "p1", "p2")
NOTHING, LIMIT = 0.0, 300.0  # dB that stand for NaN and infinity
MAX_BETA, MAX_REACH = 16.0, 150.0


class SpectrumPanel:
    title = "Spectrum"
    icon = icons.AUDIO_LINES

    def __init__(self) -> None:
        self._averages = Averages()

    def summary(self, context: Context) -> str:
        return "radial power, dB"

    def changed(self, context: Context) -> bool:
        return context.kaiser != SpectrumOptions() or self._averages.changed

    def reset(self, context: Context) -> None:
        context.kaiser = SpectrumOptions()
        self._averages.reset()

    def draw(self, context: Context) -> None:
        ui, kaiser = context.ui, context.kaiser
        context.session.want(spectrum=kaiser)
        self._averages.drop_ended(context)
        ui.gap(8)
        r = ui.take(HEIGHT)
        if self._averages.shown:
            self._averages.draw_plot(context, r)
        else:
            self._draw_plot(context, r)
        ui.gap(6)
        self._averages.draw_choice(context)
        row = ui.row("Range", changed=kaiser.reach_db != SpectrumOptions().reach_db)
        reach = ui.slider(
            "Range", kaiser.reach_db, 5, MAX_REACH, row=row, reset=SpectrumOptions().reach_db, text="%.0f", unit="dB",
            tip="Power to each side of the mean, from the darkest to the lightest colour",
        )  # fmt: skip
        row = ui.row("Window", changed=kaiser.beta != SpectrumOptions().beta)
        beta = ui.slider(
            "Window", kaiser.beta, 0, MAX_BETA, row=row, reset=SpectrumOptions().beta, text="%.1f", unit="β",
            tip="Kaiser window: larger hides the picture's edges better and blurs frequencies more",
        )  # fmt: skip
        row = ui.row("Channels", changed=kaiser.shown_only)
        tips = ("The power of all channels together", "The power of the channels that the picture shows")
        shown_only = bool(ui.segments("Channels", ("All", "Shown"), int(kaiser.shown_only), row=row, tips=tips))
        context.kaiser = SpectrumOptions(beta, reach, shown_only)
        ui.separator()
        self._averages.draw(context)
        ui.gap(6)

    def _draw_plot(self, context: Context, r: Rect) -> None:
        """The curves of the shown picture or layer."""
        ui, frame, kaiser = context.ui, context.session.frame, context.kaiser
        ui.item("Plot", r, tip="Power over frequency, in cycles a pixel; 0 dB is the mean")
        spectrum = frame.inspected.spectrum if frame and frame.inspected else None
        if spectrum is None:
            return
        width = spectrum.pixels.shape[1]
        with plots.plot(ui, "Plot", r, (0, 0.5), (-2 * kaiser.reach_db, kaiser.reach_db)) as plot:
            for curve, colour in zip(spectrum.curves, COLOURS, strict=True):
                db = np.nan_to_num(curve.db.astype(np.float64), nan=NOTHING, posinf=LIMIT, neginf=-LIMIT)
                plot.line(colour, curve.frequency.astype(np.float64) / width, db, colour)
        plots.legend(ui, r, tuple(zip(("radial mean", "0° slice", "45° slice"), COLOURS, strict=True)))
