"""Kills windows with SIGKILL while something is edited or saved in them, and looks at what is left.

`python -m tests.killing 20` does each 20 times and says how old the oldest edit was that was lost, whether files were
whole, and whether the next start went on.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

WAYS = ("editing", "saving")
MAX_LOST_S = 2.0
EDIT_S = 0.03  # between two edits
SAVED = "saved.json"


@dataclass(frozen=True)
class Death:
    """What a window left that was killed."""

    lost_s: float  # how old the oldest edit was that the file does not have
    gone_on: bool  # the next start showed the newest that the file has
    whole: bool  # the user's file is one that can be read, or is not there yet
    strays: tuple[str, ...] = ()  # other files under final names

    @property
    def good(self) -> bool:
        return self.lost_s < MAX_LOST_S and self.gone_on and self.whole and not self.strays


def kill_while(way: str, after_s: float, folder: Path) -> Death:
    """Start a window, kill it so long after its first edit, and start another."""
    folder.mkdir(parents=True, exist_ok=True)
    edits: list[tuple[int, float]] = []
    with _program(folder, way) as process:
        assert process.stdout is not None
        deadline = None
        for line in process.stdout:
            number, when_s = line.split()
            edits.append((int(number), float(when_s)))
            deadline = deadline or edits[0][1] + after_s
            if edits[-1][1] >= deadline:
                break
        killed_s = time.monotonic()
        process.send_signal(signal.SIGKILL)
    kept = _kept(folder)
    lost = [when_s for number, when_s in edits if number > kept]
    return Death(
        killed_s - min(lost, default=killed_s), _shown_next(folder) == kept, _is_whole(folder / SAVED), _strays(folder)
    )


def _program(folder: Path, way: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "VISUALIZER_HEADLESS": "1", "VISUALIZER_CONFIG_DIR": str(folder / "config")}
    command = [sys.executable, "-m", "tests.killing", "run", way, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def _kept(folder: Path) -> int:
    """The number of the newest edit that the window's own file has; -1: there is none."""
    from core.opening.session_files import read_session
    from visualizer.output.autosaves.files import left_sessions

    left = left_sessions(folder / "config" / "sessions")
    return int(read_session(left[0].path).session.project.request.latent.x) if left else -1  # type: ignore[union-attr]


def _shown_next(folder: Path) -> int:
    """What the next start shows once it was told to go on."""
    with _program(folder, "going on") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
    return int(line.split()[0]) if line else -1


def _is_whole(path: Path) -> bool:
    from core.base.errors import UsageError
    from core.opening.session_files import read_session

    try:
        return not path.exists() or read_session(path).session.project.request.network != ""
    except UsageError:
        return False


def _strays(folder: Path) -> tuple[str, ...]:
    names = {path.name for path in folder.iterdir()} - {"config", SAVED}
    return tuple(name for name in names if not name.endswith(".part"))


# ----------------------------------------------------------------------------
# The program under test.


def run(way: str, folder: Path) -> None:
    """A window in which something is edited in each frame, telling which edit it was, and when."""
    from core.request import SeedPoint
    from visualizer.app import App, run_window

    class Edited(App):
        count = 0

        def step(self) -> None:
            super().step()
            if self.session.frame is None:
                return
            if way == "going on":
                self._go_on()
            else:
                self._edit()

        def _edit(self) -> None:
            self.count += 1
            self.session.edit(latent=SeedPoint(float(self.count)))
            self._say(self.count)
            if way == "saving":
                self.context.actions.sessions._write(folder / SAVED)

        def _go_on(self) -> None:
            question, latent = self.session.messages.question, self.session.request.latent
            if question is not None:
                self.session.messages.answer(question.answers[0])
            elif self.session.load_job is None and isinstance(latent, SeedPoint):
                self._say(int(latent.x))
                self.context.actions.window.quit_now()

        def _say(self, number: int) -> None:
            sys.stdout.write(f"{number} {time.monotonic()}\n")
            sys.stdout.flush()

        def idle_s(self) -> float | None:
            return super().idle_s() if self.session.frame is None else EDIT_S

    run_window(["seed:0"], make_app=Edited)


def main(arguments: list[str]) -> int:
    if arguments[0] == "run":
        run(arguments[1], Path(arguments[2]))
        return 0
    times, chance, bad = int(arguments[0]), random.Random(0), 0
    for way in WAYS:
        with tempfile.TemporaryDirectory() as folder:
            deaths = [kill_while(way, chance.uniform(0.1, 5.0), Path(folder) / str(time_)) for time_ in range(times)]
        failures = [death for death in deaths if not death.good]
        bad += len(failures)
        lost = sorted(death.lost_s for death in deaths)
        sys.stdout.write(
            f"{way}: {times - len(failures)} of {times} good; lost at most {lost[-1]:.2f} s, "
            f"median {lost[times // 2]:.2f} s\n"
        )
        for death in failures[:5]:
            sys.stdout.write(f"  {death}\n")
        sys.stdout.flush()
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
