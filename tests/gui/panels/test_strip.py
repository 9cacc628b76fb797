"""The layer strip: numbers that drag and paint over the rows, curves, columns, mute and solo."""

from __future__ import annotations

from typing import Any

import pytest
from imgui_bundle import imgui

from core.request import LayerEdit, StyleSource, Truncation
from core.request.edits import edit_at
from tests.gui.conftest import GOLDEN

SIZE = (1280, 800)


@pytest.fixture
def pilot(launch):
    """A window wide enough for the right dock, with 8 layers."""
    return launch(size=SIZE)


def psis(pilot) -> list[Any]:
    layers = pilot.request.layers
    return [edit_at(layers, entry).psi for entry in range(pilot.session.info.num_ws)]


def test_a_number_drags_sideways_and_is_one_undo_step(pilot):
    pilot.drag("Layer strip/Psi 2", -30)
    (changed,) = [(entry, psi) for entry, psi in enumerate(psis(pilot)) if psi is not None]
    assert changed[0] == 2
    assert changed[1] == pytest.approx(0.7, abs=0.02)
    pilot.press("Ctrl+Z")
    assert pilot.request.layers == ()


def test_a_drag_over_the_rows_paints_them(pilot):
    pilot.drag("Layer strip/Psi 1", -40, 3 * 24)
    painted = psis(pilot)
    assert [psi is not None for psi in painted[:6]] == [False, True, True, True, True, False]
    assert 1 == painted[1] > painted[2] > painted[3] > painted[4] == pytest.approx(0.6, abs=0.02)


@pytest.mark.parametrize("name", ["Layer strip/Psi 2", "Style mixing/Layer 2"])
def test_a_drag_that_begins_between_two_cells_paints(pilot, name):
    before, r = pilot.request, pilot.show(name)
    between = (r.x + 20, r.y) if "strip" in name else (r.right - 1, r.y + 8)
    pilot.move(*between)
    pilot.down()
    pilot.move(between[0] - 30, between[1])
    pilot.up()
    assert pilot.request != before


def test_the_line_tool_draws_a_straight_line_from_where_it_began(pilot):
    pilot.session.edit(truncation=Truncation(0.5))
    pilot.click("Layer strip/Line")
    pilot.drag("Layer strip/Psi 0", 40, 4 * 24)
    assert psis(pilot)[:5] == pytest.approx([0.5, 0.6, 0.7, 0.8, 0.9], abs=0.02)


def test_the_eraser_sets_back_what_it_comes_over(pilot):
    pilot.session.edit(layers=(LayerEdit(psi=0.5, noise=2.0),) * 5)
    pilot.click("Layer strip/Erase")
    pilot.drag("Layer strip/Psi 1", 0, 2 * 24)
    assert psis(pilot)[:5] == [0.5, None, None, None, 0.5]
    assert all(edit.noise == 2 for edit in pilot.request.layers)


def test_the_style_column_paints_the_chosen_source(pilot):
    pilot.drag("Layer strip/Style 3", 60)
    assert pilot.request.sources[0].parts == pytest.approx((0, 0, 0, 0.6), abs=0.02)
    pilot.right_click("Layer strip/Style 3")
    assert pilot.request.sources == (StyleSource(),)


def test_a_number_can_be_typed_and_reset(pilot):
    pilot.enter("Layer strip/Noise 4", "2.5")
    assert edit_at(pilot.request.layers, 4).noise == 2.5
    pilot.enter("Layer strip/Noise 4", "99")
    assert edit_at(pilot.request.layers, 4).noise == 4  # the most there is
    pilot.right_click("Layer strip/Noise 4")
    assert pilot.request.layers == ()


def test_a_layer_is_muted_and_heard_again(pilot):
    pilot.session.edit(layers=(LayerEdit(psi=0.0),) * 2)
    pilot.click("Layer strip/Mute 1")
    assert pilot.request.layers == (LayerEdit(psi=0.0), LayerEdit(psi=0.0, muted=True))
    pilot.click("Layer strip/Mute 1")
    assert pilot.request.layers == (LayerEdit(psi=0.0),) * 2


def test_solo_mutes_all_other_layers_and_gives_the_mutes_back(pilot):
    count = pilot.session.info.num_ws

    def muted() -> list[int]:
        return [entry for entry in range(count) if edit_at(pilot.request.layers, entry).muted]

    pilot.click("Layer strip/Mute 2", held="Shift")
    assert muted() == [entry for entry in range(count) if entry != 2]
    pilot.click("Layer strip/Mute 2", held="Shift")
    assert pilot.request.layers == ()
    pilot.click("Layer strip/Mute 1")
    pilot.click("Layer strip/Mute 3")
    for layer in (1, 2):  # from one to the next
        pilot.click(f"Layer strip/Mute {layer}", held="Shift")
        assert muted() == [entry for entry in range(count) if entry != layer]
    pilot.click("Layer strip/Mute 2", held="Shift")
    assert muted() == [1, 3]


def test_a_row_for_each_resolution_edits_all_its_layers(pilot):
    pilot.click("Layer strip/Rows/Resolution")
    pilot.step()
    pilot.enter("Layer strip/Psi 3–4", "0.25")
    assert psis(pilot)[:6] == [None, None, None, 0.25, 0.25, None]
    pilot.right_click("Layer strip/Row 3–4")
    assert pilot.request.layers == ()


def test_a_curve_is_drawn_into_a_column(pilot):
    pilot.click("Layer strip/Shape")
    pilot.step()
    assert pilot.request.layers == ()  # not before something of it is chosen
    pilot.enter("Layer strip/Position", "3")
    values = psis(pilot)
    assert values[3] == pytest.approx(0.5)
    assert values == sorted(values)
    assert (values[0] < 0.2, values[-1] > 0.9) == (True, True)
    pilot.click("Layer strip/Column/Noise")
    pilot.enter("Layer strip/From", "2")
    assert edit_at(pilot.request.layers, 0).noise == pytest.approx(1.88, abs=0.02)
    assert psis(pilot) == values


def test_a_column_is_copied_pasted_and_reset(pilot):
    pilot.session.edit(layers=(LayerEdit(psi=0.5), LayerEdit(psi=-0.25)))
    pilot.click("Layer strip/Psi")
    pilot.step()
    pilot.click("Menu/Copy column")
    assert pilot.clipboard.split()[:3] == ["0.5", "-0.25", "1"]
    pilot.click("Layer strip/Noise")
    pilot.step()
    pilot.click("Menu/Paste column")
    assert [edit_at(pilot.request.layers, entry).noise for entry in range(3)] == [0.5, 0, 1]
    pilot.click("Layer strip/Psi")
    pilot.step()
    pilot.click("Menu/Reset column")
    assert not any(psi is not None for psi in psis(pilot))
    imgui.set_clipboard_text("0.5 nonsense")
    pilot.click("Layer strip/Psi")
    pilot.step()
    pilot.click("Menu/Paste column")
    assert psis(pilot)[:2] == [0.5, None]
    assert pilot.session.notices[-1].text == "1 of 2 pasted values is no number"


def test_what_a_network_lacks_is_disabled_with_the_reason(launch):
    pilot = launch(str(GOLDEN / "sg3t-64-cond.pkl"), size=SIZE)
    assert "no noise inputs" in pilot.ui.reasons["Layer strip/Noise 1"]
    pilot.drag("Layer strip/Noise 1", 40)
    assert pilot.request.layers == ()
