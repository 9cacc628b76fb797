"""Small films that are known, and what comes back of their files."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from core.display.analysis import Pixels

WIDTH, HEIGHT = 80, 64


def drift(count: int = 8, *, width: int = WIDTH, height: int = HEIGHT, alpha: bool = False) -> list[Pixels]:
    """Saturated gradients that move from frame to frame."""
    y, x = np.mgrid[0:height, 0:width]
    frames = []
    for index in range(count):
        parts = [127.5 + 127 * np.sin((x + 3 * index) / 9), 127.5 + 127 * np.cos((y - 2 * index) / 7), 255 * x / width]
        parts += [255 * y / height] if alpha else []
        frames.append(np.stack([np.broadcast_to(part, (height, width)) for part in parts], -1).astype(np.uint8))
    return frames


def decoded(path: Path, format: str = "rgb24") -> list[Pixels]:
    with av.open(path) as container:
        return [np.asarray(frame.to_ndarray(format=format), np.uint8) for frame in container.decode(video=0)]


def rate_of(path: Path) -> Fraction:
    with av.open(path) as container:
        return Fraction(container.streams.video[0].average_rate or 0)


def psnr(found: list[Pixels], wanted: list[Pixels]) -> float:
    error = np.mean((np.stack(found).astype(float) - np.stack(wanted)) ** 2)
    return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))


def luma(pictures: list[Pixels]) -> list[Pixels]:
    """Of BT.709."""
    return [np.asarray(picture[..., :3] @ [0.2126, 0.7152, 0.0722]) for picture in pictures]
