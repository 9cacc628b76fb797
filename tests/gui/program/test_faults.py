"""Whatever is asked of the window, it says what is wrong and goes on."""

from __future__ import annotations

import json

import pytest
from imgui_bundle import imgui

from core.request import Blend, RenderRequest

USER, HALF, LONG, BYTE = "~nobody-has-this-name/x.pkl", "\ud800.pkl", "a" * 5000, "\udcff.pkl"
NAMES = (USER, HALF, LONG, BYTE, "http://[::1", "http://a..b/n.pkl", "http://a\nb/n.pkl")
OPENED = [*NAMES, "''", "/proc/self/cmdline"]


@pytest.fixture(scope="module")
def running(launch_painted):
    return launch_painted(panels={"Capture": True})


@pytest.fixture
def pilot(running):
    running.start_anew(RenderRequest(network="painted"))
    return running


def say_what_is_wrong(pilot) -> str:
    """Waits for the problem, and draws it. Returns its title."""
    pilot.wait_until(lambda: pilot.session.problem and pilot.session.load_job is None)
    problem = pilot.session.problem
    assert len(problem.text) < 400
    assert problem.title.isprintable()
    assert pilot.has("Details")
    pilot.session.messages.dismiss()
    return problem.title


def test_a_name_that_nothing_can_have_is_refused(pilot):
    for name in OPENED:
        pilot.actions.opening.open(name)
        assert say_what_is_wrong(pilot).startswith("Cannot open ")


def test_a_session_that_names_such_a_network_is_refused_or_asks_where_it_is(pilot, tmp_path):
    path = tmp_path / "s.json"
    for name in (*NAMES, ""):
        path.write_text(json.dumps({"format": "stylegan-visualizer request", "request": {"network": name}}))
        pilot.actions.opening.open(str(path))
        pilot.wait_until(lambda: pilot.app.browser.is_open or pilot.session.problem)  # it has been looked for
        if pilot.app.browser.is_open:
            pilot.close_popups()
        else:
            assert say_what_is_wrong(pilot) not in ("Cannot open", "Cannot open ")
    path.write_text('{"format": "stylegan-visualizer request"}')
    pilot.actions.opening.open(str(path))
    assert "names no network" in pilot.session.problem.text
    assert say_what_is_wrong(pilot) == "Cannot open s.json"


def test_a_blend_of_such_a_name_is_drawn_and_refused(pilot, monkeypatch):
    for name in NAMES:
        pilot.session.edit(blends=(Blend(name),))
        say_what_is_wrong(pilot)
        pilot.move_to("Network/Name B")
        monkeypatch.setattr(pilot.ui._tooltips, "_since", 0.0)  # the tip is due
        pilot.step()
        assert imgui.get_current_context().tooltip_previous_window is not None


def test_the_folder_of_captures_is_one_that_there_can_be(pilot, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    before = pilot.actions.capture_folder
    for typed in (USER, LONG):
        pilot.show("Capture/Folder")
        pilot.click("Capture/Folder")
        pilot.type_text(typed)
        pilot.press("Enter")
        assert say_what_is_wrong(pilot) == "Cannot use this folder"
        assert pilot.actions.capture_folder == before
    pilot.click("Capture/Folder")
    pilot.type_text("~/mine")
    pilot.press("Enter")
    assert pilot.actions.capture_folder == tmp_path / "mine"


# ----------------------------------------------------------------------------
# What no action should raise.


def fail(*_: object) -> None:
    raise ZeroDivisionError("on purpose")


@pytest.fixture
def failing(pilot):
    """A program in which something may fail that never should."""
    pilot.may_fail.add("something")
    yield pilot
    pilot.may_fail.clear()
    pilot.session.messages.unforeseen.clear()


def test_what_is_done_with_a_chosen_file_may_fail(failing, tmp_path):
    (tmp_path / "x.npy").touch()
    failing.context.prefer(browse_folder=str(tmp_path))
    failing.app.browser.choose("A file", frozenset({".npy"}), fail)
    failing.wait_until(lambda: failing.has("Browser/x.npy"))
    failing.click("Browser/x.npy")
    assert failing.session.problem.text == "ZeroDivisionError: on purpose"
    assert "in fail" in failing.session.problem.details
    failing.close_popups()
    failing.drag("Latent/Seed", 30)
    assert failing.request.latent.x > 0


def test_what_is_done_with_a_result_may_fail(failing):
    failing.session.start("Cannot look", lambda: 1, fail)
    failing.wait_until(lambda: failing.session.problem)
    assert "on purpose" in failing.session.problem.text


def test_a_view_that_cannot_be_drawn_says_so_and_the_panels_go_on(failing, monkeypatch):
    monkeypatch.setattr(failing.app.shell.view, "draw", fail)
    failing.step(2)
    assert failing.session.problem.title == "The view has failed"
    failing.drag("Latent/Seed", 30)
    assert failing.request.latent.x > 0
    assert failing.has("Details")


def test_what_was_dropped_may_be_nothing_that_can_be_opened(pilot):
    pilot.window._on_drop(None, ["\ud800"])
    pilot.step()
    assert say_what_is_wrong(pilot).startswith("Cannot open ")
