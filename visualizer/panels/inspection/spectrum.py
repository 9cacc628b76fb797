"""Spectrum: the power of the shown picture or layer by frequency, or its mean over many pictures."""

from __future__ import annotations

import numpy as np

from core.base.control import Choice, Control, Kind
from core.display.analysis import SpectrumOptions
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.inspection.averages import Averages
from visualizer.toolkit import plots

HEIGHT = 122
COLOURS = ("p0", "p1", "p2")
NOTHING, LIMIT = 0.0, 300.0  # dB that stand for NaN and infinity
DEFAULT = SpectrumOptions()
REACH = Control(label="Range", default=DEFAULT.reach_db, range=(5, 150), format="%.0f", unit="dB",
                tip="Power to each side of the mean, from the darkest to the lightest colour")  # fmt: skip
WINDOW = Control(label="Window", default=DEFAULT.beta, range=(0, 16), format="%.1f", unit="β",
                 tip="Kaiser window: larger hides the picture's edges better and blurs frequencies more")  # fmt: skip
CHANNELS = Control(label="Channels", default=DEFAULT.shown_only, kind=Kind.FLAG, choices=(
    Choice("false", "All", "The power of all channels together"),
    Choice("true", "Shown", "The power of the channels that the picture shows"),
))  # fmt: skip


class SpectrumPanel:
    title = "Spectrum"
    icon = icons.AUDIO_LINES

    def __init__(self) -> None:
        self._averages = Averages()

    def summary(self, context: Context) -> str:
        return "radial power, dB"

    def changed(self, context: Context) -> bool:
        return context.spectrum_options != SpectrumOptions() or self._averages.changed

    def reset(self, context: Context) -> None:
        context.spectrum_options = SpectrumOptions()
        self._averages.reset()

    def draw(self, context: Context) -> None:
        ui, options = context.ui, context.spectrum_options
        context.session.want(spectrum=options)
        self._averages.drop_ended(context)
        ui.gap(8)
        if self._averages.shown:
            self._averages.draw_plot(context, HEIGHT)
        else:
            self._draw_plot(context)
        ui.gap(6)
        self._averages.draw_choice(context)
        reach = ui.slider(REACH, options.reach_db, row=ui.row("Range", changed=options.reach_db != REACH.default))
        beta = ui.slider(WINDOW, options.beta, row=ui.row("Window", changed=options.beta != WINDOW.default))
        row = ui.row("Channels", changed=options.shown_only)
        shown_only = bool(ui.segments(CHANNELS, options.shown_only, row=row))
        context.spectrum_options = SpectrumOptions(beta, reach, shown_only)
        ui.separator()
        self._averages.draw(context)
        ui.gap(6)

    def _draw_plot(self, context: Context) -> None:
        """The curves of the shown picture or layer."""
        ui, frame, options = context.ui, context.session.frame, context.spectrum_options
        plots.legend(ui, tuple(zip(("radial mean", "0° slice", "45° slice"), COLOURS, strict=True)))
        r = ui.take(HEIGHT)
        ui.item("Plot", r, tip="Power over frequency, in cycles a pixel; 0 dB is the mean")
        spectrum = frame.analysis.spectrum if frame and frame.analysis else None
        if spectrum is None:
            return
        width = spectrum.pixels.shape[1]
        with plots.plot(ui, "Plot", r, (0, 0.5), (-2 * options.reach_db, options.reach_db), unit_y="dB") as plot:
            for curve, colour in zip(spectrum.curves, COLOURS, strict=True):
                db = np.nan_to_num(curve.db.astype(np.float64), nan=NOTHING, posinf=LIMIT, neginf=-LIMIT)
                plot.line(colour, curve.frequency.astype(np.float64) / width, db, colour)
