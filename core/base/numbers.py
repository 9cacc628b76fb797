"""Numbers as people write them: in ASCII digits, where Python also reads 1_0 and the digits of other scripts."""

from __future__ import annotations

import math
import re

WHOLE = re.compile(r"[+-]?[0-9]{1,19}")  # no more digits than 64 bits have
REAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def whole_number(text: str) -> int | None:
    """The whole number that a text is; None if it is none."""
    text = text.strip()
    return int(text) if WHOLE.fullmatch(text) else None


def real_number(text: str) -> float | None:
    """The finite number that a text is; None if it is none."""
    text = text.strip()
    value = float(text) if REAL.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None
