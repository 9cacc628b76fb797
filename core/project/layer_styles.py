"""Kept styles and offsets of single layers as parts of presets: all numbers of a vector at once. Imports no torch."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.base.errors import UsageError
from core.parameters.reasons import lacking
from core.project.project import Part
from core.request import UNEDITED, ModelInfo, RenderRequest
from core.request.edits import edit_at, with_edits

PATH = re.compile(r"layers\[([0-9]{1,3})\]\.(w|offset)")
FIELDS = ("w", "offset")


@dataclass(frozen=True)
class LayerStyle:
    """The style that is kept at an entry of ws, or the offset that is added to it."""

    entry: int
    field: str  # of a `LayerEdit`

    @property
    def path(self) -> str:
        return f"layers[{self.entry}].{self.field}"

    def part(self, request: RenderRequest) -> Part:
        """What a request has for it: as many numbers as w has; None: nothing."""
        return Part(self.path, getattr(edit_at(request.layers, self.entry), self.field) or None)

    def put(self, request: RenderRequest, value: object, info: ModelInfo) -> RenderRequest:
        """The request with another value. Raises UsageError for what the network does not take."""
        if reason := self.missing(info):
            raise UsageError(reason)
        vector = getattr(UNEDITED, self.field) if value is None else self._checked(value, info)
        return replace(request, layers=with_edits(request.layers, {self.entry: {self.field: vector}}))

    def missing(self, info: ModelInfo) -> str:
        """Why a network has no such thing; "": it has."""
        if self.entry >= info.num_ws:
            return f"This network has no layer {self.entry}; its last one is {info.num_ws - 1}."
        return lacking("w", info, self.entry)

    def _checked(self, value: object, info: ModelInfo) -> tuple[float, ...]:
        numbers = value if isinstance(value, tuple) else ()
        if not numbers or not all(_is_finite(number) for number in numbers):
            raise UsageError(f"{self.path} is {info.w_dim} numbers, or none.")
        if len(numbers) != info.w_dim:
            raise UsageError(f"The styles of this network have {info.w_dim} numbers; the preset's have {len(numbers)}.")
        return tuple(float(number) for number in numbers)


def style_of(path: str) -> LayerStyle | None:
    """What a path names; None: something else."""
    match = PATH.fullmatch(path)
    return LayerStyle(int(match[1]), match[2]) if match else None


def styles_of(request: RenderRequest, info: ModelInfo) -> Iterator[tuple[LayerStyle, bool]]:
    """All that a network lets be kept and added, and whether a request has it."""
    for entry in range(info.num_ws):
        for style in (LayerStyle(entry, field) for field in FIELDS):
            if not style.missing(info):
                yield style, style.part(request).value is not None


def _is_finite(number: object) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)
