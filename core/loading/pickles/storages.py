"""The bytes behind tensors, and torch's old (non-zip) save format that holds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.base.errors import RefusedFile, TruncatedFile, UnsupportedFile
from core.base.progress import Progress, silent
from core.base.text import shown
from core.base.whole import is_whole
from core.loading.common import policy
from core.loading.pickles.literals import TORCH_MAGIC
from core.loading.pickles.records import Call, Global, Persistent, Record, entries, is_call
from core.loading.pickles.symbolic import Pickle, read_pickle

LOAD_FROM_BYTES = Global("torch.storage", "_load_from_bytes")
TORCH_HEAD = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # the pickle of TORCH_MAGIC
TORCH_PROTOCOL = 1001
BIG_ENDIAN = "It was saved on a big-endian machine; save it again on an ordinary one."

# Name of the type in torch -> name of the element type, and how numpy reads it.
STORAGE_TYPES: dict[str, tuple[str, npt.DTypeLike]] = {
    "FloatStorage": ("float32", "<f4"),
    "HalfStorage": ("float16", "<f2"),
    "BFloat16Storage": ("bfloat16", "<u2"),
    "DoubleStorage": ("float64", "<f8"),
    "LongStorage": ("int64", "<i8"),
    "IntStorage": ("int32", "<i4"),
    "ShortStorage": ("int16", "<i2"),
    "CharStorage": ("int8", "i1"),
    "ByteStorage": ("uint8", "u1"),
    "BoolStorage": ("bool", "?"),
    "UntypedStorage": ("uint8", "u1"),
}


@dataclass(frozen=True, eq=False)
class Storage:
    """A run of elements, backed by bytes of the file."""

    dtype: str
    numpy_dtype: np.dtype[np.generic]
    data: memoryview

    @property
    def numel(self) -> int:
        return len(self.data) // self.numpy_dtype.itemsize


@dataclass(frozen=True)
class StorageKey:
    """What a persistent id says: ('storage', type, key, location, numel[, view])."""

    type: str  # e.g. "FloatStorage"
    key: str
    numel: int

    @property
    def num_bytes(self) -> int:
        return self.numel * np.dtype(self._known()[1]).itemsize

    def over(self, data: memoryview) -> Storage:
        dtype, numpy_dtype = self._known()
        return Storage(dtype, np.dtype(numpy_dtype), data)

    def _known(self) -> tuple[str, npt.DTypeLike]:
        if self.type not in STORAGE_TYPES:
            raise UnsupportedFile(f"Its tensors are of type `{shown(self.type, 60)}`, which this program cannot read.")
        return STORAGE_TYPES[self.type]


def storage_key(record: Record) -> StorageKey | None:
    """The parts of a persistent id, or None if it is no storage."""
    if not isinstance(record, Persistent) or not isinstance(record.key, tuple):
        return None
    match record.key:
        case ("storage", Global(module="torch" | "torch.storage", name=name), str(key), str(), numel, *rest) if (
            is_whole(numel)
        ):
            if numel < 0 or not (rest == [] or rest == [None]):
                raise RefusedFile("Refused: malformed tensor data.")
            return StorageKey(name, key, numel)
    return None


# ----------------------------------------------------------------------------
# The old save format: four small pickles, the list of keys, then the bytes of each storage.


def read_stream(data: bytes, progress: Progress = silent) -> tuple[Pickle, int]:
    """The payload of a stream in the old format, and where its list of keys starts."""
    magic = read_pickle(data)
    version = read_pickle(data, magic.end)
    system = read_pickle(data, version.end)
    if magic.root != TORCH_MAGIC or version.root != TORCH_PROTOCOL or magic.names or version.names or system.names:
        raise RefusedFile("Refused: malformed tensor data.")
    if (entries(system.root) or {}).get("little_endian") is not True:
        raise UnsupportedFile(BIG_ENDIAN)
    payload = read_pickle(data, system.end, progress=progress)
    return payload, payload.end


def stream_storages(data: memoryview, header: bytes, payload: Pickle, start: int) -> tuple[dict[str, Storage], int]:
    """The storages after the payload by key, and the position after the last one. `header`: the first bytes of data."""
    keys = read_pickle(header, start)
    wanted = {found.key: found for record in payload.persistents if (found := storage_key(record)) is not None}
    if not isinstance(keys.root, list) or keys.names or len(keys.root) != len(wanted):
        raise RefusedFile("Refused: malformed tensor data.")
    storages: dict[str, Storage] = {}
    position = keys.end
    for key in keys.root:
        if not isinstance(key, str) or key not in wanted or key in storages:
            raise RefusedFile("Refused: malformed tensor data.")
        announced = int.from_bytes(data[position : position + 8], "little", signed=True)
        position += 8
        if announced != wanted[key].numel:
            raise RefusedFile("Refused: tensor data contradicts itself about its size.")
        size = wanted[key].num_bytes
        if position + size > len(data):
            raise TruncatedFile(f"The file is truncated or damaged at byte {len(data)}; get it again.")
        storages[key] = wanted[key].over(data[position : position + size])
        position += size
    return storages, position


# ----------------------------------------------------------------------------
# Storages nested in a pickle as byte strings. torch would load these with its unrestricted loader.


def nested_storages(pickle: Pickle) -> Callable[[Record], Storage | None]:
    """Reads all storages inside of byte strings; what comes back gives the storage of the call that asks for it.

    Raises RefusedFile if any of them holds anything else, UnsupportedFile only when an unknown type is asked for.
    """
    found: dict[int, Storage | UnsupportedFile] = {}
    for call in pickle.calls:
        if is_call(call, LOAD_FROM_BYTES):
            try:
                found[id(call)] = _nested(call)
            except UnsupportedFile as error:  # perhaps of a network that nobody wants
                found[id(call)] = error

    def storage_of(record: Record) -> Storage | None:
        storage = found.get(id(record))
        if isinstance(storage, UnsupportedFile):
            raise storage
        return storage

    return storage_of


def _nested(call: Call) -> Storage:
    match call.args:
        case (memoryview() as data,) if not call.has_state:
            pass
        case _:
            raise RefusedFile("Refused: malformed tensor data.")
    header = bytes(data[: policy.MAX_STORAGE_HEADER])
    try:
        payload, end = read_stream(header)
        _check_lone_storage(payload)
        storages, end = stream_storages(data, header, payload, end)
    except TruncatedFile as error:
        raise RefusedFile("Refused: tensor data ends too early; the file is damaged.") from error
    if end != len(data) or len(storages) != 1:
        raise RefusedFile("Refused: tensor data is followed by other bytes; the file may be malicious.")
    return next(iter(storages.values()))


def _check_lone_storage(payload: Pickle) -> None:
    for name in payload.names:
        if name.module not in ("torch", "torch.storage") or not name.name.endswith("Storage"):
            raise RefusedFile(f"Refused: tensor data contains Python objects (`{shown(name, 80)}`).")
    if payload.calls or len(payload.persistents) != 1 or payload.root is not payload.persistents[0]:
        raise RefusedFile("Refused: tensor data contains more than one storage.")
    if storage_key(payload.root) is None:
        raise RefusedFile("Refused: malformed tensor data.")
