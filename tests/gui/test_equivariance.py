"""The panel Equivariance, and moving the picture in its frame."""

from __future__ import annotations

import pytest

from core.placement import Placement
from core.request import IDENTITY
from tests.gui.conftest import GOLDEN

STYLEGAN3 = str(GOLDEN / "sg3t-64-cond.pkl")


@pytest.fixture
def movable(launch):
    pilot = launch(STYLEGAN3, size=(1600, 1000))
    pilot.choose_workspace("Inspect")
    return pilot


def placement(pilot) -> Placement:
    found = Placement.of(pilot.request.transform)
    assert found is not None
    return found


def test_typed_placements_reach_the_network(movable):
    upright = movable.wait_for_picture().pixels
    movable.enter("Equivariance/Translate x", "0.25")
    movable.enter("Equivariance/Rotate", "90")
    movable.enter("Equivariance/Scale y", "2")
    movable.click("Equivariance/Mirror")
    assert placement(movable) == Placement(0.25, 0, 90, 1, 2, 0, mirrored=True)
    assert (movable.wait_for_picture().pixels != upright).any()
    movable.click("Equivariance/Reset")
    assert movable.request.transform == IDENTITY
    assert (movable.wait_for_picture().pixels == upright).all()


def test_a_placement_is_one_undo_step_and_comes_back(movable):
    movable.drag("Equivariance/Rotate", 50)
    turned = movable.request.transform
    movable.press("Ctrl+Z")
    assert movable.request.transform == IDENTITY
    movable.press("Ctrl+Shift+Z")
    assert movable.request.transform == turned
    assert movable.value("Equivariance/Rotate") != "0.0"


def test_translation_is_rounded_to_whole_pixels(movable):
    movable.enter("Equivariance/Translate x", "0.101")
    movable.click("Equivariance/Round to pixels")
    assert placement(movable).x == pytest.approx(6 / 64)


def test_ctrl_and_drag_moves_the_picture_with_the_pointer(movable):
    width = movable.app.shell.picture.rect.w
    movable.drag("Picture", 50, -20, held="Ctrl")
    moved = placement(movable)
    assert (moved.x, moved.y) == pytest.approx((50 / width, -20 / width))


def test_a_matrix_without_an_inverse_is_refused_and_the_last_one_stays(movable):
    movable.enter("Equivariance/Matrix 1 1", "0.5")
    kept = movable.request.transform
    assert kept[0] == 0.5
    movable.enter("Equivariance/Matrix 1 1", "0")
    assert movable.request.transform == kept
    assert "no inverse" in movable.session.notices[-1].text


def test_orbit_and_turn_move_the_picture_by_themselves(movable):
    movable.click("Equivariance/Orbit")
    movable.click("Equivariance/Turn")
    movable.wait_until(lambda: placement(movable).degrees != 0 and placement(movable).x != 0)
    movable.click("Equivariance/Reset")
    assert not movable.session.animation.running
    assert movable.request.transform == IDENTITY


def test_a_network_without_a_transform_says_so(launch):
    pilot = launch(size=(1600, 1000))
    pilot.choose_workspace("Inspect")
    assert "input transform" in pilot.ui.reasons["Equivariance/Rotate"]
    before = pilot.request.latent
    pilot.drag("Picture", 50, held="Ctrl")
    assert pilot.request.transform == IDENTITY
    assert pilot.request.latent != before
