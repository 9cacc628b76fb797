"""Films through PyAV. MP4 and Matroska can be played up to their last fragment even if the program is killed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO

from core.base.errors import CaptureError
from core.display.analysis import Pixels
from core.video.formats import CODINGS, CONTAINERS, SOUND, Encoder, Format
from core.video.pictures import fitted, in_colour, padded, with_alpha
from core.video.quality import QUALITY, bit_rate, tuned
from core.video.sink import Sink
from core.video.sound import Blocks, SoundWriter

if TYPE_CHECKING:
    from av import VideoCodecContext, VideoFrame, VideoStream
    from av.container import OutputContainer

TITLE = "StyleGAN visualizer"

# FFmpeg's numbers. Players expect YUV of BT.709 within 16..235; RGB is what screens show, sRGB in full range.
BT_709, RGB, SRGB = 1, 0, 13
LIMITED_RANGE, FULL_RANGE = 1, 2

# Fragments while it is written; `hybrid_fragmented` turns them into a plain, seekable MP4 when it is closed.
# What a crash can cost is the duration of a fragment and the frames that the encoder holds back.
FRAGMENTED = {
    "movflags": "frag_keyframe+empty_moov+default_base_moof+hybrid_fragmented",
    "frag_duration": "50000",  # microseconds
}
# AAC begins before the film does; only with the header written late does it say so, and the rate stays exact.
WITH_SOUND = FRAGMENTED | {"movflags": FRAGMENTED["movflags"] + "+delay_moov"}
FRAGMENTING = ("mp4", "mov")
MUXERS = {
    **dict.fromkeys(FRAGMENTING, FRAGMENTED),
    "matroska": {"cluster_time_limit": "100"},  # milliseconds, likewise
    "webm": {"cluster_time_limit": "100"},
    "apng": {"plays": "0"},  # for ever
    "webp": {"loop": "0"},
}


class Video:
    """One file that frames are written to, all of the size of the first."""

    def __init__(
        self, file: BinaryIO, size: tuple[int, int], rate: Fraction | int, *, kind: Format = Format.H264,
        suffix: str = "", quality: float = QUALITY, alpha: bool = False, text: str = "", sound: Blocks | None = None,
        encoders: Sequence[Encoder] = (),
    ) -> None:  # fmt: skip
        """Takes over `file`, also if it raises OSError or CaptureError.

        size: width and height; rate: frames a second; suffix: of the file, which says the container; alpha: whether the
        pictures have it; text: kept in the file; sound: its samples; encoders: in place of those of the format.
        """
        self.frames = 0
        self.note = ""
        self._kind, self._coding = kind, CODINGS[kind]
        self._suffix = suffix or self._coding.suffixes[0]
        self._quality, self._size, self._rate = quality, size, Fraction(rate)
        self._layout = self._coding.layout
        self._alpha = alpha and bool(self._layout.with_alpha)
        self._pixels = self._layout.with_alpha if self._alpha else self._layout.pixels
        self._sink = Sink(file)
        self._sound: SoundWriter | None = None
        try:
            self._container, self._stream = self._open(encoders or self._coding.encoders, sound)
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
        frame = self._frame(pixels)
        frame.pts, frame.time_base = index, 1 / self._rate
        with self._sink.told():
            self._container.mux(self._stream.encode(frame))
            if self._sound is not None:
                self._sound.write_until((index + 1) / self._rate)
        self.frames += 1

    def close(self) -> None:
        """Write what the encoders still hold, and the index. Raises OSError."""
        try:
            with self._sink.told(), self._container:  # which closes it
                if self.frames:
                    self._container.mux(self._stream.encode(None))
                    if self._sound is not None:
                        self._sound.close()
        finally:
            self._sink.close()

    def _frame(self, pixels: Pixels) -> VideoFrame:
        from av import VideoFrame
        from av.video.reformatter import Interpolation

        colour = with_alpha(pixels) if self._alpha else in_colour(pixels)
        colour = padded(fitted(colour, self._size), self._layout.step)
        frame = VideoFrame.from_ndarray(colour, format="rgba" if self._alpha else "rgb24")
        if self._layout.rgb:
            return frame.reformat(format=self._pixels)
        return frame.reformat(
            format=self._pixels, dst_colorspace=BT_709, dst_color_range=LIMITED_RANGE,
            interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND,
        )  # fmt: skip

    def _open(self, encoders: Sequence[Encoder], sound: Blocks | None) -> tuple[OutputContainer, VideoStream]:
        if min(self._size) < self._coding.least:
            size = f"{self._size[0]} × {self._size[1]}"
            least = f"has at least {self._coding.least} pixels along an edge"
            raise CaptureError(f"{self._coding.label} {least}, not {size}; choose a larger size, or another format")
        # Loading FFmpeg takes some tenths of a second, which the start of the program need not wait for.
        import av

        reasons, muxer = [], CONTAINERS[self._suffix]
        options = MUXERS.get(muxer, {}) if sound is None or muxer not in FRAGMENTING else WITH_SOUND
        for encoder in encoders:
            container = av.open(self._sink, "w", format=muxer, container_options=options)
            try:
                wanted = tuned(self._coding, encoder, self._quality)
                stream = container.add_stream(wanted.name, rate=self._rate, options=dict(wanted.options))
                assert isinstance(stream, av.VideoStream)
                self._set_up(stream.codec_context, wanted)
                if sound is not None and self._suffix in SOUND:
                    self._sound = SoundWriter(container, SOUND[self._suffix], sound)
            except (av.FFmpegError, ValueError) as error:  # this build has not got it, or it refuses such pictures
                reasons.append(f"{encoder.name}: {error}")
                container.close()
                continue
            if reasons:
                self.note = f"recorded with {encoder.name}, as {encoders[0].name} does not work here"
            return container, stream
        tried = "; ".join(reasons) or "none was tried"
        raise CaptureError(f"no video encoder works here ({tried}); choose another format, or install another PyAV")

    def _set_up(self, context: VideoCodecContext, encoder: Encoder) -> None:
        width, height = self._size
        across, down = self._layout.step
        context.width, context.height = width + -width % across, height + -height % down
        context.pix_fmt = self._pixels
        context.gop_size = max(round(self._rate), 1)
        context.max_b_frames = 0  # they would start the video late by two frames, as fragments have no edit list
        context.color_primaries = BT_709
        context.color_trc = SRGB if self._layout.rgb else BT_709
        context.colorspace = RGB if self._layout.rgb else BT_709
        context.color_range = FULL_RANGE if self._layout.rgb else LIMITED_RANGE
        if encoder.crf is None and self._coding.fixed == "" and self._kind is not Format.WEBP:
            context.bit_rate = bit_rate(width, height, float(self._rate), self._quality)
        context.open()
