"""The style vector: bars that drag, offsets, and a w that is kept."""

from __future__ import annotations

import numpy as np
import pytest

from core.request import LayerEdit, SeedPoint
from core.request.edits import edit_at


@pytest.fixture
def pilot(launch):
    """A window wide enough for the right dock, with layer 3 chosen."""
    pilot = launch(size=(1280, 800))
    pilot.click("Layer strip/Row 3")
    pilot.wait_until(lambda: pilot.has("Style space/Next"))  # a scroll bar comes with its rows
    return pilot


def own(pilot) -> LayerEdit:
    return edit_at(pilot.request.layers, 3)


def test_a_bar_follows_the_pointer_and_nothing_else_changes(pilot):
    before = pilot.session.frame.ws.copy()
    dim = before.shape[1]
    pilot.drag("Style vector/Bars", 0, -20, at=(5.5 / dim, 0.5))
    assert [i for i, offset in enumerate(own(pilot).offset) if offset] == [5]
    after = pilot.wait_for_picture().ws
    assert after[3, 5] - pilot.session.frame.w_avg[5] > 0
    assert np.array_equal(np.delete(after[3], 5), np.delete(before[3], 5))
    assert np.array_equal(np.delete(after, 3, 0), np.delete(before, 3, 0))
    pilot.press("Ctrl+Z")
    assert pilot.request.layers == ()


def test_a_drag_over_the_bars_paints_them_all(pilot):
    r = pilot.item("Style vector/Bars")
    pilot.drag("Style vector/Bars", 0.5 * r.w, 10, at=(0.25, 0.5))
    offset, dim = own(pilot).offset, len(own(pilot).offset)
    assert all(offset[dim // 4 : 3 * dim // 4])
    assert not any(offset[: dim // 4 - 1])


def test_a_right_click_takes_the_offset_of_a_number_away(pilot):
    pilot.drag("Style vector/Bars", 0, -20, at=(0.51, 0.5))
    pilot.click("Style vector/Bars", 1, at=(0.51, 0.5))
    assert pilot.request.layers == ()


def test_a_number_is_chosen_and_typed(pilot):
    pilot.enter("Style vector/Index", "7")
    pilot.enter("Style vector/Offset", "-1.5")
    assert [(i, offset) for i, offset in enumerate(own(pilot).offset) if offset] == [(7, -1.5)]
    pilot.right_click("Style vector/Offset")
    assert pilot.request.layers == ()


def test_a_pinned_layer_keeps_its_w_while_the_latent_moves(pilot):
    kept = pilot.session.frame.ws[3].copy()
    pilot.click("Style vector/Pin")
    pilot.session.edit(latent=SeedPoint(9))
    moved = pilot.wait_for_picture().ws
    assert np.array_equal(moved[3], kept)
    assert not np.array_equal(moved[2], kept)
    pilot.click("Style vector/Pin")
    assert np.array_equal(*pilot.wait_for_picture().ws[2:4])


def test_a_gaussian_offset_is_added_and_taken_away(pilot):
    pilot.enter("Style vector/Gaussian", "0.5")
    pilot.click("Style vector/Another")
    assert own(pilot).jitter == 0.5
    pilot.click("Style vector/Reset")
    assert pilot.request.layers == ()


def test_a_w_is_copied_to_another_layer(pilot):
    pilot.session.edit(layers=(LayerEdit(),) * 3 + (LayerEdit(jitter=1.0),))
    w = pilot.wait_for_picture().ws[3].copy()
    pilot.step()
    pilot.click("Style vector/Copy to")
    pilot.step()
    (name,) = [name for name in pilot.ui.items if name.startswith("Menu/5 ·")]
    pilot.click(name)
    assert np.array_equal(pilot.wait_for_picture().ws[5], w)


def test_a_layer_can_get_zero_or_the_average(pilot):
    pilot.click("Style vector/Zero")
    assert not pilot.wait_for_picture().ws[3].any()
    pilot.click("Style vector/To average")
    frame = pilot.wait_for_picture()
    assert np.array_equal(frame.ws[3], frame.w_avg)


def test_the_wheel_zooms_into_the_bars(pilot):
    pilot.wheel("Style vector/Bars", 3, at=(0.9, 0.5))
    pilot.wheel("Style vector/Bars", 3, at=(0.9, 0.5))
    dim = pilot.session.info.w_dim
    pilot.drag("Style vector/Bars", 0, -20, at=(0.999, 0.5))
    pilot.click("Style vector/Bars", 1, at=(0.999, 0.5))
    pilot.drag("Style vector/Bars", 0, -20, at=(0.001, 0.5))
    (first,) = [i for i, offset in enumerate(own(pilot).offset) if offset]
    assert 0 < first < dim - 1
