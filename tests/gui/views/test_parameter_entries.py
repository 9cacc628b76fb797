"""The parameters in the searchable list: each has its value, and leads to its control."""

from __future__ import annotations

import re

import pytest

from core.base.control import Kind
from core.parameters import diff, place_of, positions
from core.request import Blend, Noise, NoiseMode, SeedPoint, StyleEdit, StyleSource
from tests.gui.conftest import GOLDEN, SG2
from visualizer.actions.parameter_entries import parameter_entries
from visualizer.views.workspaces import PANELS, WORKSPACES

PARTS = {
    "sources": (StyleSource(parts=(0.5,)), StyleSource(SeedPoint(5))),
    "styles": (StyleEdit("b16.conv1", 3, 1.0),),
    "blends": (Blend(SG2, (0.5,)),),
    "noise": Noise(NoiseMode.RANDOM),
}
CASES = {
    "StyleGAN2, edited": (SG2, PARTS),
    "StyleGAN3": (str(GOLDEN / "sg3t-64-cond.pkl"), {}),
}


def focused(pilot, path):
    """Whether the control of a parameter has the keyboard in the next frame; pairs of numbers have one control."""
    pilot.step()
    controls = (path, path.replace(".y", ".x").replace(".count", ".x"))
    return pilot.ui.focus_ring and pilot.ui.paths.get(pilot.ui.focus) in controls


@pytest.mark.parametrize("case", CASES)
def test_every_parameter_leads_to_its_control(launch, case):
    """It opens the workspace and the panel, and the control has the keyboard."""
    network, parts = CASES[case]
    pilot = launch(network, size=(1600, 1000))
    pilot.session.edit(**parts)
    pilot.wait_for_picture()
    missed = []
    for entry in parameter_entries(pilot.context):
        if entry.why_not or re.search(r"\[[1-9]\d*\]\.(psi|noise|muted)$", entry.more):
            continue  # nothing is led to, or layers like the first
        pilot.ui.leave_focus()
        entry.run()
        if not any(focused(pilot, entry.more) for _ in range(4)):
            missed.append(entry.more)
    assert not missed, ", ".join(missed)


def test_entries_tell_values_and_layers(launch):
    pilot = launch()
    entries = {entry.more: entry for entry in parameter_entries(pilot.context)}
    psi, layer = entries["truncation.psi"], entries["layers[3].psi"]
    assert (psi.title, psi.detail) == ("Psi", "1.00")
    assert layer.title == "Psi of layer 3"
    assert "layers[99].psi" not in entries
    assert "transform.rotate" not in entries  # this network moves nothing


@pytest.mark.parametrize(("case", "end"), [("StyleGAN2, edited", -1e4), ("StyleGAN3", 1e4)])
def test_drawing_the_panels_changes_no_value_however_far_beyond_its_slider(launch, case, end):
    network, parts = CASES[case]
    pilot = launch(network, size=(1600, 1000), panels={panel.title: True for panel in PANELS})
    pilot.session.edit(**parts)
    pilot.wait_for_picture()
    info, far = pilot.session.info, pilot.request
    for entry in parameter_entries(pilot.context):
        place = place_of(entry.more)
        low, high = place.parameter.fitted(info, far).limits
        number = min(max(end, low), high)
        if place.parameter.kind in (Kind.NUMBER, Kind.WHOLE) and not entry.why_not:
            for at in positions(place, far, info):
                far = place.parameter.set(far, round(number) if place.parameter.whole else number, at)
    pilot.session.edit(far)
    far = pilot.request
    for workspace in WORKSPACES:
        pilot.choose_workspace(workspace.name)
        pilot.step(3)
        assert diff(far, pilot.request) == ()
