"""What reaches the console: what the program says itself, and nothing of its libraries."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.base.process import QUIET_LOGS, prepare_process
from tests.command_line.commands import PLAIN, Run, network
from tests.core.vqgans import small, state_dict_of, written
from visualizer.output.recorder import Recorder


def test_nothing_of_a_library_reaches_the_console(capfd: pytest.CaptureFixture[str], tmp_path: Path):
    run, jobs = Run(capfd), tmp_path / "jobs"
    jobs.mkdir()
    codes = written(tmp_path / "codes.ckpt", state_dict_of(small()))
    Image.fromarray(np.zeros((40, 52, 3), np.uint8)).save(tmp_path / "photo.jpg")
    for arguments in (
        ("render", network(PLAIN), "-o", jobs / "p.png", "--seeds", "0,1"),
        ("render", network(PLAIN), "-o", jobs / "p.webp"),
        ("render", codes, "-o", jobs / "c.npy", "--encode", tmp_path / "photo.jpg", "--fit", "square"),
        ("convert", network(PLAIN), "-o", jobs / "n.pkl"),
    ):
        ended = run(*arguments)
        assert (ended.code, ended.err) == (0, ""), arguments
    recorder = Recorder(jobs, (32, 32), fps=30)
    recorder.submit(np.zeros((32, 32, 3), np.uint8))
    recorder.close()
    assert capfd.readouterr() == ("", "")
    assert len(list(jobs.iterdir())) == 6


def test_a_name_that_a_terminal_cannot_show_is_told_anyway(capfd: pytest.CaptureFixture[str], tmp_path: Path):
    out = tmp_path / "\udcff.safetensors"
    assert Run(capfd)("convert", network(PLAIN), "-o", out).code == 0
    assert out.is_file()


@pytest.mark.parametrize("name", QUIET_LOGS)
def test_what_the_user_wants_to_hear_of_torch_is_left_to_the_user(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv(name, "mine")
    prepare_process()
    assert os.environ[name] == "mine"
