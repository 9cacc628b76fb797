"""The sound of the timeline: read and listened to in the background, its beats, and heard while it plays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.audio import Band, Envelope, Rhythm, Sound, find_rhythm, loudness, read_audio
from core.audio.rhythm import FASTEST_BPM, SLOWEST_BPM
from core.timeline import Drive, SoundTrack, Timeline
from core.timeline.driving import band_of, followed, pulses
from core.timeline.snapping import beats_of
from visualizer.session.session import Session
from visualizer.session.time.playback import Playback
from visualizer.session.time.speaker import Speaker

UNREADABLE = "The sound cannot be read"
MOST_ENVELOPES = 64  # that are remembered


@dataclass(frozen=True, eq=False)
class Heard:
    """A sound, and what is known of it."""

    sound: Sound
    rhythm: Rhythm


def listen(path: Path) -> Heard:
    """Read a file and find its rhythm. Raises UsageError."""
    sound = read_audio(path)
    return Heard(sound, find_rhythm(sound))


class Sounds:
    """That of the timeline. UI thread only."""

    def __init__(self) -> None:
        self.heard: Heard | None = None
        self.speaker = Speaker()
        self._path = ""  # of the file that is read, or was tried
        self._reading = self._measuring = False
        self._bands: dict[Band, Envelope] = {}  # how loud
        self._followed: dict[Drive, Envelope] = {}
        self._told: tuple[object, ...] = ()

    @property
    def reading(self) -> bool:
        return self._reading

    def follow(self, session: Session) -> None:
        """Read the sound of another timeline."""
        track = session.document.state.timeline.sound
        path = track.path if track is not None else ""
        if path != self._path:
            self._path, self.heard = path, None
            self._bands, self._followed = {}, {}
            self.speaker.stop()
            if path:
                self.read(session, Path(path))

    def read(self, session: Session, path: Path, then: Callable[[Heard], None] = lambda heard: None) -> None:
        """Have a file read; then: what becomes of it. A file that cannot be read is told."""

        def take(heard: Heard) -> None:
            self._reading, self._path, self.heard = False, str(path), heard
            self._bands, self._followed = {}, {}
            then(heard)

        self._reading = True
        session.start(UNREADABLE, partial(self._tried, path), take)

    def _tried(self, path: Path) -> Heard:
        """In the thread of a job."""
        try:
            return listen(path)
        except BaseException:
            self._reading = False
            raise

    def bpm(self, track: SoundTrack) -> float:
        """As typed or tapped, else as found; 0: none."""
        return track.bpm or (self.heard.rhythm.bpm if self.heard is not None else 0.0)

    # -- What drives tracks ---------------------------------------------------

    def drive(self, session: Session) -> None:
        """Tell the document how loud the bands are that drive its tracks; what is not known yet is measured."""
        document = session.document
        timeline, heard = document.state.timeline, self.heard
        drives = [track.drive for track in timeline.tracks if track.drive is not None]
        of = (heard, timeline.sound.offset_s if timeline.sound is not None else 0.0, len(self._bands))
        if of != self._told:
            self._told = of
            document.envelope_of = partial(self._envelope_of, of[1])
        if heard is None or self._measuring:
            return
        due = (band_of(drive) for drive in drives if not drive.onsets and band_of(drive) not in self._bands)
        if (band := next(due, None)) is not None:
            self._measure(session, heard, band)

    def _measure(self, session: Session, heard: Heard, band: Band) -> None:
        def take(envelope: Envelope) -> None:
            self._measuring = False
            if heard is self.heard:
                self._bands = dict([*self._bands.items(), (band, envelope)][-MOST_ENVELOPES:])
                self._told = ()

        self._measuring = True
        session.start(UNREADABLE, partial(loudness, heard.sound, band), take)

    def _envelope_of(self, offset_s: float, drive: Drive) -> Callable[[float], float] | None:
        """By the times of the timeline."""
        found = self._followed.get(drive)
        if found is None:
            found = self._made(drive)
            if found is None:
                return None
            self._followed = dict([*self._followed.items(), (drive, found)][-MOST_ENVELOPES:])
        envelope = found
        return lambda time_s: envelope.at(time_s - offset_s)

    def _made(self, drive: Drive) -> Envelope | None:
        heard = self.heard
        if heard is None:
            return None
        if drive.onsets:
            return pulses(drive, heard.rhythm.onsets_s, heard.sound.duration_s)
        band = self._bands.get(band_of(drive))
        return None if band is None else followed(drive, band)

    # -- Beats ----------------------------------------------------------------

    def beats(self, timeline: Timeline) -> tuple[float, ...]:
        """When the beats are, seconds of the timeline."""
        track = timeline.sound
        if track is None:
            return ()
        if track.bpm or self.heard is None:
            return beats_of(track, timeline.duration_s)
        times = (float(time_s) + track.offset_s for time_s in self.heard.rhythm.beats_s)
        return tuple(time_s for time_s in times if 0 <= time_s <= timeline.duration_s)

    def hear(self, session: Session, playback: Playback) -> None:
        """Have it heard while the timeline plays at its own speed."""
        document = session.document
        track = document.state.timeline.sound
        if playback.speed != 1.0 or track is None or self.heard is None:
            self.speaker.stop()
            return
        self.speaker.play(self.heard.sound.path, document.time_s - track.offset_s, track.gain_db)


def allowed_bpm(bpm: float) -> float:
    """A tempo within what there can be."""
    return min(max(bpm, SLOWEST_BPM), FASTEST_BPM)
