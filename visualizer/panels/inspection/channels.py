"""Channels: which of a layer's channels make its picture, and how they are coloured."""

from __future__ import annotations

from dataclasses import replace

from core.parameters.table import AUTO_RANGE, BASE, COLOURS, GAIN, NORMALIZE, SHOW
from core.request import Show, View
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.parameter_panel import ParameterPanel
from visualizer.panels.common.parameter_rows import parameter_row
from visualizer.session.layer_views import CHANNEL_FIELDS, start_view, with_channels


class ChannelsPanel(ParameterPanel):
    title = "Channels"
    icon = icons.GRID_2X2
    parameters = tuple(f"view.{name}" for name in CHANNEL_FIELDS)

    def summary(self, context: Context) -> str:
        view = context.session.request.view
        return "PCA" if view.show is Show.PCA else f"{view.base}"

    def changed(self, context: Context) -> bool:
        view = context.session.request.view
        return view != with_channels(view, _start(context), view.layer)

    def reset(self, context: Context) -> None:
        view = context.session.request.view
        context.session.edit(view=with_channels(view, _start(context), view.layer))

    def draw(self, context: Context) -> None:
        start = replace(context.session.request, view=_start(context))
        context.ui.gap(10)
        parameter_row(context, replace(SHOW, default=SHOW.get(start)))
        self._channel(context)
        for parameter in (AUTO_RANGE, NORMALIZE, GAIN, COLOURS):
            parameter_row(context, replace(parameter, default=parameter.get(start)))
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


def _start(context: Context) -> View:
    """How the layer that is seen was looked at first."""
    return start_view(context.session.request.view.layer, _count(context))


def _count(context: Context) -> int:
    """Channels of the layer or picture that is shown."""
    frame = context.session.frame
    return int(frame.image.shape[0]) if frame is not None else 3
