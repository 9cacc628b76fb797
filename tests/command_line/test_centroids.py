"""Truncation towards the centroids of a file, without a window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image

from core.opening.network import open_network
from core.synthesis.latents import map_seeds
from tests.command_line.commands import PLAIN, Run, network
from tests.fixtures.samples import FOLDER

XL = FOLDER / "xl_stem_cond.pkl"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


def pixels(path: Path) -> npt.NDArray[np.uint8]:
    return np.asarray(Image.open(path))


@pytest.mark.parametrize("path", [network(PLAIN), XL], ids=lambda path: path.stem)
def test_psi_leads_to_the_nearest_of_the_centroids_of_a_file(run: Run, tmp_path: Path, path: Path):
    opened = open_network(str(path))
    ws = map_seeds(opened.generator, opened.info, (5, 6), None, torch.device("cpu"))[:, 0].numpy()
    np.save(tmp_path / "centroids.npy", ws + np.float32(0.01))
    np.save(tmp_path / "second.npy", ws[1:] + np.float32(0.01))
    flags = ["--seeds", 6, "--centroids", tmp_path / "centroids.npy"]
    assert run("render", path, "-o", tmp_path / "x.npy", *flags, "--psi", 0).code == 0
    run("render", path, "-o", tmp_path / "w.npy", "--w", tmp_path / "second.npy")
    assert np.array_equal(np.load(tmp_path / "x.npy"), np.load(tmp_path / "w.npy"))

    run("render", path, "-o", tmp_path / "half.png", *flags, "--psi", 0.5)
    (tmp_path / "centroids.npy").unlink()
    run("render", tmp_path / "half.png", "-o", tmp_path / "again.png")  # the picture keeps them
    assert np.array_equal(pixels(tmp_path / "again.png"), pixels(tmp_path / "half.png"))
    run("render", tmp_path / "half.png", "-o", tmp_path / "none.npy", "--psi", 0)  # also with another psi
    assert np.array_equal(np.load(tmp_path / "none.npy"), np.load(tmp_path / "w.npy"))


def test_a_network_without_a_w_takes_no_centroids(run: Run, tmp_path: Path):
    ended = run("render", FOLDER / "r3gan.pkl", "-o", tmp_path / "x.png", "--centroids", tmp_path / "c.npy")
    assert (ended.code, ended.out) == (2, "")
    assert "R3GAN has no W" in ended.err
