"""Fixtures of the GUI tests: the program in a hidden window."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
SG2 = str(GOLDEN / "sg2-32-resnet.pkl")

PATIENCE_S = 10.0

Launch = Callable[..., Any]


@pytest.fixture(scope="package", autouse=True)
def headless(display: None) -> Iterator[None]:
    """Windows open on no screen at all: GLFW's null platform and EGL."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VISUALIZER_HEADLESS", "1")
        yield
    for thread in threading.enumerate():
        if thread.daemon:  # of windows that closed while it worked; torch must not run into the end of Python
            thread.join(PATIENCE_S)


@pytest.fixture(scope="session")
def library():
    """Opens networks for the program under test, each once."""
    from tests.gui.pilot import Library

    return Library()


@pytest.fixture
def launch(library, tmp_path, monkeypatch) -> Iterator[Launch]:
    """Starts the program; `launch(network, size=..., settings=...)` returns a Pilot. Its captures go to tmp_path."""
    from tests.gui.pilot import Pilot
    from visualizer.settings import Settings

    pilots = []
    (tmp_path / "captures").mkdir()

    def start(network: str = SG2, *, size: tuple[int, int] = (960, 600), **preferences: Any) -> Pilot:
        preferences.setdefault("capture_folder", str(tmp_path / "captures"))
        pilot = Pilot(library, size=size, settings=Settings(**preferences))
        pilots.append(pilot)
        if network:
            pilot.open(network)
        return pilot

    yield start
    for pilot in pilots:
        pilot.close()


@pytest.fixture(scope="module")
def launch_painted(library, headless, tmp_path_factory) -> Iterator[Launch]:
    """Starts the program for all tests of a file; `launch_painted(size=..., ...)` returns a Pilot that shows noise."""
    from tests.gui.painted import noise, painted
    from tests.gui.pilot import Pilot
    from visualizer.settings import Settings

    with ExitStack() as programs:

        def start(*, size: tuple[int, int] = (960, 600), **preferences: Any) -> Pilot:
            library.shelf["painted"] = painted("painted", noise(64, 64, 3))
            preferences.setdefault("capture_folder", str(tmp_path_factory.mktemp("captures")))
            pilot = programs.enter_context(Pilot(library, size=size, settings=Settings(**preferences)))
            pilot.open("painted")
            return pilot

        yield start


@pytest.fixture
def pilot(launch):
    """The program with a small StyleGAN2 open."""
    return launch()
