"""What the command line fetches, and what it asks leave for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.documents.document import to_text
from core.opening.download import CACHE_VARIABLE
from core.request import Blend, RenderRequest
from tests.command_line.commands import PLAIN, Run, network
from tests.sessions import save_request
from tests.web_server import Server, gives
from visualizer.output.capture import write_picture


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Commands with an empty cache."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return Run(capsys)


@pytest.fixture
def location(server: Server) -> str:
    server.answers["/n.pkl"] = gives(network(PLAIN).read_bytes(), ETag='"1"')
    return f"{server.url}/n.pkl"


@pytest.mark.parametrize("how", ["session", "picture", "request", "blend"])
def test_what_a_file_names_on_the_web_needs_leave(
    run: Run, server: Server, location: str, tmp_path: Path, how: str
) -> None:
    source, out = tmp_path / "session.json", tmp_path / "out.png"
    request = RenderRequest(location)
    if how == "blend":
        request = RenderRequest(str(network(PLAIN)), blends=(Blend(location, mapping=1.0),))
    save_request(source, request)
    arguments: list[object] = [source]
    if how == "picture":
        arguments = [tmp_path / "a.png"]
        write_picture(tmp_path / "a.png", np.zeros((4, 4, 3), np.uint8), to_text(request))
    elif how == "request":
        arguments = ["--request", to_text(request)]
    ended = run("render", *arguments, "-o", out)
    assert ended.code == 2
    assert ended.err == f"error: This would fetch `{location}` from the web; add --allow-download if you want that.\n"
    assert server.seen == []
    assert run("render", *arguments, "-o", out, "--allow-download").code == 0
    assert len(server.seen) == 1
    if how == "session":
        assert run("render", *arguments, "-o", out).code == 0  # it is in the cache


def test_an_address_that_is_named_is_leave_enough_and_info_tells_its_copy(
    run: Run, server: Server, location: str, tmp_path: Path
) -> None:
    assert run("render", location, "-o", tmp_path / "out.png").code == 0
    facts = json.loads(run("info", location, "--json").out)
    assert facts["path"].startswith(str(tmp_path / "cache"))
    assert facts["fetched"][:2] == "20"
    assert len(server.seen) == 1
    assert json.loads(run("info", network(PLAIN), "--json").out)["fetched"] is None


def test_a_network_is_fetched_again_when_that_is_asked_for(run: Run, server: Server, location: str) -> None:
    for _ in range(2):
        assert run("info", location).code == 0
    server.answers["/n.pkl"] = lambda handler: handler.head(304)
    ended = run("info", location, "--fetch-again")
    assert (ended.code, ended.err) == (0, "note: The copy in the cache is the newest.\n")
    server.answers["/n.pkl"] = gives(network("sg2-32-resnet").read_bytes())
    ended = run("info", location, "--json", "--fetch-again")
    assert json.loads(ended.out)["channels"] == 3
    assert len(server.seen) == 3
    ended = run("info", network(PLAIN), "--fetch-again")
    assert ended.code == 2
    assert "was not fetched from the web" in ended.err
