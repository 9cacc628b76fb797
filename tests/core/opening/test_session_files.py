"""Files of sessions: networks named from the folder of the file, writing in one step, networks that have moved."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from core.base.errors import Cancelled, UsageError
from core.opening.moved import find_network
from core.opening.session_files import from_folder, is_inside, read_session, to_folder, write_session
from core.project import Captures, Kept, NetworkFile, Project, SavedSession
from core.request import Blend, Origin, RenderRequest, SeedPoint
from core.timeline import Key, SoundTrack, Timeline, Track
from tests.disk import no_larger_files
from tests.sessions import save_request


def session_of(network: str, other: str = "seed:3") -> SavedSession:
    """A session that names networks wherever it can."""
    blended = RenderRequest(network, blends=(Blend(other),))
    tracks = (Track("request", (Key(0.0, RenderRequest(other)), Key(1.0, blended))),)
    project = Project(blended, (Kept("k", RenderRequest(other)),), timeline=Timeline(tracks))
    return SavedSession(project, (NetworkFile(network, "ab", 5), NetworkFile("not named", "cd")))


# ----------------------------------------------------------------------------
# Names of files.


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("/home/me/work/a.pkl", "a.pkl"),
        ("/home/me/work/nets/a.pkl#classes=3", "nets/a.pkl#classes=3"),
        ("/home/me/nets/a.pkl", "../nets/a.pkl"),
        ("/home/a.pkl", "/home/a.pkl"),
        ("/home/me/work", "."),
        ("/home/me/work/seed:3", "./seed:3"),
        ("/home/me/work/~you", "./~you"),
        ("seed:3", "seed:3"),
        ("demo:portraits", "demo:portraits"),
        ("https://example.org/a.pkl", "https://example.org/a.pkl"),
    ],
)
def test_files_near_a_session_are_named_from_its_folder(location: str, told: str):
    folder = Path("/home/me/work")
    assert to_folder(location, folder) == told
    assert from_folder(told, folder) == location


def test_a_link_does_not_lead_out_of_a_folder_unseen(tmp_path: Path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path)
    assert is_inside(tmp_path / "in" / "a.pkl", tmp_path / "in")
    assert not is_inside(tmp_path / "in" / "link" / "a.pkl", tmp_path / "in")
    assert not is_inside(tmp_path / "in" / ".." / "a.pkl", tmp_path / "in")


# ----------------------------------------------------------------------------
# Reading and writing.


def test_a_session_comes_back_and_takes_its_folder_along(tmp_path: Path):
    here, there = tmp_path / "here", tmp_path / "there"
    saved = session_of(str(here / "nets" / "a.pkl"), str(here / "b.pkl"))
    timeline = replace(saved.project.timeline, sound=SoundTrack(str(here / "song.wav")))
    saved = replace(saved, project=replace(saved.project, timeline=timeline), captures=Captures(str(here / "out")))
    write_session(here / "s.json", saved)
    assert [path.name for path in here.iterdir()] == ["s.json"]
    assert read_session(here / "s.json").session == replace(saved, networks=saved.networks[:1])
    assert str(here) not in (here / "s.json").read_text()
    shutil.move(here, there)
    moved = read_session(there / "s.json").session
    assert moved.project.request.network == str(there / "nets" / "a.pkl")
    assert moved.project.request.blends[0].network == str(there / "b.pkl")
    assert moved.project.timeline.sound == SoundTrack(str(there / "song.wav"))
    assert moved.captures.folder == str(there / "out")
    assert moved.network(str(there / "nets" / "a.pkl")).digest == "ab"


def test_names_that_are_no_utf_8_come_back(tmp_path: Path):
    name = os.fsdecode(b"/nets/\xff.pkl")
    write_session(tmp_path / "s.json", session_of(name))
    assert read_session(tmp_path / "s.json").session.project.request.network == name


def test_a_request_of_an_early_version_names_its_network_as_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    save_request(tmp_path / "sub" / "s.json", RenderRequest("a.pkl", SeedPoint(4.0)), Origin("a.pkl", digest="ef"))
    found = read_session(tmp_path / "sub" / "s.json")
    assert found.session.project == Project(RenderRequest("a.pkl", SeedPoint(4.0)))
    (tmp_path / "sub" / "a.pkl").touch()
    beside = read_session(tmp_path / "sub" / "s.json").session
    assert beside.project.request.network == str(tmp_path / "sub" / "a.pkl")
    assert beside.network(beside.project.request.network).digest == "ef"


def test_a_session_that_cannot_be_written_keeps_the_old_one(tmp_path: Path):
    path = tmp_path / "s.json"
    write_session(path, session_of("seed:1"))
    before = path.read_bytes()
    with no_larger_files(100), pytest.raises(UsageError, match=r"s\.json cannot be written: it is larger than"):
        write_session(path, session_of("seed:2"))
    with pytest.raises(UsageError, match="not finite"):
        write_session(path, SavedSession(Project(RenderRequest("seed:2", SeedPoint(float("inf"))))))
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["s.json"]
    with pytest.raises(UsageError, match=r"t\.json cannot be written: .*; choose another folder"):
        write_session(path / "t.json", session_of("seed:1"))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n", b"{", b"", b'{"format": "another"}'])
def test_a_file_that_is_no_session_is_refused_by_name(tmp_path: Path, content: bytes):
    (tmp_path / "s.json").write_bytes(content)
    with pytest.raises(UsageError, match=r"s\.json cannot be"):
        read_session(tmp_path / "s.json")


def test_what_is_no_ordinary_file_is_refused(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.json")
    for name in ("pipe.json", "gone.json", "nul\0l.json"):
        with pytest.raises(UsageError, match="cannot be read"):
            read_session(tmp_path / name)


# ----------------------------------------------------------------------------
# Networks that have moved.


def put(path: Path, content: bytes) -> NetworkFile:
    """A file, and what a session knows of it from elsewhere."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return NetworkFile("/gone/face.pkl#classes=3", hashlib.sha256(content).hexdigest(), len(content))


def test_a_network_is_found_by_its_content_whatever_it_is_called(tmp_path: Path):
    wanted = put(tmp_path / "b" / "deep" / "er" / "renamed.pkl", b"the network")
    put(tmp_path / "a" / "face.pkl", b"another one")  # of the same name and size
    (tmp_path / "a" / "broken.pkl").symlink_to(tmp_path / "nowhere")
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a")
    os.mkfifo(tmp_path / "a" / "pipe")
    folders = (tmp_path / "gone", tmp_path / "a", tmp_path / "b", tmp_path / "a")
    assert find_network(wanted, folders) == tmp_path / "b" / "deep" / "er" / "renamed.pkl"
    assert find_network(wanted, folders[:2]) is None
    assert find_network(replace(wanted, size=4), folders) is None


def test_of_several_copies_that_of_its_name_is_taken(tmp_path: Path):
    put(tmp_path / "a" / "first.pkl", b"the network")
    wanted = put(tmp_path / "b" / "face.pkl", b"the network")
    assert find_network(wanted, (tmp_path / "a", tmp_path / "b")) == tmp_path / "b" / "face.pkl"


def test_without_a_digest_the_name_has_to_do(tmp_path: Path):
    put(tmp_path / "face.pkl", b"whatever")
    assert find_network(NetworkFile("C:\\nets\\face.pkl"), (tmp_path,)) == tmp_path / "face.pkl"
    assert find_network(NetworkFile("/nets/other.pkl"), (tmp_path,)) is None


def test_files_of_other_sizes_are_not_read_and_looking_can_be_stopped(tmp_path: Path):
    wanted = put(tmp_path / "face.pkl", b"the network")
    (tmp_path / "large.pkl").write_bytes(b"x" * 100)
    said = []
    find_network(wanted, (tmp_path,), lambda stage, done, total, unit="": said.append((done, total, unit)))
    assert [total for _, total, unit in said if unit == "B"] == [len(b"the network")]

    def stop(stage: str, done: int, total: int, unit: str = "") -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        find_network(wanted, (tmp_path,), stop)


def test_the_file_says_what_tells_its_networks(tmp_path: Path):
    write_session(tmp_path / "s.json", session_of(str(tmp_path / "a.pkl")))
    whole = json.loads((tmp_path / "s.json").read_text())
    assert whole["networks"] == [{"location": "a.pkl", "digest": "ab", "size": 5, "family": ""}]
