"""Grids of codes as a request has them: their size, and changes of single cells. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from core.base.errors import UsageError
from core.request import MAX_CODES, MAX_EDGE, Codes, ModelInfo, RenderRequest
from core.request.mixtures import singles

Indices = npt.NDArray[np.int64]


def grid_of(request: RenderRequest, info: ModelInfo) -> tuple[int, int]:
    """Rows and columns of the codes of a picture: those of its latent, else what is asked for, else the network's.

    A mixture has those of its first grid; the others are stretched to it. Only for networks with codes. Raises
    UsageError for a grid that is too large.
    """
    assert info.codes is not None  # or there is no grid
    own = next((latent for latent in singles(request.latent) if isinstance(latent, Codes)), None)
    if own is not None:
        rows, columns = own.rows, own.columns
    else:
        rows, columns = request.grid.rows or info.codes.rows, request.grid.columns or info.codes.columns
    if not (1 <= rows <= MAX_EDGE and 1 <= columns <= MAX_EDGE and rows * columns <= MAX_CODES):
        most = f"{MAX_EDGE} along an edge and {MAX_CODES:,} altogether are the most"
        raise UsageError(f"A grid of {rows} x {columns} codes cannot be made; {most}.")
    return rows, columns


def picture_size(request: RenderRequest, info: ModelInfo) -> tuple[int, int]:
    """Width and height of the picture of a request, pixels."""
    if info.codes is None:
        return info.width, info.height
    rows, columns = grid_of(request, info)
    return columns * info.codes.size, rows * info.codes.size


def array_of(codes: Codes) -> Indices:
    """[rows, columns]"""
    return np.array(codes.indices, np.int64).reshape(codes.rows, codes.columns)


def codes_of(array: npt.NDArray[np.integer]) -> Codes:
    """[rows, columns] -> the same as a latent"""
    rows, columns = array.shape
    return Codes(rows, columns, tuple(array.flatten().tolist()))


def stretched(codes: Codes, rows: int, columns: int) -> Codes:
    """As a grid of another size, in which each cell takes the code that it lies over."""
    if (rows, columns) == (codes.rows, codes.columns):
        return codes
    down = np.arange(rows) * codes.rows // rows
    across = np.arange(columns) * codes.columns // columns
    return codes_of(array_of(codes)[down[:, None], across])


def resized(codes: Codes, rows: int, columns: int) -> Codes:
    """Cut at the right and the bottom, or extended there by what is at the border."""
    down = np.minimum(np.arange(rows), codes.rows - 1)
    across = np.minimum(np.arange(columns), codes.columns - 1)
    return codes_of(array_of(codes)[down[:, None], across])


def with_codes(codes: Codes, changes: Mapping[tuple[int, int], int]) -> Codes:
    """With other codes at some cells, (row, column)."""
    indices = list(codes.indices)
    for (row, column), code in changes.items():
        indices[row * codes.columns + column] = code
    return Codes(codes.rows, codes.columns, tuple(indices))
