"""Classes on the command line, by number, by name and mixed."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.documents.document import from_text
from tests.command_line.commands import Run
from tests.fixtures.ports import zoo_dcgan
from tests.fixtures.samples import FOLDER
from visualizer.output.capture import read_picture_text


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


@pytest.fixture
def named(tmp_path: Path) -> Path:
    """A network whose three classes have names."""
    path = tmp_path / "birds.pkl"
    shutil.copy(FOLDER / "sg2_cond_resnet.pkl", path)
    (tmp_path / "birds.classes.txt").write_text("red hen\ngrey hen\nowl")
    return path


def image(run: Run, path: Path, *flags: object) -> np.ndarray:
    out = path.with_suffix(".npy")
    ended = run("render", path, "-o", out, "--seeds", "3", *flags)
    assert (ended.code, ended.out) == (0, ""), ended.err
    pixels: np.ndarray = np.load(out)
    return pixels


def test_a_name_is_the_class_of_its_number(run: Run, named: Path):
    expected = image(run, named, "--class", "2")
    for name in ("owl", "OWL", "ow"):
        np.testing.assert_array_equal(image(run, named, "--class", name), expected)
    assert not np.array_equal(image(run, named, "--class", "grey hen"), expected)


def test_a_mix_is_the_soft_label_of_its_weights(run: Run, named: Path):
    np.save(named.parent / "label.npy", np.array([[0.75, 0, 0.25]]))
    expected = image(run, named, "--label", named.parent / "label.npy")
    for mix in ("0:0.75,2:0.25", "red:0.75,owl:0.25", "2:.25, 0:.75"):
        np.testing.assert_array_equal(image(run, named, "--class", mix), expected)


def test_a_picture_carries_its_mix(run: Run, named: Path):
    first, again = named.parent / "a.png", named.parent / "b.png"
    assert run("render", named, "-o", first, "--class", "grey hen:0.7,owl:0.3").code == 0
    text = read_picture_text(first)
    assert text is not None
    assert from_text(text, "a.png").request.label == (0.0, 0.7, 0.3)
    assert run("render", first, "-o", again).code == 0
    with Image.open(first) as one, Image.open(again) as other:
        assert one.tobytes() == other.tobytes()
    assert run("render", first, "-o", again, "--class", "owl").code == 0
    with Image.open(first) as one, Image.open(again) as other:
        assert one.tobytes() != other.tobytes()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("hen", "'hen' may be 0 'red hen' or 1 'grey hen'"),
        ("gray hen", "close to it: 1 'grey hen'"),
        ("3", "it has classes 0 to 2"),
        ("owl:0.5,hen:0.5", "'hen' may be"),
    ],
)
def test_what_is_no_single_class_is_refused_with_those_near_it(run: Run, named: Path, name: str, words: str):
    ended = run("render", named, "-o", named.with_suffix(".png"), "--class", name)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert ended.err.count("\n") == 1
    assert not named.with_suffix(".png").exists()


def test_weights_that_do_not_add_up_to_one_are_told(run: Run, named: Path):
    out = named.with_suffix(".npy")
    assert "add up to 3, not 1" in run("render", named, "-o", out, "--class", "owl:2,red:1").err
    assert "add up" not in run("render", named, "-o", out, "--class", "owl:0.3,red:0.7").err


def test_classes_in_z_are_counted_by_a_flag_which_a_saved_picture_knows(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("VISUALIZER_CACHE_DIR", str(tmp_path / "cache"))
    path, out = tmp_path / "dcgan.pth", tmp_path / "a.png"
    torch.save({name: torch.from_numpy(array) for name, array in zoo_dcgan().items()}, path)
    ended = run("render", path, "-o", out, "--class", "hen")
    assert (ended.code, "say how many with --classes" in ended.err) == (2, True)
    assert run("render", path, "-o", out, "--classes", "2", "--class", "1").code == 0
    text = read_picture_text(out)
    assert text is not None
    assert from_text(text, "a.png").request.network == f"{path}#classes=2"
    assert "c dim         2\n" in run("info", path).out  # it is remembered
    assert run("info", path, "--classes", "0").code == 0
    again = tmp_path / "again.png"
    for flags, same in (((), True), (("--classes", "0"), False)):
        assert run("render", out, "-o", again, *flags).code == 0
        with Image.open(out) as one, Image.open(again) as other:
            assert (one.tobytes() == other.tobytes()) is same
    for count in ("-1", "x", "5", "9999999"):
        assert run("render", path, "-o", again, f"--classes={count}").code == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("a.pth", "--classes", "x"), "argument --classes: 'x' is no number of classes"),
        (("--classes", "3"), "--classes says how many classes a NETWORK has; name it"),
        (("a.pth", "--classes", "3", "--session", "s.json"), "without --session"),
        (("a.png", "--classes", "3"), "--classes is about networks, and a.png names one itself"),
    ],
)
def test_the_window_takes_a_number_of_classes_with_a_network_only(run: Run, arguments: tuple[str, ...], words: str):
    ended = run(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
