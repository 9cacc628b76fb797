"""The arrays of a file, whatever wrote it: NumPy, torch.save, pickle, or text. What it is, its first bytes say."""

from __future__ import annotations

import io
import math
import tokenize
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from core.base.errors import CheckpointError, UsageError
from core.base.reading import read_ordinary
from core.base.text import counted, shown
from core.documents.latents.text import rows_of_text
from core.loading.arrays import KeyedArray, Keys, pickled_arrays
from core.loading.common import policy
from core.loading.formats.saved import to_float32

Floats = npt.NDArray[np.float32]

MAX_BYTES = 2**30  # of a file, and of what an archive unpacks to
REAL = "fiub"  # kinds of dtypes
NUMPY, ZIP, PICKLES = b"\x93NUMPY", b"PK", (b"\x80", b"(", b"c", b"}", b"]")
TORCH_ENTRY = "/data.pkl"  # in the zip archives of torch
ENCRYPTED = 0x1
HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}

# What NumPy and zipfile raise for damaged files.
DAMAGED = (
    ValueError, EOFError, TypeError, KeyError, OSError, RuntimeError, SyntaxError, zipfile.BadZipFile, zlib.error,
    NotImplementedError, tokenize.TokenError,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Array:
    """An array of a file. Its numbers are read when they are asked for."""

    keys: Keys  # of the dicts, and positions in the lists, that lead to it; none: the file is this array
    shape: tuple[int, ...]
    numbers: Callable[[], Floats]  # raises UsageError for what is not finite, or cannot be read

    @property
    def name(self) -> str:
        """What it is called, "" without a name."""
        return shown(next((key for key in reversed(self.keys) if isinstance(key, str)), ""), 40)


def read_arrays(path: Path) -> tuple[Array, ...]:
    """All arrays of numbers in a file, in their order. Nothing in it is run, and an archive that would unpack to more
    than it may is refused by its headers. Raises UsageError with a sentence that names the file."""
    data = read_ordinary(path, MAX_BYTES)
    try:
        if data.startswith(NUMPY):
            return _of_numpy(path, data)
        if data.startswith(ZIP) and not _is_torch(data):
            return _of_archive(path, data)
        if data.startswith((ZIP, *PICKLES)) and not _is_text(path):
            return tuple(_array(path, found) for found in pickled_arrays(data))
        return (_numbers(path, (), rows_of_text(data)),)
    except CheckpointError as error:
        raise UsageError(f"{_called(path)}: {error}") from error
    except MemoryError as error:
        raise UsageError(f"{_called(path)} claims more numbers than fit into memory; write it again.") from error
    except DAMAGED as error:
        raise UsageError(_no_numbers(path, data, error)) from error


def _called(path: Path) -> str:
    return shown(path.name, 100)


def _no_numbers(path: Path, data: bytes, error: Exception) -> str:
    if data.startswith((NUMPY, ZIP)):
        return f"{_called(path)} holds no numbers in NumPy's format; write it with numpy.save."
    return f"{_called(path)} is no file of latents ({error}); choose a .npy, .npz, .pt, .pkl, .txt or .csv file."


# ----------------------------------------------------------------------------
# NumPy.


def _of_numpy(path: Path, data: bytes) -> tuple[Array, ...]:
    shape, dtype, start = _header(io.BytesIO(data), len(data))
    if dtype.kind == "O":
        found = pickled_arrays(data, start)
        if not found:
            raise UsageError(f"{_called(path)} holds no numbers: Python objects without any; save the arrays alone.")
        return tuple(_array(path, each) for each in found)
    _check_real(path, dtype)
    return (Array((), shape, lambda: _checked(path, (), np.load(io.BytesIO(data), allow_pickle=False))),)


def _of_archive(path: Path, data: bytes) -> tuple[Array, ...]:
    if data.count(b"PK\x01\x02") > policy.MAX_ENTRIES:  # zipfile makes an object of each before anyone can count them
        raise UsageError(f"{_called(path)} has too many entries for a file of latents; save the latents alone.")
    archive = zipfile.ZipFile(io.BytesIO(data))
    infos = [info for info in archive.infolist() if info.filename.endswith(".npy")]
    size = sum(info.file_size for info in infos)
    if size > MAX_BYTES:
        raise UsageError(f"{_called(path)} would unpack to {counted(size)}, which no latents have; save them alone.")
    return tuple(array for info in infos for array in _of_member(path, archive, info))


def _of_member(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> tuple[Array, ...]:
    if info.flag_bits & ENCRYPTED or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError("no archive of NumPy's")
    name = info.filename.removesuffix(".npy")
    with archive.open(info) as member:
        shape, dtype, start = _header(member, info.file_size)
    if dtype.kind == "O":
        found = pickled_arrays(archive.read(info), start)
        return tuple(_array(path, KeyedArray((name, *each.keys), each.tensor)) for each in found)
    if dtype.kind not in REAL:
        return ()

    def numbers() -> Floats:
        try:
            with archive.open(info) as member:
                return _checked(path, (name,), np.lib.format.read_array(member, allow_pickle=False))
        except DAMAGED as error:
            raise UsageError(f"{_called(path)} is damaged at its array {shown(name, 40)}; get it again.") from error

    return (Array((name,), shape, numbers),)


def _header(file: IO[bytes], size: int) -> tuple[tuple[int, ...], np.dtype[np.generic], int]:
    """Shape, type, and where the numbers begin. Raises ValueError if there are fewer bytes than that takes, KeyError
    for other versions."""
    shape, _, dtype = HEADERS[np.lib.format.read_magic(file)](file)
    start = file.tell()
    if len(shape) > policy.MAX_RANK or min(shape, default=0) < 0:
        raise ValueError("no array has such a shape")
    if dtype.kind != "O" and math.prod(shape) * dtype.itemsize > size - start:
        raise ValueError("the file is cut short")
    return shape, dtype, start


def _check_real(path: Path, dtype: np.dtype[np.generic]) -> None:
    if dtype.kind not in REAL:
        what = shown(dtype, 40)
        raise UsageError(f"{_called(path)} holds {what}, which is no kind of real number; save it as float32.")


# ----------------------------------------------------------------------------
# The others.


def _is_torch(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return any(name.endswith(TORCH_ENTRY) for name in archive.namelist())
    except DAMAGED:
        return False


def _is_text(path: Path) -> bool:
    """Whether a file that may begin as a pickle, which a bracket does, is text by its name."""
    return path.suffix.lower() in (".txt", ".csv", ".tsv")


def _array(path: Path, found: KeyedArray) -> Array:
    def numbers() -> Floats:
        with np.errstate(over="ignore"):  # what becomes infinite is refused
            return _finite(path, found.keys, to_float32(found.tensor))

    return Array(found.keys, found.tensor.shape, numbers)


def _numbers(path: Path, keys: Keys, array: npt.NDArray[np.generic]) -> Array:
    return Array(keys, array.shape, lambda: _checked(path, keys, array))


def _checked(path: Path, keys: Keys, array: npt.NDArray[np.generic]) -> Floats:
    with np.errstate(over="ignore"):  # what becomes infinite is refused
        return _finite(path, keys, array.astype(np.float32))


def _finite(path: Path, keys: Keys, array: Floats) -> Floats:
    bad = ~np.isfinite(array)
    if bad.any():
        at = [int(index) for index in np.argwhere(bad)[0]]
        where = f"{shown('.'.join(map(str, keys)), 60)} at {at}" if keys else f"at {at}"
        what = f"{bad.sum():,} of {bad.size:,} numbers, the first {where}"
        raise UsageError(f"{_called(path)} holds NaN or infinity ({what}); save finite numbers of float32.")
    return array
