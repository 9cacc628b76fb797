"""Downloads from a server in this process that does what servers do, good and bad."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from core.base.errors import Cancelled, DownloadError
from core.opening.download import NOTE, download
from core.opening.partial import LOCK
from tests.web_server import DATA, ETAG, Handler, first_half, whole, with_ranges


def files(folder: Path) -> list[str]:
    """All but what each address has: its lock, and the note on its copy."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.name not in (LOCK, NOTE))


def test_a_file_is_fetched_once_and_then_taken_from_the_cache(server, tmp_path):
    server.answers["/a/network.pkl?x=1"] = whole
    reports = []
    path = download(f"{server.url}/a/network.pkl?x=1", folder=tmp_path, progress=lambda *r: reports.append(r))
    assert path.name == "network.pkl"
    assert path.read_bytes() == DATA
    assert reports[0] == ("downloading", 0, len(DATA), "bytes")
    assert reports[-1] == ("downloading", len(DATA), len(DATA), "bytes")
    assert download(f"{server.url}/a/network.pkl?x=1", folder=tmp_path) == path
    assert len(server.seen) == 1
    assert files(tmp_path) == ["network.pkl"]


def test_equal_names_at_two_addresses_are_two_files(server, tmp_path):
    server.answers |= {"/a/n.pkl": whole, "/b/n.pkl": first_half_of_itself}
    assert download(f"{server.url}/a/n.pkl", folder=tmp_path) != download(f"{server.url}/b/n.pkl", folder=tmp_path)


def first_half_of_itself(handler: Handler) -> None:
    handler.head(Content_Length=10)
    handler.wfile.write(DATA[:10])


def test_a_size_that_is_not_announced_is_no_obstacle(server, tmp_path):
    def answer(handler: Handler) -> None:
        handler.head()
        handler.wfile.write(DATA)

    server.answers["/n.pkl"] = answer
    assert download(f"{server.url}/n.pkl", folder=tmp_path).read_bytes() == DATA


def test_a_missing_file_is_named_with_its_address(server, tmp_path):
    with pytest.raises(DownloadError, match=r"`http://127.0.0.1:\d+/n.pkl` does not exist \(error 404\)"):
        download(f"{server.url}/n.pkl", folder=tmp_path)
    assert files(tmp_path) == []


@pytest.mark.parametrize(("code", "words"), [(403, "not open to everyone"), (429, "too often"), (500, "again later")])
def test_an_error_says_what_to_do(server, tmp_path, code, words):
    server.answers["/n.pkl"] = lambda handler: handler.send_error(code)
    with pytest.raises(DownloadError, match=words):
        download(f"{server.url}/n.pkl", folder=tmp_path)


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/octet-stream"])
def test_a_web_page_is_never_kept(server, tmp_path, kind):
    def answer(handler: Handler) -> None:
        handler.head(Content_Type=kind)
        handler.wfile.write(b"<!DOCTYPE html><title>Quota exceeded</title>")

    server.answers["/n.pkl"] = answer
    with pytest.raises(DownloadError, match="web page instead of a file"):
        download(f"{server.url}/n.pkl", folder=tmp_path)
    assert files(tmp_path) == []


def test_an_empty_answer_is_not_kept(server, tmp_path):
    server.answers["/n.pkl"] = lambda handler: handler.head(Content_Length=0)
    with pytest.raises(DownloadError, match="empty file"):
        download(f"{server.url}/n.pkl", folder=tmp_path)
    assert files(tmp_path) == []


def test_a_download_that_breaks_off_is_continued(server, tmp_path):
    server.answers["/n.pkl"] = first_half
    with pytest.raises(DownloadError, match=r"broke off after 128\.0 kB of 256\.0 kB; open it again"):
        download(f"{server.url}/n.pkl", folder=tmp_path)
    assert "n.pkl" not in files(tmp_path)
    server.answers["/n.pkl"] = with_ranges(DATA, ETAG)
    assert download(f"{server.url}/n.pkl", folder=tmp_path).read_bytes() == DATA
    assert [span for _, span in server.seen] == [None, f"bytes={len(DATA) // 2}-"]
    assert files(tmp_path) == ["n.pkl"]


def test_a_file_that_changed_meanwhile_is_fetched_from_the_start(server, tmp_path):
    server.answers["/n.pkl"] = first_half
    with pytest.raises(DownloadError):
        download(f"{server.url}/n.pkl", folder=tmp_path)
    server.answers["/n.pkl"] = with_ranges(DATA[::-1], '"two"')
    assert download(f"{server.url}/n.pkl", folder=tmp_path).read_bytes() == DATA[::-1]


def test_a_file_that_became_shorter_meanwhile_is_fetched_from_the_start(server, tmp_path):
    def answer(handler: Handler) -> None:
        if handler.headers["Range"]:
            handler.send_error(416)
        else:
            handler.head(Content_Length=10)
            handler.wfile.write(DATA[:10])

    server.answers["/n.pkl"] = first_half
    with pytest.raises(DownloadError):
        download(f"{server.url}/n.pkl", folder=tmp_path)
    server.answers["/n.pkl"] = answer
    assert download(f"{server.url}/n.pkl", folder=tmp_path).read_bytes() == DATA[:10]


def test_a_slow_download_can_be_cancelled_and_continued(server, tmp_path):
    let_go = threading.Event()

    def slow(handler: Handler) -> None:
        first_half(handler)
        handler.wfile.flush()
        let_go.wait(30)

    def cancel(stage: str, done: int, total: int, unit: str = "") -> None:
        if done == len(DATA) // 2:
            raise Cancelled

    server.answers["/n.pkl"] = slow
    with pytest.raises(Cancelled):
        download(f"{server.url}/n.pkl", folder=tmp_path, progress=cancel)
    let_go.set()
    server.answers["/n.pkl"] = with_ranges(DATA, ETAG)
    assert download(f"{server.url}/n.pkl", folder=tmp_path).read_bytes() == DATA
    assert server.seen[-1][1] == f"bytes={len(DATA) // 2}-"


def test_a_server_that_stops_answering_is_given_up(server, tmp_path):
    let_go = threading.Event()

    def silent(handler: Handler) -> None:
        first_half(handler)
        handler.wfile.flush()
        let_go.wait(30)

    server.answers["/n.pkl"] = silent
    with pytest.raises(DownloadError, match="stopped answering"):
        download(f"{server.url}/n.pkl", folder=tmp_path, timeout_s=0.1)
    let_go.set()


def test_a_redirect_on_the_web_is_followed(server, tmp_path):
    server.answers |= {"/old.pkl": lambda handler: handler.head(302, Location="/n.pkl"), "/n.pkl": whole}
    path = download(f"{server.url}/old.pkl", folder=tmp_path)
    assert (path.name, path.read_bytes()) == ("old.pkl", DATA)


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1/n.pkl", "data:,x"])
def test_a_redirect_elsewhere_is_not_followed(server, tmp_path, target):
    server.answers["/n.pkl"] = lambda handler: handler.head(302, Location=target, Content_Length=0)
    with pytest.raises(DownloadError, match="not followed"):
        download(f"{server.url}/n.pkl", folder=tmp_path)


@pytest.mark.parametrize("target", ["http://a..b/n.pkl", "http://[::1", "http://a:x/n.pkl", "http://fa\xdf.de/n.pkl"])
def test_a_redirect_to_what_is_no_address_is_named(server, tmp_path, target):
    server.answers["/n.pkl"] = lambda handler: handler.head(302, Location=target, Content_Length=0)
    with pytest.raises(DownloadError, match="leads to another place"):
        download(f"{server.url}/n.pkl", folder=tmp_path)


def test_redirects_in_a_circle_end(server, tmp_path):
    server.answers["/n.pkl"] = lambda handler: handler.head(302, Location="/n.pkl", Content_Length=0)
    with pytest.raises(DownloadError):
        download(f"{server.url}/n.pkl", folder=tmp_path)


def test_a_file_beyond_the_limit_is_not_fetched(server, tmp_path):
    server.answers["/n.pkl"] = whole
    reports = []
    with pytest.raises(DownloadError, match=r"more than the 1\.0 kB"):
        download(f"{server.url}/n.pkl", folder=tmp_path, limit=1000, progress=lambda *r: reports.append(r))
    assert reports == []
    assert files(tmp_path) == []


def test_a_file_that_grows_beyond_the_limit_is_dropped(server, tmp_path):
    def endless(handler: Handler) -> None:
        handler.head()
        handler.wfile.write(DATA)

    server.answers["/n.pkl"] = endless
    with pytest.raises(DownloadError, match=r"more than the 1\.0 kB"):
        download(f"{server.url}/n.pkl", folder=tmp_path, limit=1000)
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "url", ["http:///n.pkl", "https://", "file:///etc/hostname", "n.pkl", "http://[::1", "http://a..b/n.pkl", "http://a\nb/"],
)
def test_an_address_that_is_none_is_refused(tmp_path, url):
    with pytest.raises(DownloadError, match="no address of a file on the web"):
        download(url, folder=tmp_path)


def test_a_server_that_is_not_there_is_named(tmp_path, server):
    with pytest.raises(DownloadError, match="cannot be reached"):
        download("http://127.0.0.1:9/n.pkl", folder=tmp_path)


def test_no_secret_and_no_control_character_is_shown(tmp_path):
    with pytest.raises(DownloadError) as caught:
        download("http://user:secret@127.0.0.1:9/\x1b[31m\u202e.pkl", folder=tmp_path)
    assert "secret" not in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_name_from_the_web_stays_in_its_folder(server, tmp_path):
    server.answers["/..%2f..%2f.evil%00name"] = whole
    path = download(f"{server.url}/..%2f..%2f.evil%00name", folder=tmp_path)
    assert path.name == "evil_name"
    assert tmp_path in path.parents
