"""Starts the program, waits until it is loading, rendering or recording, stops it, and reports how it ended.

Used by test_closing.py; `python -m tests.gui.program.closing 50` runs every case 50 times.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.load import slowdown

STATES = ("loading", "rendering", "recording")
WAYS = ("SIGINT", "SIGTERM", "close")
MAX_CLOSE_S = 2.0  # on a machine that does nothing else


@dataclass(frozen=True)
class End:
    """How a stopped program ended."""

    code: int
    seconds: float
    errors: str
    slowdown: float  # of all work on this machine, just before and after

    @property
    def good(self) -> bool:
        return self.code == 0 and self.seconds < MAX_CLOSE_S * self.slowdown and "Traceback" not in self.errors


def stop_while(state: str, way: str, folder: Path) -> End:
    """Run the program until it says it is in a state, and stop it in a way."""
    environment = {**os.environ, "VISUALIZER_HEADLESS": "1", "VISUALIZER_CONFIG_DIR": str(folder / "config")}
    command = [sys.executable, "-m", "tests.gui.program.closing", "run", state, way, str(folder)]
    pipe, before = subprocess.PIPE, slowdown()
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline().strip()
        start = time.perf_counter()
        if line == state and way != "close":
            process.send_signal(signal.Signals[way])
        errors = process.stderr.read()
        code = process.wait(30)
    seconds = time.perf_counter() - start
    said = errors if line == state else f"never {state}: {errors}"
    return End(code, seconds, said, max(before, slowdown()))


def run(state: str, way: str, folder: Path) -> None:
    """The program itself, telling on standard output when it has come to the state."""
    from visualizer.app import App, run_window

    class Watched(App):
        """Asks itself in every frame whether the state is reached."""

        said = False

        def step(self) -> None:
            super().step()
            actions = self.context.actions
            if state == "recording" and self.session.frame and actions.recording.recorder is None and not self.said:
                actions.recording.toggle()
            if state != "loading" and self.session.frame:
                self.session.animation.latent = True
            if not self.said and self._reached():
                self.said = True
                sys.stdout.write(f"{state}\n")
                sys.stdout.flush()
                if way == "close":
                    self.context.actions.window.quit_now()

        def _reached(self) -> bool:
            match state:
                case "loading":
                    return self.session.load_job is not None and "torch" in sys.modules
                case "rendering":
                    return self.session.service.running is not None and self.session.frames > 1
                case _:
                    recorder = self.context.actions.recording.recorder
                    return recorder is not None and recorder.elapsed_s > 0.1

    run_window(["seed:0"], capture_folder=folder / "captures", make_app=Watched)


def main(arguments: list[str]) -> int:
    if arguments[0] == "run":
        run(arguments[1], arguments[2], Path(arguments[3]))
        return 0
    times, bad = int(arguments[0]), 0
    for state in STATES:
        for way in WAYS:
            with tempfile.TemporaryDirectory() as folder:
                ends = [stop_while(state, way, Path(folder)) for _ in range(times)]
            worst = max(end.seconds for end in ends)
            failures = [end for end in ends if not end.good]
            bad += len(failures)
            sys.stdout.write(f"{state} {way}: {times - len(failures)} of {times} good, slowest {worst:.2f} s\n")
            for end in failures[:3]:
                sys.stdout.write(f"  code {end.code} after {end.seconds:.2f} s: {end.errors[-300:]}\n")
            sys.stdout.flush()
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
