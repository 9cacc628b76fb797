"""Tensors by name, wherever a file holds them: in dicts at any depth, or in modules that were saved whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.base.errors import CheckpointError
from core.loading.pickles.records import PERSISTENCE, Call, Members, Pairs, Record, entries, is_call, name_of, pairs_of
from core.loading.pickles.tensors import array_of, is_array

MAX_DEPTH = 8  # of dicts inside of dicts
MAX_ITEMS = 64  # of a list that is looked into
MAX_CONTAINERS = 50_000
MAX_TENSORS = 50_000  # of one module
MAX_MODULE_DEPTH = 30

Place = tuple[str, ...]  # the keys that lead to a part of the file


@dataclass(frozen=True, eq=False)
class Group:
    """The tensors that lie side by side in a dict, or are of one module."""

    place: Place
    tensors: dict[str, Record]
    module: str = ""  # the class, if it is a module
    around: tuple[Record, ...] = ()  # the dicts that lead to it, from the outermost to its own


@dataclass(eq=False)
class Found:
    """What a walk through a file came across."""

    groups: list[Group] = field(default_factory=list)
    networks: list[tuple[Place, Call]] = field(default_factory=list)  # pickled by the official code


def is_tensor(record: Record) -> bool:
    return isinstance(record, Call) and name_of(record).startswith(("torch._utils._rebuild", "torch._tensor._rebuild"))


def is_numbers(record: Record) -> bool:
    """Whether it is a tensor, or an array of numpy that can be read."""
    if is_tensor(record):
        return True
    try:
        return isinstance(record, Call) and is_array(record) and array_of(record) is not None
    except CheckpointError:
        return False


def is_module(record: Record) -> bool:
    """Whether it is a module of torch, of whatever class."""
    state = entries(record.state) if isinstance(record, Call) and record.has_state else None
    return state is not None and {"_parameters", "_modules"} <= state.keys()


def find(root: Record) -> Found:
    """All groups of tensors and all networks, in the order of the file. Names only: nothing is read."""
    found = Found()
    seen: set[int] = set()
    todo: list[tuple[Record, Place, tuple[Record, ...]]] = [(root, (), ())]
    while todo and len(seen) < MAX_CONTAINERS:
        record, place, around = todo.pop()
        if id(record) in seen:
            continue
        seen.add(id(record))
        if isinstance(record, Call) and is_call(record, PERSISTENCE):
            found.networks.append((place, record))
        elif isinstance(record, Call) and is_module(record):
            found.groups.append(Group(place, module_tensors(record), name_of(record), around))
        elif len(place) <= MAX_DEPTH:
            inside = members(record)
            tensors = {} if isinstance(record, (list, tuple)) else {k: v for k, v in inside.items() if is_numbers(v)}
            found.groups.append(Group(place, tensors, around=(*around, record)))
            further = [(v, (*place, k), (*around, record)) for k, v in inside.items() if k not in tensors]
            todo += reversed([one for one in further if isinstance(one[0], (Call, Pairs, list, tuple))])
    return Found([group for group in found.groups if group.tensors], found.networks)


def members(record: Record) -> dict[str, Record]:
    """What a dict, a list or an object of any class holds, by key, number or name."""
    if isinstance(record, (list, tuple)):
        return {str(i): item for i, item in enumerate(record[:MAX_ITEMS])}
    if (known := pairs_of(record)) is None and isinstance(record, Call):
        known = record.pairs + (record.state.pairs if isinstance(record.state, Pairs) else [])
    return {key: value for key, value in known or () if isinstance(key, str)}


def module_tensors(module: Call) -> dict[str, Record]:
    """The parameters and buffers of a module and of those in it, named as in its `state_dict()`."""
    return dict(_module_tensors(module, "", 0, [MAX_TENSORS]))


def _module_tensors(module: Record, prefix: str, depth: int, left: list[int]) -> Iterator[tuple[str, Record]]:
    state = entries(module.state) if isinstance(module, Call) else None
    left[0] -= 1
    if state is None or depth > MAX_MODULE_DEPTH or left[0] < 0:
        return
    passing = _names_in(state.get("_non_persistent_buffers_set"))
    for name, tensor in ((entries(state.get("_parameters")) or {}) | (entries(state.get("_buffers")) or {})).items():
        if name not in passing and is_tensor(tensor):
            yield prefix + name, tensor
    for name, child in (entries(state.get("_modules")) or {}).items():
        yield from _module_tensors(child, f"{prefix}{name}.", depth + 1, left)


def _names_in(record: Record) -> set[str]:
    items = record.items if isinstance(record, Members) else []
    if isinstance(record, Call) and record.args and isinstance(record.args[0], list):  # of older protocols
        items = record.args[0]
    return {item for item in items if isinstance(item, str)}
