"""The part of the panel Spectrum that averages over the pictures of networks: run, watch, compare, save."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.base.control import Choice, Control, Kind, one_of
from core.base.text import plural
from core.render.operations import AverageSpectra
from resources import icons
from visualizer.actions.context import Context
from visualizer.output.capture import encode, save_together
from visualizer.panels.common.progress.job_row import BUTTON_WIDTH, draw_job, is_running
from visualizer.session.network_names import display_name
from visualizer.session.work.jobs import Job
from visualizer.toolkit import plots
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.plots import Range, Values

if TYPE_CHECKING:
    from core.measure.averaging import Average, Snapshot

SEEDS = Control(label="Average", default=256, kind=Kind.WHOLE, range=(1, 50_000), format="%d", step=1,
                tip="How many pictures: seeds from 0 on, psi 1, constant noise, a window with β 8")  # fmt: skip
SHOWN = Control(label="Show", default=False, kind=Kind.FLAG, choices=(
    Choice("false", "Picture", "Of the picture or layer that is shown"),
    Choice("true", "Averages", "The mean over the pictures of each network below"),
))  # fmt: skip
COLOURS = ("p0", "p1", "p2", "p3")  # as many as are kept
ALONG = one_of("Along", ("Radial", "0°", "45°"),  # in the order of `core.display.spectrum.Curves`
               ("The mean over all directions", "From left to right", "Diagonally"))  # fmt: skip
HIGHEST = (0.5, 0.5, 0.71)  # frequency that is plotted, cycles a pixel
LOW_DB, HIGH_DB, LOWEST_DB = -50.0, 30.0, -120.0  # of the plot; it goes lower, down to the last, where curves do
NO_NETWORK = "No network is open."
NO_PICTURE = "The network has made no picture yet."
NO_AVERAGE = "There is no average yet; Run makes one."
ONLY_AVERAGES = "The picture has all three; choose Averages."


@dataclass(frozen=True, eq=False)
class Entry:
    """The average of a network; its job has what is known of one that grows."""

    network: str
    colour: str
    job: Job[Average]

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest."""
        return self.job.published[-1] if self.job.published else None

    def points(self, along: int) -> tuple[Values, Values] | None:
        """Frequencies in cycles a pixel, and dB."""
        if self.snapshot is None:
            return None
        curve = self.snapshot.curves[along]
        frequency = curve.frequency.astype(np.float64) / self.snapshot.width
        return frequency, np.maximum(curve.db.astype(np.float64), LOWEST_DB)


class Averages:
    """One grows at a time; those of the last few networks are kept."""

    def __init__(self) -> None:
        self.shown = False  # in place of the picture's spectrum
        self._shown_before = False  # the growing one began
        self._along = 0
        self._seeds = int(SEEDS.start)
        self._kept: list[Entry] = []  # the newest first
        self._growing: Entry | None = None

    @property
    def changed(self) -> bool:
        return (self.shown, self._along, self._seeds) != (False, 0, SEEDS.default)

    def reset(self) -> None:
        self.shown, self._along, self._seeds = False, 0, int(SEEDS.start)

    @property
    def _plotted(self) -> list[Entry]:
        """The growing one stands in for that which it will replace."""
        if self._growing is None:
            return self._kept
        return [self._growing, *(entry for entry in self._kept if entry.colour != self._growing.colour)]

    def drop_ended(self, context: Context) -> None:
        """After a job that was cancelled or failed, all is as it was before."""
        if self._growing is not None and not is_running(self._growing.job, context):
            self._growing = None
            self.shown = self.shown and self._shown_before
        self.shown = self.shown and bool(self._plotted)

    # -- The plot -------------------------------------------------------------

    def draw_plot(self, context: Context, height: float) -> None:
        ui = context.ui
        plots.legend(ui, [(display_name(entry.network), entry.colour) for entry in self._plotted])
        r = ui.take(height)
        ui.item("Plot", r, tip="Mean power over frequency, in cycles a pixel; 0 dB is white noise as strong")
        known = [(entry.colour, points) for entry in self._plotted if (points := entry.points(self._along)) is not None]
        reach = _range([db for _, (_, db) in known])
        with plots.plot(ui, "Averages", r, (0, HIGHEST[self._along]), reach, unit_y="dB") as plot:
            for colour, (frequency, db) in known:
                plot.line(colour, frequency, db, colour)

    def draw_choice(self, context: Context) -> None:
        """What is plotted."""
        ui = context.ui
        off = "" if self._plotted else NO_AVERAGE
        row = ui.row("Show", changed=self.shown, off=off)
        self.shown = bool(ui.segments(SHOWN, self.shown, row=row, off=off))
        off = "" if self.shown else ONLY_AVERAGES
        row = ui.row("Along", changed=self._along != 0, off=off)
        self._along = ALONG.names.index(str(ui.segments(ALONG, ALONG.names[self._along], row=row, off=off)))

    # -- Making one -----------------------------------------------------------

    def draw(self, context: Context) -> None:
        """The row that runs, and a row for each that is kept."""
        self._draw_run(context)
        for index, entry in enumerate(list(self._kept), 1):
            self._draw_entry(context, index, entry)

    def _draw_run(self, context: Context) -> None:
        ui, px, session = context.ui, context.ui.px, context.session
        if self._growing is not None:
            draw_job(context, self._growing.job, ui.row("Average").area, tip="Stop, and forget this average")
            return
        loaded, frame = session.loaded, session.frame
        off = ""
        if loaded is None:
            off = NO_NETWORK
        elif frame is None or frame.request.network != loaded.location:
            off = NO_PICTURE
        row = ui.row("Average", changed=self._seeds != SEEDS.default, off=off)
        self._seeds = int(ui.number(SEEDS, self._seeds, row=row, at=row.left(px(64)), off=off))
        button = Rect(row.area.right - px(BUTTON_WIDTH), row.area.y, px(BUTTON_WIDTH), row.area.h)
        words = Rect(row.area.x + px(72), row.area.y, button.x - row.area.x - px(72), row.area.h)
        ui.paint.text(words, "seed" if self._seeds == 1 else "seeds", "text_faint" if off else "text_dim")
        if ui.button("Run", at=button, icon=icons.PLAY, tip="Average the spectra of this network", off=off):
            self._run(context)

    def _run(self, context: Context) -> None:
        session, network = context.session, context.session.request.network
        job = session.run("Averaging spectra", AverageSpectra(self._seeds), lambda _: self._keep())
        if job is not None:
            self._growing = Entry(network, self._colour_of(network), job)
            self._shown_before, self.shown = self.shown, True

    def _colour_of(self, network: str) -> str:
        """That of the average that a new one replaces, if it does: of the same network, or the oldest."""
        taken = {entry.network: entry.colour for entry in self._kept}
        free = [colour for colour in COLOURS if colour not in taken.values()]
        return taken.get(network) or (free[0] if free else self._kept[-1].colour)

    def _keep(self) -> None:
        """The growing one is whole."""
        entry, self._growing = self._growing, None
        if entry is not None:
            self._kept = [entry, *(other for other in self._kept if other.colour != entry.colour)]

    # -- Those that are kept --------------------------------------------------

    def _draw_entry(self, context: Context, index: int, entry: Entry) -> None:
        ui, px, average = context.ui, context.ui.px, entry.job.result
        row = ui.row("")
        area = Rect(ui.x, row.area.y, row.area.right - ui.x, row.area.h)
        remove = Rect(area.right - px(24), area.y, px(24), area.h)
        save = Rect(remove.x - px(26), area.y, px(24), area.h)
        count = plural(average.images, "seed")
        width = ui.paint.text_width(count, size=14)
        amount = Rect(save.x - px(8) - width, area.y, width, area.h)
        name = Rect(area.x + px(18), area.y, amount.x - px(10) - area.x - px(18), area.h)
        ui.paint.box(Rect(area.x, area.y + px(7), px(10), px(10)), entry.colour, px(3))
        ui.paint.text(name, display_name(entry.network))
        ui.paint.text(amount, count, "text_dim", size=14)
        height = average.power.shape[0] * average.width // average.power.shape[1]
        ui.item(
            f"Average {index}", Rect(area.x, area.y, amount.right - area.x, area.h), tip=entry.network,
            more=f"{plural(average.images, 'picture')} of {average.width} × {height} pixels",
        )  # fmt: skip
        tip = "Save the heat map as PNG, the curves as CSV"
        if ui.icon_button(f"Save {index}", icons.DOWNLOAD, at=save, tip=tip):
            self._save(context, entry.network, average)
        if ui.icon_button(f"Remove {index}", icons.X, at=remove, tip="Forget this average"):
            self._kept = [other for other in self._kept if other is not entry]

    def _save(self, context: Context, network: str, average: Average) -> None:
        session, folder = context.session, context.actions.capture_folder
        session.start(
            "Cannot save the spectrum",
            lambda: save_average(average, network, folder),
            lambda paths: session.say_saved(*paths, detail=str(folder)),
        )


def save_average(average: Average, network: str, folder: Path) -> tuple[Path, ...]:
    """The heat map as PNG and the curves as CSV, under one number. Raises CaptureError."""
    from core.measure.averaging import pictured_power, table

    picture = encode(pictured_power(average), ".png")
    return save_together(folder, {"-spectrum.png": picture, "-spectrum.csv": table(average, network).encode()})


def _range(curves: list[Values]) -> Range:
    """Of the vertical axis: lower than usual where more than single dips of a curve are."""
    low = min((float(np.quantile(db, 0.05)) for db in curves), default=LOW_DB)
    return min(LOW_DB, 10 * math.floor(low / 10)), HIGH_DB
