"""Equivariance: move, turn and scale what a network makes, through the transform of its input."""

from __future__ import annotations

from dataclasses import replace

from core.request import IDENTITY, Matrix, alone
from core.request.placement import Placement, inverse
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.equivariance.scores import EquivarianceScores
from visualizer.session.messages import Kind
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.values import number_text

NO_TRANSFORM = "Only networks with an input transform, such as StyleGAN3, can move their picture."
SINGULAR = "This matrix has no inverse; the last one that had is kept."
UPRIGHT = Placement()


class EquivariancePanel:
    title = "Equivariance"
    icon = icons.MOVE

    def __init__(self) -> None:
        self._scores = EquivarianceScores()

    def summary(self, context: Context) -> str:
        placement = Placement.of(context.session.request.transform) or UPRIGHT
        return f"{number_text(placement.degrees, '%.1f')} °" if self.changed(context) else "upright"

    def changed(self, context: Context) -> bool:
        animation = context.session.animation
        request = context.session.request
        moved = request.transform != IDENTITY or animation.orbit or animation.turn
        return moved or request.view != alone(request.view)

    def reset(self, context: Context) -> None:
        context.session.animation.orbit = context.session.animation.turn = False
        view = context.session.request.view
        context.session.edit(transform=IDENTITY, view=alone(view))

    def draw(self, context: Context) -> None:
        ui, session = context.ui, context.session
        info = session.info
        off = NO_TRANSFORM if info is not None and not info.has_transform else ""
        before = session.request.transform
        placement = Placement.of(before) or UPRIGHT
        ui.gap(8)
        self._scores.draw_scores(context, off)
        ui.gap(8)
        new = self._moved(context, placement, off)
        new = self._formed(context, new, off)
        if new != placement:
            session.edit(transform=IDENTITY if new == UPRIGHT else new.matrix)
        self._animated(context, off)
        self._matrix(context, off)
        ui.separator()
        self._scores.draw_compare(context, off)
        ui.gap(6)
        self._scores.draw_sweep(context, off)
        self._scores.draw_measure(context, off)
        ui.gap(6)

    def _moved(self, context: Context, placement: Placement, off: str) -> Placement:
        ui, px = context.ui, context.ui.px
        width = context.session.info.width if context.session.info else 1024
        row = ui.row("Translate", changed=(placement.x, placement.y) != (0, 0), off=off)
        half = (row.area.w - px(6)) / 2
        tip = "Picture widths; Ctrl and drag in the picture moves it too"
        step = 0.5 / width
        x = ui.number("Translate x", placement.x, at=row.left(half), row=row, reset=0.0, text="%+.4f", low=-10, high=10,
                      per_pixel=step, prefix="x", tip=tip, off=off)  # fmt: skip
        y = ui.number("Translate y", placement.y, at=row.after(half + px(6)), row=row, reset=0.0, text="%+.4f", low=-10,
                      high=10, per_pixel=step, prefix="y", tip=tip, off=off)  # fmt: skip
        placement = replace(placement, x=x, y=y)
        row = ui.row("", off=off)
        if ui.button("Round to pixels", at=row.left(px(124)), tip="Move to the nearest whole pixel", off=off):
            placement = placement.rounded(width)
        row = ui.row("Rotate", changed=placement.degrees != 0, off=off)
        degrees = ui.slider("Rotate", placement.degrees, -180, 180, row=row, reset=0.0, zero=0, text="%.1f", unit="°",
                            tip="Anticlockwise", off=off)  # fmt: skip
        return replace(placement, degrees=degrees)

    def _formed(self, context: Context, placement: Placement, off: str) -> Placement:
        ui, px = context.ui, context.ui.px
        row = ui.row("Scale", changed=(placement.scale_x, placement.scale_y) != (1, 1), off=off)
        half = (row.area.w - px(6)) / 2
        x = ui.number("Scale x", placement.scale_x, at=row.left(half), row=row, reset=1.0, text="%.3f", low=0.01,
                      high=100, per_pixel=0.005, prefix="x", tip="From left to right", off=off)  # fmt: skip
        y = ui.number("Scale y", placement.scale_y, at=row.after(half + px(6)), row=row, reset=1.0, text="%.3f",
                      low=0.01, high=100, per_pixel=0.005, prefix="y", tip="From top to bottom", off=off)  # fmt: skip
        row = ui.row("Shear", changed=placement.shear != 0, off=off)
        shear = ui.slider("Shear", placement.shear, -2, 2, row=row, reset=0.0, zero=0, tip="How far x moves with y",
                          off=off)  # fmt: skip
        row = ui.row("Mirror", changed=placement.mirrored, off=off)
        mirrored = ui.toggle("Mirror", placement.mirrored, at=row.left(px(36)), tip="Left and right", off=off)
        return replace(placement, scale_x=x, scale_y=y, shear=shear, mirrored=mirrored and not row.reset)

    def _animated(self, context: Context, off: str) -> None:
        ui, px, animation = context.ui, context.ui.px, context.session.animation
        row = ui.row("Orbit", changed=animation.orbit, off=off)
        tip = "Move on a circle around the centre"
        animation.orbit = ui.toggle("Orbit", animation.orbit, at=row.left(px(36)), tip=tip, off=off) and not row.reset
        animation.orbit_speed = ui.slider(
            "Orbit speed", animation.orbit_speed, 0.01, 1, row=row, at=row.after(px(36)), reset=0.1, unit="/s", power=2,
            tip="Picture widths a second", off=off,
        )  # fmt: skip
        row = ui.row("Turn", changed=animation.turn, off=off)
        tip = "Turn around the centre"
        animation.turn = ui.toggle("Turn", animation.turn, at=row.left(px(36)), tip=tip, off=off) and not row.reset
        animation.turn_speed = ui.slider(
            "Turn speed", animation.turn_speed, -360, 360, row=row, at=row.after(px(36)), reset=36.0, text="%.0f",
            unit="°/s", zero=0, power=2, tip="Degrees a second", off=off,
        )  # fmt: skip

    def _matrix(self, context: Context, off: str) -> None:
        """The two rows that the network gets, each number a box."""
        ui, px, session = context.ui, context.ui.px, context.session
        matrix = list(session.request.transform)
        for line in range(2):
            row = ui.row("Matrix" if line == 0 else "", off=off)
            third = (row.area.w - px(8)) / 3
            for column in range(3):
                index = 3 * line + column
                at = row.after(column * (third + px(4)))
                matrix[index] = ui.number(
                    f"Matrix {line + 1} {column + 1}", matrix[index], reset=IDENTITY[index], text="%.4f", low=-100,
                    high=100, per_pixel=0.005, off=off, at=Rect(at.x, at.y, third, at.h),
                    tip="Of the matrix that the network gets: the inverse of how the picture is placed",
                )  # fmt: skip
        new: Matrix = (matrix[0], matrix[1], matrix[2], matrix[3], matrix[4], matrix[5])
        if new == session.request.transform:
            return
        if inverse(new) is None:
            session.say(SINGULAR, kind=Kind.WARNING)
        else:
            session.edit(transform=new)
