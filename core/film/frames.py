"""A frame of a film: its pictures, averaged, side by side, at its size."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Protocol

import numpy as np
from PIL import Image

from core.display.analysis import Pixels
from core.display.frame import Frame
from core.documents.document import to_text
from core.film.driven import NOTHING_HEARD, Heard
from core.film.film import Film, FilmSize, Fitting
from core.request import ModelInfo, Origin, RenderRequest
from core.video.pictures import fitted, in_colour, with_alpha
from core.video.png import REQUEST, image_of, png_file, png_pixels

MARK = "stylegan-visualizer-frame"  # of the text chunk that says what decided a frame

Render = Callable[[RenderRequest], Frame]


class FilmFrame(Protocol):
    """A frame that was made, here or elsewhere."""

    @property
    def index(self) -> int: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    @property
    def pixels(self) -> Pixels: ...

    @property
    def png(self) -> bytes:
        """A file with its settings inside."""
        ...


@dataclass(frozen=True, eq=False)
class MadeFrame:
    """A frame that was made here."""

    index: int
    pixels: Pixels
    texts: Mapping[str, str]  # what is kept in a picture of it
    notes: tuple[str, ...] = ()

    @property
    def png(self) -> bytes:
        return png_file(self.pixels, self.texts)


@dataclass(frozen=True, eq=False)
class PackedFrame:
    """A frame on its way from where it was made."""

    index: int
    png: bytes
    notes: tuple[str, ...] = ()

    @property
    def pixels(self) -> Pixels:
        return png_pixels(self.png)


@dataclass(frozen=True, eq=False)
class Pictures:
    """What a frame is put together from: for each moment of the shutter, the pictures side by side."""

    index: int
    moments: tuple[tuple[Pixels, ...], ...]
    notes: tuple[str, ...] = ()


class FrameMaker:
    """Makes the frames of a film with an open network. It can be pickled."""

    def __init__(self, film: Film, info: ModelInfo, origin: Origin, heard: Heard = NOTHING_HEARD) -> None:
        self.film = film
        self._info, self._origin, self._heard = info, origin, heard

    def make(self, index: int, render: Render) -> MadeFrame:
        """Raises what `render` raises."""
        return self.put_together(self.pictures(index, render))

    def pictures(self, index: int, render: Render) -> Pictures:
        """Raises what `render` raises."""
        notes: dict[str, None] = {}
        moments = []
        for time_s in self.film.times(index):
            frames = [render(request) for request in self._requests(time_s)]
            notes |= dict.fromkeys(note for frame in frames for note in frame.notes)
            moments.append(tuple(frame.pixels for frame in frames))
        return Pictures(index, tuple(moments), tuple(notes))

    def put_together(self, pictures: Pictures) -> MadeFrame:
        """The frame of its pictures."""
        film = self.film
        pixels = averaged([tiled(list(moment), *film.shape) for moment in pictures.moments])
        return MadeFrame(pictures.index, resized(pixels, film.size), self.texts(pictures.index), pictures.notes)

    def texts(self, index: int) -> Mapping[str, str]:
        """What is kept in the picture of a frame: the request of its time, and the mark of all that decided it."""
        request = self._requests(self.film.time(index))[0]
        text = to_text(request, self._origin, family=self._info.family)
        return {REQUEST: text, MARK: self.mark(index)}

    def mark(self, index: int) -> str:
        """The same for frames that look the same, and another one otherwise."""
        film = self.film
        requests = [
            to_text(replace(request, network="")) for time_s in film.times(index) for request in self._requests(time_s)
        ]
        shape = film.shape if film.cells else None
        said = json.dumps([self._origin.digest or self._origin.location, requests, shape, asdict(film.size)])
        return hashlib.sha256(said.encode()).hexdigest()

    def _requests(self, time_s: Fraction) -> list[RenderRequest]:
        """Of the pictures side by side at a time."""
        film = self.film
        return [film.request_at(time_s, self._info, cell, self._heard.of) for cell in range(len(film.requests))]


# ----------------------------------------------------------------------------
# Pixels.

_LINEAR = np.array([v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in np.arange(256) / 255])


def averaged(pictures: list[Pixels]) -> Pixels:
    """The average in linear light, as a sensor would see it (sRGB, IEC 61966-2-1); of alpha as it is."""
    first = pictures[0]
    if all(np.array_equal(first, picture) for picture in pictures[1:]):
        return first
    channels = first.shape[2]
    light = np.mean([_LINEAR[picture] for picture in pictures], axis=0)
    coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 0.0) ** (1 / 2.4) - 0.055) * 255
    if channels in (2, 4):
        coded[:, :, -1] = np.mean([picture[:, :, -1] for picture in pictures], axis=0)
    result: Pixels = np.clip(np.round(coded), 0, 255).astype(np.uint8)
    return result


def tiled(pictures: list[Pixels], rows: int, columns: int) -> Pixels:
    """Pictures side by side, row by row; those of another size than the first are fitted into it."""
    if len(pictures) == 1:
        return pictures[0]
    alpha = any(picture.shape[2] in (2, 4) for picture in pictures)
    pictures = [with_alpha(picture) if alpha else in_colour(picture) for picture in pictures]
    height, width, channels = pictures[0].shape
    sheet = np.zeros((rows * height, columns * width, channels), np.uint8)
    for number, picture in enumerate(pictures):
        y, x = number // columns * height, number % columns * width
        sheet[y : y + height, x : x + width] = fitted(picture, (width, height))
    return sheet


def resized(pixels: Pixels, size: FilmSize) -> Pixels:
    """A picture at the size of the film, by Lanczos."""
    height, width = pixels.shape[:2]
    target = size.of(width, height)
    if target == (width, height):
        return pixels
    across, down = target[0] / width, target[1] / height
    match size.fitting:
        case Fitting.STRETCH:
            inner = target
        case Fitting.CONTAIN:
            inner = _scaled(width, height, min(across, down))
        case Fitting.COVER:
            inner = _scaled(width, height, max(across, down))
    picture = image_of(pixels).resize(inner, Image.Resampling.LANCZOS)
    canvas = Image.new(picture.mode, target)
    canvas.paste(picture, ((target[0] - inner[0]) // 2, (target[1] - inner[1]) // 2))
    result = np.asarray(canvas)
    return result[:, :, None] if result.ndim == 2 else result


def _scaled(width: int, height: int, scale: float) -> tuple[int, int]:
    return max(round(width * scale), 1), max(round(height * scale), 1)
