"""The program around the panels: settings that last, panels that fail, work that is stopped."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from imgui_bundle import imgui

from core.request import Clusters, SeedPoint, Truncation, WVector
from resources import icons
from tests.gui.conftest import SG2
from tests.gui.painted import Painter, noise, painted
from tests.gui.pilot import Pilot
from visualizer.settings import Theme, load_settings


def test_preferences_outlive_the_window(launch, library):
    pilot = launch(size=(1280, 720))
    pilot.drag("Dock edge", 60)
    pilot.click("Top/Theme")
    pilot.press("Ctrl++")
    pilot.click("Style mixing/Header")
    pilot.click("View/Smooth")
    kept = pilot.context.settings
    pilot.wait_until(lambda: load_settings()[0].smooth_networks)  # soon, so that a crash loses nothing
    assert load_settings()[0].dock_width == kept.dock_width
    pilot.close()

    settings, notes = load_settings()
    assert not notes
    assert (settings.window.width, settings.window.height) == (1280, 720)
    with Pilot(library, settings=settings) as again:
        settings = again.context.settings
        assert settings.theme is Theme.LIGHT
        assert settings.dock_width == kept.dock_width > 340
        assert settings.ui_scale == kept.ui_scale > 1
        assert list(settings.smooth_networks.values()) == [False]  # this small one is smooth by itself
        assert settings.smooth_networks == kept.smooth_networks
        assert settings.recent[0] == SG2
        assert not again.has("Style mixing/Mix seed")
        assert again.has("Latent/Seed")


# ----------------------------------------------------------------------------
# The dock.


def test_the_dock_is_dragged_shut_and_open_again(pilot):
    pilot.drag("Dock edge", -200)
    assert pilot.context.settings.dock_width == 0
    assert not pilot.has("Latent/Seed")
    pilot.drag("Dock edge", 330)
    assert pilot.has("Latent/Seed")


def test_a_double_click_gives_the_dock_its_own_width(pilot):
    before = pilot.item("Dock edge").x
    pilot.drag("Dock edge", 60)
    assert pilot.item("Dock edge").x != before
    pilot.double_click("Dock edge")
    pilot.step()
    assert pilot.item("Dock edge").x == before


def test_fold_all_others_leaves_one_panel(pilot):
    pilot.click("Latent/More")
    pilot.step()
    pilot.click("Menu/Fold all others")
    assert pilot.has("Latent/Seed")
    assert not pilot.has("Style mixing/Mix seed")


def test_reset_everything_is_one_step(pilot):
    pilot.enter("Truncation & noise/Psi", "0.5")
    pilot.enter("Latent/Seed", "3")
    changed = pilot.request
    pilot.click("Top/Edit")
    pilot.step()
    pilot.click("Menu/Reset everything")
    pilot.step()
    assert (pilot.request.truncation.psi, pilot.value("Latent/Seed")) == (1, "0")
    pilot.press("Ctrl+Z")
    assert pilot.request == changed


@pytest.mark.parametrize("menu", ["File", "Edit", "View", "Help"])
def test_escape_closes_a_menu_and_nothing_else(pilot, menu):
    pilot.click(f"Top/{menu}")
    pilot.step()
    assert pilot.popup_open
    pilot.press("Escape")
    pilot.step(2)
    assert not pilot.popup_open


def taken(pilot) -> list[int]:
    """The layers that take something of the first source."""
    return [layer for layer, part in enumerate(pilot.request.sources[0].parts) if part]


def test_a_drag_over_the_cells_mixes_several_layers(pilot):
    pilot.drag("Style mixing/Layer 1", 60)
    assert {1, 2} <= set(taken(pilot))
    pilot.press("Ctrl+Z")
    assert not taken(pilot)


def test_the_centre_of_the_truncation_is_chosen(pilot):
    pilot.session.edit(truncation=Truncation(0.0))
    shown = pilot.wait_for_picture()

    def choose(line: str) -> None:
        pilot.click("Truncation & noise/Centre")
        pilot.step()
        pilot.click(f"Menu/{line}")
        pilot.wait_until(lambda: not pilot.session.operations)
        pilot.step()

    choose("A seed")
    assert pilot.request.truncation.centre == SeedPoint()
    pilot.enter("Truncation & noise/Centre seed", "7")
    assert pilot.request.truncation.centre == SeedPoint(7)
    assert not np.array_equal(pilot.wait_for_picture().pixels, shown.pixels)
    choose("Nearest of 4 clusters")
    assert pilot.request.truncation.centre == Clusters(4)
    choose("The picture that is shown")
    assert type(pilot.request.truncation.centre) is WVector
    choose("Average w")
    assert np.array_equal(pilot.wait_for_picture().pixels, shown.pixels)


def test_presets_choose_layers_and_shift_adds(pilot):
    pilot.click("Style mixing/Coarse")
    assert taken(pilot) == list(range(4))
    pilot.click("Style mixing/Middle", held="Shift")
    assert taken(pilot) == list(range(8))
    pilot.click("Style mixing/None")
    assert not taken(pilot)


def test_the_seed_map_walks_and_a_click_goes_to_a_seed(pilot):
    pilot.drag("Latent/Seed map", 51, 0)
    assert pilot.request.latent.x == pytest.approx(1.0, abs=0.02)
    pilot.click("Latent/Seed map", at=(0.9, 0.5))
    assert pilot.request.latent.x == round(pilot.request.latent.x) > 1


# ----------------------------------------------------------------------------
# Panels that fail.


class Failing:
    """A panel that leaves everything open that ImGui can leave open."""

    title = "Failing"
    icon = icons.GAUGE

    def summary(self, context):
        return ""

    def changed(self, context):
        return False

    def reset(self, context):
        """Nothing to reset."""

    def draw(self, context):
        imgui.push_style_var(imgui.StyleVar_.alpha, 0.5)
        imgui.push_style_color(imgui.Col_.text, (1.0, 0.0, 0.0, 1.0))
        imgui.push_font(None, 30)
        imgui.push_id("left open")
        imgui.begin_child("##left open", (50, 50))
        context.ui.paint.list.push_clip_rect((0, 0), (1, 1))
        raise ValueError("on purpose")


def test_a_panel_that_fails_says_so_and_the_others_live(pilot):
    dock = pilot.app.shell.docks[0]
    pilot.may_fail.add("Failing")
    dock.panels = (dock.panels[0], Failing(), *dock.panels[1:])
    pilot.step(3)
    assert "on purpose" in pilot.app.shell.broken["Failing"]
    pilot.drag("Latent/Seed", 30)
    assert pilot.request.latent.x > 0
    pilot.drag("Picture", 30, 0)
    pilot.click("Top/File")
    pilot.step()
    assert pilot.has("Menu/Save the picture")


def test_what_is_drawn_after_a_failing_panel_looks_the_same(pilot):
    pilot.app.shell.picture.walked = True
    pilot.session.messages.notices = []
    pilot.leave()
    pilot.step(2)
    before = pilot.pixels()
    pilot.may_fail.add("Failing")
    pilot.app.shell.docks[0].panels += (Failing(),)
    pilot.step(3)
    seen = pilot.pixels()
    dock = int(pilot.item("Dock edge").x)
    np.testing.assert_array_equal(seen[50:570, dock + 10 :], before[50:570, dock + 10 :])
    np.testing.assert_array_equal(seen[:40], before[:40])


# ----------------------------------------------------------------------------
# Work in progress.


def held(library, name: str = "held") -> Painter:
    """A network whose frames take as long as a test wants."""
    pixels = noise(32, 32, 3)
    painter = Painter(pixels)
    library.shelf[name] = painted(name, pixels, painter=painter)
    return painter


def test_a_slow_frame_can_be_given_up(pilot, library):
    held(library)
    pilot.actions.opening.open("held")
    pilot.wait_until(lambda: pilot.has("Stop rendering"))
    pilot.click("Stop rendering")
    pilot.wait_until(lambda: pilot.session.service.running is None)
    assert pilot.session.frame.request.network == SG2


def test_until_the_first_picture_the_loading_card_is_in_the_middle(launch, library):
    pilot = launch("")

    def card() -> bool:
        window = imgui.internal.find_window_by_name("##Loading")
        return window is not None and window.active

    assert card()  # in the first frame of all
    library.shelf["held"] = painted("held", noise(8, 8, 3))
    gate = library.shelf["held"].generator.gate
    gate.clear()
    pilot.actions.opening.open("held")
    pilot.wait_until(lambda: pilot.session.loaded and pilot.session.service.running)
    pilot.step()
    assert card()
    assert pilot.has("Cancel")
    gate.set()
    pilot.wait_for_picture()
    assert not card()


def test_a_load_can_be_cancelled(launch, library):
    pilot = launch()
    library.endless.add("endless")
    pilot.actions.opening.open("endless")
    pilot.wait_until(lambda: pilot.has("Cancel"))
    pilot.step()
    pilot.click("Cancel")
    pilot.wait_until(lambda: pilot.session.load_job is None)
    assert pilot.session.problem is None
    assert pilot.session.loaded.location == SG2


def test_rendering_waits_for_the_release_if_wanted(launch):
    pilot = launch(render_on_release=True)
    frames = pilot.session.frames
    pilot.move_to("Picture")
    pilot.down()
    pilot.move(600, 300)
    pilot.move(620, 300)
    pilot.step(5)
    assert pilot.session.frames == frames
    pilot.up()
    pilot.wait_until(lambda: pilot.session.frames > frames)


def test_an_idle_window_draws_nothing(pilot):
    pilot.session.messages.notices = []
    pilot.leave()
    pilot.wait_until(lambda: pilot.app.idle_s() is None)


@pytest.mark.parametrize("at_work", ["loading", "rendering", "recording"])
def test_the_window_closes_while_it_works(launch, library, at_work):
    pilot = launch()
    if at_work == "loading":
        pilot.actions.opening.open("seed:3")
    elif at_work == "rendering":
        held(library)
        pilot.actions.opening.open("held")
        pilot.wait_until(lambda: pilot.session.service.running)
    else:
        pilot.press("Ctrl+R")
    pilot.close()
    if at_work == "recording":
        (path,) = pilot.actions.capture_folder.iterdir()
        assert path.stat().st_size > 0


def test_keys_that_arrive_at_once_are_all_taken(pilot):
    pilot.session.messages.notices = []
    pilot.leave()
    pilot.wait_until(lambda: pilot.app.idle_s() is None)
    for down in (True, False):
        for key in (imgui.Key.f1, imgui.Key.left_shift):
            pilot.io.add_key_event(key, down)
    pilot.step()  # the one frame that an event of the system wakes the window for
    while pilot.app.idle_s() == 0:
        pilot.step()
    assert not imgui.is_key_down(imgui.Key.left_shift)
    assert pilot.has("Close keys")


# ----------------------------------------------------------------------------
# Whose the networks are.


def test_the_windows_thread_has_torch_compute_nothing_while_a_network_is_open(pilot, monkeypatch):
    """The pilot watches it in every frame of every test; here, that it would notice."""
    session = pilot.session
    taken = session.receive

    def receive() -> None:
        torch.zeros(2).add(1)
        taken()

    monkeypatch.setattr(session, "receive", receive)
    with pytest.raises(AssertionError, match="the window's thread has torch compute: "):
        pilot.step()
