"""How loud the bands of a sound are that drive the tracks of a timeline. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.audio import Envelope, find_rhythm, loudness, read_audio
from core.base.paths import path_of
from core.base.progress import Progress, silent
from core.timeline import Drive, Timeline
from core.timeline.driving import band_of, followed, pulses


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
    heard_by = [track.drive for track in timeline.tracks if not track.muted]
    drives = dict.fromkeys(drive for drive in heard_by if drive is not None)
    if timeline.sound is None or not drives:
        return NOTHING_HEARD
    sound = read_audio(path_of(timeline.sound.path), progress)
    onsets_s = find_rhythm(sound, progress).onsets_s if any(drive.onsets for drive in drives) else None
    envelopes = {}
    for drive in drives:
        if drive.onsets and onsets_s is not None:
            envelopes[drive] = pulses(drive, onsets_s, sound.duration_s)
        else:
            envelopes[drive] = followed(drive, loudness(sound, band_of(drive), progress))
    return Heard(envelopes, timeline.sound.offset_s)
