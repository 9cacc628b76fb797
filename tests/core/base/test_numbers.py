"""Numbers as people write them, and what only Python takes for one."""

from __future__ import annotations

import pytest

from core.base.numbers import real_number, whole_number


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), (" -12 ", -12), ("+7", 7), ("007", 7), ("9223372036854775807", 2**63 - 1)]
)
def test_whole_numbers_are_read(text: str, value: int):
    assert whole_number(text) == value
    assert real_number(text) == float(value)


@pytest.mark.parametrize(("text", "value"), [("0.5", 0.5), (".5", 0.5), ("-5.", -5.0), ("1e3", 1000.0), ("+2E-1", 0.2)])
def test_numbers_with_a_point_or_an_exponent_are_no_whole_ones(text: str, value: float):
    assert real_number(text) == value
    assert whole_number(text) is None


NONE = ("", " ", "--", "1_0", "٣", "１２", "²", "1 0", "0x10", "1,5", "nan", "inf", "1e999", "9" * 5000)


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_number_is_none(text: str):
    assert real_number(text) is None
    assert whole_number(text) is None
