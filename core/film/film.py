"""A film as a plain value: what is filmed, when, how large, how smooth, as what. Imports no torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from core.base.errors import UsageError
from core.request import ModelInfo, RenderRequest
from core.timeline import Timeline, request_at
from core.timeline.evaluate import EnvelopeOf, silence
from core.video.formats import Format
from core.video.quality import QUALITY

FASTEST = 1000  # frames a second
MOST_FRAMES = 1_000_000
MOST_SAMPLES = 64
MOST_PIXELS = 16_384  # along an edge
MOST_SCALE = 16
MOST_CELLS = 100
FULL_TURN = 360.0  # degrees: a shutter that is open from one frame to the next

# What makes a picture itself: of several in one film, these tracks do not count.
OWN_TRACKS = ("latent", "label", "request")


class Fitting(StrEnum):
    """How a picture comes into a frame of another shape."""

    CONTAIN = "contain"  # all of it, with black around it
    COVER = "cover"  # all of the frame, what lies beyond is cut off
    STRETCH = "stretch"


@dataclass(frozen=True)
class FilmSize:
    """How large frames are."""

    scale: int = 1  # times the size of the network's pictures
    width: int | None = None  # pixels; None: as the scale says
    height: int | None = None
    fitting: Fitting = Fitting.CONTAIN

    def of(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of frames of pictures of this size."""
        if self.width is None or self.height is None:
            return width * self.scale, height * self.scale
        return self.width, self.height


@dataclass(frozen=True)
class MotionBlur:
    """The average of several pictures while a shutter is open, in linear light, around the time of the frame."""

    samples: int = 1  # pictures a frame; 1: none
    angle: float = 180.0  # degrees of 360 between two frames


NATIVE, NO_BLUR = FilmSize(), MotionBlur()


@dataclass(frozen=True)
class Film:
    """Frame i shows the time start + i / rate, exactly."""

    request: RenderRequest  # what does not move
    timeline: Timeline
    rate: Fraction  # frames a second
    start_s: Fraction
    end_s: Fraction
    cells: tuple[RenderRequest, ...] = ()  # several pictures in place of the one, row by row
    columns: int = 0  # of these; 0: about as many as rows
    size: FilmSize = NATIVE
    blur: MotionBlur = NO_BLUR
    format: Format = Format.H264
    quality: float = QUALITY  # 0..1
    sound: bool = True  # that of the timeline, if it has any

    @property
    def frames(self) -> int:
        return round(self.rate * (self.end_s - self.start_s))

    @property
    def requests(self) -> tuple[RenderRequest, ...]:
        """What its pictures are made of, before anything moves."""
        return self.cells or (self.request,)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of pictures in a frame."""
        count = len(self.requests)
        columns = min(self.columns or math.ceil(math.sqrt(count)), count)
        return -(-count // columns), columns

    def time(self, index: int) -> Fraction:
        """Of a frame, in seconds of the timeline."""
        return self.start_s + index / self.rate

    def times(self, index: int) -> tuple[Fraction, ...]:
        """Of the pictures that a frame is the average of."""
        samples, middle = self.blur.samples, self.time(index)
        if samples == 1:
            return (middle,)
        open_s = Fraction(self.blur.angle / FULL_TURN) / self.rate
        around = [middle + open_s * (Fraction(2 * i + 1, 2 * samples) - Fraction(1, 2)) for i in range(samples)]
        return tuple(self._within(time_s) for time_s in around)

    def request_at(
        self, time_s: Fraction, info: ModelInfo | None, cell: int = 0, envelope_of: EnvelopeOf = silence
    ) -> RenderRequest:
        """Of one of the pictures at a time. envelope_of: the sound that drives tracks."""
        base, without = self.requests[cell], OWN_TRACKS if self.cells else ()
        return request_at(self.timeline, base, float(time_s), info, without=without, envelope_of=envelope_of)

    def _within(self, time_s: Fraction) -> Fraction:
        """A time that there is: a loop goes on at its other end, what does not loop stands still there."""
        end = Fraction(self.timeline.duration_s)
        if self.timeline.loop:
            return time_s % end
        return min(max(time_s, Fraction(0)), max(end, self.end_s))


def film_of(
    request: RenderRequest, timeline: Timeline, *, rate: Fraction | None = None, start_s: Fraction | None = None,
    end_s: Fraction | None = None, cells: Sequence[RenderRequest] = (), size: FilmSize = NATIVE,
    blur: MotionBlur = NO_BLUR, format: Format = Format.H264, quality: float = QUALITY, sound: bool = True,
) -> Film:  # fmt: skip
    """A film of a timeline: of what is played of it, at its rate, unless it is said otherwise.

    Raises UsageError with a sentence for what cannot be filmed.
    """
    end = timeline.duration_s if timeline.end_s is None else timeline.end_s
    film = Film(
        request, timeline, timeline.rate if rate is None else rate,
        Fraction(timeline.start_s) if start_s is None else start_s, Fraction(end) if end_s is None else end_s,
        tuple(cells), 0, size, blur, format, quality, sound,
    )  # fmt: skip
    check(film)
    return film


def check(film: Film) -> None:
    """Raises UsageError for a film that cannot be made."""
    if not 0 < film.rate <= FASTEST:
        raise UsageError(f"{float(film.rate):g} frames a second cannot be filmed; choose up to {FASTEST:,}.")
    if film.start_s < 0 or film.end_s <= film.start_s:
        span = f"from {float(film.start_s):g} s to {float(film.end_s):g} s"
        raise UsageError(f"A film {span} has no length; set its end after its start.")
    if not 1 <= film.frames <= MOST_FRAMES:
        raise UsageError(f"{film.frames:,} frames cannot be filmed; choose a range with 1 to {MOST_FRAMES:,}.")
    if not (1 <= film.blur.samples <= MOST_SAMPLES and 0 < film.blur.angle <= FULL_TURN):
        raise UsageError(f"Motion blur takes 1 to {MOST_SAMPLES} pictures and up to {FULL_TURN:g} degrees of shutter.")
    edges = [edge for edge in (film.size.width, film.size.height) if edge is not None]
    if any(not 1 <= edge <= MOST_PIXELS for edge in edges) or not 1 <= film.size.scale <= MOST_SCALE:
        most = f"{MOST_PIXELS:,} pixels along an edge, or {MOST_SCALE} times the picture"
        raise UsageError(f"Frames cannot be so large or small; choose up to {most}.")
    if not 0 <= film.quality <= 1:
        raise UsageError(f"{film.quality:g} is no quality; choose 0 to 1.")
    if len(film.cells) > MOST_CELLS:
        raise UsageError(f"{len(film.cells)} pictures are too many for one film; choose up to {MOST_CELLS}.")
    if any(request.network != film.request.network for request in film.cells):
        raise UsageError("The pictures of one film are of one network; choose those of the network that is shown.")
