"""What can be turned, as entries of the searchable list: Enter goes to the control."""

from __future__ import annotations

from functools import partial

from core.parameters import PARAMETERS, At, Axis, Parameter, everywhere, where
from core.parameters.table import CENTRE_COUNT, CENTRE_X, CENTRE_Y, SOURCE_X, SOURCE_Y
from core.request import ModelInfo
from visualizer.actions.context import Context
from visualizer.actions.entries import Entry

# Those that have a control together with another one.
TOGETHER = {SOURCE_Y: SOURCE_X, CENTRE_Y: CENTRE_X, CENTRE_COUNT: CENTRE_X}


def parameter_entries(context: Context) -> list[Entry]:
    """Every parameter that the current network has, with its value; one a layer where each has its own."""
    info = context.session.info
    if info is None:
        return []
    return [
        _entry(context, info, parameter, at)
        for parameter in PARAMETERS
        for at in everywhere(parameter, context.session.request, info.num_ws)
        if not parameter.why_not(info, at)
    ]


def _entry(context: Context, info: ModelInfo, parameter: Parameter, at: At) -> Entry:
    request = context.session.request
    fitted = parameter.fitted(info, request)
    return Entry(
        f"{parameter.label}{where(parameter, at)}", partial(go_to, context, parameter, at),
        detail=fitted.text_of(parameter.standing(info, request, at)), more=parameter.path_at(at),
        why_not=parameter.off(info, request, at),
    )  # fmt: skip


def go_to(context: Context, parameter: Parameter, at: At) -> None:
    """Open the workspace and the panel of a parameter's control, scroll to it, and give it the keyboard."""
    selection, info = context.selection, context.session.info
    match parameter.axes, at:  # what the panels show is that of the layer and of the source that are chosen
        case (Axis.LAYER,), (int(entry),):
            selection.layer = entry
        case (Axis.SOURCE, *_), (int(number), *_):
            selection.source = number
        case (Axis.STYLE,), ((layer, _),) if info is not None:
            selection.layer = next((step.row for step in info.steps if step.name == layer), selection.layer)
    context.actions.window.views.show_parameter(TOGETHER.get(parameter, parameter).path_at(at))
