"""A contact sheet: pictures in rows, each with its name below."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isqrt

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import resources
from core.base.text import shown
from core.video.pictures import over_black
from visualizer.toolkit.pixels import Pixels

FONT = "fonts/Inter-Regular.ttf"
EDGE = 256  # pixels of a picture along its longer side at most
GAP, MARGIN = 12, 16  # pixels
CAPTION, EM = 24, 15  # height of a name, and of its letters
PAPER, INK = 255, 32  # grey values


def contact_sheet(pictures: Sequence[tuple[str, Pixels]], columns: int = 0) -> Pixels:
    """Names and pictures, uint8 [H, W, C], as one picture, uint8 [H, W, 3]. columns: 0: about as many as rows."""
    columns = columns or max(1, isqrt(max(0, len(pictures) - 1)) + 1)
    small = [(name, _reduced(pixels)) for name, pixels in pictures]
    width, height = max(image.width for _, image in small), max(image.height for _, image in small)
    rows = ceil(len(small) / columns)
    across, down = min(columns, len(small)), height + CAPTION
    size = (2 * MARGIN + across * (width + GAP) - GAP, 2 * MARGIN + rows * (down + GAP) - GAP)
    sheet = Image.new("RGB", size, (PAPER, PAPER, PAPER))
    draw = ImageDraw.Draw(sheet)
    # The basic layout is part of Pillow; the other one is there on some systems only, and sets other pixels.
    font = ImageFont.truetype(str(resources.path(FONT)), EM, layout_engine=ImageFont.Layout.BASIC)
    for index, (name, image) in enumerate(small):
        row, column = divmod(index, columns)
        x, y = MARGIN + column * (width + GAP), MARGIN + row * (down + GAP)
        sheet.paste(image, (x + (width - image.width) // 2, y + (height - image.height) // 2))
        text = _fitted(shown(name), width, font)
        draw.text((x + width / 2, y + height + CAPTION / 2), text, (INK, INK, INK), font, anchor="mm")
    return np.array(sheet)


def _reduced(pixels: Pixels) -> Image.Image:
    solid = over_black(pixels)
    image = Image.fromarray(np.ascontiguousarray(solid[:, :, 0] if solid.shape[2] == 1 else solid)).convert("RGB")
    image.thumbnail((EDGE, EDGE), Image.Resampling.LANCZOS)
    return image


def _fitted(text: str, width: float, font: ImageFont.FreeTypeFont) -> str:
    kept = len(text)
    short = text
    while kept and font.getlength(short) > width:
        kept -= 1
        short = text[:kept].rstrip() + "…"
    return short
