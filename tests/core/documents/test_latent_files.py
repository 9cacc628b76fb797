"""Latents read from files of all kinds and shapes, and written."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.base.errors import UsageError
from core.documents.latents.latents import read_latents
from core.documents.latents.rows import read_centroids
from core.documents.latents.shapes import latent_archive, latents_of
from core.request import MAX_CENTROIDS, Centroids, ModelInfo, Truncates, WVector, ZVector

INFO = ModelInfo("Fake", "", 1, 1, 3, z_dim=6, w_dim=4, c_dim=0, num_ws=3, ws_names=("w",) * 3)
SAME = ModelInfo("Fake", "", 1, 1, 3, z_dim=4, w_dim=4, c_dim=0, num_ws=3, ws_names=("w",) * 3)
ROW = (1.0, 2.0, 3.0, 4.0)
NUMPY_HEADER = b"\x93NUMPY\x01\x00\x80\x00%-127s\n"
PLUS = (ROW, (5.0, 6.0, 7.0, 8.0), (9.0, 0.0, 1.0, 2.0))


@pytest.mark.parametrize("shape", [(4,), (1, 4), (1, 1, 4)])
def test_one_row_of_w_is_a_w(shape: tuple[int, ...]):
    assert latents_of(np.array(ROW, np.float32).reshape(shape), INFO) == (WVector((ROW,)),)


@pytest.mark.parametrize("shape", [(3, 4), (1, 3, 4), (1, 1, 3, 4)])
def test_a_row_for_each_layer_is_a_w_plus(shape: tuple[int, ...]):
    assert latents_of(np.array(PLUS, np.float32).reshape(shape), INFO) == (WVector(PLUS),)


@pytest.mark.parametrize("shape", [(6,), (1, 6)])
def test_numbers_of_the_length_of_z_are_a_z(shape: tuple[int, ...]):
    z = tuple(float(i) for i in range(6))
    assert latents_of(np.array(z, np.float32).reshape(shape), INFO) == (ZVector(z),)


def test_several_latents_come_one_by_one():
    assert latents_of(np.stack([PLUS, PLUS]).astype(np.float32), INFO) == (WVector(PLUS),) * 2
    assert latents_of(np.array([ROW] * 5, np.float32), INFO) == (WVector((ROW,)),) * 5
    assert latents_of(np.zeros((2, 6), np.float32), INFO) == (ZVector((0.0,) * 6),) * 2


@pytest.mark.parametrize("shape", [(5,), (2, 5), (2, 4, 4), (3, 6, 6), ()])
def test_other_shapes_fit_nothing(shape: tuple[int, ...]):
    assert latents_of(np.zeros(shape, np.float32), INFO) == ()


def test_where_z_and_w_have_one_length_the_name_decides(tmp_path: Path):
    for name, kind in (("z", ZVector), ("w", WVector), ("something", WVector)):
        arrays: dict[str, Any] = {name: np.array([ROW], np.float32)}
        np.savez(tmp_path / "a.npz", **arrays)
        (latent,) = read_latents(tmp_path / "a.npz", SAME)
        assert type(latent) is kind


def test_a_file_of_several_arrays_gives_the_one_that_is_meant(tmp_path: Path):
    np.savez(tmp_path / "a.npz", noise=np.zeros(9), w=np.array(PLUS)[None], names=np.array(["a", "b"]))
    assert read_latents(tmp_path / "a.npz", INFO) == (WVector(PLUS),)
    np.savez(tmp_path / "a.npz", first=np.zeros(9), second=np.zeros(5))
    with pytest.raises(UsageError, match=r"a\.npz holds first \[9\], second \[5\]; this network needs z \[6\], w"):
        read_latents(tmp_path / "a.npz", INFO)


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize(
    "content",
    [
        torch.tensor(PLUS),
        torch.nn.Parameter(torch.tensor(PLUS)),
        {"latent": torch.tensor(PLUS, dtype=torch.float64), "step": 7},
        {"face.png": {"img": torch.zeros(3, 2, 2), "latent": torch.tensor(PLUS), "noise": [torch.zeros(1, 1, 4, 4)]}},
        [torch.tensor(PLUS)],
    ],
    ids=["tensor", "parameter", "dict", "nested", "list"],
)
def test_files_of_torch_are_read(tmp_path: Path, content: object, old: bool):
    torch.save(content, tmp_path / "a.pt", _use_new_zipfile_serialization=not old)
    assert read_latents(tmp_path / "a.pt", INFO) == (WVector(PLUS),)


class Loud:
    def __reduce__(self) -> tuple[object, ...]:
        return print, ("a file was run",)


def test_nothing_in_a_file_of_torch_is_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    torch.save({"latent": torch.tensor(PLUS), "other": Loud()}, tmp_path / "a.pt")
    assert read_latents(tmp_path / "a.pt", INFO) == (WVector(PLUS),)
    assert not capsys.readouterr().out


def test_a_file_that_does_not_fit_says_what_it_has_and_what_is_needed(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.zeros((2, 5)))
    with pytest.raises(UsageError, match=r"shape \[2, 5\]; this network needs z \[6\], w \[4\] or w\+ \[3, 4\]"):
        read_latents(tmp_path / "a.npy", INFO)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.npz", b""),
        ("a.npy", b"hello"),
        ("a.pt", b"PK\x03\x04"),
        ("a.pt", b"junk"),
        ("a.txt", b"1 2"),
        ("a.npy", NUMPY_HEADER % b"{'descr': '<f4', 'fortran_order': False, 'shape': (-4, 4), }"),
        ("a.npy", NUMPY_HEADER % b"{'descr': '<f4', 'fortran_order': False, 'shape': (1,) * 99, }"),
        ("a.npy", NUMPY_HEADER % b" 'descr': '<f4', 'fortran_order': False, 'shape': (2, 32), }"),
        ("b.npy", None),
    ],
)
def test_a_file_that_is_none_is_refused_by_name(tmp_path: Path, name: str, content: bytes | None):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=name.replace(".", r"\.")):
        read_latents(tmp_path / name, INFO)


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.full((1, 4), np.nan))
    torch.save(torch.full((1, 4), float("inf")), tmp_path / "a.pt")
    for name in ("a.npy", "a.pt"):
        with pytest.raises(UsageError, match="NaN or infinity"):
            read_latents(tmp_path / name, INFO)


def test_what_is_saved_comes_back_and_has_the_shape_of_projectors(tmp_path: Path):
    (tmp_path / "a.npz").write_bytes(latent_archive(np.array(PLUS, np.float32)))
    assert read_latents(tmp_path / "a.npz", INFO) == (WVector(PLUS),)
    with np.load(tmp_path / "a.npz") as loaded:
        assert loaded["w"].shape == (1, 3, 4)


# ----------------------------------------------------------------------------
# Centroids.


def test_centroids_are_the_rows_of_a_file(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.array(PLUS, np.float64))
    assert read_centroids(tmp_path / "a.npy", INFO) == Centroids(PLUS, "a.npy")
    np.savez(tmp_path / "b.npz", names=np.zeros(2), centroids=np.array(PLUS))
    torch.save(torch.tensor(PLUS), tmp_path / "c.pt")
    for name in ("b.npz", "c.pt"):
        assert read_centroids(tmp_path / name, INFO) == Centroids(PLUS, name)


@pytest.mark.parametrize("shape", [(4,), (0, 4), (3, 5), (2, 3, 4), ()])
def test_centroids_of_another_shape_are_refused(tmp_path: Path, shape: tuple[int, ...]):
    np.save(tmp_path / "a.npy", np.zeros(shape))
    with pytest.raises(UsageError, match=r"a\.npy has the shape \[.*\]; centroids for this network are \[K, 4\]"):
        read_centroids(tmp_path / "a.npy", INFO)


def test_too_many_centroids_are_refused(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.zeros((MAX_CENTROIDS // 4 + 1, 4), np.float16))
    with pytest.raises(UsageError, match=r"has 131073 centroids; 131072 are the most"):
        read_centroids(tmp_path / "a.npy", INFO)


def test_what_is_no_file_of_centroids_is_refused(tmp_path: Path):
    np.save(tmp_path / "nan.npy", np.full((2, 4), np.nan))
    np.save(tmp_path / "objects.npy", np.array([[{}] * 4], dtype=object), allow_pickle=True)
    words = {"nan.npy": "NaN", "objects.npy": "no numbers", "c.npy": "read"}
    for name, word in words.items():
        with pytest.raises(UsageError, match=word):
            read_centroids(tmp_path / name, INFO)


def test_a_network_without_a_w_takes_no_centroids(tmp_path: Path):
    with pytest.raises(UsageError, match="Fake has no W"):
        read_centroids(tmp_path / "a.npy", replace(INFO, has_w=False, truncates=Truncates.Z))


@pytest.mark.parametrize("claimed", [b"(1000000, 4)", b"(9999999999999, 4)"])
def test_a_header_that_claims_more_than_the_file_has_is_refused_before_memory_is_taken(tmp_path: Path, claimed: bytes):
    np.save(tmp_path / "a.npy", np.zeros((10, 4)))
    data = (tmp_path / "a.npy").read_bytes()
    longer = len(claimed) - len(b"(10, 4)")
    (tmp_path / "a.npy").write_bytes(data.replace(b"(10, 4)", claimed).replace(b" " * (longer + 1), b" ", 1))
    tracemalloc.start()
    with pytest.raises(UsageError, match="holds no numbers"):
        read_centroids(tmp_path / "a.npy", INFO)
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()
