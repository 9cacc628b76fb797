"""Style space in the window: channels in order, edits of single ones, what acts on a place in the picture."""

from __future__ import annotations

import numpy as np
import pytest

from core.base.progress import silent
from core.render.blend_renderer import BlendRenderer
from core.request import Box, StyleEdit
from core.request.edits import style_at
from tests.gui.conftest import GOLDEN, SG2

LAYER = "b16.conv1"


@pytest.fixture
def pilot(launch):
    """A window with the styles of the layers of row 4 open."""
    pilot = launch(size=(1280, 900), panels={"Style vector": False, "Layer strip": True})
    pilot.click("Layer strip/Row 4")
    pilot.wait_until(lambda: pilot.session.frame.styles is not None and pilot.session.frame.styles.layer == LAYER)
    pilot.step()
    return pilot


def channels(pilot) -> list[int]:
    """Of the rows, from the top."""
    found = [name for name in pilot.ui.items if name.startswith("Style space/Offset ")]
    return [int(name.rpartition(" ")[2]) for name in found]


def test_channels_come_in_the_order_of_their_deviation(pilot):
    styles = pilot.session.frame.styles
    deviation = np.abs(styles.values - styles.mean) / styles.std
    assert channels(pilot) == list(np.argsort(-deviation, kind="stable")[:12])
    pilot.click("Style space/Next")
    pilot.step()
    assert channels(pilot) == list(np.argsort(-deviation, kind="stable")[12:24])


def test_an_offset_and_a_scale_change_the_picture_and_are_taken_back(pilot):
    shown, channel = pilot.session.frame.pixels, channels(pilot)[0]
    pilot.enter(f"Style space/Offset {channel}", "3")
    pilot.enter(f"Style space/Scale {channel}", "0.5")
    assert style_at(pilot.request, LAYER, channel) == StyleEdit(LAYER, channel, 3.0, 0.5)
    assert not np.array_equal(pilot.wait_for_picture().pixels, shown)
    pilot.click("Style space/Sort by/Edited")
    pilot.step()
    assert channels(pilot) == [channel]
    pilot.click(f"Style space/Reset {channel}")
    assert pilot.request.styles == ()
    assert np.array_equal(pilot.wait_for_picture().pixels, shown)


def test_a_click_in_the_picture_finds_the_channels_that_act_there(pilot, library):
    pilot.click("Style space/Sort by/Pointer")
    pilot.step()
    assert channels(pilot) == []
    pilot.click("Style space/Choose a place")
    pilot.step()
    before = pilot.request
    pilot.click("Picture")
    assert pilot.request == before  # the click walks nowhere
    pilot.wait_until(lambda: not pilot.session.operations)
    pilot.step(2)
    info = pilot.session.info
    edge = round(0.05 * info.width)
    box = Box(info.width // 2 - edge, info.height // 2 - edge, info.width // 2 + edge, info.height // 2 + edge)
    found = BlendRenderer(library(SG2, silent), lambda name: None).influence(pilot.request, LAYER, box)
    assert set(channels(pilot)[:3]) & set(np.argsort(-found)[:6])
    assert pilot.context.selection.marked is not None
    pilot.open(str(GOLDEN / "sg2ada-64-cond.pkl"))
    pilot.step(2)
    assert pilot.context.selection.marked is None  # it was a place in the picture of the network before
    assert channels(pilot) == []


def test_escape_ends_the_wait_for_a_click(pilot):
    pilot.click("Style space/Sort by/Pointer")
    pilot.step()
    pilot.click("Style space/Choose a place")
    pilot.press("Escape")
    assert not pilot.context.selection.waits_for_click
    assert not pilot.popup_open


def test_the_layers_of_a_row_are_chosen_one_by_one(launch):
    pilot = launch("demo:portraits", size=(1280, 900), panels={"Style vector": False})
    pilot.click("Layer strip/Row 4")
    pilot.step()
    pilot.click("Style space/Layer/b16.torgb")
    pilot.wait_until(lambda: pilot.session.frame.styles and pilot.session.frame.styles.layer == "b16.torgb")
