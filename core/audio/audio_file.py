"""The sound of a file as stereo float32, through PyAV, which opens nothing but the file itself, whatever that names."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

import numpy as np

from core.audio.channels import Samples, as_stereo
from core.base.errors import UsageError
from core.base.reading import check_ordinary, open_ordinary
from core.base.text import plural, shown

if TYPE_CHECKING:
    from av import AudioFrame, AudioStream, Packet
    from av.container import InputContainer

SLOWEST, FASTEST = 1000, 768_000  # samples a second
BLOCK = 2**16  # samples, about; short frames are put together
PREROLL_S = 1.0  # what a decoder hears first after a jump, until it is in step
MOST_DAMAGED = 1000  # places, after which nothing more is expected
LONGEST_PACKET = 2**16  # samples of silence in place of one that is damaged
LONGEST_GAP_S = 60  # of silence where packets are missing

GUESSING = ("mp3", "aac", "ac3", "eac3")  # kinds without a length, which is estimated from the first frames

# Playlists and the like are files, too. Of what they name, nothing is opened: no other file, and no address.
OPTIONS = {"protocol_whitelist": "none"}


class AudioFile:
    """The best audio track of a file, open until `close` or the end of a `with`."""

    def __init__(self, path: Path) -> None:
        """Raises UsageError if nothing can be heard in it."""
        self.path = path
        self.name = shown(path.name or path, 100)
        self.size = check_ordinary(path)  # bytes
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._container.close()
        self._file.close()

    @property
    def place(self) -> int:
        """How many bytes have been read, about."""
        return min(self._file.tell(), self.size)

    def blocks(self, start: int = 0) -> Iterator[Samples]:
        """From a sample on to the end, float32 [2, N] each, N > 0. Nothing if there is less. Once for each open file.

        What is no number is 0, and what is damaged is silent.
        """
        position, frames = self._from(start)
        parts: list[Samples] = []
        have = 0
        for part in frames:
            part, position = part[:, max(0, start - position) :], position + part.shape[1]
            if part.shape[1]:
                parts.append(part)
                have += part.shape[1]
            if have >= BLOCK:
                yield np.concatenate(parts, axis=1)
                parts, have = [], 0
        if have:
            yield np.concatenate(parts, axis=1)

    def declared_s(self) -> float:
        """How long the file says that it is; 0 if it does not, or only guesses."""
        length, unit = self._stream.duration, self._stream.time_base
        if length is None or unit is None or self._container.format.name in GUESSING:
            return 0.0
        return float(length * unit)

    # ------------------------------------------------------------------------
    # Opening.

    def _open(self) -> None:
        import av  # loading FFmpeg takes some tenths of a second

        self.damaged = 0  # places that are missing or could not be decoded, and are silent
        self.note = ""  # why the sound ends early
        try:
            self._file = open_ordinary(self.path)
        except OSError as error:
            raise UsageError(f"{self.name} cannot be read: {error.strerror or error}; check it, or copy it.") from error
        try:
            container = av.open(_Nameless(self._file), "r", metadata_errors="replace", container_options=OPTIONS)
        except (av.FFmpegError, OSError, ValueError) as error:
            self._file.close()
            raise UsageError(
                f"{self.name} cannot be read as sound: it is of no known kind, or it ends too early; use a WAV, FLAC, "
                "MP3, M4A or OGG file, or a video with sound."
            ) from error
        self._container: InputContainer = container
        try:
            self._stream = self._track()
            self._frames = self._decoded()
            self._first = self._first_frame()
        except BaseException:
            self.close()
            raise

    def _track(self) -> AudioStream:
        tracks = self._container.streams.audio
        if not tracks:
            raise UsageError(f"{self.name} holds no sound; choose a file that does.")
        stream = self._container.streams.best("audio") or tracks[0]
        track = next(track for track in tracks if track.index == stream.index)
        if track.codec_context is None:
            raise UsageError(f"The sound of {self.name} is in a format that cannot be decoded; save it as WAV or FLAC.")
        return track

    def _first_frame(self) -> AudioFrame:
        first = next((frame for frame in self._frames if not isinstance(frame, int)), None)
        if first is None:
            raise UsageError(f"{self.name} has no samples that can be decoded; save the sound anew.")
        self.rate: int = first.sample_rate
        self.channels: int = len(first.layout.channels)
        if not SLOWEST <= self.rate <= FASTEST:
            raise UsageError(
                f"{self.name} says that it has {self.rate:,} samples a second, and {SLOWEST:,} to {FASTEST:,} can be "
                "read; save the sound anew."
            )
        return first

    # ------------------------------------------------------------------------
    # Decoding.

    def _from(self, start: int) -> tuple[int, Iterator[Samples]]:
        """A place at or before `start`, and the samples from there."""
        goal = start - round(PREROLL_S * self.rate)
        if goal > self.rate:
            found = self._jump(goal)
            if found is not None and found[0] <= start:
                return found[0], self._stereo(*found)
            self.close()
            self._open()
        return 0, self._stereo(0, chain([self._first], self._frames))

    def _jump(self, sample: int) -> tuple[int, Iterator[AudioFrame | int]] | None:
        """To about a sample: the one that comes next, and the frames from there. None if nobody knows where that is."""
        import av

        unit, origin = self._stream.time_base, self._first.pts
        if unit is None or origin is None:
            return None
        try:
            self._container.seek(origin + int(sample / (unit * self.rate)), stream=self._stream)
        except (av.FFmpegError, OSError, ValueError, OverflowError):
            return None
        self._frames = self._decoded()
        landed = next(self._frames, None)
        if landed is None or isinstance(landed, int):
            return None
        place = self._place(landed)
        return None if place is None else (place, chain([landed], self._frames))

    def _place(self, frame: AudioFrame) -> int | None:
        """Which sample of the file a frame begins with; None if its time does not tell exactly, as in Matroska."""
        unit, origin = self._stream.time_base, self._first.pts
        if unit is None or origin is None or frame.pts is None or (1 / (unit * self.rate)).denominator != 1:
            return None
        place = (frame.pts - origin) * unit * self.rate
        return int(place) if place >= 0 and place.denominator == 1 else None

    def _stereo(self, position: int, frames: Iterator[AudioFrame | int]) -> Iterator[Samples]:
        """position: the sample that comes first."""
        for frame in frames:
            if isinstance(frame, int):
                part = np.zeros((2, frame), np.float32)
            elif frame.sample_rate == self.rate:
                missing = (self._place(frame) or position) - position
                if 0 < missing <= LONGEST_GAP_S * self.rate:
                    self.damaged += 1
                    yield np.zeros((2, missing), np.float32)
                    position += missing
                part = as_stereo(frame, self.name)
            else:
                self.note = f"{self.name} changes its rate after {position / self.rate:.1f} s; the rest is left out"
                return
            yield part
            position += part.shape[1]

    def _decoded(self) -> Iterator[AudioFrame | int]:
        """Frames, and for what is damaged how many samples are missing."""
        import av

        packets = self._container.demux(self._stream)
        while self.damaged < MOST_DAMAGED:
            try:
                packet = next(packets, None)
            except (av.FFmpegError, OSError, ValueError):
                self.note = f"{self.name} cannot be read to its end; what is there is used"
                packet = None
            try:
                if packet is None:
                    yield from self._stream.codec_context.decode(None)
                    return
                yield from packet.decode()
            except av.EOFError:
                return
            except (av.FFmpegError, ValueError):
                if packet is None:
                    return
                self.damaged += 1
                if missing := self._length(packet):
                    yield missing

    def _length(self, packet: Packet[AudioStream]) -> int:
        """Of a packet, in samples; 0 if it does not tell."""
        if not packet.duration or packet.time_base is None:
            return 0
        rate = self._stream.codec_context.sample_rate
        return max(0, min(LONGEST_PACKET, round(packet.duration * packet.time_base * rate)))


class _Nameless:
    """A file as PyAV reads it. By a name, kinds of files would be guessed that open others."""

    def __init__(self, file: BinaryIO) -> None:
        self.read, self.seek, self.tell = file.read, file.seek, file.tell


def damage(file: AudioFile) -> tuple[str, ...]:
    """What is wrong with a file that was read, as sentences without a full stop."""
    notes = [file.note] if file.note else []
    if file.damaged:
        notes.append(f"{file.name} is damaged in {plural(file.damaged, 'place')}, where it is silent")
    return tuple(notes)
