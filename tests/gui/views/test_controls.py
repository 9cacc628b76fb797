"""What the mouse and the keyboard do with the controls of the panels."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from imgui_bundle import imgui

from core.base.control import number_text
from core.request import Noise, NoiseMode, RenderRequest, SeedPoint
from visualizer.session import meters
from visualizer.toolkit import tooltips
from visualizer.views.bars import rate_text


class Control(NamedTuple):
    """A value control: where it is, what of the session it is, its default, its default as text."""

    name: str
    get: Callable[..., object]
    default: object
    text: str
    typed: str = "0.5"
    result: object = 0.5


def of_request(get: Callable[[RenderRequest], object]) -> Callable[..., object]:
    return lambda pilot: get(pilot.request)


MIXED = SeedPoint(1000)
PSI, CUTOFF = "Truncation & noise/Psi", "Truncation & noise/Cutoff"

CONTROLS = (
    Control("Latent/Seed", of_request(lambda r: r.latent), SeedPoint(), "0", "12", SeedPoint(12.0)),
    Control("Latent/Offset x", of_request(lambda r: r.latent), SeedPoint(), "+0.00", ".25", SeedPoint(0.25)),
    Control("Latent/Offset y", of_request(lambda r: r.latent), SeedPoint(), "+0.00", "-.25", SeedPoint(0, -0.25)),
    Control("Latent/Speed", lambda p: p.session.animation.latent_speed, 0.25, "+0.25"),
    Control("Style mixing/Mix seed", of_request(lambda r: r.sources[0].latent), MIXED, "1000", "7", SeedPoint(7)),
    Control("Style mixing/Speed", lambda p: p.session.animation.mixing_speed, 0.25, "+0.25", "2.5", 2.5),
    Control("Truncation & noise/Psi", of_request(lambda r: r.truncation.psi), 1, "1.00"),
    Control("Truncation & noise/Cutoff", of_request(lambda r: r.truncation.cutoff), None, "8", "3", 3),
    Control("Truncation & noise/Noise seed", of_request(lambda r: r.noise.seed), 0, "0", "5", 5),
    Control("Truncation & noise/Speed", lambda p: p.session.animation.noise_speed, 2.0, "2.0", "5", 5.0),
    Control("Truncation & noise/Strength", of_request(lambda r: r.noise.strength), 1, "1.00"),
    Control("Truncation & noise/Shift x", of_request(lambda r: r.noise.shift), (0, 0), "+0.000", "0.5", (0.5, 0)),
    Control("Performance/Frame limit", lambda p: p.context.settings.fps_limit, 60, "60", "90", 90),
)
KINDS = [control for control in CONTROLS if control.name in ("Latent/Seed", "Latent/Offset x", PSI, CUTOFF)]
FRACTIONAL = [control for control in KINDS if "." in control.text]
every_kind = pytest.mark.parametrize("control", KINDS, ids=lambda control: control.name)
every_control = pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)

@pytest.fixture(scope="module")
def running(launch_painted):
    return launch_painted(panels={"Capture": True, "Performance": True})


@pytest.fixture
def pilot(running):
    """The program with all panels open and random noise, so that every control is in use."""
    running.start_anew(RenderRequest(network="painted", noise=Noise(NoiseMode.RANDOM)))
    return running


@every_control
def test_a_drag_changes_it_and_a_right_click_resets_it(pilot, control):
    pilot.drag(control.name, -30 if control.default is None else 30)
    assert control.get(pilot) != control.default
    pilot.right_click(control.name)
    assert control.get(pilot) == control.default


@pytest.mark.parametrize("control", FRACTIONAL, ids=lambda control: control.name)
def test_shift_drags_finer(pilot, control):
    pilot.drag(control.name, -40)
    coarse = number(pilot.value(control.name)) - number(control.text)
    pilot.right_click(control.name)
    pilot.drag(control.name, -40, held="Shift")
    fine = number(pilot.value(control.name)) - number(control.text)
    assert 0 < abs(fine) < abs(coarse) / 2


@every_control
def test_a_double_click_types_a_value(pilot, control):
    pilot.enter(control.name, control.typed)
    assert control.get(pilot) == control.result


@every_kind
def test_escape_leaves_what_was_typed(pilot, control):
    pilot.enter(control.name, control.typed, end="Escape")
    assert control.get(pilot) == control.default
    assert not pilot.ui.typing
    assert pilot.app.running


@every_kind
def test_what_is_no_number_keeps_the_value_and_says_why_until_it_is_put_right(pilot, control):
    pilot.enter(control.name, "nonsense")
    assert control.get(pilot) == control.default
    assert pilot.ui.typing
    assert pilot.ui.remarks.now.item == control.name
    assert pilot.ui.remarks.now.refused
    assert "“nonsense” is no number" in pilot.ui.remarks.now.text
    pilot.type_text(control.typed)
    pilot.press("Enter")
    pilot.step()
    assert control.get(pilot) == control.result
    assert pilot.ui.remarks.now is None


def test_what_is_no_number_and_is_left_closes_the_field_and_is_told(pilot):
    pilot.double_click(PSI)
    pilot.step()
    pilot.type_text("1.0.0")
    pilot.click("Latent/Header", at=(0.9, 0.5))
    pilot.step()
    assert not pilot.ui.typing
    assert pilot.request.truncation.psi == 1
    assert pilot.ui.remarks.now.refused


@pytest.mark.parametrize(("typed", "value"), [("7", 2.0), ("-1e9", -1.0)])
def test_a_number_out_of_range_is_limited_and_said_to_be(pilot, typed, value):
    before = pilot.pixels()
    pilot.enter(PSI, typed)
    assert pilot.request.truncation.psi == value
    assert not pilot.ui.remarks.now.refused
    assert pilot.ui.remarks.now.text == f"Limited to {number_text(value, '%.2f')}: it goes from −1.00 to 2.00"
    r = pilot.item(PSI)
    below = (slice(int(r.bottom) + 5, int(r.bottom) + 25), slice(int(r.x), int(r.right)))
    assert (pilot.pixels()[below] != before[below]).any()


@pytest.mark.parametrize("text", ["", "1/0", "__import__('os')", "1e999", "nan", "2**9", "0x", "1 2"])
def test_only_numbers_and_their_sums_and_products_are_taken(pilot, text):
    pilot.enter(PSI, text)
    assert pilot.request.truncation.psi == 1


@every_kind
def test_its_menu_resets_copies_and_pastes(pilot, control):
    pilot.enter(control.name, control.typed)
    copied = pilot.value(control.name)
    pilot.click(control.name, 1, held="Shift")
    pilot.click("Menu/Copy value")
    assert pilot.clipboard == copied
    pilot.click(control.name, 1, held="Shift")
    pilot.click(f"Menu/Reset to {control.text}")
    assert control.get(pilot) == control.default
    pilot.click(control.name, 1, held="Shift")
    pilot.click("Menu/Paste value")
    pilot.step()
    assert control.get(pilot) == control.result


@every_kind
def test_ctrl_and_the_wheel_step_it_and_do_not_scroll(pilot, control):
    before = pilot.show(control.name)
    notches = -1 if control.default is None else 1
    pilot.wheel(control.name, notches, held="Ctrl")
    assert control.get(pilot) != control.default
    assert pilot.item(control.name) == before


@every_kind
def test_the_arrow_keys_step_it_once_it_has_the_keyboard(pilot, control):
    pilot.ui.focus, pilot.ui.focus_ring = control.name, True
    pilot.step()
    pilot.press("Left" if control.default is None else "Right")
    assert control.get(pilot) != control.default


def number(text: str) -> float:
    return float(text.replace("−", "-"))


# ----------------------------------------------------------------------------
# Typing.


@pytest.mark.parametrize(
    ("text", "value"), [("0.7*2", 1.4), ("1/4", 0.25), ("−.5", -0.5), ("0,5", 0.5), ("9", 2.0), ("-9", -1.0)]
)
def test_expressions_are_understood_and_limits_kept(pilot, text, value):
    pilot.enter(PSI, text)
    assert pilot.request.truncation.psi == pytest.approx(value)


def test_a_typed_value_is_one_step(pilot):
    pilot.enter(PSI, "0.5")
    pilot.press("Ctrl+Z")
    assert pilot.request.truncation.psi == 1


def test_ctrl_click_types_too(pilot):
    pilot.click(PSI, held="Ctrl")
    pilot.step()
    pilot.type_text("0.3")
    pilot.press("Enter")
    pilot.step()
    assert pilot.request.truncation.psi == pytest.approx(0.3)


def test_a_click_elsewhere_commits_what_was_typed(pilot):
    pilot.double_click(PSI)
    pilot.step()
    pilot.type_text("0.3")
    pilot.click("Latent/Header", at=(0.9, 0.5))
    pilot.step()
    assert pilot.request.truncation.psi == pytest.approx(0.3)
    assert not pilot.ui.typing


# ----------------------------------------------------------------------------
# Tooltips and the seed map.


def tooltip_shown() -> bool:
    window = imgui.internal.find_window_by_name("##Tooltip_00")
    return window is not None and window.active


def test_a_tooltip_stays_away_from_what_is_edited_until_the_pointer_has_left(pilot, monkeypatch):
    monkeypatch.setattr(tooltips, "DELAY_S", 0.0)
    pilot.move_to(PSI)
    pilot.step()
    assert tooltip_shown()
    pilot.drag(PSI, -10)
    pilot.step()
    assert not tooltip_shown()
    pilot.wheel(PSI, 1, held="Ctrl")
    assert not tooltip_shown()
    pilot.leave()
    pilot.move_to(PSI)
    pilot.step()
    assert tooltip_shown()


def test_the_wheel_zooms_the_seed_map_and_the_dock_stays(pilot):
    pilot.move_to("Latent/Seed map")
    pilot.step()
    place = pilot.item("Latent/Seed map")
    pilot.wheel("Latent/Seed map", -5)
    assert pilot.item("Latent/Seed map") == place
    pilot.drag("Latent/Seed map", 51, 0)
    assert pilot.request.latent.x == pytest.approx(1.2**5, rel=0.05)
    pilot.wheel("Latent/Seed map", 5)


def test_the_rate_falls_to_idle(pilot, monkeypatch):
    pilot.drag(PSI, -10)
    pilot.wait_for_picture()
    assert pilot.ui.next_frame_in is not None  # until it has fallen
    monkeypatch.setattr(meters, "RATE_SPAN_S", 0.0)
    assert rate_text(pilot.context.meters.render) == "idle"


# ----------------------------------------------------------------------------
# Undo.


def test_a_drag_is_one_step(pilot):
    pilot.drag(PSI, -30)
    dragged = pilot.request.truncation.psi
    pilot.press("Ctrl+Z")
    assert pilot.request.truncation.psi == 1
    pilot.press("Ctrl+Shift+Z")
    assert pilot.request.truncation.psi == dragged


def test_several_steps_go_back_in_order(pilot):
    pilot.enter(PSI, "0.5")
    pilot.enter("Latent/Seed", "3")
    pilot.click("Top/Undo")
    assert (pilot.request.truncation.psi, pilot.request.latent) == (0.5, SeedPoint())
    pilot.click("Top/Undo")
    assert pilot.request.truncation.psi == 1
    pilot.click("Top/Redo")
    pilot.click("Top/Redo")
    assert pilot.request.latent == SeedPoint(3.0)
    assert "nothing to redo" in pilot.ui.reasons["Top/Redo"]


# ----------------------------------------------------------------------------
# Segments, toggles, rows, headers.


def test_segments_choose(pilot):
    pilot.click("Truncation & noise/Noise/None")
    assert pilot.request.noise.mode is NoiseMode.NONE


def test_a_right_click_resets_segments(pilot):
    pilot.right_click("Truncation & noise/Noise/Random")
    assert pilot.request.noise.mode is NoiseMode.CONST


@pytest.mark.parametrize("panel", ["Latent", "Style mixing", "Truncation & noise"])
def test_a_toggle_animates_and_a_right_click_ends_it(pilot, panel):
    pilot.click(f"{panel}/Animate")
    before = pilot.request
    pilot.wait_until(lambda: pilot.request != before)
    pilot.right_click(f"{panel}/Animate")
    assert not pilot.session.animation.running


def test_an_animation_is_one_step(pilot):
    pilot.click("Latent/Animate")
    pilot.wait_until(lambda: pilot.request.latent.x > 0.01)
    pilot.click("Latent/Animate")
    pilot.press("Ctrl+Z")
    assert pilot.request.latent == SeedPoint()


@pytest.mark.parametrize(("row", "control"), [("Psi", "Psi"), ("Cutoff", "Cutoff"), ("Noise seed", "Noise seed")])
def test_the_gutter_resets_its_row(pilot, row, control):
    default = pilot.value(f"Truncation & noise/{control}")
    pilot.enter(f"Truncation & noise/{control}", "1.5")
    pilot.click(f"Truncation & noise/{row} reset")
    pilot.step()
    assert pilot.value(f"Truncation & noise/{control}") == default
    assert not pilot.has(f"Truncation & noise/{row} reset")


def test_a_panel_resets_as_a_whole(pilot):
    pilot.enter(PSI, "0.5")
    pilot.click("Truncation & noise/Reset")
    assert pilot.request == RenderRequest(network="painted")


def test_a_header_folds_its_panel(pilot):
    pilot.click("Latent/Header")
    assert not pilot.has("Latent/Seed")
    pilot.click("Latent/Header")
    assert pilot.has("Latent/Seed")


def test_steppers_step(pilot):
    pilot.click("Latent/Seed more")
    pilot.click("Latent/Seed more")
    pilot.click("Latent/Seed less")
    assert pilot.request.latent == SeedPoint(1.0)
