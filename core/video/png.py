"""PNG files with text inside: written, and read without a look at the pixels."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.base.reading import open_ordinary
from core.display.analysis import Pixels
from core.documents.document import MAX_TEXT

REQUEST = "stylegan-visualizer"  # of the text chunk that holds the request
LEVEL = 1  # of compression; noisy 1024² pixels: level 1 takes 110 ms, level 6 twice that, and is hardly smaller
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def image_of(pixels: Pixels) -> Image.Image:
    """A picture of one to four channels as Pillow has it."""
    return Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels))


def png_file(pixels: Pixels, texts: Mapping[str, str]) -> bytes:
    """The bytes of a file. texts: what is kept inside, by keyword; empty ones are left out.

    Raises OSError or ValueError for a picture that is too large.
    """
    output, info = io.BytesIO(), PngInfo()
    for keyword, text in texts.items():
        if text:
            info.add_text(keyword, text)
    image_of(pixels).save(output, "PNG", compress_level=LEVEL, pnginfo=info)
    return output.getvalue()


def png_pixels(data: bytes) -> Pixels:
    """The picture of a file that `png_file` made. [H, W, C]"""
    pixels = np.asarray(Image.open(io.BytesIO(data), formats=("PNG",)))
    return pixels[:, :, None] if pixels.ndim == 2 else pixels


def png_text(path: Path, keyword: str) -> str | None:
    """A text kept in a PNG; None if there is none, or if it is another file. Raises OSError.

    Looks at the chunks only: no pixel is decoded, whatever size the picture claims.
    """
    with open_ordinary(path) as file:
        if file.read(len(SIGNATURE)) != SIGNATURE:
            return None
        while len(head := file.read(8)) == 8:
            length, kind = struct.unpack(">I4s", head)
            if kind in (b"tEXt", b"iTXt") and length <= MAX_TEXT:
                if (text := _text(kind, file.read(length), keyword)) is not None:
                    return text
                length = 0
            file.seek(length + 4, os.SEEK_CUR)  # 4: the checksum
        return None


def _text(kind: bytes, chunk: bytes, keyword: str) -> str | None:
    name, _, text = chunk.partition(b"\0")
    if name != keyword.encode():
        return None
    if kind == b"tEXt":
        return text.decode("latin-1")
    # Two flags, a language and a translated keyword come first; we write no compressed text.
    if text[:1] != b"\0":
        return None
    return text[2:].split(b"\0", 2)[-1].decode("utf-8", errors="replace")
