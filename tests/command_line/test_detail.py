"""Networks that grew, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.command_line.commands import Run
from tests.fixtures.samples import FOLDER

STYLEGAN1, PROGAN = FOLDER / "tf_sg1.pkl", FOLDER / "tf_progan.pkl"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


@pytest.mark.parametrize("name", [STYLEGAN1, PROGAN])
def test_a_level_of_detail_is_rendered(run: Run, tmp_path: Path, name: Path) -> None:
    out = tmp_path / "x.npy"
    images = []
    for flags in ([], ["--lod", "0"], ["--lod", "1"]):
        assert run("render", name, "-o", out, "--seeds", "3", *flags).code == 0
        images.append(np.load(out))
    own, full, half = images
    assert np.array_equal(own, full)
    assert half.shape == full.shape == (1, 3, 16, 16)
    assert np.array_equal(half, half[..., ::2, ::2].repeat(2, axis=2).repeat(2, axis=3))
    assert not np.array_equal(full, full[..., ::2, ::2].repeat(2, axis=2).repeat(2, axis=3))


def test_a_level_of_detail_that_there_is_not_is_said_to_be_none(run: Run, tmp_path: Path) -> None:
    ended = run("render", STYLEGAN1, "-o", tmp_path / "x.png", "--lod", "-1")
    assert (ended.code, "finer than there is" in ended.err) == (2, True)
    ended = run("render", STYLEGAN1, "-o", tmp_path / "x.png", "--lod", "nan")
    assert (ended.code, "'nan' is no number" in ended.err) == (2, True)
    ended = run("render", STYLEGAN1, "-o", tmp_path / "x.png", "--lod", "9")
    assert (ended.code, "coarsest level of detail is 2" in ended.err) == (0, True)


def test_info_tells_the_levels_of_detail_and_the_truncation_of_the_file(run: Run) -> None:
    told = json.loads(run("info", STYLEGAN1, "--json").out)
    assert (told["family"], told["max_lod"], told["lod"]) == ("StyleGAN1", 2, 0.0)
    assert told["notes"] == ["Its own pictures are made with psi 0.7 on the first 6 of its 6 layers."]
    told = json.loads(run("info", PROGAN, "--json").out)
    assert (told["family"], told["max_lod"], told["num_ws"]) == ("ProGAN", 2, 1)
