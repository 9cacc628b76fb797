"""The labels of a saved sheet: what its rows are at the left of them, what its columns are above."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import resources
from core.base.text import shown
from core.request.tables import GAP, Table
from visualizer.toolkit.pixels import Pixels

FONT = "fonts/Inter-Regular.ttf"
OF_CELL = 10  # the shorter edge of a cell is so many times as long as the em of its label
LEAST_EM = 12  # pixels
MOST_EMS = 20  # of the longest label; a longer one is shortened in its middle
LINE = 1.3  # em
AIR = 0.5  # em between a label and its cells, and at the edge of the sheet
INK, CHALK = 32, 224  # grey values on a light background, and on a dark one


def labelled(sheet: Pixels, table: Table, *, background: int = 255) -> Pixels:
    """A sheet [H, W, C] as of `core.request.tables.sheet`, grown at the left and above by what its labels need.

    Their size is that of the cells. Labels that are wider than a column are set smaller, then turned; where not even
    lines have room, only every so many rows and columns have theirs.
    """
    down, across = (sheet.shape[0] + GAP) // table.rows, (sheet.shape[1] + GAP) // table.columns
    em = max(LEAST_EM, round((min(down, across) - GAP) / OF_CELL))
    above = _above(table.column_labels, across, sheet.shape[1], em)
    left = _lines(table.row_labels, down, sheet.shape[0], _font(em), to_right=True)
    top, side = above.shape[0], left.shape[1]
    whole = np.full((top + sheet.shape[0], side + sheet.shape[1], sheet.shape[2]), background, np.uint8)
    whole[top:, side:] = sheet
    _paint(whole[:top, side:], above, background)
    _paint(whole[top:, :side], left, background)
    return whole


def _paint(part: Pixels, coverage: Pixels, background: int) -> None:
    """Write over a part [h, w, C] of a picture where `coverage` [h, w] is above 0; alpha stays."""
    channels = part.shape[2]
    ink = INK if background > 127 else CHALK
    share = coverage.astype(np.int32)
    grey = (background * (255 - share) + ink * share + 127) // 255
    part[:, :, : channels if channels % 2 else channels - 1] = grey[:, :, None]


# ----------------------------------------------------------------------------
# Coverage of text, 0 to 255.


def _above(labels: Sequence[str], pitch: int, width: int, em: int) -> Pixels:
    """Labels over columns that begin every `pitch` pixels: [height, width]; height 0 if all are empty."""
    font, room = _font(em), pitch - GAP
    labels = _fitted(labels, font)
    widest = _widest(labels, font)
    if not widest:
        return np.zeros((0, width), np.uint8)
    if widest > room:
        smaller = int(em * room / widest)
        if smaller < LEAST_EM:  # upwards, from the first column to the last
            return np.rot90(_lines(labels, pitch, width, font, to_right=False))
        font = _font(smaller)
    image = Image.new("L", (width, ceil((LINE + AIR) * font.size)))
    draw = ImageDraw.Draw(image)
    for column, label in enumerate(labels):
        draw.text((column * pitch + room / 2, (AIR + LINE / 2) * font.size), label, 255, font, anchor="mm")
    return np.asarray(image)


def _lines(
    labels: Sequence[str], pitch: int, height: int, font: ImageFont.FreeTypeFont, *, to_right: bool
) -> Pixels:
    """Labels beside rows that begin every `pitch` pixels: [height, width]; width 0 if all are empty."""
    labels = _fitted(labels, font)
    widest = _widest(labels, font)
    if not widest:
        return np.zeros((height, 0), np.uint8)
    air, every = AIR * font.size, ceil(LINE * font.size / pitch)
    width = ceil(widest + 2 * air)
    image = Image.new("L", (width, height))
    draw = ImageDraw.Draw(image)
    x, anchor = (width - air, "rm") if to_right else (air, "lm")
    half = LINE / 2 * font.size
    for row in range(0, len(labels), every):
        middle = max(row * pitch + (pitch - GAP) / 2, half)
        if row == 0 or middle + half <= height:
            draw.text((x, middle), labels[row], 255, font, anchor=anchor)
    return np.asarray(image)


def _fitted(labels: Sequence[str], font: ImageFont.FreeTypeFont) -> list[str]:
    """As they can be drawn; both ends of what is too long."""
    return [_shortened(shown(label), font) for label in labels]


def _shortened(label: str, font: ImageFont.FreeTypeFont) -> str:
    most, kept = MOST_EMS * font.size, len(label) // 2
    text = label
    while font.getlength(text) > most:
        kept -= 1
        text = f"{label[:kept]}…{label[-kept:]}"
    return text


def _widest(labels: Sequence[str], font: ImageFont.FreeTypeFont) -> float:
    return max((font.getlength(label) for label in labels), default=0.0)


def _font(em: int) -> ImageFont.FreeTypeFont:
    # The basic layout is part of Pillow; the other one is there on some systems only, and sets other pixels.
    return ImageFont.truetype(str(resources.path(FONT)), em, layout_engine=ImageFont.Layout.BASIC)
