"""Truncation & noise: psi, cutoff, noise mode and seed."""

from __future__ import annotations

from dataclasses import replace

from core.base.control import Control, Kind
from core.parameters import psi_hidden
from core.parameters.table import (
    CENTRE_X,
    CUTOFF,
    NOISE_MODE,
    NOISE_SEED,
    NOISE_SHIFT_X,
    NOISE_SHIFT_Y,
    NOISE_STRENGTH,
    PSI,
)
from core.render.operations import FindCentres
from core.request import (
    Centre,
    Centroids,
    ClassMean,
    Clusters,
    Latent,
    SeedPoint,
)
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.capability_text import letter_of_space
from visualizer.panels.common.hint import draw_hint
from visualizer.panels.common.parameter_panel import ParameterPanel
from visualizer.panels.common.parameter_rows import keyed_row, parameter_control, parameter_row
from visualizer.panels.common.progress.job_row import draw_job, is_running
from visualizer.panels.common.sources import latent_words, seed_at, w_of
from visualizer.session.animation import NOISE, NOISE_SPEED
from visualizer.session.work.jobs import Job
from visualizer.toolkit.paint import Rect

CLUSTERS = (4, 8, 16, 32)
CENTRE_SEED = Control(label="Centre seed", default=0, kind=Kind.WHOLE, format="%d", tip="The seed of the centre")


class TruncationPanel(ParameterPanel):
    title = "Truncation & noise"
    icon = icons.FUNNEL
    parameters = ("truncation", "noise")

    def __init__(self) -> None:
        self._finding: Job[None] | None = None  # centres

    def summary(self, context: Context) -> str:
        request = context.session.request
        return f"ψ {request.truncation.psi:.2f} · {request.noise.mode}".replace("-", "−")

    def changed(self, context: Context) -> bool:
        return super().changed(context) or context.session.animation.noise

    def reset(self, context: Context) -> None:
        context.session.animation.noise = False
        super().reset(context)

    def draw(self, context: Context) -> None:
        session = context.session
        context.ui.gap(10)
        parameter_row(context, PSI)
        draw_hint(context, psi_hidden(session.request, session.info) if session.info else "")
        parameter_row(context, CUTOFF)
        self._centre(context, CENTRE_X.why_not(context.session.info))
        context.ui.separator()
        self._noise(context)
        context.ui.gap(6)

    def _centre(self, context: Context, off: str) -> None:
        """Where psi 0 is."""
        ui, session, info = context.ui, context.session, context.session.info
        centre = session.request.truncation.centre
        average = "Average of the class" if info is not None and info.class_centres else "Average w"
        row = keyed_row(context, "Centre", "truncation.centre", changed=centre is not None, off=off)
        if row.reset:
            set_centre(context, None)

        def menu() -> None:
            if ui.menu_item(average, on=centre is None):
                set_centre(context, None)
            if ui.menu_item("A seed", on=isinstance(centre, SeedPoint)):
                set_centre(context, SeedPoint(float(seed_at(session.point))))
            if ui.menu_item("The mean of the class", on=centre == ClassMean(), off=not (info and info.c_dim)):
                set_centre(context, ClassMean())
            frame = session.frame
            if ui.menu_item("The picture that is shown", off=frame is None) and frame is not None:
                set_centre(context, w_of(frame))
            for count in CLUSTERS:
                if ui.menu_item(f"Nearest of {count} clusters", on=centre == Clusters(count), off=session.info is None):
                    self._find_clusters(context, count)
            if ui.menu_item("A file…"):
                context.actions.latents.choose_centre()
            if ui.menu_item("Centroids from a file…", on=isinstance(centre, Centroids)):
                context.actions.latents.choose_centroids()

        is_seed = isinstance(centre, SeedPoint) and not off
        right = ui.px(96) if is_seed else 0.0
        at = Rect(row.area.x, row.area.y, row.area.w - right, row.area.h)
        tip = "What psi 0 gives, and psi scales the distance from"
        if is_running(self._finding, context):
            draw_job(context, self._finding, row.area, tip="Stop; the centre stays what it is")
            return
        match centre:
            case _ if info is not None and info.z_width:
                shown = "z = 0"
            case None:
                shown = average
            case SeedPoint():
                shown = "Seed"
            case ClassMean():
                shown = "Mean of the class"
            case Clusters(count):
                shown = f"{count} clusters"
            case Centroids(rows, name):
                shown, tip = f"{len(rows)} centroids", f"{tip}: the nearest of {name or 'these'}"
            case latent:
                shown = latent_words(latent, letter_of_space(info))
        ui.combo("Centre", shown, at=at, menu=menu, tip=tip, off=off, path="" if is_seed else CENTRE_X.path)
        if is_seed and isinstance(centre, SeedPoint):
            at = Rect(row.area.right - right + ui.px(4), row.area.y, right - ui.px(4), row.area.h)
            seed = seed_at(centre)
            new_seed = ui.number(CENTRE_SEED, seed, at=at, stepper=True, path=CENTRE_X.path)
            if new_seed != seed:
                set_centre(context, SeedPoint(float(new_seed)))

    def _find_clusters(self, context: Context, count: int) -> None:
        """In the background, for it takes a while; then they are the centre."""
        if not is_running(self._finding, context):
            self._finding = context.session.run(
                "Finding centres of W", FindCentres(count), lambda _: set_centre(context, Clusters(count)),
                for_shown=True,
            )  # fmt: skip

    def _noise(self, context: Context) -> None:
        ui, session = context.ui, context.session
        parameter_row(context, NOISE_MODE)
        parameter_row(context, NOISE_SEED, stepper=True)
        self._animate(context, NOISE_SEED.off(session.info, session.request))
        parameter_row(context, NOISE_STRENGTH)
        off = NOISE_SHIFT_X.off(session.info, session.request)
        row = keyed_row(context, "Shift", NOISE_SHIFT_X.path, NOISE_SHIFT_Y.path,
                        changed=session.request.noise.shift != (0, 0), off=off)  # fmt: skip
        half = (row.area.w - ui.px(4)) // 2
        right = row.after(half + ui.px(4))
        parameter_control(context, NOISE_SHIFT_X, row=row, area=row.left(half), prefix="x", off=off)
        parameter_control(context, NOISE_SHIFT_Y, row=row, area=right, prefix="y", off=off)

    def _animate(self, context: Context, off: str) -> None:
        ui, animation = context.ui, context.session.animation
        row = ui.row("Animate", changed=animation.noise or not animation.noise_smooth, off=off)
        animation.noise = ui.toggle(NOISE, animation.noise, at=row.left(ui.px(36)), off=off) and not row.reset
        button = Rect(row.area.right - ui.px(24), row.area.y, ui.px(24), row.area.h)
        tip = "Smooth: passes through what lies between the seeds, without a flicker"
        if ui.icon_button("Smooth", icons.SPLINE, at=button, on=animation.noise_smooth, tip=tip, off=off):
            animation.noise_smooth = not animation.noise_smooth
        animation.noise_smooth |= row.reset
        speed = Rect(row.area.x + ui.px(36), row.area.y, row.area.w - ui.px(64), row.area.h)
        animation.noise_speed = ui.slider(NOISE_SPEED, animation.noise_speed, row=row, at=speed, off=off)


def set_centre(context: Context, centre: Latent | Centre | None) -> None:
    session = context.session
    session.edit(truncation=replace(session.request.truncation, centre=centre))

