"""Sessions on the command line: the same pixels, wherever the file and its networks are now, at any time."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.opening.network import open_network
from core.opening.session_files import write_session
from core.project import NetworkFile, Project, SavedSession
from core.request import RenderRequest, SeedPoint
from core.timeline import Between, Key, Timeline, Track
from tests.command_line.commands import PLAIN, Run, network

PSI = Track("truncation.psi", (Key(0.0, 0.2, Between.LINEAR), Key(2.0, 1.0)))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a session, and its network below."""
    folder = tmp_path / "work"
    (folder / "nets").mkdir(parents=True)
    path = folder / "nets" / "face.pkl"
    shutil.copy(network(PLAIN), path)
    origin = open_network(str(path)).origin
    project = Project(RenderRequest(str(path), SeedPoint(5.0)), timeline=Timeline((PSI,)))
    saved = SavedSession(project, (NetworkFile(str(path), origin.digest, origin.size),), time_s=0.5)
    write_session(folder / "s.json", saved)
    return folder


def pixels(run: Run, *arguments: object, out: Path) -> np.ndarray:
    ended = run("render", *arguments, "-o", out)
    assert ended.code == 0, ended.err
    made: np.ndarray = np.load(out)
    return made


def test_a_session_renders_what_its_window_showed_wherever_it_is_now(run: Run, folder: Path, tmp_path: Path):
    out = tmp_path / "a.npy"
    plain = {psi: pixels(run, network(PLAIN), "--seeds", "5", f"--psi={psi}", out=out) for psi in (0.4, 0.6, 1.0)}
    np.testing.assert_array_equal(pixels(run, folder / "s.json", out=out), plain[0.4])  # where the playhead is
    moved = tmp_path / "moved"
    folder.rename(moved)
    np.testing.assert_array_equal(pixels(run, moved / "s.json", "--at", "1", out=out), plain[0.6])
    np.testing.assert_array_equal(pixels(run, moved / "s.json", "--at", "99", out=out), plain[1.0])
    (moved / "nets" / "face.pkl").rename(moved / "renamed.pkl")
    np.testing.assert_array_equal(pixels(run, moved / "s.json", "--psi", "0.6", out=out), plain[0.6])
    ended = run("render", moved / "s.json", "-o", tmp_path / "again.png")
    assert "renamed.pkl was found in" in ended.err
    np.testing.assert_array_equal(pixels(run, tmp_path / "again.png", out=out), plain[0.4])


def test_a_network_that_is_gone_is_named(run: Run, folder: Path, tmp_path: Path):
    (folder / "nets" / "face.pkl").write_bytes(b"another one")
    (folder / "nets" / "face.pkl").rename(folder / "other.pkl")
    ended = run("render", folder / "s.json", "-o", tmp_path / "a.npy")
    assert ended.code == 2
    assert "The network face.pkl is neither where it was nor in" in ended.err


def test_a_time_needs_a_session(run: Run, tmp_path: Path):
    for name in (network(PLAIN), "--request={}"):
        ended = run("render", name, "-o", tmp_path / "a.npy", "--at", "1")
        assert ended.code == 2
        assert "--at is a time of a session's timeline" in ended.err
