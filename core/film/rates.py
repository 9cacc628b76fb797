"""Frame rates as people write them, and exact. Imports no torch."""

from __future__ import annotations

import re
from fractions import Fraction

from core.base.errors import UsageError
from core.base.text import shown

# What television calls 23.976, 29.97, ... is a thousandth slower than the whole number.
TELEVISION = {"23.976": 24, "23.98": 24, "29.97": 30, "47.952": 48, "47.95": 48, "59.94": 60, "119.88": 120}
USUAL = (
    Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(48), Fraction(50),
    Fraction(60000, 1001), Fraction(60),
)  # fmt: skip


def parse_rate(text: str) -> Fraction:
    """25, 12.5, 24000/1001, or one of television's such as 23.976. Raises UsageError."""
    text = text.strip()
    if text in TELEVISION:
        return Fraction(TELEVISION[text] * 1000, 1001)
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9}|/[0-9]{1,9})?", text) or re.search(r"/0+$", text):
        raise UsageError(f"'{shown(text, 40)}' is no frame rate; write 25, 12.5 or 24000/1001.")
    return Fraction(text)


def rate_text(rate: Fraction) -> str:
    """Short, as in a menu: 25, 23.976."""
    for text, whole in TELEVISION.items():
        if rate == Fraction(whole * 1000, 1001):
            return text
    return f"{float(rate):.6g}"
