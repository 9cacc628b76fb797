"""Rows of numbers in text: separated by commas, semicolons, tabs or blanks, also as NumPy prints them."""

from __future__ import annotations

import math
import re

import numpy as np
import numpy.typing as npt

from core.base.numbers import REAL
from core.base.text import shown

SEPARATORS = re.compile(r"[,;\s\[\]()]+")
SPECIAL = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf, "+inf": math.inf}  # read, so that they can be named
MAX_TEXT = 64 * 2**20  # bytes


def rows_of_text(data: bytes) -> npt.NDArray[np.float64]:
    """[rows, numbers of a row], or [numbers] if each line has one, or there is one line.

    A first line of names, and what follows a #, is left out. Raises ValueError saying what is wrong.
    """
    if len(data) > MAX_TEXT:
        raise ValueError("it is too long for numbers in text")
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError("it is no text, and of no known kind") from error
    rows: list[list[float]] = []
    for number, line in enumerate(lines, 1):
        words = [word for word in SEPARATORS.split(line.partition("#")[0]) if word]
        row = [_number(word) for word in words]
        known = [value for value in row if value is not None]
        if len(known) < len(words) and not (rows or known):  # names of columns
            continue
        if len(known) < len(words):
            raise ValueError(f"line {number} has '{shown(words[row.index(None)], 20)}', which is no number")
        if rows and known and len(known) != len(rows[0]):
            raise ValueError(f"line {number} has {len(known)} numbers, and the first one {len(rows[0])}")
        rows += [known] if known else []
    if not rows:
        raise ValueError("it has no numbers")
    array = np.array(rows, np.float64)
    return array.reshape(-1) if 1 in array.shape else array


def _number(word: str) -> float | None:
    if REAL.fullmatch(word):
        return float(word)  # one too large becomes infinite, which is refused
    return SPECIAL.get(word.lower())
