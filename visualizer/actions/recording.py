"""Recording a video of what is on the screen."""

from __future__ import annotations

from pathlib import Path

from core.display.frame import Frame
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
            self._newest = None

    def stop(self) -> None:
        recorder, self.recorder = self.recorder, None
        if recorder is None:
            return
        status = recording_text(recorder)
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
        elif not self.of_window and frame is not None and frame is not self._newest:
            self._newest = frame
            recorder.submit(frame.pixels)

    def take_window(self, pixels: Pixels) -> None:
        """Hand the newest pixels of the window to the recorder."""
        if self.recorder is not None:
            self.recorder.submit(pixels)

    @property
    def status(self) -> str:
        return recording_text(self.recorder) if self.recorder is not None else ""


def recording_text(recorder: Recorder) -> str:
    """Elapsed time, size and dropped frames in one line."""
    elapsed = recorder.elapsed_s
    words = f"{int(elapsed // 60):02d}:{elapsed % 60:04.1f} · {recorder.bytes_written / 1e6:.1f} MB"
    return words + (f" · {recorder.dropped} dropped" if recorder.dropped else "")
