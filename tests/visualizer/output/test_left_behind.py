"""What a killed program leaves among the captures is tidied, and nothing else."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np

from visualizer.output.left_behind import tidy_captures
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
    assert tidy_captures(tmp_path) == 0
    assert names(tmp_path) == {"00000.mp4"}
    recorder.submit(np.zeros((16, 32, 3), np.uint8))
    recorder.close()
    assert tidy_captures(tmp_path) == 0  # it has a frame
    (tmp_path / "00001.mp4").write_bytes(shell)
    (tmp_path / "00002.mp4").write_bytes(b"")
    assert tidy_captures(tmp_path) == 2
    assert names(tmp_path) == {"00000.mp4"}


def test_videos_and_files_of_others_stay(tmp_path: Path) -> None:
    (tmp_path / "00000.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(12) + b"\0\0\0\x08moov")  # another program's
    (tmp_path / "holiday.mp4").write_bytes(b"")
    (tmp_path / "00001.mp4").symlink_to("absent")
    os.mkfifo(tmp_path / "00002.mp4")
    (tmp_path / "00003.mp4").mkdir()
    before = names(tmp_path)
    assert tidy_captures(tmp_path) == 0
    assert names(tmp_path) == before


def test_empty_files_with_our_names_go_when_they_are_old(tmp_path: Path) -> None:
    for name in ("00000.png", "00001.json", "123456.npz", ".visualizer-0123456789abcdef.part"):
        aged(tmp_path / name)
    aged(tmp_path / "00002.png", b"x")
    aged(tmp_path / "00003.json", hours=0.5)
    aged(tmp_path / "notes.json")
    assert tidy_captures(tmp_path) == 0  # of videos
    assert names(tmp_path) == {"00002.png", "00003.json", "notes.json"}


def test_a_folder_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "absent", tmp_path / "file", Path("\ud800")):
        assert tidy_captures(folder) == 0
