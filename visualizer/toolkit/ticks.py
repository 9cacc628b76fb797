"""Ticks of axes as people write them: 10, 0.25, 20 k, 1 M, −40 dB."""

from __future__ import annotations

import math
from dataclasses import dataclass

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
LARGE = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
FROM_THOUSANDS = 10_000.0  # where an axis of smaller numbers needs no letter


@dataclass(frozen=True)
class Tick:
    """A value of an axis, and what stands beside it."""

    value: float
    text: str


def linear_ticks(low: float, high: float, most: int, unit: str = "") -> list[Tick]:
    """At most so many round values from low to high, in equal steps."""
    span = high - low
    if not (math.isfinite(span) and span > 0) or most < 1:
        return []
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next(size * power for size in STEPS if span / (size * power) <= most)
    largest = max(abs(low), abs(high))
    factor, letter = next(((f, s) for f, s in LARGE if largest >= max(f, FROM_THOUSANDS)), (1.0, ""))
    decimals = max(0, -math.floor(math.log10(step / factor) + 1e-9))
    if step / power == 2.5:
        decimals += 1
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [Tick(i * step, _text(i * step / factor, decimals, letter, unit)) for i in range(first, last + 1)]


def decade_ticks(low: float, high: float, most: int) -> list[Tick]:
    """At most so many powers of ten from low to high, which are above zero."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    every = max(1, math.ceil((last - first + 1) / max(most, 1)))
    return [Tick(10.0**power, power_text(power)) for power in range(first, last + 1, every)]


def power_text(power: int) -> str:
    """A power of ten: "0.01", "100", "1 k", "10 M"; far ones as "1e-9"."""
    if not -4 <= power < 15:
        return f"1e{power}".replace("-", "−")
    if power < 0:
        return f"{10.0**power:.{-power}f}"
    factor, letter = next(((f, s) for f, s in LARGE if 10**power >= f), (1.0, ""))
    return _text(10**power / factor, 0, letter, "")


def _text(value: float, decimals: int, letter: str, unit: str) -> str:
    number = f"{value:.{decimals}f}"
    number = number.rstrip("0").rstrip(".") if decimals else number
    if float(number) == 0:
        number, letter = "0", ""
    return " ".join(filter(None, (number.replace("-", "−"), letter + unit)))
