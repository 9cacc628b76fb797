"""H.264 in MP4 through PyAV: playable up to its last fragment even if the program is killed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from PIL import Image

from core.base.errors import CaptureError
from visualizer.output.capture import over_black
from visualizer.toolkit.pixels import Pixels

if TYPE_CHECKING:
    from av import VideoCodecContext, VideoStream
    from av.container import OutputContainer

BITS_PER_PIXEL = 0.5  # for encoders without a constant quality
BT_709 = 1  # FFmpeg's number of it for primaries, transfer and matrix
LIMITED_RANGE = 1  # 16..235, what players expect

# Fragments while it is written; `hybrid_fragmented` turns them into a plain, seekable MP4 when it is closed.
# What a crash can cost is the duration of a fragment and the frames that the encoder holds back.
MUXER = {
    "movflags": "frag_keyframe+empty_moov+default_base_moof+hybrid_fragmented",
    "frag_duration": "50000",  # microseconds
}
TITLE = "StyleGAN visualizer"


@dataclass(frozen=True)
class Encoder:
    """An encoder of FFmpeg, and its options."""

    name: str
    options: tuple[tuple[str, str], ...] = ()


# In order of preference. 1024² on 2 cores: libx264 veryfast 53 frames/s, mpeg4 200, but larger and less sharp.
# libx264 by default looks 10 frames ahead, which are lost in a crash; with 4 and crf 17 files are as small and as sharp
# as with 10 and 18.
ENCODERS = (
    Encoder("libx264", (("preset", "veryfast"), ("crf", "17"), ("rc-lookahead", "4"))),
    Encoder("libopenh264"),
    Encoder("h264_videotoolbox"),
    Encoder("h264_mf"),
    Encoder("mpeg4"),
)


class Video:
    """One file that frames are written to, all of the size of the first."""

    def __init__(
        self, file: BinaryIO, size: tuple[int, int], fps: int, *, text: str = "", encoders: Sequence[Encoder] = ENCODERS
    ) -> None:
        """Takes over `file`, also if it raises OSError or CaptureError. size: width and height."""
        self.frames = 0
        self.note = ""
        self._sink = _Sink(file)
        self._size = size
        try:
            self._container, self._stream = self._open(encoders, fps)
            self._container.metadata["title"] = TITLE
            if text:
                self._container.metadata["comment"] = text
            with self._sink.told():
                self._container.start_encoding()  # writes the header: a full disk shows now, not later
        except BaseException:
            file.close()
            raise

    @property
    def bytes_written(self) -> int:
        return self._sink.size

    def write(self, index: int, pixels: Pixels) -> None:
        """Frame `index` of the video; they come in order, and a missing one shows the one before it. Raises OSError."""
        from av import VideoFrame

        rgb = even(fitted(in_colour(pixels), self._size))
        frame = VideoFrame.from_ndarray(rgb, format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace=BT_709, dst_color_range=LIMITED_RANGE)
        frame.pts = index
        with self._sink.told():
            self._container.mux(self._stream.encode(frame))
        self.frames += 1

    def close(self) -> None:
        """Write what the encoder still holds, and the index. Raises OSError."""
        try:
            with self._sink.told(), self._container:  # which closes it
                if self.frames:
                    self._container.mux(self._stream.encode(None))
        finally:
            self._sink.close()

    def _open(self, encoders: Sequence[Encoder], fps: int) -> tuple[OutputContainer, VideoStream]:
        # Loading FFmpeg takes some tenths of a second, which the start of the program need not wait for.
        import av

        reasons = []
        for encoder in encoders:
            container = av.open(self._sink, "w", format="mp4", container_options=MUXER)
            try:
                stream = container.add_stream(encoder.name, rate=fps, options=dict(encoder.options))
                assert isinstance(stream, av.VideoStream)
                self._set_up(stream.codec_context, encoder, fps)
            except (av.FFmpegError, ValueError) as error:  # this build has not got it, or it refuses such pictures
                reasons.append(f"{encoder.name}: {error}")
                container.close()
                continue
            if reasons:
                self.note = f"recorded with {encoder.name}, as {encoders[0].name} does not work here"
            return container, stream
        tried = "; ".join(reasons) or "none was tried"
        raise CaptureError(f"no video encoder works here ({tried}); install another build of PyAV")

    def _set_up(self, context: VideoCodecContext, encoder: Encoder, fps: int) -> None:
        width, height = self._size
        context.width, context.height = width + width % 2, height + height % 2
        context.pix_fmt = "yuv420p"
        context.gop_size = fps
        context.max_b_frames = 0  # they would start the video late by two frames, as fragments have no edit list
        context.color_primaries = context.color_trc = context.colorspace = BT_709
        context.color_range = LIMITED_RANGE
        if "crf" not in dict(encoder.options):
            context.bit_rate = int(width * height * fps * BITS_PER_PIXEL)
        context.open()


class _Sink:
    """A file as PyAV writes to it: every write reaches the system at once, so that it survives this process."""

    def __init__(self, file: BinaryIO) -> None:
        self.size = 0  # bytes
        self._file = file
        self._error: OSError | None = None

    @contextmanager
    def told(self) -> Iterator[None]:
        """Around calls that write: raises what the file raised, of which PyAV may tell no more than that it did."""
        try:
            yield
        except Exception:
            if self._error is not None:
                raise self._error from None
            raise

    def write(self, data: bytes) -> int:
        if self._error is not None:  # what is there can be played; an index that is half written would spoil it
            raise self._error
        try:
            self._file.write(data)
            self._file.flush()
        except OSError as error:
            self._error = error
            raise
        self.size = max(self.size, self._file.tell())
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        with self.told():
            self._file.close()


# ----------------------------------------------------------------------------
# Pictures for an encoder.


def in_colour(pixels: Pixels) -> Pixels:
    """Any picture as [H, W, 3]; alpha over black."""
    opaque = over_black(pixels)
    return np.repeat(opaque, 3, axis=2) if opaque.shape[2] == 1 else opaque


def fitted(rgb: Pixels, size: tuple[int, int]) -> Pixels:
    """The picture as large as fits into (width, height), with black around it."""
    height, width = rgb.shape[:2]
    if (width, height) == size:
        return rgb
    scale = min(size[0] / width, size[1] / height)
    inner = max(round(width * scale), 1), max(round(height * scale), 1)
    canvas = Image.new("RGB", size)
    picture = Image.fromarray(np.ascontiguousarray(rgb)).resize(inner, Image.Resampling.BICUBIC)
    canvas.paste(picture, ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2))
    return np.asarray(canvas)


def even(rgb: Pixels) -> Pixels:
    """With its last row and column repeated where a side is odd: colour is stored at half the resolution."""
    height, width = rgb.shape[:2]
    return np.ascontiguousarray(np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge"))
