"""Changing single entries of a request: what a layer takes of a source, what is edited at it. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.request import UNEDITED, Blend, LayerEdit, RenderRequest, StyleEdit, StyleSource

Layers = tuple[LayerEdit, ...]


def edit_at(layers: Layers, index: int) -> LayerEdit:
    return layers[index] if index < len(layers) else UNEDITED


def with_edits(layers: Layers, changes: Mapping[int, Mapping[str, Any]]) -> Layers:
    """The edits with some fields of some entries replaced; unedited entries at the end are left out."""
    edited = [edit_at(layers, index) for index in range(max([len(layers), *(index + 1 for index in changes)]))]
    for index, fields in changes.items():
        edited[index] = replace(edited[index], **fields)
    while edited and edited[-1] == UNEDITED:
        edited.pop()
    return tuple(edited)


def part_at(source: StyleSource, index: int) -> float:
    """How much of a source an entry takes, before anything else is mixed in."""
    return source.parts[index] if index < len(source.parts) else 0.0


def with_parts(source: StyleSource, changes: Mapping[int, float]) -> StyleSource:
    parts = [part_at(source, index) for index in range(max([len(source.parts), *(index + 1 for index in changes)]))]
    for index, part in changes.items():
        parts[index] = part
    return replace(source, parts=trimmed(parts))


def trimmed(parts: Sequence[float]) -> tuple[float, ...]:
    """Without the zeros at the end, which say nothing."""
    return tuple(parts[: max((index + 1 for index, part in enumerate(parts) if part), default=0)])


def weight_at(blend: Blend, index: int) -> float:
    return blend.weights[index] if index < len(blend.weights) else 0.0


def counts(blend: Blend) -> bool:
    """Whether anything of a network is blended in."""
    return any(blend.weights) or (blend.mapping != 0 and not blend.features)


def with_weights(blend: Blend, changes: Mapping[int, float]) -> Blend:
    weights = [weight_at(blend, index) for index in range(max([len(blend.weights), *(i + 1 for i in changes)]))]
    for index, weight in changes.items():
        weights[index] = weight
    return replace(blend, weights=trimmed(weights))


def style_at(request: RenderRequest, layer: str, channel: int) -> StyleEdit:
    found = (edit for edit in request.styles if (edit.layer, edit.channel) == (layer, channel))
    return next(found, StyleEdit(layer, channel))


def with_style(styles: tuple[StyleEdit, ...], edit: StyleEdit) -> tuple[StyleEdit, ...]:
    """The edits with that of one channel replaced; one that changes nothing is left out."""
    others = tuple(other for other in styles if (other.layer, other.channel) != (edit.layer, edit.channel))
    return others if edit == StyleEdit(edit.layer, edit.channel) else (*others, edit)


def shares(request: RenderRequest, num_ws: int) -> list[tuple[float, ...]]:
    """How much each entry of ws takes of each source in the end: one row a source; a column adds up to 1 at most."""
    rows = []
    for source in request.sources:
        fraction = source.fraction if source.on else 0.0
        heard = [fraction if not edit_at(request.layers, i).muted else 0.0 for i in range(num_ws)]
        rows.append([min(max(part_at(source, i) * heard[i], 0.0), 1.0) for i in range(num_ws)])
    totals = [max(1.0, sum(column)) for column in zip(*rows, strict=True)]
    return [tuple(part / total for part, total in zip(row, totals, strict=True)) for row in rows]


def give(sources: tuple[StyleSource, ...], index: int, changes: Mapping[int, float]) -> tuple[StyleSource, ...]:
    """These entries take these parts of one source, and nothing of the others where it is not 0."""
    taken = {entry: 0.0 for entry, part in changes.items() if part}
    return tuple(with_parts(s, changes if i == index else taken) for i, s in enumerate(sources))
