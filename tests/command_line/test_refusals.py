"""What a command line cannot use: exit code 2, one line on standard error, no traceback, no file."""

from __future__ import annotations

import io
import os
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.request import RenderRequest
from tests.command_line.commands import CONDITIONAL, MOVABLE, PLAIN, Run, network
from tests.sessions import save_request


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


def bad_files(folder: Path) -> None:
    np.save(folder / "row.npy", np.zeros(64, np.float32))
    np.save(folder / "narrow.npy", np.zeros((1, 3), np.float32))
    np.save(folder / "nan.npy", np.full((1, 64), np.nan, np.float32))
    np.save(folder / "huge.npy", np.full((1, 64), 1e300))
    np.save(folder / "text.npy", np.array([["a", "b"]]))
    np.save(folder / "complex.npy", np.full((1, 64), 1j))
    np.save(folder / "objects.npy", np.array([[{}]], dtype=object), allow_pickle=True)
    np.savez(folder / "two.npz", a=np.zeros(3), b=np.zeros(3))
    np.savez(folder / "none.npz")
    good = io.BytesIO()
    np.save(good, np.zeros((1, 64), np.float32))
    (folder / "cut.npy").write_bytes(good.getvalue()[:-9])
    (folder / "liar.npy").write_bytes(
        good.getvalue().replace(b"(1, 64)", b"(9999999999999, 64)").replace(b" " * 12, b"", 1)
    )
    (folder / "empty.npy").write_bytes(b"")
    (folder / "web.npy").write_text("<html>not found</html>")
    (folder / "cut.npz").write_bytes(b"PK\x03\x04 and nothing more")
    with zipfile.ZipFile(folder / "odd.npz", "w") as archive:
        archive.writestr("z.npy", b"\x93NUMPY\x01\x00 nothing")
    (folder / "broken.json").write_text("{")
    (folder / "other.json").write_text('{"format": "something"}')
    Image.new("RGB", (4, 4)).save(folder / "plain.png")
    (folder / "web.png").write_text("<html>not found</html>")
    (folder / "folder.npy").mkdir()
    torch.save({"ckpt": "a.pt", "eigvec": torch.eye(64)}, folder / "directions.pt")
    with zipfile.ZipFile(folder / "bomb.npz", "w") as archive:
        archive.writestr("w.npy", good.getvalue())
        archive.getinfo("w.npy").file_size = 3 * 2**30  # what it says that it unpacks to
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe")
        os.mkfifo(folder / "pipe.json")


UNUSABLE = (
    "~nobody-has-this-name/n.pkl", f"{'x' * 300}.json", f"{'x' * 5000}.pkl", "\udcff.pkl", "http://[::1", "http://a..b/n.pkl",
    "http://fa\xdf.de/n.pkl", "http://a\nb/n.pkl", "file://[::1", "/proc/self/cmdline",
)  # fmt: skip
RENDER, TABLE = ["render", "NET", "-o", "OUT.npy"], ["render", "NET", "-o", "OUT.png"]
SEEDS_END, DIGITS = str(2**32), "9" * 5000
BAD = [
    *([*RENDER, "--z", f"DIR/{name}"] for name in (
        "narrow.npy", "nan.npy", "huge.npy", "text.npy", "complex.npy", "objects.npy", "two.npz",
        "none.npz", "cut.npy", "liar.npy", "empty.npy", "web.npy", "cut.npz", "odd.npz", "missing.npy", "folder.npy",
    )),
    [*RENDER, "--w", "DIR/narrow.npy"],
    [*RENDER, "--w", "NET"],
    [*RENDER, "--w", "DIR/directions.pt"],
    *(["render", "COND", "-o", "OUT.png", option, "DIR/" + name]
      for option in ("--z", "--w", "--label", "--centroids", "--grid") for name in ("pipe", "bomb.npz")),
    [*TABLE, "--mix-rows", "DIR/pipe", "--mix-cols", "1"],
    [*RENDER, "--z", "/dev/zero"],
    [*RENDER, "--z", "/proc/self/status"],
    [*RENDER, "--z", ""],
    *([*RENDER, "--centroids", f"DIR/{name}"] for name in (
        "row.npy", "narrow.npy", "nan.npy", "objects.npy", "two.npz", "cut.npy", "liar.npy", "missing.npy",
    )),
    ["render", "COND", "-o", "OUT.npy", "--label", "DIR/narrow.npy"],
    ["render", "COND", "-o", "OUT.npy", "--class", "5"],
    ["render", "COND", "-o", "OUT.npy", "--class", "-1"],
    ["render", "COND", "-o", "OUT.npy", "--class", "x"],
    ["render", "COND", "-o", "OUT.npy", "--class", ""],
    ["render", "COND", "-o", "OUT.npy", "--class", "0:0.5,9:0.5"],
    ["render", "COND", "-o", "OUT.npy", "--class", "0:0.5,1"],
    [*RENDER, "--class", "hen"],
    ["render", "DIR/broken.json", "-o", "OUT.npy"],
    ["render", "DIR/other.json", "-o", "OUT.npy"],
    ["render", "DIR/plain.png", "-o", "OUT.npy"],
    ["render", "DIR/web.png", "-o", "OUT.npy"],
    ["render", "DIR/missing.pkl", "-o", "OUT.npy"],
    ["render", "DIR", "-o", "OUT.npy"],
    ["render", "", "-o", "OUT.npy"],
    ["render", "-o", "OUT.npy"],
    ["render", "bad\nname.pkl", "-o", "OUT.npy"],
    *(["render", name, "-o", "OUT.npy"] for name in UNUSABLE),
    ["render", "NET", "-o", "~nobody-has-this-name/x.png"],
    ["render", "NET", "-o", f"{'x' * 300}.png"],
    ["render", "NET", "-o", "DIR/broken.json/x.npy"],
    ["convert", "NET", "-o", f"{'x' * 300}.safetensors"],
    ["render", "DIR/pipe.json", "-o", "OUT.npy"],
    ["render", "NET"],
    ["render", "NET", "-o", "OUT.gif"],
    ["render", "NET", "-o", "OUT"],
    ["render", "NET", "-o", "DIR/missing/x.npy"],
    ["render", "NET", "-o", "DIR/folder.npy"],
    [*RENDER, "--seeds", "a"],
    [*RENDER, "--seeds", "5-3"],
    [*RENDER, "--seeds", "0-99999999"],
    [*RENDER, "--seeds", "1,1"],
    [*RENDER, "--seeds", "0-3,2"],
    [*RENDER, "--seeds", SEEDS_END],
    [*RENDER, "--seeds", "٣"],
    [*RENDER, "--seeds", "1_0"],
    [*RENDER, "--seeds", DIGITS],
    ["render", f"seed:{SEEDS_END}", "-o", "OUT.npy"],
    *([*TABLE, "--grid", text] for text in ("", "1,", SEEDS_END, DIGITS, "DIR/directions.pt")),
    *([*TABLE, "--walk-to", text] for text in (f"{SEEDS_END},2", "1_0,2", "1,٣", f"{DIGITS},2")),
    *([*TABLE, "--mix-rows", "1", "--mix-cols", text] for text in ("", SEEDS_END, "-1_0")),
    *([*TABLE, "--mix-rows", "1", "--mix-cols", "2", "--mix-layers", text]
      for text in ("", "-1", "99", "0-99", "٣", "1_0", "x", DIGITS)),
    [*RENDER, "--mix-layers", "3"],
    [*RENDER, "--mix-layers", "any text"],
    [*RENDER, "--seeds", "1", "--z", "DIR/row.npy"],
    [*RENDER, "--psi", "nan"],
    [*RENDER, "--psi", "1e38"],
    [*RENDER, "--cutoff", "-1"],
    *([*RENDER, flag + value] for flag in ("--psi=", "--cutoff=", "--lod=", "--rotate=")
      for value in ("--", "1_0", "٣", DIGITS)),
    [*RENDER, "-o--"],
    *([*RENDER, "--noise", text] for text in ("loud", "const:3", "const:", "random:", "random:٣", DIGITS)),
    [*RENDER, "--code-grid", "4x4"],
    [*RENDER, "--code-grid", "٣x٣"],
    [*RENDER, "--translate", "0.1,0"],
    [*RENDER, "--rotate", "3"],
    [*RENDER, "--transform", "1,0,0,0,1,0"],
    [*RENDER, "--lod", "0"],
    ["render", "MOVABLE", "-o", "OUT.npy", "--noise", "random"],
    [*RENDER, "--translate", "1"],
    [*RENDER, "--translate", "-1,b"],
    [*RENDER, "--transform", "1,0,0,0,1,0", "--rotate", "3"],
    *([*RENDER, "--set", text] for text in (
        "", "psi", "psi=1", "truncation.psi=x", "truncation.psi=1e999", "truncation.cutoff=-1", "truncation.cutoff=99",
        "layers[99].noise=1", "layers[3:3].noise=1", "blends[0].weights[1]=0.5", "transform.rotate=3", "label=0",
        "noise.mode=loud", "truncation.psi=1_0", "truncation.psi=٣", "truncation.cutoff=1_0", "layers[٣].noise=1",
        f"truncation.psi={DIGITS}",
    )),
    [*RENDER, "--set"],
    ["parameters", "DIR/missing.pkl"],
    ["parameters", "NET", "more"],
    ["parameters", ""],
    [*RENDER, "--device", "abacus"],
    [*RENDER, "--device", DIGITS],
    [*RENDER, "--precision", DIGITS],
    [*RENDER, "--class", DIGITS],
    [*RENDER, DIGITS],
    [*RENDER, "--request", "{"],
    [*RENDER, "--request", ""],
    [*RENDER, "--unknown"],
    ["render", "DIR/s.json", "-o", "OUT.npy", "--request", "{}"],
    ["info", "DIR/missing.pkl"],
    ["info"],
    ["info", "NET", "more"],
    ["convert", "NET", "-o", "OUT.onnx"],
    ["convert", "NET", "-o", "OUT.pkl", "--half"],
    ["convert", "NET", "-o", "DIR/missing/x.safetensors"],
    ["convert", "DIR/missing.pkl", "-o", "OUT.safetensors"],
    ["metrics", "NET", "--eqt"],
    ["metrics", "MOVABLE", "-n", "0"],
    ["metrics", "MOVABLE", "-n", "50001"],
    ["metrics", "MOVABLE", "-n", "1_0"],
    ["metrics", "MOVABLE", "-n", DIGITS],
    ["metrics", "MOVABLE", "--seed", SEEDS_END],
    ["metrics", "MOVABLE", "-n", "2", "--seed", "4294967295"],
    ["metrics", "MOVABLE", "--batch", "0"],
    ["metrics", "MOVABLE", "--device", "abacus"],
    ["metrics"],
    ["bench", "--networks", "sg9-256"],
    ["bench", "--networks", "sg2-100"],
    ["bench", "--networks", ""],
    ["bench", "--networks", f"sg2-{DIGITS}"],
    ["bench", ""],
    ["bench", "NET", "--runs", "1_0"],
    ["bench", "NET", "--runs", "0"],
    ["bench", "NET", "--device", "abacus"],
    ["doctor", "now"],
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("bad")
    bad_files(made)
    save_request(made / "s.json", RenderRequest(str(network(PLAIN))))
    return made


@pytest.mark.parametrize("arguments", BAD, ids=lambda arguments: ascii(" ".join(arguments))[1:120])
def test_what_cannot_be_used_is_said_in_one_line_and_leaves_no_file(
    run: Run, folder: Path, tmp_path: Path, arguments: list[str]
):
    files = {"NET": PLAIN, "COND": CONDITIONAL, "MOVABLE": MOVABLE}
    names = {"DIR": str(folder), "OUT": str(tmp_path / "out"), **{k: str(network(v)) for k, v in files.items()}}
    filled = [re.sub("^(NET$|COND$|MOVABLE$|DIR|OUT)", lambda m: names[m[0]], a) for a in arguments]
    ended = run(*filled)
    assert ended.code == 2, ended
    assert ended.out == ""
    assert re.fullmatch(r"error: [^\n]{10,400}\n", ended.err), ended.err
    assert "Traceback" not in ended.err
    assert not list(tmp_path.iterdir())
