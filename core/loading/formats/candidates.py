"""Which tensors of a file may be a generator, the likeliest first: by the keys and prefixes they stand behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

from core.base.errors import CheckpointError, UnsupportedFile
from core.loading.common import policy
from core.loading.common.checkpoint import Plain, StateDict, StoredTensor
from core.loading.formats.state_dicts import Group, Place, is_module, is_numbers, is_tensor, members
from core.loading.formats.words import WHOLE, rank, words_of
from core.loading.pickles.records import Call, Record, entries
from core.loading.pickles.tensors import Tensors, array_of, stored_array
from core.loading.pickles.values import Values

WRAPPERS = ("module.", "_orig_mod.")  # of torch's DataParallel, and of its compiler
# Keys that do not say of what.
CONTAINERS = frozenset({"state_dict", "model_state_dict", "params", "weights", "module"})

MAX_PREFIXES = 40  # of one group
MAX_SEGMENTS = 3
LEAST_TENSORS, MOST_TENSORS = 4, 20_000  # behind a prefix, and in a group in which prefixes are looked for
MAX_CANDIDATES = 200
MAX_GROUPS = 300
MAX_NAMES = 100_000  # of tensors in all groups
HOLDING_DEPTH = 2  # of dicts in a dict that may hold tensors
MAX_ENTRIES = 5000  # of a dict around tensors
MAX_BESIDE = 20_000  # values of one entry beside the tensors


class NamedTensors(Mapping[str, StoredTensor]):
    """Tensors of a file by name, each read when it is first asked for."""

    def __init__(self, records: Mapping[str, Record], read: Callable[[Record, str], StoredTensor]) -> None:
        self._records, self._read = records, read

    def __getitem__(self, name: str) -> StoredTensor:
        return self._read(self._records[name], name)

    def __contains__(self, name: object) -> bool:
        return name in self._records

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)


class Reading:
    """Reads each tensor once, whoever asks."""

    def __init__(self, tensors: Tensors) -> None:
        self._tensors = tensors
        self._read: dict[int, StoredTensor] = {}

    def __call__(self, record: Record, name: str) -> StoredTensor:
        if id(record) not in self._read:
            self._read[id(record)] = self._first(record, name)
        return self._read[id(record)]

    def _first(self, record: Record, name: str) -> StoredTensor:
        if isinstance(record, Call) and not is_tensor(record):
            return stored_array(array_of(record))
        return self._tensors.read(record, name)


def likeliest(groups: Sequence[Group], tensors: Tensors, path: Path) -> StateDict:
    """Of groups of tensors, and of what stands behind a prefix in them, where to look for a generator first; its
    `others` are the rest in order.

    Raises RefusedFile or TruncatedFile if there is no group whose tensors are within their bytes.
    """
    read = Reading(tensors)
    surroundings = Surroundings(read)
    groups = _within_limits(groups)
    _check(groups, read)
    found: list[StateDict] = []
    for stored in groups:
        group, beside = unwrapped(stored), surroundings.of(stored)
        whole = StateDict(
            NamedTensors(group.tensors, read), _wrapper(group.place), beside, path, group.place, module=group.module
        )
        found += (whole, *_behind_prefixes(whole, group, read))
    for joint in _joint(groups):
        together = NamedTensors(joint.tensors, read)
        found.append(StateDict(together, _wrapper(joint.place), {}, path, joint.place, partial=True))
    return _first_of(found)


def _within_limits(groups: Sequence[Group]) -> list[Group]:
    """The likeliest of very many groups, in their order."""
    left = MAX_NAMES
    found: list[Group] = []
    for group in sorted(groups, key=lambda group: rank(*group.place))[:MAX_GROUPS]:
        left -= len(group.tensors)
        if found and left < 0:
            break
        found.append(group)
    return [group for group in groups if group in found]


def _check(groups: Sequence[Group], read: Reading) -> None:
    """Raises the first error if there is one in every group: what nobody wants may be of any kind."""
    errors: list[CheckpointError] = []
    for group in groups:
        try:
            for name, record in group.tensors.items():
                with suppress(UnsupportedFile):
                    read(record, name)
        except CheckpointError as error:
            errors.append(error)
    if errors and len(errors) == len(groups):
        raise errors[0]


def unwrapped(group: Group) -> Group:
    """The same without what torch's own wrappers of modules put before all names."""
    tensors = group.tensors
    while tensors and (wrapper := next((w for w in WRAPPERS if all(n.startswith(w) for n in tensors)), "")):
        tensors = {name.removeprefix(wrapper): tensor for name, tensor in tensors.items()}
    return replace(group, tensors=tensors)


def likeliest_by_name(tensors: Mapping[str, StoredTensor], beside: Mapping[str, Plain], path: Path) -> StateDict:
    """The same of a file that is nothing but tensors by name."""
    group = unwrapped(Group((), dict(tensors)))

    def read(record: Record, name: str) -> StoredTensor:
        assert isinstance(record, StoredTensor)
        return record

    whole = StateDict(NamedTensors(group.tensors, read), "", beside, path)
    return _first_of([whole, *_behind_prefixes(whole, group, read)])


def _first_of(found: Iterable[StateDict]) -> StateDict:
    """Averaged copies first, then what is called a generator; the whole of a group before what a prefix chooses."""
    ordered = sorted(found, key=lambda one: (rank(*one.place), bool(one.prefix), one.partial, rank(one.prefix)))
    return replace(ordered[0], others=tuple(ordered[1:MAX_CANDIDATES]))


def _wrapper(place: Place) -> str:
    """The innermost key that says what it holds."""
    return next((key for key in reversed(place) if key not in CONTAINERS), place[-1] if place else "")


def _behind_prefixes(whole: StateDict, group: Group, read: Callable[[Record, str], StoredTensor]) -> list[StateDict]:
    names = list(group.tensors)
    if len(names) > MOST_TENSORS:
        return []
    counts: Counter[str] = Counter()
    for name in names:
        segments = name.split(".")
        for depth in range(1, min(len(segments), MAX_SEGMENTS + 1)):
            if segments[depth - 1].isdecimal():
                break
            counts[".".join(segments[:depth]) + "."] += 1
    likely = [prefix for prefix, count in counts.items() if count >= min(LEAST_TENSORS, len(names))]
    likely.sort(key=lambda prefix: (rank(prefix), prefix.count("."), -counts[prefix]))
    beside = {name: whole.tensors[name] for name in names if "." not in name and _is_small(whole, name)}
    found = []
    for prefix in likely[:MAX_PREFIXES]:
        records = {name.removeprefix(prefix): group.tensors[name] for name in names if name.startswith(prefix)}
        last = words_of(prefix[:-1].rpartition(".")[2])
        found.append(
            StateDict(
                NamedTensors(records, read),
                whole.wrapper,
                {**whole.beside, **beside},
                whole.path,
                whole.place,
                prefix,
                partial=counts[prefix] < len(names) and not last & WHOLE,
                module=whole.module,
            )
        )
    return found


def _is_small(whole: StateDict, name: str) -> bool:
    with suppress(CheckpointError):
        return whole.tensors[name].array.size <= policy.MAX_SMALL_ARRAY * 16
    return False


def _joint(groups: Sequence[Group]) -> Iterator[Group]:
    """The groups that lie side by side in a dict, as one: some programs save the parts of a generator apart."""
    beneath: dict[Place, list[Group]] = {}
    for group in groups:
        if group.place:
            beneath.setdefault(group.place[:-1], []).append(group)
    for place, inside in beneath.items():
        if len(inside) > 1:
            yield Group(place, {f"{g.place[-1]}.{name}": t for g in inside for name, t in g.tensors.items()})


class Surroundings:
    """What stands around tensors and is small enough to say something about the network."""

    def __init__(self, read: Reading) -> None:
        self._read = read
        self._left = policy.MAX_VALUES
        self._known: dict[int, dict[str, Plain | StoredTensor]] = {}
        self._holding: dict[tuple[int, int], bool] = {}  # by the id of a record, and how deep it was looked into

    def of(self, group: Group) -> dict[str, Plain | StoredTensor]:
        found: dict[str, Plain | StoredTensor] = {}
        for record in group.around:
            if id(record) not in self._known:
                self._known[id(record)] = self._inside(record)
            found |= self._known[id(record)]
        own = group.tensors.keys() if len(group.around) > len(group.place) else ()
        return {name: value for name, value in found.items() if name not in own}

    def _inside(self, record: Record) -> dict[str, Plain | StoredTensor]:
        found: dict[str, Plain | StoredTensor] = {}
        for name, value in islice((entries(record) or {}).items(), MAX_ENTRIES):
            if self._holds_tensors(value, HOLDING_DEPTH):
                continue
            values = Values(left=min(self._left, MAX_BESIDE))
            with suppress(CheckpointError):  # the state of an optimizer, which is not needed
                found[name] = self._read(value, name) if is_numbers(value) else values.plain(value)
            self._left -= min(self._left, MAX_BESIDE) - max(values.left, 0)
        return found

    def _holds_tensors(self, record: Record, depth: int) -> bool:
        known = self._holding.get((id(record), depth))
        if known is None:
            inside = islice(members(record).values(), MAX_ENTRIES)
            known = is_module(record) or any(
                is_tensor(value) or (depth > 0 and self._holds_tensors(value, depth - 1)) for value in inside
            )
            self._holding[id(record), depth] = known
        return known
