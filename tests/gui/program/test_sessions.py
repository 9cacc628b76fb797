"""Sessions in the window: begun, opened, saved, gone on with at the next start, offered after a window has died."""

from __future__ import annotations

import shutil
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256

import pytest

from core.film.choices import FilmChoices
from core.opening.demos import default_location
from core.opening.session_files import read_session, write_session
from core.project import Kept, NetworkFile, Preset, Project, SavedSession
from core.request import LayerEdit, RenderRequest, SeedPoint
from core.timeline import Key, Timeline, Track
from tests.disk import no_larger_files
from tests.gui.conftest import GOLDEN, SG2
from tests.gui.pilot import Pilot
from visualizer.output.autosaves.files import Fate, left_sessions
from visualizer.settings import Settings

OTHER = GOLDEN / "sg2-32-gray.pkl"
FOUND = GOLDEN.parent / "fixtures" / "ada_sg2_skip.pkl"  # where no lost network is looked for


@pytest.fixture
def start(library, tmp_path):
    """Starts windows one after another, as the program does: they keep what is done in them in one folder."""
    pilots = []
    (tmp_path / "captures").mkdir()

    def begin(*, network: str = "", **preferences) -> Pilot:
        settings = Settings(capture_folder=str(tmp_path / "captures"), browse_folder=str(tmp_path), **preferences)
        pilot = Pilot(library, settings=settings, autosaves=tmp_path / "kept")
        pilots.append(pilot)
        pilot.actions.left.begin(lambda: pilot.actions.opening.open(network or SG2), resume=not network)
        pilot.wait_for_picture()
        return pilot

    yield begin
    for pilot in pilots:
        pilot.close()


def settled(pilot) -> None:
    pilot.wait_until(lambda: not pilot.session.jobs.running)
    pilot.step(2)


def save_as(pilot, name: str) -> None:
    pilot.press("Ctrl+Shift+S")
    pilot.step()
    pilot.type_text(name)
    pilot.press("Enter")
    settled(pilot)


def seed(pilot) -> float:
    return pilot.request.latent.x


def die(pilot) -> None:
    """End a window as kill -9 does, once what was done is on the disk."""
    keeper = pilot.actions.sessions._keeper
    pilot.wait_until(lambda: keeper._written is keeper._newest and keeper._newest is not None)
    keeper._slot._lock.close()
    keeper._slot, keeper._newest = None, keeper._written
    pilot.close()


# ----------------------------------------------------------------------------
# Saving and opening.


def test_a_session_is_saved_under_a_name_and_comes_back(start, tmp_path):
    pilot = start()
    actions, document = pilot.actions, pilot.session.document
    assert pilot.app._title.startswith("Untitled – ")
    pilot.enter("Latent/Seed", "7")
    pilot.wait_for_picture()
    assert pilot.app._title.startswith("*Untitled – ")
    timeline = Timeline((Track("truncation.psi", (Key(0.0, 0.4), Key(2.0, 0.8))),), rate=Fraction(24), loop=True)
    kept = (Kept("a", replace(pilot.request, latent=SeedPoint(9.0)), "nine"),)
    document.change(shelf=kept, presets=(Preset("empty"),), timeline=timeline)
    document.move_to(1.0)
    pilot.session.selection.layer = 3
    pilot.app.shell.picture.set_zoom(3.0)
    pilot.wait_for_picture()
    psi, state = pilot.request.truncation.psi, document.state
    save_as(pilot, "sub/faces")
    path = tmp_path / "sub" / "faces.json"
    assert pilot.app._title.startswith("faces – ")
    assert pilot.context.settings.recent_sessions == (str(path),)
    pilot.enter("Latent/Seed", "8")
    pilot.press("Ctrl+S")
    settled(pilot)
    assert read_session(path).session.project.request.latent == SeedPoint(8.0)
    pilot.press("Ctrl+Z")
    pilot.step()
    assert actions.sessions.changed
    save_as(pilot, "faces")  # it is there, so it is asked about
    assert pilot.has("Browser/Replace")
    pilot.click("Browser/Replace")
    settled(pilot)
    assert not actions.sessions.changed
    pilot.press("Ctrl+N")
    pilot.step(2)
    assert pilot.app._title.startswith("Untitled – ")
    assert (seed(pilot), document.state.shelf, document.can_undo) == (0.0, (), False)
    actions.opening.open(str(path))
    pilot.wait_for_picture()
    assert document.state == state
    assert (document.time_s, pilot.request.truncation.psi) == (1.0, psi)
    assert (pilot.session.selection.layer, pilot.app.shell.picture.zoom) == (3, 3.0)
    assert not document.can_undo
    assert not actions.sessions.changed


def test_a_session_opens_its_network_and_leaves_the_rest_of_another(start, tmp_path):
    request = RenderRequest(str(OTHER), SeedPoint(4.0))
    write_session(tmp_path / "gray.json", SavedSession(Project(request, (Kept("a", request),))))
    pilot = start(recent=(str(OTHER),))
    pilot.press("R")
    pilot.step(2)
    pilot.actions.opening.open(str(tmp_path / "gray.json"))
    assert pilot.wait_for_picture().request.network == str(OTHER)
    assert len(pilot.session.document.state.shelf) == 1
    assert pilot.app._title.startswith("gray – ")
    assert "Untitled is kept" in [notice.text for notice in pilot.session.notices]
    pilot.wait_until(lambda: [left.name for left in left_sessions(tmp_path / "kept") if left.fate is Fate.ENDED])
    pilot.click("Top/File")
    pilot.step(2)
    pilot.move_to("Menu/Open recent")
    pilot.wait_until(lambda: pilot.has("Menu/Untitled · sg2-32-resnet.pkl"))
    assert pilot.has("Menu/gray")
    pilot.click("Menu/Untitled · sg2-32-resnet.pkl")
    assert pilot.wait_for_picture().request.network == SG2
    assert seed(pilot) != 4.0
    assert pilot.app._title.startswith("*Untitled – ")


def test_a_file_that_another_program_has_changed_is_asked_about(start, tmp_path):
    pilot = start()
    save_as(pilot, "a")
    (tmp_path / "a.json").write_text("{}")
    pilot.press("Ctrl+S")
    assert "Save over a.json?" in pilot.session.messages.question.title
    pilot.step()
    pilot.click("Not now")
    assert (tmp_path / "a.json").read_text() == "{}"
    pilot.press("Ctrl+S")
    pilot.step()
    pilot.click("Save over it")
    settled(pilot)
    assert read_session(tmp_path / "a.json").session.project == pilot.session.document.state


def test_what_cannot_be_saved_says_why_and_is_not_lost(start, tmp_path):
    pilot = start()
    pilot.enter("Latent/Seed", "7")
    with no_larger_files(100):
        save_as(pilot, "a")
        assert "a.json cannot be written: it is larger than" in pilot.session.problem.text
    assert not (tmp_path / "a.json").exists()
    assert pilot.actions.sessions.changed
    (tmp_path / "b.json").mkdir()
    pilot.press("Ctrl+S")
    pilot.step()
    for name in ("", "b.json"):  # nothing, and a folder
        pilot.press("Ctrl+A")
        pilot.type_text(name) if name else pilot.press("Backspace")
        pilot.press("Enter")
        pilot.step()
        assert pilot.has("Browser/Name")
    pilot.click("Browser/Cancel")
    pilot.step()
    assert not pilot.has("Browser/Name")
    assert seed(pilot) == 7


def test_a_strangers_session_opens_nothing_outside_of_its_folder_unasked(start, tmp_path):
    (tmp_path / "sent").mkdir()
    secret = tmp_path / "secret.pkl"
    shutil.copy(OTHER, secret)
    request = RenderRequest(str(secret))
    write_session(tmp_path / "sent" / "a.json", SavedSession(Project(request)))
    write_session(tmp_path / "sent" / "b.json", SavedSession(Project(RenderRequest(SG2), (Kept("k", request),))))
    pilot = start()
    for name in ("a.json", "b.json"):
        pilot.actions.opening.open(str(tmp_path / "sent" / name))
        pilot.step()
        question = pilot.session.messages.question
        assert question.facts == (("File", str(secret)),)
        pilot.press("Escape")
    assert pilot.session.load_job is None
    pilot.actions.opening.open(str(tmp_path / "sent" / "a.json"))
    pilot.step()
    pilot.click("Open")
    assert pilot.wait_for_picture().request.network == str(secret)
    pilot.open(SG2)
    pilot.actions.opening.open(str(tmp_path / "sent" / "a.json"))  # he has opened it before
    assert pilot.wait_for_picture().request.network == str(secret)
    shutil.copy(OTHER, tmp_path / "sent" / "beside.pkl")
    beside = RenderRequest(str(tmp_path / "sent" / "beside.pkl"))
    write_session(tmp_path / "sent" / "c.json", SavedSession(Project(beside)))
    pilot.actions.opening.open(str(tmp_path / "sent" / "c.json"))
    assert pilot.wait_for_picture().request == beside


# ----------------------------------------------------------------------------
# The next start.


def test_the_next_start_goes_on_where_the_last_one_ended(start, tmp_path):
    first = start()
    first.enter("Latent/Seed", "7")
    first.wait_for_picture()
    first.actions.filming.choose(name="seven", end_s=0.5, quality=0.75)
    first.close()
    second = start(film=first.app._settings.film)
    assert seed(second) == 7
    assert second.actions.filming.choices == FilmChoices(name="seven", end_s=0.5, quality=0.75)
    assert second.session.messages.question is None
    assert second.app._title.startswith("*Untitled – ")
    save_as(second, "seven")
    second.actions.sessions.open(tmp_path / "seven.json")
    second.step()
    assert second.actions.filming.choices == FilmChoices(quality=0.75)  # the rest was of another session's film
    second.close()
    (tmp_path / "seven.json").write_text((tmp_path / "seven.json").read_text().replace('"x": 7.0', '"x": 8.0'))
    third = start()
    assert third.app._title.startswith("seven – ")
    assert seed(third) == 8  # the file is what counts, once all is in it
    third.close()
    assert len(left_sessions(tmp_path / "kept")) == 1
    named = start(network=str(OTHER))
    assert seed(named) == 0
    named.close()
    assert start(resume=False).session.document.state.request == RenderRequest(SG2)


def test_a_window_that_died_is_told_of_and_offered(start, tmp_path):
    first = start(resume=False)
    first.enter("Latent/Seed", "7")
    die(first)
    second = start(resume=False)
    question = second.session.messages.question
    assert question.title == "The program ended unexpectedly"
    assert question.facts[0][1] == "Untitled · sg2-32-resnet.pkl"
    assert seed(second) == 0
    second.step()
    second.click("Go on with it")
    second.wait_for_picture()
    assert seed(second) == 7
    die(second)
    third = start(network=str(OTHER))
    third.step()
    third.click("Not now")
    assert [left.fate for left in third.actions.left.found] == [Fate.ENDED]
    die(third)
    fourth = start(resume=False)
    fourth.enter("Latent/Seed", "3")
    assert fourth.session.messages.question.title == "The program ended unexpectedly"
    die(fourth)
    fifth = start(resume=False)
    assert fifth.session.messages.question.title == "2 windows ended unexpectedly"
    assert len(fifth.session.messages.question.answers) == 3


def test_a_session_whose_network_is_gone_opens_with_another_one_and_keeps_the_rest(start, tmp_path):
    gone, request = tmp_path / "gone" / "only.pkl", RenderRequest(str(tmp_path / "gone" / "only.pkl"), SeedPoint(4.0))
    request = replace(request, layers=(LayerEdit(w=(0.5,) * 3),))  # which no other network takes
    digest = sha256(FOUND.read_bytes()).hexdigest()
    known = NetworkFile(str(gone), digest, FOUND.stat().st_size, "StyleGAN2")
    project = Project(request, (Kept("a", replace(request, latent=SeedPoint(5.0))),), (Preset("empty"),))
    project = replace(project, timeline=Timeline((Track("truncation.psi", (Key(0.0, 0.4),)),)))
    write_session(tmp_path / "faces.json", SavedSession(project, (known,)))
    pilot = start()
    document = pilot.session.document
    pilot.actions.opening.open(str(tmp_path / "faces.json"))
    pilot.wait_until(lambda: pilot.has("Browser/Close"))
    pilot.step(2)
    pilot.press("Escape")
    pilot.step(2)
    state = document.state
    assert (state.request.network, state.request.latent, state.request.layers) == (SG2, SeedPoint(4.0), ())
    assert (state.presets, state.timeline, document.can_undo) == (project.presets, project.timeline, False)
    assert state.shelf[:1] == project.shelf
    assert [(one.request, one.name) for one in state.shelf[1:]] == [(request, "Picture of only.pkl")]
    said = [notice.text for notice in pilot.session.notices]
    assert "only.pkl cannot be found" in said
    assert any("cannot take all" in text for text in said)
    assert pilot.app._title.startswith("*faces – ")
    pilot.press("Ctrl+S")
    settled(pilot)
    saved = read_session(tmp_path / "faces.json").session
    assert saved.project == state
    assert saved.network(str(gone)) == known
    pilot.open(str(FOUND))  # the same content, wherever it was
    assert [one.request.network for one in document.state.shelf] == [str(FOUND)] * 2
    assert pilot.actions.sessions.changed


def test_a_network_that_is_gone_at_the_next_start_holds_nobody_up(start, tmp_path):
    network = tmp_path / "only.pkl"
    shutil.copy(OTHER, network)
    first = start(network=str(network))
    first.session.document.change(presets=(Preset("mine"),))
    first.step(2)
    first.close()
    network.unlink()
    second = start()
    assert second.session.loaded.location == default_location()
    assert not second.popup_open
    assert second.session.document.state.presets == (Preset("mine"),)
    assert [one.request.network for one in second.session.document.state.shelf] == [str(network)]


def test_a_full_disk_is_told_of_once(start):
    pilot = start()
    with no_larger_files(10):
        for _ in range(3):
            pilot.press("R")
        pilot.wait_until(lambda: any("done here cannot be kept" in notice.text for notice in pilot.session.notices))
        pilot.press("R")
        pilot.step(3)
        assert sum("done here cannot be kept" in notice.text for notice in pilot.session.notices) == 1
