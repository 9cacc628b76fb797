"""Writes pickles in the layout of NVIDIA's snapshots, without the source code that those carry."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.base.errors import UsageError
from core.base.files import why, written_whole
from core.base.progress import Progress, silent
from core.base.text import shown
from core.loading.pickles.records import PERSISTENCE, Global

PROTOCOL = 4
TORCH_STREAM = (0x1950A86A20F9469CFC6C, 1001)  # how torch's old format of storages begins: its mark, its version
SYSTEM = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
KEY = "0"  # of the only storage in a stream

# What torch.nn.Module keeps besides its tensors and children, all empty.
HOOKS = (
    "_backward_pre_hooks",
    "_backward_hooks",
    "_forward_hooks",
    "_forward_hooks_with_kwargs",
    "_forward_hooks_always_called",
    "_forward_pre_hooks",
    "_forward_pre_hooks_with_kwargs",
    "_state_dict_hooks",
    "_state_dict_pre_hooks",
    "_load_state_dict_pre_hooks",
    "_load_state_dict_post_hooks",
)

ORDERED_DICT = Global("collections", "OrderedDict")
REBUILD = Global("torch._utils", "_rebuild_tensor_v2")
PARAMETER = Global("torch._utils", "_rebuild_parameter")
LOAD = Global("torch.storage", "_load_from_bytes")
STORAGE = Global("torch", "FloatStorage")
ARRAY = Global("numpy.core.multiarray", "_reconstruct")
NDARRAY, DTYPE = Global("numpy", "ndarray"), Global("numpy", "dtype")

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Module:
    """A module as its class of the official code has it in `__dict__`."""

    class_name: str
    attributes: Mapping[str, object] = field(default_factory=dict)
    parameters: Mapping[str, Array] = field(default_factory=dict)
    buffers: Mapping[str, Array | None] = field(default_factory=dict)
    children: Mapping[str, Module] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Call:
    """REDUCE of a target, then BUILD with a state if there is one."""

    target: object
    args: tuple[object, ...] = ()
    state: object = None


@dataclass(frozen=True)
class _Persistent:
    key: tuple[object, ...]


@dataclass(frozen=True)
class _EmptySet:
    pass


def write_snapshot(path: Path, generator: Module, *, progress: Progress = silent) -> None:
    """Write a generator as the G_ema of a snapshot; `path` appears only when it is complete.

    Raises UsageError if the folder cannot be written.
    """
    entries = {"G": None, "D": None, "G_ema": generator, "augment_pipe": None, "training_set_kwargs": None}
    total, written = _size(generator), 0
    try:
        with written_whole(path) as partial, partial.open("xb") as file:
            file.write(b"\x80" + bytes([PROTOCOL]))
            for chunk in _code(entries):
                file.write(chunk)
                written += len(chunk)
                progress("writing", min(written, total), total, "bytes")
            file.write(b".")
    except OSError as error:
        raise UsageError(f"`{shown(path)}` cannot be written: {why(error)}.") from error


def _size(module: Module) -> int:
    own = sum(array.nbytes for array in (*module.parameters.values(), *module.buffers.values()) if array is not None)
    return own + sum(map(_size, module.children.values()))


def _record(module: Module) -> _Call:
    """The persistence record: what the official code makes an object of. It holds no source."""
    fields = {"type": "class", "version": 6, "module_src": "", "class_name": module.class_name}
    return _Call(PERSISTENCE, ({**fields, "state": _state(module)},))


def _state(module: Module) -> dict[str, object]:
    return {
        "training": False,
        "_parameters": {
            name: _Call(PARAMETER, (_tensor(a), False, _Call(ORDERED_DICT))) for name, a in module.parameters.items()
        },
        "_buffers": {name: None if array is None else _tensor(array) for name, array in module.buffers.items()},
        "_non_persistent_buffers_set": _EmptySet(),
        "_is_full_backward_hook": None,
        **{name: _Call(ORDERED_DICT) for name in HOOKS},
        "_modules": dict(module.children),
        **module.attributes,
    }


def _tensor(array: Array) -> _Call:
    stride = tuple(step // array.itemsize for step in np.empty(array.shape, array.dtype).strides)
    storage = _Call(LOAD, (_stream(array),))
    return _Call(REBUILD, (storage, 0, array.shape, stride, False, _Call(ORDERED_DICT)))


def _stream(array: Array) -> bytes:
    """A storage in torch's old format: pickles of what it is, its length, its elements."""
    what = _Persistent(("storage", STORAGE, KEY, "cpu", array.size, None))
    parts = (*TORCH_STREAM, SYSTEM, what, [KEY])
    head = b"".join(b"\x80\x02" + b"".join(_code(part)) + b"." for part in parts)
    return head + struct.pack("<q", array.size) + np.ascontiguousarray(array, "<f4").tobytes()


# ----------------------------------------------------------------------------
# Opcodes.


def _code(value: object) -> Iterator[bytes]:
    match value:
        case None:
            yield b"N"
        case bool():
            yield b"\x88" if value else b"\x89"
        case int() if -(2**31) <= value < 2**31:
            yield b"J" + struct.pack("<i", value)
        case int():
            number = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
            yield b"\x8a" + bytes([len(number)]) + number
        case float():
            yield b"G" + struct.pack(">d", value)
        case str():
            text = value.encode()
            yield b"X" + struct.pack("<I", len(text)) + text
        case bytes():
            yield b"\x8e" + struct.pack("<Q", len(value))
            yield value
        case tuple():
            yield from (b"(", *_codes(value), b"t")
        case list():
            yield from (b"](", *_codes(value), b"e")
        case dict():
            yield b"}("
            for pair in value.items():
                yield from _codes(pair)
            yield b"u"
        case _EmptySet():
            yield b"\x8f"
        case np.ndarray():  # small ones, such as sizes
            kind = _Call(DTYPE, (value.dtype.str[1:], False, True), (3, "<", None, None, None, -1, -1, 0))
            state = (1, value.shape, kind, False, value.tobytes())
            yield from _code(_Call(ARRAY, (NDARRAY, (0,), b"b"), state))
        case Global(module, name):
            yield f"c{module}\n{name}\n".encode()
        case _Persistent(key):
            yield from (*_code(key), b"Q")
        case _Call(target, args, state):
            yield from _codes((target, args))
            yield b"R"
            if state is not None:
                yield from (*_code(state), b"b")
        case Module():
            yield from _code(_record(value))
        case _:
            raise TypeError(f"a snapshot holds no {type(value).__name__}")


def _codes(values: tuple[object, ...] | list[object]) -> Iterator[bytes]:
    for value in values:
        yield from _code(value)
