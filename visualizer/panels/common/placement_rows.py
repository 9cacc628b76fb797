"""Rows for how a picture lies in its frame: moved, turned, scaled, and what of it goes on by itself."""

from __future__ import annotations

from core.base.control import number_text
from core.parameters import Parameter, changed, reset
from core.parameters.table import MIRROR, ROTATE, SCALE_X, SCALE_Y, SHEAR, TRANSFORM_X, TRANSFORM_Y
from core.request import IDENTITY
from core.request.placement import Placement
from visualizer.actions.context import Context
from visualizer.panels.common.parameter_panel import ParameterPanel
from visualizer.panels.common.parameter_rows import keyed_row, parameter_control, parameter_row
from visualizer.session.animation import ORBIT, ORBIT_SPEED, TURN, TURN_SPEED

UPRIGHT = Placement()
PATHS = tuple(each.path for each in (TRANSFORM_X, TRANSFORM_Y, ROTATE, SCALE_X, SCALE_Y, SHEAR, MIRROR))


class PlacementPanel(ParameterPanel):
    """A panel with these rows, changed where the picture does not lie upright."""

    also: tuple[str, ...] = ()  # other parameters of the panel

    def summary(self, context: Context) -> str:
        placement = Placement.of(context.session.request.transform) or UPRIGHT
        return f"{number_text(placement.degrees, '%.1f')} °" if self.changed(context) else "upright"

    def changed(self, context: Context) -> bool:
        animation = context.session.animation
        said = changed(context.session.request, ("transform", *self.also))
        return said or animation.orbit or animation.turn

    def reset(self, context: Context) -> None:
        set_upright(context)
        context.session.edit(reset(context.session.request, self.also))

    def draw_rows(self, context: Context, off: str) -> None:
        """off: why the network cannot move its picture."""
        self._moved(context, off)
        _pair(context, "Scale", SCALE_X, SCALE_Y, off)
        parameter_row(context, SHEAR)
        parameter_row(context, MIRROR)
        self._animated(context, off)

    def _moved(self, context: Context, off: str) -> None:
        ui, px, session = context.ui, context.ui.px, context.session
        _pair(context, "Translate", TRANSFORM_X, TRANSFORM_Y, off)
        row = ui.row("", off=off)
        placement = Placement.of(session.request.transform)
        if ui.button("Round to pixels", at=row.left(px(124)), tip="Move to the nearest whole pixel", off=off):
            width = session.info.width if session.info else 1024
            whole = (placement or UPRIGHT).rounded(width)
            session.edit(transform=IDENTITY if whole == UPRIGHT else whole.matrix)
        parameter_row(context, ROTATE)

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


def set_upright(context: Context) -> None:
    """The picture as the network makes it without a transform, and at rest."""
    context.session.animation.orbit = context.session.animation.turn = False
    context.session.edit(transform=IDENTITY)


def _pair(context: Context, label: str, first: Parameter, second: Parameter, off: str) -> None:
    """A row with two boxes, x and y."""
    px, request = context.ui.px, context.session.request
    is_changed = any(each.get(request) != each.default for each in (first, second))
    row = keyed_row(context, label, first.path, second.path, changed=is_changed, off=off)
    half = (row.area.w - px(6)) / 2
    parameter_control(context, first, row=row, area=row.left(half), prefix="x", off=off)
    parameter_control(context, second, row=row, area=row.after(half + px(6)), prefix="y", off=off)
