"""Histogram: how often values occur in a layer, in all channels and in those shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.layer_text import shown_channels
from visualizer.panels.common.readonly_panel import ReadonlyPanel
from visualizer.toolkit import plots
from visualizer.toolkit.plots import Values

if TYPE_CHECKING:
    from core.display.analysis import Histogram

HEIGHT = 116


class HistogramPanel(ReadonlyPanel):
    title = "Histogram"
    icon = icons.CHART_COLUMN

    def summary(self, context: Context) -> str:
        return "log count"

    def draw(self, context: Context) -> None:
        ui, frame = context.ui, context.session.frame
        context.session.want(statistics=True)
        ui.gap(8)
        shown = shown_channels(frame).lower() if frame is not None else "those shown"
        plots.legend(ui, (("all channels", "p0"), (shown, "p1")))
        r = ui.take(HEIGHT)
        ui.item("Plot", r, tip="How many values lie where; counts are logarithmic")
        analysis = frame.analysis if frame else None
        if frame is not None and analysis is not None and analysis.histograms is not None:
            both = [_points(one) for one in analysis.histograms]
            low, high = (f(x) for f, x in ((min, both[0][0]), (max, both[0][0])))
            margin = max((high - low) * 0.02, 1e-6)
            top = max(float(counts.max()) for _, counts in both)
            with plots.plot(ui, "Plot", r, (low - margin, high + margin), (0.8, max(top * 2, 10)), log_y=True) as plot:
                for (x, counts), colour, fill in zip(both, ("p0", "p1"), (0.16, 0.0), strict=True):
                    plot.line(colour, x, counts, colour, fill=fill)
        ui.gap(8)


def _points(histogram: Histogram) -> tuple[Values, Values]:
    """Middles of the bins and their counts; an empty bin lies just under 1, where the axis begins."""
    edges = np.linspace(histogram.low, histogram.high, len(histogram.counts) + 1)
    return (edges[:-1] + edges[1:]) / 2, np.maximum(histogram.counts, 0.5).astype(np.float64)
