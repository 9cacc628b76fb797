"""Sounds that are known, as files of all kinds and as they are."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from core.audio import ANALYSIS_RATE, Sound

Samples = npt.NDArray[np.float32]
Times = npt.NDArray[np.float64]

# Name, encoder, and whether it gives back what it was given.
KINDS = (
    ("sound.wav", "pcm_s16le", True),
    ("float.wav", "pcm_f32le", True),
    ("sound.flac", "flac", True),
    ("apple.m4a", "alac", True),
    ("sound.mp3", "libmp3lame", False),
    ("sound.m4a", "aac", False),
    ("bare.aac", "aac", False),
    ("sound.ogg", "libopus", False),
    ("sound.mkv", "aac", False),
    ("sound.ts", "aac", False),
)


def sweep(seconds: float, rate: int, channels: int = 2) -> Samples:
    """Tones that rise all the time, so that each place is known by its samples. [channels, N]"""
    t = np.arange(round(seconds * rate)) / rate
    low = np.arange(1, channels + 1)[:, None] * 100.0
    return (0.4 * np.sin(2 * np.pi * (low * t + 40 * t**2))).astype(np.float32)


def write(path: Path, codec: str, samples: Samples, rate: int, layout: str = "stereo", *, video: bool = False) -> Path:
    """A file of the kind that its name says. samples: [channels, N]"""
    with av.open(path, "w") as container:
        streams: list[tuple[Any, list[Any]]] = []
        if video:
            picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))
            picture.pts, picture.time_base = 0, Fraction(1, 10)
            streams.append((container.add_stream("mpeg4", rate=10, width=32, height=32), [picture]))
        if samples.size or not video:
            stream = container.add_stream(codec, rate=rate, layout=layout)
            streams.append((stream, _frames(stream.codec_context, samples, rate, layout)))
        for stream, frames in streams:
            for packet in (packet for frame in [*frames, None] for packet in stream.encode(frame)):
                container.mux(packet)
    return path


def _frames(context: Any, samples: Samples, rate: int, layout: str) -> list[Any]:
    """As an encoder takes them."""
    context.open()
    resampler = av.AudioResampler(context.format, context.layout, rate, context.frame_size or None)
    if not samples.size:
        return []
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", layout)
    frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
    return [*resampler.resample(frame), *resampler.resample(None)]


def heard(samples: npt.NDArray[np.float64], rate: int = ANALYSIS_RATE) -> Sound:
    """Samples as a sound that was read. [N]"""
    return Sound(Path("heard.wav"), samples.astype(np.float32), rate, len(samples) / rate, 1, rate, "")


# ----------------------------------------------------------------------------
# Music of drums.


def drum(kind: str, random: np.random.Generator) -> npt.NDArray[np.float64]:
    """One stroke, at ANALYSIS_RATE."""
    t = np.arange(ANALYSIS_RATE // 4) / ANALYSIS_RATE
    noise = random.standard_normal(len(t))
    match kind:
        case "kick":
            return 0.9 * np.sin(2 * np.pi * (50 * t + 2.4 * (1 - np.exp(-t / 0.03)))) * np.exp(-t / 0.09)
        case "snare":
            return (0.5 * noise + 0.3 * np.sin(2 * np.pi * 190 * t)) * np.exp(-t / 0.05)
        case "hat":
            return 0.15 * np.diff(noise, prepend=0) * np.exp(-t / 0.02)
        case _:
            return 0.8 * np.sin(2 * np.pi * 1500 * t) * np.exp(-t / 0.01)


# What sounds on each half of a beat, bar by bar.
PATTERNS = {
    "metronome": ("click", ""),
    "house": ("kick", "hat", "kick snare", "hat"),
    "rock": ("kick hat", "hat", "snare hat", "hat", "kick hat", "hat kick", "snare hat", "hat"),
}


def music(bpm: float, pattern: str, seconds: float = 16, seed: int = 0) -> tuple[Sound, Times, Times]:
    """Drums over chords and noise, and when its strokes and its beats are."""
    random = np.random.default_rng(seed)
    samples = 0.01 * random.standard_normal(round(seconds * ANALYSIS_RATE))
    half, begin = 30 / bpm, 0.37
    t = np.arange(len(samples)) / ANALYSIS_RATE
    for tone in (110, 165, 220):
        samples += 0.05 * np.sin(2 * np.pi * tone * t) * np.minimum(1, t)
    strokes = []
    moments = np.arange(begin, seconds - 0.3, half)
    for number, moment in enumerate(moments):
        kinds = PATTERNS[pattern][number % len(PATTERNS[pattern])].split()
        place = round(moment * ANALYSIS_RATE)
        for kind in kinds:
            stroke = drum(kind, random)[: len(samples) - place]
            samples[place : place + len(stroke)] += stroke
        strokes += [moment] if kinds else []
    return heard(samples), np.array(strokes), moments[::2]


def f_measure(found: Times, true: Times, within_s: float = 0.05) -> float:
    """How well moments are found, 0 to 1; each counts once."""
    left = list(true)
    hits = 0
    for moment in found:
        nearest = min(left, key=lambda other: abs(other - moment), default=None)
        if nearest is not None and abs(nearest - moment) <= within_s:
            left.remove(nearest)
            hits += 1
    return 2 * hits / (len(found) + len(true))
