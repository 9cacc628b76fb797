"""Colours that values are shown in; R, G, B from 0 to 255. Imports no torch."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

Rgb: TypeAlias = tuple[int, int, int]

BELOW, ZERO, ABOVE = (0x46, 0x82, 0xFF), (0x16, 0x17, 0x1A), (0xFF, 0x8C, 0x32)  # -1, 0 and 1 of signed values
BAD = (0xFF, 0x00, 0xFF)  # NaN and infinity
OUTSIDE, HATCH = (0x24, 0x26, 0x2B), (0x3A, 0x3D, 0x45)  # where a mask leaves nothing to see
GAP = (0x16, 0x17, 0x1A)  # between two pictures
VIRIDIS = (  # from low to high
    *((0x44, 0x01, 0x54), (0x48, 0x28, 0x78), (0x3E, 0x49, 0x89), (0x31, 0x68, 0x8E), (0x26, 0x82, 0x8E)),
    *((0x1F, 0x9E, 0x89), (0x35, 0xB7, 0x79), (0x6D, 0xCD, 0x59), (0xB4, 0xDE, 0x2C), (0xFD, 0xE7, 0x25)),
)


class ColourScale(NamedTuple):
    """What the colours of a layer stand for: the values of the first and of the last one."""

    low: float
    high: float
    signed: bool = False  # blue below zero and orange above; False: from black to white
    relative: bool = False  # the values are shares of the largest magnitude of each channel

    def colour(self, part: float) -> Rgb:
        """The colour at a place of the scale, from 0 to 1."""
        if self.signed:
            return signed((self.low + part * (self.high - self.low)) / max(abs(self.low), abs(self.high)))
        gray = round(255 * part)
        return gray, gray, gray


def viridis(part: float) -> Rgb:
    """The colour of a power, from 0 to 1."""
    place = min(max(part, 0.0), 1.0) * (len(VIRIDIS) - 1)
    index = min(int(place), len(VIRIDIS) - 2)
    r, g, b = (round(a + (c - a) * (place - index)) for a, c in zip(*VIRIDIS[index : index + 2], strict=True))
    return r, g, b


def signed(value: float) -> Rgb:
    """The colour of a value: blue at -1, dark at 0, orange at 1, and no further."""
    end = ABOVE if value > 0 else BELOW
    share = min(abs(value), 1.0)
    r, g, b = (round(z + (e - z) * share) for z, e in zip(ZERO, end, strict=True))
    return r, g, b
