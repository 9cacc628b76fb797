"""One quality from 0 to 1 in the words of each encoder, and about how many bytes a film will have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from core.video.formats import CODINGS, Coding, Encoder, Format

QUALITY = 0.5  # to the eye like the original; H.264 at crf 18
MIDDLE_BITS = 0.5  # a pixel at quality 0.5, for encoders without a constant quality
SOUND_BITS = {".mp4": 192_000, ".webm": 160_000, ".mkv": 900_000, ".mov": 1_536_000}  # a second


def tuned(coding: Coding, encoder: Encoder, quality: float) -> Encoder:
    """An encoder with the options of a quality."""
    if encoder.crf is not None:
        worst, best = encoder.crf
        return replace(encoder, options=(*encoder.options, ("crf", f"{worst + (best - worst) * quality:g}")))
    if encoder.name == CODINGS[Format.WEBP].encoders[0].name:
        lossless = quality >= 1
        level = ("compression_level", "2") if lossless else ("quality", f"{100 * quality:g}")
        return replace(encoder, options=(*encoder.options, ("lossless", str(int(lossless))), level))
    return encoder


def bit_rate(width: int, height: int, fps: float, quality: float) -> int:
    """Bits a second, where an encoder has no constant quality."""
    return int(width * height * fps * MIDDLE_BITS * 16 ** (quality - 0.5))


def colours(quality: float) -> int:
    """Of a GIF: 32 to 256, which it has from quality 0.5 on."""
    return min(int(32 * 64**quality), 256)


# ----------------------------------------------------------------------------
# How large a film will be.

# Bits a pixel at qualities 0, 0.25, 0.5, 0.75 and 1, or at any. Measured: a walk through seeds of the demo portraits,
# 128 pixels, 30 frames a second, a second from one to the next.
BITS: Mapping[Format, tuple[float, ...]] = {
    Format.H264: (0.097, 0.15, 0.33, 0.85, 2.2),
    Format.H264_444: (0.13, 0.21, 0.44, 0.99, 2.5),
    Format.H264_RGB: (6.1,),
    Format.H265: (0.088, 0.12, 0.28, 0.71, 1.6),
    Format.AV1: (0.089, 0.12, 0.18, 0.29, 0.91),
    Format.VP9: (0.044, 0.095, 0.2, 0.37, 1),
    Format.PRORES: (5.8,),
    Format.PRORES_4444: (8.3,),
    Format.FFV1: (7.6,),
    Format.GIF: (2.5, 3.4, 4.6, 4.6, 4.6),
    Format.WEBP: (0.06, 0.19, 0.32, 0.55, 2.6),
    Format.APNG: (10,),
    Format.PNG: (10,),
}
LOSSLESS_WEBP = (8.3,)


def estimated_bytes(
    kind: Format, quality: float, size: tuple[int, int], frames: int, *, sound_s: float = 0.0, suffix: str = ""
) -> float:
    """About how many bytes a film will have, by a table of measured ones: pictures of other kinds may take half of
    that, or twice."""
    table = BITS[kind] if kind is not Format.WEBP or quality < 1 else LOSSLESS_WEBP
    place = min(max(quality, 0.0), 1.0) * (len(table) - 1)
    below = min(int(place), len(table) - 2) if len(table) > 1 else 0
    bits = table[below]
    if len(table) > 1:
        bits *= (table[below + 1] / bits) ** (place - below)
    sound = sound_s * SOUND_BITS.get(suffix or CODINGS[kind].suffixes[0], 0)
    return (bits * size[0] * size[1] * frames + sound) / 8
