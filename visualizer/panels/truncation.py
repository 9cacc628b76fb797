"""Truncation & noise: psi, cutoff, noise mode and seed."""

from __future__ import annotations

from dataclasses import replace

from core.request import Noise, NoiseMode, Truncation
from resources import icons
from visualizer.context import Context
from visualizer.panels.columns import NO_CENTRE, NO_NOISE

NOT_RANDOM = "Only random noise has a seed; choose Random above."
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
        off = "" if info is None or info.has_w_avg else NO_CENTRE
        row = ui.row("Psi", changed=truncation.psi != 1, off=off)
        tip = "Scales w towards the average: 0 is the mean picture, 1 leaves it, below 0 is its opposite"
        psi = ui.slider("Psi", truncation.psi, -1, 2, row=row, reset=1.0, zero=0, tip=tip, off=off)

        layers = info.num_ws if info else 18
        cutoff = layers if truncation.cutoff is None else min(truncation.cutoff, layers)
        row = ui.row("Cutoff", changed=truncation.cutoff is not None, off=off)
        tip = f"Truncation applies to the first {cutoff} of {layers} layers"
        new = ui.slider(
            "Cutoff", cutoff, 0, layers, row=row, reset=layers, text="%d", unit=f"/ {layers}", whole=True, tip=tip,
            off=off,
        )  # fmt: skip
        if psi != truncation.psi or new != cutoff:
            session.edit(truncation=Truncation(psi, truncation.cutoff if new == cutoff else _cutoff(new, layers)))

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
        seed = ui.number(
            "Noise seed", noise.seed, row=row, reset=0, low=0, high=2**31, stepper=True, tip=tip, off=off
        )  # fmt: skip
        if seed != noise.seed:
            session.edit(noise=replace(session.request.noise, seed=int(seed)))

        row = ui.row("Animate", changed=animation.noise, off=off)
        animation.noise = ui.toggle(
            "Animate", animation.noise, at=row.left(ui.px(36)), tip="Run through the noise seeds", off=off
        ) and not row.reset  # fmt: skip
        animation.noise_speed = ui.slider(
            "Speed", animation.noise_speed, 0.5, 60, row=row, at=row.after(ui.px(36)), reset=10.0, text="%.1f",
            unit="/s", power=2, tip="Noise seeds per second", off=off,
        )  # fmt: skip


def _cutoff(value: float, layers: int) -> int | None:
    return None if value >= layers else int(value)
