"""Pictures made ready for an encoder: colour, alpha, sizes."""

from __future__ import annotations

import numpy as np
from PIL import Image

from core.display.analysis import Pixels


def over_black(pixels: Pixels) -> Pixels:
    """Without alpha: [H, W, 1] or [H, W, 3]."""
    channels = pixels.shape[2]
    if channels in (1, 3):
        return pixels
    alpha = pixels[:, :, -1:].astype(np.uint16)
    return ((pixels[:, :, :-1] * alpha + 127) // 255).astype(np.uint8)


def in_colour(pixels: Pixels) -> Pixels:
    """Any picture as [H, W, 3]; alpha over black."""
    opaque = over_black(pixels)
    return np.repeat(opaque, 3, axis=2) if opaque.shape[2] == 1 else opaque


def with_alpha(pixels: Pixels) -> Pixels:
    """Any picture as [H, W, 4]."""
    height, width, channels = pixels.shape
    alpha = pixels[:, :, -1:] if channels in (2, 4) else np.full((height, width, 1), 255, np.uint8)
    colour = pixels[:, :, :3] if channels >= 3 else np.repeat(pixels[:, :, :1], 3, axis=2)
    return np.concatenate([colour, alpha], axis=2)


def has_alpha(pixels: Pixels) -> bool:
    return pixels.shape[2] in (2, 4)


def fitted(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """The picture, RGB or RGBA, as large as fits into (width, height), with black or nothing around it."""
    height, width, channels = pixels.shape
    if (width, height) == size:
        return pixels
    scale = min(size[0] / width, size[1] / height)
    inner = max(round(width * scale), 1), max(round(height * scale), 1)
    canvas = Image.new("RGB" if channels == 3 else "RGBA", size)
    picture = Image.fromarray(np.ascontiguousarray(pixels)).resize(inner, Image.Resampling.BICUBIC)
    canvas.paste(picture, ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2))
    return np.asarray(canvas)


def padded(pixels: Pixels, step: tuple[int, int]) -> Pixels:
    """With its last column and row repeated, to the next whole multiples of (width, height)."""
    height, width = pixels.shape[:2]
    return np.ascontiguousarray(
        np.pad(pixels, ((0, -height % step[1]), (0, -width % step[0]), (0, 0)), mode="edge")
    )
