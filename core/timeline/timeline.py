"""What moves over time: tracks of keys and clips, markers, sound. Imports no torch.

Times are seconds from the start. Frame i of a film at `rate` frames a second shows the time i / rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import TypeAlias

from core.base.control import Value
from core.request import Centre, Latent, RenderRequest, Space
from core.timeline.clips import Clip

RATE = Fraction(30)
DURATION_S = 10.0

# What a key holds: the value of a parameter, a latent, what truncation leads to, or a whole request.
KeyValue: TypeAlias = Value | Latent | Centre | RenderRequest


class Between(StrEnum):
    """What lies between a key and the next one."""

    HOLD = "hold"  # the value of the key
    LINEAR = "linear"
    SMOOTH = "smooth"  # slow at both ends
    CUBIC = "cubic"  # one curve through all keys
    BEZIER = "bezier"  # by the tangents of both keys
    EASE_IN = "ease in"  # slow at the start
    EASE_OUT = "ease out"
    EASE_IN_OUT = "ease in and out"  # slower at both ends than smooth
    BACK_IN = "back in"  # first away from the value
    BACK = "back"  # beyond the value, and back to it
    BACK_IN_OUT = "back in and out"
    BOUNCE_IN = "bounce in"
    BOUNCE = "bounce"
    BOUNCE_IN_OUT = "bounce in and out"
    ELASTIC_IN = "elastic in"
    ELASTIC = "elastic"
    ELASTIC_IN_OUT = "elastic in and out"


@dataclass(frozen=True)
class Tangent:
    """A handle of a key: where it lies from the key, seconds and units of the value."""

    seconds: float
    value: float


@dataclass(frozen=True)
class Key:
    """A value at a time."""

    time_s: float
    value: KeyValue
    between: Between = Between.SMOOTH  # this key and the next one
    left: Tangent | None = None  # None: along the neighbours
    right: Tangent | None = None


@dataclass(frozen=True)
class Drive:
    """A band of the sound that is added to a track: 0..1, times `amount`."""

    low_hz: float = 20.0
    high_hz: float = 200.0
    amount: float = 1.0  # units of the value
    attack_s: float = 0.01
    release_s: float = 0.15
    onsets: bool = False  # pulses at what begins in the band, not how loud it is


@dataclass(frozen=True)
class Track:
    """Something that moves: keys, and clips that count where they lie, in place of keys.

    path: of one value of a parameter, such as "truncation.psi" or "layers[5].noise"; "latent", "label",
    "sources[1].latent", "sources[1].label", "truncation.centre", "transform" (the matrix, moved as what it does); or
    "request", for requests as a whole. What it names, `core.timeline.targets` tells.
    """

    path: str
    keys: tuple[Key, ...] = ()  # by time, no two at one
    clips: tuple[Clip, ...] = ()  # by start, none over another
    drive: Drive | None = None
    space: Space = Space.W  # of latents
    muted: bool = False  # as if it were not there
    folded: bool = False  # its curve is not shown

    @cached_property
    def times(self) -> tuple[float, ...]:
        """When its keys are."""
        return tuple(key.time_s for key in self.keys)


@dataclass(frozen=True)
class Marker:
    """A name for a time."""

    time_s: float
    name: str = ""


@dataclass(frozen=True)
class SoundTrack:
    """A file that is heard, and its beats."""

    path: str
    digest: str = ""  # SHA-256 of the file
    offset_s: float = 0.0  # of its start
    gain_db: float = 0.0
    bpm: float = 0.0  # as typed or tapped; 0: as found
    first_beat_s: float = 0.0  # from the start of the file


@dataclass(frozen=True)
class Timeline:
    """All that moves. Without tracks, nothing does."""

    tracks: tuple[Track, ...] = ()  # at most one a path
    duration_s: float = DURATION_S
    rate: Fraction = RATE  # frames a second
    loop: bool = False  # the end meets the start, in value and in motion
    start_s: float = 0.0  # what is played and exported
    end_s: float | None = None  # None: to the end
    markers: tuple[Marker, ...] = ()
    sound: SoundTrack | None = None

    @property
    def frames(self) -> int:
        """How many frames the whole has."""
        return round(self.rate * Fraction(self.duration_s))

    def track(self, path: str) -> Track | None:
        return next((track for track in self.tracks if track.path == path), None)


NO_TIMELINE = Timeline()
