"""The commands of the window: their keys, the searchable list, what it goes to, and the table behind F1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pytest

from core.render.tasks import Priority
from core.request import Compare, RenderRequest, SeedPoint
from visualizer.actions.commands import COMMANDS, WORKSPACES, command_of
from visualizer.actions.entries import Entry, command_entries, found
from visualizer.actions.keyboard import key_of
from visualizer.actions.parameter_entries import parameter_entries
from visualizer.views.workspaces import WORKSPACES as SPACES

PSI = "Truncation & noise/Psi"


@dataclass(frozen=True)
class Endless:
    """An operation that goes on until it is cancelled."""

    priority: ClassVar[Priority] = Priority.BACKGROUND

    def run(self, bench):
        while True:
            bench.progress("waiting", 0, 0)


@pytest.fixture(scope="module")
def running(launch_painted):
    return launch_painted(size=(1120, 600))  # room for both docks


@pytest.fixture
def pilot(running):
    running.start_anew(RenderRequest(network="painted"))
    running.context.comparison.keep(None)
    yield running
    running.close_popups()


def search(pilot, words):
    """Open the list and type into it."""
    pilot.press("Ctrl+K")
    pilot.step()
    pilot.type_text(words)


def lines(pilot):
    """The titles of the list, from the top."""
    return [name.partition("/")[2] for name in pilot.ui.items if name.startswith("Commands/")][1:]


# ----------------------------------------------------------------------------
# The tuple.


def test_each_command_has_an_id_and_keys_of_its_own():
    ids = [c.id for c in COMMANDS]
    assert len({*ids}) == len(ids)
    for always in (True, False):  # those that count only somewhere come before the others
        keys = [keys for c in COMMANDS for keys in c.keys if (c.keys_count is None) is always]
        assert len({key_of(one) for one in keys}) == len(keys)


def test_there_is_a_command_for_each_workspace():
    assert list(WORKSPACES) == [space.name for space in SPACES]


@pytest.mark.parametrize("number", range(1, 5))
def test_ctrl_and_a_digit_choose_a_workspace(pilot, number):
    pilot.press(f"Ctrl+{number}")
    assert pilot.context.settings.workspace == SPACES[number - 1].name


def test_a_keeps_the_picture_and_b_swaps_it_with_the_newest(pilot):
    pilot.press("A")
    assert pilot.context.comparison.mode is Compare.SIDE
    pilot.press("Right")
    pilot.wait_for_picture()
    pilot.press("B")
    pilot.wait_for_picture()
    assert pilot.request.latent == SeedPoint(0.0)
    assert pilot.context.comparison.kept.request.latent == SeedPoint(1.0)


def test_c_hides_a_and_shows_it_again_as_it_was(pilot):
    pilot.press("A")
    pilot.context.comparison.mode = Compare.WIPE
    modes = []
    for _ in range(2):
        pilot.press("C")
        modes.append(pilot.context.comparison.mode)
    assert modes == [Compare.OFF, Compare.WIPE]


def test_a_key_that_can_do_nothing_says_why_once(pilot):
    pilot.press("B")
    pilot.press("B")
    assert [notice.text for notice in pilot.session.notices] == ["No picture is kept as A."]


def test_ctrl_and_the_dot_cancel_the_newest_job(pilot):
    jobs = [pilot.session.run(name, Endless()) for name in ("first", "second")]
    pilot.press("Ctrl+.")
    pilot.wait_until(lambda: pilot.session.operations == (jobs[0],))
    pilot.press("Ctrl+.")
    pilot.wait_until(lambda: not pilot.session.operations)


def test_a_menu_shows_the_keys_and_says_why_a_line_is_gray(pilot):
    pilot.click("Top/Edit")
    pilot.step()
    pilot.click("Menu/Swap A and B")
    assert pilot.context.comparison.kept is None
    assert pilot.popup_open  # a gray line does not close it


# ----------------------------------------------------------------------------
# The list.


@pytest.mark.parametrize("keys", ["Ctrl+K", "Ctrl+Shift+P"])
def test_the_list_opens_with_every_command_and_escape_closes_it(pilot, keys):
    pilot.press(keys)
    pilot.step()
    shown = lines(pilot)
    assert [entry.title for entry in command_entries(pilot.context)] == shown[: len(COMMANDS) - 2]
    assert "Psi" in shown
    pilot.press("Escape")
    assert not pilot.popup_open
    assert pilot.app.running


def test_typed_words_find_and_enter_runs(pilot):
    search(pilot, "random se")
    assert lines(pilot)[0] == "Random seed"
    pilot.press("Enter")
    assert not pilot.popup_open
    assert pilot.request.latent != SeedPoint()


def test_up_and_down_go_around_the_list(pilot):
    search(pilot, "seed")
    shown = lines(pilot)
    pilot.press("Up")
    pilot.press("Down")
    pilot.press("Down")
    assert shown[1] == "Previous seed"
    pilot.press("Enter")
    assert pilot.request.latent == SeedPoint(-1.0)


def test_a_click_runs_a_line(pilot):
    search(pilot, "next")
    pilot.click("Commands/Next seed")
    assert pilot.request.latent == SeedPoint(1.0)
    assert not pilot.popup_open


def test_what_cannot_be_run_keeps_the_list_open_and_the_field_in_use(pilot):
    search(pilot, "swap")
    pilot.press("Enter")
    pilot.step(2)
    assert pilot.popup_open
    pilot.type_text("x")
    assert lines(pilot) == []
    pilot.press("Escape")
    assert not pilot.popup_open


def test_no_key_reaches_the_window_while_words_are_typed(pilot):
    before = pilot.request
    search(pilot, "r")
    pilot.press("R")
    pilot.press("Ctrl+1")
    assert pilot.request == before


def test_enter_on_a_parameter_opens_its_workspace_and_panel_and_gives_it_the_keyboard(pilot):
    pilot.context.prefer(workspace="Tables", panels={"Truncation & noise": False}, dock_width=0.0)
    pilot.app.shell.docks_hidden = True
    pilot.step(2)
    assert not pilot.has(PSI)
    search(pilot, "psi")
    pilot.press("Enter")
    pilot.step(3)
    assert pilot.context.settings.workspace == "Edit"
    assert (pilot.ui.focus, pilot.ui.focus_ring) == (PSI, True)
    assert not pilot.ui.typing
    r = pilot.item(PSI)
    assert pilot.ui.px(44) <= r.y < r.bottom <= 600 - pilot.ui.px(28)
    pilot.press("Left")
    assert pilot.request.truncation.psi < 1
    pilot.press("Enter")
    assert pilot.ui.typing


def test_a_parameter_shows_its_value(pilot):
    pilot.enter(PSI, "0.5")
    pilot.press("Ctrl+K")
    pilot.step()
    
    assert next(entry.detail for entry in parameter_entries(pilot.context) if entry.title == "Psi") == "0.50"


def test_what_begins_with_the_words_comes_first():
    entries = [Entry(title, lambda: None) for title in ("Noise strength", "Show the noise", "Denoise", "Noise")]
    assert [e.title for e in found(entries, "noise")] == ["Noise strength", "Noise", "Show the noise", "Denoise"]
    assert [e.title for e in found(entries, "st noise")] == ["Noise strength", "Show the noise"]
    assert [e.title for e in found(entries, "nst")] == ["Noise strength"]
    assert found(entries, "q") == []


def test_nothing_of_the_list_and_the_table_is_cut_off(pilot):
    for keys in ("Ctrl+K", "F1"):
        pilot.press(keys)
        pilot.step(2)
        assert not pilot.ui.paint.shortened
        pilot.press("Escape")


def test_f1_names_the_gestures_too(pilot):
    pilot.press("F1")
    pilot.step()
    assert pilot.has("Close keys")
    pilot.press("Escape")
    assert not pilot.popup_open


def test_a_tip_ends_with_the_keys():
    assert command_of("find").tip() == "Find a command or a parameter (Ctrl+K or Ctrl+Shift+P)"
    assert command_of("smooth").tip() == "Smooth picture"


def test_alt_and_a_click_on_the_eye_leave_only_that_layer_edited(pilot):
    pilot.click("Layer strip/Mute 0", held="Alt")
    muted = [index for index, edit in enumerate(pilot.request.layers) if edit.muted]
    assert 0 not in muted
    assert muted == list(range(1, pilot.session.info.num_ws))
