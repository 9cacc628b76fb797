"""What a picture is to the window and to files."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels: TypeAlias = npt.NDArray[np.uint8]  # [H, W, C]: 1 gray, 2 gray + alpha, 3 RGB, 4 RGB + alpha


def reduced(pixels: Pixels, edge: int) -> Pixels:
    """As large as fits into a square of so many pixels; a small picture is enlarged by a whole number."""
    height, width, channels = pixels.shape
    scale = edge / max(height, width)
    scale = float(scale // 1) if scale >= 1 else scale
    size = max(1, round(width * scale)), max(1, round(height * scale))
    way = Image.Resampling.NEAREST if scale >= 1 else Image.Resampling.LANCZOS
    image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels)
    return np.asarray(image.resize(size, way, reducing_gap=2.0)).reshape(size[1], size[0], channels)
