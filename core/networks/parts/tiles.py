"""Overlapping tiles, for what does not fit into memory as a whole. What they give is blended, and never exact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

LEAST, MOST = 0.01, 0.5  # of the weights


@dataclass(frozen=True)
class Tile:
    """A part of a grid: its first row and column, and how many of each it has."""

    top: int
    left: int
    rows: int
    columns: int


def tiles(rows: int, columns: int, edge: int) -> tuple[Tile, ...]:
    """Tiles of at most `edge` along each axis that overlap by half or more; the last ones end at the border."""
    return tuple(
        Tile(top, left, min(edge, rows), min(edge, columns))
        for top in starts(rows, edge)
        for left in starts(columns, edge)
    )


def starts(length: int, edge: int) -> list[int]:
    return [0] if length <= edge else [*range(0, length - edge, max(1, edge // 2)), length - edge]


def blended(pieces: Iterable[tuple[Tile, Tensor]], rows: int, columns: int, scale: int = 1) -> Tensor:
    """One picture of those of the tiles, in which each counts less towards its border.

    pieces: tiles with their pictures, [N, C, rows * scale, columns * scale] of the tile -> the same of the whole
    """
    total = weights = None
    for tile, x in pieces:
        if total is None or weights is None:
            total = x.new_zeros(*x.shape[:2], rows * scale, columns * scale)
            weights = x.new_zeros(rows * scale, columns * scale)
        w = window(x.shape[2], x.shape[3], x)
        y, x0 = tile.top * scale, tile.left * scale
        total[:, :, y : y + len(w), x0 : x0 + w.shape[1]] += w * x
        weights[y : y + len(w), x0 : x0 + w.shape[1]] += w
    assert total is not None  # there is a tile at least
    assert weights is not None
    return total / weights


def window(height: int, width: int, like: Tensor) -> Tensor:
    """The distance to the nearest border, as a part of the tile. [height, width]"""

    def along(length: int) -> Tensor:
        place = (torch.arange(length, dtype=like.dtype, device=like.device) + 0.5) / length
        return torch.minimum(place, 1 - place)

    return torch.minimum(along(height)[:, None], along(width)[None]).clamp(LEAST, MOST)


def cut(x: Tensor, parts: Iterable[Tile], scale: int = 1) -> Iterator[tuple[Tile, Tensor]]:
    """The tiles of a picture of `scale` pixels a row and column. x: [N, C, H, W]"""
    for tile in parts:
        y, x0 = tile.top * scale, tile.left * scale
        yield tile, x[:, :, y : y + tile.rows * scale, x0 : x0 + tile.columns * scale]
