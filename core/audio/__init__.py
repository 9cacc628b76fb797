"""Sound files: read, drawn, listened to for rhythm and loudness, and cut out to the sample. Imports no torch."""

from .bands import ALL, BASS, MIDDLE, PRESETS, TREBLE, Band, envelope, loudness
from .envelope import Envelope, onset_envelope
from .reading import read_blocks
from .rhythm import Rhythm, beats_of, find_rhythm, steady_rhythm
from .sound import ANALYSIS_RATE, Sound, read_audio
from .taps import Taps
from .waveform import waveform

__all__ = [
    "ALL",
    "ANALYSIS_RATE",
    "BASS",
    "MIDDLE",
    "PRESETS",
    "TREBLE",
    "Band",
    "Envelope",
    "Rhythm",
    "Sound",
    "Taps",
    "beats_of",
    "envelope",
    "find_rhythm",
    "loudness",
    "onset_envelope",
    "read_audio",
    "read_blocks",
    "steady_rhythm",
    "waveform",
]
