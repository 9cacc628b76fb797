"""The row that chooses a class, of the latent or of a source of styles."""

from __future__ import annotations

from imgui_bundle import imgui

from core.request import Label, ModelInfo
from visualizer.paint import Rect
from visualizer.ui import Ui

UNCONDITIONAL = "This network was trained without classes."


def class_row(ui: Ui, info: ModelInfo | None, label: Label, *, none: str, tip: str) -> Label:
    """Returns the class that is chosen then. none: what None stands for, in words."""
    off = "" if info is None or info.c_dim else UNCONDITIONAL
    row = ui.row("Class", changed=label is not None, off=off)
    if row.reset:
        return None
    shown = "Not conditional" if off else none
    if isinstance(label, int) and not off:
        shown = "Class"  # its number stands beside it
    elif isinstance(label, tuple) and not off:
        shown = "Mixed"
    right = ui.px(80) if isinstance(label, int) and not off else 0.0
    at = Rect(row.area.x, row.area.y, row.area.w - right, row.area.h)
    chosen = [label]

    def menu() -> None:
        if ui.menu_item(none, on=label is None):
            chosen[0] = None
        clipper = imgui.ListClipper()
        clipper.begin(info.c_dim if info else 0)
        while clipper.step():
            for index in range(clipper.display_start, clipper.display_end):
                if ui.menu_item(f"Class {index}", on=label == index):
                    chosen[0] = index

    ui.combo("Class", shown, at=at, menu=menu, tip=tip, off=off)
    if right and info is not None and isinstance(label, int) and chosen[0] == label:
        at = Rect(row.area.right - right + ui.px(4), row.area.y, right - ui.px(4), row.area.h)
        return int(ui.number("Class number", label, at=at, reset=0, low=0, high=info.c_dim - 1, stepper=True))
    return chosen[0]
