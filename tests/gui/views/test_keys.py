"""Every shortcut does what the table of keys says, and none fires while text is typed."""

from __future__ import annotations

import shlex

import pytest
from imgui_bundle import imgui

from core.request import RenderRequest, SeedPoint
from tests.gui.pilot import MODIFIERS
from visualizer.actions.commands import COMMANDS
from visualizer.toolkit.paint import Rect

PSI = "Truncation & noise/Psi"


@pytest.fixture(scope="module")
def running(launch_painted):
    return launch_painted()


@pytest.fixture
def pilot(running):
    running.start_anew(RenderRequest(network="painted"))
    yield running
    running.close_popups()


def saved(pilot):
    return sorted(path.name for path in pilot.actions.capture_folder.iterdir())


def test_ctrl_o_opens_the_browser(pilot):
    pilot.press("Ctrl+O")
    pilot.step()
    assert pilot.has("Browser/Folder")
    pilot.press("Escape")
    assert not pilot.has("Browser/Folder")
    assert pilot.app.running


def test_ctrl_p_saves_the_picture(pilot):
    before = saved(pilot)
    pilot.press("Ctrl+P")
    pilot.wait_until(lambda: len(saved(pilot)) == len(before) + 1)
    pilot.wait_until(lambda: pilot.session.notices)


@pytest.mark.parametrize("keys", ["Ctrl+S", "Ctrl+Shift+S"])
def test_a_session_without_a_name_is_asked_for_one(pilot, keys):
    pilot.press(keys)
    pilot.step()
    assert pilot.has("Browser/Name")
    pilot.press("Escape")
    assert not pilot.has("Browser/Name")


def test_ctrl_r_records_until_it_is_pressed_again(pilot):
    pilot.press("Ctrl+R")
    assert pilot.actions.recording.recorder is not None
    pilot.press("Ctrl+R")
    assert pilot.actions.recording.recorder is None
    pilot.wait_until(lambda: pilot.session.notices)


def test_ctrl_c_copies_the_command_line(pilot):
    pilot.enter(PSI, "0.5")
    pilot.ui.leave_focus()
    pilot.press("Ctrl+C")
    words = shlex.split(pilot.clipboard)
    assert words[:4] == ["python", "-m", "visualizer", "render"]
    assert "--psi=0.5" in words


def test_ctrl_c_copies_the_focused_value(pilot):
    pilot.click(PSI)
    pilot.press("Ctrl+C")
    assert pilot.clipboard == "1.00"


def test_ctrl_z_goes_back_and_with_shift_forth(pilot):
    pilot.enter(PSI, "0.5")
    pilot.press("Ctrl+Z")
    assert pilot.request.truncation.psi == 1
    pilot.press("Ctrl+Shift+Z")
    assert pilot.request.truncation.psi == 0.5


def test_r_takes_a_random_seed(pilot):
    pilot.press("R")
    assert pilot.request.latent != SeedPoint()


def test_the_arrows_go_from_seed_to_seed(pilot):
    pilot.press("Right")
    pilot.press("Right")
    pilot.press("Left")
    assert pilot.request.latent == SeedPoint(1.0)


def test_space_animates(pilot):
    pilot.press("Space")
    pilot.step(3)
    assert pilot.session.animation.latent
    assert pilot.request.latent.x > 0
    pilot.press("Space")
    assert not pilot.session.animation.latent


def test_f_and_1_fit_the_picture_and_show_it_one_to_one(pilot):
    pilot.press("1")
    assert pilot.app.shell.picture.zoom == 1
    pilot.press("F")
    assert pilot.app.shell.picture.view.zoom is None


def test_f11_shows_the_picture_alone_tab_brings_the_panels_and_escape_leaves(pilot):
    before = pilot.item("Picture")
    pilot.press("F11")
    pilot.step()
    assert pilot.window.full_screen
    width, height = pilot.window.framebuffer_size
    assert pilot.item("Picture") == Rect(0, 0, width, height)
    assert not pilot.has(PSI)
    assert not pilot.has("Top/Save picture")
    pilot.press("Tab")
    assert pilot.has(PSI)
    assert pilot.has("Top/Save picture")
    pilot.press("Tab")
    pilot.press("Escape")
    pilot.step()
    assert not pilot.window.full_screen
    assert pilot.item("Picture") == before


def test_ctrl_plus_minus_and_0_size_the_controls(pilot):
    pilot.press("Ctrl++")
    assert pilot.context.settings.ui_scale > 1
    pilot.press("Ctrl+0")
    assert pilot.context.settings.ui_scale == 1
    pilot.press("Ctrl+-")
    assert pilot.context.settings.ui_scale < 1


def test_tab_hides_and_shows_the_panels(pilot):
    pilot.press("Tab")
    assert not pilot.has(PSI)
    pilot.press("Tab")
    assert pilot.has(PSI)


def test_f6_gives_the_keyboard_to_the_panels(pilot):
    pilot.press("F6")
    assert pilot.ui.focus_ring
    while pilot.ui.focus != "Latent/Seed":  # after the demo networks, if there are any
        pilot.press("Down")
    first = pilot.ui.focus
    pilot.press("Down")
    assert pilot.ui.focus != first
    pilot.press("Up")
    assert pilot.ui.focus == first
    value = pilot.value(first)
    pilot.press("Right")
    pilot.step()
    assert pilot.value(first) != value
    pilot.press("Enter")
    assert pilot.ui.typing
    pilot.press("Escape")
    assert not pilot.ui.typing


def test_the_focused_control_is_scrolled_into_view(pilot):
    pilot.press("F6")
    pilot.press("Up")  # around to the last one
    pilot.step(3)
    r = pilot.item(pilot.ui.focus)
    assert pilot.ui.px(44) <= r.y < r.bottom <= 600 - pilot.ui.px(28)


def test_escape_leaves_one_thing_at_a_time_and_never_asks_to_quit(pilot):
    pilot.session.fail("Something", ValueError("went wrong"))
    pilot.press("Escape")
    assert pilot.session.problem is None
    for _ in range(2):
        pilot.press("Escape")
    pilot.step()
    assert not pilot.popup_open
    assert pilot.app.running


def test_f1_shows_every_key(pilot):
    pilot.press("F1")
    pilot.step()
    assert pilot.has("Close keys")
    assert not pilot.ui.paint.shortened
    pilot.click("Close keys")
    assert not pilot.has("Close keys")


def test_ctrl_q_quits(pilot):
    pilot.press("Ctrl+Q")
    assert not pilot.app.running
    pilot.app.running = True


def test_ctrl_q_asks_while_recording(pilot):
    pilot.press("Ctrl+R")
    pilot.press("Ctrl+Q")
    pilot.step(2)
    assert pilot.app.running
    pilot.click("Quit")
    assert not pilot.app.running
    pilot.app.running = True
    pilot.actions.recording.finish()


@pytest.mark.parametrize("field", [PSI, "Network/Path", "Browser/Search"])
def test_no_shortcut_fires_while_text_is_typed(pilot, field):
    if field == PSI:
        pilot.double_click(field)
    elif field == "Browser/Search":
        pilot.press("Ctrl+O")
        pilot.step()
        pilot.click(field)
    else:
        pilot.click(field)
    pilot.step()

    def state():
        return pilot.request, pilot.context.settings, saved(pilot), pilot.app.shell.picture.view, pilot.app.running

    before = state()
    for keys in (keys for command in COMMANDS for keys in command.keys):
        if keys not in ("Escape", "Tab"):
            pilot.press(keys)
            assert state() == before, keys
            assert pilot.actions.recording.recorder is None


@pytest.mark.parametrize("keys", ["Ctrl+P", "R", "Tab", "Space", "Ctrl+Z", "Left"])
def test_no_shortcut_reaches_behind_a_dialog(pilot, keys):
    pilot.enter(PSI, "0.5")
    pilot.press("F1")
    pilot.step()
    before = (pilot.request, saved(pilot), pilot.app.shell.docks_hidden, pilot.session.animation.running)
    pilot.press(keys)
    pilot.step(2)
    assert (pilot.request, saved(pilot), pilot.app.shell.docks_hidden, pilot.session.animation.running) == before


def test_a_modifier_let_go_in_the_frame_of_the_key_still_counts(pilot):
    for key in MODIFIERS["Ctrl"]:
        pilot.io.add_key_event(key, True)
    pilot.step()
    pilot.io.add_key_event(imgui.Key._0, True)
    for key in (*MODIFIERS["Ctrl"], imgui.Key._0):
        pilot.io.add_key_event(key, False)
    pilot.context.prefer(ui_scale=1.5)
    pilot.step(2)
    assert pilot.context.settings.ui_scale == 1
