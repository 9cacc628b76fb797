"""Pixels on the screen: smooth or with sharp edges, over a checkerboard where they are transparent."""

from __future__ import annotations

import numpy as np
from imgui_bundle import imgui
from PIL import Image

from visualizer.toolkit.paint import Paint, Rect
from visualizer.toolkit.pixels import Pixels
from visualizer.toolkit.texture import Texture

CHECKER_CELLS = 48  # along the longer edge at most


class Canvas:
    """One picture, uploaded when it has changed."""

    def __init__(self) -> None:
        self._texture: Texture | None = None
        self._uploaded: Pixels | None = None
        self._enlarged = Enlarged()

    def close(self) -> None:
        self._enlarged.close()
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
        seen = intersection(whole, area)
        if smooth or whole.w <= pixels.shape[1] or seen.w < 1 or seen.h < 1:
            paint.list.add_image(self._texture.ref, *whole.corners, (0, 0), (1, 1), tint)
            return
        paint.list.add_image(self._enlarged.show(pixels, whole, seen), *seen.corners, (0, 0), (1, 1), tint)


class Enlarged:
    """The seen part of a picture with sharp pixel edges, at the resolution of the screen.

    ImGui's renderer has a linear sampler of its own, so that a texture cannot ask for the nearest pixel. Here the
    picture is enlarged before; the cost is that of the pixels on the screen, a few milliseconds for a million.
    """

    def __init__(self) -> None:
        self._texture: Texture | None = None
        self._pixels: Pixels | None = None
        self._shows: tuple[Rect, Rect] | None = None

    def show(self, pixels: Pixels, whole: Rect, seen: Rect) -> imgui.ImTextureRef:
        """whole: where the whole picture lies on the screen, seen: the part of it to be drawn, both in whole pixels."""
        if self._texture is None:
            self._texture = Texture()
        if self._pixels is not pixels or self._shows != (whole, seen):
            self._pixels, self._shows = pixels, (whole, seen)
            self._texture.update(enlarge(pixels, whole, seen))
        return self._texture.ref

    def close(self) -> None:
        if self._texture is not None:
            self._texture.close()


def enlarge(pixels: Pixels, whole: Rect, seen: Rect) -> Pixels:
    """The seen part of a picture that is drawn as large as `whole`: each screen pixel takes the one that it lies in."""
    height, width, channels = pixels.shape
    x, y = width / whole.w, height / whole.h  # pixels of the picture a pixel of the screen
    left, top = (seen.x - whole.x) * x, (seen.y - whole.y) * y
    box = (left, top, min(left + seen.w * x, width), min(top + seen.h * y, height))
    image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels)
    shown = image.resize((int(seen.w), int(seen.h)), Image.Resampling.NEAREST, box=box)
    return np.asarray(shown).reshape(int(seen.h), int(seen.w), channels)


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
