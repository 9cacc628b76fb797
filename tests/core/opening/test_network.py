"""Networks by whatever name a user gives them: opened, described, converted."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
import torch

from core.base.errors import Cancelled, CheckpointError, UnsupportedFile, UsageError
from core.opening.network import Network, convert, describe_network, facts, open_network
from core.request import BUILT_IN
from core.synthesis.generator import SynthesisInputs, synthesize
from tests.disk import mode, umask
from tests.fixtures import samples

KINDS = [
    "ada_sg2_skip.pkl", "sg2_cond_resnet.pkl", "sg3_t.pkl", "sg3_r.pkl", "human_sg2_rect.pkl", "rosinality_sg2.pt",
    "psp_style_decoder.pt", "tf_sg2_resnet.pkl", "tf_sg2_cond_labelconcat.pkl", "xl_superres_cond.pkl",
]  # fmt: skip
ONE = str(samples.FOLDER / "sg3_r.pkl")


def picture(network: Network) -> torch.Tensor:
    info = network.info
    z = torch.randn(1, info.z_dim, generator=torch.Generator().manual_seed(1))
    c = torch.eye(info.c_dim)[:1] if info.c_dim else None
    with torch.no_grad():
        return synthesize(network.generator, SynthesisInputs(network.generator.map(z, c), force_fp32=True))


@pytest.mark.parametrize("name", KINDS)
def test_a_file_is_opened_and_described_alike(name):
    source = str(samples.FOLDER / name)
    network = open_network(source)
    info, origin = describe_network(source)
    assert network.info == info
    assert network.origin.digest == origin.digest
    assert picture(network).shape == (1, info.channels, info.height, info.width)


@pytest.mark.parametrize("name", KINDS)
def test_a_converted_network_draws_the_same_picture(name, tmp_path):
    source = str(samples.FOLDER / name)
    convert(source, tmp_path / "n.safetensors")
    converted = open_network(str(tmp_path / "n.safetensors"))
    original = open_network(source)
    assert converted.info == original.info
    assert torch.equal(picture(converted), picture(original))


@pytest.mark.parametrize("name", KINDS)
def test_a_network_converted_to_half_precision_draws_nearly_the_same_picture(name, tmp_path):
    source = str(samples.FOLDER / name)
    convert(source, tmp_path / "half.safetensors", half=True)
    convert(source, tmp_path / "full.safetensors")
    expected = picture(open_network(source))
    error = (picture(open_network(str(tmp_path / "half.safetensors"))) - expected).abs().max()
    assert 0 < error < 0.02 * expected.abs().max()
    assert (tmp_path / "half.safetensors").stat().st_size < (tmp_path / "full.safetensors").stat().st_size


def test_a_built_in_network_comes_from_its_seed():
    first, second, other = (open_network(source) for source in (BUILT_IN, "seed:0", "seed:1"))
    assert torch.equal(picture(first), picture(second))
    assert not torch.equal(picture(first), picture(other))
    assert describe_network(BUILT_IN) == (first.info, first.origin)


@pytest.mark.parametrize("source", ["seed:", "seed:x", "seed:-1", "seed:1.5", f"seed:{10**30}"])
def test_a_seed_that_is_no_number_is_refused(source):
    with pytest.raises(UsageError, match="seed: and a whole number"):
        open_network(source)


@pytest.mark.parametrize("form", ['"{}"', "'{}'", "  {} ", "file://{}"])
def test_a_dropped_path_is_understood(form):
    source = form.format(ONE)
    _, origin = describe_network(source)
    assert (origin.path, origin.location) == (ONE, source)


def test_a_path_may_begin_with_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    shutil.copy(ONE, tmp_path / "my network.pkl")
    assert describe_network("~/my network.pkl")[1].path == str(tmp_path / "my network.pkl")
    assert describe_network((tmp_path / "my network.pkl").as_uri())[1].path == str(tmp_path / "my network.pkl")


def test_a_run_folder_stands_for_its_newest_snapshot(tmp_path):
    for kimg in ("000000", "000200", "001000"):
        shutil.copy(ONE, tmp_path / f"network-snapshot-{kimg}.pkl")
    shutil.copy(ONE, tmp_path / "other.pkl")
    assert Path(describe_network(str(tmp_path))[1].path).name == "network-snapshot-001000.pkl"


def test_a_run_folder_without_numbers_stands_for_its_best_network(tmp_path):
    shutil.copy(ONE, tmp_path / "network-snapshot.pkl")
    assert Path(describe_network(str(tmp_path))[1].path).name == "network-snapshot.pkl"
    shutil.copy(ONE, tmp_path / "best_model.pkl")
    assert Path(describe_network(str(tmp_path))[1].path).name == "best_model.pkl"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "No network was named"),
        ("ftp://example.org/n.pkl", "nothing that can be opened"),
        (str(samples.HOSTILE), r"holds no best_model\.pkl and no network-snapshot-\*\.pkl"),
        ("a\0b", r"`a\\x00b` is nothing that can be opened"),
        ("~nobody-has-this-name/n.pkl", "no usable path"),
        ("\ud800.pkl", r"`\\ud800.pkl` is no usable path"),
        ("x" * 300, "too long"),
        ("file://[::1", "nothing that can be opened"),
    ],
)
def test_a_source_that_is_none_is_refused(source, words):
    with pytest.raises(UsageError, match=words):
        open_network(source)


def test_a_missing_file_is_named():
    with pytest.raises(CheckpointError, match=r"^missing\.pkl: There is no such file"):
        open_network("/nowhere/missing.pkl")


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="there are no such files here")
def test_a_file_of_the_system_that_tells_no_length_is_refused():
    with pytest.raises(CheckpointError, match=r"^cmdline: It tells no length"):
        open_network("/proc/self/cmdline")


def test_a_network_whose_name_is_as_long_as_can_be_opens(tmp_path):
    path = tmp_path / ("n" * 251 + ".pkl")
    shutil.copy(ONE, path)
    assert describe_network(str(path))[1].path == str(path)


def test_an_address_is_downloaded(tmp_path, monkeypatch):
    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(samples.FOLDER))

        def log_message(self, format: str, *args: object) -> None:
            pass

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("VISUALIZER_CACHE_DIR", str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        source = f"http://127.0.0.1:{server.server_address[1]}/sg3_r.pkl"
        network = open_network(source)
        server.shutdown()
        thread.join()
    assert network.origin.location == source
    assert tmp_path in Path(network.origin.path).parents


@pytest.mark.parametrize("name", ["tf_sg2_cond_labelconcat.pkl", "xl_stem_cond.pkl"])
def test_a_network_that_the_official_code_does_not_have_gives_no_snapshot(name, tmp_path):
    with pytest.raises(UsageError, match=r"no snapshot of one; use \.safetensors"):
        convert(str(samples.FOLDER / name), tmp_path / "x.pkl")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_generator_is_named_by_its_class(tmp_path):
    (tmp_path / "n.pkl").write_bytes(samples.dump(samples.persisted("MyOwnGenerator", samples.state_of())))
    with pytest.raises(UnsupportedFile, match=r"^n\.pkl: .*`MyOwnGenerator`"):
        open_network(str(tmp_path / "n.pkl"))


def test_the_facts_are_plain_json():
    known: dict[str, Any] = facts(*describe_network(str(samples.FOLDER / "ada_sg2_skip.pkl")))
    assert json.loads(json.dumps(known)) == known
    assert known["family"] == "StyleGAN2"
    assert known["resolution"] == [16, 16]
    assert known["training_set"]["use_labels"] == "False"
    assert known["parameters"] > 0
    assert len(known["sha256"]) == 64


def test_opening_can_be_cancelled_at_every_stage():
    stages = set()
    open_network(ONE, progress=lambda stage, *_: stages.add(stage))
    assert stages == {"reading", "parsing", "building"}
    for chosen in stages:

        def cancel(stage: str, done: int, total: int, unit: str = "", chosen: str = chosen) -> None:
            if stage == chosen:
                raise Cancelled

        with pytest.raises(Cancelled):
            open_network(ONE, progress=cancel)


@pytest.mark.parametrize(("out", "words"), [("missing/n.safetensors", "does not exist"), ("n.onnx", "should end in")])
def test_a_place_where_nothing_can_be_written_is_refused_before_reading(tmp_path, out, words):
    with pytest.raises(UsageError, match=words):
        convert("never-read.pkl", tmp_path / out)


def test_a_network_is_not_converted_onto_itself(tmp_path, monkeypatch):
    network = tmp_path / "network-snapshot-000000.pkl"
    shutil.copy(ONE, network)
    (tmp_path / "link.pkl").symlink_to(network)
    (tmp_path / "hard.pkl").hardlink_to(network)
    monkeypatch.chdir(tmp_path)
    for source, out in (
        (network, network), (network, "link.pkl"), ("link.pkl", network), (network, "hard.pkl"), (tmp_path, network),
        (network, f"../{tmp_path.name}/{network.name}"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match="give another name"):
            convert(str(source), Path(out))
    assert network.read_bytes() == Path(ONE).read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
@pytest.mark.parametrize("name", ["n.safetensors", "n.pkl"])
def test_a_converted_network_has_the_mode_that_the_umask_says(name, tmp_path):
    with umask(0o026):
        convert(ONE, tmp_path / name)
    assert mode(tmp_path / name) == 0o640


def test_an_interrupted_conversion_leaves_no_file(tmp_path):
    def stop(stage: str, done: int, total: int, unit: str = "") -> None:
        if stage == "writing" and done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert(ONE, tmp_path / "n.safetensors", progress=stop)
    assert list(tmp_path.iterdir()) == []
