"""Small pictures in one texture: of the nodes of a map, or by any other key."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from imgui_bundle import imgui

from visualizer.toolkit.pixels import Pixels
from visualizer.toolkit.texture import Texture

CELL = 64  # pixels
COLUMNS = 16
ROWS = 32
REACH = 0.4  # how far from a node a picture may lie to stand for it


@dataclass
class Entry:
    """A thumbnail's cell in the atlas, and how far from its node the picture was taken."""

    cell: int
    distance: float


class Thumbnails:
    """The latest pictures by their keys. Nodes of a map lie at whole numbers, which are their keys."""

    def __init__(self, rows: int = ROWS, edge: int = CELL) -> None:
        """rows: of the texture, COLUMNS pictures each. edge: of a picture, pixels."""
        self._rows, self._edge = rows, edge
        self._entries: dict[Hashable, Entry] = {}  # oldest first
        self._pixels = np.zeros((rows * edge, COLUMNS * edge, 3), np.uint8)
        self._texture: Texture | None = None
        self._stale = False

    def clear(self) -> None:
        self._entries.clear()

    def add(self, x: float, y: float, picture: Pixels) -> None:
        """Keep a small picture if its place is near a node and no farther than that of what is kept there."""
        node = (round(x), round(y))
        distance = max(abs(x - node[0]), abs(y - node[1]))
        kept = self._entries.get(node)
        if distance > REACH or (kept is not None and kept.distance < distance):
            return
        self.put(node, picture, distance)

    def put(self, key: Hashable, picture: Pixels, distance: float = 0.0) -> None:
        """Keep a small picture in place of what has its key."""
        kept = self._entries.pop(key, None)
        cell = kept.cell if kept else self._free_cell()
        self._entries[key] = Entry(cell, distance)
        self._draw(cell, picture)

    def uv(self, key: Hashable) -> tuple[tuple[float, float], tuple[float, float]] | None:
        """Texture coordinates of a thumbnail, None if there is none. The key of a node: (x, y)."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        row, column = divmod(entry.cell, COLUMNS)
        return (column / COLUMNS, row / self._rows), ((column + 1) / COLUMNS, (row + 1) / self._rows)

    def texture(self) -> imgui.ImTextureRef:
        """The atlas; call while drawing."""
        if self._texture is None:
            self._texture, self._stale = Texture(), True
        if self._stale:
            self._texture.update(self._pixels)
            self._stale = False
        return self._texture.ref

    def close(self) -> None:
        if self._texture is not None:
            self._texture.close()

    def _free_cell(self) -> int:
        if len(self._entries) < COLUMNS * self._rows:
            return len(self._entries)
        return self._entries.pop(next(iter(self._entries))).cell

    def _draw(self, cell: int, thumbnail: Pixels) -> None:
        row, column, side = *divmod(cell, COLUMNS), self._edge
        rgb = thumbnail[..., :3] if thumbnail.shape[2] >= 3 else np.repeat(thumbnail[..., :1], 3, axis=2)
        edge = min(rgb.shape[:2])
        top, left = (rgb.shape[0] - edge) // 2, (rgb.shape[1] - edge) // 2
        index = np.arange(side) * edge // side
        square = rgb[top + index][:, left + index]
        self._pixels[row * side : (row + 1) * side, column * side : (column + 1) * side] = square
        self._stale = True
