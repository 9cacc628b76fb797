"""The rows above the layer strip that draw a curve into one of its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.base.control import one_of
from core.request import ModelInfo
from visualizer.actions.context import Context
from visualizer.panels.layer_strip.columns import FROM, LOWEST, POSITION, SHAPES, TO, WIDTH, Column, Curve


class ShapeRows:
    """Which column, which curve. What they say is drawn into the column at once."""

    def __init__(self) -> None:
        self._curve = Curve()
        self._column = "Psi"

    def draw(self, context: Context, info: ModelInfo, columns: Sequence[Column]) -> None:
        ui, before = context.ui, (self._curve, self._column)
        names = [column.name for column in columns]
        current = self._column if self._column in names else names[0]
        chosen = ui.segments(one_of("Column", names), current, row=ui.row("Column"))
        column = next(column for column in columns if column.name == chosen)
        if column.name != self._column:
            self._column, before = column.name, (self._curve, column.name)  # nothing is drawn by choosing
        curve = self._curve
        row = ui.row("Curve")

        def menu() -> None:
            for shape in SHAPES:
                if ui.menu_item(shape, on=shape == self._curve.shape):
                    self._curve = replace(self._curve, shape=shape)

        ui.combo("Curve", curve.shape, at=row.area, menu=menu, tip="How the numbers run over the layers")
        curve = self._curve
        for control, field in ((FROM, "start"), (TO, "end")):
            value = min(max(getattr(curve, field), column.low), column.high)
            row = ui.row(control.label, changed=value != control.default)
            new = ui.slider(replace(control, range=(column.low, column.high)), value, row=row)
            curve = curve if new == value else curve.but(field, new)
        off = "" if curve.shape == "Sigmoid" else "Only a sigmoid has this."
        for control, field in ((POSITION, "position"), (WIDTH, "width")):
            value, span = getattr(curve, field), (LOWEST[field], float(info.num_ws))
            row = ui.row(control.label, changed=value != control.default, off=off)
            new = ui.slider(replace(control, range=span), value, row=row, off=off)
            curve = curve if new == value else curve.but(field, new)
        self._curve = curve
        if (curve, self._column) != before:
            request = context.session.request
            entries = [entry for entry in range(info.num_ws) if not column.off(info, request, entry)]
            values = {e: min(max(curve.at(e, info.num_ws), column.low), column.high) for e in entries}
            context.session.edit(column.put(request, values))
        ui.gap(4)
