"""The generator of a file is found wherever the file holds it, and what else is there is told."""

from __future__ import annotations

import argparse
import functools
import pickle
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from core.base.errors import UnsupportedFile
from core.loading import read_checkpoint
from core.loading.common.checkpoint import StateDict
from core.loading.formats.words import LIKELY, SMOOTHED, UNKNOWN, UNLIKELY, rank
from core.opening.network import Network, describe_network, open_network
from tests.fixtures import samples

Tensors = dict[str, Tensor]


@functools.cache
def generator(seed: int = 0) -> Tensors:
    """A StyleGAN2 in the layout of .pt files; another seed is another network of the same shapes."""
    content = read_checkpoint(samples.FOLDER / "rosinality_sg2.pt").content
    assert isinstance(content, StateDict)
    random = torch.Generator().manual_seed(seed)
    tensors = {name: torch.from_numpy(np.array(t.array)) for name, t in content.tensors.items()}
    return tensors if seed == 0 else {n: t if n.endswith(".kernel") else torch.randn(t.shape, generator=random)
                                      for n, t in tensors.items()}  # fmt: skip


def behind(prefix: str, tensors: Tensors) -> Tensors:
    return {prefix + name: tensor for name, tensor in tensors.items()}


def discriminator() -> Tensors:
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.Flatten(), nn.Linear(8, 1)).state_dict()


def opened(path: Path, content: Any) -> Network:
    torch.save(content, path)
    return open_network(str(path))


def is_generator(network: Network, seed: int = 0) -> bool:
    weights: Any = network.generator
    return torch.equal(weights.mapping.fc0.weight, generator(seed)["style.1.weight"])


G, OTHER = generator(), generator(1)
OPTIMIZER = {"state": {0: {"step": 3, "exp_avg": torch.zeros(4)}}, "param_groups": [{"lr": 0.1}]}


@pytest.mark.parametrize(
    "content",
    [
        {"netG_state_dict": G, "netD_state_dict": discriminator()},
        {"model_state_dict": G, "optimizer_state_dict": OPTIMIZER, "epoch": 3},
        {"generator": OTHER, "generator_smooth": G, "discriminator": discriminator()},
        {"generator": {"conf": {"depth": 3}, "state_dict": OTHER},
         "shadow_generator": {"conf": {"depth": 3}, "state_dict": G}},
        {"gen": G, "dis": discriminator(), "gen_optim": OPTIMIZER},
        {"G": OTHER, "G_ema": G, "D": discriminator()},
        {"models": {"ema": {"G": G}, "now": {"G": OTHER}}, "rng": [torch.zeros(5056, dtype=torch.uint8)]},
        {"state_dict": behind("generator.", OTHER) | behind("G_ema.", G) | behind("D.", discriminator()), "epoch": 1},
        {"g_ema": behind("generator.", G) | behind("res.0.", discriminator())},
        behind("synthesis_network.", G),
        behind("module.generator.", G) | behind("module.discriminator.", discriminator()),
        behind("_orig_mod.module.", G),
        [discriminator(), G],
        (None, None, G),
        SimpleNamespace(step=3, G_ema=G),
        defaultdict(dict, {"model": G}),
        {"weights": {name: tensor.numpy() for name, tensor in G.items()}},
    ],
    ids=lambda content: ",".join(str(key)[:20] for key in content)[:60] if isinstance(content, dict) else None,
)  # fmt: skip
def test_a_generator_is_found_behind_any_keys_and_prefixes(content, tmp_path):
    network = opened(tmp_path / "x.pt", content)
    assert is_generator(network)
    assert network.info == describe_network(str(tmp_path / "x.pt"))[0]


def test_what_was_taken_and_what_was_left_out_is_told(tmp_path):
    content = {"generator": OTHER, "generator_smooth": G, "discriminator": discriminator(), "optimizer": OPTIMIZER}
    assert opened(tmp_path / "two.pt", content).origin.notes[0] == (
        "The file holds more than one generator: `generator_smooth` was opened, `generator`, `discriminator` were left "
        "out."
    )
    content = {"state_dict": behind("generator.", G) | behind("critic.", discriminator())}
    (note, *_) = opened(tmp_path / "one.pt", content).origin.notes
    assert note == "Of this file `state_dict.generator` was opened; `critic` was left out."
    alone = opened(tmp_path / "alone.pt", {"g_ema": G, "opt": OPTIMIZER}).origin.notes
    assert not any("left out" in note for note in alone)


def test_a_smoothed_copy_that_cannot_be_opened_is_told_and_the_other_one_opened(tmp_path):
    broken = {name: tensor for name, tensor in OTHER.items() if not name.startswith("input")}
    network = opened(tmp_path / "x.pt", {"g": G, "g_ema": broken})
    assert is_generator(network)
    assert any("`g_ema` of this file cannot be opened" in note for note in network.origin.notes)
    assert not any("is missing" in note for note in network.origin.notes)


def test_a_generator_beside_an_official_discriminator_is_found(tmp_path):
    weights = {name: samples.tensor(tensor.numpy()) for name, tensor in G.items()}
    discriminator = samples.persisted("Discriminator", samples.state_of())
    (tmp_path / "x.pkl").write_bytes(samples.dump({"D": discriminator, "G": weights}))
    assert is_generator(open_network(str(tmp_path / "x.pkl")))


def test_tensors_of_any_kind_in_other_parts_do_not_matter(tmp_path):
    phase, mask = torch.zeros(3, dtype=torch.complex64), torch.zeros(1).expand(64, 64)
    assert is_generator(opened(tmp_path / "x.pt", {"g_ema": G, "encoder": {"a.weight": mask, "b.weight": phase}}))
    assert is_generator(opened(tmp_path / "y.pt", {"net": behind("generator.", G) | {"encoder.b.weight": phase}}))


def test_layouts_by_names_are_read_from_safetensors(tmp_path):
    save_file(behind("module.g_ema.", G), tmp_path / "x.safetensors")
    network = open_network(str(tmp_path / "x.safetensors"))
    assert is_generator(network)
    assert network.origin.container == "safetensors of another program"


class Generator(nn.Module):
    """Stands for the class of another program: it is never looked up."""

    def __init__(self) -> None:
        super().__init__()
        self.main = nn.Sequential(nn.ConvTranspose2d(5, 8, 4), nn.BatchNorm2d(8), nn.ConvTranspose2d(8, 3, 4, 2, 1))
        self.options = argparse.Namespace(path=Path("/somewhere"))


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("wrap", [lambda m: m, nn.DataParallel, lambda m: {"g_ema": m, "step": 1}])
def test_a_module_saved_whole_is_read_as_its_state_dict(wrap, zipped, tmp_path):
    module = Generator()
    torch.save(wrap(module), tmp_path / "x.pt", _use_new_zipfile_serialization=zipped)
    network = open_network(str(tmp_path / "x.pt"))
    assert (network.info.z_dim, network.info.width) == (5, 8)
    content = read_checkpoint(tmp_path / "x.pt").content
    assert isinstance(content, StateDict)
    assert content.module in (f"{__name__}.Generator", "torch.nn.parallel.data_parallel.DataParallel")
    assert dict(content.tensors).keys() == module.state_dict().keys()


def test_an_unknown_module_saved_whole_is_named_by_its_class(tmp_path):
    torch.save(nn.Sequential(nn.Linear(2, 2), nn.LayerNorm(2)), tmp_path / "x.pt")
    with pytest.raises(UnsupportedFile, match=r"module of class `torch\.nn\.modules\.container\.Sequential`"):
        describe_network(str(tmp_path / "x.pt"))


def test_an_unknown_layout_is_told_by_where_it_is_and_its_largest_tensors(tmp_path):
    content = {"weird": {"first.weight": torch.ones(9, 2), "x.scale": torch.ones(4), "x.weight": torch.ones(5, 3, 3)},
               "step": 7}  # fmt: skip
    torch.save(content, tmp_path / "x.pt")
    with pytest.raises(UnsupportedFile) as caught:
        describe_network(str(tmp_path / "x.pt"))
    text = str(caught.value)
    assert "It holds 3 tensors under `weird`, and `step`" in text
    assert text.endswith("should quote `x.weight` [5, 3, 3], `first.weight` [9, 2], `x.scale` [4].")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"discriminator": {f"fromRGB.{i}.weight": torch.ones(2, 3) for i in range(4)}}, "perhaps of a discriminator"),
        ({"d_optim": {f"exp_avg.{i}": torch.ones(2, 3) for i in range(4)}}, "layout that this program does not know"),
        ({"latent": torch.ones(1, 8, 32)}, r"holds `latent` \[1, 8, 32\], no network"),
        (torch.ones(1, 8, 32), r"holds a tensor of the shape \[1, 8, 32\], no network"),
        (nn.Parameter(torch.ones(8, 32)), r"holds a tensor of the shape \[8, 32\], no network"),
        ([torch.ones(8, 32)], r"it holds `0` \(an array of the shape \[8, 32\]\)"),
        ({"epoch": 3, "options": argparse.Namespace(a=1)}, r"`epoch` \(a number\), `options` \(an object of class"),
        ({}, "a dict without anything"),
        (OPTIMIZER, r"`state` \(a dict\), `param_groups` \(a list\)"),
    ],
)
def test_a_file_without_a_generator_says_what_it_holds(content, words, tmp_path):
    torch.save(content, tmp_path / "x.pt")
    with pytest.raises(UnsupportedFile, match=words):
        describe_network(str(tmp_path / "x.pt"))


def test_a_pickled_array_is_called_one(tmp_path):
    (tmp_path / "x.pkl").write_bytes(pickle.dumps(np.zeros((3, 4))))
    with pytest.raises(UnsupportedFile, match=r"an array of the shape \[3, 4\], no network"):
        read_checkpoint(tmp_path / "x.pkl")


def test_a_row_of_convolutions_inside_of_an_unknown_generator_is_not_taken_for_a_network(tmp_path):
    row = nn.Sequential(nn.ConvTranspose2d(5, 8, 4), nn.ConvTranspose2d(8, 3, 4, 2, 1)).state_dict()
    torch.save({"g_ema": behind("head.", row) | {"style.weight": torch.ones(5, 5)}}, tmp_path / "x.pt")
    with pytest.raises(UnsupportedFile, match="layout that this program does not know"):
        describe_network(str(tmp_path / "x.pt"))


def test_the_words_of_keys_tell_what_is_behind_them():
    assert {rank(key) for key in ("g_ema", "avgG", "Gs", "generator_smooth", "shadow_generator")} == {SMOOTHED}
    assert {rank(key) for key in ("netG_state_dict", "generator", "decoder.", "G", "model")} == {LIKELY}
    assert {rank(key) for key in ("", "state_dict", "weird")} == {UNKNOWN}
    assert {rank(key) for key in ("d_ema", "netD", "optimizerG", "discriminator", "encoder.")} == {UNLIKELY}
