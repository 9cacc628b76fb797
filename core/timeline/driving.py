"""How strongly a sound drives a track: the loudness of its band, or pulses where something begins. Imports no torch."""

from __future__ import annotations

from core.audio import Band, Envelope, onset_envelope
from core.audio.rhythm import Times
from core.timeline.timeline import Drive

SHORTEST_S = 1e-3  # of a pulse


def band_of(drive: Drive) -> Band:
    return Band(drive.low_hz, drive.high_hz)


def pulses(drive: Drive, onsets_s: Times, duration_s: float) -> Envelope:
    """Of a drive by onsets."""
    return onset_envelope(onsets_s, duration_s, release_s=max(drive.release_s, SHORTEST_S))


def followed(drive: Drive, loudness: Envelope) -> Envelope:
    """Of any other; loudness: of its band."""
    return loudness.followed(attack_s=drive.attack_s, release_s=drive.release_s)
