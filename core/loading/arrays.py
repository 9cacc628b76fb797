"""The arrays in files that hold no network but numbers: torch.save of either kind, and pickles, read symbolically."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from core.base.errors import RefusedFile, UnsupportedFile
from core.base.progress import silent
from core.loading.common import policy
from core.loading.common.checkpoint import StoredTensor
from core.loading.formats.container import HEAD_BYTES, FileBytes
from core.loading.formats.state_dicts import is_tensor
from core.loading.pickles.records import Call, Record, name_of, pairs_of
from core.loading.pickles.storages import Storage, nested_storages
from core.loading.pickles.symbolic import read_pickle
from core.loading.pickles.tensors import RECONSTRUCT, Tensors, array_of, is_array, stored_array
from core.loading.pickles.values import TOO_LARGE
from core.loading.readers import PickleReader, TorchArchiveReader, TorchStreamReader

MAX_RECORDS = 500_000  # looked at, shared ones counted each time
MAX_NUMBERS = 2**25  # in lists
MAX_ARRAYS = 100_000
MAX_DEPTH = 6
MAX_NESTING = 4  # of lists of numbers

# The keys of the dicts, and the positions in the lists, that lead to an array; none: it is the file itself.
Keys: TypeAlias = tuple[str | int, ...]
Doubles: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class KeyedArray:
    """An array, and where it stands."""

    keys: Keys
    tensor: StoredTensor


def pickled_arrays(data: bytes, start: int = 0) -> tuple[KeyedArray, ...]:
    """The arrays of a torch.save file, or of the pickle at `start`, in their order: tensors, numpy arrays, lists of
    numbers, alone or in dicts and lists, also in arrays of objects.

    Nothing in it is run. Raises CheckpointError with a sentence about the file, which does not name it.
    """
    root, storage_of = _root(data, start)
    walk = _Walk(Tensors(storage_of, policy.MAX_EXPANSION * len(data)))
    walk.visit(root, (), 0)
    return tuple(walk.found)


def _root(data: bytes, start: int) -> tuple[Record, Callable[[Record], Storage | None]]:
    file, head = FileBytes(data, "", Path()), data[start : start + HEAD_BYTES]
    for reader in (TorchStreamReader(), TorchArchiveReader()):
        if start == 0 and reader.recognises(head, len(data)):
            payload, load = reader.payload(file, silent)
            return payload.root, load()
    if not PickleReader().recognises(head, len(data)):
        raise UnsupportedFile("This is neither a file of torch.save nor a pickle.")
    pickle = read_pickle(data, start)
    return pickle.root, nested_storages(pickle)


class _Walk:
    """Collects arrays on its way through records."""

    def __init__(self, tensors: Tensors) -> None:
        self.found: list[KeyedArray] = []
        self._tensors = tensors
        self._records_left, self._numbers_left = MAX_RECORDS, MAX_NUMBERS
        self._lists: dict[int, Doubles | None] = {}  # by the id of a record, which may be shared

    def visit(self, record: Record, keys: Keys, depth: int) -> None:
        self._records_left -= 1
        if self._records_left < 0 or len(self.found) > MAX_ARRAYS:
            raise RefusedFile(TOO_LARGE)
        with suppress(UnsupportedFile):  # of a kind that no latent is of
            if (tensor := self._tensor(record, keys)) is not None:
                if tensor.shape:
                    self.found.append(KeyedArray(keys, tensor))
                return
        if depth < MAX_DEPTH:
            for key, item in _inside(record):
                self.visit(item, keys if key is None else (*keys, key), depth + 1)

    def _tensor(self, record: Record, keys: Keys) -> StoredTensor | None:
        if isinstance(record, Call) and is_tensor(record):
            return self._tensors.read(record, ".".join(map(str, keys)) or "the tensor")
        if isinstance(record, Call) and is_array(record):
            return None if _objects(record) is not None else stored_array(array_of(record))
        numbers = self._numbers(record, 0)
        return None if numbers is None else stored_array(numbers)

    def _numbers(self, record: Record, depth: int) -> Doubles | None:
        """A list of numbers, or of such lists of one length, as an array; None if it is something else."""
        if not isinstance(record, (list, tuple)) or not record or depth > MAX_NESTING:
            return None
        if id(record) not in self._lists:
            self._lists[id(record)] = self._array(record, depth)
        return self._lists[id(record)]

    def _array(self, record: Sequence[Record], depth: int) -> Doubles | None:
        if all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in record):
            return np.array(record, np.float64)
        rows: list[Doubles] = []
        for item in record:
            row = self._numbers(item, depth + 1)
            if row is None or (rows and row.shape != rows[0].shape):
                return None
            rows.append(row)
        self._numbers_left -= len(rows) * rows[0].size
        if self._numbers_left < 0:
            raise RefusedFile(TOO_LARGE)
        return np.stack(rows)


def _inside(record: Record) -> Iterable[tuple[str | int | None, Record]]:
    """What a dict, a list or an array of objects holds, each with its key, None where there is none; not the state of
    other objects, such as networks."""
    if isinstance(record, (list, tuple)):
        return enumerate(record)
    if (pairs := pairs_of(record)) is not None:
        return _keyed(pairs)
    if not isinstance(record, Call):
        return ()
    if (objects := _objects(record)) is not None:
        return enumerate(objects) if len(objects) != 1 else ((None, objects[0]),)
    return [*_keyed(record.pairs), *enumerate(record.items)]


def _keyed(pairs: Sequence[tuple[Record, Record]]) -> list[tuple[str, Record]]:
    return [(_name(key, place), item) for place, (key, item) in enumerate(pairs)]


def _name(key: Record, place: int) -> str:
    """A key as text; one of another kind, such as a path, becomes its kind and its place."""
    if isinstance(key, (str, int, float)):
        return str(key)
    return f"{name_of(key)}.{place}"


def _objects(record: Call) -> list[Record] | None:
    """The objects of a numpy array of them, one after the other; None if it holds something else."""
    match record:
        case Call(target=target, state=(_, tuple(), _, _, list(objects))) if target in RECONSTRUCT:
            return objects
    return None
