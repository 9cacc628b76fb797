"""A tempo that somebody taps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MOST = 32  # taps that count, the newest
PAUSE_S = 3.0  # after which a tap is the first of a new series
BOUNCE_S = 0.06  # within which one tap counts
APART = 0.3  # how far a tap may be off, in beats, before it is left out

Times = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Taps:
    """Taps in the order in which they came, by any clock. By that of the playback they tell where beats are, too."""

    times_s: tuple[float, ...] = ()

    def tapped(self, now_s: float) -> Taps:
        """With one more. After a pause, or where the clock went back, a new series begins."""
        if self.times_s and 0 <= now_s - self.times_s[-1] < BOUNCE_S:
            return self
        goes_on = bool(self.times_s) and 0 < now_s - self.times_s[-1] <= PAUSE_S
        return Taps((*self.times_s[1 - MOST :], now_s) if goes_on else (now_s,))

    @property
    def bpm(self) -> float | None:
        """Beats a minute; None before the second tap."""
        row = self._row()
        return row and 60 / row[0]

    @property
    def offset_s(self) -> float | None:
        """The time of the beat nearest to the first tap; None before the second tap."""
        row = self._row()
        return row and row[1]

    def _row(self) -> tuple[float, float] | None:
        """The even row of beats nearest to the taps: the time from one to the next, and where it begins."""
        if len(self.times_s) < 2:
            return None
        times = np.array(self.times_s)
        usual = float(np.median(np.diff(times)))
        numbers, kept = [0], [times[0]]
        for time in times[1:]:
            step = round((time - kept[-1]) / usual)  # beats without a tap are counted; between two beats none counts
            if step:
                numbers.append(numbers[-1] + step)
                kept.append(time)
        beats, moments = np.array(numbers), np.array(kept)
        period, offset = np.polyfit(beats, moments, 1)
        near = np.abs(offset + period * beats - moments) <= APART * period
        if 2 <= near.sum() < len(near):
            period, offset = np.polyfit(beats[near], moments[near], 1)
        return float(period), float(offset)
