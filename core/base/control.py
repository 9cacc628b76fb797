"""How a value that can be turned is shown and limited, whatever it is a value of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from core.base.errors import UsageError
from core.base.numbers import real_number, whole_number

# None: what is optional is not set. Several numbers: a soft label.
Value: TypeAlias = bool | int | float | str | tuple[float, ...] | None

EVERYWHERE = (-math.inf, math.inf)
MAX_NUMBER, MAX_INTEGER = 1e300, 2**63 - 1  # magnitudes beyond are nothing that a file or a command line may set


class Kind(StrEnum):
    """What values a control has."""

    NUMBER = "number"
    WHOLE = "whole number"
    FLAG = "flag"
    CHOICE = "choice"
    TEXT = "text"


@dataclass(frozen=True)
class Choice:
    """One of several values: itself, as the window calls it, and what it means."""

    value: str
    name: str
    tip: str = ""


@dataclass(frozen=True, kw_only=True)
class Control:
    """A value that can be turned. What a slider spans may be less than what is possible."""

    label: str
    default: Value = 0.0
    kind: Kind = Kind.NUMBER
    limits: tuple[float, float] = EVERYWHERE  # of files and the command line
    range: tuple[float, float] = EVERYWHERE  # of sliders, and of what is typed into them
    unit: str = ""
    format: str = "%.2f"
    step: float = 0.25  # what dragging a number by one pixel changes
    power: float = 1.0  # 3 makes a slider slow around zero
    zero: float | None = None  # where the fill of a slider starts; None: at its low end
    factor: float = 1.0  # what is shown is this times the value
    choices: tuple[Choice, ...] = ()  # of a flag, if it is not shown as a switch: off, on
    tip: str = ""

    @property
    def whole(self) -> bool:
        return self.kind is Kind.WHOLE

    @property
    def start(self) -> float:
        """The default of a number."""
        assert isinstance(self.default, int | float)  # of numbers only
        return self.default

    @property
    def names(self) -> tuple[str, ...]:
        """The choices as the window calls them."""
        return tuple(choice.name for choice in self.choices)

    def text_of(self, value: Value) -> str:
        """A value in words, with its unit: "0.70", "30.0 °", "Random", "on"."""
        match value:
            case None:
                return "none"
            case bool() if not self.choices:
                return "on" if value else "off"
            case bool():
                return self.names[value]
            case str():
                return next((choice.name for choice in self.choices if choice.value == value), value)
            case tuple():
                weights = [f"{index}:{weight:.2f}" for index, weight in enumerate(value) if weight]
                return ", ".join(weights[:3]) + (", ..." if len(weights) > 3 else "") or "no class"
        shown = number_text(value * self.factor, self.format)
        unit = self.unit if not self.unit.startswith("/") else ""  # what it is out of depends on the network
        return f"{shown} {unit}" if unit else shown

    # -- What is possible -----------------------------------------------------

    @property
    def wanted(self) -> str:
        """What a value must be, as the end of a sentence."""
        match self.kind:
            case Kind.FLAG:
                return "true or false"
            case Kind.CHOICE:
                return "one of " + ", ".join(choice.value for choice in self.choices)
            case Kind.TEXT:
                return "text"
        low, high = self.limits
        number = "a whole number" if self.whole else "a number"
        if math.isinf(low) and math.isinf(high):
            return number
        return f"{number} from {low:g}" if math.isinf(high) else f"{number} from {low:g} to {high:g}"

    def allows(self, value: float) -> bool:
        """Whether a number lies within the limits."""
        most = MAX_INTEGER if self.whole else MAX_NUMBER
        return self.limits[0] <= value <= self.limits[1] and abs(value) <= most

    def read(self, text: str) -> Value:
        """The value that a text such as 0.7, true or random stands for. Raises UsageError saying what it must be."""
        text = text.strip()
        match self.kind:
            case Kind.TEXT:
                return text
            case Kind.FLAG if text in ("true", "false"):
                return text == "true"
            case Kind.CHOICE:
                for choice in self.choices:
                    if choice.value == text:
                        return choice.value
            case Kind.NUMBER | Kind.WHOLE:
                value = self._number(text)
                if value is not None and self.allows(value):
                    return value
        raise UsageError(self.wanted)

    def _number(self, text: str) -> float | int | None:
        return whole_number(text) if self.whole else real_number(text)


def switch(label: str, tip: str, *, default: bool = False) -> Control:
    """A control that is on or off."""
    return Control(label=label, kind=Kind.FLAG, default=default, tip=tip)


def one_of(label: str, names: Sequence[str], tips: Sequence[str] = (), *, default: int = 0) -> Control:
    """A control that is one of several names; default: which of them."""
    choices = tuple(Choice(name, name, tips[index] if tips else "") for index, name in enumerate(names))
    return Control(label=label, kind=Kind.CHOICE, default=names[default], choices=choices)


def number_text(value: float, format: str) -> str:
    """A number as shown: with the true minus, and never "-0.00"."""
    shown = format % (round(value) if format.endswith("d") else value)
    if float(shown.replace("+", "") or 0) == 0:
        shown = shown.replace("-", "+" if "+" in format else "")
    return shown.replace("-", "−")
