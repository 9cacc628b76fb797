"""Which formats can be written here, found out by writing a frame of each into memory."""

from __future__ import annotations

import io

import numpy as np

from core.base.errors import CaptureError
from core.video.formats import CODINGS, Format
from core.video.video import Video

EDGE = 64  # pixels; the least that all take


def unusable() -> dict[Format, str]:
    """The formats that cannot be written, and why. Takes a second at first, while FFmpeg is loaded."""
    return {kind: why for kind in Format if (why := why_not(kind))}


def why_not(kind: Format) -> str:
    """Why a format cannot be written here; "": it can."""
    if not CODINGS[kind].encoders:
        return ""
    try:
        video = Video(io.BytesIO(), (EDGE, EDGE), 30, kind=kind)
        video.write(0, np.zeros((EDGE, EDGE, 3), np.uint8))
        video.close()
    except (CaptureError, OSError, ValueError) as error:
        return f"This installation cannot write {CODINGS[kind].label}: {error}"
    return ""
