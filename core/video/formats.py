"""The formats of films, and how each is encoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.base.errors import UsageError


class Format(StrEnum):
    """What a film is written as."""

    H264 = "h264"
    H264_444 = "h264-444"
    H264_RGB = "h264-rgb"
    H265 = "h265"
    AV1 = "av1"
    VP9 = "vp9"
    PRORES = "prores"
    PRORES_4444 = "prores-4444"
    FFV1 = "ffv1"
    GIF = "gif"
    WEBP = "webp"
    APNG = "apng"
    PNG = "png"


@dataclass(frozen=True)
class Encoder:
    """An encoder of FFmpeg, and its options."""

    name: str
    options: tuple[tuple[str, str], ...] = ()
    crf: tuple[float, float] | None = None  # at quality 0 and at 1; None: it has no constant quality


@dataclass(frozen=True)
class Layout:
    """How pixels are stored."""

    pixels: str  # FFmpeg's name
    with_alpha: str = ""  # likewise, of pictures with alpha; "": it is laid over black
    step: tuple[int, int] = (1, 1)  # width and height are whole multiples of these
    rgb: bool = False  # red, green and blue as they are, in full range


@dataclass(frozen=True)
class Coding:
    """How a format is encoded."""

    label: str
    tip: str
    suffixes: tuple[str, ...]  # of its files, the usual one first; the container follows from it
    encoders: tuple[Encoder, ...] = ()  # in order of preference; none: it needs none of FFmpeg
    layout: Layout = Layout("rgb24", rgb=True)
    lossless: bool = False  # frames come back to the bit
    least: int = 1  # pixels along an edge
    fixed: str = ""  # why there is no quality to choose; "": there is

    @property
    def has_sound(self) -> bool:
        return self.suffixes[0] in SOUND


YUV_420 = Layout("yuv420p", step=(2, 2))
YUV_420_10 = Layout("yuv420p10le", step=(2, 2))
LOSSLESS = "Lossless: every pixel comes back as it was."
BY_PROFILE = "This profile has a quality of its own."

OTHER_H264 = tuple(Encoder(name) for name in ("libopenh264", "h264_videotoolbox", "h264_mf", "mpeg4"))

# 1024² on 2 cores: libx264 medium 21 frames/s, veryfast 53, mpeg4 200, but larger and less sharp. libx264 looks 10 to
# 40 frames ahead by default, which are lost in a crash; with fewer, files are as small and as sharp.
H264_ENCODERS = (Encoder("libx264", (("preset", "medium"), ("rc-lookahead", "8")), crf=(35, 1)), *OTHER_H264)
LIVE_ENCODERS = (Encoder("libx264", (("preset", "veryfast"), ("rc-lookahead", "4")), crf=(35, 1)), *OTHER_H264)
LIVE_QUALITY = 0.53  # crf 17

# Quality 1 stops short of crf 0, which in 4:2:0 is a profile that hardly any player knows.
CODINGS: Mapping[Format, Coding] = {
    Format.H264: Coding(
        "H.264", "Plays everywhere; colour at half the resolution (4:2:0)", (".mp4", ".mkv"), H264_ENCODERS, YUV_420),
    Format.H264_444: Coding(
        "H.264 4:4:4", "Colour at full resolution; fewer players", (".mp4", ".mkv"),
        (Encoder("libx264", (("preset", "medium"), ("rc-lookahead", "8")), crf=(30, 1)),), Layout("yuv444p")),
    Format.H264_RGB: Coding(
        "H.264 RGB", "Lossless, to the bit; few players", (".mkv", ".mp4"),
        (Encoder("libx264rgb", (("preset", "medium"), ("crf", "0"), ("rc-lookahead", "8"))),),
        Layout("rgb24", rgb=True), lossless=True, fixed=LOSSLESS),
    Format.H265: Coding(
        "H.265", "Smaller than H.264, 10 bits; newer players", (".mp4", ".mkv"),
        (Encoder("libx265", (("preset", "medium"), ("x265-params", "log-level=error:rc-lookahead=10")), crf=(40, 2)),
         Encoder("hevc_videotoolbox")), YUV_420_10, least=64),  # libx265 4.1 writes beyond its memory below that
    Format.AV1: Coding(
        "AV1", "The smallest, 10 bits; new players and browsers", (".mp4", ".webm", ".mkv"),
        (Encoder("libsvtav1", (("preset", "8"),), crf=(50, 4)),), YUV_420_10),
    Format.VP9: Coding(
        "VP9", "For browsers", (".webm", ".mkv"),
        (Encoder("libvpx-vp9", (("b", "0"), ("deadline", "good"), ("cpu-used", "4"), ("row-mt", "1"),
                                ("lag-in-frames", "12")), crf=(50, 4)),),
        Layout("yuv420p", "yuva420p", (2, 2))),
    Format.PRORES: Coding(
        "ProRes 422 HQ", "For video editors; large", (".mov",),
        (Encoder("prores_ks", (("profile", "3"), ("vendor", "apl0"))),), Layout("yuv422p10le", step=(2, 1)),
        fixed=BY_PROFILE),
    Format.PRORES_4444: Coding(
        "ProRes 4444", "For video editors, colour at full resolution; larger", (".mov",),
        (Encoder("prores_ks", (("profile", "4"), ("vendor", "apl0"))),), Layout("yuv444p10le", "yuva444p10le"),
        fixed=BY_PROFILE),
    Format.FFV1: Coding(
        "FFV1", "Lossless, to the bit; for archives and editors", (".mkv",),
        (Encoder("ffv1", (("level", "3"), ("slices", "4"), ("slicecrc", "1"))),), Layout("bgr0", "bgra", rgb=True),
        lossless=True, fixed=LOSSLESS),
    Format.GIF: Coding(
        "GIF", "256 colours, a frame lasts whole hundredths of a second; plays everywhere", (".gif",)),
    Format.WEBP: Coding(
        "WebP", "For browsers; lossless at quality 1", (".webp",),
        (Encoder("libwebp_anim"),), Layout("bgra", "bgra", rgb=True)),
    Format.APNG: Coding(
        "APNG", "Lossless, to the bit; for browsers", (".apng",),
        (Encoder("apng", (("pred", "mixed"),)),), Layout("rgb24", "rgba", rgb=True), lossless=True, fixed=LOSSLESS),
    Format.PNG: Coding(
        "PNG pictures", "One file a frame, lossless, each with its settings inside; can be gone on with", ("",),
        lossless=True, fixed=LOSSLESS),
}  # fmt: skip

CONTAINERS = {
    ".mp4": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm", ".webp": "webp", ".apng": "apng",
}  # fmt: skip
SOUND = {".mp4": "aac", ".mov": "pcm_s16le", ".mkv": "flac", ".webm": "libopus"}
SUFFIXES = tuple(dict.fromkeys(suffix for coding in CODINGS.values() for suffix in coding.suffixes if suffix))
FIRST_CHOICES = {".mkv": Format.FFV1, ".webm": Format.VP9}  # where the order of the formats does not say


def format_of(suffix: str) -> Format:
    """The format that is meant where only the ending of a name is given. Raises UsageError."""
    suffix = suffix.lower()
    if suffix in FIRST_CHOICES:
        return FIRST_CHOICES[suffix]
    for kind, coding in CODINGS.items():
        if suffix in coding.suffixes:
            return kind
    raise UsageError(f"'{suffix}' is no ending of films; use one of {', '.join(SUFFIXES)}.")
