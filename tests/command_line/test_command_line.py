"""The command line from outside: what is written, what is said, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from core.measure.equivariance import equivariance
from core.opening.network import open_network
from core.request import Blend, RenderRequest, SeedPoint, Truncation
from ops import backends
from tests.command_line.commands import CONDITIONAL, GOLDEN, MOVABLE, PLAIN, ROOT, Ended, Run, network
from tests.sessions import save_request
from tests.small import mixed

TOLERANCE = 2e-5  # of max(1, max |recorded|)
WAIT_S = 60

Array = npt.NDArray[np.float32]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


def recorded(name: str) -> dict[str, Array]:
    with np.load(GOLDEN / f"{name}.expected.npz", allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}


def assert_close(actual: Array, expected: Array) -> None:
    assert actual.shape == expected.shape
    assert actual.dtype == np.float32
    assert np.abs(actual - expected).max() <= TOLERANCE * max(1.0, float(np.abs(expected).max()))


def outside(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=WAIT_S, check=False
    )


# ----------------------------------------------------------------------------
# render: the recorded pictures of the official networks.


@pytest.mark.parametrize(
    ("name", "key", "flags"),
    [
        (PLAIN, "img_const", []),
        (PLAIN, "img_none", ["--noise", "none"]),
        ("sg2-32-resnet", "img_const", ["--noise=const"]),
        (PLAIN, "img_const_psi0.7", ["--psi", "0.7"]),
        ("sg3r-64", "img_identity", []),
    ],
)
def test_seeds_give_the_recorded_pictures(run: Run, tmp_path: Path, name: str, key: str, flags: list[str]):
    expected = recorded(name)
    seeds = ",".join(map(str, expected["seeds"][: len(expected[key])]))
    ended = run("render", network(name), "-o", tmp_path / "x.npy", "--seeds", seeds, *flags)
    assert ended == Ended(0, "", ended.err)
    assert_close(np.load(tmp_path / "x.npy"), expected[key])


@pytest.mark.parametrize("name", [CONDITIONAL, MOVABLE])
def test_classes_and_labels_give_the_recorded_pictures(run: Run, tmp_path: Path, name: str):
    expected, out = recorded(name), tmp_path / "x.npy"
    images = expected["img_const" if "img_const" in expected else "img_identity"]
    seeds, labels = expected["seeds"][: len(images)], expected["c"][: len(images)]
    np.save(tmp_path / "labels.npy", labels)  # the last one is a blend of classes
    run("render", network(name), "-o", out, "--seeds", ",".join(map(str, seeds)), "--label", tmp_path / "labels.npy")
    assert_close(np.load(out), images)
    run("render", network(name), "-o", out, "--seeds", seeds[0], "--class", labels[0].argmax())
    assert_close(np.load(out), images[:1])


def test_a_moved_picture_is_the_recorded_one(run: Run, tmp_path: Path):
    expected, out = recorded(MOVABLE), tmp_path / "x.npy"
    flags = ["--seeds", expected["seeds"][0], "--class", expected["c"][0].argmax(), "-o", out]
    moves = {
        "img_translate": ["--translate", "0.1,-0.23"],
        "img_rotate": ["--rotate", str(0.37 * 360), "--translate", "0.07,0.02"],
        "img_affine": ["--transform", ",".join(map(str, expected.get("transform_affine", np.eye(3))[:2].ravel()))],
    }
    compared = [key for key in moves if key in expected]
    for key in compared:
        run("render", network(MOVABLE), *flags, *moves[key])
        assert_close(np.load(out), expected[key][:1])
    assert len(compared) >= 2


def test_a_move_may_begin_with_a_minus_sign(run: Run, tmp_path: Path):
    rendered = []
    for number, move in enumerate(
        (["--translate", "-0.1,-0.2"], ["--translate=-0.1,-0.2"], ["--transform", "1,0,.1,0,1,.2"])
    ):
        out = tmp_path / f"{number}.npy"
        assert run("render", network("sg3r-64"), "-o", out, *move).code == 0
        rendered.append(np.load(out))
    np.testing.assert_array_equal(rendered[0], rendered[1])
    np.testing.assert_allclose(rendered[0], rendered[2], atol=1e-5)


def test_latents_from_files_give_the_pictures_of_their_seeds(run: Run, tmp_path: Path):
    expected = recorded(PLAIN)
    np.save(tmp_path / "z.npy", expected["z"])
    np.savez(tmp_path / "w.npz", w=expected["ws"][:, 0], other=expected["z"])
    np.save(tmp_path / "ws.npy", expected["ws"])
    for flags in (["--z", tmp_path / "z.npy"], ["--w", tmp_path / "w.npz"], ["--w", tmp_path / "ws.npy"]):
        run("render", network(PLAIN), "-o", tmp_path / "x.npy", *flags)
        assert_close(np.load(tmp_path / "x.npy"), expected["img_const"])


def test_a_session_and_a_saved_picture_give_their_pictures_again(run: Run, tmp_path: Path):
    request = RenderRequest(
        str(network(CONDITIONAL)), SeedPoint(3.25, 1), 2, mixed(7, frozenset({3, 4})), Truncation(0.7, 5)
    )
    save_request(tmp_path / "s.json", request)
    assert run("render", tmp_path / "s.json", "-o", tmp_path / "a.png").code == 0
    assert run("render", tmp_path / "a.png", "-o", tmp_path / "b.png").code == 0
    with Image.open(tmp_path / "a.png") as first, Image.open(tmp_path / "b.png") as second:
        assert first.size == (64, 64)
        assert first.tobytes() == second.tobytes()
        assert first.text == second.text  # type: ignore[attr-defined]


def test_a_session_brings_the_networks_along_that_are_blended_in(run: Run, tmp_path: Path):
    other = network("sg2-32-resnet")
    whole = Blend(str(other), (1.0,) * 64, 1.0)
    save_request(tmp_path / "s.json", RenderRequest(str(other), SeedPoint(9), blends=(whole,)))
    assert run("render", tmp_path / "s.json", "-o", tmp_path / "a.npy").code == 0
    assert run("render", other, "-o", tmp_path / "b.npy", "--seeds", "9").code == 0
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), np.load(tmp_path / "b.npy"))
    missing = RenderRequest(str(other), blends=(Blend(str(tmp_path / "gone.pkl"), (1.0,)),))
    save_request(tmp_path / "s.json", missing)
    failed = run("render", tmp_path / "s.json", "-o", tmp_path / "c.npy")
    assert failed.code == 2
    assert "The network gone.pkl is neither where it was nor in" in failed.err


def test_a_mixing_table_is_written_as_one_picture_and_singly(run: Run, tmp_path: Path):
    np.save(tmp_path / "face.npy", recorded(PLAIN)["ws"][:1])
    rows, columns = f"3,{tmp_path / 'face.npy'}", "7-8"
    flags = ["--mix-rows", rows, "--mix-cols", columns, "--mix-layers", "0-2", "--psi", "0.7", "--cells"]
    assert run("render", network(PLAIN), "-o", tmp_path / "t.png", *flags).code == 0
    names = {path.name for path in tmp_path.glob("*.png")}
    assert names == {"t.png"} | {
        f"t-{name}.png" for name in ("row-3", "row-face", "column-7", "column-8", "3-7", "3-8", "face-7", "face-8")
    }
    with Image.open(tmp_path / "t.png") as whole, Image.open(tmp_path / "t-face-8.png") as cell:
        edge = cell.width
        assert whole.size == (3 * edge + 4, 3 * edge + 4)
        assert whole.crop((2 * edge + 4, 2 * edge + 4, 3 * edge + 4, 3 * edge + 4)).tobytes() == cell.tobytes()


def test_a_psi_sweep_and_a_walk_are_strips(run: Run, tmp_path: Path):
    for flags in (["--psi-sweep", "-1,1,3"], ["--walk-to", "9,3"]):
        assert run("render", network(PLAIN), "-o", tmp_path / "s.png", *flags).code == 0
        with Image.open(tmp_path / "s.png") as strip:
            assert strip.width == 3 * strip.height + 4


def test_a_grid_of_latents_is_about_square(run: Run, tmp_path: Path):
    assert run("render", network(PLAIN), "-o", tmp_path / "g.png", "--grid", "1,4-5").code == 0
    with Image.open(tmp_path / "g.png") as grid:
        assert grid.size == (2 * 32 + 2, 2 * 32 + 2)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--mix-rows", "1"], "needs both --mix-rows and --mix-cols"),
        (["--mix-rows", "1", "--mix-cols", "2", "--walk-to", "3,3"], "choose one"),
        (["--mix-rows", "1,1", "--mix-cols", "2"], "twice"),
        (["--mix-rows", "gone.npz", "--mix-cols", "2"], "gone.npz cannot be read"),
        (["--mix-rows", "1", "--mix-cols", "2", "--mix-layers", "x"], "'x' of --mix-layers"),
        (["--psi-sweep", "1,2"], "no FROM,TO,N"),
        (["--walk-to", "1,0"], "no number of pictures"),
        (["--cells"], "goes with a table"),
    ],
)
def test_tables_that_make_no_sense_are_refused(run: Run, tmp_path: Path, flags: list[str], words: str):
    failed = run("render", network(PLAIN), "-o", tmp_path / "t.png", *flags)
    assert failed.code == 2
    assert words in failed.err
    assert not (tmp_path / "t.png").exists()


def test_flags_change_a_session(run: Run, tmp_path: Path):
    save_request(tmp_path / "s.json", RenderRequest(str(network(PLAIN)), SeedPoint(9)))
    expected = recorded(PLAIN)
    run("render", tmp_path / "s.json", "-o", tmp_path / "x.npy", "--seeds", expected["seeds"][0], "--noise", "none")
    assert_close(np.load(tmp_path / "x.npy"), expected["img_none"][:1])


def test_several_pictures_are_named_by_their_seeds(run: Run, tmp_path: Path):
    assert run("render", network(PLAIN), "-o", tmp_path / "x.png", "--seeds", "-1,3-4").code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x--1.png", "x-3.png", "x-4.png"]


def test_random_noise_is_of_its_seed(run: Run, tmp_path: Path):
    pictures = []
    for noise in ("random:3", "random:3", "random"):
        run("render", network(PLAIN), "-o", tmp_path / "x.npy", "--noise", noise)
        pictures.append(np.load(tmp_path / "x.npy"))
    assert np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[0], pictures[2])


# ----------------------------------------------------------------------------
# info, convert, doctor, metrics, bench.


def test_info_says_what_a_file_is(run: Run):
    facts = json.loads(run("info", network(MOVABLE), "--json").out)
    assert (facts["family"], facts["resolution"], facts["c_dim"], facts["transform"]) == (
        "StyleGAN3",
        [64, 64],
        3,
        True,
    )
    assert re.search(r"^num ws +16$", run("info", network(MOVABLE)).out, re.MULTILINE)


def test_a_converted_network_renders_the_same(run: Run, tmp_path: Path):
    ended = run("convert", network(PLAIN), "-o", tmp_path / "n.safetensors")
    assert ended.code == 0
    assert "n.safetensors" in ended.out
    expected = recorded(PLAIN)
    run(
        "render", tmp_path / "n.safetensors", "-o", tmp_path / "x.npy", "--seeds", ",".join(map(str, expected["seeds"]))
    )
    assert_close(np.load(tmp_path / "x.npy"), expected["img_const"])


def test_metrics_measures_equivariance(run: Run):
    facts = json.loads(run("metrics", network(MOVABLE), "--eqr", "--eqt", "-n", "4", "--seed", "7", "--json").out)
    scores = equivariance(open_network(str(network(MOVABLE))).generator, 4, seed=7, metrics=["eqr", "eqt"])
    assert facts == {
        "network": str(network(MOVABLE)),
        "samples": 4,
        "seed": 7,
        "batch": 1,
        **{m.value: {"psnr_db": s.psnr_db, "interval_db": list(s.interval_db or ())} for m, s in scores.items()},
    }


def test_metrics_is_a_table_of_all_three_without_options(run: Run):
    table = run("metrics", network(MOVABLE), "-n", "1").out
    assert re.findall(r"^(EQ-\S+) +-?\d+\.\d$", table, re.MULTILINE) == ["EQ-T", "EQ-T_frac", "EQ-R"]


def test_bench_measures_stages_and_layers(run: Run):
    result, *faster = json.loads(run("bench", network(PLAIN), "--json", "--runs", "2", "--device", "cpu").out)
    assert (result["precision"], result["dtypes"], result["runs"]) == ("exact", ["float32"], 2)
    assert result["dtypes"] not in [other["dtypes"] for other in faster]
    stages = {stage["name"]: stage for stage in result["stages"]}
    assert list(stages) == ["map", "synthesis", "display", "frame"]
    assert result["quotient"] == stages["synthesis"]["median_ms"] / result["floor_ms"]
    assert {op["op"] for op in result["backends"]} == {report.op for report in backends()}
    assert result["peak_bytes"] is None or result["peak_bytes"] > 4 * result["parameters"]
    assert 0 < stages["frame"]["min_ms"] <= stages["frame"]["median_ms"] <= stages["frame"]["max_ms"]
    assert [layer["name"] for layer in result["layers"]][:2] == ["b4.conv1", "b4.torgb"]
    table = run("bench", network(PLAIN), "--runs", "1").out
    assert "synthesis" in table
    assert "b32.conv1" in table


def test_bench_compares_official_configurations(run: Run):
    ended = run("bench", "--networks", "sg2-64,sg2-128,sg2-64", "--runs", "1")
    assert ended.code == 0
    assert list(dict.fromkeys(re.findall(r"^sg\S+", ended.out, re.MULTILINE))) == ["sg2-64", "sg2-128"]
    assert re.search(r"^network +dtype .* floor +x floor +peak MiB$", ended.out, re.MULTILINE)


# ----------------------------------------------------------------------------
# As a process of its own.


def test_every_command_has_help_at_once():
    started = perf_counter()
    for command in ("render", "info", "convert", "metrics", "bench", "doctor"):
        ended = outside("visualizer", command, "--help")
        assert (ended.returncode, ended.stderr) == (0, "")
        assert ended.stdout.startswith(f"usage: python -m visualizer {command} ")
    assert perf_counter() - started < WAIT_S / 2


def test_render_works_as_a_process(tmp_path: Path):
    ended = outside("visualizer", "render", network(PLAIN), "-o", tmp_path / "x.npy", "--psi", "-0.1", "--fp32")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert np.load(tmp_path / "x.npy").shape == (1, 1, 32, 32)


def test_a_refused_file_ends_a_process_with_2(tmp_path: Path):
    ended = outside(
        "visualizer", "render", ROOT / "tests/fixtures/hostile/gadget_os_system.pkl", "-o", tmp_path / "x.npy"
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert re.fullmatch(r"error: gadget_os_system\.pkl: Refused: [^\n]+\n", ended.stderr)
    assert not list(tmp_path.iterdir())


def test_doctor_says_what_a_bug_report_needs():
    ended = outside("visualizer", "doctor")
    assert (ended.returncode, ended.stderr) == (0, "")
    for name in ("program", "python", "opengl", "torch", "device", "op upfirdn2d", "settings", "cache"):
        assert re.search(rf"^{name} ", ended.stdout, re.MULTILINE), name


def test_the_report_of_operations_is_a_line_each():
    ended = outside("ops")
    assert (ended.returncode, ended.stderr) == (0, "")
    *ops, gpu = ended.stdout.splitlines()
    names = ["upfirdn2d", "bias_act", "fir_bias_act", "filtered_lrelu", "modulate", "styled_conv2d"]
    assert [line.split()[0] for line in ops] == names
    assert gpu.startswith("On a GPU with CUDA: ")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_without_a_display_the_window_says_so_at_once():
    environment = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "VISUALIZER_HEADLESS": ""}
    outside("visualizer", "--help")  # so that files are in memory
    started = perf_counter()
    ended = outside("visualizer", network(PLAIN), **environment)
    took_s = perf_counter() - started
    assert (ended.returncode, ended.stdout) == (2, "")
    assert re.fullmatch(r"error: No window can be opened[^\n]+\n", ended.stderr), ended.stderr
    assert took_s < 2


def test_a_reader_that_leaves_early_is_no_error():
    read_end, write_end = os.pipe()
    os.close(read_end)
    command = [sys.executable, "-m", "visualizer", "info", str(network(PLAIN))]
    with os.fdopen(write_end) as pipe:
        ended = subprocess.run(
            command, cwd=ROOT, stdout=pipe, stderr=subprocess.PIPE, text=True, timeout=WAIT_S, check=False
        )
    assert ended.returncode == 1
    assert ended.stderr == ""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGINT for another process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("out", ["x.npy", "x.png"])
def test_an_interrupted_render_leaves_no_half_file(tmp_path: Path, number: signal.Signals, out: str):
    """Interrupted after the first note, which comes when pictures are being made."""
    command = ["render", network(PLAIN), "-o", tmp_path / out, "--seeds", "0-99999", "--class", "0"]
    ended = interrupted(command, number)
    assert ended.code == 130
    assert ended.err.startswith("note: This network has no classes")
    assert len(ended.err.splitlines()) == 1
    for path in tmp_path.iterdir():
        assert path.suffix == ".png"
        with Image.open(path) as picture:
            picture.load()


@pytest.mark.skipif(os.name == "nt", reason="there are no such pipes")
def test_a_file_that_never_ends_is_refused(tmp_path: Path):
    os.mkfifo(tmp_path / "endless.pkl")
    ended = outside("visualizer", "convert", tmp_path / "endless.pkl", "-o", tmp_path / "x.safetensors")
    assert ended.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["endless.pkl"]


def interrupted(command: list[Any], number: signal.Signals) -> Ended:
    """Sends the signal when the first line has come on standard error."""
    arguments = [sys.executable, "-m", "visualizer", *map(str, command)]
    with subprocess.Popen(
        arguments,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # tests in the background inherit it ignored
    ) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        process.send_signal(number)
        try:
            out, rest = process.communicate(timeout=WAIT_S)
        finally:
            process.kill()
    return Ended(process.returncode, out, first + rest)
