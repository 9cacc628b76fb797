"""What the mouse and the keyboard do with the controls of the panels."""

from __future__ import annotations

PSI = "Truncation & noise/Psi"


def test_a_drag_changes_the_value_and_is_one_step(pilot):
    pilot.drag(PSI, -30)
    dragged = pilot.request.truncation.psi
    assert dragged < 1
    pilot.press("Ctrl+Z")
    assert pilot.request.truncation.psi == 1
    pilot.press("Ctrl+Shift+Z")
    assert pilot.request.truncation.psi == dragged
