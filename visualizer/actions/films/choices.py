"""What is chosen for a film."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from core.film.film import NATIVE, NO_BLUR, FilmSize, MotionBlur
from core.video.formats import Format
from core.video.quality import QUALITY


class Cells(StrEnum):
    """Whose pictures a film shows."""

    SHOWN = "shown"
    SHELF = "shelf"
    STARRED = "starred"


@dataclass(frozen=True)
class FilmChoices:
    """What is chosen in the panel."""

    format: Format = Format.H264
    name: str = ""  # of the file, or of the folder of pictures; "": numbered
    size: FilmSize = NATIVE
    rate: Fraction | None = None  # None: that of the timeline
    start_s: float | None = None  # likewise
    end_s: float | None = None
    quality: float = QUALITY
    blur: MotionBlur = NO_BLUR
    cells: Cells = Cells.SHOWN
    sound: bool = True
