"""A sound file through the speakers, where the extra `audio` is installed."""

from __future__ import annotations

import importlib.util
import threading
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import Any

from core.audio import read_blocks
from core.audio.reading import LONGEST_S
from core.base.errors import VisualizerError

RATE = 48_000  # samples a second
FAR_S = 0.15  # how far sound and picture may be apart before the sound begins anew
LIBRARY = "sounddevice"
MISSING = "To hear it, install the extra: pip install 'stylegan-visualizer[audio]'."


class Speaker:
    """Plays from a time on, in a thread of its own, until it is told to stop."""

    def __init__(self) -> None:
        self.problem = ""  # why it could not be played
        self._stop: threading.Event | None = None  # of the thread that plays
        self._began_s = self._from_s = 0.0  # by the clock, and of the sound
        self._of: tuple[Path, float] | None = None

    @cached_property
    def _installed(self) -> bool:
        return importlib.util.find_spec(LIBRARY) is not None

    @property
    def why_not(self) -> str:
        """Why nothing is heard; "": it is."""
        return self.problem if self._installed else MISSING

    def play(self, path: Path, time_s: float, gain_db: float) -> None:
        """Go on, or begin at a time of the sound, where it is somewhere else."""
        if self.why_not:
            return
        expected = self._from_s + perf_counter() - self._began_s
        if self._stop is not None and self._of == (path, gain_db) and abs(expected - time_s) <= FAR_S:
            return
        self.stop()
        self._began_s, self._from_s, self._of, self._stop = perf_counter(), time_s, (path, gain_db), threading.Event()
        arguments = (path, time_s, 10 ** (gain_db / 20), self._stop)
        threading.Thread(target=self._run, args=arguments, name="speaker", daemon=True).start()

    def stop(self) -> None:
        if self._stop is not None:
            self._stop.set()
        self._stop = None

    def _run(self, path: Path, start_s: float, gain: float, stop: threading.Event) -> None:
        import sounddevice

        try:
            with sounddevice.OutputStream(RATE, channels=2, dtype="float32") as stream:
                self._write(stream, path, start_s, gain, stop)
        except (sounddevice.PortAudioError, OSError, VisualizerError) as error:
            self.problem = f"The sound cannot be played: {error}"

    def _write(self, stream: Any, path: Path, start_s: float, gain: float, stop: threading.Event) -> None:
        for block in read_blocks(path, start_s, start_s + LONGEST_S / 2, rate=RATE):
            if stop.is_set():
                return
            stream.write((block.T * gain).clip(-1, 1).astype("float32", order="C"))
