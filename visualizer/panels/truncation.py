"""Truncation & noise: psi, cutoff, noise mode and seed."""

from __future__ import annotations

from dataclasses import replace

from core.base.progress import Progress
from core.request import (
    Centre,
    Centroids,
    ClassMean,
    Clusters,
    Latent,
    Noise,
    NoiseMode,
    SeedPoint,
    Truncates,
    Truncation,
)
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.capability_text import PSI_TIPS, centre_off, letter_of_space, psi_off
from visualizer.panels.common.sources import latent_words, seed_at, w_of
from visualizer.panels.layer_strip.columns import NO_NOISE
from visualizer.toolkit.paint import Rect

NOT_RANDOM = "Only random noise has a seed; choose Random above."
CLUSTERS = (4, 8, 16, 32)
MODES = (NoiseMode.CONST, NoiseMode.RANDOM, NoiseMode.NONE)


class TruncationPanel:
    title = "Truncation & noise"
    icon = icons.FUNNEL

    def summary(self, context: Context) -> str:
        request = context.session.request
        return f"ψ {request.truncation.psi:.2f} · {request.noise.mode}".replace("-", "−")

    def changed(self, context: Context) -> bool:
        request = context.session.request
        return (request.truncation, request.noise) != (Truncation(), Noise()) or context.session.animation.noise

    def reset(self, context: Context) -> None:
        context.session.animation.noise = False
        context.session.edit(truncation=Truncation(), noise=Noise())

    def draw(self, context: Context) -> None:
        context.ui.gap(10)
        self._truncation(context)
        context.ui.separator()
        self._noise(context)
        context.ui.gap(6)

    def _truncation(self, context: Context) -> None:
        ui, session, info = context.ui, context.session, context.session.info
        truncation = session.request.truncation
        off = psi_off(info, session.request)
        row = ui.row("Psi", changed=truncation.psi != 1, off=off)
        tip = PSI_TIPS[info.truncates if info else Truncates.W]
        psi = ui.slider("Psi", truncation.psi, -1, 2, row=row, reset=1.0, zero=0, tip=tip, off=off)

        layers = info.num_ws if info else 18
        cutoff = layers if truncation.cutoff is None else min(truncation.cutoff, layers)
        row = ui.row("Cutoff", changed=truncation.cutoff is not None, off=off)
        tip = f"Psi applies to the first {cutoff} of {layers} layers"
        new = ui.slider(
            "Cutoff", cutoff, 0, layers, row=row, reset=layers, text="%d", unit=f"/ {layers}", whole=True, tip=tip,
            off=off,
        )  # fmt: skip
        if psi != truncation.psi or new != cutoff:
            kept = truncation.cutoff if new == cutoff else _cutoff(new, layers)
            session.edit(truncation=replace(truncation, psi=psi, cutoff=kept))
        self._centre(context, centre_off(info))

    def _centre(self, context: Context, off: str) -> None:
        """Where psi 0 is."""
        ui, session, info = context.ui, context.session, context.session.info
        centre = session.request.truncation.centre
        average = "Average of the class" if info is not None and info.class_centres else "Average w"
        row = ui.row("Centre", changed=centre is not None, off=off)
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
        ui.combo("Centre", shown, at=at, menu=menu, tip=tip, off=off)
        if is_seed and isinstance(centre, SeedPoint):
            at = Rect(row.area.right - right + ui.px(4), row.area.y, right - ui.px(4), row.area.h)
            seed = seed_at(centre)
            new_seed = ui.number("Centre seed", seed, at=at, reset=0, stepper=True, tip="The seed of the centre")
            if new_seed != seed:
                set_centre(context, SeedPoint(float(new_seed)))

    def _find_clusters(self, context: Context, count: int) -> None:
        """In the background, for it takes a while; then they are the centre."""
        session, loaded = context.session, context.session.loaded
        if loaded is None or loaded.generator is None:
            return
        generator, info = loaded.generator, loaded.info

        def find(progress: Progress) -> None:
            from core.synthesis.clusters import centroids

            centroids(generator, info, count, generator.w_avg.device, progress=progress)

        session.study("Finding centres of W", find, lambda _: set_centre(context, Clusters(count)))

    def _noise(self, context: Context) -> None:
        ui, session, info = context.ui, context.session, context.session.info
        noise, animation = session.request.noise, session.animation
        off = "" if info is None or info.has_noise else NO_NOISE
        row = ui.row("Noise", changed=noise.mode is not NoiseMode.CONST, off=off)
        tips = ("The noise maps stored in the network", "Fresh noise from the seed below", "No noise at all")
        chosen = ui.segments(
            "Noise", ("Const", "Random", "None"), MODES.index(noise.mode), row=row, tips=tips, off=off
        )  # fmt: skip
        if MODES[chosen] is not noise.mode:
            session.edit(noise=replace(noise, mode=MODES[chosen]))

        off = off or ("" if noise.mode is NoiseMode.RANDOM else NOT_RANDOM)
        row = ui.row("Noise seed", changed=noise.seed != 0, off=off)
        tip = "Which random noise"
        text = "%d" if float(noise.seed).is_integer() else "%.2f"
        seed = ui.number(
            "Noise seed", noise.seed, row=row, reset=0, low=0, high=2**31, text=text, stepper=True, tip=tip, off=off
        )  # fmt: skip
        if seed != noise.seed:
            session.edit(noise=replace(session.request.noise, seed=float(seed)))

        row = ui.row("Animate", changed=animation.noise or not animation.noise_smooth, off=off)
        animation.noise = ui.toggle(
            "Animate", animation.noise, at=row.left(ui.px(36)), tip="Run through the noise seeds", off=off
        ) and not row.reset  # fmt: skip
        button = Rect(row.area.right - ui.px(24), row.area.y, ui.px(24), row.area.h)
        tip = "Smooth: passes through what lies between the seeds, without a flicker"
        if ui.icon_button("Smooth", icons.SPLINE, at=button, on=animation.noise_smooth, tip=tip, off=off):
            animation.noise_smooth = not animation.noise_smooth
        animation.noise_smooth |= row.reset
        speed = Rect(row.area.x + ui.px(36), row.area.y, row.area.w - ui.px(64), row.area.h)
        animation.noise_speed = ui.slider(
            "Speed", animation.noise_speed, 0.5, 60, row=row, at=speed, reset=2.0, text="%.1f", unit="/s", power=2,
            tip="Noise seeds per second", off=off,
        )  # fmt: skip
        self._strength(context)

    def _strength(self, context: Context) -> None:
        ui, session, info = context.ui, context.session, context.session.info
        noise = session.request.noise
        off = "" if info is None or info.has_noise else NO_NOISE
        off = off or ("There is no noise; choose another mode above." if noise.mode is NoiseMode.NONE else "")
        row = ui.row("Strength", changed=noise.strength != 1, off=off)
        strength = ui.slider(
            "Strength", noise.strength, 0, 4, row=row, reset=1.0, unit="×", tip="Times the layers' learned strengths",
            off=off,
        )  # fmt: skip
        row = ui.row("Shift", changed=noise.shift != (0, 0), off=off)
        half = (row.area.w - ui.px(4)) // 2
        right = row.after(half + ui.px(4))
        tip = "Moves the noise maps, in picture sizes; what leaves at one side enters at the other"
        shift = tuple(
            ui.number(f"Shift {axis}", old, row=row, at=at, reset=0.0, text="%+.3f", per_pixel=0.002, low=-1, high=1,
                      prefix=axis, tip=tip, off=off)
            for axis, old, at in (("x", noise.shift[0], row.left(half)), ("y", noise.shift[1], right))
        )  # fmt: skip
        if (strength, shift) != (noise.strength, noise.shift):
            session.edit(noise=replace(session.request.noise, strength=strength, shift=(shift[0], shift[1])))


def set_centre(context: Context, centre: Latent | Centre | None) -> None:
    session = context.session
    session.edit(truncation=replace(session.request.truncation, centre=centre))


def _cutoff(value: float, layers: int) -> int | None:
    return None if value >= layers else int(value)
