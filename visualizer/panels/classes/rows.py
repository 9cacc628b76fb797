"""The rows that choose a class, of the latent or of a source of styles, and mix it with another one."""

from __future__ import annotations

from dataclasses import replace

from core.base.control import Control, Kind
from core.base.text import plural
from core.request import Label, ModelInfo
from core.request.labels import Mix, mix_of, soft_label, weights_of
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.classes.menu import ClassMenu, name_of_class
from visualizer.panels.common.parameter_rows import keyed_row
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.ui import Ui
from visualizer.toolkit.values import Row

UNCONDITIONAL = "This network was trained without classes."
UNTOLD = "Nothing tells that this network has classes; if so, set how many in the Network panel."
NO_CLASS = "Choose a class above first; here the one to mix it with."
NOT_CONDITIONAL, ALONE = "Not conditional", "No other class"
NUMBER_WIDTH, STEPS_WIDTH = 80, 48  # of the field for the number; of the buttons beside a name
HALF = 0.5
SHARE = Control(label="Share", default=HALF, range=(0, 1))
TOLD = 4  # classes of a label in a tooltip


class ClassPicker:
    """A menu of all classes, and the number of the one that is chosen, or buttons beside its name."""

    def __init__(self, name: str, what: str) -> None:
        """name: of the row; what: is chosen in it, in words."""
        self.name, self._what = name, what
        self._menu = ClassMenu()

    def draw(
        self, context: Context, row: Row, current: Label, *, none: str, shown: str, tip: str, off: str, path: str = ""
    ) -> Label:
        """Returns what is chosen then. none: what None stands for; shown: what the menu shows without a class."""
        ui, info = context.ui, context.session.info
        if row.reset:
            return None
        number = current if isinstance(current, int) and info is not None and not off else None
        name = "" if info is None or number is None else name_of_class(info, number)
        if number is not None:
            shown, tip = name or "Class", f"Class {number}: {name}" if name else tip  # the number stands beside it
        right = 0.0 if number is None else ui.px(STEPS_WIDTH if name else NUMBER_WIDTH)
        at = Rect(row.area.x, row.area.y, row.area.w - right, row.area.h)
        chosen = [current]

        def menu() -> None:
            if ui.menu_item(none, on=current is None):
                chosen[0] = None
            if ui.menu_item("Names from a file…", off=info is None):
                context.actions.class_names.choose()
            picked = None if info is None else self._menu.draw(ui, info, number, at.w)
            chosen[0] = chosen[0] if picked is None else picked

        ui.combo(self.name, shown, at=at, menu=menu, tip=tip, off=off)
        if number is None or info is None or chosen[0] != current:
            return chosen[0]
        at = Rect(at.right + ui.px(4), row.area.y, right - ui.px(4), row.area.h)
        if name:
            return _steps(ui, at, self._what, number, info.c_dim)
        label, tip = f"{self._what.capitalize()} number", f"The number of the {self._what}"
        control = Control(label=label, default=0, kind=Kind.WHOLE, range=(0, info.c_dim - 1), format="%d", tip=tip)
        return int(ui.number(control, number, at=at, stepper=True, path=path))


class ClassRows:
    """Rows for a class, another one, and how much of that. The label is all that they change."""

    def __init__(self) -> None:
        self._class, self._other = ClassPicker("Class", "class"), ClassPicker("Mix with", "other class")
        self._mix: Mix | None = None  # what the label was made of: it does not tell a class of which nothing is taken

    def draw(self, context: Context, label: Label, *, none: str, tip: str, path: str) -> Label:
        """Returns the label that is chosen then. none: what None stands for, in words; path: of the label."""
        ui, info = context.ui, context.session.info
        off = "" if info is None or info.c_dim else UNTOLD if info.max_classes else UNCONDITIONAL
        mix = self._mix = None if info is None or off else self._mix_of(label)
        row = keyed_row(context, self._class.name, path, changed=label is not None, off=off)
        first = label if mix is None else mix.first
        shown = NOT_CONDITIONAL if off else none
        why = NO_CLASS
        if mix is None and isinstance(label, tuple) and not off:
            shown, tip = f"Weights of {_counted(label)}", _told(label, info)
            why = f"The label has weights of {_counted(label)}; choose one class first."
        picked = self._class.draw(context, row, first, none=none, shown=shown, tip=tip, off=off, path=path)
        ui.set_path(self._class.name, path)
        mixed = None if off else self._mixed(context, mix, "" if mix else why)
        if picked != first:
            if not isinstance(picked, int):
                return None
            mixed = Mix(picked) if mix is None else replace(mix, first=picked)
        if info is None or mixed is None or mixed == mix:
            return label
        self._mix = mixed
        return mixed.first if mixed.second is None else soft_label(mixed.weights, info.c_dim)

    def _mix_of(self, label: Label) -> Mix | None:
        match label:
            case int():
                return Mix(label)
            case tuple():
                return mix_of(label, self._mix)
        return None

    def _mixed(self, context: Context, mix: Mix | None, off: str) -> Mix | None:
        """The rows of the other class, and how much is taken of it. off: why there is none."""
        ui, info = context.ui, context.session.info
        second = mix.second if mix else None
        row = ui.row(self._other.name, changed=second is not None, off=off)
        tip = "Another class, which the slider leads to"
        picked = self._other.draw(context, row, second, none=ALONE, shown=ALONE, tip=tip, off=off)
        if mix is None or info is None:
            return None
        mixed = mix
        if not isinstance(picked, int):
            mixed = Mix(mix.first)
        elif picked != second:
            mixed = Mix(mix.first, picked, HALF if second is None else mix.part)
        if second is None:
            return mixed
        row = ui.row("Share", changed=mix.part != HALF)
        tip = f"0 is {_called(info, mix.first)} alone, 1 is {_called(info, second)} alone"
        part = ui.slider(SHARE, mix.part, row=row, tip=tip)
        return mixed if mixed != mix else replace(mix, part=part)


def _steps(ui: Ui, r: Rect, what: str, number: int, classes: int) -> int:
    """Two buttons for the class before and the next one, in a circle."""
    left, right = Rect(r.x, r.y, r.w / 2, r.h), Rect(r.x + r.w / 2, r.y, r.w / 2, r.h)
    back = ui.icon_button(f"Previous {what}", icons.CHEVRON_LEFT, at=left)
    on = ui.icon_button(f"Next {what}", icons.CHEVRON_RIGHT, at=right)
    return (number + on - back) % classes


def _called(info: ModelInfo, index: int) -> str:
    return name_of_class(info, index) or f"class {index}"


def _counted(label: tuple[float, ...]) -> str:
    count = len(weights_of(label))
    return plural(count, "class", "classes") if count else "no classes"


def _told(label: tuple[float, ...], info: ModelInfo | None) -> str:
    """The heaviest classes of a label."""
    weights = weights_of(label)
    heaviest = sorted(weights, key=lambda index: -abs(weights[index]))
    words = [f"{weights[i]:.2f} {_called(info, i) if info else f'class {i}'}" for i in heaviest[:TOLD]]
    more = [f"{len(heaviest) - TOLD} more"] if len(heaviest) > TOLD else []
    return ", ".join((*words, *more)) or "All weights are 0"
