"""The sound of the timeline: read and listened to in the background, its beats, and heard while it plays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.audio import Rhythm, Sound, find_rhythm, read_audio
from core.audio.rhythm import FASTEST_BPM, SLOWEST_BPM
from core.timeline import SoundTrack, Timeline
from core.timeline.snapping import beats_of
from visualizer.session.session import Session
from visualizer.session.time.playback import Playback
from visualizer.session.time.speaker import Speaker

UNREADABLE = "The sound cannot be read"


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
        self._reading = False

    @property
    def reading(self) -> bool:
        return self._reading

    def follow(self, session: Session) -> None:
        """Read the sound of another timeline."""
        track = session.document.state.timeline.sound
        path = track.path if track is not None else ""
        if path != self._path:
            self._path, self.heard = path, None
            self.speaker.stop()
            if path:
                self.read(session, Path(path))

    def read(self, session: Session, path: Path, then: Callable[[Heard], None] = lambda heard: None) -> None:
        """Have a file read; then: what becomes of it. A file that cannot be read is told."""

        def take(heard: Heard) -> None:
            self._reading, self._path, self.heard = False, str(path), heard
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
