"""Kills windows with SIGKILL while something is edited, saved, recorded or exported in them; looks at what is left.

`python -m tests.killing 20` does each 20 times (`... 20 recording`: only that) and says how old the oldest edit was
that was lost, whether files were whole or could be played, and whether the next start went on. Each window is a process
of its own, forked from one that has imported all.
"""

from __future__ import annotations

import importlib
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TextIO

from core.film.files import UNFINISHED

WAYS = ("editing", "saving", "recording", "a film", "pictures")
EXPORTING = WAYS[3:]
ALIVE_S = ((0.1, 5.0), (1.0, 8.0))  # after the first edit; exporting beside edits has to get going
MAX_LOST_S = 2.0
NETWORK = Path(__file__).resolve().parent / "golden" / "sg2-32-gray.pkl"
EDIT_S = 0.03  # between two edits
SAVED = "saved.json"
CAPTURES = "captures"
FILM_S, RATE = 1.0, 30


@dataclass(frozen=True)
class Death:
    """What a window left that was killed."""

    edits: int  # before it was killed
    lost_s: float  # how old the oldest edit was that the file does not have
    gone_on: bool  # the next start showed the newest that the file has
    whole: bool  # the user's file is one that can be read, or is not there yet
    strays: tuple[str, ...] = ()  # other files under final names
    films: tuple[int, ...] = ()  # frames of each video, film or folder of pictures
    lacks_s: float = 0.0  # of a recording, at its end
    halves: tuple[str, ...] = ()  # what has a final name and is not whole, or is there without a frame

    @property
    def good(self) -> bool:
        kept = max(self.lost_s, self.lacks_s) < MAX_LOST_S and self.gone_on
        return kept and self.whole and self.edits > 0 and not (self.strays or self.halves)


def kill_while(way: str, after_s: float, folder: Path) -> Death:
    """Start a window, kill it so long after its first edit, and start another."""
    (folder / CAPTURES).mkdir(parents=True, exist_ok=True)
    edits: list[tuple[int, float]] = []
    with _window(folder, way) as (process, said):
        for line in said:
            number, when_s = line.split()
            edits.append((int(number), float(when_s)))
            if edits[-1][1] >= edits[0][1] + after_s:
                break
        killed_s = time.monotonic()
        os.kill(process, signal.SIGKILL)
    kept = _kept(folder)
    lost = [when_s for number, when_s in edits if number > kept]
    gone_on = _shown_next(folder) == kept
    films = {path: frames_of(path) for path in sorted((folder / CAPTURES).iterdir())}
    recorded_s = sum(films.values()) / RATE
    return Death(
        len(edits), killed_s - min(lost, default=killed_s), gone_on, _is_whole(folder / SAVED), _strays(folder),
        tuple(films.values()), killed_s - edits[0][1] - recorded_s if way == "recording" else 0.0,
        tuple(path.name for path, frames in films.items() if not _is_fair(way, path, frames)),
    )  # fmt: skip


@contextmanager
def _window(folder: Path, way: str) -> Iterator[tuple[int, TextIO]]:
    """A window in a process of its own: its number, and what it says. At the end of the block it has ended."""
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reader)
        os.environ |= {
            "VISUALIZER_HEADLESS": "1", "VISUALIZER_CONFIG_DIR": str(folder / "config"), "VISUALIZER_NATIVE_OPS": "0",
            "PYOPENGL_PLATFORM": "egl",
        }  # fmt: skip
        sys.stdout = os.fdopen(writer, "w")
        try:
            run(way, folder)
        except BaseException:
            traceback.print_exc()
        os._exit(1)
    os.close(writer)
    with os.fdopen(reader) as said:
        yield process, said
        os.waitpid(process, 0)


def _kept(folder: Path) -> int:
    """The number of the newest edit that the window's own file has; -1: there is none."""
    from core.opening.session_files import read_session
    from visualizer.output.autosaves.files import left_sessions

    left = left_sessions(folder / "config" / "sessions")
    return int(read_session(left[0].path).session.project.request.latent.x) if left else -1  # type: ignore[union-attr]


def _shown_next(folder: Path) -> int:
    """What the next start shows once it was told to go on."""
    with _window(folder, "going on") as (_, said):
        line = said.readline()
    return int(line.split()[0]) if line else -1


def _is_whole(path: Path) -> bool:
    from core.base.errors import UsageError
    from core.opening.session_files import read_session

    try:
        return not path.exists() or read_session(path).session.project.request.network != ""
    except UsageError:
        return False


def _strays(folder: Path) -> tuple[str, ...]:
    names = {path.name for path in folder.iterdir()} - {"config", SAVED, CAPTURES}
    return tuple(name for name in names if not name.endswith(".part"))


def frames_of(path: Path) -> int:
    """How many frames can be seen of a file or a folder of pictures. 0: one of the pictures is cut short."""
    import av
    from PIL import Image

    try:
        if path.is_dir():
            pictures = sorted(path.glob("*.png"))
            return len([Image.open(picture).load() for picture in pictures])
        with av.open(str(path)) as container:
            count = 0
            with suppress(av.error.InvalidDataError):  # it may end in the middle of a frame
                for _ in container.decode(video=0):
                    count += 1
            return count
    except (OSError, av.FFmpegError):
        return 0


def _is_fair(way: str, path: Path, frames: int) -> bool:
    """Whether it can be played; a film under its final name has all its frames."""
    return frames == FILM_S * RATE if way == "a film" and UNFINISHED not in path.name else frames > 0


# ----------------------------------------------------------------------------
# The program under test.


def run(way: str, folder: Path) -> None:
    """A window in which something is edited in each frame, telling which edit it was, and when."""
    from core.request import SeedPoint
    from core.timeline import Key, Timeline, Track
    from core.video.formats import Format
    from visualizer.app import App, run_window

    timeline = Timeline(
        (Track("truncation.psi", (Key(0, 0.4), Key(FILM_S, 1.0))),), duration_s=FILM_S, rate=Fraction(RATE)
    )

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
            actions = self.context.actions
            match way:
                case "saving":
                    actions.sessions._write(folder / SAVED)
                case "recording" if actions.recording.recorder is None:
                    actions.recording.toggle()
                case "a film" | "pictures" if not actions.filming.running:
                    self.session.document.change(timeline=timeline)
                    actions.filming.choose(format=Format.H264 if way == "a film" else Format.PNG)
                    actions.filming.start()

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

    run_window([str(NETWORK)], make_app=Edited, capture_folder=folder / CAPTURES)


def main(arguments: list[str]) -> int:
    for name in ("core.networks.seeded", "core.render.renderer", "core.families", "visualizer.app"):
        importlib.import_module(name)
    times, chance, bad = int(arguments[0]), random.Random(0), 0
    for way in arguments[1:] or WAYS:
        with tempfile.TemporaryDirectory() as folder:
            lives = [chance.uniform(*ALIVE_S[way in EXPORTING]) for _ in range(times)]
            deaths = [kill_while(way, life_s, Path(folder) / str(number)) for number, life_s in enumerate(lives)]
        failures = [death for death in deaths if not death.good]
        bad += len(failures)
        lost = sorted(death.lost_s for death in deaths)
        sys.stdout.write(
            f"{way}: {times - len(failures)} of {times} good; lost at most {lost[-1]:.2f} s, "
            f"median {lost[times // 2]:.2f} s; {sum(len(death.films) for death in deaths)} films of "
            f"{sum(sum(death.films) for death in deaths)} frames, lacking at most "
            f"{max(death.lacks_s for death in deaths):.2f} s\n"
        )
        for death in failures[:5]:
            sys.stdout.write(f"  {death}\n")
        sys.stdout.flush()
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
