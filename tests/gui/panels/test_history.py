"""The panel History: its steps and branches, and the way back to them."""

from __future__ import annotations

from core.request import SeedPoint


def edited(pilot, *seeds: int) -> None:
    """Steps of the history, one for each seed."""
    for seed in seeds:
        pilot.session.edit(latent=SeedPoint(float(seed)))
        pilot.wait_for_picture()


def test_a_click_returns_to_any_step_and_what_an_undo_left_is_a_branch(launch):
    pilot = launch(size=(1280, 800), panels={"History": True, "Latent": False, "Style mixing": False})
    edited(pilot, 1, 2, 3)
    history, px = pilot.session.history, pilot.ui.px
    assert history.step.picture is not None
    assert max(history.step.picture.shape) <= 64
    pilot.click("History/Step 2")  # the newest is step 0
    assert pilot.request.latent == SeedPoint(1.0)
    assert pilot.session.document.can_redo
    edited(pilot, 9)
    pilot.step(2)
    assert pilot.has("History/Branch 1")  # over the step that it begins at, under the newest
    assert not pilot.has("History/Step 4")
    pilot.click("History/Branch 1")
    pilot.step()
    assert pilot.has("History/Step 3")
    pilot.click("History/Step 2")
    assert pilot.request.latent == SeedPoint(3.0)
    pilot.press("Ctrl+Z")
    pilot.press("Ctrl+Z")
    pilot.press("Ctrl+Shift+Z")
    assert pilot.request.latent == SeedPoint(2.0)
    pilot.step(2)
    pilot.click(next(name for name in pilot.ui.items if name.startswith("History/Return")))
    assert pilot.request.latent == SeedPoint(9.0)
    for seed in range(400):
        pilot.session.edit(latent=SeedPoint(seed, 5.0))
        pilot.session.commit_gesture()
    pilot.step(2)
    steps = [name for name in pilot.ui.items if name.startswith("History/Step")]
    assert len(steps) <= 11  # only what is seen is drawn
    assert pilot.item("History/Step 0").h == px(34)
