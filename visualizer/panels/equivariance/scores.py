"""The parts of the panel Equivariance that tell how well the picture follows its transform."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from imgui_bundle import imgui

from core.base.control import Control, Kind, number_text
from core.base.text import plural
from core.display.frame import Metric
from core.measure.sweep import Sweep
from core.parameters.table import COMPARE, DIFFERENCE, MASK, UNTRANSFORM
from core.render.operations import MeasureEquivariance, SweepEquivariance
from core.request import IDENTITY, RenderRequest, View
from visualizer.actions.context import Context
from visualizer.panels.common.parameter_rows import parameter_control, parameter_row
from visualizer.panels.common.progress.job_row import draw_job, is_running
from visualizer.session.network_names import short_name
from visualizer.session.work.jobs import Job
from visualizer.toolkit import plots
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.toolkit.ui import Ui

if TYPE_CHECKING:
    from core.measure.equivariance import Score

NAMES = {Metric.EQT: "EQ-T", Metric.EQT_FRAC: "EQ-T_frac", Metric.EQR: "EQ-R"}
MEANINGS = {
    Metric.EQT: "How well pictures follow when they move by whole pixels",
    Metric.EQT_FRAC: "How well pictures follow when they move by any distance",
    Metric.EQR: "How well pictures follow when they turn",
}
EXAMPLE = "As far as it is moved and turned below; upright, by an example."
TILE_HEIGHT, PLOT_HEIGHT, LINE_HEIGHT = 48, 122, 22
BUTTON = 76
FULL_DB, GOOD_DB, FAIR_DB = 80.0, 45.0, 30.0  # of the bar in a tile
HIGHEST_DB = 120.0  # that a plot shows
SAMPLES = Control(label="Samples", default=200, kind=Kind.WHOLE, range=(1, 50_000), format="%d", step=2,
                  tip="How many pictures, each moved in its own way")  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """What a measurement of a network gave."""

    network: str
    samples: int
    scores: Mapping[Metric, Score]


class EquivarianceScores:
    """Live scores, comparison with the upright picture, sweep, measurement."""

    def __init__(self) -> None:
        self._sweeping: Job[Sweep] | None = None  # the latest, which has the curves
        self._swept: RenderRequest | None = None  # the upright picture that it is of
        self._samples = int(SAMPLES.start)
        self._measured: Measured | None = None
        self._measuring: Job[dict[Metric, Score]] | None = None

    # -- Live -----------------------------------------------------------------

    def draw_scores(self, context: Context, off: str) -> None:
        """A tile for each metric; wanted only while it is in sight."""
        ui, px, session = context.ui, context.ui.px, context.session
        r = ui.take(TILE_HEIGHT)
        if not off and imgui.is_rect_visible(*r.corners):
            session.want(scores=True)
        scores = {} if off else session.scores
        width = (r.w - px(12)) / len(Metric)
        for i, metric in enumerate(Metric):
            tile = Rect(round(r.x + i * (width + px(6))), r.y, round(width), r.h)
            score = scores.get(metric)
            psnr = math.nan if score is None else score.psnr_db
            fresh = score is not None and upright(score.request) == upright(session.request)
            ui.paint.box(tile, "control_off" if off else "plot", px(4))
            ui.paint.frame(tile, "line", px(4))
            inner = tile.inset(px(8))
            ui.paint.text(Rect(inner.x, inner.y - px(2), inner.w, px(16)), NAMES[metric], "text_dim", size=13)
            colour = "text" if fresh and not off else "text_faint"
            value = Rect(inner.x, inner.bottom - px(17), inner.w - px(10), px(20))
            shown = db_text(psnr)
            ui.paint.text(value, shown, colour, font=Font.BOLD, size=18)
            ui.paint.text(
                Rect(value.x + ui.paint.text_width(shown, Font.BOLD, 18) + px(5), value.y, px(24), value.h), "dB",
                "text_faint", size=13,
            )  # fmt: skip
            self._bar(ui, Rect(tile.right - px(11), tile.y + px(7), px(5), tile.h - px(14)), psnr)
            name = f"Live {NAMES[metric]}"
            ui.readout(name, tile, shown, tip=f"{MEANINGS[metric]}. {EXAMPLE}", off=off)

    def _bar(self, ui: Ui, r: Rect, psnr: float) -> None:
        ui.paint.box(r, "control", ui.px(2))
        if math.isnan(psnr):
            return
        part = min(max(psnr / FULL_DB, 0.04), 1.0)
        colour = "ok" if psnr >= GOOD_DB else "warning" if psnr >= FAIR_DB else "error"
        ui.paint.box(Rect(r.x, r.bottom - r.h * part, r.w, r.h * part), colour, ui.px(2))

    # -- Comparison -----------------------------------------------------------

    def draw_compare(self, context: Context, off: str) -> None:
        ui, px, view = context.ui, context.ui.px, context.session.request.view
        parameter_row(context, COMPARE)
        row = ui.row("", changed=view.untransform or not view.mask, off=off)
        colour, half = "text_faint" if off else "text", row.after(px(121))
        parameter_control(context, UNTRANSFORM, row=row, off=off)
        ui.paint.text(row.after(px(34)), "Untransform", colour, size=14)
        parameter_control(context, MASK, row=row, area=half, off=off)
        ui.paint.text(Rect(half.x + px(34), half.y, half.w - px(34), half.h), "Mask", colour, size=14)
        parameter_row(context, DIFFERENCE)

    # -- Sweep ----------------------------------------------------------------

    def draw_sweep(self, context: Context, off: str) -> None:
        ui, px = context.ui, context.ui.px
        plots.legend(ui, (("shift, px", "p0"), ("angle, turns", "p1")))
        r = ui.take(PLOT_HEIGHT)
        ui.item("Sweep plot", r, tip="PSNR over a pixel and over a turn; a network that follows exactly has no dips")
        found: Sweep | None = self._sweeping.published[-1] if self._sweeping and self._sweeping.published else None
        known = [] if found is None else [db for db in (*found.shift_db, *found.turn_db) if not math.isnan(db)]
        shown = [min(db, HIGHEST_DB) for db in known] or [0.0, HIGHEST_DB]
        low, high = min(shown), max(shown)
        margin = max(2.0, 0.1 * (high - low))
        with plots.plot(ui, "Sweep", r, (0, 1), (low - margin, high + margin), unit_y="dB") as plot:
            if found is not None:
                for name, x, db, colour in (
                    ("shift", found.pixels, found.shift_db, "p0"),
                    ("turn", found.turns, found.turn_db, "p1"),
                ):
                    plot.line(name, x, np.minimum(db, HIGHEST_DB), colour)
        ui.gap(6)
        row = ui.row("Sweep", off=off)
        if is_running(self._sweeping, context):
            draw_job(context, self._sweeping, row.area, tip="Stop; the steps that are known stay")
            return
        text = ""
        if self._swept is not None and self._swept != upright(context.session.request):
            text = "of another picture"
        ui.paint.text(row.left(row.area.w - px(BUTTON)), text, "text_dim", size=14)
        tip = "Score this picture in steps over a pixel and over a whole turn"
        at = Rect(row.area.right - px(BUTTON), row.area.y, px(BUTTON), row.area.h)
        if ui.button("Sweep", at=at, tip=tip, off=off):
            self._run_sweep(context)

    def _run_sweep(self, context: Context) -> None:
        self._swept = upright(context.session.request)
        self._sweeping = context.session.run("Sweeping equivariance", SweepEquivariance(self._swept))

    # -- Measurement ----------------------------------------------------------

    def draw_measure(self, context: Context, off: str) -> None:
        ui, px = context.ui, context.ui.px
        row = ui.row("Measure", changed=self._samples != SAMPLES.default, off=off)
        if is_running(self._measuring, context):
            draw_job(context, self._measuring, row.area, tip="Stop, and forget this measurement")
        else:
            self._samples = int(ui.number(SAMPLES, self._samples, row=row, at=row.left(px(64)), off=off))
            at = Rect(row.area.right - px(BUTTON), row.area.y, px(BUTTON), row.area.h)
            words = Rect(row.area.x + px(72), row.area.y, at.x - row.area.x - px(72), row.area.h)
            what = "picture" if self._samples == 1 else "pictures"
            ui.paint.text(words, what, "text_faint" if off else "text_dim", size=14)
            tip = "The metrics of the network over many pictures, with 95 % intervals"
            if ui.button("Measure", at=at, tip=tip, off=off):
                self._run_measurement(context)
        if self._measured is not None:
            self._draw_measured(context, self._measured)

    def _run_measurement(self, context: Context) -> None:
        session, samples = context.session, self._samples
        network = session.request.network

        def take(scores: dict[Metric, Score]) -> None:
            self._measured = Measured(network, samples, scores)

        self._measuring = session.run("Measuring equivariance", MeasureEquivariance(samples), take)

    def _draw_measured(self, context: Context, measured: Measured) -> None:
        paint, px = context.ui.paint, context.ui.px
        title = f"{short_name(measured.network)}, {plural(measured.samples, 'picture')}, 95 % interval"
        paint.text(context.ui.take(LINE_HEIGHT), title, "text_dim", size=14)
        for metric, score in measured.scores.items():
            r = context.ui.take(LINE_HEIGHT)
            paint.text(Rect(r.x, r.y, px(84), r.h), NAMES[metric], "text_dim", size=14)
            value = Rect(r.x + px(84), r.y, px(76), r.h)
            shown = db_text(score.psnr_db)
            paint.text(value, f"{shown} dB", size=14, font=Font.MEDIUM)
            context.ui.readout(f"Measured {NAMES[metric]}", r, shown, tip=MEANINGS[metric])
            if score.interval_db is not None:
                low, high = score.interval_db
                room = Rect(value.right, r.y, r.right - value.right, r.h)
                paint.text(room, f"{db_text(low)} to {db_text(high)} dB", "text_dim", size=14)


def upright(request: RenderRequest) -> RenderRequest:
    """The request without its view and transform: what a score is of, besides a move."""
    return replace(request, view=View(), transform=IDENTITY)


def db_text(db: float) -> str:
    if math.isnan(db):
        return "–"
    return "∞" if math.isinf(db) else number_text(db, "%.1f")
