"""From one rate to another, block by block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from core.audio.channels import Samples

if TYPE_CHECKING:
    from av import AudioFrame

LAYOUTS = {1: "mono", 2: "stereo"}


def resampled(blocks: Iterable[Samples], original: int, rate: int) -> Iterator[Samples]:
    """Blocks of one or two channels at another rate, float32 [C, M] each, M may be 0. blocks: [C, N]

    original, rate: samples a second. The first sample stays where it is, and N samples in all become
    round(N * rate / original).
    """
    if original == rate:
        yield from blocks
        return
    import av

    resampler = av.AudioResampler(format="fltp", rate=rate)
    taken = given = channels = 0
    for block in blocks:
        channels = len(block)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), "fltp", LAYOUTS[channels])
        frame.sample_rate = original
        frame.pts, frame.time_base = taken, Fraction(1, original)
        taken += block.shape[1]
        for part in resampler.resample(frame):
            given += part.samples
            yield _values(part)
    left = round(Fraction(taken * rate, original)) - given
    for part in resampler.resample(None) if taken else ():
        yield _values(part)[:, :left]
        left -= min(left, part.samples)
    if left:
        yield np.zeros((channels, left), np.float32)


def _values(frame: AudioFrame) -> Samples:
    return frame.to_ndarray().astype(np.float32, copy=False)
