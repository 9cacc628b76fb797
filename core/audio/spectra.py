"""Short spectra of a sound, one every hundredth of a second."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from core.audio.sound import Sound
from core.base.progress import Progress

WINDOW_S = 0.0465  # 1024 samples at 22,050 a second
HOPS = 100  # a second, about
AT_ONCE = 2048  # spectra

Floats = npt.NDArray[np.float32]


class Spectra:
    """Where the spectra of a sound lie, and how fine they are."""

    def __init__(self, sound: Sound) -> None:
        self._samples = sound.samples
        self.window = 2 ** round(np.log2(WINDOW_S * sound.rate))  # samples
        self.hop = max(1, sound.rate // HOPS)  # samples
        self.hop_s = self.hop / sound.rate
        self.count = len(sound.samples) // self.hop + 1
        self.bin_hz = sound.rate / self.window

    def magnitudes(self, progress: Progress, stage: str) -> Iterator[Floats]:
        """[M, window // 2 + 1] each, of M moments that follow each other, the first around the first sample.

        A sine at full scale has 0.5.
        """
        taper = np.hanning(self.window + 1)[:-1]
        taper = (taper / taper.sum()).astype(np.float32)
        half = self.window // 2
        for first in range(0, self.count, AT_ONCE):
            progress(stage, first, self.count, "moments")
            last = min(first + AT_ONCE, self.count)
            begin, end = first * self.hop - half, (last - 1) * self.hop + half
            piece = self._samples[max(0, begin) : end]
            piece = np.pad(piece, (max(0, -begin), end - max(0, begin) - len(piece)))
            views = np.lib.stride_tricks.sliding_window_view(piece, self.window)[:: self.hop]
            yield np.abs(np.fft.rfft(views * taper)).astype(np.float32, copy=False)
        progress(stage, self.count, self.count, "moments")
