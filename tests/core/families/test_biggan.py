"""BigGAN: files of two programs, the statistics of a truncation, and what the loader refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from core.base.errors import CheckpointError, RefusedFile, UnsupportedFile
from core.networks.biggan import BigGan
from core.opening.network import convert, describe_network, open_network
from core.render.renderer import Renderer
from core.request import RenderRequest, SeedPoint, Truncates, Truncation, ZVector
from core.synthesis.generator import Generator, SynthesisInputs, synthesize
from tests.fixtures.biggans import (
    CLASSES,
    EMBED,
    STATISTICS,
    Z_DIM,
    as_ajbrock,
    as_huggingface,
    deep,
    plain,
    without,
)
from tests.fixtures.samples import FOLDER
from tests.small import Opened

TOLERANCE = 1e-5  # of the largest value


def assert_close(got: Tensor, wanted: Tensor) -> None:
    assert got.shape == wanted.shape
    assert float((got - wanted).abs().max()) <= TOLERANCE * float(wanted.abs().max())


def picture(generator: Generator, psi: float = 1.0) -> Tensor:
    random = torch.Generator().manual_seed(3)
    z = torch.randn(2, generator.info.z_dim, generator=random)
    ws = generator.map(z, torch.eye(generator.info.c_dim)[[1, 3]])
    return synthesize(generator, SynthesisInputs(ws, psis=(psi,) * generator.info.num_ws))


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[dict[str, Tensor]], str]:
    def save(tensors: dict[str, Tensor]) -> str:
        path = tmp_path / "network.pth"
        torch.save({name: tensor.clone() for name, tensor in tensors.items()}, path)
        return str(path)

    return save


# ----------------------------------------------------------------------------
# The recorded pictures.


def test_the_authors_network_gives_the_recorded_pictures() -> None:
    network = open_network(str(FOLDER / "biggan_ajbrock.pth"))
    assert network.origin.notes == ()
    with np.load(FOLDER / "biggan_ajbrock.pth.expected.npz") as recorded:
        c = torch.eye(5)[recorded["label"].astype(int)]
        ws = network.generator.map(torch.from_numpy(recorded["z"]), c)
        assert_close(synthesize(network.generator, SynthesisInputs(ws)), torch.from_numpy(recorded["img"]))


@pytest.mark.parametrize("dtype", [None, torch.float64])
def test_the_ported_network_gives_the_recorded_pictures(dtype: torch.dtype | None) -> None:
    """Its numbers leave the range of float32, also where they were recorded: only what no such pixel reaches counts."""
    network = open_network(str(FOLDER / "biggan_hf.bin"))
    assert network.origin.notes == ()
    features: dict[str, Tensor] = {}
    with np.load(FOLDER / "biggan_hf.bin.expected.npz") as recorded:
        ws = network.generator.map(torch.from_numpy(recorded["z"]), torch.from_numpy(recorded["onehot"]))
        wanted = torch.from_numpy(recorded["img_t040"])
    inputs = SynthesisInputs(ws, psis=(0.4,) * 9)
    synthesize(network.generator, inputs, on_layer=lambda name, x: features.setdefault(name, x))
    lost = (~features["block7"].isfinite()).any(dim=1, keepdim=True).float()
    kept = (F.max_pool2d(lost, 3, 1, 1) == 0).expand_as(wanted)
    assert kept.float().mean() > 0.6
    image = synthesize(network.generator, replace(inputs, fast=dtype))
    assert_close(image[kept], wanted[kept])


def test_numbers_beyond_float32_give_a_picture_with_a_note() -> None:
    network = open_network(str(FOLDER / "biggan_hf.bin"))
    with np.load(FOLDER / "biggan_hf.bin.expected.npz") as recorded:
        z = ZVector(tuple(recorded["z"][0].tolist()))
    request = RenderRequest(latent=z, label=1, truncation=Truncation(0.4))
    frame = Renderer(network).render(request)
    assert frame.image.isfinite().all()
    assert frame.request == request
    assert any("float64" in note for note in frame.notes)


# ----------------------------------------------------------------------------
# Both layouts, and files of our own.


def layouts() -> list[Any]:
    made = {
        "ported": (deep(), as_huggingface),
        "deep": (deep(statistics=1), as_ajbrock),
        "parts": (plain(chunks=True), as_ajbrock),
        "whole": (plain(chunks=False), as_ajbrock),
    }
    return [pytest.param(network, tensors(network), id=name) for name, (network, tensors) in made.items()]


@pytest.mark.parametrize(("network", "tensors"), layouts())
def test_a_file_gives_the_network_that_it_was_made_of(network: BigGan, tensors: dict[str, Tensor], saved: Any) -> None:
    source = saved(tensors)
    if network.config.statistics > 1:
        Path(source).with_suffix(".config.json").write_text(json.dumps(settings(eps=1e-5)))
    opened = open_network(source)
    assert opened.origin.notes == ()
    assert opened.info == network.info == describe_network(source)[0]
    assert_close(picture(opened.generator), picture(network))


@pytest.mark.parametrize(("network", "tensors"), layouts())
def test_what_convert_wrote_gives_the_same_picture(network: BigGan, tensors: dict[str, Tensor], saved: Any) -> None:
    source = saved(tensors)
    out = Path(source).with_suffix(".safetensors")
    convert(source, out)
    opened = open_network(str(out))
    assert opened.origin.notes == ()
    assert torch.equal(picture(opened.generator), picture(open_network(source).generator))


def test_norms_that_keep_their_sums_are_divided_by_how_many_they_added(saved: Any) -> None:
    network = plain(chunks=True)
    tensors = as_ajbrock(network, inner="bn.")
    for name in list(tensors):
        if name.endswith(("stored_mean", "stored_var")):
            tensors[name] = tensors[name] * 4
            tensors[f"{name.rpartition('.')[0]}.accumulation_counter"] = torch.tensor([4.0])
    opened = open_network(saved(tensors))
    assert_close(picture(opened.generator), picture(network))


def test_a_spectral_norm_is_found_by_one_step_from_its_vector(saved: Any) -> None:
    tensors = as_ajbrock(plain(chunks=True))
    u = torch.nn.functional.normalize(torch.arange(1.0, 5.0), dim=0)
    weight = tensors["blocks.2.0.conv2.weight"]
    tensors["blocks.2.0.conv2.u0"] = u[None]
    matrix = weight.reshape(4, -1)
    v = torch.nn.functional.normalize(u @ matrix, dim=0)
    found = open_network(saved(tensors)).generator.tensors()["synthesis.blocks.2.convs.1.weight"]
    assert_close(found, weight / (matrix @ v).norm())


def test_a_vector_that_is_missing_follows_from_the_other(saved: Any) -> None:
    weight = torch.linalg.qr(torch.randn(16, 16, generator=torch.Generator().manual_seed(0)))[0]
    tensors = as_huggingface(deep())
    tensors["generator.layers.0.bn_0.scale.weight_orig"] = weight = torch.cat([weight, torch.zeros(16, 2)], dim=1) * 5
    tensors = without(tensors, "layers.0.bn_0.scale.weight_v")
    found = open_network(saved(tensors)).generator.tensors()["synthesis.blocks.0.norms.0.gain"]
    assert_close(found, weight / 5)


# ----------------------------------------------------------------------------
# Truncation.


def request_of(psi: float, latent: Any = None) -> RenderRequest:
    return RenderRequest(latent=latent or SeedPoint(5.0), label=2, truncation=Truncation(psi))


def test_psi_scales_the_z_of_a_seed_which_stays_within_bounds() -> None:
    network = plain(chunks=True)
    renderer = Renderer(Opened(network, network.info))
    frames = [renderer.render(request_of(psi)) for psi in (1.0, 0.5)]
    whole, half = (frame.ws for frame in frames)
    assert whole is not None
    assert half is not None
    z = network.config.z_width
    assert 0 < np.abs(whole[:, :z]).max() <= 2
    assert np.array_equal(half[:, :z], whole[:, :z] / 2)
    assert np.array_equal(half[:, z:], whole[:, z:])  # the class
    assert not torch.equal(frames[0].image, frames[1].image)


def test_an_explicit_z_is_taken_as_it_is() -> None:
    network = plain(chunks=True)
    renderer = Renderer(Opened(network, network.info))
    z = ZVector(tuple(0.1 * i for i in range(Z_DIM)))
    assert torch.equal(renderer.render(request_of(1.0, z)).image, renderer.render(request_of(0.3, z)).image)


def test_psi_chooses_the_statistics_also_of_an_explicit_z() -> None:
    network = deep()
    assert network.info.truncates is Truncates.STATISTICS
    renderer = Renderer(Opened(network, network.info))
    z = ZVector(tuple(0.1 * i for i in range(Z_DIM)))
    pictures = {psi: renderer.render(request_of(psi, z)).image for psi in (0.0, 0.5, 0.52, 0.74, 0.75, 1.0, 1.7, -0.5)}
    assert torch.equal(pictures[0.5], pictures[0.52])
    assert torch.equal(pictures[0.74], pictures[0.75])
    assert torch.equal(pictures[1.0], pictures[1.7])
    assert torch.equal(pictures[0.5], pictures[-0.5])
    different = [pictures[psi] for psi in (0.0, 0.5, 0.75, 1.0)]
    assert not any(torch.equal(a, b) for i, a in enumerate(different) for b in different[:i])


def test_the_statistics_are_the_row_of_the_psi() -> None:
    network, single = deep(), deep(statistics=1)
    for psi, row in ((0.5, 2), (1.0, STATISTICS - 1)):
        for name, tensor in network.state_dict().items():
            single.state_dict()[name].copy_(tensor[row : row + 1] if name.endswith((".mean", ".var")) else tensor)
        assert torch.equal(picture(network, psi), picture(single))


# ----------------------------------------------------------------------------
# What does not fit.


def settings(**changes: Any) -> dict[str, Any]:
    layers = [[False, 16, 16], [True, 16, 16], [False, 16, 16], [True, 16, 8]]
    whole = {"output_dim": 16, "z_dim": Z_DIM, "class_embed_dim": EMBED, "channel_width": 1, "num_classes": CLASSES}
    return {**whole, "layers": layers, "attention_layer_position": 2, "eps": 1e-4, "n_stats": STATISTICS, **changes}


def test_settings_beside_the_file_say_where_it_grows(saved: Any) -> None:
    source = saved(as_huggingface(deep()))
    layers = [[True, 16, 16], [False, 16, 16], [False, 16, 16], [False, 16, 8]]
    Path(source).with_name("config.json").write_text(json.dumps(settings(layers=layers, output_dim=8)))
    assert open_network(source).info.ws_names == ("4² input", "8² block0", "8² block1", "8² block2", "8² block3")


def test_settings_of_something_else_beside_the_file_do_not_count(saved: Any) -> None:
    source = saved(as_huggingface(deep()))
    for text in ('{"model_type": "bert"}', "{", "[]", "9" * 20, "\0"):
        Path(source).with_name("config.json").write_text(text)
        assert open_network(source).info.width == 16


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"z_dim": 13}, "`z_dim`.*12 and 13"),
        ({"num_classes": 1000}, "`num_classes`.*4 and 1000"),
        ({"output_dim": 128}, "`output_dim`.*16 and 128"),
        ({"n_stats": 51}, "`n_stats`"),
        ({"channel_width": 2}, "channels of block 0"),
        ({"layers": [[False, 16, 16]]}, "number of its blocks"),
        ({"layers": [[False, 16, 16], [True, 16, 16], "up", 7]}, "no .up, in, out"),
        ({"layers": "many"}, "must be a list"),
        ({"eps": "small"}, "must be a number"),
        ({"z_dim": 10**12}, "Unreasonable"),
    ],
)
def test_settings_beside_the_file_that_contradict_it_are_refused(saved: Any, changes: Any, words: str) -> None:
    source = saved(as_huggingface(deep()))
    Path(source).with_suffix(".config.json").write_text(json.dumps(settings(**changes)))
    with pytest.raises(CheckpointError, match=words) as caught:
        open_network(source)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("form", "name", "tensor", "kind", "words"),
    [
        ("ported", "generator.layers.1.conv_2.bias", None, CheckpointError, "lacks its tensor `generator.layers"),
        ("ported", "generator.layers.1.conv_2.bias", (3,), CheckpointError, r"shape \(3,\) instead of \(4,\)"),
        ("ported", "generator.layers.0.conv_0.weight_u", (4,), CheckpointError, "spectral norm .* is 0"),
        ("ported", "generator.layers.9.gamma", (1,), CheckpointError, "are not numbered"),
        ("ported", "generator.bn.running_means", (9, 8), CheckpointError, "running_vars"),
        ("ported", "generator.conv_to_rgb.weight_orig", (2, 8, 3, 3), UnsupportedFile, "fewer than three colours"),
        ("parts", "shared.weight", None, UnsupportedFile, "each by itself"),
        ("parts", "blocks.1.0.bn2.stored_mean", None, CheckpointError, "`blocks.1.0.bn2.` has no stored mean"),
        ("parts", "blocks.1.0.conv_sc.weight", None, CheckpointError, "conv_sc"),
        ("parts", "linear.weight", (256, 5), CheckpointError, "read 9 numbers .* its input 5"),
        ("parts", "blocks.0.0.conv1.weight", (8, 17, 3, 3), CheckpointError, "first features"),
        ("parts", "blocks.1.0.conv1.weight", (8, 16, 3, 3), CheckpointError, "channels before block 1"),
        ("parts", "blocks.700.0.conv1.weight", (1,), CheckpointError, "not numbered"),
    ],
)
def test_a_damaged_file_is_refused_in_words(
    saved: Any, form: str, name: str, tensor: Any, kind: type[CheckpointError], words: str
) -> None:
    tensors = as_huggingface(deep()) if form == "ported" else as_ajbrock(plain(chunks=True))
    tensors.pop(name, None)
    if tensor is not None:
        tensors[name] = torch.zeros(tensor)
    with pytest.raises(kind, match=words):
        open_network(saved(tensors))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_have_no_spectral_norm(saved: Any, value: float) -> None:
    tensors = as_huggingface(deep())
    tensors["generator.layers.0.conv_0.weight_orig"] = torch.full((4, 16, 1, 1), value)
    with pytest.raises(CheckpointError, match="spectral norm of `generator"):
        open_network(saved(tensors))


def test_tensors_that_are_not_used_are_noted(saved: Any) -> None:
    tensors = as_ajbrock(plain(chunks=True)) | {"linear.sv0": torch.ones(1), "stray": torch.ones(1)}
    notes = open_network(saved(tensors)).origin.notes
    assert notes == ("Tensors that this network does not use were left out: `stray`.",)


def test_a_saved_network_with_a_wrong_member_is_refused() -> None:
    from core.families import family_of
    from core.families.architectures.biggan import BigGanFamily
    from core.loading.common.checkpoint import SavedNetwork

    saved = BigGanFamily().save(deep())
    assert saved is not None
    whole: dict[str, Any] = json.loads(json.dumps(saved.config))
    for member in whole:
        for value in (None, "odd", -(10**12), [10**12], {"odd": 1}):
            with pytest.raises(CheckpointError):
                family_of(saved).build(SavedNetwork(saved.family, {**whole, member: value}, saved.tensors))
    huge = [{**whole["blocks"][0], "up": True}] * 30
    with pytest.raises(RefusedFile, match="size of its pictures"):
        family_of(saved).describe(SavedNetwork(saved.family, {**whole, "blocks": huge}, saved.tensors))
