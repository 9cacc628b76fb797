"""The command line with a network that takes codes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.documents.document import from_text
from core.request import Codes, Grid
from tests.command_line.commands import PLAIN, Run, network
from tests.core.vqgans import small, state_dict_of, written
from tests.fixtures import samples
from visualizer.output.capture import read_picture_text

FULL = samples.FOLDER / "vqgan_full.ckpt"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    return written(tmp_path / "n.ckpt", state_dict_of(small()))


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


@pytest.mark.parametrize("size", ["_rect", "_odd"])
def test_a_picture_is_encoded_and_decoded(run: Run, tmp_path: Path, size: str):
    expected = np.load(f"{FULL}.expected.npz")
    photo = ((expected[f"x{size}"][0] + 1) * 127.5).round().astype(np.uint8).transpose(1, 2, 0)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    for out in ("again.npy", "again.png"):
        assert run("render", FULL, "--encode", tmp_path / "photo.png", "-o", tmp_path / out).code == 0
    found, wanted = np.load(tmp_path / "again.npy"), expected[f"rec{size}"]
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() <= 1e-4 * np.abs(wanted).max()
    text = read_picture_text(tmp_path / "again.png")
    assert text is not None
    indices = tuple(expected[f"indices{size}"].flatten().tolist())
    assert from_text(text, "it").request.latent == Codes(5, 9, indices)
    assert run("render", tmp_path / "again.png", "-o", tmp_path / "third.npy").code == 0
    assert (np.load(tmp_path / "third.npy") == found).all()


def test_codes_of_a_file_are_pictures(run: Run, tmp_path: Path, tiny: str):
    np.save(tmp_path / "codes.npy", np.arange(12).reshape(2, 2, 3))
    assert run("render", tiny, "--codes", tmp_path / "codes.npy", "-o", tmp_path / "p.png").code == 0
    assert [size_of(tmp_path / f"p-{i}.png") for i in (0, 1)] == [(6, 4), (6, 4)]


def test_the_grid_of_seeds_is_chosen_and_kept(run: Run, tmp_path: Path, tiny: str):
    assert run("render", tiny, "--seeds", "3", "--code-grid", "5x4", "-o", tmp_path / "p.png").code == 0
    assert size_of(tmp_path / "p.png") == (8, 10)
    text = read_picture_text(tmp_path / "p.png")
    assert text is not None
    assert from_text(text, "it").request.grid == Grid(5, 4)


def test_info_tells_of_the_codes(run: Run, tiny: str):
    facts = json.loads(run("info", tiny, "--json").out)
    assert facts["codes"] == {"count": 12, "grid": [64, 64], "pixels": 2, "encoder": True}
    assert json.loads(run("info", network(PLAIN), "--json").out)["codes"] is None


@pytest.mark.skipif(os.name == "nt", reason="there are no such pipes")
def test_what_does_not_go_with_codes_is_refused(run: Run, tmp_path: Path, tiny: str):
    np.save(tmp_path / "codes.npy", [[0, 12]])
    Image.new("RGB", (1, 40)).save(tmp_path / "thin.png")
    os.mkfifo(tmp_path / "pipe")
    for arguments, words in (
        ([tiny, "--codes", tmp_path / "codes.npy"], "codes 0 to 12; this network has codes 0 to 11"),
        ([tiny, "--codes", tmp_path / "pipe"], "no ordinary file"),
        ([tiny, "--encode", tmp_path / "pipe"], "no ordinary file"),
        ([tiny, "--z", tmp_path / "codes.npy"], "use --codes in place of --z"),
        ([network(PLAIN), "--code-grid", "5x4"], "--code-grid cannot be used: this network has no codes"),
        ([network(PLAIN), "--codes", tmp_path / "codes.npy"], "takes no codes"),
        ([network(PLAIN), "--encode", tmp_path / "thin.png"], "takes no codes"),
        ([tiny, "--encode", tmp_path / "thin.png"], "less than the 2 x 2 of one code"),
        ([tiny, "--encode", tmp_path / "codes.npy"], "is no picture"),
        ([tiny, "--code-grid", "5"], "is no grid of codes"),
        ([tiny, "--code-grid", "513x1"], "is no grid of codes"),
        ([tiny, "--psi", "0.5"], "no average to truncate towards"),
        ([tiny, "--seeds", "3", "--codes", tmp_path / "codes.npy"], "not allowed with"),
    ):
        ended = run("render", *arguments, "-o", tmp_path / "out.png")
        assert (ended.code, ended.err.count("\n")) == (2, 1)
        assert words in ended.err
        assert not (tmp_path / "out.png").exists()
