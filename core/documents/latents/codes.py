"""Grids of codes in files, by our numbers and by those of published files."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.base.errors import UsageError
from core.base.text import shown
from core.documents.latents.arrays import Array, read_arrays
from core.documents.latents.names import is_path
from core.request import MAX_CODES, MAX_EDGE, CodeGrid, Codes
from core.request.grids import codes_of

FULL, PUBLISHED = "codes", ("indices", "code", "index")  # names of codes, by our numbers and by published ones
LARGEST_CODE = 2**24  # up to which float32 has all whole numbers
MAX_GRIDS = 1000


def read_codes(path: Path, grid: CodeGrid, *, tell: Callable[[str], None] = lambda text: None) -> tuple[Codes, ...]:
    """The grids of codes of a file, [rows, columns] or many of them, or lists of the usual size. Raises UsageError.

    tell: gets what was left out.
    """
    arrays = read_arrays(path)
    chosen = _chosen(path, arrays)
    taken = {array.name for array in chosen}
    if others := [array.name for array in arrays if array.name not in taken]:
        tell(f"Left out of {shown(path.name, 100)}: {', '.join(dict.fromkeys(others[:6]))}.")
    return tuple(codes for array in chosen for codes in _grids(path, array, grid))[:MAX_GRIDS]


def _chosen(path: Path, arrays: tuple[Array, ...]) -> list[Array]:
    """The arrays that are meant: by their names, because there is but one, or one for each picture or in a list."""
    for known in (FULL, *PUBLISHED):
        if named := [array for array in arrays if array.name.lower() == known]:
            return named
    of_pictures = all(isinstance(key, int) or is_path(key) for array in arrays for key in array.keys)
    if arrays and (of_pictures or len(arrays) == 1):
        return list(arrays)
    names = ", ".join(dict.fromkeys(array.name for array in arrays[:8])) or "none"
    raise UsageError(f"{shown(path.name, 100)} has no array called codes; it has {names}.")


def _grids(path: Path, stored: Array, grid: CodeGrid) -> list[Codes]:
    name, array = shown(path.name, 100), stored.numbers()
    if array.ndim in (1, 2) and array.size and array.shape[-1] == grid.rows * grid.columns:  # as transformers take them
        array = array.reshape(-1, grid.rows, grid.columns)
    codes = array.clip(-1, LARGEST_CODE).astype(np.int64)
    if array.ndim < 2 or 0 in array.shape or (codes != array).any():
        shape = list(array.shape)
        raise UsageError(f"{name} holds numbers of the shape {shape}; this network needs codes [rows, columns].")
    codes = codes.reshape(-1, *array.shape[-2:])[:MAX_GRIDS]
    rows, columns = codes.shape[1:]
    if max(rows, columns) > MAX_EDGE or rows * columns > MAX_CODES:
        raise UsageError(f"{name} has grids of {rows} x {columns} codes, which are too large.")
    if grid.published and stored.name.lower() != FULL:
        known = np.array(grid.published)  # what is not among them has a number behind all others
        codes = known[np.where(codes < len(known), codes, 0).clip(min=0)]
    if codes.min() < 0 or codes.max() >= grid.count:
        high = grid.count - 1
        raise UsageError(f"{name} has codes {codes.min()} to {codes.max()}; this network has codes 0 to {high}.")
    return [codes_of(each) for each in codes]


def codes_archive(codes: Codes, grid: CodeGrid) -> bytes:
    """A grid as .npz: `codes` [1, rows, columns], and where published files number them otherwise, `indices`."""
    whole = np.array(codes.indices, np.int64).reshape(1, codes.rows, codes.columns)
    arrays = {FULL: whole}
    if grid.published:
        number = {code: i for i, code in enumerate(grid.published)}
        indices = [number.get(code, len(number)) for code in codes.indices]
        arrays[PUBLISHED[0]] = np.array(indices, np.int64).reshape(whole.shape)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()
