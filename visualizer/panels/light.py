"""Light: exposure and contrast of the shown picture."""

from __future__ import annotations

from core.base.control import number_text
from core.parameters.table import CONTRAST, EXPOSURE
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.parameter_panel import ParameterPanel
from visualizer.panels.common.parameter_rows import parameter_row

NO_LIGHT = "A layer has no light, only a gain; choose the picture."


class LightPanel(ParameterPanel):
    title = "Light"
    icon = icons.SUN
    parameters = ("view.exposure", "view.contrast")

    def summary(self, context: Context) -> str:
        view = context.session.request.view
        return f"{number_text(view.exposure, EXPOSURE.format)} EV" if self.changed(context) else "as it is"

    def draw(self, context: Context) -> None:
        off = NO_LIGHT if context.session.shown_request.view.layer else ""
        context.ui.gap(10)
        parameter_row(context, EXPOSURE, off=off)
        parameter_row(context, CONTRAST, off=off)
        context.ui.gap(6)
