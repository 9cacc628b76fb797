"""Attribute values from inert records: plain Python data, everything else opaque."""

from __future__ import annotations

from dataclasses import dataclass

from core.base.errors import CheckpointError, RefusedFile
from core.base.text import MAX_SHOWN, shown
from core.loading.common import policy
from core.loading.common.checkpoint import Opaque, Plain
from core.loading.pickles.records import (
    PERSISTENCE,
    Call,
    Global,
    Members,
    Pairs,
    Record,
    entries,
    is_call,
    name_of,
    pairs_of,
)
from core.loading.pickles.tensors import array_of, is_array, is_scalar, scalar_of

SEQUENCES = {(m, n) for m in policy.BUILTIN_MODULES for n in ("list", "tuple", "set", "frozenset")}
TORCH_SIZE = Global("torch", "Size")
TORCH_DEVICE = Global("torch", "device")

NUMBER_BITS = 64  # of a number that a network may need; states of random generators have more

TOO_LARGE = "Refused: structure too large or recursive."


@dataclass
class Values:
    """Makes plain values of records, up to a number of values and a depth."""

    left: int = policy.MAX_VALUES

    def plain(self, record: Record, depth: int = 0) -> Plain:
        self.left -= 1
        if depth > policy.MAX_DEPTH or self.left < 0:
            raise RefusedFile(TOO_LARGE)
        match record:
            case int() if record.bit_length() > NUMBER_BITS:
                return Opaque("int")
            case None | bool() | int() | float() | str():
                return record
            case tuple():
                return tuple(self.plain(item, depth + 1) for item in record)
            case list():
                return [self.plain(item, depth + 1) for item in record]
            case Members(items=items):
                return tuple(self.plain(item, depth + 1) for item in items)
            case memoryview():
                return Opaque("bytes")
            case Global():
                return Opaque(shown(record))
        pairs = pairs_of(record)
        if pairs is not None:
            return {_key(key): self.plain(value, depth + 1) for key, value in pairs}
        return self._object(record, depth) if isinstance(record, Call) else Opaque(shown(name_of(record)))

    def _object(self, call: Call, depth: int) -> Plain:
        target = call.target
        try:
            if is_scalar(call):
                return scalar_of(call)
            if is_array(call):
                return self._array(call)
        except CheckpointError:
            return Opaque(shown(name_of(call)))
        if isinstance(target, Global) and (target.module, target.name) in SEQUENCES:
            return self._sequence(target, call, depth)
        match call.args:
            case (tuple() as size,) if target == TORCH_SIZE:
                return self.plain(size, depth + 1)
            case (str(name), *_) if target == TORCH_DEVICE:
                return name
        if is_call(call, PERSISTENCE) and call.args:
            return Opaque(shown((entries(call.args[0]) or {}).get("class_name", "persisted object")))
        return Opaque(shown(name_of(call)))

    def _sequence(self, target: Global, call: Call, depth: int) -> Plain:
        inside = [*call.args[0]] if call.args and isinstance(call.args[0], (list, tuple)) else []
        values = [self.plain(item, depth + 1) for item in (*inside, *call.items)]
        return values if target.name == "list" else tuple(values)

    def _array(self, call: Call) -> Plain:
        array = array_of(call)
        self.left -= array.size
        if array.size > policy.MAX_SMALL_ARRAY:
            return Opaque("numpy.ndarray")
        return _tuples(array.astype(array.dtype.newbyteorder("=")).tolist())


def _key(key: Record) -> object:
    """Keys of attributes are text or numbers; any other becomes its description."""
    return key if isinstance(key, (str, int, float, bool)) else Opaque(shown(name_of(key)))


def _tuples(value: object) -> Plain:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def facts_of(record: Record) -> tuple[tuple[str, str], ...]:
    """A dict of a file as names and texts to show; nothing in it is used for anything else."""
    if not isinstance(record, (Pairs, Call)):
        return ()
    try:
        values = Values(left=1000).plain(record)
    except RefusedFile:
        return (("training set", "too large to show"),)
    if not isinstance(values, dict):
        return ()
    return tuple((shown(name), shown(_brief(value))) for name, value in values.items())


def _brief(value: Plain) -> object:
    """The value with its texts cut: one long text may be shared by many places."""
    match value:
        case Opaque(name=name):
            return f"<{name}>"
        case str():
            return value[:MAX_SHOWN]
        case dict():
            return {_brief(key): _brief(item) for key, item in value.items()}
        case list() | tuple():
            return [_brief(item) for item in value]
    return value


