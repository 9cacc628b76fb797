"""Latents from files on the command line: whatever wrote them, with notes about what is left out."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.command_line.commands import GOLDEN, PLAIN, Run, network

COUNT = 2  # pictures


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


@pytest.fixture
def recorded() -> dict[str, Any]:
    with np.load(GOLDEN / f"{PLAIN}.expected.npz") as archive:
        return {key: archive[key][:COUNT] for key in ("z", "ws", "img_const")}


def test_latents_of_all_kinds_of_files_give_the_pictures_of_their_w(
    run: Run, tmp_path: Path, recorded: dict[str, Any]
):
    ws, tensors = recorded["ws"], list(torch.from_numpy(recorded["ws"]))
    pictures = {f"{i}.png": {"img": torch.zeros(3, 4, 4), "latent": rows} for i, rows in enumerate(tensors)}
    torch.save(tensors, tmp_path / "list.pt")
    torch.save(pictures, tmp_path / "projected.pt", _use_new_zipfile_serialization=False)
    np.save(tmp_path / "steps.npy", np.array({f"{i}.png": [rows * 0, rows] for i, rows in enumerate(ws)}))
    (tmp_path / "array.pkl").write_bytes(pickle.dumps({"Latent": ws}))
    notes = {"list.pt": "", "projected.pt": "left out: img [3, 4, 4]", "steps.npy": "the last ones", "array.pkl": ""}
    for name, words in notes.items():
        ended = run("render", network(PLAIN), "-o", tmp_path / "x.npy", "--w", tmp_path / name)
        assert (ended.code, words in ended.err, bool(ended.err)) == (0, True, bool(words))
        assert np.abs(np.load(tmp_path / "x.npy") - recorded["img_const"]).max() < 1e-4
    made = ("-o", tmp_path / "g.png", "--no-labels", "--grid", tmp_path / "projected.pt")
    ended = run("render", network(PLAIN), *made)
    assert (ended.code, ended.err.count("note: Of projected.pt")) == (0, 1)
    with Image.open(tmp_path / "g.png") as grid:
        assert grid.size == (COUNT * 32 + 2, 32)


def test_text_and_a_single_row_are_latents_too(run: Run, tmp_path: Path, recorded: dict[str, Any]):
    np.savetxt(tmp_path / "z.csv", recorded["z"], delimiter=",", fmt="%.9e")
    np.save(tmp_path / "one.npy", recorded["z"][0])
    np.save(tmp_path / "ones.npy", recorded["z"][..., None, None])
    for name, count in (("z.csv", COUNT), ("one.npy", 1), ("ones.npy", COUNT)):
        assert run("render", network(PLAIN), "-o", tmp_path / "x.npy", "--z", tmp_path / name).code == 0
        assert np.abs(np.load(tmp_path / "x.npy") - recorded["img_const"][:count]).max() < 1e-4


def test_what_a_file_of_a_grid_was_taken_as_is_told_where_it_is_only_likely(
    run: Run, tmp_path: Path, recorded: dict[str, Any]
):
    for name, note in (("z", False), ("something", True)):
        np.save(tmp_path / f"{name}.npy", recorded["z"][:1])
        ended = run("render", network(PLAIN), "-o", tmp_path / "g.png", "--grid", tmp_path / f"{name}.npy")
        assert (ended.code, "was taken as w; if it is z" in ended.err) == (0, note)
