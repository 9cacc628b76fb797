"""The lowest and highest samples of stretches of a sound, at every zoom."""

from __future__ import annotations

import numpy as np

from core.audio.channels import Samples

FIRST = 32  # samples in a stretch of the finest level
STEP = 4  # stretches that make one of the next level
FINE = 8  # stretches in a column at least, so that its edges are exact to as many parts of it


class Peaks:
    """Levels of stretches, each longer than the one before. Takes a twelfth of the memory of the sound."""

    def __init__(self, samples: Samples) -> None:
        """samples: [N], N > 0"""
        self._lengths = [1]  # of a stretch, samples
        self._levels = [(samples, samples)]  # lowest and highest
        step = FIRST
        while len(samples) > self._lengths[-1] * step:
            low, high = self._levels[-1]
            starts = np.arange(0, len(low), step)
            self._levels.append((np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)))
            self._lengths.append(self._lengths[-1] * step)
            step = STEP

    def columns(self, count: int, start: float, end: float) -> Samples:
        """Lowest and highest sample of each of so many columns between two places, in samples. [count, 2]

        A column narrower than a sample has the one that it begins in; one outside of the sound is 0.
        """
        edges = np.linspace(start, end, count + 1)
        narrow = max(1.0, (end - start) / count / FINE)
        level = max(i for i, length in enumerate(self._lengths) if length <= narrow)
        (low, high), length = self._levels[level], self._lengths[level]
        places = np.round(edges / length) if level else np.floor(edges)
        firsts = np.clip(places[:-1], 0, len(low) - 1).astype(np.intp)
        stop = int(np.clip(places[-1], firsts[-1] + 1, len(low)))
        begin = firsts[0]
        lowest = np.minimum.reduceat(low[begin:stop], firsts - begin)
        highest = np.maximum.reduceat(high[begin:stop], firsts - begin)
        inside = (edges[1:] > 0) & (edges[:-1] < len(self._levels[0][0]))
        return np.stack([lowest, highest], axis=1) * inside[:, None]
