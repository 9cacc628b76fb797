"""Recording a video of what is on the screen."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from core.base.text import plural
from core.display.frame import Frame
from core.timeline.simplify import timeline_of
from visualizer.actions.films.moments import Moments
from visualizer.actions.ports import Screen
from visualizer.actions.saving import text_of
from visualizer.output.capture_folder import CaptureFolder
from visualizer.output.recorder import Recorder
from visualizer.session.messages import Kind
from visualizer.session.session import Session
from visualizer.settings import Preferences
from visualizer.toolkit.pixels import Pixels


class Recording:
    """The recorder while there is one, and what it records."""

    def __init__(self, session: Session, preferences: Preferences, folder: CaptureFolder, screen: Screen) -> None:
        self._session = session
        self._preferences = preferences
        self._folder = folder
        self._screen = screen
        self.recorder: Recorder | None = None
        self.of_window = False  # the whole window, not the picture
        self._newest: Frame | None = None  # that was handed to the recorder
        self.seen = Moments()  # in the newest recording
        self._length_s = 0.0  # of it, once it has ended

    @property
    def wants_window(self) -> bool:
        return self.recorder is not None and self.of_window

    def toggle(self) -> None:
        if self.recorder is not None:
            self.stop()
            return
        session, frame = self._session, self._session.frame
        if frame is None:
            session.say("There is no picture to record yet", kind=Kind.WARNING)
            return
        size = self._screen.framebuffer_size if self.of_window else frame.pixels.shape[1::-1]
        fps, text = self._preferences.now.video_fps, text_of(session, frame)
        with session.attempt("Cannot record", file=str(self._folder.path)):
            self.recorder = Recorder(self._folder.path, (size[0], size[1]), fps=fps, text=text)
            if self.recorder.note:
                session.say(self.recorder.note, kind=Kind.NOTE)
            self._newest, self.seen = None, Moments()

    def stop(self) -> None:
        recorder, self.recorder = self.recorder, None
        if recorder is None:
            return
        status, self._length_s = recording_text(recorder), recorder.elapsed_s
        self._session.start("Cannot finish the video", recorder.close, lambda path: self._saved(recorder, path, status))

    def _saved(self, recorder: Recorder, path: Path | None, status: str) -> None:
        if recorder.failure is not None:
            self._session.fail("The recording ended early", recorder.failure)
        elif path is not None:
            self._session.say_saved(path, detail=status)

    def finish(self) -> None:
        """At the end of the program: close the file before leaving."""
        if self.recorder is not None:
            self.recorder.close()
            self.recorder = None

    def take_frame(self) -> None:
        """Hand the newest picture to the recorder; called once a frame."""
        recorder, frame = self.recorder, self._session.frame
        if recorder is None:
            return
        if recorder.failure is not None:
            self.stop()
        elif frame is not None and frame is not self._newest:
            self._newest = frame
            if not self.of_window:
                recorder.submit(frame.pixels)
            self.seen.add(recorder.elapsed_s, frame.request)

    def take_window(self, pixels: Pixels) -> None:
        """Hand the newest pixels of the window to the recorder."""
        if self.recorder is not None:
            self.recorder.submit(pixels)

    def why_not_keep(self) -> str:
        """Why the newest recording cannot become a timeline."""
        if self.recorder is not None:
            return "Stop recording first."
        return "" if len(self.seen) else "Nothing has been recorded since the program began."

    def keep_as_timeline(self) -> None:
        """What was done in the newest recording as keys, in place of the tracks that there are; the sound stays."""
        document, loaded = self._session.document, self._session.loaded
        rate = Fraction(self._preferences.now.video_fps)
        end_s = self._length_s - float(1 / rate)  # of the last frame
        moments = self.seen.until(end_s, loaded.location if loaded is not None else "")
        if not moments:
            self._session.say("The recording is of another network; open that first", kind=Kind.WARNING)
            return
        timeline = replace(timeline_of(moments, rate=rate), sound=document.state.timeline.sound)
        document.change(request=moments[0][1], timeline=timeline)
        keys = sum(len(track.keys) for track in timeline.tracks)
        detail = f"{plural(keys, 'key')} · undo brings the other one back"
        self._session.say("The recording is the timeline now", detail)

    @property
    def status(self) -> str:
        return recording_text(self.recorder) if self.recorder is not None else ""


def recording_text(recorder: Recorder) -> str:
    """Elapsed time, size and dropped frames in one line."""
    elapsed = recorder.elapsed_s
    words = f"{int(elapsed // 60):02d}:{elapsed % 60:04.1f} · {recorder.bytes_written / 1e6:.1f} MB"
    return words + (f" · {recorder.dropped} dropped" if recorder.dropped else "")
