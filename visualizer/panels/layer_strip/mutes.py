"""Which layers count as edited: single ones are muted, or all but one are; then the mutes come back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.request import LayerEdit
from core.request.edits import edit_at, with_edits

Layers = tuple[LayerEdit, ...]


@dataclass(frozen=True)
class Solo:
    """Entries of ws that alone are edited."""

    entries: frozenset[int]
    muted_before: frozenset[int]


class Mutes:
    """Changes what of a request's layers is muted."""

    def __init__(self) -> None:
        self._solo: Solo | None = None

    def switched(self, layers: Layers, entries: Iterable[int]) -> Layers:
        """Entries muted, or heard again if all of them are."""
        entries = frozenset(entries)
        muted = muted_entries(layers)
        return _with_muted(layers, muted - entries if entries <= muted else muted | entries)

    def alone(self, layers: Layers, entries: Iterable[int], num_ws: int) -> Layers:
        """All other entries muted; if they are, what was muted before that is again."""
        chosen, muted = frozenset(entries), muted_entries(layers)
        others = frozenset(range(num_ws)) - chosen
        solo = self._solo
        if solo is not None and muted != frozenset(range(num_ws)) - solo.entries:  # it has been changed since
            solo = None
        if muted == others:
            self._solo = None
            return _with_muted(layers, solo.muted_before if solo is not None else frozenset())
        self._solo = Solo(chosen, solo.muted_before if solo is not None else muted)
        return _with_muted(layers, others)


def muted_entries(layers: Layers) -> frozenset[int]:
    return frozenset(entry for entry, edit in enumerate(layers) if edit.muted)


def _with_muted(layers: Layers, muted: frozenset[int]) -> Layers:
    changed = muted ^ muted_entries(layers)
    return with_edits(layers, {entry: {"muted": not edit_at(layers, entry).muted} for entry in changed})
