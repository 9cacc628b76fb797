"""The demo networks in the window: seen, opened by mouse, keyboard and menu, and what opens by itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import resources
from core.opening.demos import DEMOS
from tests.demos import COLOURS
from tests.gui.pilot import Library, Pilot
from visualizer.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent.parent
PORTRAITS, PAINTINGS, STYLES, MOVING = (demo.location for demo in DEMOS)

WITHOUT_ARGUMENTS = """
import sys
from pathlib import Path
import resources
resources.ROOT = Path(sys.argv[1])
from visualizer.app import App, run_window

class Watched(App):
    def step(self):
        super().step()
        if self.session.frame is not None and self.running:
            sys.stdout.write(self.session.frame.request.network)
            self.running = False

run_window([], make_app=Watched)
"""


@pytest.fixture(scope="module")
def demo_library():
    """Opens the small demo networks, each once."""
    return Library()


@pytest.fixture
def pilot(demo_networks, demo_library, tmp_path):
    """The program with the portraits open."""
    with Pilot(demo_library, settings=Settings(capture_folder=str(tmp_path))) as pilot:
        pilot.open(PORTRAITS)
        pilot.wait_until(lambda: not pilot.session.jobs.running)
        yield pilot


def test_every_demo_network_shows_its_picture(pilot):
    pilot.leave()
    pilot.step()
    pixels = pilot.pixels()
    for demo, colour in zip(DEMOS, COLOURS, strict=True):
        x, y = (int(place) for place in pilot.item(f"Network/Demo/{demo.name}").centre)
        assert np.abs(pixels[y, x].astype(int) - colour).max() <= 2, demo.name


@pytest.mark.parametrize("demo", DEMOS[1:], ids=lambda demo: demo.name)
def test_a_click_opens_a_demo_network(pilot, demo):
    pilot.click(f"Network/Demo/{demo.name}")
    assert pilot.wait_for_picture().request.network == demo.location
    assert pilot.value("Network/Demo") == demo.caption
    pilot.press("Ctrl+Z")
    assert pilot.wait_for_picture().request.network == PORTRAITS


def test_a_click_on_the_open_one_does_not_open_it_again(pilot):
    frame = pilot.session.frame
    pilot.click("Network/Demo/portraits")
    assert pilot.session.load_job is None
    assert pilot.session.frame is frame


def test_left_and_right_open_the_neighbours(pilot):
    pilot.press("F6")
    while pilot.ui.focus != "Network/Demo":
        pilot.press("Down")
    opened = []
    for key in ("Left", "Right", "Right", "Right", "Right", "Left"):
        pilot.press(key)
        opened.append(pilot.wait_for_picture().request.network)
    assert opened == [PORTRAITS, PAINTINGS, STYLES, MOVING, MOVING, STYLES]


def test_the_menu_opens_a_demo_network(pilot):
    pilot.click("Top/File")
    pilot.step()
    pilot.click("Menu/Demo networks")
    pilot.step()
    pilot.click(f"Menu/{DEMOS[1].description}")
    assert pilot.wait_for_picture().request.network == PAINTINGS
    assert not pilot.popup_open


def test_demo_networks_are_not_among_the_recent_ones(pilot):
    pilot.open(PAINTINGS)
    assert pilot.context.settings.recent == ()
    assert "Network/Recent" in pilot.ui.reasons


def test_a_saved_picture_opens_its_demo_network_again(pilot, tmp_path):
    pilot.open(PAINTINGS)
    frame = pilot.session.frame
    pilot.click("Top/Save picture")
    pilot.wait_until(lambda: not pilot.session.jobs.running)
    (saved,) = tmp_path.glob("*.png")
    pilot.open(PORTRAITS)
    pilot.actions.opening.open(str(saved))
    again = pilot.wait_for_picture()
    assert again.request.network == PAINTINGS
    assert (again.pixels == frame.pixels).all()


# ----------------------------------------------------------------------------
# Other copies of the program.


@pytest.fixture
def partial(demo_resources, tmp_path, monkeypatch):
    """A copy of the program's resources that a test may change."""
    shutil.copytree(demo_resources, tmp_path / "resources")
    monkeypatch.setattr(resources, "ROOT", tmp_path / "resources")
    return tmp_path / "resources"


def test_only_installed_demo_networks_are_shown(partial):
    (partial / "demo/paintings.safetensors").unlink()
    with Pilot(Library()) as pilot:
        shown = [name for name in pilot.ui.items if name.startswith("Network/Demo/")]
        assert shown == [f"Network/Demo/{demo.name}" for demo in DEMOS if demo.location != PAINTINGS]


def test_without_demo_networks_nothing_stands_for_them(partial):
    shutil.rmtree(partial / "demo")
    with Pilot(Library()) as pilot:
        pilot.click("Top/File")
        pilot.step()
        assert not [name for name in pilot.ui.items if "Demo" in name]


def test_a_damaged_picture_is_left_out_and_the_network_still_opens(partial):
    (partial / "demo/paintings.png").write_bytes(b"nothing")
    (partial / "demo/portraits.png").unlink()
    with Pilot(Library()) as pilot:
        pilot.wait_until(lambda: not pilot.session.jobs.running)
        assert pilot.session.problem is None
        pilot.click("Network/Demo/paintings")
        assert pilot.wait_for_picture().request.network == PAINTINGS


@pytest.mark.parametrize(("removed", "opened"), [("", PORTRAITS), ("demo/portraits.safetensors", PAINTINGS)])
def test_without_arguments_the_first_demo_network_opens(partial, tmp_path, removed, opened):
    if removed:
        (partial / removed).unlink()
    environment = {**os.environ, "VISUALIZER_CONFIG_DIR": str(tmp_path / "config")}
    command = [sys.executable, "-c", WITHOUT_ARGUMENTS, str(partial)]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == opened
