"""The sound of a film: written beside its frames, and exactly as long."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from av import AudioStream
    from av.container import OutputContainer

RATE = 48_000  # samples a second; what every codec of films takes
LOSSY_BIT_RATE = 192_000  # a second

Samples: TypeAlias = npt.NDArray[np.float32]  # [2, N], -1..1
Blocks: TypeAlias = Iterator[Samples]  # at RATE


class SoundWriter:
    """Blocks of samples on their way into a container. Where they end early, there is silence."""

    def __init__(self, container: OutputContainer, codec: str, blocks: Blocks) -> None:
        """Raises what PyAV raises where the codec is missing."""
        from av import AudioStream

        stream = container.add_stream(codec, rate=RATE)
        assert isinstance(stream, AudioStream)
        stream.codec_context.layout = "stereo"
        if not codec.startswith(("pcm", "flac")):
            stream.codec_context.bit_rate = LOSSY_BIT_RATE
        self._container, self._stream, self._blocks = container, stream, blocks
        self._left: Samples = np.zeros((2, 0), np.float32)  # of the newest block
        self._written = 0  # samples

    @property
    def open_now(self) -> AudioStream:
        """The stream, with its codec open."""
        self._stream.codec_context.open()
        return self._stream

    def write_until(self, time_s: Fraction) -> None:
        """Write what is heard before a time. Raises OSError, and what the blocks raise."""
        while (missing := round(time_s * RATE) - self._written) > 0:
            if not self._left.shape[1]:
                self._left = next(self._blocks, np.zeros((2, missing), np.float32))
                continue
            part, self._left = self._left[:, :missing], self._left[:, missing:]
            self._encode(part)

    def close(self) -> None:
        """Write what the encoder still holds."""
        self._container.mux(self._stream.encode(None))

    def _encode(self, samples: Samples) -> None:
        from av import AudioFrame

        frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._written, Fraction(1, RATE)
        self._container.mux(self._stream.encode(frame))
        self._written += samples.shape[1]
