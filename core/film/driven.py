"""How loud the bands of a sound are that drive the tracks of a timeline. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.audio import Band, Envelope, envelope, find_rhythm, onset_envelope, read_audio
from core.base.paths import path_of
from core.base.progress import Progress, silent
from core.timeline import Drive, Timeline


@dataclass(frozen=True, eq=False)
class Heard:
    """The envelopes of a timeline's sound; a plain value, which can be pickled."""

    envelopes: Mapping[Drive, Envelope] = field(default_factory=dict)
    offset_s: float = 0.0  # of the start of the sound

    def of(self, drive: Drive) -> Callable[[float], float] | None:
        """The loudness at a time of the timeline, 0..1; None: there is no sound."""
        found = self.envelopes.get(drive)
        return None if found is None else lambda time_s: found.at(time_s - self.offset_s)


NOTHING_HEARD = Heard()


def heard(timeline: Timeline, progress: Progress = silent) -> Heard:
    """Listen to the sound for the bands that drive something. Raises UsageError if it cannot be read."""
    drives = dict.fromkeys(track.drive for track in timeline.tracks if track.drive is not None and not track.muted)
    if timeline.sound is None or not drives:
        return NOTHING_HEARD
    sound = read_audio(path_of(timeline.sound.path), progress)
    onsets_s = find_rhythm(sound, progress).onsets_s if any(drive.onsets for drive in drives if drive) else None
    envelopes = {}
    for drive in drives:
        if drive is not None and drive.onsets and onsets_s is not None:
            envelopes[drive] = onset_envelope(onsets_s, sound.duration_s, release_s=drive.release_s)
        elif drive is not None:
            band = Band(drive.low_hz, drive.high_hz)
            envelopes[drive] = envelope(
                sound, band, attack_s=drive.attack_s, release_s=drive.release_s, progress=progress
            )
    return Heard(envelopes, timeline.sound.offset_s)
