"""What is chosen for a film, and how it is read back from where it is kept. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from core.base.errors import UsageError
from core.documents import json_reader as fields
from core.documents.json_reader import Fields
from core.film.film import (
    FASTEST,
    FULL_TURN,
    MOST_PIXELS,
    MOST_SAMPLES,
    MOST_SCALE,
    NATIVE,
    NO_BLUR,
    FilmSize,
    Fitting,
    MotionBlur,
)  # fmt: skip
from core.film.rates import parse_rate
from core.video.formats import Format
from core.video.quality import QUALITY

MAX_NAME = 4096  # characters
LONGEST_S = 86_400.0


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


DEFAULT_CHOICES = FilmChoices()


def read_choices(part: Fields) -> FilmChoices:
    """From JSON of the dataclass, in which rates are texts. What is missing or wrong is as `Fields` has it."""
    default = DEFAULT_CHOICES
    size, blur = part.child("size"), part.child("blur")
    edge, moment = fields.optional(fields.integer(1, MOST_PIXELS)), fields.optional(fields.number(0.0, LONGEST_S))
    return FilmChoices(
        part.get("format", default.format, fields.choice(Format)),
        part.get("name", default.name, _name),
        FilmSize(
            size.get("scale", NATIVE.scale, fields.integer(1, MOST_SCALE)),
            size.get("width", NATIVE.width, edge),
            size.get("height", NATIVE.height, edge),
            size.get("fitting", NATIVE.fitting, fields.choice(Fitting)),
        ),
        part.get("rate", default.rate, fields.optional(_rate)),
        part.get("start_s", default.start_s, moment),
        part.get("end_s", default.end_s, moment),
        part.get("quality", default.quality, fields.number(0.0, 1.0)),
        MotionBlur(
            blur.get("samples", NO_BLUR.samples, fields.integer(1, MOST_SAMPLES)),
            blur.get("angle", NO_BLUR.angle, fields.number(1.0, FULL_TURN)),
        ),
        part.get("cells", default.cells, fields.choice(Cells)),
        part.get("sound", default.sound, fields.flag),
    )


def _name(value: object) -> str:
    name = fields.string(value)
    if len(name) > MAX_NAME or "\0" in name:
        raise ValueError(f"a name of at most {MAX_NAME} characters")
    return name


def _rate(value: object) -> Fraction:
    try:
        rate = parse_rate(fields.string(value))
    except UsageError as error:
        raise ValueError("a frame rate such as 24000/1001") from error
    if not 0 < rate <= FASTEST:
        raise ValueError(f"a frame rate of at most {FASTEST}")
    return rate
