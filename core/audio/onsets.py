"""When something begins to sound: maxima of the spectral flux (SuperFlux, Böck and Widmer 2013)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.audio.sound import Sound
from core.audio.spectra import Spectra
from core.base.progress import Progress, silent

LOWEST_HZ, HIGHEST_HZ = 30.0, 10_000.0
BASS_HZ = 200.0  # below: drums, not cymbals
BANDS = 12  # an octave
LAG = 2  # spectra back, which the flux compares
GAIN = 1000.0  # of magnitudes relative to the loudest moment, before their logarithm is taken
QUIET = 1e-4  # of full scale; a sound that stays below it is silence
NEAR_S = 0.03  # a peak is the highest within
AROUND_S = 0.1  # and higher than the mean within
THRESHOLD = 0.1  # by so much of the strong ones
LEAST = 0.07  # and by this much in any case: the spectrum of steady noise grows as much by chance
STRONG = 98.0  # percentile of the moments at which something grows

Floats = npt.NDArray[np.float32]
Times = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Flux:
    """How much begins at each moment of the `Spectra`."""

    values: Floats  # [count], 0 where nothing does
    bass: Floats  # [count], the same of the lowest bands alone
    hop_s: float


def flux(sound: Sound, progress: Progress = silent) -> Flux:
    """How much the logarithmic spectrum grows, where it isn't a tone that only moves. The mean over the bands."""
    spectra = Spectra(sound)
    octaves = np.arange(np.log2(LOWEST_HZ), np.log2(HIGHEST_HZ), 1 / BANDS)
    edges = np.unique(np.round(2**octaves / spectra.bin_hz).astype(np.intp))
    edges = edges[(edges > 0) & (edges <= spectra.window // 2)]
    loud = float(np.abs(sound.samples).max())
    values, bass = np.zeros((2, spectra.count), np.float32)
    if loud < QUIET or len(edges) < 2:
        return Flux(values, bass, spectra.hop_s)
    low = max(1, int(np.searchsorted(edges, BASS_HZ / spectra.bin_hz)))
    before = np.zeros((LAG, len(edges)), np.float32)  # the spectra just before
    done = 0
    for magnitudes in spectra.magnitudes(progress, "finding onsets"):
        bands = np.log1p(GAIN / loud * np.add.reduceat(magnitudes, edges, axis=1))
        bands = np.concatenate([before, bands])
        padded = np.pad(bands[:-LAG], ((0, 0), (1, 1)), mode="edge")
        widened = np.maximum(np.maximum(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
        grown = np.maximum(bands[LAG:] - widened, 0)
        values[done : done + len(magnitudes)] = grown.mean(1)
        bass[done : done + len(magnitudes)] = grown[:, :low].mean(1)
        before = bands[-LAG:]
        done += len(magnitudes)
    return Flux(values, bass, spectra.hop_s)


def onsets(flux: Flux) -> Times:
    """The moments at which something begins, in seconds, in order."""
    values = flux.values
    near, around = (max(1, round(seconds / flux.hop_s)) for seconds in (NEAR_S, AROUND_S))
    strong = values[values > 0]
    if not len(strong):
        return np.zeros(0)
    least = max(LEAST, THRESHOLD * float(np.percentile(strong, STRONG)))
    highest = _over(np.maximum, values, near)
    mean = np.convolve(values, np.full(2 * around + 1, 1 / (2 * around + 1)), "same")
    found = np.flatnonzero((values == highest) & (values > mean + least))
    return found.astype(np.float64) * flux.hop_s


def _over(operation: np.ufunc, values: Floats, reach: int) -> Floats:
    """An operation over each value and those within a reach."""
    views = np.lib.stride_tricks.sliding_window_view(np.pad(values, reach, mode="edge"), 2 * reach + 1)
    result: Floats = operation.reduce(views, axis=1)
    return result
