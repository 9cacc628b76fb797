"""Servers that answer with something else than the file: nothing of it stays in the cache."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from core.base.errors import CheckpointError, DownloadError, TruncatedFile, UnsupportedFile
from core.opening.download import CACHE_VARIABLE, download
from core.opening.network import describe_network, open_network
from core.opening.web import copy_at
from tests.core.opening.test_download import files
from tests.web_server import DATA, ETAG, Handler, first_half, gives

GRAY = Path(__file__).parents[2] / "golden" / "sg2-32-gray.pkl"


@pytest.mark.parametrize("text", [b'{"error": "quota \xc3\xbc"}', b"[1, 2]", b"denied: log in", b"version https://git-lfs"])
def test_a_text_with_a_good_status_is_named_and_not_kept(server, tmp_path, text):
    server.answers["/n.pkl"] = gives(text)
    with pytest.raises(DownloadError, match="gave a text and no network: ") as caught:
        download(f"{server.url}/n.pkl", folder=tmp_path)
    assert text.decode()[:8] in str(caught.value)
    assert files(tmp_path) == []


def test_a_long_pickle_of_text_is_no_message(server, tmp_path):
    data = b"(dp0\n" + b"S'weight'\np1\nI1\ns" * 10_000 + b"."
    server.answers["/n.pkl"] = gives(data)
    assert download(f"{server.url}/n.pkl", folder=tmp_path).read_bytes() == data


@pytest.mark.parametrize("digits", ["9" * 16, "1" * 5000])
def test_a_length_of_thousands_of_digits_is_refused_in_a_short_sentence(server, tmp_path, digits):
    server.answers["/n.pkl"] = lambda handler: handler.head(Content_Length=digits)
    with pytest.raises(DownloadError, match=r"has at least 1000 TB, more than the 4\.3 GB") as caught:
        download(f"{server.url}/n.pkl", folder=tmp_path)
    assert len(str(caught.value)) < 250
    assert files(tmp_path) == []


@pytest.mark.parametrize("length", ["-5", "many", ""])
def test_a_length_that_is_none_is_no_obstacle(server, tmp_path, length):
    def answer(handler: Handler) -> None:
        handler.head(Content_Length=length)
        handler.wfile.write(DATA)

    server.answers["/n.pkl"] = answer
    assert download(f"{server.url}/n.pkl", folder=tmp_path).read_bytes() == DATA


HALF = len(DATA) // 2


@pytest.mark.parametrize(
    "span",
    [f"bytes 0-{HALF - 1}/{len(DATA)}", f"bytes {HALF + 1}-{len(DATA) - 1}/{len(DATA)}", "", "bytes */5", "bytes 9"],
)
def test_a_part_that_does_not_continue_ours_is_dropped_and_all_is_fetched(server, tmp_path, span):
    def answer(handler: Handler) -> None:
        if handler.headers["Range"] is None:
            gives(DATA)(handler)
        else:
            handler.head(206, Content_Length=HALF, Content_Range=span, ETag=ETAG)
            handler.wfile.write(b"x" * HALF)

    server.answers["/n.pkl"] = first_half
    with pytest.raises(DownloadError):
        download(f"{server.url}/n.pkl", folder=tmp_path)
    server.answers["/n.pkl"] = answer
    assert download(f"{server.url}/n.pkl", folder=tmp_path).read_bytes() == DATA
    assert [asked for _, asked in server.seen] == [None, f"bytes={HALF}-", None]


def test_a_part_of_another_version_is_dropped_and_all_is_fetched(server, tmp_path):
    def answer(handler: Handler) -> None:
        if handler.headers["Range"] is None:
            gives(DATA[::-1])(handler)
        else:
            handler.head(206, Content_Range=f"bytes {HALF}-{len(DATA) - 1}/{len(DATA)}", ETag='"two"')
            handler.wfile.write(DATA[::-1][HALF:])

    server.answers["/n.pkl"] = first_half
    with pytest.raises(DownloadError):
        download(f"{server.url}/n.pkl", folder=tmp_path)
    server.answers["/n.pkl"] = answer
    assert download(f"{server.url}/n.pkl", folder=tmp_path).read_bytes() == DATA[::-1]


def test_a_part_that_nobody_asked_for_is_no_file(server, tmp_path):
    def answer(handler: Handler) -> None:
        handler.head(206, Content_Length=10, Content_Range=f"bytes 0-9/{len(DATA)}")
        handler.wfile.write(DATA[:10])

    server.answers["/n.pkl"] = answer
    with pytest.raises(DownloadError, match="a part of a file that was not asked for"):
        download(f"{server.url}/n.pkl", folder=tmp_path)
    assert files(tmp_path) == []


def test_a_part_that_ends_too_early_is_continued_the_next_time(server, tmp_path):
    def answer(handler: Handler) -> None:
        start = int((handler.headers["Range"] or "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        end = min(start + 60_000, len(DATA))
        handler.head(206, Content_Length=end - start, Content_Range=f"bytes {start}-{end - 1}/{len(DATA)}", ETag=ETAG)
        handler.wfile.write(DATA[start:end])

    server.answers["/n.pkl"] = first_half
    for _ in range(3):
        with pytest.raises(DownloadError, match="broke off"):
            download(f"{server.url}/n.pkl", folder=tmp_path)
        server.answers["/n.pkl"] = answer
    assert download(f"{server.url}/n.pkl", folder=tmp_path).read_bytes() == DATA


@pytest.mark.parametrize("open_", [open_network, describe_network])
@pytest.mark.parametrize(
    ("data", "error"),
    [(GRAY.read_bytes()[:20000], TruncatedFile), (bytes(range(256)) * 4, UnsupportedFile)],
    ids=["cut short", "no network"],
)
def test_what_is_no_whole_network_does_not_stay_in_the_cache(server, tmp_path, monkeypatch, open_, data, error):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    location = f"{server.url}/n.pkl"

    def answer(handler: Handler) -> None:  # says nothing of its length
        handler.head()
        handler.wfile.write(data)

    server.answers["/n.pkl"] = answer
    with pytest.raises(error, match="It was removed from the cache: opening it again fetches it anew"):
        open_(location)
    assert files(tmp_path) == []
    server.answers["/n.pkl"] = gives(GRAY.read_bytes())
    open_(location)
    assert len(server.seen) == 2


def test_what_is_whole_but_of_no_use_stays_in_the_cache(server, tmp_path, monkeypatch):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    server.answers["/n.pkl"] = gives(b"\x80\x04}.")
    for _ in range(2):
        with pytest.raises(CheckpointError) as caught:
            open_network(f"{server.url}/n.pkl")
        assert "cache" not in str(caught.value)
    assert len(server.seen) == 1


@pytest.mark.parametrize("user", ["user:password@", "user@", ":password@", "user:pass/word@"])
def test_a_user_name_or_password_in_an_address_is_refused_and_not_told(tmp_path, user):
    with pytest.raises(DownloadError, match=r"never sent|no address of a file") as caught:
        download(f"https://{user}127.0.0.1:9/n.pkl", folder=tmp_path)
    assert "pass" not in str(caught.value).replace("user name or password", "")
    assert files(tmp_path) == []


@pytest.mark.parametrize("target", ["http://user:password@127.0.0.1/", "file://user:password@127.0.0.1/", "http://[::1"])
def test_a_redirect_to_such_an_address_is_not_followed(server, tmp_path, target):
    server.answers["/n.pkl"] = lambda handler: handler.head(302, Location=target, Content_Length=0)
    with pytest.raises(DownloadError) as caught:
        download(f"{server.url}/n.pkl", folder=tmp_path)
    assert "user:" not in str(caught.value)


def test_an_address_with_a_broken_host_is_refused(tmp_path):
    with pytest.raises(DownloadError, match="no address of a file"):
        download("http://[::1/n.pkl", folder=tmp_path)


def test_a_copy_of_an_earlier_version_of_the_program_has_the_age_of_its_file(tmp_path, monkeypatch):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    copy = copy_at('"https://host/n.pkl"')
    assert copy is not None
    assert not copy.exists
    copy.path.parent.mkdir(parents=True)
    shutil.copy(GRAY, copy.path)
    os.utime(copy.path, (10**9, 10**9))
    assert copy.fetched_s == 10**9
    origin = describe_network("https://host/n.pkl")[1]
    assert origin.fetched_s == 10**9
    assert "was fetched on 2001-09-09" in origin.notes[-1]
