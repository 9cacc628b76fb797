"""Tensors of other programs' files, brought to our names, axes and scales one by one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from core.base.errors import CheckpointError, UnsupportedFile
from core.base.text import shown
from core.families.common.records import FLOATS, MAX_CHANNELS, MAX_CLASSES, MAX_LATENT, listed, unreasonable
from core.families.common.renames import numbered
from core.families.common.traced import source_of, traced
from core.loading.common.checkpoint import StoredTensor
from core.loading.formats.saved import to_float32

Array: TypeAlias = npt.NDArray[np.float32]

NUMBER = re.compile(r"\d+")
FORKS = ("SelfAtten", "attention", "_sn")  # in the names of what published networks do not have


class Foreign:
    """The tensors of a file. What was taken is remembered, so that what is left can be told."""

    def __init__(self, tensors: Mapping[str, StoredTensor], what: str, forks: tuple[str, ...] = FORKS) -> None:
        """what: the network, for messages; forks: what names of forks contain. Raises UnsupportedFile if it is one."""
        self._tensors, self._what = tensors, what
        self._taken: set[str] = set()
        for name in tensors:
            if any(fork.lower() in name.lower() for fork in forks):
                raise UnsupportedFile(
                    f"This is {what} with `{shown(name, 60)}` (a fork); only the published network can be opened."
                )

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def has_part(self, prefix: str) -> bool:
        """Whether there is a tensor whose name begins like this."""
        return any(name.startswith(prefix) for name in self._tensors)

    def shape(self, name: str, rank: int) -> tuple[int, ...]:
        """Raises CheckpointError if there is no such tensor, or of another rank."""
        if name not in self._tensors:
            raise self._lacks(name)
        found = self._tensors[name].shape
        if len(found) != rank:
            raise CheckpointError(f"The tensor `{self._source(name)}` has {len(found)} dimensions instead of {rank}.")
        if rank and (min(found) < 1 or max(found) > max(MAX_CLASSES, 16 * MAX_CHANNELS, MAX_LATENT)):
            raise unreasonable(self._source(name), found, "a shape of a network")
        return found

    def count(self, name: str, most: int, *, first: int = 0, step: int = 1) -> int:
        """How many parts are called first, first + step, ... where this name has {}.

        Raises CheckpointError if one of them lacks the tensor of this name, RefusedFile if they are unreasonably many.
        """
        numbers = numbered(self._tensors, name, first, step) or [first]
        if len(numbers) > most:
            raise unreasonable(f"the number of parts like `{name.format(first)}`", len(numbers), f"1 to {most}")
        missing = next((number for number in numbers if name.format(number) not in self._tensors), None)
        if missing is not None:
            raise self._lacks(name.format(missing))
        return len(numbers)

    def take(self, name: str, rank: int, gain: float = 1.0) -> Array:
        """A copy, times `gain`. Raises CheckpointError if it is missing, or no such tensor of fractions."""
        self.shape(name, rank)
        stored = self._tensors[name]
        if stored.dtype not in FLOATS:
            raise CheckpointError(
                f"The tensor `{self._source(name)}` holds {shown(stored.dtype, 40)} instead of numbers with a fraction."
            )
        self._taken.add(name)
        array = traced(to_float32(stored), stored.source or name)
        return array if gain == 1 else array * np.float32(gain)

    def exactly(self, name: str, *shape: int) -> Array:
        """A copy of a tensor of this shape. Raises CheckpointError if it is missing, or of another."""
        if self.shape(name, len(shape)) != shape:
            found = self._tensors[name].shape
            raise CheckpointError(f"The tensor `{self._source(name)}` has the shape {found} instead of {shape}.")
        return self.take(name, len(shape))

    def children(self, prefix: str) -> list[str]:
        """What comes after a prefix in names, up to the next dot, without repetitions."""
        rest = (name.removeprefix(prefix) for name in self._tensors if name.startswith(prefix))
        return list(dict.fromkeys(name.partition(".")[0] for name in rest))

    def numbered(self, prefix: str, most: int) -> int:
        """How many parts are called 0, 1, 2, ... after a prefix. Raises CheckpointError if there are gaps or others."""
        names = self.children(prefix)
        if not 1 <= len(names) <= most:
            raise unreasonable(f"the number of {prefix}*", len(names), f"1 to {most}")
        if sorted(names) != sorted(map(str, range(len(names)))):
            raise CheckpointError(f"The parts of `{shown(prefix)}` are not numbered 0, 1, 2, ...: {listed(names)}.")
        return len(names)

    def number(self, name: str) -> float | None:
        """That of a tensor with a single element; None if there is no such tensor."""
        if name not in self._tensors:
            return None
        self._taken.add(name)
        stored, source = self._tensors[name], self._source(name)
        if stored.array.size != 1 or stored.dtype == "bool":
            raise CheckpointError(f"The tensor `{source}` has the shape {stored.shape}; it should be one number.")
        found = float(to_float32(stored).reshape(()))
        if not math.isfinite(found):
            raise CheckpointError(f"The number `{source}` is {found}; the file is damaged.")
        return found

    def ignore(self, *names: str) -> None:
        """What the network does not need, and nobody need be told of."""
        self._taken.update(names)

    def left(self) -> dict[str, StoredTensor]:
        """What nobody asked for, under its own name."""
        return {name: tensor for name, tensor in self._tensors.items() if name not in self._taken}

    def _source(self, name: str) -> str:
        """What the file calls it, for messages."""
        return shown(self._tensors[name].source or name)

    def _lacks(self, name: str) -> CheckpointError:
        """The error about a tensor that is missing, called as those of other numbers are in the file."""
        alike = (t.source for other, t in self._tensors.items() if t.source and _like(other) == _like(name))
        numbers = iter(NUMBER.findall(name))
        name = NUMBER.sub(lambda known: next(numbers, known[0]), next(alike, name))
        return CheckpointError(f"This is {self._what} that lacks its tensor `{shown(name)}`; the file is damaged.")


def _like(name: str) -> str:
    return NUMBER.sub("#", name)


def stored(arrays: Mapping[str, Array]) -> dict[str, StoredTensor]:
    return {
        name: StoredTensor(np.asarray(array, order="C"), "float32", *source_of(array)) for name, array in arrays.items()
    }


def drawn_noise(shapes: Iterable[tuple[int, int]]) -> list[Array]:
    """Noise maps for a network whose file has none; the same every time."""
    random = np.random.RandomState(0)
    return [random.randn(height, width).astype(np.float32) for height, width in shapes]


# ----------------------------------------------------------------------------
# Weights.


def oihw(array: Array) -> Array:
    """The weights of a convolution, [kh, kw, in, out] -> [out, in, kh, kw]."""
    return array.transpose(3, 2, 0, 1)


def reversed_kernel(array: Array) -> Array:
    """[..., kh, kw] with both axes of the kernel backwards."""
    return array[..., ::-1, ::-1]


def equalised(array: Array, gain: float = math.sqrt(2)) -> Array:
    """Weights [out, in, ...] times gain / sqrt(inputs of one output), as equalised learning rates have it at run time
    (Karras et al. 2018, section 4.1)."""
    return array * np.float32(gain / math.sqrt(math.prod(array.shape[1:])))
