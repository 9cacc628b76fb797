"""What a file holds in which no generator was recognised, in words for the user."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from core.base.errors import CheckpointError
from core.base.text import shown
from core.loading.common.checkpoint import StateDict, StoredTensor
from core.loading.formats.choice import name_of_part
from core.loading.formats.state_dicts import is_numbers, is_tensor, members
from core.loading.formats.words import UNLIKELY, rank
from core.loading.pickles.records import Call, Global, Members, Pairs, Record, name_of, pairs_of
from core.loading.pickles.tensors import array_of, is_array

NAMED = 3  # tensors, of the largest ones
MAX_KEYS = 8
NAME, TEXT = 70, 40  # characters of one name

# What tensors are called, or shaped like, in what is no generator.
MOMENTS = re.compile(r"exp_avg|momentum_buffer|square_avg")
JUDGES = re.compile(r"(^|\.)(from_?rgb|discriminator|final_linear|epilogue|b4\.out|minibatch)", re.IGNORECASE)


def what_tensors(candidates: Sequence[StateDict], opens: str) -> str:
    """The message about tensors of which no layout is known: what they look like, where they are, the largest ones."""
    wholes = [one for one in candidates if not one.prefix and not one.partial] or list(candidates[:1])
    largest = max(wholes, key=lambda one: len(one.tensors))
    if not largest.tensors:
        return f"It holds no tensors, so there is no network in it. {opens}."
    quoted = largest_tensors(largest.tensors)
    if all(len(one.tensors) <= NAMED and not one.module and not _is_layered(one) for one in wholes):
        under = f" under {_listed([name_of_part(one) for one in wholes])}" if len(wholes) > 1 else ""
        return f"It holds {quoted}{under}, no network: a latent or a direction, perhaps. {opens}."
    module = f"a module of class `{shown(largest.module, 60)}`" if largest.module else "a PyTorch file"
    likeness = _likeness(wholes)
    kind = f"This is {module} in a layout that this program does not know"
    where = _listed([name_of_part(one) for one in wholes if one.place])
    under = f" under {where}" if where else ""
    beside = [key for key in wholes[0].beside if isinstance(key, str)]
    under += f", and {_listed(beside)}" if beside else ""
    return f"{kind}{likeness}. It holds {_count(wholes)}{under}. {opens}; a report should quote {quoted}."


def what_there_is(root: Record) -> str:
    """The same about a file without any tensors."""
    if isinstance(root, Call) and is_array(root):
        with suppress(CheckpointError):
            return f"it holds an array of the shape {_shape(array_of(root).shape)}, no network"
    if isinstance(root, Call) and is_numbers(root):
        return f"it holds a tensor of the shape {_shape(_size(root))}, no network"
    if pairs_of(root) is not None or isinstance(root, (list, tuple)):
        inside = members(root)
        if not inside:
            return f"it holds {_kind(root)} without anything that could be a network"
        kinds = [f"`{shown(key, TEXT)}` ({_kind(value)})" for key, value in list(inside.items())[:MAX_KEYS]]
        more = f" and {len(inside) - MAX_KEYS} more" if len(inside) > MAX_KEYS else ""
        return f"there are no tensors of a generator in it: it holds {', '.join(kinds)}{more}"
    return f"there is no generator in it: it is {_kind(root)}"


def _kind(record: Record) -> str:
    match record:
        case None:
            return "nothing"
        case bool() | int() | float():
            return "a number"
        case str():
            return "a text"
        case memoryview():
            return "bytes"
        case Pairs():
            return "a dict"
        case list() | tuple() | Members():
            return "a list"
        case Global():
            return f"the name `{shown(record, TEXT)}`"
    if isinstance(record, Call) and is_numbers(record):
        shape = array_of(record).shape if is_array(record) else _size(record)
        return f"an array of the shape {_shape(shape)}"
    return f"an object of class `{shown(name_of(record), TEXT)}`"


def _size(tensor: Call) -> tuple[Record, ...]:
    inner = tensor.args[0] if tensor.args and isinstance(tensor.args[0], Call) and is_tensor(tensor.args[0]) else tensor
    return next((part for part in inner.args if isinstance(part, tuple)), ())


def _shape(sizes: Iterable[object]) -> str:
    numbers = [str(size) for size in sizes if isinstance(size, int) and size.bit_length() < 64]
    return shown("[" + ", ".join(numbers[:8]) + "]", TEXT)


def largest_tensors(tensors: Mapping[str, StoredTensor]) -> str:
    """Some by name, with their shapes."""
    sizes: dict[str, tuple[int, ...]] = {}
    for name in tensors:
        with suppress(CheckpointError):
            sizes[name] = tensors[name].shape
    largest = sorted(sizes, key=lambda name: -math.prod(sizes[name]))[:NAMED]
    return ", ".join(f"`{shown(name, NAME)}` {_shape(sizes[name])}" for name in largest) or "its tensors"


def _count(wholes: Sequence[StateDict]) -> str:
    count = sum(len(one.tensors) for one in wholes)
    return "a tensor" if count == 1 else f"{count} tensors"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MAX_KEYS} more" if len(names) > MAX_KEYS else ""
    return ", ".join(f"`{shown(name, TEXT)}`" for name in names[:MAX_KEYS]) + more


def _is_layered(one: StateDict) -> bool:
    """Whether its tensors are called as those of modules are."""
    return any(name.rpartition(".")[2] in ("weight", "bias") for name in one.tensors)


def _likeness(wholes: Sequence[StateDict]) -> str:
    if all(rank(*one.place) == UNLIKELY for one in wholes) or any(JUDGES.search(name) for name in wholes[0].tensors):
        return ", perhaps of a discriminator or an encoder"
    if all(MOMENTS.search(name) for name in wholes[0].tensors):
        return ": the state of an optimizer"
    return ""
