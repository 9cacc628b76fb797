"""The columns of the layer strip: which number of a layer each shows, and what setting it means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from core.request import ModelInfo, RenderRequest
from core.request.edits import edit_at, part_at, weight_at, with_edits, with_parts, with_weights
from visualizer.panels.common.capability_text import psi_off

NO_NOISE = "This network has no noise inputs."
NOT_HERE = "This layer has no noise input."


class Column(Protocol):
    """A number per entry of ws. `None` stands for its default."""

    name: str
    low: float
    high: float
    default: float
    per_pixel: float  # what a drag of one pixel changes

    def off(self, info: ModelInfo, entry: int) -> str:
        """Why an entry has no such number; "": it has."""
        ...

    def get(self, request: RenderRequest, entry: int) -> float: ...

    def changed(self, request: RenderRequest, entry: int) -> bool: ...

    def put(self, request: RenderRequest, values: Mapping[int, float | None]) -> RenderRequest: ...


@dataclass
class PsiColumn:
    """How far an entry is truncated."""

    request: RenderRequest | None = None  # that is edited
    name, low, high, default, per_pixel = "Psi", -1.0, 2.0, 1.0, 0.01

    def off(self, info: ModelInfo, entry: int) -> str:
        return psi_off(info, self.request)

    def get(self, request: RenderRequest, entry: int) -> float:
        own = edit_at(request.layers, entry).psi
        truncation = request.truncation
        every = truncation.psi if truncation.cutoff is None or entry < truncation.cutoff else 1.0
        return every if own is None else own

    def changed(self, request: RenderRequest, entry: int) -> bool:
        return edit_at(request.layers, entry).psi is not None

    def put(self, request: RenderRequest, values: Mapping[int, float | None]) -> RenderRequest:
        return _edited(request, {entry: {"psi": value} for entry, value in values.items()})


class NoiseColumn:
    name, low, high, default, per_pixel = "Noise", 0.0, 4.0, 1.0, 0.02

    def off(self, info: ModelInfo, entry: int) -> str:
        return NO_NOISE if not info.has_noise else "" if entry in info.noise_ws else NOT_HERE

    def get(self, request: RenderRequest, entry: int) -> float:
        return edit_at(request.layers, entry).noise

    def changed(self, request: RenderRequest, entry: int) -> bool:
        return self.get(request, entry) != self.default

    def put(self, request: RenderRequest, values: Mapping[int, float | None]) -> RenderRequest:
        return _edited(request, {e: {"noise": self.default if v is None else v} for e, v in values.items()})


@dataclass
class StyleColumn:
    """How much of the source that is being edited."""

    source: int
    name, low, high, default, per_pixel = "Style", 0.0, 1.0, 0.0, 0.01

    def off(self, info: ModelInfo, entry: int) -> str:
        return ""

    def get(self, request: RenderRequest, entry: int) -> float:
        return part_at(request.sources[self.source], entry) if self.source < len(request.sources) else 0.0

    def changed(self, request: RenderRequest, entry: int) -> bool:
        return any(part_at(source, entry) for source in request.sources)

    def put(self, request: RenderRequest, values: Mapping[int, float | None]) -> RenderRequest:
        parts = {entry: value or 0.0 for entry, value in values.items()}
        none = {entry: 0.0 for entry, value in values.items() if value is None}  # back to the latent alone
        sources = (with_parts(s, parts if i == self.source else none) for i, s in enumerate(request.sources))
        return _with(request, sources=tuple(sources))


@dataclass
class BlendColumn:
    """The part of another network."""

    number: int  # of the blend
    name: str  # its letter
    misfit: Mapping[int, str]  # entries where it does not fit, and why
    low, high, default, per_pixel = 0.0, 1.0, 0.0, 1 / 72

    def off(self, info: ModelInfo, entry: int) -> str:
        return self.misfit.get(entry, "")

    def get(self, request: RenderRequest, entry: int) -> float:
        return weight_at(request.blends[self.number], entry)

    def changed(self, request: RenderRequest, entry: int) -> bool:
        return self.get(request, entry) != 0

    def put(self, request: RenderRequest, values: Mapping[int, float | None]) -> RenderRequest:
        weights = {entry: value or 0.0 for entry, value in values.items()}
        blends = (with_weights(b, weights) if i == self.number else b for i, b in enumerate(request.blends))
        return _with(request, blends=tuple(blends))


def _edited(request: RenderRequest, changes: Mapping[int, Mapping[str, float | None]]) -> RenderRequest:
    return _with(request, layers=with_edits(request.layers, changes))


def _with(request: RenderRequest, **changes: Any) -> RenderRequest:
    return replace(request, **changes)


# ----------------------------------------------------------------------------
# Curves over the layers.

SHAPES = ("Coarse", "Middle", "Fine", "Ramp", "Sigmoid")
GROUPS = {"Coarse": (0, 4), "Middle": (4, 8), "Fine": (8, 64)}  # entries of ws; at 1024²: 4²-8², 16²-32², 64² and up


@dataclass(frozen=True)
class Curve:
    """Numbers from `start` to `end` over the layers. position and width: of the sigmoid, in layers."""

    shape: str = "Sigmoid"
    start: float = 0.0
    end: float = 1.0
    position: float = 8.0
    width: float = 1.5

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
