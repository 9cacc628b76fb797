"""The panel Equivariance, and moving the picture in its frame."""

from __future__ import annotations

import pytest

from core.base.control import number_text
from core.display.frame import Metric
from core.measure.equivariance import equivariance
from core.opening.network import open_network
from core.request import IDENTITY, View
from core.request.placement import Placement
from tests.gui.conftest import GOLDEN
from visualizer.views.chips.placement import placement_words
from visualizer.views.chips.probe import layer_entries

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
    movable.drag("Picture", 50, 0, held="Ctrl+Shift")
    assert placement(movable).x == pytest.approx(55 / width)


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


# ----------------------------------------------------------------------------
# How well it follows.


def test_live_scores_follow_the_picture(movable):
    movable.wait_until(lambda: set(movable.session.scores) == set(Metric))
    movable.step()
    upright = movable.value("Equivariance/Live EQ-R")
    assert float(upright) > 0
    movable.enter("Equivariance/Rotate", "10")
    transform = movable.request.transform
    movable.wait_until(lambda: all(s.request.transform == transform for s in movable.session.scores.values()))
    movable.step()
    assert movable.value("Equivariance/Live EQ-R") != upright


def test_scores_cost_nothing_while_the_panel_is_folded(movable):
    movable.click("Equivariance/Header")
    assert not movable.session.analysis.scores
    movable.click("Equivariance/Header")
    assert movable.session.analysis.scores


def test_comparisons_show_both_pictures(movable):
    movable.enter("Equivariance/Translate x", "0.1")
    made = movable.wait_for_picture().pixels
    movable.click("Equivariance/Compare/Side")
    assert movable.wait_for_picture().pixels.shape == (64, 129, 3)
    movable.click("Equivariance/Compare/Diff")
    plain = movable.wait_for_picture().pixels
    movable.enter("Equivariance/Difference", "30")
    assert (movable.wait_for_picture().pixels != plain).any()
    movable.click("Equivariance/Mask")
    movable.click("Equivariance/Compare/Off")
    assert (movable.wait_for_picture().pixels == made).all()
    movable.click("Equivariance/Untransform")
    assert (movable.wait_for_picture().pixels != made).any()
    movable.click("Equivariance/Reset")
    assert movable.request.view == View()
    assert movable.request.transform == IDENTITY


def test_the_edge_of_a_wipe_is_dragged_and_the_latent_stays(movable):
    movable.enter("Equivariance/Rotate", "90")
    movable.click("Equivariance/Untransform")
    movable.click("Equivariance/Compare/Wipe")
    movable.wait_for_picture()
    latent, view = movable.request.latent, movable.app.shell.picture
    rect = view.rect
    area = movable.item("Picture")
    start = ((rect.x + rect.w / 2 - area.x) / area.w, 0.5)
    movable.drag("Picture", -0.25 * rect.w, at=start)
    assert view.edge == pytest.approx(0.25, abs=0.02)
    assert movable.request.latent == latent
    movable.drag("Picture", 40, at=start)
    assert view.edge == pytest.approx(0.25, abs=0.02)
    assert movable.request.latent != latent


def test_blinking_shows_both_pictures_in_turn(movable):
    movable.enter("Equivariance/Translate x", "0.3")
    movable.click("Equivariance/Mask")
    movable.click("Equivariance/Compare/Blink")
    movable.wait_for_picture()
    movable.leave()
    seen = set()

    def both() -> bool:
        seen.add(movable.picture_pixels().tobytes())
        return len(seen) >= 2

    movable.wait_until(both)
    assert movable.app.idle_s() is not None  # it wakes up by itself


def test_a_sweep_draws_its_curves_while_it_runs_and_can_be_cancelled(movable):
    movable.click("Equivariance/Sweep")
    (job,) = movable.session.operations
    movable.wait_until(lambda: job.status.done >= 2)
    assert movable.legend("Equivariance", "Sweep plot") == {"p0", "p1"}
    movable.click("Equivariance/Cancel")
    movable.wait_until(lambda: not movable.session.operations)
    movable.step()
    assert movable.has("Equivariance/Sweep")
    assert movable.session.problem is None


def test_a_measurement_gives_the_figures_of_the_command_line(movable):
    movable.enter("Equivariance/Samples", "2")
    movable.click("Equivariance/Measure")
    movable.wait_until(lambda: movable.has("Equivariance/Measured EQ-T"))
    measured = {name: float(movable.value(f"Equivariance/Measured {name}")) for name in ("EQ-T", "EQ-T_frac", "EQ-R")}
    scores = equivariance(open_network(STYLEGAN3).generator, 2)
    for name, score in zip(measured, scores.values(), strict=True):
        assert measured[name] == pytest.approx(score.psnr_db, abs=0.051)


def test_a_tab_goes_back_to_the_picture_and_to_the_layer(movable):
    layer = movable.session.frame.layers[3].name
    movable.click(f"Layers/{layer}")
    movable.wait_for_picture()
    movable.click("View/Tab Picture")
    assert movable.request.view.layer == ""
    movable.wait_for_picture()
    movable.click(f"View/Tab {layer}")
    assert movable.request.view.layer == layer


def test_the_pointer_over_a_layer_asks_for_its_values(movable):
    layer = movable.session.frame.layers[3].name
    movable.click(f"Layers/{layer}")
    movable.wait_for_picture()
    movable.move_to("Picture")
    movable.wait_until(lambda: movable.session.frame.analysis.values is not None)
    frame = movable.session.frame
    assert layer_entries(frame, 2, 1)[0] == ("0", number_text(float(frame.analysis.values[0, 1, 2]), "%+.3f"))
    movable.leave()
    movable.step()
    assert not movable.session.analysis.values


def test_edit_has_the_transform_and_its_view_says_that_the_picture_is_turned(launch):
    pilot = launch(STYLEGAN3, size=(1280, 800), panels={"Style mixing": False, "Latent": False})
    assert not pilot.has("Set upright")
    pilot.enter("Transform/Rotate", "30")
    pilot.enter("Transform/Translate x", "0.1")
    pilot.enter("Transform/Scale x", "1.5")
    assert placement(pilot) == Placement(0.1, 0, 30, 1.5)
    before = pilot.request.latent
    pilot.click("Set upright")
    assert pilot.request.transform == IDENTITY
    assert pilot.request.latent == before  # what lies over the picture does not walk it
    pilot.step()
    assert not pilot.has("Set upright")


@pytest.mark.parametrize(
    ("placed", "words"),
    [
        (Placement(0.1, 0, -30), "Moved · turned −30.0 °"),
        (Placement(scale_x=2, scale_y=2), "× 2.00"),
        (Placement(scale_x=2, mirrored=True), "Scaled · mirrored"),
        (None, "Transformed"),
    ],
)
def test_a_placement_is_told_in_words(placed, words):
    assert placement_words(placed) == words


def test_a_network_without_a_transform_says_so(launch):
    pilot = launch(size=(1600, 1000))
    pilot.choose_workspace("Inspect")
    assert "input transform" in pilot.ui.reasons["Equivariance/Rotate"]
    before = pilot.request.latent
    pilot.drag("Picture", 50, held="Ctrl")
    assert pilot.request.transform == IDENTITY
    assert pilot.request.latent != before
