"""The workspace Inspect: layers, channels and what is found out about them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.display.analysis import Mosaic
from core.request import Colours, Show, View
from tests.gui.conftest import GOLDEN
from visualizer.views.inspect.mosaic import ordered
from visualizer.views.inspect_view import power_text

START = View("b16.conv0", Show.ONE, colours=Colours.AUTO, auto_range=True)
STYLEGAN3 = str(GOLDEN / "sg3t-64-cond.pkl")


@pytest.fixture
def inspect(launch):
    """The workspace Inspect in a window with room for all of it."""
    pilot = launch(size=(1600, 1000))
    pilot.choose_workspace("Inspect")
    return pilot


def wait_for(pilot, *names: str) -> None:
    """Until the newest frame comes with these parts."""
    pilot.wait_until(lambda: all(getattr(pilot.session.frame.analysis, name, None) for name in names))


def test_a_click_shows_a_layer_and_another_the_picture(inspect):
    picture = inspect.wait_for_picture()
    inspect.click("Layers/b16.conv0")
    frame = inspect.wait_for_picture()
    assert frame.request.view.layer == "b16.conv0"
    assert frame.pixels.shape == (16, 16, 3)
    inspect.click("Layers/Picture")
    np.testing.assert_array_equal(inspect.wait_for_picture().pixels, picture.pixels)


def test_up_and_down_go_through_the_layers(inspect):
    names = [layer.name for layer in inspect.wait_for_picture().layers]
    inspect.click(f"Layers/{names[2]}")
    inspect.press("Down")
    assert inspect.request.view.layer == names[3]
    inspect.press("Up")
    inspect.press("Up")
    assert inspect.request.view.layer == names[1]
    for _ in range(3):
        inspect.press("Up")
    assert inspect.request.view.layer == names[0]


def test_the_search_leaves_the_layers_whose_names_have_it(inspect):
    names = [layer.name for layer in inspect.wait_for_picture().layers]
    inspect.click("Layers/Search layers")
    inspect.type_text("CONV1")
    shown = {name for name in names if inspect.has(f"Layers/{name}")}
    assert shown == {name for name in names if "conv1" in name}


def test_the_view_is_left_behind_in_the_other_workspace_and_found_again(inspect):
    inspect.click("Layers/b16.conv0")
    inspect.choose_workspace("Edit")
    assert inspect.wait_for_picture().pixels.shape == (32, 32, 3)
    inspect.choose_workspace("Inspect")
    assert inspect.wait_for_picture().pixels.shape == (16, 16, 3)


def test_curves_are_named_above_their_plots(inspect):
    wait_for(inspect, "spectrum", "histograms")
    assert inspect.legend("Histogram") == {"p0", "p1"}
    assert inspect.legend("Spectrum") == {"p0", "p1", "p2"}


def test_choosing_a_layer_can_be_undone(inspect):
    inspect.click("Layers/b16.conv0")
    inspect.wait_for_picture()
    inspect.press("Ctrl+Z")
    assert inspect.request.view == View()


def test_the_spectrum_is_of_all_channels_or_of_those_shown(inspect):
    inspect.click("Layers/b16.conv0")
    inspect.click("Channels/Show/One")
    inspect.wait_for_picture()
    of_all = inspect.session.frame.analysis.spectrum.db
    inspect.click("Spectrum/Channels/Shown")
    inspect.wait_until(lambda: (inspect.session.frame.analysis.spectrum.db != of_all).any())
    inspect.click("Spectrum/Reset")
    inspect.wait_until(lambda: (inspect.session.frame.analysis.spectrum.db == of_all).all())


def test_the_pointer_over_the_spectrum_tells_frequency_and_power(inspect):
    wait_for(inspect, "spectrum")
    inspect.move_to("Spectrum map")
    inspect.step()
    db = inspect.session.frame.analysis.spectrum.db
    assert inspect.value("Spectrum map") == power_text(db, 16, 16)
    assert inspect.value("Spectrum map").startswith("0.000, 0.000 cyc/px")
    inspect.move_to("Spectrum map", at=(0.01, 0.5))
    inspect.step()
    assert inspect.value("Spectrum map").startswith("−0.500, 0.000")


def test_a_click_in_the_mosaic_shows_the_channel(inspect):
    inspect.click("Layers/b16.conv0")
    inspect.wait_for_picture()
    r = inspect.item("Mosaic")
    inspect.click("Mosaic", at=((2.5 * 59) / r.w, 28 / r.h))
    view = inspect.wait_for_picture().request.view
    assert (view.show, view.base) == (Show.ONE, 2)


def test_channels_are_shown_as_the_panel_says(inspect):
    inspect.click("Layers/b16.conv0")
    inspect.wait_for_picture()
    assert not inspect.has("Channels/Reset")
    inspect.click("Channels/Range/−1 to 1")
    inspect.click("Channels/Colours/Signed")
    inspect.click("Channels/Normalise")
    inspect.click("Channels/Channel more")
    view = inspect.wait_for_picture().request.view
    assert view == View("b16.conv0", Show.ONE, base=1, normalize=True, colours=Colours.SIGNED)
    inspect.click("Channels/Reset")
    assert inspect.request.view == START


def test_each_layer_has_settings_of_its_own_and_the_picture_is_that_of_edit(inspect):
    picture = inspect.wait_for_picture().pixels
    inspect.click("Layers/b16.conv0")
    frame = inspect.wait_for_picture()
    assert frame.request.view == START
    largest = float(frame.image[0].abs().max())
    assert frame.scale == (pytest.approx(-largest), pytest.approx(largest), True, False)
    inspect.click("Channels/Show/Three")
    inspect.click("Layers/b16.conv1")
    assert inspect.request.view == replace(START, layer="b16.conv1")
    inspect.click("View/Tab Picture")
    np.testing.assert_array_equal(inspect.wait_for_picture().pixels, picture)
    inspect.click("Layers/b16.conv0")
    assert inspect.request.view == replace(START, show=Show.THREE)


def test_looking_in_another_way_runs_no_layer(inspect):
    inspect.click("Layers/b16.conv0")
    inspect.wait_for_picture()
    inspect.click("Channels/Show/PCA")
    assert not any(layer.ms for layer in inspect.wait_for_picture().layers)


def test_what_is_folded_is_not_computed(inspect):
    wait_for(inspect, "statistics", "magnitudes")
    for panel in ("Statistics", "Histogram", "Magnitude by layer"):
        inspect.click(f"{panel}/Header")
    inspect.wait_until(lambda: inspect.session.frame.analysis.statistics is None)
    inspect.wait_until(lambda: inspect.session.frame.analysis.magnitudes == ())
    inspect.choose_workspace("Edit")
    inspect.wait_until(lambda: inspect.session.frame.analysis is None)


def test_a_click_on_a_bar_shows_its_layer(inspect):
    wait_for(inspect, "magnitudes")
    inspect.click("Magnitude by layer/Plot", at=(0.01, 0.5))
    assert inspect.wait_for_picture().request.view.layer == inspect.session.frame.layers[0].name


def test_a_layer_that_the_next_network_lacks_gives_way_to_the_picture(inspect):
    inspect.click("Layers/b16.conv0")
    frame = inspect.open(STYLEGAN3)
    assert frame.pixels.shape == (64, 64, 3)
    assert "no layer b16.conv0" in frame.notes[0]


def test_layers_can_be_watched_while_the_latent_is_dragged(inspect):
    inspect.click("Layers/b16.conv0")
    before = inspect.wait_for_picture().pixels
    inspect.drag("Picture", 60)
    frame = inspect.wait_for_picture()
    assert (frame.pixels != before).any()


def test_the_right_dock_is_dragged_wider(inspect):
    inspect.drag("Right dock edge", -40)
    assert inspect.context.settings.right_dock_width == pytest.approx(452, abs=3)


def test_plots_out_of_sight_are_left_out(launch):
    pilot = launch(size=(1280, 480))
    pilot.choose_workspace("Inspect")
    pilot.click("Layers/b16.conv0")
    wait_for(pilot, "histograms", "spectrum")
    pilot.show("Equivariance/Sweep")
    assert pilot.item("Spectrum/Plot").bottom < 0
    pilot.show("Histogram/Plot")
    assert pilot.item("Equivariance/Sweep plot").y > 480


def test_the_bar_under_the_pointer_tells_its_layer_at_once(inspect):
    wait_for(inspect, "magnitudes")
    inspect.move_to("Magnitude by layer/Plot", at=(0.01, 0.9))
    name, value = inspect.session.frame.analysis.magnitudes[0]
    assert inspect.value("Magnitude by layer/Plot") == f"{name} · {value:.4g}"


def test_the_mosaic_is_ordered_by_what_the_channels_have_at_a_place(inspect):
    inspect.click("Layers/b16.conv0")
    inspect.wait_for_picture()
    wait_for(inspect, "mosaic")
    inspect.click("Mosaic order")
    inspect.step()
    inspect.click("Menu/By place")
    inspect.step()
    r = inspect.app.shell.picture.rect
    inspect.move(r.x + 0.3 * r.w, r.y + 0.6 * r.h)
    inspect.down()
    inspect.up()
    inspect.step()
    there = np.abs(inspect.session.frame.analysis.mosaic.values_at(0.3, 0.6))
    inspect.click("Mosaic cells/L")
    inspect.wait_until(lambda: inspect.session.frame.analysis.mosaic is not None)
    inspect.click("Mosaic", at=(56 / inspect.item("Mosaic").w, 56 / inspect.item("Mosaic").h))
    assert there[inspect.request.view.base] == there.max()


def test_the_mosaic_has_its_orders():
    found = Mosaic(np.zeros((3, 2, 2), np.uint8), (), np.array([1, 3, 2], np.float32), np.array([5, 0, 5], np.float32))
    orders = [ordered(found, name, None).tolist() for name in ("Index", "Magnitude", "Variance")]
    assert orders == [[0, 1, 2], [1, 2, 0], [0, 2, 1]]
