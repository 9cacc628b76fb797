"""One story with a real window on an X server: the mouse and the keyboard are the system's."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageGrab

from core.documents.document import from_text
from core.request import SeedPoint
from tests import system
from tests.gui.conftest import SG2
from tests.gui.pilot import Pilot
from visualizer.output.capture import read_picture_text
from visualizer.settings import FOLDER_VARIABLE, Settings, WindowPlace, save_settings

ROOT = Path(__file__).resolve().parent.parent.parent.parent
SIZE = (960, 600)
WALK = 150  # pixels of the drag in the picture
PATIENCE_S = 30.0
PAUSE = ["sleep", "0.03"]  # of xdotool, between events that a hand does not do at once


class Desk:
    """The X server: sends events to the window and looks at the screen."""

    def __init__(self, environment: dict[str, str], process: subprocess.Popen[bytes]) -> None:
        self._environment = environment
        self._process = process

    def do(self, *words: str) -> str:
        return subprocess.run(
            ["xdotool", *words], env=self._environment, check=True, capture_output=True, text=True, timeout=PATIENCE_S
        ).stdout

    def look(self) -> npt.NDArray[np.uint8]:
        return np.asarray(ImageGrab.grab(xdisplay=self._environment["DISPLAY"]))

    def wait_until(self, what: Callable[[], object], why: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not what():
            assert self._process.poll() is None, f"the program ended with {self._process.returncode} before {why}"
            assert time.monotonic() < deadline, f"{why}: not after {PATIENCE_S:.0f} s"
            time.sleep(0.02)  # the screen and the folder do not tell when they change

    def drag(self, start: tuple[int, int], end: tuple[int, int], meanwhile: Callable[[], None]) -> None:
        """Press, move, let `meanwhile` look while the button is held, release."""
        middle = (start[0] + end[0]) // 2, (start[1] + end[1]) // 2
        self.do("mousemove", *map(str, start), *PAUSE, "mousedown", "1", *PAUSE, "mousemove", *map(str, middle), *PAUSE,
                "mousemove", *map(str, end))  # fmt: skip
        meanwhile()
        self.do("mouseup", "1")


@pytest.fixture
def settings() -> Settings:
    folded = {"Latent": False, "Style mixing": False}
    return Settings(window=WindowPlace(width=SIZE[0], height=SIZE[1]), panels=folded)


@pytest.fixture
def places(library, settings):
    """Measured in a hidden window of the same size.

    The middle of the picture, a place on psi's slider, what is seen around the middle at first and after the walk.
    """
    with Pilot(library, size=SIZE, settings=settings) as pilot:
        pilot.open(SG2)
        pilot.session.messages.notices = []
        pilot.leave()
        pilot.step(2)
        psi = pilot.item("Truncation & noise/Psi")
        picture = pilot.app.shell.picture.rect
        x, y = (int(value) for value in picture.centre)
        around = slice(y - 40, y + 40), slice(x - 40, x + 40)
        first = pilot.pixels()[around]
        pilot.session.edit(latent=SeedPoint(WALK * 0.04 / 15, 0.0))
        pilot.wait_for_picture()
        return (x, y), (int(psi.x + 40), int(psi.centre[1])), first, pilot.pixels()[around]


def test_a_session_from_the_first_picture_to_the_last_key(x_display, places, settings, tmp_path):
    middle, psi, first, walked = places
    captures = tmp_path / "captures"
    save_settings(settings, tmp_path / "config")
    environment = system.x_environment(x_display) | {FOLDER_VARIABLE: str(tmp_path / "config")}
    environment.pop("VISUALIZER_HEADLESS", None)
    options = ["--capture-dir", str(captures), "--device", "cpu"]
    command = [sys.executable, "-W", "ignore", "-m", "visualizer", SG2, *options]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE) as process:
        desk = Desk(environment, process)
        try:
            play(desk, captures, middle, psi, first, walked)
            assert process.wait(PATIENCE_S) == 0
        except BaseException:
            Image.fromarray(desk.look()).save(tmp_path / "screen.png")
            raise
        finally:
            process.kill()
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()


def play(
    desk: Desk, captures: Path, middle: tuple[int, int], psi: tuple[int, int], first: npt.NDArray[np.uint8],
    walked: npt.NDArray[np.uint8],
) -> None:  # fmt: skip
    x, y = middle

    def seen() -> npt.NDArray[np.uint8]:
        return desk.look()[y - 40 : y + 40, x - 40 : x + 40]

    def shows(expected: npt.NDArray[np.uint8]) -> bool:
        return bool(np.abs(seen().astype(int) - expected).max() <= 1)

    def differs(from_what: npt.NDArray[np.uint8]) -> bool:
        return bool(np.abs(seen().astype(int) - from_what).mean() > 1)

    desk.wait_until(lambda: shows(first), "the first picture")
    window = desk.do("search", "--onlyvisible", "--name", "StyleGAN Visualizer").split()[-1]
    desk.do("windowfocus", "--sync", window)

    desk.drag(middle, (x + WALK, y), lambda: desk.wait_until(lambda: shows(walked), "the picture follows the drag"))
    desk.drag(psi, (psi[0] - 30, psi[1]), lambda: desk.wait_until(lambda: differs(walked), "psi shows"))

    desk.do("key", "ctrl+p")
    desk.wait_until(lambda: list(captures.glob("*.png")), "the picture is saved")
    (path,) = captures.glob("*.png")
    text = read_picture_text(path)
    assert text is not None
    request = from_text(text, path.name).request
    assert isinstance(request.latent, SeedPoint)
    assert request.latent.x == pytest.approx(WALK * 0.04 / 15, abs=0.01)
    assert request.latent.y == 0
    assert request.truncation.psi < 0.95

    desk.do("key", "ctrl+r")
    desk.wait_until(lambda: list(captures.glob("*.mp4")), "recording starts")
    (video,) = captures.glob("*.mp4")
    desk.do("key", "space")  # so that there is something to record
    start = time.monotonic()
    desk.wait_until(lambda: time.monotonic() - start > 1, "a second has passed")
    desk.do("key", "ctrl+r")
    desk.wait_until(lambda: frames_of(video) >= 20, "the video is whole")
    desk.do("key", "ctrl+q")


def frames_of(path: Path) -> int:
    """How many frames a video has; 0 while it is being written."""
    try:
        with av.open(os.fspath(path)) as video:
            return sum(1 for _ in video.decode(video=0))
    except av.error.FFmpegError:
        return 0
