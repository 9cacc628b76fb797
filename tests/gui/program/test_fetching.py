"""Networks on the web: asked about before they are fetched for a file, and fetched again."""

from __future__ import annotations

import pytest

from core.opening.download import CACHE_VARIABLE
from core.request import Blend, RenderRequest, SeedPoint
from tests.gui.conftest import GOLDEN
from tests.gui.painted import noise, painted
from tests.sessions import save_request
from tests.web_server import gives

HERE, THERE = "https://models.example/here.pkl", "https://other.example:8080/there.pkl?x=1"


@pytest.fixture(scope="module")
def program(launch_painted):
    return launch_painted()


@pytest.fixture
def pilot(program, library, tmp_path, monkeypatch):
    """The program with an empty cache; that two networks were opened from the web shows in its picture."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    library.shelf |= {name: painted(name, noise(64, 64, 3, seed)) for seed, name in enumerate((HERE, THERE), 1)}
    frames = program.session.frames
    program.open("painted")
    program.wait_until(lambda: program.session.frames > frames)
    program.start_anew(RenderRequest("painted"))
    return program


def drop(pilot, folder, network, *blends):
    """Drop a session of these networks on the window."""
    path = folder / "session.json"
    save_request(path, RenderRequest(network, SeedPoint(5), blends=tuple(Blend(name) for name in blends)))
    pilot.window._on_drop(None, [str(path)])
    pilot.step(2)
    return pilot.session.messages.question


def test_a_session_asks_before_its_network_is_fetched(pilot, tmp_path):
    shown = pilot.session.frame
    for leave in (lambda: pilot.click("Not now"), lambda: pilot.press("Escape")):
        question = drop(pilot, tmp_path, HERE)
        assert "session.json" in question.title
        assert question.facts == (("Host", "models.example"), ("File", "/here.pkl"))
        leave()
        assert pilot.session.messages.question is None
        assert not pilot.popup_open
    assert pilot.session.load_job is None
    assert pilot.session.frame is shown
    drop(pilot, tmp_path, HERE)
    pilot.click("Fetch")
    assert pilot.wait_for_picture().request.network == HERE
    assert pilot.context.settings.fetch_from == ()
    assert drop(pilot, tmp_path, HERE) is None  # it is open


def test_networks_that_are_blended_in_are_asked_about_too(pilot, tmp_path):
    question = drop(pilot, tmp_path, "painted", f"'{HERE}'", THERE)
    assert "2 networks" in question.title
    assert ("Host", "other.example:8080") in question.facts
    assert ("File", "/there.pkl?x=1") in question.facts
    assert pilot.has("Fetch always from these hosts")
    assert pilot.request.blends == ()
    pilot.open("painted")  # something else: the question is not about it
    assert pilot.session.messages.question is None
    assert drop(pilot, tmp_path, "painted", "https://user:secret@models.example/n.pkl") is None
    assert "user name or password" in pilot.session.problem.text
    assert "secret" not in pilot.session.problem.text


def test_a_host_that_is_always_fetched_from_is_remembered_and_can_be_forgotten(pilot, tmp_path):
    drop(pilot, tmp_path, THERE)
    pilot.click("Fetch always from this host")
    pilot.wait_for_picture()
    assert pilot.context.settings.fetch_from == ("other.example:8080",)
    pilot.open("painted")
    assert drop(pilot, tmp_path, THERE) is None
    assert pilot.wait_for_picture().request.network == THERE
    pilot.click("Network/More")
    pilot.step()
    pilot.click("Menu/Ask again before fetching from any host")
    pilot.open("painted")
    assert drop(pilot, tmp_path, THERE) is not None


def test_what_was_fetched_needs_no_question_and_can_be_fetched_again(pilot, library, server, tmp_path):
    gray, colour = ((GOLDEN / f"sg2-32-{name}.pkl").read_bytes() for name in ("gray", "resnet"))
    server.answers["/n.pkl"] = gives(gray, ETag='"1"')
    location = f"{server.url}/n.pkl"
    pilot.step()
    assert pilot.session.load_job is None
    pilot.session.opening.fetch_again()  # of a network that is from no address
    pilot.wait_until(lambda: pilot.session.problem)
    assert "was not fetched from the web" in pilot.session.problem.text
    pilot.open(location)  # as if it was typed
    assert len(server.seen) == 1
    before = pilot.session.loaded
    pilot.open("painted")
    assert drop(pilot, tmp_path, location) is None
    pilot.wait_for_picture()

    server.answers["/n.pkl"] = lambda handler: handler.head(304)
    pilot.click("Network/More")
    pilot.step()
    pilot.click("Menu/Fetch the network again")
    pilot.wait_until(lambda: pilot.session.load_job is None)
    assert "has not changed" in pilot.session.notices[-1].text
    assert pilot.session.loaded.origin.fetched_s > before.origin.fetched_s

    server.answers["/n.pkl"] = gives(colour)
    del library.shelf[location]
    pilot.session.opening.fetch_again()
    pilot.wait_until(lambda: pilot.session.load_job is None)
    pilot.wait_for_picture()
    assert (before.info.channels, pilot.session.info.channels) == (1, 3)
