"""Pickle opcodes that stand for a value: numbers, texts, constants, empty containers, each within its limit."""

from __future__ import annotations

from collections.abc import Callable

from core.base.errors import RefusedFile
from core.loading.common import policy
from core.loading.pickles.records import Members, Pairs

TORCH_MAGIC = 0x1950A86A20F9469CFC6C  # first number of torch's old save format


def integer(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("not a number")
    if value.bit_length() > policy.MAX_NUMBER_BITS:
        raise RefusedFile(f"Refused: field too large (a number of more than {policy.MAX_NUMBER_BITS} bits).")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    if len(value) > policy.MAX_STRING:
        raise RefusedFile("Refused: field too large (a text of more than 16 MB).")
    return value


def _number(value: object) -> float:
    if not isinstance(value, float):
        raise TypeError("not a number")
    return value


def _constant(value: object) -> Callable[[object], object]:
    return lambda _: value


LITERALS: dict[str, Callable[[object], object]] = {
    "NONE": _constant(None),
    "NEWTRUE": _constant(True),
    "NEWFALSE": _constant(False),
    "EMPTY_TUPLE": _constant(()),
    "EMPTY_LIST": lambda _: [],
    "EMPTY_DICT": lambda _: Pairs(),
    "EMPTY_SET": lambda _: Members(),
    **dict.fromkeys(("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4"), integer),
    **dict.fromkeys(("FLOAT", "BINFLOAT"), _number),
    **dict.fromkeys(("STRING", "BINSTRING", "SHORT_BINSTRING"), _text),
    **dict.fromkeys(("UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"), _text),
}
