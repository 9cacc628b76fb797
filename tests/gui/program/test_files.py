"""Opening files: failures, dropped files, saved pictures, the file browser."""

from __future__ import annotations

import os
import pickle
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from core.opening.demos import default_location
from core.opening.download import CACHE_VARIABLE
from core.opening.session_files import write_session
from core.project import SavedSession
from core.request import Centroids, RenderRequest, SeedPoint, StyleSource, Truncation, WVector, ZVector
from tests.gui.conftest import GOLDEN, SG2
from tests.gui.painted import noise, painted
from tests.gui.pilot import PATIENCE_S
from tests.sessions import save_request
from visualizer.views.dialogs import hanging
from visualizer.views.files.browser import PATIENCE_S as BROWSER_PATIENCE_S

OTHER = GOLDEN / "sg2-32-gray.pkl"


@pytest.fixture
def folder(tmp_path):
    """A folder with a network, a folder with another one, and files that are no networks."""
    folder = tmp_path / "networks"
    (folder / "run-9").mkdir(parents=True)
    (folder / "run-10").mkdir()
    shutil.copy(OTHER, folder / "gray.pkl")
    shutil.copy(SG2, folder / "run-9" / "colour.pkl")
    (folder / "notes.txt").write_text("nothing")
    (folder / ".hidden.pkl").write_text("nothing")
    return folder


def drop(pilot, *paths):
    """What GLFW calls when files are dropped on the window."""
    pilot.window._on_drop(None, [str(path) for path in paths])
    pilot.step()


# ----------------------------------------------------------------------------
# Failures.


def test_a_failed_load_says_why_and_keeps_the_picture(pilot, tmp_path):
    shown = pilot.session.frame
    (tmp_path / "broken.pkl").write_bytes(OTHER.read_bytes()[:20000])
    pilot.actions.opening.open(str(tmp_path / "broken.pkl"))
    pilot.wait_until(lambda: pilot.session.problem)
    assert "broken.pkl" in pilot.session.problem.title
    assert pilot.session.frame is shown
    pilot.step()
    assert pilot.has("Retry")
    pilot.drag("Latent/Seed", 20)
    assert pilot.wait_for_picture() is not shown  # the window goes on


def test_retry_works_once_the_file_is_repaired(pilot, tmp_path):
    path = tmp_path / "repaired.pkl"
    path.write_bytes(OTHER.read_bytes()[:20000])
    pilot.actions.opening.open(str(path))
    pilot.wait_until(lambda: pilot.session.problem)
    shutil.copy(OTHER, path)
    pilot.step(2)
    pilot.click("Retry")
    frame = pilot.wait_for_picture()
    assert frame.request.network == str(path)
    assert pilot.session.problem is None


def test_the_details_of_a_failure_can_be_copied(pilot, tmp_path):
    pilot.actions.opening.open(str(tmp_path / "absent.pkl"))
    pilot.wait_until(lambda: pilot.session.problem)
    pilot.step(2)
    pilot.click("Details")
    pilot.step(2)

    def told_of_the_system():
        pilot.click("Copy all")
        return "torch" in pilot.clipboard

    pilot.wait_until(told_of_the_system)
    said = pilot.clipboard
    places = [said.index(words) for words in (
        "failed", "cause  ", "CheckpointError: absent.pkl: There is no such file", "FileNotFoundError: ",
        f"file{' ' * 15}{tmp_path / 'absent.pkl'}", "program  ", "torch  ", "Traceback (most recent call last)",
    )]  # fmt: skip
    assert places == sorted(places)
    pilot.click("Close details")
    pilot.step()
    assert not pilot.popup_open
    pilot.click("Dismiss")
    assert pilot.session.problem is None


def test_long_lines_of_details_go_on_below_their_values():
    text = "cause        an error that needs more\n  File 'x'\n    a call of several words here\nlast"
    assert hanging(text, 28).split("\n") == [
        "cause        an error that", "             needs more", "  File 'x'",
        "    a call of several words", "    here", "last",
    ]  # fmt: skip
    assert hanging("x" * 60, 28).split("\n") == ["x" * 28, "x" * 28, "x" * 4]


def test_the_system_report_is_copied(pilot):
    pilot.click("Performance/Header")
    pilot.step(2)
    pilot.click("Performance/Copy system report")
    pilot.wait_until(lambda: "torch" in pilot.clipboard)
    assert "Copied the system report" in {notice.text for notice in pilot.session.messages.notices}


def test_an_unreadable_saved_picture_says_so(pilot, tmp_path):
    (tmp_path / "odd.json").write_text("{")
    pilot.actions.opening.open(str(tmp_path / "odd.json"))
    assert "odd.json" in pilot.session.problem.title


def test_typing_a_path_opens_it(pilot):
    pilot.click("Network/Path")
    pilot.type_text(str(OTHER))
    pilot.press("Enter")
    assert pilot.wait_for_picture().request.network == str(OTHER)


def test_a_typed_path_that_fails_stays_in_its_field_until_something_else_is_opened(pilot, tmp_path):
    pilot.click("Network/Path")
    pilot.type_text(str(tmp_path / "absent.pkl"))
    pilot.press("Enter")
    pilot.wait_until(lambda: pilot.session.problem)
    pilot.step(2)
    network = pilot.app.shell.docks[0].panels[0]
    assert (network._typed, network._failed) == (str(tmp_path / "absent.pkl"), pilot.session.problem)
    pilot.click("Dismiss")
    pilot.step()
    assert (network._typed, network._failed) == (str(tmp_path / "absent.pkl"), None)
    pilot.open(str(OTHER))
    assert network._typed == ""


def test_recent_networks_are_in_the_menu(pilot):
    pilot.open(str(OTHER))
    pilot.click("Network/Recent")
    pilot.step()
    pilot.click(f"Menu/{Path(SG2).name}")
    assert pilot.wait_for_picture().request.network == SG2
    assert pilot.context.settings.recent[:2] == (SG2, str(OTHER))


# ----------------------------------------------------------------------------
# Dropped files and saved pictures.


def test_a_dropped_network_opens(pilot):
    drop(pilot, OTHER)
    assert pilot.wait_for_picture().request.network == str(OTHER)


def test_what_a_network_cannot_take_is_left_behind(pilot):
    pilot.open(str(GOLDEN / "sg2ada-64-cond.pkl"))
    pilot.session.edit(label=1)
    drop(pilot, OTHER)
    assert pilot.wait_for_picture().request.label is None


def save(pilot):
    """Save the picture and return its file."""
    before = set(pilot.actions.capture_folder.iterdir())
    pilot.click("Top/Save picture")
    pilot.wait_until(lambda: not pilot.session.jobs.running)
    (path,) = set(pilot.actions.capture_folder.iterdir()) - before
    return path


def test_a_dropped_picture_restores_what_it_shows(pilot):
    pilot.enter("Latent/Seed", "42")
    frame = pilot.wait_for_picture()
    path = save(pilot)
    pilot.press("R")
    drop(pilot, path)
    again = pilot.wait_for_picture()
    assert pilot.request.latent == SeedPoint(42.0)
    assert (again.pixels == frame.pixels).all()


def test_a_dropped_picture_opens_its_network(pilot):
    pilot.enter("Latent/Seed", "42")
    pilot.wait_for_picture()
    path = save(pilot)
    pilot.open(str(OTHER))
    drop(pilot, path)
    assert pilot.wait_for_picture().request.network == SG2
    assert pilot.request.latent == SeedPoint(42.0)


def test_the_network_of_a_picture_is_looked_for_and_then_asked_for(launch, folder, tmp_path):
    path = folder / "gray.pkl"
    pilot = launch(str(path))
    pilot.enter("Latent/Seed", "42")
    pilot.wait_for_picture()
    picture = save(pilot)
    pilot.open(str(folder / "run-9" / "colour.pkl"))
    moved = path.rename(folder / "run-9" / "moved.pkl")
    pilot.context.prefer(recent=(str(path),))  # other folders have a copy
    drop(pilot, picture)
    pilot.wait_until(lambda: pilot.session.loaded.location == str(moved))
    assert pilot.wait_for_picture().request.network == str(moved)
    assert pilot.request.latent == SeedPoint(42.0)
    assert "gray.pkl was found" in [notice.text for notice in pilot.session.notices]
    pilot.open(str(folder / "run-9" / "colour.pkl"))
    far = tmp_path / "far" / "below" / "all" / "that" / "is" / "known"
    far.mkdir(parents=True)
    gone = moved.rename(far / "gone.pkl")
    pilot.context.prefer(recent=(str(path),))
    drop(pilot, picture)
    pilot.wait_until(lambda: pilot.has("Browser/Folder"))
    read(pilot)
    pilot.app.browser.go_to(pilot.context, far)
    read(pilot)
    pilot.click("Browser/gone.pkl")
    assert pilot.wait_for_picture().request.network == str(gone)


@pytest.mark.parametrize("leave", ["the button", "Escape", "no other file"])
def test_a_window_without_a_network_opens_the_first_one_when_a_question_is_left(
    launch, library, tmp_path, monkeypatch, leave
):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setitem(library.shelf, default_location(), painted(default_location(), noise(64, 64, 3)))
    pilot = launch("")
    network = str(tmp_path / "gone.pkl") if leave == "no other file" else "https://models.example/here.pkl"
    save_request(tmp_path / "session.json", RenderRequest(network, SeedPoint(5)))
    drop(pilot, tmp_path / "session.json")
    pilot.wait_until(lambda: pilot.session.messages.question or pilot.app.browser.is_open)
    assert (pilot.session.messages.question is None) == pilot.app.browser.is_open == (leave == "no other file")
    pilot.step(2)
    assert pilot.session.load_job is None
    if leave == "the button":
        pilot.click("Not now")
    else:
        pilot.press("Escape")
    kept = SeedPoint(5) if leave == "no other file" else SeedPoint()  # the session is there without its network
    assert pilot.wait_for_picture().request == RenderRequest(default_location(), kept)
    assert not pilot.popup_open


def test_a_picture_of_another_program_says_so(pilot, tmp_path):
    from PIL import Image

    Image.new("RGB", (8, 8)).save(tmp_path / "holiday.png")
    request = pilot.request
    drop(pilot, tmp_path / "holiday.png")
    assert "no settings" in pilot.session.notices[-1].text
    assert pilot.request == request


# ----------------------------------------------------------------------------
# The file browser.


@pytest.fixture
def browser(launch, folder):
    pilot = launch(browse_folder=str(folder))
    pilot.click("Network/Browse")
    read(pilot)
    return pilot


def read(pilot):
    """Wait until the browser has read the folder that it goes to."""
    pilot.wait_until(lambda: not pilot.app.browser._opening and pilot.app.browser._reader.waited_s is None)
    pilot.step()


def lines(pilot):
    tools = ("Close", "Up", "Folder", "Search", "Place/", "Sort by ")
    names = [name.partition("/")[2] for name in pilot.ui.items if name.startswith("Browser/")]
    return [name for name in names if not name.startswith(tools)]


def test_folders_come_first_and_only_what_opens_is_listed(browser):
    assert lines(browser) == ["run-9", "run-10", "gray.pkl"]


def test_a_click_goes_into_a_folder_and_up_comes_back(browser):
    browser.click("Browser/run-9")
    read(browser)
    assert lines(browser) == ["colour.pkl"]
    browser.click("Browser/Up")
    read(browser)
    assert "gray.pkl" in lines(browser)


def test_a_file_is_opened(browser, folder):
    browser.click("Browser/gray.pkl")
    assert browser.wait_for_picture().request.network == str(folder / "gray.pkl")
    assert not browser.popup_open
    assert browser.context.settings.browse_folder == str(folder)


def test_search_narrows_the_list(browser):
    browser.click("Browser/Search")
    browser.type_text("gra")
    browser.step()
    assert lines(browser) == ["gray.pkl"]


def test_a_typed_folder_is_gone_to(browser, folder):
    browser.click("Browser/Folder")
    browser.type_text(str(folder / "run-9"))
    browser.press("Enter")
    read(browser)
    assert lines(browser) == ["colour.pkl"]


def test_a_path_that_does_not_exist_stays_in_its_field_with_the_reason(browser, folder):
    browser.click("Browser/Folder")
    browser.type_text(str(folder / "absent"))
    browser.press("Enter")
    read(browser)
    assert browser.app.browser.error == f"absent does not exist in {folder}."
    assert lines(browser) == ["run-9", "run-10", "gray.pkl"]  # what was shown stays
    browser.press("End")  # the field still has the keyboard, for the rest of the name
    for _ in "absent":
        browser.press("Backspace")
    browser.type_text("run-9")
    browser.press("Enter")
    read(browser)
    assert (lines(browser), browser.app.browser.error) == (["colour.pkl"], "")
    browser.press("Escape")
    browser.step()
    assert not browser.popup_open


def test_a_path_typed_in_the_search_is_taken_as_a_path(browser, folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder.parent))
    for typed, expected in ((f"'{folder / 'run-9'}'", ["colour.pkl"]), ("~/networks", ["run-9", "run-10", "gray.pkl"]),
                            ("run-9/..//run-9", ["colour.pkl"])):  # fmt: skip
        browser.type_text(typed)
        assert lines(browser) == []
        browser.press("Enter")
        read(browser)
        assert (lines(browser), browser.app.browser.error) == (expected, "")
    browser.type_text("../absent/x")
    browser.press("Enter")
    read(browser)
    assert browser.app.browser.error == f"x does not exist in {folder / 'absent'}."
    assert browser.app.browser._typed == "../absent/x"
    assert lines(browser) == ["colour.pkl"]
    browser.press("End")  # the path is in the field of the folder now, which has the keyboard
    for _ in "absent/x":
        browser.press("Backspace")
    browser.type_text("gray.pkl")
    browser.press("Enter")
    assert browser.wait_for_picture().request.network == str(folder / "gray.pkl")


def test_a_folder_on_a_drive_that_does_not_answer_holds_up_nothing(browser, folder, monkeypatch):
    answer, asked, scan = threading.Event(), threading.Event(), os.scandir

    def waiting(path="."):
        if Path(path).name == "run-10":
            asked.set()
            assert answer.wait(PATIENCE_S)
        return scan(path)

    monkeypatch.setattr(os, "scandir", waiting)
    dialog = browser.app.browser
    browser.click("Browser/run-10")
    browser.wait_until(lambda: dialog._reader.waited_s > BROWSER_PATIENCE_S)
    assert asked.is_set()
    assert (lines(browser), dialog._typed) == ([], str(folder / "run-10"))
    browser.press("Enter")  # there is nothing that it could choose
    assert dialog._folder == folder / "run-10"
    browser.press("Backspace")
    read(browser)
    assert lines(browser) == ["run-9", "run-10", "gray.pkl"]
    answer.set()
    browser.wait_until(lambda: not browser.session.jobs.running)
    assert lines(browser) == ["run-9", "run-10", "gray.pkl"]  # its answer comes too late
    assert browser.session.problem is None


@pytest.mark.parametrize("typed", ["~nosuchuser/x", "x" * 5000, "a\udc80b"], ids=["no user", "long", "surrogate"])
def test_a_path_that_no_file_can_have_is_told(browser, typed):
    browser.app.browser._go_to_typed(browser.context, typed)
    read(browser)
    assert browser.app.browser.error
    assert browser.popup_open


def test_the_keyboard_alone_finds_a_file_and_opens_it(browser, folder):
    browser.press("Down")
    browser.press("Down")
    browser.press("Down")  # no further than the last one
    browser.press("Up")
    browser.press("Enter")
    read(browser)
    assert lines(browser) == []  # run-10
    browser.press("Backspace")
    read(browser)
    assert browser.app.browser._list.chosen.name == "run-10"  # where one came from
    browser.type_text("GRA")
    assert lines(browser) == ["gray.pkl"]
    browser.press("Escape")  # leaves the search, not the dialog
    assert len(lines(browser)) == 3
    browser.type_text("run 9")
    browser.press("Enter")
    read(browser)
    browser.press("Enter")
    assert browser.wait_for_picture().request.network == str(folder / "run-9" / "colour.pkl")


def test_the_list_is_sorted_by_its_titles(browser, folder):
    (folder / "later.json").write_text("{}" * 400)
    os.utime(folder / "later.json", (2e9, 2e9))
    browser.app.browser.go_to(browser.context, folder)
    read(browser)
    assert lines(browser)[2:] == ["gray.pkl", "later.json"]
    for title, expected in (("date", "later.json"), ("size", "gray.pkl"), ("size", "later.json"), ("name", "gray.pkl")):
        browser.click(f"Browser/Sort by {title}")
        assert lines(browser)[2] == expected, title


def test_the_places_are_gone_to(browser, folder, tmp_path):
    browser.click("Browser/Place/Saved here")
    read(browser)
    assert lines(browser) == []
    browser.click("Browser/Place/golden")  # of the network that is open
    read(browser)
    assert "sg2-32-gray.pkl" in lines(browser)
    assert not browser.app.browser.error


def test_a_saved_picture_and_a_session_are_looked_into(browser, folder):
    browser.press("Escape")
    browser.session.edit(latent=SeedPoint(42.0), truncation=Truncation(0.7))
    shown = browser.wait_for_picture()
    browser.actions.saving.picture()
    write_session(browser.actions.capture_folder / "00000.json", SavedSession(browser.session.document.state))
    browser.wait_until(lambda: not browser.session.jobs.running)
    browser.press("Ctrl+O")
    read(browser)
    browser.click("Browser/Place/Saved here")
    read(browser)
    preview = browser.app.browser._preview
    for number in range(2):
        browser.wait_until(lambda: preview.content)
        assert {"Network sg2-32-resnet.pkl", "Seed 42", "Psi 0.70"} <= set(preview.content.facts)
        if preview.content.line.path.suffix == ".png":
            edge = shown.pixels.shape[0]
            scale = preview.content.pixels.shape[0] // edge
            assert f"{edge} × {edge} pixels" in preview.content.facts
            assert np.array_equal(preview.content.pixels[::scale, ::scale], shown.pixels)
        else:
            assert preview.content.pixels is None
        if not number:
            browser.press("Down")


# ----------------------------------------------------------------------------
# Latents.


def test_a_saved_latent_shows_the_same_picture_when_it_is_dropped(pilot):
    pilot.session.edit(latent=SeedPoint(7.5, 1), sources=(StyleSource(SeedPoint(3), parts=(0.0, 1.0)),))
    shown = pilot.wait_for_picture()
    pilot.actions.latents.save()
    (path,) = pilot.actions.capture_folder.glob("*.npz")
    pilot.session.edit(latent=SeedPoint(), sources=(StyleSource(),))
    pilot.wait_for_picture()
    drop(pilot, path)
    assert type(pilot.request.latent) is WVector
    assert np.array_equal(pilot.wait_for_picture().pixels, shown.pixels)
    pilot.press("Ctrl+Z")
    assert pilot.session.point == SeedPoint()


def test_a_latent_that_does_not_fit_says_what_is_needed_and_changes_nothing(pilot, tmp_path):
    np.save(tmp_path / "other.npy", np.zeros((1, 7)))
    before = pilot.request
    drop(pilot, tmp_path / "other.npy")
    assert "this network needs z [" in pilot.session.problem.text
    assert pilot.request == before


def test_latents_of_all_kinds_of_files_are_shown_when_they_are_dropped(pilot, tmp_path):
    info = pilot.session.info
    ws = np.random.RandomState(0).randn(2, info.num_ws, info.w_dim).astype(np.float32)
    first, tensors = WVector(tuple(map(tuple, ws[0].tolist()))), list(torch.from_numpy(ws))
    torch.save({"a.png": {"img": torch.zeros(3), "latent": tensors[0]}}, tmp_path / "projected.pt")
    np.save(tmp_path / "steps.npy", np.array({"a.png": [ws[1], ws[0]]}))
    np.save(tmp_path / "z.npy", ws[0, :1])
    np.save(tmp_path / "other.npy", ws[0, :1])
    (tmp_path / "pictures.pkl").write_bytes(pickle.dumps({"Latent": ws}))
    np.savetxt(tmp_path / "rows.csv", ws[0].astype(float), delimiter=",", fmt="%.17g")
    told = {"projected.pt": "left out: img [3]", "steps.npy": "the last ones", "z.npy": "", "pictures.pkl": "",
            "other.npy": "was taken as w; if it is z", "rows.csv": "as w+, a row a layer"}  # fmt: skip
    for name, note in told.items():
        pilot.session.edit(latent=SeedPoint())
        pilot.session.messages.notices.clear()
        drop(pilot, tmp_path / name)
        row = (first.rows[0],)
        assert pilot.request.latent == {"z.npy": ZVector(row[0]), "other.npy": WVector(row)}.get(name, first)
        opened, *notes = pilot.session.messages.notices
        assert (opened.text, len(notes)) == (f"Opened {name}", bool(note))
        assert not note or note in notes[0].text


def test_what_holds_arrays_but_no_latents_says_what_it_holds(pilot, tmp_path):
    info, before = pilot.session.info, pilot.request
    torch.save({"ckpt": "a.pt", "eigvec": torch.eye(info.w_dim)}, tmp_path / "factor.pt")
    (tmp_path / "other.pkl").write_bytes(pickle.dumps(np.zeros((1, 8, 7))))
    told = {"factor.pt": "holds directions (eigvec [", "other.pkl": "the shape [1, 8, 7]; this network"}
    for name, words in told.items():
        drop(pilot, tmp_path / name)
        assert words in pilot.session.problem.text
        assert pilot.request == before


@pytest.mark.skipif(os.name == "nt", reason="there are no such limits")
def test_a_latent_that_cannot_be_written_leaves_no_file(pilot):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        pilot.actions.latents.save()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "cannot be written" in pilot.session.problem.text
    assert list(pilot.actions.capture_folder.iterdir()) == []


def test_the_latents_of_a_file_become_sources(pilot, tmp_path):
    info = pilot.session.info
    np.savez(tmp_path / "faces.npz", w=np.zeros((2, info.num_ws, info.w_dim)))
    pilot.context.prefer(browse_folder=str(tmp_path))
    pilot.actions.latents.choose_sources()
    pilot.step(2)
    pilot.click("Browser/faces.npz")
    assert [source.name for source in pilot.request.sources] == ["", "faces 0", "faces 1"]
    pilot.click("Style mixing/All")
    assert np.array_equal(pilot.wait_for_picture().ws, np.zeros((info.num_ws, info.w_dim)))


def test_centroids_of_a_file_become_the_centre_and_others_change_nothing(pilot, tmp_path):
    def choose(name: str) -> None:
        pilot.click("Truncation & noise/Centre")
        pilot.step()
        pilot.click("Menu/Centroids from a file…")
        pilot.step(2)
        pilot.click(f"Browser/{name}")
        pilot.step()

    centroids = np.eye(3, pilot.session.info.w_dim, dtype=np.float32)
    np.save(tmp_path / "three.npy", centroids)
    np.save(tmp_path / "wrong.npy", np.zeros((3, 7)))
    np.save(tmp_path / "nan.npy", centroids * np.nan)
    pilot.context.prefer(browse_folder=str(tmp_path))
    pilot.session.edit(truncation=Truncation(0.0))
    choose("three.npy")
    assert pilot.request.truncation.centre == Centroids(tuple(map(tuple, centroids.tolist())), "three.npy")
    shown = pilot.wait_for_picture()
    assert any(np.array_equal(shown.ws[0], row) for row in centroids)
    for name, words in (("wrong.npy", "are [K, "), ("nan.npy", "NaN")):
        choose(name)
        assert words in pilot.session.problem.text
        assert pilot.session.frame is shown
    pilot.press("Ctrl+Z")
    assert pilot.request.truncation.centre is None


def test_a_network_in_a_small_file_of_torch_is_no_latent(pilot, tmp_path):
    (tmp_path / "x.pt").write_bytes(b"junk")
    drop(pilot, tmp_path / "x.pt")
    pilot.wait_until(lambda: pilot.session.problem)
    assert pilot.session.problem.title == "Cannot open x.pt"
    assert "latent" not in pilot.session.problem.text
