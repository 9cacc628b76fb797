"""What a killed program leaves among the captures is tidied, and nothing else."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from core.film.files import FilmFile
from core.video.formats import CODINGS, Format
from tests.core.film.stills import painted, still
from visualizer.output.left_behind import Tidied, tidy_captures
from visualizer.output.recorder import Recorder


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def aged(path: Path, data: bytes = b"", hours: float = 2) -> None:
    path.write_bytes(data)
    os.utime(path, (time.time() - 3600 * hours,) * 2)


def test_a_video_without_a_frame_goes_once_nobody_records_it(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, (32, 16), text="{}")
    assert recorder.bytes_written > 500
    shell = recorder.path.read_bytes()
    assert tidy_captures(tmp_path) == Tidied()
    assert names(tmp_path) == {"00000.mp4"}
    recorder.submit(np.zeros((16, 32, 3), np.uint8))
    recorder.close()
    assert tidy_captures(tmp_path) == Tidied()  # it has a frame
    (tmp_path / "00001.mp4").write_bytes(shell)
    (tmp_path / "00002.mp4").write_bytes(b"")
    assert tidy_captures(tmp_path) == Tidied(2)
    assert names(tmp_path) == {"00000.mp4"}


@pytest.mark.parametrize("kind", [kind for kind in Format if kind is not Format.PNG])
def test_of_films_that_ended_early_stays_what_can_be_played(tmp_path: Path, kind: Format) -> None:
    film, suffix = still(kind, 40), CODINGS[kind].suffixes[0]
    frames = painted(film, range(40))
    writer = FilmFile(film, tmp_path / f"film{suffix}", text="{}", sound=lambda: None)
    writer.write(next(frames))
    part = tmp_path / f"film.unfinished{suffix}"
    others = tmp_path / f"others.unfinished{suffix}"
    others.write_bytes(b"x" * 20)  # another program's
    assert tidy_captures(tmp_path) == Tidied()  # it is being written
    begun = part.read_bytes()
    for frame in frames:
        writer.write(frame)
    left = tmp_path / "killed"
    left.mkdir()
    (left / part.name).write_bytes(part.read_bytes())
    (left / f"film.unfinished-2{suffix}").write_bytes(begun)
    writer.stop()
    found = tidy_captures(left)
    if kind is not Format.AV1:  # whose threads may not have written yet
        assert (left / part.name in found.parts) == (kind is not Format.WEBP)  # which is written at its end
    assert found.removed + len(found.parts) == 2
    assert names(left) == {path.name for path in found.parts}
    assert tidy_captures(left, since_s=time.time() + 1) == Tidied()  # they are known
    assert tidy_captures(tmp_path).removed == 0
    assert names(tmp_path) == {part.name, others.name, "killed"}


def test_videos_and_files_of_others_stay(tmp_path: Path) -> None:
    (tmp_path / "00000.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(12) + b"\0\0\0\x08moov")  # another program's
    (tmp_path / "holiday.mp4").write_bytes(b"")
    (tmp_path / "00001.mp4").symlink_to("absent")
    os.mkfifo(tmp_path / "00002.mp4")
    (tmp_path / "00003.mp4").mkdir()
    before = names(tmp_path)
    assert tidy_captures(tmp_path) == Tidied()
    assert names(tmp_path) == before


def test_empty_files_with_our_names_go_when_they_are_old(tmp_path: Path) -> None:
    for name in ("00000.png", "00001.json", "123456.npz", ".visualizer-0123456789abcdef.part"):
        aged(tmp_path / name)
    aged(tmp_path / "00002.png", b"x")
    aged(tmp_path / "00003.json", hours=0.5)
    aged(tmp_path / "notes.json")
    assert tidy_captures(tmp_path) == Tidied()
    assert names(tmp_path) == {"00002.png", "00003.json", "notes.json"}


def test_a_folder_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "absent", tmp_path / "file", Path("\ud800")):
        assert tidy_captures(folder) == Tidied()
