"""Channels: which of a layer's channels make its picture, and how they are coloured."""

from __future__ import annotations

from dataclasses import replace

from core.parameters.table import BASE, COLOURS, GAIN, NORMALIZE, SHOW
from core.request import Show
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.parameter_panel import ParameterPanel
from visualizer.panels.common.parameter_rows import parameter_row


class ChannelsPanel(ParameterPanel):
    title = "Channels"
    icon = icons.GRID_2X2
    parameters = ("view.show", "view.base", "view.normalize", "view.gain_db", "view.colours")

    def summary(self, context: Context) -> str:
        view = context.session.request.view
        return "PCA" if view.show is Show.PCA else f"{view.base}"

    def draw(self, context: Context) -> None:
        context.ui.gap(10)
        parameter_row(context, SHOW)
        self._channel(context)
        parameter_row(context, NORMALIZE)
        parameter_row(context, GAIN)
        parameter_row(context, COLOURS)
        context.ui.gap(6)

    def _channel(self, context: Context) -> None:
        """The first channel shown, of those of the layer that is seen."""
        ui, px, session = context.ui, context.ui.px, context.session
        view, count = session.request.view, _count(context)
        off = BASE.off(session.info, session.request)
        width = 3 if view.show is Show.THREE and count >= 3 else 1
        row = ui.row(BASE.label, changed=view.base != 0, off=off)
        shown, control = min(view.base, count - width), replace(BASE, range=(0, count - width))
        base = ui.number(control, shown, row=row, at=row.left(px(108)), stepper=True, off=off, path=BASE.path)
        text = f"of {count}" if width == 1 else f"to {int(base) + width - 1} of {count}"
        ui.paint.text(row.after(px(118)), text, "text_dim", size=14)
        if base != shown:  # or it is of another layer perhaps, which has more
            session.edit(BASE.set(session.request, int(base)))


def _count(context: Context) -> int:
    """Channels of the layer or picture that is shown."""
    frame = context.session.frame
    return int(frame.image.shape[0]) if frame is not None else 3
