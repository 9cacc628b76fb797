"""StyleGAN1 and ProGAN in the window, and the level of detail of networks that grew."""

from __future__ import annotations

import numpy as np
import pytest

from core.opening.network import open_network
from core.render.renderer import Renderer
from core.request import RenderRequest
from tests.fixtures.samples import FOLDER
from visualizer.views.workspaces import PANELS, WORKSPACES

STYLEGAN1, PROGAN = str(FOLDER / "tf_sg1.pkl"), str(FOLDER / "tf_progan.pkl")
ALL_OPEN = {panel.title: True for panel in PANELS}
DETAIL = "Network/Detail"


def test_the_level_of_detail_is_dragged_undone_typed_and_reset(launch):
    pilot = launch(STYLEGAN1)
    full = pilot.session.frame.pixels
    pilot.drag(DETAIL, 25, at=(0.1, 0.5))
    dragged = pilot.request.lod
    assert 0 < dragged < 2
    expected = Renderer(open_network(STYLEGAN1)).render(RenderRequest(lod=dragged)).pixels
    assert np.array_equal(pilot.wait_for_picture().pixels, expected)
    pilot.enter(DETAIL, "1")
    assert pilot.request.lod == 1
    pixels = pilot.wait_for_picture().pixels
    assert np.array_equal(pixels, pixels[::2, ::2].repeat(2, 0).repeat(2, 1))
    pilot.press("Ctrl+Z")
    assert pilot.request.lod == dragged
    pilot.press("Ctrl+Z")
    assert pilot.request.lod is None
    assert np.array_equal(pilot.wait_for_picture().pixels, full)
    pilot.press("Ctrl+Shift+Z")
    assert pilot.request.lod == dragged
    pilot.right_click(DETAIL)
    assert pilot.request.lod is None
    pilot.enter(DETAIL, "7")
    assert pilot.request.lod == 2
    pilot.click("Network/Detail reset")
    assert pilot.request.lod is None


def test_a_network_that_did_not_grow_has_no_level_of_detail(launch):
    pilot = launch()
    assert not pilot.has(DETAIL)
    pilot.open(STYLEGAN1)
    assert pilot.has(DETAIL)
    pilot.enter(DETAIL, "2")
    frame = pilot.wait_for_picture()
    pilot.open(str(FOLDER / "progan_gandissect.pth"))
    assert not pilot.has(DETAIL)
    assert pilot.request.lod is None
    pilot.open(STYLEGAN1)
    pilot.press("Ctrl+Z")
    pilot.press("Ctrl+Z")
    pilot.wait_until(lambda: pilot.session.load_job is None)
    assert np.array_equal(pilot.wait_for_picture().pixels, frame.pixels)


@pytest.mark.parametrize("network", [STYLEGAN1, PROGAN])
def test_every_panel_has_room_for_a_network_that_grew(launch, network):
    pilot = launch(network, panels=ALL_OPEN)
    pilot.session.edit(lod=1.53)
    names = {"tf_sg1.pkl", "tf_progan.pkl"}
    for workspace in WORKSPACES:
        pilot.choose_workspace(workspace.name)
        pilot.step(3)
        cut = {text for text in pilot.ui.paint.shortened if not any(name in text for name in names)}
        assert not cut - {str(pilot.actions.capture_folder)}


def test_layers_of_a_network_that_grew_are_looked_at(launch):
    pilot = launch(STYLEGAN1, size=(1280, 800), workspace="Inspect")
    pilot.click("Layers/b8.conv1")
    assert pilot.wait_for_picture().image.shape == (12, 8, 8)
    pilot.wait_until(lambda: pilot.session.frame.analysis is not None)
    pilot.session.edit(lod=1.0)
    names = [layer.name for layer in pilot.wait_for_picture().layers]
    assert names == ["b4.input", "b4.conv1", "b8.conv0", "b8.conv1", "b8.torgb", "output"]
