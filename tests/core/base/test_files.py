"""Files that are whole, on the disk, or absent, and what kills leave."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from core.base.files import PARTIAL, temporary, tidy, write_whole, written_whole
from tests.disk import no_larger_files

HOUR_S = 3600


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what was forced to the disk, in order."""
    names: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        names.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")).name)
        real(descriptor)

    if not Path("/proc/self/fd").exists():
        pytest.skip("needs to know the names of open files")
    monkeypatch.setattr(os, "fsync", fsync)
    return names


def test_a_file_is_on_the_disk_before_its_name_and_its_name_soon_after(tmp_path: Path, synced: list[str]) -> None:
    write_whole(tmp_path / "a.json", b"{}")
    partial, folder = synced
    assert PARTIAL.fullmatch(partial)
    assert folder == tmp_path.name
    with written_whole(tmp_path / "b.bin") as path:
        path.write_bytes(b"x")
    assert [bool(PARTIAL.fullmatch(name)) for name in synced[2:]] == [True, False]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "b.bin"]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_whole(path, b"old")
    with no_larger_files(1000):
        with pytest.raises(OSError, match="File too large"):
            write_whole(path, bytes(1001))
        with pytest.raises(OSError, match="File too large"), written_whole(path) as partial:
            partial.write_bytes(bytes(1001))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_not_finished_gets_no_name(tmp_path: Path) -> None:
    def interrupted() -> None:
        with written_whole(tmp_path / "a") as partial:
            partial.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_the_next_write_removes_what_a_killed_program_left_and_nothing_of_others(tmp_path: Path) -> None:
    def left(name: str, age_s: float) -> None:
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (time.time() - age_s,) * 2)

    old, recent = ".visualizer-0123456789abcdef.part", ".visualizer-fedcba9876543210.part"
    for name in (old, ".0123456789abcdef.tmp", f".net.safetensors.{'0123456789abcdef' * 2}.part"):
        left(name, 2 * HOUR_S)
    left(recent, HOUR_S / 2)
    others = {".0123456789.tmp", "0123456789abcdef.tmp", ".visualizer-x.part", ".n.pkl.part"}
    for name in others:
        left(name, 2 * HOUR_S)
    write_whole(tmp_path / "a", b"whole")
    assert {path.name for path in tmp_path.iterdir()} == {"a", recent, *others}


def test_a_folder_that_is_not_there_needs_no_tidying(tmp_path: Path) -> None:
    tidy(tmp_path / "absent")
    tidy(Path("\ud800"))
    with pytest.raises(FileNotFoundError), temporary(tmp_path / "absent", b""):
        pass
