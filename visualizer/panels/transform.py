"""Transform: move, turn and scale the picture of a network whose input can be transformed."""

from __future__ import annotations

from core.parameters.table import MATRIX
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.placement_rows import PATHS, PlacementPanel


class TransformPanel(PlacementPanel):
    title = "Transform"
    icon = icons.MOVE
    parameters = PATHS

    def useful(self, context: Context) -> bool:
        return context.session.info is not None and context.session.info.has_transform

    def draw(self, context: Context) -> None:
        context.ui.gap(10)
        self.draw_rows(context, MATRIX.why_not(context.session.info))
        context.ui.gap(6)
