"""Light: exposure and contrast of the picture, in every workspace; and what controls tell of their paths."""

from __future__ import annotations

import numpy as np
import pytest

from core.request import RenderRequest, View
from visualizer.panels.light import LightPanel

EXPOSURE, CONTRAST = "Light/Exposure", "Light/Contrast"


@pytest.fixture(scope="module")
def running(launch_painted):
    return launch_painted(size=(1200, 800), panels={"Light": True})


@pytest.fixture
def pilot(running):
    running.choose_workspace("Edit")
    running.start_anew(RenderRequest(network="painted"))
    return running


def test_light_acts_on_the_picture_in_edit(pilot):
    before = pilot.session.frame
    pilot.enter(EXPOSURE, "1")
    after = pilot.wait_for_picture()
    assert pilot.request.view == View(exposure=1.0)
    assert after.pixels.mean() > before.pixels.mean() + 10
    assert np.array_equal(after.image.numpy(), before.image.numpy())
    assert np.array_equal(after.thumbnail, before.thumbnail)
    pilot.right_click(EXPOSURE)
    assert np.array_equal(pilot.wait_for_picture().pixels, before.pixels)


def test_a_view_of_inspect_is_left_out_in_edit_and_the_light_is_not(pilot):
    pilot.session.edit(view=View(gain_db=12.0, exposure=-1.0))
    assert pilot.wait_for_picture().request.view == View(exposure=-1.0)


def test_the_panel_goes_back_to_its_defaults_and_keeps_the_rest_of_the_view(pilot):
    pilot.session.edit(view=View(gain_db=12.0, exposure=-1.0, contrast=2.0))
    pilot.step()
    panel = LightPanel()
    assert panel.changed(pilot.context)
    panel.reset(pilot.context)
    assert pilot.request.view == View(gain_db=12.0)


def test_two_pictures_are_compared_in_their_light(pilot):
    comparison = pilot.context.comparison
    kept = pilot.session.frame
    comparison.keep(kept)
    pilot.enter(CONTRAST, "0")
    shown = comparison.shown(pilot.wait_for_picture())
    comparison.keep(None)
    assert shown.pixels.shape[1] == 2 * kept.pixels.shape[1]
    assert np.array_equal(shown.pixels[:, : kept.pixels.shape[1]], kept.pixels)
    assert np.ptp(shown.pixels[:, kept.pixels.shape[1] :]) == 0


# ----------------------------------------------------------------------------
# Paths.


def test_a_control_tells_the_path_of_what_it_sets(pilot):
    pilot.show(EXPOSURE)
    assert pilot.ui.paths[EXPOSURE] == "view.exposure"
    assert pilot.ui.paths["Layer strip/Noise 4"] == "layers[4].noise"
    assert "Latent/Speed" not in pilot.ui.paths


def test_its_menu_copies_the_path(pilot):
    pilot.click(EXPOSURE, 1, held="Shift")
    pilot.click("Menu/Copy path")
    assert pilot.clipboard == "view.exposure"
