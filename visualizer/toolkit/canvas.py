"""Pixels on the screen: smooth or with sharp edges, over a checkerboard where they are transparent."""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt

import numpy as np
from imgui_bundle import imgui
from PIL import Image

from visualizer.toolkit.paint import Paint, Rect
from visualizer.toolkit.pixels import Pixels
from visualizer.toolkit.texture import Texture

CHECKER_CELLS = 48  # along the longer edge at most
SMALL = 2.0  # enlarged by more, smooth pixels are cubic: linear ones show a grid of creases
FINEST = 4  # times as fine; what is left to enlarge shows no difference
MOST_FINER = 2**19  # pixels, a few milliseconds


class Canvas:
    """One picture, uploaded when it has changed."""

    def __init__(self) -> None:
        self._texture: Texture | None = None
        self._uploaded: Pixels | None = None
        self._made = Made()

    def close(self) -> None:
        self._made.close()
        if self._texture is not None:
            self._texture.close()

    def draw(
        self, paint: Paint, pixels: Pixels, whole: Rect, area: Rect, *, smooth: bool, tint: int, checkers: bool = True
    ) -> None:
        """Draw a picture that covers `whole` as far as it is seen in `area`, both in whole pixels of the screen.

        checkers: beneath what is transparent.
        """
        if self._texture is None:
            self._texture = Texture()
        if self._uploaded is not pixels:
            self._texture.update(pixels)
            self._uploaded = pixels
        if pixels.shape[2] in (2, 4) and checkers:
            draw_checkerboard(paint, whole)
        seen, times = intersection(whole, area), finer_by(pixels, whole)
        if not smooth and whole.w > pixels.shape[1] and seen.w >= 1 and seen.h >= 1:
            sharp = self._made.show(pixels, (whole, seen), lambda: enlarge(pixels, whole, seen))
            paint.list.add_image(sharp, *seen.corners, (0, 0), (1, 1), tint)
            return
        fine = smooth and times > 1
        ref = self._made.show(pixels, times, lambda: finer(pixels, times)) if fine else self._texture.ref
        paint.list.add_image(ref, *whole.corners, (0, 0), (1, 1), tint)


class Made:
    """A texture of what is made of a picture before it is drawn; made anew when the picture or the way has changed.

    ImGui's renderer has a linear sampler of its own, so that a texture can ask for nothing else.
    """

    def __init__(self) -> None:
        self._texture: Texture | None = None
        self._pixels: Pixels | None = None
        self._way: object = None

    def show(self, pixels: Pixels, way: object, make: Callable[[], Pixels]) -> imgui.ImTextureRef:
        if self._texture is None:
            self._texture = Texture()
        if self._pixels is not pixels or self._way != way:
            self._pixels, self._way = pixels, way
            self._texture.update(make())
        return self._texture.ref

    def close(self) -> None:
        if self._texture is not None:
            self._texture.close()


def enlarge(pixels: Pixels, whole: Rect, seen: Rect) -> Pixels:
    """The seen part of a picture that is drawn as large as `whole`, both in whole pixels of the screen: each of them
    takes the pixel that it lies in. Costs a few milliseconds for a million."""
    height, width, _ = pixels.shape
    x, y = width / whole.w, height / whole.h  # pixels of the picture a pixel of the screen
    left, top = (seen.x - whole.x) * x, (seen.y - whole.y) * y
    box = (left, top, min(left + seen.w * x, width), min(top + seen.h * y, height))
    return _resized(pixels, int(seen.w), int(seen.h), Image.Resampling.NEAREST, box)


def finer_by(pixels: Pixels, whole: Rect) -> int:
    """How many times as fine a picture is made that is drawn smooth as large as `whole`; 1: as it is."""
    height, width = pixels.shape[:2]
    zoom = whole.w / width
    return max(1, min(FINEST, round(zoom), isqrt(MOST_FINER // (width * height)))) if zoom > SMALL else 1


def finer(pixels: Pixels, times: int) -> Pixels:
    """A picture with so many times the pixels in each direction, cubic between its own."""
    height, width, _ = pixels.shape
    return _resized(pixels, times * width, times * height, Image.Resampling.BICUBIC, (0, 0, width, height))


def _resized(
    pixels: Pixels, width: int, height: int, how: Image.Resampling, box: tuple[float, float, float, float]
) -> Pixels:
    channels = pixels.shape[2]
    image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels)
    return np.asarray(image.resize((width, height), how, box=box)).reshape(height, width, channels)


def draw_checkerboard(paint: Paint, r: Rect) -> None:
    """Gray cells that show through transparent parts of a picture."""
    paint.box(r, "B4B4B4")
    cell = max(paint.px(8), round(max(r.w, r.h) / CHECKER_CELLS))
    for row in range(int(r.h // cell) + 1):
        for column in range(row % 2, int(r.w // cell) + 1, 2):
            x, y = r.x + column * cell, r.y + row * cell
            w, h = min(cell, r.right - x), min(cell, r.bottom - y)
            if w > 0 and h > 0:
                paint.box(Rect(x, y, w, h), "8C8C8C")


def intersection(a: Rect, b: Rect) -> Rect:
    x, y = max(a.x, b.x), max(a.y, b.y)
    return Rect(x, y, max(0.0, min(a.right, b.right) - x), max(0.0, min(a.bottom, b.bottom) - y))
