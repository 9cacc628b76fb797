"""Pictures written to disk with the request that made them, under names that count up."""

from __future__ import annotations

import io
import os
import re
import struct
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.base.errors import CaptureError, UsageError
from core.base.files import force_names, temporary, why, write_whole
from core.base.reading import open_ordinary
from core.documents.document import MAX_TEXT
from visualizer.toolkit.pixels import Pixels

KEYWORD = "stylegan-visualizer"  # of the text chunk that holds the request
PNG_LEVEL = 1  # noisy 1024² pixels: level 1 takes 110 ms, level 6 twice that, and is hardly smaller
JPEG_QUALITY = 95
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


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
    numbers = [int(match[0]) for entry in folder.iterdir() if (match := re.match(r"[0-9]{1,18}", entry.name))]
    number = max(numbers, default=-1) + 1
    while True:
        path = folder / f"{number:05d}{suffix}"
        try:
            return path, os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0), 0o666)
        except FileExistsError:
            number += 1


def encode(pixels: Pixels, suffix: str, text: str = "") -> bytes:
    """The bytes of the picture's file. Raises CaptureError for an array that is no picture.

    The encoders raise OSError or ValueError for a picture that is too large for them.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (1, 2, 3, 4) or pixels.size == 0:
        raise CaptureError(f"an array of {pixels.dtype} {list(pixels.shape)} is not a picture; please report this")
    output = io.BytesIO()
    match suffix:
        case ".png":
            info = PngInfo()
            if text:
                info.add_text(KEYWORD, text)
            _image(pixels).save(output, "PNG", compress_level=PNG_LEVEL, pnginfo=info)
        case ".webp":
            _image(pixels).convert("RGBA" if pixels.shape[2] in (2, 4) else "RGB").save(
                output, "WEBP", lossless=True, method=0, exact=True
            )
        case _:
            _image(over_black(pixels)).save(output, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return output.getvalue()


def over_black(pixels: Pixels) -> Pixels:
    """Without alpha: [H, W, 1] or [H, W, 3]."""
    channels = pixels.shape[2]
    if channels in (1, 3):
        return pixels
    alpha = pixels[:, :, -1:].astype(np.uint16)
    return ((pixels[:, :, :-1] * alpha + 127) // 255).astype(np.uint8)


def _image(pixels: Pixels) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels))


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
        with open_ordinary(path) as file:
            if file.read(len(PNG_SIGNATURE)) != PNG_SIGNATURE:
                return None
            while len(head := file.read(8)) == 8:
                length, kind = struct.unpack(">I4s", head)
                if kind in (b"tEXt", b"iTXt") and length <= MAX_TEXT:
                    if (text := _our_text(kind, file.read(length))) is not None:
                        return text
                    length = 0
                file.seek(length + 4, os.SEEK_CUR)  # 4: the checksum
            return None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error


def _our_text(kind: bytes, chunk: bytes) -> str | None:
    keyword, _, text = chunk.partition(b"\0")
    if keyword != KEYWORD.encode():
        return None
    if kind == b"tEXt":
        return text.decode("latin-1")
    # Two flags, a language and a translated keyword come first; we write no compressed text.
    if text[:1] != b"\0":
        return None
    return text[2:].split(b"\0", 2)[-1].decode("utf-8", errors="replace")
