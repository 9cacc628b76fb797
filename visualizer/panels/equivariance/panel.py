"""Equivariance: move, turn and scale what a network makes, through the transform of its input."""

from __future__ import annotations

from dataclasses import replace

from core.parameters.table import MATRIX
from core.request import IDENTITY, Matrix
from core.request.placement import inverse
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.placement_rows import PATHS, PlacementPanel
from visualizer.panels.equivariance.scores import EquivarianceScores
from visualizer.session.messages import Kind
from visualizer.toolkit.paint import Rect

SINGULAR = "This matrix has no inverse; the last one that had is kept."


class EquivariancePanel(PlacementPanel):
    title = "Equivariance"
    icon = icons.MOVE
    also = ("view.compare", "view.untransform", "view.difference_db", "view.mask")
    parameters = (*PATHS, "transform", *also)

    def __init__(self) -> None:
        self._scores = EquivarianceScores()

    def draw(self, context: Context) -> None:
        ui, session = context.ui, context.session
        off = MATRIX.why_not(session.info)
        ui.gap(8)
        self._scores.draw_scores(context, off)
        ui.gap(8)
        self.draw_rows(context, off)
        self._matrix(context, off)
        ui.separator()
        self._scores.draw_compare(context, off)
        ui.gap(6)
        self._scores.draw_sweep(context, off)
        self._scores.draw_measure(context, off)
        ui.gap(6)

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
