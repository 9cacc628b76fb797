"""A parameter: a value of the request that can be turned, where it is, and what it needs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from core.base.control import Control, Kind, Value
from core.base.errors import UsageError
from core.base.numbers import real_number
from core.base.text import shown
from core.parameters.lenses import At, Key, Lens
from core.parameters.reasons import NEEDS, lacking
from core.request import ModelInfo, RenderRequest

BRACKETS = re.compile(r"\[\]")

Why: TypeAlias = Callable[[ModelInfo | None, RenderRequest, At], str]
Stand: TypeAlias = Callable[[ModelInfo | None, RenderRequest, At], Value]
Fit: TypeAlias = "Callable[[Parameter, ModelInfo, RenderRequest], Parameter]"


class Axis(StrEnum):
    """What the brackets of a path count."""

    LAYER = "layer"  # entries of ws
    SOURCE = "source"
    BLEND = "blend"
    STYLE = "style"  # a layer and a channel, such as b64.conv0,12
    MATRIX = "number"  # of the matrix of the transform


AXES = {
    "layers": Axis.LAYER, "parts": Axis.LAYER, "weights": Axis.LAYER, "sources": Axis.SOURCE, "blends": Axis.BLEND,
    "styles": Axis.STYLE, "transform": Axis.MATRIX,
}  # fmt: skip


class Interpolation(StrEnum):
    """What lies between two values."""

    LINEAR = "linear"
    ANGLE = "angle"  # degrees, along the shorter way
    STEP = "step"  # the one before


@dataclass(frozen=True)
class Flag:
    """A short flag of the command line."""

    name: str
    metavar: str
    help: str


@dataclass(frozen=True, kw_only=True)
class Parameter(Control):
    """A control of a value of the request. Its path reads like the request, with [] where entries are counted."""

    path: str
    lens: Lens
    optional: bool = False  # it can be None
    none: str = "none"  # what None means, in words
    stands: Stand | None = None  # what None comes to with a network
    needs: str = ""  # a key of NEEDS: what a network must have
    idle: Why | None = None  # what else stands in its way
    fit: Fit | None = None  # the range, unit and tip with a network
    flag: Flag | None = None
    beyond: str = ""  # what a number below the limits would be
    interpolation: Interpolation = Interpolation.LINEAR
    derived: bool = False  # another way to say what a field says that has its own parameter

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        """What each pair of brackets counts."""
        return tuple(AXES[name] for name in re.findall(r"(\w+)\[\]", self.path))

    @property
    def need(self) -> str:
        """What a network must have for it, in words."""
        return NEEDS.get(self.needs, "")

    def path_at(self, at: At) -> str:
        """The path with keys in its brackets: "layers[5].noise"."""
        keys = iter(at)
        return BRACKETS.sub(lambda _: f"[{key_text(next(keys))}]", self.path)

    def get(self, request: RenderRequest, at: At = ()) -> Value:
        return self.lens.get(request, at)

    def set(self, request: RenderRequest, value: Value, at: At = ()) -> RenderRequest:
        return self.lens.put(request, at, value)

    def fitted(self, info: ModelInfo | None, request: RenderRequest) -> Parameter:
        """As it is with a network: what depends on it is known then."""
        return self.fit(self, info, request) if self.fit is not None and info is not None else self

    def standing(self, info: ModelInfo | None, request: RenderRequest, at: At = ()) -> Value:
        """The value, or what None comes to."""
        value = self.get(request, at)
        return value if value is not None else self.stand_in(info, request, at)

    def stand_in(self, info: ModelInfo | None, request: RenderRequest, at: At = ()) -> Value:
        """What the default comes to: itself, or what None does."""
        if self.default is not None or self.stands is None:
            return self.default
        return self.stands(info, request, at)

    def why_not(self, info: ModelInfo | None, at: At = ()) -> str:
        """Why a network has no such thing; "": it has."""
        if not self.needs or info is None:
            return ""
        entry = next((key for key, axis in zip(at, self.axes, strict=True) if axis is Axis.LAYER), None) if at else None
        return lacking(self.needs, info, entry if isinstance(entry, int) else None)

    def off(self, info: ModelInfo | None, request: RenderRequest, at: At = ()) -> str:
        """Why it changes nothing, because of the network or of the request; "": it does."""
        return self.why_not(info, at) or (self.idle(info, request, at) if self.idle is not None else "")

    # -- As text --------------------------------------------------------------

    def text_of(self, value: Value) -> str:
        return self.none if value is None and self.optional else super().text_of(value)

    @property
    def wanted(self) -> str:
        return f"{super().wanted}, or none" if self.optional else super().wanted

    def read(self, text: str) -> Value:
        """The value that a text stands for. Raises UsageError, one sentence with the path."""
        if self.optional and text.strip() == "none":
            return None
        try:
            return super().read(text)
        except UsageError as error:
            below = self.beyond and self.kind is Kind.NUMBER and _is_below(text, self.limits[0])
            what = f", which is {self.beyond}" if below else ""
            raise UsageError(f"{self.path} cannot be '{shown(text, 40)}'{what}; it is {self.wanted}.") from error


def key_text(key: Key) -> str:
    """What stands in the brackets of a path."""
    return str(key) if isinstance(key, int) else f"{key[0]},{key[1]}"


def _is_below(text: str, low: float) -> bool:
    value = real_number(text)
    return value is not None and value < low
