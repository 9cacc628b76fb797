"""Latents in files: .npy, .npz and .pt, as z, w or w+, in all the shapes that they come in."""

from __future__ import annotations

import io
import math
import os
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from core.base.errors import CheckpointError, UsageError
from core.base.files import write_whole
from core.request import (
    MAX_CENTROIDS,
    MAX_CODES,
    MAX_EDGE,
    Centroids,
    CodeGrid,
    Codes,
    Latent,
    ModelInfo,
    Truncates,
    WVector,
    ZVector,
)
from core.request.grids import codes_of

Floats = npt.NDArray[np.float32]

READ = (".npy", ".npz", ".pt", ".pth")
WRITTEN = (".npz", ".npy")
Z_NAMES = ("z", "latent_z")
W_NAMES = ("w", "ws", "w_plus", "wplus", "projected_w", "latents", "latent", "latent_code", "")
FULL, PUBLISHED = "codes", ("indices", "code", "index", "")  # names of codes, by our numbers and by published ones
LARGEST_CODE = 2**24  # up to which float32 has all whole numbers
MAX_LATENTS = 1000
REAL = "fiub"  # kinds of dtypes


def read_latents(path: Path, info: ModelInfo) -> tuple[Latent, ...]:
    """The latents of a file, as far as they fit the network: z [z_dim], w [w_dim], w+ [num_ws, w_dim], alone, with ones
    before, or many of them; codes [rows, columns] for a network with codes. Raises UsageError saying what the file has
    and what is needed."""
    if info.codes is not None:
        return read_codes(path, info.codes)
    name, array = _best(path, _arrays(path))
    is_z = name.rpartition(".")[2].lower() in Z_NAMES
    latents = latents_of(array, info, is_z=is_z)
    if not latents:
        one = "w" if info.has_w else "z and class of a layer"
        every = "w+" if info.has_w else "of all layers"
        needed = f"z [{info.z_dim}], {one} [{info.w_dim}] or {every} [{info.num_ws}, {info.w_dim}]"
        raise UsageError(f"{path.name} holds numbers of the shape {list(array.shape)}; this network needs {needed}.")
    return latents


def latents_of(array: Floats, info: ModelInfo, *, is_z: bool = False) -> tuple[Latent, ...]:
    """An array as latents; none if its shape fits neither. Where z and w have one shape, is_z decides; without a W, it
    is z."""
    *outer, width = array.shape or (0,)
    same = not info.has_w and info.num_ws == 1 and info.w_dim == info.z_dim
    takes_w = width == info.w_dim and not is_z and not same
    if takes_w and outer and outer[-1] == info.num_ws:  # w+; before it, how many
        many = array.reshape(-1, info.num_ws, width)
        return tuple(WVector(tuple(map(tuple, rows.tolist()))) for rows in many[:MAX_LATENTS])
    if takes_w and (len(outer) < 2 or outer[-1] == 1):
        return tuple(WVector((tuple(row),)) for row in array.reshape(-1, width)[:MAX_LATENTS].tolist())
    if width == info.z_dim and (len(outer) < 2 or outer[-1] == 1):
        return tuple(ZVector(tuple(row)) for row in array.reshape(-1, width)[:MAX_LATENTS].tolist())
    return ()


def read_codes(path: Path, grid: CodeGrid) -> tuple[Codes, ...]:
    """The grids of codes of a file, [rows, columns] or many of them, or a list of the usual size. Raises UsageError."""
    arrays = _arrays(path)
    name, array = _named(path, arrays, (FULL, *PUBLISHED), "codes")
    usual = grid.rows * grid.columns
    if array.ndim in (1, 2) and array.size and array.shape[-1] == usual:  # row by row, as transformers take them
        array = array.reshape(-1, grid.rows, grid.columns)
    codes = array.clip(-1, LARGEST_CODE).astype(np.int64)
    if array.ndim < 2 or 0 in array.shape or (codes != array).any():
        shape = list(array.shape)
        raise UsageError(f"{path.name} holds numbers of the shape {shape}; this network needs codes [rows, columns].")
    codes = codes.reshape(-1, *array.shape[-2:])[:MAX_LATENTS]
    rows, columns = codes.shape[1:]
    if max(rows, columns) > MAX_EDGE or rows * columns > MAX_CODES:
        raise UsageError(f"{path.name} has grids of {rows} x {columns} codes, which are too large.")
    if grid.published and name.rpartition(".")[2].lower() != FULL:
        known = np.array(grid.published)  # what is not among them has a number behind all others
        codes = known[np.where(codes < len(known), codes, 0).clip(min=0)]
    if codes.min() < 0 or codes.max() >= grid.count:
        high = grid.count - 1
        raise UsageError(f"{path.name} has codes {codes.min()} to {codes.max()}; this network has codes 0 to {high}.")
    return tuple(codes_of(each) for each in codes)


def read_centroids(path: Path, info: ModelInfo) -> Centroids:
    """The centres of truncation of a file, [K, w_dim], .npy. Raises UsageError."""
    if info.truncates is not Truncates.W:
        raise UsageError(f"{info.family} has no W, and centroids are in W; open another network.")
    array = _numpy_arrays(path).get("") if path.suffix.lower() == ".npy" else None
    if array is None:
        raise UsageError(f"{path.name} is no file of centroids; choose a .npy file.")
    if array.ndim != 2 or not len(array) or array.shape[1] != info.w_dim:
        shape = list(array.shape)
        raise UsageError(f"{path.name} has the shape {shape}; centroids for this network are [K, {info.w_dim}].")
    if array.size > MAX_CENTROIDS:
        raise UsageError(f"{path.name} has {len(array)} centroids; {MAX_CENTROIDS // info.w_dim} are the most.")
    return Centroids(tuple(tuple(row.tolist()) for row in array), path.name)


def write_codes(path: Path, codes: Codes, grid: CodeGrid) -> None:
    """Save a grid as .npz: `codes` [1, rows, columns], and where published files number them otherwise, `indices`.

    Raises UsageError.
    """
    whole = np.array(codes.indices, np.int64).reshape(1, codes.rows, codes.columns)
    arrays = {FULL: whole}
    if grid.published:
        number = {code: i for i, code in enumerate(grid.published)}
        indices = [number.get(code, len(number)) for code in codes.indices]
        arrays[PUBLISHED[0]] = np.array(indices, np.int64).reshape(whole.shape)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    _write(path, buffer.getvalue())


def write_latent(path: Path, ws: Floats) -> None:
    """Save w+, [num_ws, w_dim], as the published projectors do: [1, num_ws, w_dim], in .npz under the name w.

    Raises UsageError.
    """
    if path.suffix.lower() not in WRITTEN:
        raise UsageError(f"{path.name} does not say how to save a latent; end it in .npz or .npy.")
    buffer = io.BytesIO()
    if path.suffix.lower() == ".npz":
        np.savez(buffer, w=ws[None])
    else:
        np.save(buffer, ws[None])
    _write(path, buffer.getvalue())


def _write(path: Path, data: bytes) -> None:
    try:
        write_whole(path, data)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}; choose another folder.") from error


def read_array(path: Path, key: str, ranks: tuple[int, ...]) -> Floats:
    """A float array of one of the ranks from .npy, or from .npz under its usual name or as its only array."""
    arrays = _numpy_arrays(path)
    if key not in arrays and len(arrays) != 1:
        raise UsageError(f"{path.name} has no array '{key}'; it has {', '.join(list(arrays)[:8]) or 'none'}.")
    array = arrays[key] if key in arrays else next(iter(arrays.values()))
    if array.ndim not in ranks or 0 in array.shape:
        raise UsageError(f"{path.name} has the shape {array.shape}; {key} needs one row a picture.")
    return array


def _arrays(path: Path) -> dict[str, Floats]:
    if path.suffix.lower() not in READ:
        raise UsageError(f"{path.name} is no file of latents; choose a .npy, .npz or .pt file.")
    return _numpy_arrays(path) if path.suffix.lower() in (".npy", ".npz") else _torch_arrays(path)


def _best(path: Path, arrays: dict[str, Floats]) -> tuple[str, Floats]:
    return _named(path, arrays, (*W_NAMES, *Z_NAMES), "w or z")


def _named(path: Path, arrays: dict[str, Floats], names: tuple[str, ...], what: str) -> tuple[str, Floats]:
    """The array that is meant: by its name, or because there is no other. what: the names, in words."""
    for known in names:
        for name, array in arrays.items():
            if name.rpartition(".")[2].lower() == known:
                return name, array
    if len(arrays) == 1:
        return next(iter(arrays.items()))
    raise UsageError(f"{path.name} has no array called {what}; it has {', '.join(list(arrays)[:8]) or 'none'}.")


def _torch_arrays(path: Path) -> dict[str, Floats]:
    from core.loading.arrays import read_torch_arrays
    from core.loading.formats.saved import to_float32

    try:
        tensors = read_torch_arrays(path)
        numbers = {name: to_float32(tensor) for name, tensor in tensors.items() if tensor.shape and tensor.array.size}
    except CheckpointError as error:
        raise UsageError(str(error)) from error
    for array in numbers.values():
        _check_finite(path, array)
    return numbers


def _numpy_arrays(path: Path) -> dict[str, Floats]:
    """All arrays of a file; that of .npy is called "". Raises UsageError."""
    try:
        with path.open("rb") as file:
            _check_size(file)
            loaded = np.load(file, allow_pickle=False)
            if not isinstance(loaded, np.lib.npyio.NpzFile):
                return {"": _floats(path, loaded)}
            return {name: _floats(path, array) for name in loaded.files if (array := loaded[name]).dtype.kind in REAL}
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or 'it is no NumPy file'}.") from error
    except (ValueError, EOFError, TypeError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise UsageError(f"{path.name} holds no numbers in NumPy's format; write it with numpy.save.") from error
    except MemoryError as error:
        raise UsageError(f"{path.name} claims more numbers than fit into memory; write it again.") from error


def _check_size(file: BinaryIO) -> None:
    """Raises ValueError if a file of one array has fewer bytes than its header claims, KeyError for other headers."""
    if file.read(len(np.lib.format.MAGIC_PREFIX)) == np.lib.format.MAGIC_PREFIX:
        file.seek(0)
        versions = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        shape, _, dtype = versions[np.lib.format.read_magic(file)](file)
        if math.prod(shape) * dtype.itemsize > os.fstat(file.fileno()).st_size - file.tell():
            raise ValueError("the file is cut short")
    file.seek(0)


def _floats(path: Path, loaded: npt.NDArray[np.generic]) -> Floats:
    if loaded.dtype.kind not in REAL:
        raise ValueError(f"{loaded.dtype} is no kind of real number")
    with np.errstate(over="ignore"):  # what becomes infinite is refused
        array: Floats = loaded.astype(np.float32)
    _check_finite(path, array)
    return array


def _check_finite(path: Path, array: Floats) -> None:
    if not np.isfinite(array).all():
        raise UsageError(f"{path.name} holds NaN or infinity.")
