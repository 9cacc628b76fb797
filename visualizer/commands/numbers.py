"""Numbers of arguments, each refused in a sentence of argparse's."""

from __future__ import annotations

import argparse

from core.base.numbers import real_number, whole_number
from core.base.text import shown


def parse_number(text: str) -> float:
    value = real_number(text)
    if value is None:
        raise argparse.ArgumentTypeError(f"'{shown(text, 40)}' is no number")
    return value


def parse_whole(text: str) -> int:
    value = whole_number(text)
    if value is None:
        raise argparse.ArgumentTypeError(f"'{shown(text, 40)}' is no whole number")
    return value


def parse_numbers(text: str, count: int) -> tuple[float, ...]:
    """So many numbers with commas between."""
    values = tuple(parse_number(part) for part in text.split(","))
    if len(values) != count:
        raise argparse.ArgumentTypeError(f"'{shown(text, 60)}' is not {count} numbers with commas between")
    return values
