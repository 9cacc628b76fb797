"""Bands of frequencies, and how loud a sound is in them over time."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.audio.envelope import Envelope
from core.audio.sound import Sound
from core.audio.spectra import Spectra
from core.base.errors import UsageError
from core.base.progress import Progress, silent

FULL = 95.0  # percentile of the loudness that counts as 1
HEARD = 0.001  # of the loudest moment; what is below does not count for it
QUIET = 1e-5  # of full scale; a band that stays below it is silence

Floats = npt.NDArray[np.float32]


class Band(NamedTuple):
    """Frequencies, of which the lower one is in it."""

    low_hz: float
    high_hz: float


BASS = Band(20.0, 150.0)
MIDDLE = Band(150.0, 2000.0)
TREBLE = Band(2000.0, 20_000.0)
ALL = Band(0.0, math.inf)
PRESETS = (("bass", BASS), ("middle", MIDDLE), ("treble", TREBLE), ("all", ALL))


def loudness(sound: Sound, band: Band, progress: Progress = silent) -> Envelope:
    """The amplitude of a band as it is, without attack and release. 1 is what the loudest twentieth reaches.

    Raises UsageError if the band holds nothing.
    """
    if not 0 <= band.low_hz < band.high_hz:
        raise UsageError(f"a band from {band.low_hz:g} to {band.high_hz:g} Hz holds nothing; its ends have to differ.")
    spectra = Spectra(sound)
    bins = spectra.window // 2 + 1
    first = min(round(band.low_hz / spectra.bin_hz), bins - 1)
    last = max(first + 1, round(min(band.high_hz / spectra.bin_hz, bins)))
    parts = [
        np.sqrt(np.square(magnitudes[:, first:last]).sum(1))
        for magnitudes in spectra.magnitudes(progress, "measuring the loudness")
    ]
    amplitudes = np.concatenate(parts)
    return Envelope(_normalised(amplitudes), spectra.hop_s, sound.duration_s)


def envelope(
    sound: Sound,
    band: Band = ALL,
    *,
    attack_s: float = 0.01,
    release_s: float = 0.15,
    gate: float = 0.0,
    progress: Progress = silent,
) -> Envelope:
    """How loud a band is, as a value that drives something. Raises UsageError.

    Where only attack, release or gate change, `loudness(sound, band).followed(...)` is quicker.
    """
    return loudness(sound, band, progress).followed(attack_s=attack_s, release_s=release_s, gate=gate)


def _normalised(amplitudes: Floats) -> Floats:
    """From 0 to 1."""
    loudest = float(amplitudes.max(initial=0.0))
    if loudest < QUIET:
        return np.zeros_like(amplitudes)
    full = np.percentile(amplitudes[amplitudes >= HEARD * loudest], FULL)
    values: Floats = np.minimum(amplitudes / np.float32(full), np.float32(1))
    return values
