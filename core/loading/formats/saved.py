"""safetensors: with the family and its configuration in the metadata where this program wrote them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from core.base.errors import RefusedFile, TruncatedFile, UnsupportedFile, UsageError
from core.base.files import why, written_whole
from core.base.progress import Progress, silent
from core.base.text import shown
from core.base.whole import is_whole
from core.loading.common import policy
from core.loading.common.checkpoint import SavedNetwork, StateDict, StoredTensor

METADATA_KEY = "stylegan-visualizer"
VERSION = 1
LARGEST_HALF = 65504.0

# Element type in safetensors -> as in `StoredTensor`, and how numpy reads it.
TYPES: dict[str, tuple[str, npt.DTypeLike]] = {
    "F32": ("float32", "<f4"),
    "F16": ("float16", "<f2"),
    "BF16": ("bfloat16", "<u2"),
    "F64": ("float64", "<f8"),
    "I64": ("int64", "<i8"),
    "I32": ("int32", "<i4"),
    "I16": ("int16", "<i2"),
    "I8": ("int8", "i1"),
    "U8": ("uint8", "u1"),
    "BOOL": ("bool", "?"),
}

WRITTEN = {np.dtype(numpy).str[1:]: name for name, (_, numpy) in TYPES.items() if name != "BF16"}  # that as float32
ALIGNED_TO = 8  # bytes, where the data begins

DAMAGED = "Its header is damaged"


# ----------------------------------------------------------------------------
# Reading.


def looks_like_safetensors(head: bytes, size: int) -> bool:
    length = int.from_bytes(head[:8], "little")
    return head[8:9] == b"{" and length <= max(size, policy.MAX_HEADER_BYTES)


def read_saved(data: bytes) -> SavedNetwork | StateDict:
    """The network in a safetensors file, or its tensors by name if another program wrote it. They are views into
    `data`.

    Raises RefusedFile if its header contradicts the data.
    """
    length = int.from_bytes(data[:8], "little")
    if length > policy.MAX_HEADER_BYTES:
        raise RefusedFile("Refused: field too large (the header of the safetensors file).")
    if 8 + length > len(data):
        raise TruncatedFile(f"The safetensors file is truncated at byte {len(data)}; get it again.")
    header = _header(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    body = memoryview(data)[8 + length :]
    tensors = _tensors(header, body)
    description = metadata.get(METADATA_KEY) if isinstance(metadata, dict) else None
    if not isinstance(description, str):
        return StateDict(tensors, beside=metadata if isinstance(metadata, dict) else {})
    family, config = _description(description)
    return SavedNetwork(family, config, tensors)


def _header(text: bytes) -> dict[str, object]:
    try:
        header = json.loads(text.decode("utf-8"), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise RefusedFile(f"{DAMAGED}, so this is no readable safetensors file; get it again.") from error
    if not isinstance(header, dict):
        raise RefusedFile(f"{DAMAGED}, so this is no readable safetensors file; get it again.")
    return header


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("two entries of the same name")
    return found


def _tensors(header: Mapping[str, object], body: memoryview) -> dict[str, StoredTensor]:
    """Every tensor must begin where the one before it ends, and the last must end with the file."""
    spans = sorted(((*_span(name, entry), name) for name, entry in header.items()), key=lambda span: (span[0], span[1]))
    end = 0
    tensors: dict[str, StoredTensor] = {}
    for begin, finish, name in spans:
        if begin != end:
            raise RefusedFile(f"{DAMAGED} at tensor `{shown(name, 80)}`: the data has gaps or overlaps.")
        end = finish
        if end > len(body):
            raise TruncatedFile(f"The file is truncated: tensor `{shown(name, 80)}` is incomplete; get it again.")
        tensors[name] = _tensor(name, header[name], body[begin:end])
    if end != len(body):
        raise RefusedFile("The safetensors file holds bytes that belong to no tensor; it is damaged.")
    return tensors


def _span(name: str, entry: object) -> tuple[int, int]:
    match entry:
        case {"data_offsets": [begin, finish]} if is_whole(begin) and is_whole(finish):
            if 0 <= begin <= finish and len(name) <= policy.MAX_KEY:
                return begin, finish
    raise RefusedFile(f"{DAMAGED} at tensor `{shown(name, 80)}`.")


def _tensor(name: str, entry: object, data: memoryview) -> StoredTensor:
    match entry:
        case {"dtype": str(kind), "shape": [*shape]} if kind in TYPES:
            dtype, numpy_dtype = TYPES[kind][0], np.dtype(TYPES[kind][1])
            sizes = tuple(n for n in shape if is_whole(n) and 0 <= n <= policy.MAX_ELEMENTS)
            fits = math.prod(sizes) * numpy_dtype.itemsize == len(data)
            if len(sizes) == len(shape) <= policy.MAX_RANK and fits:
                return StoredTensor(np.frombuffer(data, numpy_dtype).reshape(sizes), dtype)
    raise RefusedFile(f"{DAMAGED} at tensor `{shown(name, 80)}`: its type, shape and size do not fit together.")


def _description(text: str) -> tuple[str, Mapping[str, object]]:
    match _header(text.encode("utf-8", "replace")):
        case {"version": version} if is_whole(version) and version > VERSION:
            raise UnsupportedFile("It was written by a newer version of this program; update the program to open it.")
        case {"version": version, "family": str(family), "config": dict(config)} if is_whole(version):
            for name, value in config.items():
                policy.check_setting(name, value)
            return family, config
    raise RefusedFile(f"{DAMAGED}: the description of the network is malformed.")


# ----------------------------------------------------------------------------
# Writing.


def write_saved(path: Path, network: SavedNetwork, *, half: bool = False, progress: Progress = silent) -> None:
    """Write a network under its final name only when it is complete. half: float32 tensors as float16.

    Raises UsageError if the folder is missing or cannot be written.
    """
    if not path.parent.is_dir():
        raise UsageError(f"The folder `{shown(path.parent)}` does not exist; make it first.")
    description = {"version": VERSION, "family": network.family, "config": dict(network.config)}
    try:
        arrays = {}
        for done, (name, tensor) in enumerate(network.tensors.items()):
            progress("preparing", done, len(network.tensors), "tensors")
            arrays[name] = _array_to_save(tensor, half)
        size = sum(array.nbytes for array in arrays.values())
        progress("writing", 0, size, "bytes")
        with written_whole(path) as partial, partial.open("xb") as file:
            _save(arrays, {METADATA_KEY: json.dumps(description)}, file, progress)
    except OSError as error:
        raise UsageError(f"`{shown(path)}` cannot be written: {why(error)}.") from error


def _save(
    arrays: Mapping[str, npt.NDArray[np.generic]], metadata: Mapping[str, str], file: BinaryIO, progress: Progress
) -> None:
    """The length of the header, the header, and the data in its order, as safetensors writes it: the same bytes.

    The library itself writes to a hidden file of its own first, which nobody could tell from others after a kill.
    """
    names = sorted(arrays, key=lambda name: (-arrays[name].itemsize, name))  # so that each is aligned
    header: dict[str, object] = {"__metadata__": metadata}
    end = 0
    for name in names:
        array, begin = arrays[name], end
        end += array.nbytes
        header[name] = {"dtype": WRITTEN[array.dtype.str[1:]], "shape": array.shape, "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % ALIGNED_TO)
    file.write(len(text).to_bytes(8, "little") + text)
    written = 0
    for name in names:
        file.write(arrays[name].reshape(-1).view(np.uint8).data)
        written += arrays[name].nbytes
        progress("writing", written, end, "bytes")


def _array_to_save(tensor: StoredTensor, half: bool) -> npt.NDArray[np.generic]:
    array = to_float32(tensor) if tensor.dtype == "bfloat16" else tensor.array
    if half and array.dtype == np.float32:
        fits = not array.size or np.abs(array).max() <= LARGEST_HALF
        return np.asarray(array, np.float16 if fits else np.float32, order="C")
    return np.asarray(array, order="C")


def to_float32(tensor: StoredTensor) -> npt.NDArray[np.float32]:
    """A copy of a stored tensor, contiguous and writable."""
    if tensor.dtype == "bfloat16":
        bits = np.asarray(tensor.array, np.uint32, order="C") << np.uint32(16)
        return bits.view(np.float32)
    return np.array(tensor.array, dtype=np.float32, order="C")
