"""The rows above the layer strip that draw a curve into one of its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.request import ModelInfo
from visualizer.actions.context import Context
from visualizer.panels.layer_strip.columns import SHAPES, Column, Curve


class ShapeRows:
    """Which column, which curve. What they say is drawn into the column at once."""

    def __init__(self) -> None:
        self._curve = Curve()
        self._column = "Psi"

    def draw(self, context: Context, info: ModelInfo, columns: Sequence[Column]) -> None:
        ui, before = context.ui, (self._curve, self._column)
        names = [column.name for column in columns]
        at = names.index(self._column) if self._column in names else 0
        column = columns[ui.segments("Column", names, at, row=ui.row("Column"))]
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
        for label, field, default in (("From", "start", 0.0), ("To", "end", 1.0)):
            value = min(max(getattr(curve, field), column.low), column.high)
            new = ui.slider(
                label, value, column.low, column.high, row=ui.row(label, changed=value != default), reset=default,
                zero=0,
            )  # fmt: skip
            curve = curve if new == value else curve.but(field, new)
        off = "" if curve.shape == "Sigmoid" else "Only a sigmoid has this."
        for label, field, low, default in (("Position", "position", 0.0, 8.0), ("Width", "width", 0.05, 1.5)):
            value = getattr(curve, field)
            new = ui.slider(
                label, value, low, float(info.num_ws), row=ui.row(label, changed=value != default, off=off),
                reset=default, unit="layers", off=off,
            )  # fmt: skip
            curve = curve if new == value else curve.but(field, new)
        self._curve = curve
        if (curve, self._column) != before:
            entries = [entry for entry in range(info.num_ws) if not column.off(info, entry)]
            values = {e: min(max(curve.at(e, info.num_ws), column.low), column.high) for e in entries}
            context.session.edit(column.put(context.session.request, values))
        ui.gap(4)
