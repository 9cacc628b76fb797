"""Small pictures as files: what the shelf keeps of each request."""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image

from core.video.pictures import over_black
from visualizer.toolkit.pixels import Pixels

EDGE = 128  # pixels, of the shorter side
QUALITY = 88
LARGEST = 2048  # pixels along an edge that are decoded


def small_picture(pixels: Pixels) -> bytes:
    """A picture as a small JPEG file; one of more pixels is reduced. pixels: uint8 [H, W, C] of 1 to 4 channels."""
    solid = over_black(pixels)
    image = Image.fromarray(np.ascontiguousarray(solid[:, :, 0] if solid.shape[2] == 1 else solid))
    scale = EDGE / min(image.size)
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.BOX)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def small_pixels(picture: bytes) -> Pixels | None:
    """The pixels of a small picture's file, uint8 [H, W, 3]; None if it is none, or a large one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(picture), formats=("JPEG", "PNG")) as image:
                if max(image.size) > LARGEST:
                    return None
                return np.array(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError, EOFError, Warning, MemoryError):
        return None
