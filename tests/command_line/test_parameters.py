"""Parameters on the command line: all of them listed, and set by their paths."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.documents.document import from_text
from core.documents.preset_files import write_preset
from core.parameters import PARAMETERS
from core.project import Part, Preset
from core.request import Blend, LayerEdit, NoiseMode, RenderRequest, View
from tests.command_line.commands import CONDITIONAL, MOVABLE, PLAIN, ROOT, Run, network
from tests.sessions import save_request
from visualizer.output.capture import read_picture_text


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


def saved(path: Path) -> RenderRequest:
    return from_text(read_picture_text(path) or "", path.name).request


def test_all_parameters_are_listed(run: Run) -> None:
    ended = run("parameters")
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert [line.split()[0] for line in lines] == ["path", *(parameter.path for parameter in PARAMETERS)]
    assert all(parameter.label in line for parameter, line in zip(PARAMETERS, lines[1:], strict=True))


def test_the_list_is_there_as_json(run: Run) -> None:
    told = {fact["path"]: fact for fact in json.loads(run("parameters", "--json").out)}
    psi = told["truncation.psi"]
    assert (psi["label"], psi["range"], psi["limits"], psi["default"]) == ("Psi", [-1, 2], [None, None], 1)
    assert (psi["needs"], psi["flag"]) == ("truncation", "--psi")
    assert told["noise.mode"]["choices"] == ["const", "random", "none"]
    assert told["transform[]"]["default"] == [1, 0, 0, 0, 1, 0]


def test_a_network_has_ranges_of_its_own_and_lacks_some(run: Run) -> None:
    told = {fact["path"]: fact for fact in json.loads(run("parameters", network(PLAIN), "--json").out)}
    assert told["truncation.cutoff"]["limits"] == [0, 8]
    assert "input transform" in told["transform.rotate"]["why_not"]
    assert told["layers[].noise"]["why_not"] == ""
    movable = json.loads(run("parameters", network(MOVABLE), "--json").out)
    assert {fact["path"]: fact for fact in movable}["transform.rotate"]["why_not"] == ""


def test_the_list_needs_no_torch() -> None:
    code = "import sys; from visualizer.__main__ import main; main(['parameters']); sys.exit('torch' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert ended.returncode == 0


def test_what_is_set_is_in_the_picture(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "x.png"
    settings = ("truncation.psi=0.9", "layers[4:6].noise=0.3", "truncation.psi=0.7", "layers[5].psi=0.5")
    ended = run("render", network(PLAIN), "-o", out, *(word for s in settings for word in ("--set", s)))
    assert (ended.code, ended.err) == (0, "")
    request = saved(out)
    assert request.truncation.psi == 0.7
    assert request.layers == (LayerEdit(),) * 4 + (LayerEdit(noise=0.3), LayerEdit(noise=0.3, psi=0.5))


def test_it_makes_the_picture_that_a_short_flag_makes(run: Run, tmp_path: Path) -> None:
    for flags, name in ((("--psi", "0.3", "--cutoff", "4"), "a"), (("--set", "truncation.psi=0.3"), "b")):
        more = () if name == "a" else ("--set", "truncation.cutoff=4")
        assert run("render", network(PLAIN), "-o", tmp_path / f"{name}.npy", *flags, *more).code == 0
    assert np.array_equal(np.load(tmp_path / "a.npy"), np.load(tmp_path / "b.npy"))


def test_it_goes_beyond_the_short_flags_and_the_session(run: Run, tmp_path: Path) -> None:
    session = tmp_path / "s.json"
    save_request(session, RenderRequest(str(network(PLAIN)), blends=(Blend(str(network(PLAIN))),)))
    out = tmp_path / "x.png"
    ended = run("render", session, "-o", out, "--psi", "0.2", "--set", "truncation.psi=0.6",
                "--set", "blends[0].weights[7]=0.5")  # fmt: skip
    assert (ended.code, ended.err) == (0, "")
    assert saved(out).truncation.psi == 0.6
    assert saved(out).blends[0].weights == (0, 0, 0, 0, 0, 0, 0, 0.5)


def test_it_goes_for_each_of_several_pictures(run: Run, tmp_path: Path) -> None:
    run("render", network(CONDITIONAL), "-o", tmp_path / "x.png", "--seeds", "1,2", "--set", "label=1")
    assert [saved(tmp_path / f"x-{seed}.png").label for seed in (1, 2)] == [1, 1]


def test_what_is_wrong_is_said_before_the_network_is_opened(run: Run, tmp_path: Path) -> None:
    ended = run("render", tmp_path / "missing.pkl", "-o", tmp_path / "x.png", "--set", "truncation.spi=1")
    assert ended.code == 2
    assert "There is no parameter 'truncation.spi'; close to it: truncation.psi" in ended.err


def test_light_is_in_pictures_and_not_in_arrays(run: Run, tmp_path: Path) -> None:
    light = ("--set", "view.exposure=1", "--set", "view.contrast=1.5")
    for name, flags in (("plain", ()), ("lit", light)):
        for end in ("png", "npy"):
            assert run("render", network(PLAIN), "-o", tmp_path / f"{name}.{end}", *flags).code == 0
    plain, lit = (np.load(tmp_path / f"{name}.npy") for name in ("plain", "lit"))
    assert np.array_equal(plain, lit)
    wanted = ((plain[0, 0] + 1) * 2 ** (1 / 2.2) - 1) * 1.5
    pixels = np.asarray(Image.open(tmp_path / "lit.png"))
    assert np.abs(pixels.astype(float) - np.clip(wanted * 127.5 + 128, 0, 255).astype(np.uint8)).max() <= 1
    assert saved(tmp_path / "lit.png").view == View(exposure=1.0, contrast=1.5)


def test_presets_are_applied_in_order_and_by_an_amount(run: Run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("VISUALIZER_CONFIG_DIR", str(tmp_path))
    mine = Preset("Mine", (Part("truncation.psi", 0.0), Part("transform.rotate", 90.0)))
    write_preset(mine, tmp_path / "presets")
    file = write_preset(Preset("Other", (Part("layers[:2].noise", 0.5),)), tmp_path)
    out = tmp_path / "x.png"
    ended = run("render", network(PLAIN), "-o", out, "--preset", "mine:0.5", "--preset", file, "--preset", "No noise",
                "--set", "truncation.cutoff=3")  # fmt: skip
    assert ended.code == 0
    assert "Mine: 1 setting left out: Only networks with an input transform" in ended.err
    request = saved(out)
    assert (request.truncation.psi, request.truncation.cutoff, request.noise.mode) == (0.5, 3, NoiseMode.NONE)
    assert [edit.noise for edit in request.layers] == [0.5, 0.5]


@pytest.mark.parametrize(
    ("preset", "words"),
    [("nowhere", "There is no preset 'nowhere'"), ("No noise:2", "from 0 to 1"), ("No noise:nan", "no preset")],
)
def test_a_preset_that_is_nowhere_is_refused(run: Run, tmp_path: Path, monkeypatch, preset: str, words: str) -> None:
    monkeypatch.setenv("VISUALIZER_CONFIG_DIR", str(tmp_path))
    ended = run("render", network(PLAIN), "-o", tmp_path / "x.png", "--preset", preset)
    assert ended.code == 2
    assert words in ended.err
    assert not list(tmp_path.iterdir())
