"""Rows of panels for parameters: label, control and dot from the table, edits into the session."""

from __future__ import annotations

from dataclasses import replace

from core.base.control import Control, Kind, Value
from core.parameters import At, Parameter
from visualizer.actions.context import Context
from visualizer.actions.timeline import verbs
from visualizer.panels.common.keys.key_marks import TIPS, mark_of
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.values import Row


def parameter_row(
    context: Context, parameter: Parameter, at: At = (), *, name: str = "", tip: str = "", off: str = "",
    stepper: bool = False,
) -> Row:  # fmt: skip
    """The standard row: a slider, a box with a number and a stepper, segments or a switch, by the kind of the value.

    name: of the row and its item, if it is not the label; tip and off: in place of those that the table gives.
    """
    label = name or parameter.label
    off = off or parameter.off(context.session.info, context.session.request, at)
    row = keyed_row(context, label, parameter.path_at(at), changed=changed(context, parameter, at), off=off)
    parameter_control(context, parameter, at, row=row, name=label, tip=tip, off=off, stepper=stepper)
    return row


def keyed_row(context: Context, label: str, *paths: str, changed: bool = False, off: str = "") -> Row:
    """A row with the diamond of what has these paths, where the window shows these."""
    mark = mark_of(context, paths)
    row = context.ui.row(label, changed=changed, off=off, mark=mark, mark_tip=TIPS[mark] if mark is not None else "")
    if row.marked:
        verbs.toggle_keys(context, paths)
    return row


def parameter_control(
    context: Context, parameter: Parameter, at: At = (), *, row: Row, area: Rect | None = None, name: str = "",
    prefix: str = "", tip: str = "", off: str = "", stepper: bool = False, boxed: bool = False,
) -> None:  # fmt: skip
    """The control alone, in a row that is there. boxed, or with a prefix or a stepper: a box in place of a slider."""
    ui, r = context.ui, area or row.area
    control, value = shown(context, parameter, at)
    path = parameter.path_at(at)
    new: Value
    if control.choices:
        new = ui.segments(control, value, row=replace(row, area=r), name=name, off=off, path=path)
    elif control.kind is Kind.FLAG:
        new = ui.toggle(control, bool(value), at=r, name=name, tip=tip, off=off, path=path)
    else:
        assert isinstance(value, int | float)  # None has come to a number
        if boxed or prefix or stepper:
            new = ui.number(control, value, row=row, at=r, name=name, prefix=prefix, stepper=stepper, tip=tip, off=off,
                            path=path)  # fmt: skip
        else:
            new = ui.slider(control, value, row=row, at=r, name=name, tip=tip, off=off, path=path)
        new = int(new) if control.whole else float(new)
    if row.reset:
        put(context, parameter, parameter.default, at)
    elif new != value:
        put(context, parameter, parameter.default if new == control.default else new, at)


def shown(context: Context, parameter: Parameter, at: At = ()) -> tuple[Control, Value]:
    """The control as it is with the network, and the value that it shows: what the default comes to, not None."""
    info, request = context.session.info, context.session.request
    fitted = parameter.fitted(info, request)
    value = parameter.standing(info, request, at)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = min(max(value, fitted.limits[0]), fitted.limits[1])
    return replace(fitted, default=parameter.stand_in(info, request, at)), value


def changed(context: Context, parameter: Parameter, at: At = ()) -> bool:
    return parameter.get(context.session.request, at) != parameter.default


def put(context: Context, parameter: Parameter, value: Value, at: At = ()) -> None:
    session = context.session
    session.edit(parameter.set(session.request, value, at))
