"""JSON objects read member by member, with every type, limit and name checked."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

from core.base.errors import UsageError
from core.base.whole import is_whole
from core.documents.rest import Rest, identity

T = TypeVar("T")
Choice = TypeVar("Choice", bound=StrEnum)

# Turns a JSON value into what is wanted, or raises ValueError saying what it must be.
Convert: TypeAlias = Callable[[object], T]

MAX_INTEGER = 2**63 - 1
MAX_NUMBER = 1e300
MAX_DIGITS = 1000  # of a whole number; longer ones are nothing that a program writes


class Fields:
    """The members of one JSON object, asked for by name. A missing member is its default, a wrong one a UsageError.

    Where a list of `errors` is given, a wrong member is its default too, and what is wrong is appended to the list.
    """

    def __init__(self, value: object, *, where: str, name: str = "", errors: list[str] | None = None) -> None:
        self._where = where
        self._name = name
        self._errors = errors
        self._asked: set[str] = set()
        self._children: dict[str, Fields] = {}
        self._lists: dict[str, list[Fields]] = {}
        self._members: Mapping[str, object] = {}
        if isinstance(value, dict):
            self._members = value
        else:
            self._complain(name or "it", value, "an object")

    def get(self, name: str, default: T, convert: Convert[T]) -> T:
        self._asked.add(name)
        if name not in self._members:
            return default
        value = self._members[name]
        try:
            return convert(value)
        except ValueError as error:
            self._complain(self._label(name), value, str(error))
            return default

    def require(self, name: str, convert: Convert[T]) -> T:
        """The member, which has no default: without it, a UsageError whatever happens to others."""
        self._asked.add(name)
        if name not in self._members:
            raise UsageError(f"{self._where} cannot be used: {self._label(name)} is missing")
        try:
            return convert(self._members[name])
        except ValueError as error:
            raise UsageError(self._sentence(self._label(name), self._members[name], str(error))) from error

    def child(self, name: str) -> Fields:
        """The member that is itself an object; without it, one with no members."""
        self._asked.add(name)
        value = self._members.get(name, {})
        child = Fields(value, where=self._where, name=self._label(name), errors=self._errors)
        self._children[name] = child
        return child

    def has(self, name: str) -> bool:
        return name in self._members

    def children(self, name: str, high: int) -> list[Fields]:
        """The member that is a list of at most `high` objects; without it, none."""
        nothing: tuple[object, ...] = ()
        entries = self.get(name, nothing, sequence(_anything, 0, high))
        labels = [f"{self._label(name)}[{i}]" for i in range(len(entries))]
        members = zip(entries, labels, strict=True)
        items = [Fields(entry, where=self._where, name=name, errors=self._errors) for entry, name in members]
        self._lists[name] = items
        return items

    def is_null(self, name: str) -> bool:
        """Whether the member is there and null."""
        self._asked.add(name)
        return name in self._members and self._members[name] is None

    def unknown(self) -> Iterator[str]:
        """Members that nobody asked for, here and in the children."""
        for name in self._members:
            if name not in self._asked:
                yield self._label(name)
        for child in (*self._children.values(), *(item for items in self._lists.values() for item in items)):
            yield from child.unknown()

    def rest(self) -> Rest:
        """The members that nobody asked for, here and in the children, for `core.documents.rest.with_rest`."""
        parts: dict[str, Any] = {name: child.rest() for name, child in self._children.items()}
        for name, items in self._lists.items():
            found = {identity(item._members, index): item.rest() for index, item in enumerate(items)}
            parts[name] = {which: part for which, part in found.items() if part}
        unasked = {name: value for name, value in self._members.items() if name not in self._asked}
        return {**unasked, **{name: part for name, part in parts.items() if part}}

    def _label(self, name: str) -> str:
        return f"{self._name}.{name}" if self._name else name

    def _sentence(self, label: str, value: object, wanted: str) -> str:
        return f"{self._where} cannot be used: {label} is {_short(value)}, but must be {wanted}"

    def _complain(self, label: str, value: object, wanted: str) -> None:
        if self._errors is None:
            raise UsageError(self._sentence(label, value, wanted))
        self._errors.append(self._sentence(label, value, wanted))


def parse(text: str, where: str) -> object:
    """JSON text -> value. Raises UsageError; NaN and infinity are refused, as JSON does."""
    try:
        return json.loads(text, parse_int=_whole, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise UsageError(f"{where} cannot be read as JSON: it is nested too deep") from error
    except ValueError as error:
        raise UsageError(f"{where} cannot be read as JSON: {error}") from error


def number(low: float = -math.inf, high: float = math.inf) -> Convert[float]:
    def convert(value: object) -> float:
        in_range = isinstance(value, int | float) and low <= value <= high and abs(value) <= MAX_NUMBER
        if isinstance(value, int | float) and in_range and not isinstance(value, bool):
            return float(value)
        raise ValueError("a finite number" if low == -math.inf else f"a number from {low:g} to {high:g}")

    return convert


def integer(low: int = -MAX_INTEGER, high: int = MAX_INTEGER) -> Convert[int]:
    def convert(value: object) -> int:
        if is_whole(value) and low <= value <= high:
            return value
        raise ValueError("a whole number" if low == -MAX_INTEGER else f"a whole number from {low} to {high}")

    return convert


def flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("true or false")


def string(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError("text")


def choice(kind: type[Choice]) -> Convert[Choice]:
    def convert(value: object) -> Choice:
        if isinstance(value, str) and value in set(kind):
            return kind(value)
        raise ValueError("one of " + ", ".join(kind))

    return convert


def sequence(item: Convert[T], low: int, high: int) -> Convert[tuple[T, ...]]:
    """A list of `low` to `high` items."""

    def convert(value: object) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise ValueError("a list")
        if not low <= len(value) <= high:
            raise ValueError(f"a list of {low} to {high} items")
        try:
            return tuple(item(entry) for entry in value)
        except ValueError as error:
            raise ValueError(f"a list, each entry {error}") from error

    return convert


def _anything(value: object) -> object:
    return value


def optional(item: Convert[T]) -> Convert[T | None]:
    def convert(value: object) -> T | None:
        return None if value is None else item(value)

    return convert


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number has {len(digits):,} digits")
    return int(digits)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def _short(value: object) -> str:
    if isinstance(value, int) and abs(value) > MAX_INTEGER:
        return "a huge number"  # Python refuses to print the longest ones
    if isinstance(value, list | dict):  # which may be nested deeper than it could be written
        return f"a list of {len(value)} items" if isinstance(value, list) else f"an object of {len(value)} members"
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
