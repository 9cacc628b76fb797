"""Latents as programs leave them: of many pictures, in steps, under names, beside other things; and what is none."""

from __future__ import annotations

import os
import pickle
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.base.errors import UsageError
from core.documents.latents.latents import holds_arrays, read_latents
from core.documents.latents.rows import read_labels
from core.documents.latents.shapes import Space, latents_of
from core.request import LAST_SEED, Latent, ModelInfo, WVector, ZVector

WIDTH, LAYERS = 16, 3
INFO = ModelInfo("Fake", "", 1, 1, 3, z_dim=WIDTH, w_dim=WIDTH, c_dim=2, num_ws=LAYERS, ws_names=("w",) * LAYERS)
PLUS = np.random.RandomState(0).randn(4, LAYERS, WIDTH).astype(np.float32)
LATENTS = tuple(WVector(tuple(map(tuple, rows.tolist()))) for rows in PLUS)


def objects(content: object) -> np.ndarray:
    return np.array(content, dtype=object)


def write(path: Path, content: Any) -> Path:
    """Into a file of the kind that its suffix names."""
    match path.suffix:
        case ".pt":
            torch.save(content, path)
        case ".npy":
            np.save(path, content, allow_pickle=True)
        case ".npz":
            np.savez(path, **content)
        case ".pkl":
            path.write_bytes(pickle.dumps(content))
        case _:
            path.write_text(content, encoding="utf-8")
    return path


def read(path: Path, content: Any, space: Space | None = None, **more: Any) -> tuple[tuple[Latent, ...], str]:
    """The latents of a file, and the notes about it."""
    notes: list[str] = []
    return read_latents(write(path, content), replace(INFO, **more), space=space, tell=notes.append), " ".join(notes)


def projected(name: str, index: int) -> dict[str, object]:
    latent = torch.from_numpy(PLUS[index])
    return {name: {"img": torch.zeros(3, 8, 8), "latent": latent, "noise": [torch.zeros(1, 1, 4, 4)]}}


@pytest.mark.parametrize(
    ("name", "content", "count"),
    [
        ("list.pt", [torch.from_numpy(rows)[None] for rows in PLUS], 4),
        ("list.pt", [torch.from_numpy(PLUS[0])], 1),
        ("names.pt", {f"{i}.png": torch.from_numpy(rows)[None] for i, rows in enumerate(PLUS)}, 4),
        ("names.pt", {"w0": torch.from_numpy(PLUS[:1]), "w1": torch.from_numpy(PLUS[1:2])}, 2),
        ("names.pt", {f"img_{i}": torch.from_numpy(rows) for i, rows in enumerate(PLUS)}, 4),
        ("names.pt", {"w_man": torch.from_numpy(PLUS[0]), "w_man_w_hat": torch.from_numpy(PLUS[1])}, 2),
        ("half.pt", torch.from_numpy(PLUS[:1].astype(np.float64)), 1),
        ("latents.npy", objects({"a.png": PLUS[0], "b.png": PLUS[1]}), 2),
        ("list.npy", objects([{"w": PLUS[0]}, {"w": PLUS[1]}]), 2),
        ("array.pkl", PLUS[:1], 1),
        ("dict.pkl", {"Latent": PLUS[None, :1]}, 1),
        ("numbers.pkl", {"w": PLUS[:2].tolist()}, 2),
        ("tensor.pkl", {"w": torch.from_numpy(PLUS[:2])}, 2),
        ("objects.npz", {"w": objects({"a": PLUS[0]})}, 1),
        ("rows.csv", "# one picture\n" + "\n".join(",".join(map(repr, row.tolist())) for row in PLUS[0]), 1),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)
def test_all_pictures_of_a_file_are_read_in_their_order(tmp_path: Path, name: str, content: object, count: int):
    assert read(tmp_path / name, content)[0] == LATENTS[:count]
    assert read(tmp_path / name, content, Space.W)[0] == LATENTS[:count]


def test_what_is_left_out_is_told(tmp_path: Path):
    content = projected("imgs/a.png", 0) | projected("c.jpg", 1)
    latents, notes = read(tmp_path / "a.pt", content)
    assert latents == LATENTS[:2]
    assert notes == "Of a.pt, latent [3, 16] (2 latents) was taken; left out: img [3, 8, 8], noise [1, 1, 4, 4]."
    features = {"latent_in": PLUS[:1], "latent_F": np.zeros((1, 5, 4, 4))}
    latents, notes = read(tmp_path / "FS.npz", features)
    assert (latents, "left out: latent_F [1, 5, 4, 4]" in notes) == (LATENTS[:1], True)
    latents, notes = read(tmp_path / "z_and_w.npz", {"z": PLUS[0, :1], "w": PLUS[0, :1], "wp": PLUS[:1]})
    assert (latents, "left out: z [1, 16], w [1, 16]" in notes) == (LATENTS[:1], True)


def test_of_several_steps_the_last_is_taken(tmp_path: Path):
    steps = {"a.png": [PLUS[3], PLUS[0]], "b.png": [PLUS[3], PLUS[1]]}
    others = {(place,): step for place, step in enumerate(steps.values())}  # keys that are no text
    contents = [("latents.npy", objects(steps)), *(("s.pkl", each) for each in (steps, others, list(steps.values())))]
    for name, content in contents:
        latents, notes = read(tmp_path / name, content)
        assert (latents, "the last ones were taken" in notes) == (LATENTS[:2], True)
    assert read(tmp_path / "w.pkl", {"w": [PLUS[0], PLUS[1]]}) == (LATENTS[:2], "")  # several pictures


Z, W = ZVector(tuple(PLUS[0, 0].tolist())), WVector((tuple(PLUS[0, 0].tolist()),))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("z", Z), ("w", W), ("latent_z", Z), ("projected_w", W), ("z_0001", Z), ("sample", W), ("latents", W)],
)
def test_names_of_files_decide_as_those_of_arrays_do_and_what_is_only_likely_is_told(
    tmp_path: Path, name: str, kind: Latent
):
    doubtful = name in ("sample", "latents")
    for path, content in ((f"{name}.npy", PLUS[0, :1]), ("a.npz", {name: PLUS[0, :1]})):
        latents, notes = read(tmp_path / path, content)
        assert latents == (kind,)
        assert ("was taken as w; if it is z" in notes) is doubtful
    if kind == W:
        assert read(tmp_path / f"{name}.npy", PLUS[0, :1], z_dim=7) == ((W,), "")  # then shapes decide


def test_an_option_says_what_a_file_is_even_against_its_name(tmp_path: Path):
    assert read(tmp_path / "a.npy", PLUS[0, :1], Space.Z) == ((Z,), "")
    latents, notes = read(tmp_path / "w.npy", PLUS[0, :1], Space.Z)
    assert (latents, "'w' was taken as z, as the option says" in notes) == ((Z,), True)
    assert read(tmp_path / "a.npz", {"w": PLUS[0, :1], "z": PLUS[0, :1] + 0}, Space.Z)[0] == (Z,)
    with pytest.raises(UsageError, match=r"this network needs z \[16\]\."):
        read(tmp_path / "a.npy", PLUS, Space.Z)
    with pytest.raises(UsageError, match=r"this network needs w \[9\] or w\+ \[3, 9\]\."):
        read(tmp_path / "a.npy", PLUS, Space.W, w_dim=9)


def test_as_many_rows_as_layers_are_likelier_one_latent(tmp_path: Path):
    latents, notes = read(tmp_path / "a.npy", PLUS[0])
    assert (latents, "was taken as w+, a row a layer, and not as 3 latents in w" in notes) == (LATENTS[:1], True)
    assert read(tmp_path / "wp.npy", PLUS[0]) == (LATENTS[:1], "")


@pytest.mark.parametrize("shape", [(1, WIDTH, 1, 1), (WIDTH, 1, 1)])
def test_a_z_may_end_in_ones(shape: tuple[int, ...]):
    assert latents_of(PLUS[0, 0].reshape(shape), INFO) == (Z,)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("factor.pt", {"ckpt": "a.pt", "eigvec": torch.eye(WIDTH)}),
        ("stylegan_age_w_boundary.npy", PLUS[0, :1]),
        ("ffhq_pca.pt", {"comp": torch.from_numpy(PLUS[0][:, None]), "mean": torch.zeros(1, WIDTH)}),
        ("components.npz", {"lat_comp": PLUS[0], "lat_mean": PLUS[0, :1], "lat_stdev": np.ones(WIDTH)}),
        ("smile.npy", PLUS[0] / np.linalg.norm(PLUS[0], axis=1, keepdims=True)),
        ("latent_directions/smile.npy", PLUS[0]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_says_where_to_move_a_latent_is_no_latent(tmp_path: Path, name: str, content: object):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    for space in (None, Space.W):
        with pytest.raises(UsageError, match=r"holds directions \(.+\), which .+ has no use for them yet"):
            read(tmp_path / name, content, space)


def test_latents_beside_directions_are_read(tmp_path: Path):
    latents, notes = read(tmp_path / "a.npz", {"w": PLUS[:1], "boundary": PLUS[0, :1]})
    assert (latents, "left out: boundary [1, 16]" in notes) == (LATENTS[:1], True)


def test_a_network_holds_no_latents_whatever_fits(tmp_path: Path):
    weights = {"g_ema": {"fc.bias": torch.zeros(WIDTH), "fc.weight": torch.zeros(WIDTH, WIDTH)}}
    assert not holds_arrays(write(tmp_path / "a.pt", {**weights, "latent_avg": torch.zeros(WIDTH)}))
    with pytest.raises(UsageError, match=r"a\.pt holds the weights of a network"):
        read(tmp_path / "a.pt", weights)
    assert holds_arrays(write(tmp_path / "a.pt", {**weights, "w": torch.zeros(1, WIDTH)}))
    assert holds_arrays(write(tmp_path / "a.pkl", PLUS))


@pytest.mark.parametrize("text", ["1 2 3 4", "[1, 2,\t3; 4]", "a,b,c,d\n1,2,3,4\n", "1\n2\n3\n4\n", "\ufeff1;2;3;4"])
def test_numbers_in_text_are_latents(tmp_path: Path, text: str):
    (tmp_path / "z.txt").write_text(text, encoding="utf-8")
    assert read_latents(tmp_path / "z.txt", replace(INFO, z_dim=4)) == (ZVector((1.0, 2.0, 3.0, 4.0)),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,2\n3\n", "line 2 has 1 numbers, and the first one 2"),
        ("1,two\n", "line 1 has 'two', which is no number"),
        ("1,1_0\n", "'1_0'"),
        ("words", "it has no numbers"),
        (f"nan{',1' * (WIDTH - 1)}", r"NaN or infinity \(1 of 16 numbers, the first at \[0\]\)"),
        (f"1e999{',1' * (WIDTH - 1)}", "NaN or infinity"),
    ],
)
def test_text_that_is_no_table_of_numbers_says_where(tmp_path: Path, text: str, words: str):
    with pytest.raises(UsageError, match=words):
        read(tmp_path / "a.csv", text)


def test_labels_are_read_from_all_kinds_of_files(tmp_path: Path):
    tensors = {"c": torch.eye(2), "w": torch.zeros(2, 9)}
    for name, content in (("a.npy", np.eye(2)), ("a.pt", tensors), ("a.csv", "1,0\n0,1")):
        assert read_labels(write(tmp_path / name, content), INFO) == ((1.0, 0.0), (0.0, 1.0))
    with pytest.raises(UsageError, match=r"has the shape \[2, 3\]; labels for this network are \[N, 2\]"):
        read_labels(write(tmp_path / "a.npy", np.zeros((2, 3))), INFO)
    with pytest.raises(UsageError, match="has no classes"):
        read_labels(tmp_path / "a.npy", replace(INFO, c_dim=0))


# ----------------------------------------------------------------------------
# Files that would never end, or never fit.


def test_an_archive_that_would_unpack_to_gigabytes_is_refused_by_its_headers(tmp_path: Path):
    header = write(tmp_path / "w.npy", PLUS).read_bytes()
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        for name in ("w", "noise"):
            archive.writestr(f"{name}.npy", header)
            archive.getinfo(f"{name}.npy").file_size = 700 * 2**20
    tracemalloc.start()
    with pytest.raises(UsageError, match=r"would unpack to 1\.5 GB"):
        read_latents(tmp_path / "a.npz", INFO)
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def test_lists_that_are_shared_without_end_are_refused(tmp_path: Path):
    nested: list[Any] = [1.0, 2.0]
    for _ in range(4):
        nested = [nested] * 1000
    with pytest.raises(UsageError, match="too large or recursive"):
        read(tmp_path / "a.pkl", nested)


@pytest.mark.skipif(os.name == "nt", reason="there are no such files")
def test_files_that_do_not_end_are_refused(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.npy")
    special = (tmp_path / "pipe.npy", "no ordinary file"), (Path("/dev/zero"), "no ordinary file")
    others = (tmp_path, "is a folder"), (Path("a\0b"), "no name of a file"), (tmp_path / "none", "No such")
    for path, words in (*special, *others):
        with pytest.raises(UsageError, match=words):
            read_latents(path, INFO)
    (tmp_path / "empty.npy").touch()
    with pytest.raises(UsageError, match="without a length"):
        read_latents(tmp_path / "empty.npy", INFO)


def test_more_latents_than_are_read_are_counted(tmp_path: Path):
    latents, notes = read(tmp_path / "w.npy", np.zeros((1001, WIDTH)))
    assert (len(latents), notes) == (1000, "w.npy holds 1,001 latents; the first 1,000 were taken.")
    assert LAST_SEED == 2**32 - 1
