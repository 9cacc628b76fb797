"""Tensors, numpy arrays and numpy numbers from inert records, each checked against the bytes that back it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeGuard

import numpy as np
import numpy.typing as npt

from core.base.errors import RefusedFile, UnsupportedFile
from core.base.text import counted, shown
from core.base.whole import is_whole
from core.loading.common import policy
from core.loading.common.checkpoint import StoredTensor
from core.loading.pickles.records import Call, Global, Record, is_call, name_of
from core.loading.pickles.storages import Storage

REBUILD_V2 = Global("torch._utils", "_rebuild_tensor_v2")
REBUILD = Global("torch._utils", "_rebuild_tensor")
REBUILD_TYPED = Global("torch._tensor", "_rebuild_from_type_v2")
PARAMETERS = (
    Global("torch._utils", "_rebuild_parameter"),
    Global("torch._utils", "_rebuild_parameter_with_state"),
)
TENSOR_TYPES = (Global("torch", "Tensor"), Global("torch.nn.parameter", "Parameter"))

NUMPY_CORES = ("numpy.core", "numpy._core")  # numpy 1 and 2
RECONSTRUCT = tuple(
    Global(f"{core}.{module}", "_reconstruct") for core in NUMPY_CORES for module in ("multiarray", "_multiarray_umath")
)
SCALAR = tuple(
    Global(f"{core}.{module}", "scalar") for core in NUMPY_CORES for module in ("multiarray", "_multiarray_umath")
)
FROM_BUFFER = tuple(Global(f"{core}.numeric", "_frombuffer") for core in NUMPY_CORES)  # pickle protocol 5
DILL_ARRAYS = (Global("dill._dill", "_create_array"), Global("dill.dill", "_create_array"))
NDARRAY = Global("numpy", "ndarray")
DTYPE = Global("numpy", "dtype")
ENCODE = Global("_codecs", "encode")
IMPOSSIBLE = "has an impossible shape; the file is damaged or malicious."
NUMPY_TYPES = ("b1", "u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8")


@dataclass
class Tensors:
    """Makes stored tensors of records; all of them together may claim a few times the bytes of the file."""

    storage_of: Callable[[Record], Storage | None]
    bytes_left: int

    def read(self, record: Record, name: str) -> StoredTensor:
        """The tensor called `name`. Raises RefusedFile if it reaches outside of its bytes, UnsupportedFile if it is
        something else than a plain tensor."""
        storage, offset, size, stride = self._parts(record, name)
        _check_bounds(name, storage, offset, size, stride)
        self.bytes_left -= math.prod(size) * storage.numpy_dtype.itemsize
        if self.bytes_left < 0:
            raise RefusedFile(f"Refused: the tensors up to `{shown(name, 80)}` claim far more than the file holds.")
        itemsize = storage.numpy_dtype.itemsize
        if math.prod(size) == 0:
            return StoredTensor(np.empty(size, storage.numpy_dtype), storage.dtype)
        strides = tuple(s * itemsize for s in stride)
        array: npt.NDArray[np.generic] = np.ndarray(
            size, storage.numpy_dtype, buffer=storage.data, offset=offset * itemsize, strides=strides
        )
        return StoredTensor(array, storage.dtype)

    def _parts(self, record: Record, name: str) -> tuple[Storage, int, tuple[int, ...], tuple[int, ...]]:
        if is_call(record, *PARAMETERS) and isinstance(record, Call) and record.args:
            record = record.args[0]
        args = _rebuild_args(record)
        if args is None:
            what = shown(name_of(record), 80)
            raise UnsupportedFile(f"Its tensor `{shown(name, 80)}` is a `{what}`, which this program cannot read.")
        match args:
            case (found, offset, tuple(size), tuple(stride), *_) if is_whole(offset) and _whole(size):
                storage = self.storage_of(found)
                if storage is not None and _whole(stride):
                    return storage, offset, size, stride
        raise RefusedFile(f"Refused: tensor `{shown(name, 80)}` is malformed.")


def _rebuild_args(record: Record) -> tuple[Record, ...] | None:
    if is_call(record, REBUILD_TYPED) and isinstance(record, Call):
        match record.args:
            case (Global() as function, Global() as kind, tuple(args), *_) if function == REBUILD_V2:
                return args if kind in TENSOR_TYPES else None
        return None
    return record.args if is_call(record, REBUILD, REBUILD_V2) and isinstance(record, Call) else None


def _whole(values: tuple[Record, ...]) -> TypeGuard[tuple[int, ...]]:
    return all(map(is_whole, values))


def _check_bounds(name: str, storage: Storage, offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> None:
    """Torch itself would grow the storage to fit: a small file could ask for terabytes."""
    if len(size) != len(stride) or len(size) > policy.MAX_RANK or offset < 0 or min((*size, *stride, 0)) < 0:
        raise RefusedFile(f"Refused: tensor `{shown(name, 80)}` {IMPOSSIBLE}")
    elements = math.prod(size)
    if elements == 0:
        if max(size) > policy.MAX_ELEMENTS:
            raise RefusedFile(f"Refused: tensor `{shown(name, 80)}` {IMPOSSIBLE}")
        return
    last = offset + sum((s - 1) * step for s, step in zip(size, stride, strict=True))
    too_many = elements > policy.MAX_ELEMENTS or elements > policy.MAX_EXPANSION * storage.numel
    if last >= storage.numel or too_many:
        claimed = counted(max(last + 1, elements) * storage.numpy_dtype.itemsize)
        held = counted(len(storage.data))
        raise RefusedFile(f"Refused: tensor `{shown(name, 80)}` claims {claimed} but the file holds {held} for it.")


# ----------------------------------------------------------------------------
# numpy.


def is_array(record: Record) -> bool:
    return is_call(record, *DILL_ARRAYS, *RECONSTRUCT, *FROM_BUFFER)


def is_scalar(record: Record) -> bool:
    return is_call(record, *SCALAR)


def scalar_of(record: Call) -> bool | int | float:
    """A numpy number as a Python number."""
    match record.args:
        case (dtype, data):
            raw = bytes_of(data)
            numpy_dtype = _dtype(dtype)
            if raw is not None and len(raw) == numpy_dtype.itemsize:
                value: bool | int | float = np.frombuffer(raw, numpy_dtype)[0].item()
                return value
    raise RefusedFile("Refused: malformed numpy number.")


def array_of(record: Call) -> npt.NDArray[np.generic]:
    """A numpy array, backed by bytes of the file."""
    match record:
        case Call(target=target, args=(data, dtype, tuple(shape), "C" | "F" as order)) if target in FROM_BUFFER:
            return _array(shape, dtype, order == "F", data)
        case Call(target=target, args=(Global() as function, tuple(), state, *_)) if (
            target in DILL_ARRAYS and function in RECONSTRUCT
        ):
            return _array_of_state(state)
        case Call(target=target, args=(Global() as kind, *_), state=state) if (
            target in RECONSTRUCT and kind == NDARRAY
        ):
            return _array_of_state(state)
    raise RefusedFile("Refused: malformed numpy array.")


def stored_array(values: npt.NDArray[np.generic] | float) -> StoredTensor:
    """A numpy array, or a number as one of rank 0, in the byte order of this machine."""
    array = np.asarray(values)
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    return StoredTensor(array, array.dtype.name)


def _array_of_state(state: Record) -> npt.NDArray[np.generic]:
    match state:
        case (_, tuple(shape), dtype, bool(fortran), data):
            return _array(shape, dtype, fortran, data)
    raise RefusedFile("Refused: malformed numpy array.")


def _array(shape: tuple[Record, ...], dtype: Record, fortran: bool, data: Record) -> npt.NDArray[np.generic]:
    numpy_dtype = _dtype(dtype)
    if not isinstance(data, (memoryview, Call)):
        raise RefusedFile("Refused: object arrays are not allowed.")
    raw = bytes_of(data)
    sizes = tuple(n for n in shape if is_whole(n) and n >= 0)
    if raw is None or len(sizes) != len(shape) or len(sizes) > policy.MAX_RANK:
        raise RefusedFile("Refused: malformed numpy array.")
    if math.prod(sizes) * numpy_dtype.itemsize != len(raw) or max(sizes, default=0) > policy.MAX_ELEMENTS:
        raise RefusedFile("Refused: a numpy array contradicts itself about its size.")
    return np.frombuffer(raw, numpy_dtype).reshape(sizes, order="F" if fortran else "C")


def _dtype(record: Record) -> np.dtype[np.generic]:
    if not (is_call(record, DTYPE) and isinstance(record, Call) and record.args and isinstance(record.args[0], str)):
        raise RefusedFile("Refused: malformed numpy array.")
    code = record.args[0].lstrip("<>|=")
    if code not in NUMPY_TYPES:
        raise RefusedFile(f"Refused: numpy arrays of type `{shown(code, 20)}` are not allowed; only plain numbers are.")
    state = record.state
    big = record.args[0].startswith(">") or (isinstance(state, tuple) and len(state) > 1 and state[1] == ">")
    return np.dtype((">" if big else "<") + code)


def bytes_of(record: Record) -> bytes | memoryview | None:
    """The bytes of a byte string, also of one that pickle protocol 2 wrote as text."""
    match record:
        case memoryview():
            return record
        case Call(target=target, args=(str(text), "latin1" | "latin-1")) if target == ENCODE:
            try:
                return text.encode("latin-1")
            except UnicodeEncodeError as error:
                raise RefusedFile("Refused: malformed byte string.") from error
    return None
