"""Picture files of other programs, at a size that a network with codes can encode. Imports no torch."""

from __future__ import annotations

import math
import warnings
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from core.base.errors import UsageError
from core.base.reading import check_ordinary
from core.request import MAX_CODES, MAX_EDGE, CodeGrid

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF")
MAX_PIXELS = 64 * 2**20  # of a file
COMFORTABLE = 512**2  # pixels of a picture that takes seconds, not minutes, on a CPU

Pixels = npt.NDArray[np.uint8]


class Fit(StrEnum):
    """At what size a picture is encoded."""

    AUTO = "auto"  # its own, or scaled down to 512² pixels, of whatever shape
    SQUARE = "square"  # as in training: the shorter side scaled to 256 pixels, then the square in the middle
    OWN = "own"  # its own, however large


def read_pixels(path: Path) -> Pixels:
    """RGB, upright, without what is transparent; uint8 [H, W, 3]. Raises UsageError if it is no picture."""
    check_ordinary(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise Image.DecompressionBombError
                return _rgb(ImageOps.exif_transpose(image))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise UsageError(f"{path.name} has more than {MAX_PIXELS:,} pixels; make it smaller first.") from error
    except UnidentifiedImageError as error:
        raise UsageError(f"{path.name} is no picture that can be read; use a PNG or a JPEG.") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise UsageError(f"{path} cannot be read ({str(error)[:100]}); get it again, or save it anew.") from error


def _rgb(image: Image.Image) -> Pixels:
    if image.mode.startswith(("I", "F")):  # 16 bits a pixel, which Pillow would clip
        values = np.asarray(image, np.float64)
        gray = np.clip(values / 257 if values.max(initial=0) > 255 else values, 0, 255).round().astype(np.uint8)
        return np.repeat(gray[..., None], 3, axis=2)
    return np.array(image.convert("RGB"))


def fitted_pixels(pixels: Pixels, grid: CodeGrid, fit: Fit, name: str = "the picture") -> Pixels:
    """A picture at the size that it is encoded at. Raises UsageError if it is too small or too large for codes."""
    height, width = pixels.shape[:2]
    match fit:
        case Fit.SQUARE:
            pixels = _square(pixels, grid.columns * grid.size)
        case Fit.AUTO if height * width > COMFORTABLE:
            scale = math.sqrt(COMFORTABLE / (height * width))
            whole = (max(1, round(side * scale / grid.size)) * grid.size for side in (width, height))
            pixels = _resized(pixels, *whole)
    rows, columns = pixels.shape[0] // grid.size, pixels.shape[1] // grid.size
    if not rows or not columns:
        raise UsageError(f"{name} is {width} x {height} pixels, less than the {grid.size} x {grid.size} of one code.")
    if max(rows, columns) > MAX_EDGE or rows * columns > MAX_CODES:
        raise UsageError(f"{name} gives {rows} x {columns} codes, more than a grid can have; encode it smaller.")
    return pixels


def _square(pixels: Pixels, edge: int) -> Pixels:
    height, width = pixels.shape[:2]
    scale = edge / min(height, width)
    pixels = _resized(pixels, max(edge, round(width * scale)), max(edge, round(height * scale)))
    top, left = (pixels.shape[0] - edge) // 2, (pixels.shape[1] - edge) // 2
    return pixels[top : top + edge, left : left + edge]


def _resized(pixels: Pixels, width: int, height: int) -> Pixels:
    if pixels.shape[:2] == (height, width):
        return pixels
    return np.array(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))
