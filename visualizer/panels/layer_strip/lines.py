"""The rows of the layer strip."""

from __future__ import annotations

from dataclasses import dataclass

from core.request import ModelInfo


@dataclass(frozen=True)
class Line:
    """A row of the table: one entry of ws, or all of a resolution."""

    index: str
    name: str
    entries: tuple[int, ...]


def layers(info: ModelInfo) -> list[Line]:
    return [Line(str(entry), name, (entry,)) for entry, name in enumerate(info.ws_names)]


def resolutions(info: ModelInfo) -> list[Line]:
    """The entries of ws of each resolution together; those without one by themselves."""
    groups: dict[str, list[int]] = {}
    for entry, name in enumerate(info.ws_names):
        groups.setdefault(size_of(name), []).append(entry)
    lines = []
    for name, entries in groups.items():
        index = str(entries[0]) if len(entries) == 1 else f"{entries[0]}–{entries[-1]}"
        lines.append(Line(index, name, tuple(entries)))
    return lines


def size_of(name: str) -> str:
    """The resolution in the name of a layer, such as 64²; without one, the name."""
    return next((word for word in name.split() if "²" in word or "×" in word), name)
