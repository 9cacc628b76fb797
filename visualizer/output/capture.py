"""Pictures written to disk with the request that made them, under names that count up."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

from core.base.errors import CaptureError, UsageError
from core.base.files import force_names, temporary, why, write_whole
from core.video.pictures import over_black
from core.video.png import REQUEST, image_of, png_file, png_text
from visualizer.toolkit.pixels import Pixels

JPEG_QUALITY = 95
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


# ----------------------------------------------------------------------------
# Writing.


def save_picture(pixels: Pixels, folder: Path, text: str = "") -> Path:
    """Write a PNG named after the highest number in `folder`, which is made if need be. Raises CaptureError.

    text: the request as of `core.documents.document.to_text`, kept inside the picture.
    """
    with capturing(folder):
        data = encode(pixels, ".png", text)
    return save_together(folder, {".png": data})[0]


def save_together(folder: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write files whose names differ in what follows their number; all of them or none. Raises CaptureError.

    files: suffix -> content. The number and the folder are as of `save_picture`.
    """
    with capturing(folder), ExitStack() as stack:
        folder.mkdir(parents=True, exist_ok=True)
        written = [stack.enter_context(temporary(folder, data)) for data in files.values()]
        first = next(iter(files))
        claimed, descriptor = claim(folder, first)
        os.close(descriptor)
        number = claimed.name.removesuffix(first)
        paths = tuple(folder / f"{number}{suffix}" for suffix in files)
        try:
            for source, path in zip(written, paths, strict=True):
                source.replace(path)
        except OSError:
            for path in paths:
                path.unlink(missing_ok=True)
            raise
        force_names(folder)
        return paths


def write_picture(path: Path, pixels: Pixels, text: str = "") -> None:
    """Write or replace a picture in one step, of the kind that its suffix names; a PNG keeps `text`.

    Raises UsageError for another suffix, CaptureError if it cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"{path} cannot be written: pictures end in {', '.join(SUFFIXES)}")
    with capturing(path):
        data = encode(pixels, suffix, text)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)


def claim(folder: Path, suffix: str) -> tuple[Path, int]:
    """Create the empty file 00000.png, 00001.png, ...: one more than the highest number that starts a name in `folder`.

    Returns its path and descriptor, open for reading and writing. Two that ask at once get two names. Raises OSError.
    """
    number = int(next_number(folder))
    while True:
        path = folder / f"{number:05d}{suffix}"
        try:
            return path, os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0), 0o666)
        except FileExistsError:
            number += 1


def next_number(folder: Path) -> str:
    """One more than the highest number that starts a name in `folder`, as it is written in names. Raises OSError."""
    numbers = [int(match[0]) for entry in folder.iterdir() if (match := re.match(r"[0-9]{1,18}", entry.name))]
    return f"{max(numbers, default=-1) + 1:05d}"


def encode(pixels: Pixels, suffix: str, text: str = "") -> bytes:
    """The bytes of the picture's file. Raises CaptureError for an array that is no picture.

    The encoders raise OSError or ValueError for a picture that is too large for them.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (1, 2, 3, 4) or pixels.size == 0:
        raise CaptureError(f"an array of {pixels.dtype} {list(pixels.shape)} is not a picture; please report this")
    output = io.BytesIO()
    match suffix:
        case ".png":
            return png_file(pixels, {REQUEST: text})
        case ".webp":
            image_of(pixels).convert("RGBA" if pixels.shape[2] in (2, 4) else "RGB").save(
                output, "WEBP", lossless=True, method=0, exact=True
            )
        case _:
            image_of(over_black(pixels)).save(output, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return output.getvalue()


# ----------------------------------------------------------------------------
# What can go wrong.


@contextmanager
def capturing(path: Path) -> Iterator[None]:
    """Turns what the system and the encoders raise into a CaptureError about `path`."""
    try:
        yield
    except OSError as error:
        raise CaptureError(f"{path} cannot be written: {why(error)}") from error
    except ValueError as error:
        raise CaptureError(f"{path} cannot be written: {error}; choose another file type") from error


# ----------------------------------------------------------------------------
# Reading.


def read_picture_text(path: Path) -> str | None:
    """The request kept in a PNG of this program, or None for any other file. Raises UsageError if it cannot be read.

    Looks at the chunks only: no pixel is decoded, whatever size the picture claims.
    """
    try:
        return png_text(path, REQUEST)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
