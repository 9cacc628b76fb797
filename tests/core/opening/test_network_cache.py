"""Networks that are kept as this program writes them, so that other programs' files are parsed once."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest
import torch

from core.base.errors import CheckpointError
from core.opening import network_cache as kept
from core.opening.download import CACHE_VARIABLE
from core.opening.network import Network, convert, describe_network, open_network
from core.synthesis.generator import SynthesisInputs, synthesize
from tests.fixtures import samples

KINDS = [
    "ada_sg2_skip.pkl", "sg3_r.pkl", "tf_sg1.pkl", "tf_sg2_cond_labelconcat.pkl", "progan_zoo.pth", "xl_stem_cond.pkl",
    "rosinality_sg2.pt", "lucidrains.pt", "r3gan.pkl", "biggan_ajbrock.pth", "vqgan_full.ckpt",
]  # fmt: skip


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of what is kept, in which small networks are kept, too."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(kept, "LEAST_BYTES", 0)
    return kept.kept_folder()


def copied(name: str, folder: Path) -> Path:
    return Path(shutil.copy(samples.FOLDER / name, folder))


def opened(path: Path) -> Network:
    """A network, after everything that is to be kept of it is."""
    network = open_network(str(path))
    finish()
    return network


def finish() -> None:
    for thread in threading.enumerate():
        if thread.name == kept.THREAD:
            thread.join()


def spoil(path: Path) -> None:
    """Change every byte of a file, but neither its size nor its time."""
    before = path.stat()
    path.write_bytes(b"\0" * before.st_size)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def synthesized(network: Network) -> torch.Tensor:
    ws = torch.randn(1, 1, 2, 2, network.info.w_dim, generator=torch.Generator().manual_seed(0))
    if network.info.codes is None:
        z = torch.randn(1, network.info.z_dim, generator=torch.Generator().manual_seed(0))
        ws = network.generator.map(z, torch.eye(network.info.c_dim)[:1] if network.info.c_dim else None)
    with torch.no_grad():
        return synthesize(network.generator, SynthesisInputs(ws, force_fp32=True))


@pytest.mark.parametrize("name", KINDS)
def test_a_file_is_not_read_again(name: str, tmp_path: Path) -> None:
    path = copied(name, tmp_path)
    first = opened(path)
    spoil(path)
    again = opened(path)
    assert (again.info, again.origin) == (first.info, first.origin)
    assert torch.equal(synthesized(again), synthesized(first))


def test_a_file_that_was_changed_is_read_again(tmp_path: Path) -> None:
    path = copied("sg3_r.pkl", tmp_path)
    opened(path)
    shutil.copyfile(samples.FOLDER / "sg3_t.pkl", path)
    assert opened(path).info == open_network(str(samples.FOLDER / "sg3_t.pkl")).info
    path.write_bytes(b"no network")
    with pytest.raises(CheckpointError):
        opened(path)


def test_a_file_whose_settings_were_changed_is_read_again(tmp_path: Path) -> None:
    path, settings = copied("biggan_hf.bin", tmp_path), copied("biggan_hf.config.json", tmp_path)
    opened(path)
    settings.write_text(settings.read_text().replace("}", ', "more": 1}'))
    spoil(path)
    with pytest.raises(CheckpointError):
        opened(path)


def test_the_same_file_in_another_place_is_kept_once(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "other").mkdir()
    for folder in (tmp_path, tmp_path / "other"):
        path = copied("sg3_r.pkl", folder)
        opened(path)
        spoil(path)
        assert opened(path).origin.path == str(path)
    assert len(list(cache.glob("*.safetensors"))) == 1
    assert len(list(cache.glob("*.json"))) == 2


def test_what_is_kept_and_damaged_is_not_used(tmp_path: Path, cache: Path) -> None:
    path = copied("sg3_r.pkl", tmp_path)
    first = opened(path)
    (network,) = cache.glob("*.safetensors")
    data = network.read_bytes()
    for damaged in (data[:-1] + bytes([data[-1] ^ 1]), data[:100], b""):
        network.write_bytes(damaged)
        for _ in range(2):
            assert torch.equal(synthesized(opened(path)), synthesized(first))
    network.write_bytes(data)
    (note,) = cache.glob("*.json")
    for text in ("", "[]", "{}", '{"digest": 1, "training_set": 2}', note.read_text()[:50]):
        note.write_text(text)
        assert opened(path).origin == first.origin


def test_what_was_not_used_for_the_longest_time_goes_when_there_is_no_room(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["sg3_r.pkl", "sg3_t.pkl"]
    paths = [copied(name, tmp_path) for name in names]
    for path in paths:
        opened(path)
    assert len(list(cache.glob("*.safetensors"))) == 2
    for file in cache.glob("*.safetensors"):
        os.utime(file, (0, 0))
    left_behind = cache / ".network.part"
    left_behind.write_bytes(b"unfinished")
    os.utime(left_behind, (0, 0))
    opened(paths[1])  # is used now
    monkeypatch.setattr(kept, "MOST_BYTES", sum(file.stat().st_size for file in cache.glob("*.safetensors")) - 1)
    kept.tidy(cache)
    assert len(list(cache.iterdir())) == 2  # a network and its note
    spoil(paths[1])
    opened(paths[1])
    spoil(paths[0])
    with pytest.raises(CheckpointError):
        opened(paths[0])


def test_what_needs_not_be_kept_is_not(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = copied("sg3_r.pkl", tmp_path)
    convert(str(path), tmp_path / "own.safetensors")
    finish()
    shutil.rmtree(cache)
    opened(tmp_path / "own.safetensors")
    describe_network(str(path))
    monkeypatch.setattr(kept, "LEAST_BYTES", path.stat().st_size + 1)
    opened(path)
    monkeypatch.setattr(kept, "LEAST_BYTES", 0)
    monkeypatch.setenv(kept.KEEP_VARIABLE, "0")
    opened(path)
    assert not cache.exists()


def test_a_cache_that_cannot_be_written_to_keeps_nothing_and_says_nothing(tmp_path: Path, cache: Path) -> None:
    cache.parent.write_text("a file where the folder should be")
    assert opened(copied("sg3_r.pkl", tmp_path)).info.family == "StyleGAN3"
