"""About how much memory values take together, each that several of them share counted once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache

import numpy as np

NUMBER = 24  # bytes of a number in a tuple, besides its place there


class Weight:
    """Counts values in and out. What one of them holds is found out when it comes first: values do not change."""

    def __init__(self) -> None:
        self.bytes = 0
        self._held: dict[int, tuple[object, int]] = {}  # by id: it, and by how many it is held

    def add(self, value: object) -> None:
        rest = [value]
        while rest:
            value = rest.pop()
            _, count = self._held.get(id(value), (value, 0))
            self._held[id(value)] = value, count + 1
            if not count:
                self.bytes += _own_bytes(value)
                rest += _parts(value)

    def remove(self, value: object) -> None:
        """What was added before."""
        rest = [value]
        while rest:
            value = rest.pop()
            _, count = self._held[id(value)]
            if count > 1:
                self._held[id(value)] = value, count - 1
            else:
                del self._held[id(value)]
                self.bytes -= _own_bytes(value)
                rest += _parts(value)


def _own_bytes(value: object) -> int:
    """Without its parts."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    return sys.getsizeof(value) + (NUMBER * len(value) if _is_numbers(value) and isinstance(value, tuple) else 0)


def _parts(value: object) -> Iterator[object]:
    """What else has to be counted of a value: small things are in its own bytes."""
    if isinstance(value, tuple):
        yield from () if _is_numbers(value) else value
    elif is_dataclass(value) and not isinstance(value, type):
        for name in _names(type(value)):
            part = getattr(value, name)
            if isinstance(part, tuple | str | bytes) or is_dataclass(part):
                yield part


def _is_numbers(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], int | float)


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
