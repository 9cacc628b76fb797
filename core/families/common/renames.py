"""Tensors of other programs' files that only have other names and other axes than ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from core.base.errors import CheckpointError
from core.base.text import shown
from core.families.common.records import MAX_NAMED
from core.loading.common.checkpoint import StoredTensor

Array: TypeAlias = npt.NDArray[np.generic]
Change: TypeAlias = Callable[[Array], Array]


def unchanged(array: Array) -> Array:
    return array


@dataclass(frozen=True)
class Rename:
    """A tensor of ours, its name in the file, and how its axes come into our order; ValueError or IndexError: it has
    others."""

    name: str
    source: str
    change: Change = unchanged


def without_first(array: Array) -> Array:
    """[1, ...] -> [...]"""
    return array.squeeze(0)


def plane(array: Array) -> Array:
    """[1, 1, h, w] -> [h, w]"""
    return array.squeeze((0, 1))


def single(array: Array) -> Array:
    """The only element -> []"""
    return array.reshape(())


def flat(array: Array) -> Array:
    return array.reshape(-1)


def turned(array: Array) -> Array:
    """A kernel [..., h, w] by half a turn, as TensorFlow has those of layers that up-sample."""
    return array[..., ::-1, ::-1]


def renamed(tensors: Mapping[str, StoredTensor], names: Iterable[Rename]) -> dict[str, StoredTensor]:
    """The tensors under our names, those that are no part of the network under their own.

    Raises CheckpointError naming the first five that are missing or have other axes.
    """
    wanted = list(names)
    faults = [f"`{shown(one.source)}` is missing" for one in wanted if one.source not in tensors]
    found: dict[str, StoredTensor] = {}
    for one in wanted:
        tensor = tensors.get(one.source)
        if tensor is None:
            continue
        try:
            found[one.name] = StoredTensor(one.change(tensor.array), tensor.dtype, one.source, tensor.shape)
        except (ValueError, IndexError):
            faults.append(f"`{shown(one.source)}` has the shape {tensor.shape}")
    if faults:
        more = f" and {len(faults) - MAX_NAMED} more" if len(faults) > MAX_NAMED else ""
        raise CheckpointError(f"The network's tensors do not fit: {'; '.join(faults[:MAX_NAMED])}{more}.")
    used = {one.source for one in wanted}
    return found | {name: tensor for name, tensor in tensors.items() if name not in used}


def numbered(names: Collection[str], name: str, first: int = 0, step: int = 1) -> list[int]:
    """first, first + step, ... up to the last part that is called by such a number where `name` has {}. One in between,
    or its tensor of this name, may be missing: a network is not taken for one that ends earlier."""
    before, _, after = name.partition("{}")
    part = re.compile(rf"{re.escape(before)}([1-9]\d{{0,3}}|0){re.escape(after[:1])}")
    found = {int(match[1]) for one in names if (match := part.match(one))}
    last = max((number for number in found if number >= first and (number - first) % step == 0), default=first - step)
    return list(range(first, last + 1, step))
