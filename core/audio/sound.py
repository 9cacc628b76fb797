"""A piece of sound for analysis: one channel of float32, whatever the file has."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from core.audio.audio_file import AudioFile, damage
from core.audio.channels import Samples
from core.audio.peaks import Peaks
from core.audio.resampling import resampled
from core.base.errors import UsageError
from core.base.progress import Progress, silent
from core.base.reading import check_ordinary, open_ordinary
from core.base.text import shown

ANALYSIS_RATE = 22_050  # samples a second, for sounds up to 11 kHz
LONGEST_S = 2 * 3600.0
CHUNK = 2**20  # bytes
EARLY_S = 1.0  # by how much a file may be shorter than it says


@dataclass(frozen=True, eq=False)
class Sound:
    """A file that was read."""

    path: Path
    samples: Samples  # [N], the mean of both ears, full scale -1 to 1, N > 0
    rate: int  # of `samples`, a second
    duration_s: float  # of what was read
    channels: int  # of the file
    original_rate: int  # of the file
    digest: str  # SHA-256 of the file
    notes: tuple[str, ...] = ()  # what is wrong with it, as sentences without a full stop

    @cached_property
    def peaks(self) -> Peaks:
        """For drawing it at any zoom. Takes 0.1 s an hour the first time."""
        return Peaks(self.samples)


def read_audio(path: Path, progress: Progress = silent, *, rate: int = ANALYSIS_RATE) -> Sound:
    """The sound of whatever PyAV reads, also of a video. rate: of the samples that are wanted, a second.

    A file that is cut short or damaged gives what is there, with a note. Raises UsageError if that is nothing, or if it
    is longer than LONGEST_S.
    """
    digest = _digest(path, progress)
    with AudioFile(path) as file:
        samples, read = _mono(file, progress, rate)
        duration_s = read / file.rate
        notes = damage(file)
        if not file.note and duration_s < file.declared_s() - EARLY_S:
            told = f"{file.declared_s():.1f} s long, and ends after {duration_s:.1f} s"
            notes += (f"{file.name} says that it is {told}; what is there is used",)
        sound = Sound(path, samples, rate, duration_s, file.channels, file.rate, digest, notes)
    _ = sound.peaks  # here, where nobody waits for a picture
    return sound


def _mono(file: AudioFile, progress: Progress, rate: int) -> tuple[Samples, int]:
    """All samples at a rate, and how many there were at the rate of the file."""
    if file.declared_s() > LONGEST_S:
        raise _too_long(file.name)
    kept, read = _Growing(), 0

    def mono() -> Iterator[Samples]:
        nonlocal read
        for block in file.blocks():
            progress("reading the sound", file.place, file.size, "bytes")
            read += block.shape[1]
            if read > LONGEST_S * file.rate:
                raise _too_long(file.name)
            yield block.mean(0, keepdims=True)

    try:
        for block in resampled(mono(), file.rate, rate):
            kept.add(block)
    except MemoryError as error:
        raise UsageError(f"{file.name} does not fit into the memory of this machine; cut it shorter.") from error
    if not kept.size:
        raise UsageError(f"{file.name} has no samples that can be decoded; save the sound anew.")
    progress("reading the sound", file.size, file.size, "bytes")
    return kept.all(), read


def _too_long(name: str) -> UsageError:
    return UsageError(f"{name} is longer than the {LONGEST_S / 3600:.0f} hours that can be read; cut it shorter.")


def _digest(path: Path, progress: Progress) -> str:
    size, read, digest = check_ordinary(path), 0, hashlib.sha256()
    try:
        with open_ordinary(path) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                read += len(chunk)
                progress("checking the sound", min(read, size), size, "bytes")
    except OSError as error:
        name = shown(path.name, 100)
        raise UsageError(f"{name} cannot be read: {error.strerror or error}; check it, or copy it.") from error
    return digest.hexdigest()


class _Growing:
    """Samples of unknown number, in little more memory than they take."""

    def __init__(self) -> None:
        self.size = 0
        self._kept = np.empty(CHUNK, np.float32)

    def add(self, block: Samples) -> None:
        """block: [1, N]"""
        end = self.size + block.shape[1]
        if end > len(self._kept):
            # In place: the system moves pages, and copies nothing.
            self._kept.resize(max(end, len(self._kept) * 5 // 4), refcheck=False)
        self._kept[self.size : end] = block[0]
        self.size = end

    def all(self) -> Samples:
        self._kept.resize(self.size, refcheck=False)
        return self._kept
