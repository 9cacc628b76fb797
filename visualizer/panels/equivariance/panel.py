"""Equivariance: move, turn and scale what a network makes, through the transform of its input."""

from __future__ import annotations

from dataclasses import replace

from core.base.control import number_text
from core.parameters import Parameter
from core.parameters.table import MATRIX, MIRROR, ROTATE, SCALE_X, SCALE_Y, SHEAR, TRANSFORM_X, TRANSFORM_Y
from core.request import IDENTITY, Matrix
from core.request.placement import Placement, inverse
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.parameter_panel import ParameterPanel
from visualizer.panels.common.parameter_rows import parameter_control, parameter_row
from visualizer.panels.equivariance.scores import EquivarianceScores
from visualizer.session.animation import ORBIT, ORBIT_SPEED, TURN, TURN_SPEED
from visualizer.session.messages import Kind
from visualizer.toolkit.paint import Rect

SINGULAR = "This matrix has no inverse; the last one that had is kept."
UPRIGHT = Placement()


class EquivariancePanel(ParameterPanel):
    title = "Equivariance"
    icon = icons.MOVE
    parameters = ("transform", "view.compare", "view.untransform", "view.difference_db", "view.mask")

    def __init__(self) -> None:
        self._scores = EquivarianceScores()

    def summary(self, context: Context) -> str:
        placement = Placement.of(context.session.request.transform) or UPRIGHT
        return f"{number_text(placement.degrees, '%.1f')} °" if self.changed(context) else "upright"

    def changed(self, context: Context) -> bool:
        animation = context.session.animation
        return super().changed(context) or animation.orbit or animation.turn

    def reset(self, context: Context) -> None:
        context.session.animation.orbit = context.session.animation.turn = False
        super().reset(context)

    def draw(self, context: Context) -> None:
        ui, session = context.ui, context.session
        off = MATRIX.why_not(session.info)
        ui.gap(8)
        self._scores.draw_scores(context, off)
        ui.gap(8)
        self._moved(context, off)
        self._formed(context, off)
        self._animated(context, off)
        self._matrix(context, off)
        ui.separator()
        self._scores.draw_compare(context, off)
        ui.gap(6)
        self._scores.draw_sweep(context, off)
        self._scores.draw_measure(context, off)
        ui.gap(6)

    def _moved(self, context: Context, off: str) -> None:
        ui, px, session = context.ui, context.ui.px, context.session
        pair(context, "Translate", TRANSFORM_X, TRANSFORM_Y, off)
        row = ui.row("", off=off)
        placement = Placement.of(session.request.transform)
        if ui.button("Round to pixels", at=row.left(px(124)), tip="Move to the nearest whole pixel", off=off):
            width = session.info.width if session.info else 1024
            whole = (placement or UPRIGHT).rounded(width)
            session.edit(transform=IDENTITY if whole == UPRIGHT else whole.matrix)
        parameter_row(context, ROTATE)

    def _formed(self, context: Context, off: str) -> None:
        pair(context, "Scale", SCALE_X, SCALE_Y, off)
        parameter_row(context, SHEAR)
        parameter_row(context, MIRROR)

    def _animated(self, context: Context, off: str) -> None:
        ui, px, animation = context.ui, context.ui.px, context.session.animation
        row = ui.row("Orbit", changed=animation.orbit, off=off)
        animation.orbit = ui.toggle(ORBIT, animation.orbit, at=row.left(px(36)), off=off) and not row.reset
        at = row.after(px(36))
        animation.orbit_speed = ui.slider(ORBIT_SPEED, animation.orbit_speed, row=row, at=at, off=off)
        row = ui.row("Turn", changed=animation.turn, off=off)
        animation.turn = ui.toggle(TURN, animation.turn, at=row.left(px(36)), off=off) and not row.reset
        at = row.after(px(36))
        animation.turn_speed = ui.slider(TURN_SPEED, animation.turn_speed, row=row, at=at, off=off)

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
                    replace(MATRIX, default=IDENTITY[index]), matrix[index], at=Rect(at.x, at.y, third, at.h),
                    name=f"Matrix {line + 1} {column + 1}", off=off, path=MATRIX.path_at((index,)),
                )  # fmt: skip
        new: Matrix = (matrix[0], matrix[1], matrix[2], matrix[3], matrix[4], matrix[5])
        if new == session.request.transform:
            return
        if inverse(new) is None:
            session.say(SINGULAR, kind=Kind.WARNING)
        else:
            session.edit(transform=new)


def pair(context: Context, label: str, first: Parameter, second: Parameter, off: str) -> None:
    """A row with two boxes, x and y."""
    ui, px, request = context.ui, context.ui.px, context.session.request
    row = ui.row(label, changed=any(each.get(request) != each.default for each in (first, second)), off=off)
    half = (row.area.w - px(6)) / 2
    parameter_control(context, first, row=row, area=row.left(half), prefix="x", off=off)
    parameter_control(context, second, row=row, area=row.after(half + px(6)), prefix="y", off=off)
