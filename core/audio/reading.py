"""A stretch of a file's sound, exact to the sample, for whoever puts it beside pictures."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from core.audio.audio_file import BLOCK, AudioFile, check_rate
from core.audio.channels import Samples
from core.audio.resampling import resampled
from core.base.errors import UsageError

LONGEST_S = 24 * 3600.0  # that is read at once
# Endings of files that have a sound, alone or with a film.
SOUND_FILES = frozenset({".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".wma", ".mp4",
                         ".mkv", ".mov", ".webm"})  # fmt: skip


def read_blocks(path: Path, start_s: float, end_s: float, *, rate: int | None = None) -> Iterator[Samples]:
    """Stereo float32 [2, N] blocks from one time to another, round((end_s - start_s) * rate) samples in all.

    Before and behind the sound there is silence. rate: samples a second; None: those of the file. Raises UsageError,
    also while it is read.
    """
    if not (abs(start_s) <= LONGEST_S and 0 <= end_s - start_s <= LONGEST_S):  # neither is true of NaN
        raise UsageError(f"sound from {start_s:g} s to {end_s:g} s cannot be read; its end has to follow its start.")
    if rate is not None:
        check_rate(rate)
    return _exactly(path, start_s, end_s, rate)


def _exactly(path: Path, start_s: float, end_s: float, rate: int | None) -> Iterator[Samples]:
    with AudioFile(path) as file:
        wanted = rate or file.rate
        left = round((end_s - start_s) * wanted)
        for block in chain(_from(file, round(start_s * wanted), wanted), _silence(left)):
            if left <= 0:
                return
            yield block[:, :left]
            left -= min(left, block.shape[1])


def _from(file: AudioFile, start: int, rate: int) -> Iterator[Samples]:
    """From a sample on to the end of the file, at a rate that the sample is counted at."""
    yield from _silence(-start)
    # Whole seconds are samples of both rates, and in one the filter of the resampler has passed its beginning.
    begin_s = max(0, start // rate - 1)
    skip = max(0, start) - begin_s * rate
    for block in resampled(file.blocks(begin_s * file.rate), file.rate, rate):
        if block.shape[1] > skip:
            yield block[:, skip:]
        skip = max(0, skip - block.shape[1])


def _silence(samples: int) -> Iterator[Samples]:
    for done in range(0, samples, BLOCK):
        yield np.zeros((2, min(BLOCK, samples - done)), np.float32)
