"""Values from 0 to 1 over time, which drive parameters; such are pulses at moments."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.base.errors import UsageError

PULSES_PER_S = 200  # values
SLOWEST_S = 60.0  # attack and release
LONGEST_S = 24 * 3600.0

Floats = npt.NDArray[np.float32]
Times = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Envelope:
    """Values from 0 to 1, the first at 0 s, evenly spaced to the end of the sound."""

    values: Floats  # [N]
    hop_s: float  # from one to the next
    duration_s: float

    def at(self, t_s: float) -> float:
        """The value at a time, on a line between its neighbours; 0 before the beginning and after the end."""
        if not 0 <= t_s <= self.duration_s or not len(self.values):  # NaN is not, either
            return 0.0
        place = t_s / self.hop_s
        index = min(int(place), len(self.values) - 1)
        value = float(self.values[index])
        after = float(self.values[min(index + 1, len(self.values) - 1)])
        return value + (after - value) * min(1.0, place - index)

    def followed(self, *, attack_s: float = 0.0, release_s: float = 0.0, gate: float = 0.0) -> Envelope:
        """Slower: attack_s and release_s are how long a rise and a fall take for 63 % of their way.

        gate: what is below it becomes 0, and what is above fills 0 to 1 again. Raises UsageError.
        """
        if not (0 <= attack_s <= SLOWEST_S and 0 <= release_s <= SLOWEST_S):
            raise UsageError(f"attack and release are 0 to {SLOWEST_S:g} s, not {attack_s:g} s and {release_s:g} s.")
        if not 0 <= gate < 1:
            raise UsageError(f"a gate is from 0 to below 1, not {gate:g}.")
        opened = np.maximum(self.values - np.float32(gate), 0) / np.float32(1 - gate)
        if attack_s == release_s == 0:
            return replace(self, values=opened)
        return replace(self, values=_slowed(opened, _share(self.hop_s, attack_s), _share(self.hop_s, release_s)))


def onset_envelope(times_s: Times, duration_s: float, *, release_s: float = 0.15) -> Envelope:
    """A pulse of 1 at each time, which falls by 63 % in release_s. Raises UsageError.

    times_s: [N], such as onsets or beats; what lies outside of the duration has no pulse.
    """
    if not 0 < release_s <= SLOWEST_S:
        raise UsageError(f"a pulse falls within more than 0 and at most {SLOWEST_S:g} s, not {release_s:g} s.")
    if not 0 <= duration_s <= LONGEST_S:
        raise UsageError(f"pulses over {duration_s:g} s cannot be made; a day is the longest.")
    count = math.floor(duration_s * PULSES_PER_S) + 1
    inside = times_s[(times_s >= 0) & (times_s <= duration_s)]
    pulses = np.minimum(np.round(inside * PULSES_PER_S).astype(np.intp), count - 1)
    newest = np.full(count, -1, np.intp)  # pulse up to each value
    newest[pulses] = pulses
    newest = np.maximum.accumulate(newest)
    values = np.exp((newest - np.arange(count)) / (PULSES_PER_S * release_s)) * (newest >= 0)
    return Envelope(values.astype(np.float32), 1 / PULSES_PER_S, duration_s)


def _share(hop_s: float, time_s: float) -> float:
    """How much of its way a value goes in one hop."""
    return 1.0 - math.exp(-hop_s / time_s) if time_s > 0 else 1.0


def _slowed(values: Floats, up: float, down: float) -> Floats:
    now, slow = 0.0, []
    for value in values.tolist():
        now += (value - now) * (up if value > now else down)
        slow.append(now)
    return np.array(slow, np.float32)
