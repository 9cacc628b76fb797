"""The columns of the layer strip: which parameter of a layer each shows. And curves over the layers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.base.control import Control
from core.parameters import At, Parameter
from core.request import ModelInfo, RenderRequest
from core.request.edits import part_at, with_parts

NO_SOURCE = "There is no source; add one under Style mixing."


@dataclass(frozen=True)
class Column:
    """A parameter with a number for each entry of ws. Where one is put, None stands for its default."""

    name: str
    parameter: Parameter
    number: int | None = None  # of the source, or of the network, whose layers they are

    @property
    def low(self) -> float:
        return self.parameter.range[0]

    @property
    def high(self) -> float:
        return self.parameter.range[1]

    @property
    def standing(self) -> float:
        """What an entry that is not edited has as a rule."""
        default = self.parameter.default
        return default if isinstance(default, int | float) else 1.0

    def path(self, entry: int) -> str:
        return self.parameter.path_at(self._at(entry))

    def there(self, request: RenderRequest) -> bool:
        """Whether there is the source or the network that it is of."""
        return True

    def off(self, info: ModelInfo, request: RenderRequest, entry: int) -> str:
        """Why an entry has no such number; "": it has."""
        return self.parameter.off(info, request, self._at(entry))

    def get(self, request: RenderRequest, entry: int) -> float:
        value = self.parameter.standing(None, request, self._at(entry))
        assert isinstance(value, int | float)  # None has come to a number
        return value

    def changed(self, request: RenderRequest, entry: int) -> bool:
        return self.parameter.get(request, self._at(entry)) != self.parameter.default

    def put(self, request: RenderRequest, values: Mapping[int, float | None]) -> RenderRequest:
        for entry, value in values.items():
            new = self.parameter.default if value is None else value
            request = self.parameter.set(request, new, self._at(entry))
        return request

    def _at(self, entry: int) -> At:
        return (entry,) if self.number is None else (self.number, entry)


class StyleColumn(Column):
    """How much of the source that is being edited. Back at the default, nothing is taken of any source."""

    def there(self, request: RenderRequest) -> bool:
        return self.number is not None and self.number < len(request.sources)

    def off(self, info: ModelInfo, request: RenderRequest, entry: int) -> str:
        return "" if request.sources else NO_SOURCE

    def get(self, request: RenderRequest, entry: int) -> float:
        return super().get(request, entry) if self.there(request) else 0.0

    def changed(self, request: RenderRequest, entry: int) -> bool:
        return any(part_at(source, entry) for source in request.sources)

    def put(self, request: RenderRequest, values: Mapping[int, float | None]) -> RenderRequest:
        none = {entry: 0.0 for entry, value in values.items() if value is None}  # back to the latent alone
        sources = tuple(with_parts(source, none) for source in request.sources) if none else request.sources
        given = {entry: value for entry, value in values.items() if value is not None and self.there(request)}
        return super().put(replace(request, sources=sources), given)


@dataclass(frozen=True)
class BlendColumn(Column):
    """The part of another network."""

    misfit: Mapping[int, str] = field(default_factory=dict)  # entries where it does not fit, and why

    def off(self, info: ModelInfo, request: RenderRequest, entry: int) -> str:
        return self.misfit.get(entry, "")


# ----------------------------------------------------------------------------
# Curves over the layers.

SHAPES = ("Coarse", "Middle", "Fine", "Ramp", "Sigmoid")
GROUPS = {"Coarse": (0, 4), "Middle": (4, 8), "Fine": (8, 64)}  # entries of ws; at 1024²: 4²-8², 16²-32², 64² and up

FROM, TO = Control(label="From", default=0.0, zero=0), Control(label="To", default=1.0, zero=0)
POSITION = Control(label="Position", default=8.0, unit="layers")
WIDTH = Control(label="Width", default=1.5, unit="layers")
LOWEST = {"position": 0.0, "width": 0.05}


@dataclass(frozen=True)
class Curve:
    """Numbers from `start` to `end` over the layers. position and width: of the sigmoid, in layers."""

    shape: str = "Sigmoid"
    start: float = FROM.start
    end: float = TO.start
    position: float = POSITION.start
    width: float = WIDTH.start

    def but(self, field: str, value: float) -> Curve:
        changes: dict[str, Any] = {field: value}
        return replace(self, **changes)

    def at(self, entry: int, num_ws: int) -> float:
        match self.shape:
            case "Ramp":
                part = entry / max(1, num_ws - 1)
            case "Sigmoid":
                x = (entry - self.position) / max(self.width, 1e-6)
                part = 1 / (1 + math.exp(-x)) if x > -700 else 0.0
            case _:
                first, last = GROUPS[self.shape]
                part = float(first <= entry < last)
        return self.start + part * (self.end - self.start)
