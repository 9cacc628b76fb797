"""Two pictures: A is kept, B goes on being edited. Seen side by side, wiped, in turn, or as their difference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from core.display.frame import Frame
from core.request import Compare, lit
from visualizer.toolkit.pixels import Pixels

GAINS = (0.0, 6.0, 12.0, 20.0, 30.0)  # dB


class Comparison:
    """The kept picture, and how it is seen beside the newest one."""

    def __init__(self) -> None:
        self.kept: Frame | None = None
        self.mode = Compare.OFF
        self.gain_db = 0.0  # of the difference
        self._seen = Compare.SIDE  # how it was seen last
        self._made: tuple[tuple[object, ...], Frame] | None = None  # what it was made of, and it

    def keep(self, frame: Frame | None) -> None:
        self.kept = frame
        if frame is None:
            self.mode = Compare.OFF
        elif self.mode is Compare.OFF:
            self.mode = Compare.SIDE

    def toggle(self) -> None:
        """See the newest picture alone, or A beside it as before."""
        if self.mode is Compare.OFF:
            self.mode = self._seen
        else:
            self._seen, self.mode = self.mode, Compare.OFF

    def active(self, frame: Frame) -> bool:
        """Not over a layer, nor over a comparison that the request itself asks for."""
        view = frame.request.view
        return self.kept is not None and self.mode is not Compare.OFF and view == lit(view)

    def shown(self, frame: Frame) -> Frame:
        """The frame as it is to be drawn: one that compares as those do that the renderer makes."""
        if not self.active(frame):
            return frame
        made_of = (frame, self.kept, self.mode, self.gain_db)
        if self._made is None or any(a is not b for a, b in zip(self._made[0], made_of, strict=True)):
            assert self.kept is not None  # it is active
            self._made = (made_of, self._compared(self.kept.pixels, frame))
        return self._made[1]

    def _compared(self, kept: Pixels, frame: Frame) -> Frame:
        a, b = like(kept, frame.pixels), frame.pixels
        view = replace(frame.request.view, compare=self.mode, difference_db=self.gain_db)
        request = replace(frame.request, view=view)
        match self.mode:
            case Compare.SIDE:
                return replace(frame, request=request, pixels=np.concatenate([a, b], axis=1))
            case Compare.DIFFERENCE:
                return replace(frame, request=request, pixels=difference(a, b, self.gain_db))
        return replace(frame, request=request, upright=a)


def like(picture: Pixels, other: Pixels) -> Pixels:
    """A picture at the size and with the channels of another one."""
    if picture.shape == other.shape:
        return picture
    height, width, channels = other.shape
    rgb = picture[..., :3] if picture.shape[2] >= 3 else np.repeat(picture[..., :1], 3, axis=2)
    resized = np.asarray(Image.fromarray(rgb).resize((width, height), Image.Resampling.LANCZOS))
    if channels == 1:
        return np.asarray(Image.fromarray(resized).convert("L"))[..., None]
    opaque = np.full((height, width, 1), 255, np.uint8)
    return resized if channels == 3 else np.concatenate([resized[..., : channels - 1], opaque], axis=2)


def difference(a: Pixels, b: Pixels, gain_db: float) -> Pixels:
    """B - A around middle gray; what is transparent in one is not."""
    gain = 10 ** (gain_db / 20) / 2
    shown: Pixels = np.clip((b.astype(np.int16) - a) * gain + 128, 0, 255).astype(np.uint8)
    if b.shape[2] in (2, 4):
        shown[..., -1] = 255
    return shown
