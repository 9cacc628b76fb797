"""Video of what is on screen: H.264 at a constant rate and wall-clock speed, encoded in a thread of its own."""

from __future__ import annotations

import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from core.base.errors import CaptureError, UsageError
from core.base.files import why
from core.video.formats import LIVE_ENCODERS, LIVE_QUALITY, Encoder
from core.video.video import Video
from ops.base.file_lock import hold
from visualizer.output.capture import capturing, claim
from visualizer.settings import VIDEO_FPS
from visualizer.toolkit.pixels import Pixels

ROOM = 8  # pictures and frames the encoder may be behind; at 1024² this is 25 MB
CLOSE_S = 5.0  # the longest a closing window waits; usually it takes some tenths of a second


class FramePacer:
    """Which picture each frame shows: frame i the newest that was submitted until start + i / fps.

    It has room for a few pictures. An encoder that falls behind by more skips frames: the speed stays the wall clock's.
    """

    def __init__(self, fps: int, *, room: int = ROOM) -> None:
        self.next = 0  # frame to be taken
        self.dropped = 0  # pictures that were due for a frame and never shown
        self._fps = fps
        self._room = room
        self._start_s: float | None = None
        self._waiting: deque[tuple[int, Pixels]] = deque()  # first frame that shows it, picture
        self._shown: Pixels | None = None

    def submit(self, now_s: float, pixels: Pixels) -> None:
        if self._start_s is None:
            self._start_s = now_s
        frame = max(self._frames_until(now_s), self.next)
        if self._waiting and self._waiting[-1][0] >= frame:
            self._waiting.pop()  # no frame lies between the two
        elif len(self._waiting) >= self._room:
            self._waiting.pop()
            self.dropped += 1
        self._waiting.append((frame, pixels))

    def take(self, now_s: float) -> tuple[int, Pixels] | None:
        """The next frame if its time is past, and its picture."""
        behind = self._frames_until(now_s) - self.next
        if self._start_s is None or behind <= 0:
            return None
        if behind > self._room:
            self.next += behind - 1
        return self._take()

    def take_first(self) -> tuple[int, Pixels] | None:
        """The first frame whatever the time is, if there was a picture and no frame yet: no video is empty."""
        return self._take() if self._start_s is not None and self.next == 0 else None

    def elapsed_s(self, now_s: float) -> float:
        return 0.0 if self._start_s is None else now_s - self._start_s

    def wait_s(self, now_s: float) -> float | None:
        """How long until the next frame can be taken; None: until a first picture is submitted."""
        if self._start_s is None:
            return None
        return max(self._start_s + self.next / self._fps - now_s, 0.0) + 0.001

    def _take(self) -> tuple[int, Pixels]:
        due = 0
        while self._waiting and self._waiting[0][0] <= self.next:
            self._shown = self._waiting.popleft()[1]
            due += 1
        self.dropped += max(due - 1, 0)
        assert self._shown is not None  # the first picture belongs to frame 0
        self.next += 1
        return self.next - 1, self._shown

    def _frames_until(self, now_s: float) -> int:
        """How many frames begin before this time."""
        return math.ceil(self.elapsed_s(now_s) * self._fps - 1e-6)


class Recorder:
    """Records what is submitted until it is closed. Everything here is for the UI thread; nothing but `close` waits."""

    def __init__(
        self,
        target: Path,
        size: tuple[int, int],
        *,
        fps: int = 30,
        text: str = "",
        clock: Callable[[], float] = time.monotonic,
        encoders: Sequence[Encoder] = LIVE_ENCODERS,
        room: int = ROOM,
    ) -> None:
        """target: a file that ends in .mp4, or a folder where names count up. size: width and height.

        Pictures of another size are fitted into it. Raises CaptureError, UsageError.
        """
        if fps not in VIDEO_FPS:
            raise UsageError(f"a video of {fps} frames a second cannot be recorded; choose {VIDEO_FPS}")
        self._clock = clock
        self._timeline = FramePacer(fps, room=room)
        self._changed = threading.Condition()
        self._end_s: float | None = None
        self._failure: CaptureError | None = None
        self.path, descriptor = _create(target)
        with capturing(self.path):
            try:
                file = os.fdopen(descriptor, "w+b")
                hold(file)
                self._video = Video(file, size, fps, quality=LIVE_QUALITY, text=text, encoders=encoders)
            except BaseException:
                self.path.unlink(missing_ok=True)
                raise
        # A daemon: a disk that hangs must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def submit(self, pixels: Pixels) -> None:
        """Show this picture from now on. It is not copied, and must not change any more."""
        with self._changed:
            if self._end_s is None:
                self._timeline.submit(self._clock(), pixels)
                self._changed.notify()

    def close(self) -> Path | None:
        """Finish the file and return its path; None if nothing was recorded. See `failure`."""
        with self._changed:
            if self._end_s is None:
                self._end_s = self._clock()
            self._changed.notify()
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            self._failure = CaptureError(f"{self.path} is still being written: the disk is slow; wait before using it")
        elif self._video.frames == 0:
            self.path.unlink(missing_ok=True)
            return None
        return self.path

    @property
    def elapsed_s(self) -> float:
        """Since the first picture."""
        with self._changed:
            return self._timeline.elapsed_s(self._clock() if self._end_s is None else self._end_s)

    @property
    def bytes_written(self) -> int:
        return self._video.bytes_written

    @property
    def dropped(self) -> int:
        """Pictures that are not in the video because the encoder was too slow."""
        return self._timeline.dropped

    @property
    def note(self) -> str:
        """What a user should know about the encoder, or ""."""
        return self._video.note

    @property
    def failure(self) -> CaptureError | None:
        """Why recording stopped by itself. What was written until then can be played, up to about its last second."""
        return self._failure

    def _run(self) -> None:
        try:
            try:
                while (taken := self._wait()) is not None:
                    self._video.write(*taken)
            finally:
                self._video.close()
        except OSError as error:
            self._fail(f"{self.path} cannot be written: {why(error)}", error)
        except Exception as error:  # the last resort of a thread: a silent end would look like a recording
            self._fail(f"{self.path} cannot be recorded: {error}", error)

    def _wait(self) -> tuple[int, Pixels] | None:
        """The next frame when its time has come; None when it is over."""
        with self._changed:
            while True:
                now_s = self._clock() if self._end_s is None else self._end_s
                if (taken := self._timeline.take(now_s)) is not None:
                    return taken
                if self._end_s is not None:
                    return self._timeline.take_first()
                self._changed.wait(self._timeline.wait_s(now_s))

    def _fail(self, message: str, error: Exception) -> None:
        with self._changed:
            failure = CaptureError(message)
            failure.__cause__ = error
            self._failure = failure
            if self._end_s is None:
                self._end_s = self._clock()


def _create(target: Path) -> tuple[Path, int]:
    with capturing(target):
        if target.suffix.lower() == ".mp4":
            target.parent.mkdir(parents=True, exist_ok=True)
            return target, os.open(target, os.O_CREAT | os.O_TRUNC | os.O_RDWR | getattr(os, "O_BINARY", 0), 0o666)
        target.mkdir(parents=True, exist_ok=True)
        path, descriptor = claim(target, ".mp4")
        return path, descriptor
