"""Onsets, beats and tempo: found in a sound, typed, or tapped."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.audio.onsets import flux, onsets
from core.audio.sound import Sound
from core.audio.tempo import accents, beats, tempo
from core.base.errors import UsageError
from core.base.progress import Progress, silent

SLOWEST_BPM, FASTEST_BPM = 10.0, 1000.0
LONGEST_S = 24 * 3600.0
TOGETHER_S = 0.05  # an onset and a beat that are heard as one

Times = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Rhythm:
    """When something begins in a sound, and where its beats are."""

    onsets_s: Times  # [N], in order
    beats_s: Times  # [M], in order; none where no tempo was found
    bpm: float  # beats a minute; 0 where none was found
    confidence: float  # how alike the sound is from beat to beat, 0 to 1; 1 where the tempo was told

    @property
    def offset_s(self) -> float:
        """Where an even row of beats at this tempo would begin, from 0 up to the time of one; for `steady_rhythm`."""
        if not self.bpm or not len(self.beats_s):
            return 0.0
        turns = np.exp(2j * np.pi * self.beats_s * self.bpm / 60)
        return float(np.angle(turns.mean()) / (2 * np.pi) % 1 * 60 / self.bpm)

    def doubled(self) -> Rhythm:
        """With a beat in the middle between any two. Raises UsageError if the tempo gets too fast."""
        check_tempo(2 * self.bpm)
        middles = (self.beats_s[1:] + self.beats_s[:-1]) / 2
        return replace(self, beats_s=np.sort(np.concatenate([self.beats_s, middles])), bpm=2 * self.bpm)

    def halved(self) -> Rhythm:
        """With every other beat, those at which more begins. Raises UsageError if the tempo gets too slow."""
        check_tempo(self.bpm / 2)
        halves = self.beats_s[::2], self.beats_s[1::2]
        struck = [_together(half, self.onsets_s) for half in halves]
        return replace(self, beats_s=halves[1 if struck[1] > struck[0] else 0], bpm=self.bpm / 2)


def find_rhythm(sound: Sound, progress: Progress = silent) -> Rhythm:
    """The rhythm of a sound. The tempo may be half or twice what people would tap: see `doubled` and `halved`."""
    begins = flux(sound, progress)
    found = onsets(begins)
    strengths = accents(begins)
    bpm, confidence = tempo(strengths, begins.hop_s) if len(found) > 1 else (0.0, 0.0)
    beats_s = beats(strengths, begins.hop_s, bpm) if bpm else np.zeros(0)
    if len(beats_s) < 2:
        return Rhythm(found, np.zeros(0), 0.0, 0.0)
    return Rhythm(found, beats_s, bpm, confidence)


def steady_rhythm(bpm: float, offset_s: float, duration_s: float, onsets_s: Times | None = None) -> Rhythm:
    """Of a tempo that was told. onsets_s: those of the sound, if they are known. Raises UsageError."""
    known = np.zeros(0) if onsets_s is None else onsets_s
    return Rhythm(known, beats_of(bpm, offset_s, duration_s), bpm, 1.0)


def beats_of(bpm: float, offset_s: float, duration_s: float) -> Times:
    """The beats from 0 to a duration of an even row through a time, which may lie anywhere. Raises UsageError."""
    check_tempo(bpm)
    if not (abs(offset_s) <= LONGEST_S and 0 <= duration_s <= LONGEST_S):  # neither is true of NaN
        raise UsageError(f"beats from {offset_s:g} s over {duration_s:g} s cannot be made; a day is the longest.")
    period = 60 / bpm
    first, last = math.ceil(-offset_s / period - 1e-9), math.floor((duration_s - offset_s) / period + 1e-9)
    return np.clip(offset_s + period * np.arange(first, last + 1), 0, duration_s)


def check_tempo(bpm: float) -> None:
    """Raises UsageError if it is none that beats can be made of."""
    if not SLOWEST_BPM <= bpm <= FASTEST_BPM:
        raise UsageError(f"{bpm:g} beats a minute are no tempo; choose {SLOWEST_BPM:g} to {FASTEST_BPM:,g}.")


def _together(beats_s: Times, onsets_s: Times) -> int:
    """How many of the beats coincide with an onset."""
    near = np.searchsorted(onsets_s, beats_s + TOGETHER_S) - np.searchsorted(onsets_s, beats_s - TOGETHER_S)
    return int((near > 0).sum())
