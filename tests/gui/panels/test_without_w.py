"""Networks without a W: what the panels offer of them, and how they speak of z."""

from __future__ import annotations

import numpy as np
import pytest

from core.request import Noise, Truncation, ZVector
from tests.fixtures.samples import FOLDER

PSI = "Truncation & noise/Psi"


@pytest.fixture
def pilot(launch):
    """A BigGAN whose layers get parts of z."""
    return launch(str(FOLDER / "biggan_ajbrock.pth"), size=(1280, 800))


def test_layers_are_edited_and_what_needs_a_w_is_switched_off(pilot):
    for name in ("Truncation & noise/Centre", "Style vector/Show/From average", "Truncation & noise/Noise/None"):
        pilot.click(name)
    assert not pilot.popup_open
    assert pilot.request.truncation == Truncation()
    assert pilot.request.noise == Noise()
    before = pilot.session.frame.ws.copy()
    pilot.enter("Layer strip/Psi 2", "0")
    after = pilot.wait_for_picture().ws
    assert not after[2, :4].any()
    assert np.array_equal(np.delete(after, 2, 0), np.delete(before, 2, 0))
    pilot.click("Layer strip/Row 2")
    pilot.wait_until(lambda: pilot.has("Style space/Next"))
    image = pilot.session.frame.image.clone()
    pilot.enter("Style space/Scale 5", "3")
    assert pilot.request.styles[0].layer == "block1"
    assert not np.array_equal(pilot.wait_for_picture().image, image)
    for workspace in ("Inspect", "Tables"):
        pilot.choose_workspace(workspace)
        assert pilot.session.problem is None


def test_psi_is_switched_off_where_z_is_not_that_of_a_seed(pilot):
    pilot.session.edit(latent=ZVector((0.5,) * 16), label=1)
    pilot.wait_for_picture()
    pilot.drag(PSI, -40, 0)
    pilot.click("Style vector/To average")
    assert pilot.request.truncation == Truncation()
    assert pilot.request.layers == ()
    pilot.click("Style mixing/Layer 1")  # a seed
    pilot.wait_for_picture()
    pilot.drag(PSI, -40, 0)
    assert pilot.request.truncation.psi < 1
