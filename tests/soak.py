"""Random input over several networks in the real window, to see that nothing fails and that memory stays.

`python -m tests.soak --actions 3000` clicks, drags, types, resizes, records and opens networks as chance has it, and at
times goes back to the first network and says how much memory the process holds then. It ends with the growth a minute.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).resolve().parent
HOME = "demo:portraits"  # where memory is compared
NETWORKS = (
    HOME,
    "demo:styles",
    str(TESTS / "golden/sg3r-64.pkl"),
    str(TESTS / "golden/sg2ada-64-cond.pkl"),
    str(TESTS / "fixtures/vqgan_full.ckpt"),
)
SIZES = ((960, 600), (1280, 800), (1100, 700), (1440, 900))
TEXTS = ("0.5", "-1", "7", "1e9", "abc", "")
LEAVES = {"quit", "open", "full-screen"}  # commands that end it, or wait for files
PATIENCE_S = 5.0
WARM_UP = 3  # measurements before what counts: caches, fonts and thread pools are filled by then


@dataclass
class Sample:
    """What was held when the window was back at the first network."""

    actions: int
    seconds: float
    resident: float  # MiB
    objects: int
    threads: int

    def __str__(self) -> str:
        return (
            f"{self.actions:6} actions {self.seconds:6.0f} s {self.resident:7.1f} MiB {self.objects:8} objects "
            f"{self.threads:3} threads"
        )


@dataclass
class Soak:
    """A window and random hands."""

    choices: random.Random
    folder: Path
    actions: int = 0
    samples: list[Sample] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        from core.render.open_networks import open_location
        from tests.gui.pilot import Pilot
        from visualizer.settings import Settings

        self.pilot = Pilot(open_location, settings=Settings(capture_folder=str(self.folder)))
        self.pilot.open(HOME)

    def act(self) -> None:
        """One random action and the frames after it."""
        what = self.choices.choices(ACTIONS, WEIGHTS)[0]
        what(self)
        self.pilot.step(self.choices.choice((1, 1, 2, 5)))
        self.actions += 1

    def settle(self) -> Sample:
        """Back to the first network, with what is not needed given back."""
        import psutil

        from core.base.process import release_freed_memory
        from core.request import RenderRequest
        from visualizer.session.animation import Animation

        pilot, session = self.pilot, self.pilot.session
        pilot.close_popups()
        if pilot.actions.recording.recorder is not None:
            pilot.actions.recording.stop()
        for _ in range(20):
            if session.newest_job is None:
                break
            session.newest_job.cancel()
            pilot.step()
        self.resize(SIZES[0])
        session.animation = Animation()
        session.open(HOME, RenderRequest(HOME))
        pilot.wait_until(lambda: session.newest_job is None)
        pilot.start_anew(RenderRequest(HOME))
        for capture in self.folder.iterdir():
            capture.unlink()
        gc.collect()
        release_freed_memory()
        resident = psutil.Process().memory_info().rss / 2**20
        sample = Sample(
            self.actions, time.monotonic() - self.started, resident, len(gc.get_objects()), threading.active_count()
        )
        self.samples.append(sample)
        return sample

    def growth(self) -> tuple[float, float]:
        """MiB an action and MiB a minute, by the line that fits the samples after the first ones best."""
        import numpy as np

        counted = self.samples[WARM_UP:]
        resident = [sample.resident for sample in counted]
        by_action = np.polyfit([sample.actions for sample in counted], resident, 1)[0]
        by_minute = np.polyfit([sample.seconds / 60 for sample in counted], resident, 1)[0]
        return float(by_action), float(by_minute)

    # -- Actions --------------------------------------------------------------

    def open_network(self) -> None:
        self.pilot.close_popups()
        self.pilot.actions.opening.open(self.choices.choice(NETWORKS))
        if self.choices.random() < 0.7:
            self.wait()

    def _place(self) -> tuple[float, float] | None:
        """Of a random item that is in the window."""
        from imgui_bundle import imgui

        size = imgui.get_main_viewport().size
        rects = [r for r in self.pilot.ui.items.values() if r.w > 0 and 0 <= r.x < size.x and 0 <= r.y < size.y]
        if not rects:
            return None
        r = self.choices.choice(rects)
        return r.x + r.w * self.choices.random(), r.y + r.h * self.choices.random()

    def click(self) -> None:
        place = self._place()
        if place is not None:
            button = self.choices.choice((0, 0, 0, 1))
            with self.pilot.holding(self.choices.choice(("", "", "", "Shift", "Alt", "Ctrl"))):
                self.pilot.move(*place)
                self.pilot.down(button)
                self.pilot.up(button)

    def drag(self) -> None:
        place = self._place()
        if place is not None:
            x, y = place
            self.pilot.move(x, y)
            self.pilot.down()
            for _ in range(self.choices.randrange(1, 5)):
                x, y = x + self.choices.uniform(-60, 60), y + self.choices.uniform(-20, 20)
                self.pilot.move(x, y)
            self.pilot.up()

    def wheel(self) -> None:
        place = self._place()
        if place is not None:
            self.pilot.move(*place)
            self.pilot.io.add_mouse_wheel_event(0, self.choices.choice((-2, -1, 1, 2)))

    def type_something(self) -> None:
        self.pilot.type_text(self.choices.choice(TEXTS))
        self.pilot.press(self.choices.choice(("Enter", "Escape")))

    def leave(self) -> None:
        self.pilot.close_popups()

    def command(self) -> None:
        from visualizer.actions.commands import COMMANDS

        command = self.choices.choice([command for command in COMMANDS if command.id not in LEAVES])
        if not command.why_not(self.pilot.context):
            command.run(self.pilot.context)

    def new_latent(self) -> None:
        self.pilot.session.random_seed()

    def resize(self, size: tuple[int, int] | None = None) -> None:
        import glfw

        glfw.set_window_size(self.pilot.window._window, *(size or self.choices.choice(SIZES)))

    def wait(self) -> None:
        """For a picture, unless it moves on and on."""
        session, end = self.pilot.session, time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if session.load_job is None and session.frame and session.frame.request == session.shown_request:
                return
            self.pilot.window.wait(0.02)
            self.pilot.step()


ACTIONS: tuple[Callable[[Soak], None], ...] = (
    Soak.click, Soak.drag, Soak.wheel, Soak.command, Soak.type_something, Soak.leave, Soak.new_latent,
    Soak.open_network, Soak.resize, Soak.wait,
)  # fmt: skip
WEIGHTS = (30, 12, 8, 12, 4, 6, 10, 5, 2, 6)


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--actions", type=int, default=3000)
    parser.add_argument("--every", type=int, default=150, help="actions between two measurements")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    os.environ["VISUALIZER_HEADLESS"] = "1"
    from core.base.process import prepare_process

    prepare_process()
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(random.Random(options.seed), Path(folder))
        while soak.actions < options.actions:
            soak.act()
            if soak.actions % options.every == 0:
                _print(str(soak.settle()))
        by_action, by_minute = soak.growth()
        _print(f"{by_action * 1000:.1f} MiB in a thousand actions, {by_minute:.2f} MiB a minute")
        soak.pilot.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
