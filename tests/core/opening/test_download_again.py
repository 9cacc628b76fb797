"""Downloads that are looked at again, and that go on after a kill."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.base.errors import DownloadError, UsageError
from core.opening.download import copy_of, download, download_again
from core.opening.partial import LOCK
from core.opening.web import fetch_again
from ops.base.file_lock import try_lock
from tests.core.opening.test_download import files
from tests.web_server import DATA, ETAG, Handler, first_half, gives, with_ranges

DATE = "Mon, 30 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(("header", "value"), [("ETag", 'W/"one"'), ("Last_Modified", DATE)])
def test_what_has_not_changed_is_not_sent_again(server, tmp_path, header, value):
    url = f"{server.url}/n.pkl"
    server.answers["/n.pkl"] = gives(DATA, **{header: value})
    path = download(url, folder=tmp_path)
    os.utime(path, (0, 0))
    first = copy_of(url, folder=tmp_path).fetched_s
    server.answers["/n.pkl"] = lambda handler: handler.head(304)
    assert not download_again(url, folder=tmp_path)
    assert server.conditions == [None, value]
    assert path.read_bytes() == DATA
    assert time.time() >= copy_of(url, folder=tmp_path).fetched_s > first


def test_what_has_changed_takes_the_place_of_the_copy(server, tmp_path):
    url = f"{server.url}/n.pkl"
    server.answers["/n.pkl"] = gives(DATA, ETag=ETAG)
    path = download(url, folder=tmp_path)
    server.answers["/n.pkl"] = gives(DATA[::-1], ETag='"two"')
    assert download_again(url, folder=tmp_path)
    assert path.read_bytes() == DATA[::-1]
    assert files(tmp_path) == ["n.pkl"]
    server.answers["/n.pkl"] = lambda handler: handler.head(304)
    assert not download_again(url, folder=tmp_path)
    assert server.conditions[-1] == '"two"'


def test_a_copy_stays_when_it_cannot_be_fetched_again(server, tmp_path):
    url = f"{server.url}/n.pkl"
    server.answers["/n.pkl"] = gives(DATA)
    path = download(url, folder=tmp_path)
    for answer in (gives(b"{}"), lambda handler: handler.send_error(404), lambda handler: handler.head(304)):
        server.answers["/n.pkl"] = answer
        with pytest.raises(DownloadError):
            download_again(url, folder=tmp_path)
        assert path.read_bytes() == DATA


def test_what_is_no_address_cannot_be_fetched_again():
    with pytest.raises(UsageError, match="was not fetched from the web"):
        fetch_again("demo:portraits")


KILLED = """
import os, sys
from pathlib import Path
from core.opening.download import download

def stop(stage, done, total, unit=""):
    if done == total // 2:
        os._exit(9)  # nothing is tidied up, as after a kill

download(sys.argv[1], folder=Path(sys.argv[2]), progress=stop)
"""


def test_a_download_goes_on_after_its_program_was_killed(server, tmp_path):
    let_go = []

    def slow(handler: Handler) -> None:
        handler.head(Content_Length=len(DATA), ETag=ETAG)
        handler.wfile.write(DATA[: len(DATA) // 2])
        handler.wfile.flush()
        let_go.append(handler.rfile.read(1))  # until the program is gone

    server.answers["/n.pkl"] = slow
    url = f"{server.url}/n.pkl"
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", KILLED, url, str(tmp_path)], cwd=root, check=False).returncode == 9
    assert files(tmp_path) == ["n.pkl.part", "n.pkl.part.json"]
    server.answers["/n.pkl"] = with_ranges(DATA, ETAG)
    assert download(url, folder=tmp_path).read_bytes() == DATA
    assert server.seen[-1][1] == f"bytes={len(DATA) // 2}-"
    assert files(tmp_path) == ["n.pkl"]


def test_a_web_page_in_between_costs_nothing_of_what_had_arrived(server, tmp_path):
    """As where a network asks for a login first."""
    url = f"{server.url}/n.pkl"
    for answer in (first_half, gives(b"<html>", Content_Type="text/html")):
        server.answers["/n.pkl"] = answer
        with pytest.raises(DownloadError):
            download(url, folder=tmp_path)
    server.answers["/n.pkl"] = with_ranges(DATA, ETAG)
    assert download(url, folder=tmp_path).read_bytes() == DATA
    assert server.seen[-1][1] == f"bytes={len(DATA) // 2}-"


def test_two_programs_do_not_fetch_the_same_at_once(server, tmp_path):
    """The second waits, and then takes what the first has fetched."""
    copy = copy_of(f"{server.url}/n.pkl", folder=tmp_path)
    copy.path.parent.mkdir()
    with (copy.path.parent / LOCK).open("ab") as other:
        assert try_lock(other)

        def finish(stage: str, done: int, total: int, unit: str = "") -> None:
            assert stage == "waiting for another download of it"
            copy.path.write_bytes(DATA)
            other.close()

        assert download(f"{server.url}/n.pkl", folder=tmp_path, progress=finish).read_bytes() == DATA
    assert server.seen == []


def test_what_was_not_continued_for_a_day_is_removed(server, tmp_path):
    for name, age_s in (("old.part", 2 * 86400), ("new.part", 60), ("n.pkl.0123.partial", 2 * 86400)):
        path = tmp_path / "address" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
        os.utime(path, (time.time() - age_s,) * 2)
    server.answers["/n.pkl"] = gives(DATA)
    download(f"{server.url}/n.pkl", folder=tmp_path)
    assert files(tmp_path) == ["n.pkl", "new.part"]
