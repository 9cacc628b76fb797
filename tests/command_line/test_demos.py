"""The demo networks on the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.command_line.commands import Run


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


def pixels(path: Path) -> bytes:
    with Image.open(path) as image:
        return np.asarray(image).tobytes()


def test_every_command_takes_a_demo_network_by_its_name(run: Run, tmp_path: Path, demo_networks: Path):
    facts = json.loads(run("info", "demo:portraits", "--json").out)
    assert facts["source"] == "demo:portraits"
    for command in (
        ["render", "demo:portraits", "-o", tmp_path / "x.png"],
        ["render", tmp_path / "x.png", "-o", tmp_path / "again.png"],
        ["convert", "demo:portraits", "-o", tmp_path / "n.safetensors"],
        ["bench", "demo:portraits", "--runs", "1"],
    ):
        assert run(*command).code == 0, command
    assert pixels(tmp_path / "x.png") == pixels(tmp_path / "again.png")


def test_an_unknown_demo_network_is_said_in_one_line(run: Run, tmp_path: Path, demo_networks: Path):
    ended = run("render", "demo:cats", "-o", tmp_path / "x.png")
    assert ended.code == 2
    assert re.fullmatch(r"error: `demo:cats` .*demo:portraits, .*\n", ended.err)
