"""The families: recognising, describing, building and saving networks."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from torch import nn

from core.families import FAMILIES, family_of
from core.loading.common.checkpoint import Node, SavedNetwork, StoredTensor
from core.networks.parts.config import StyleGan2Config
from tests.core.trees import CONFIGS, SMALL, changed, network_of, picture, snapshot


@pytest.fixture(scope="module")
def skip() -> Node:
    return snapshot(network_of(CONFIGS["skip"]))


@pytest.mark.parametrize("name", CONFIGS)
def test_a_snapshot_gives_the_network_that_it_was_made_of(name: str) -> None:
    network = network_of(CONFIGS[name])
    content = snapshot(network)
    family = family_of(content)
    assert family.describe(content) == network.info
    built, notes = family.build(content)
    assert notes == ()
    assert built.info == network.info
    assert isinstance(built, nn.Module)
    assert not any(parameter.requires_grad for parameter in built.parameters())
    assert torch.equal(picture(built), picture(network))


@pytest.mark.parametrize("name", CONFIGS)
def test_a_saved_network_gives_the_same_picture(name: str) -> None:
    network = network_of(CONFIGS[name])
    (saved,) = (s for family in FAMILIES if (s := family.save(network)) is not None)
    config = json.loads(json.dumps(saved.config))
    content = SavedNetwork(saved.family, config, saved.tensors)
    family = family_of(content)
    assert family.describe(content) == network.info
    built, notes = family.build(content)
    assert notes == ()
    assert torch.equal(picture(built), picture(network))


@pytest.mark.parametrize("claimed", [16, [16, 24], 24])
def test_an_oblong_network_is_as_large_as_its_constant_says(claimed: object) -> None:
    network = network_of(StyleGan2Config.official(16, const_size=(4, 6), **SMALL))
    content = changed(snapshot(network), "synthesis", img_resolution=claimed)
    built, notes = family_of(content).build(content)
    assert notes == ()
    assert (built.info.width, built.info.height) == (24, 16)
    assert torch.equal(picture(built), picture(network))


def test_noise_maps_of_other_sizes_are_left_out_and_said_so(skip: Node) -> None:
    content = changed(skip, "synthesis.b8.conv0", tensors={"noise_const": StoredTensor(np.ones((9, 9)), "float64")})
    built, notes = family_of(content).build(content)
    assert any(note.startswith("1 of its 5 noise maps have other sizes") for note in notes)
    assert [tuple(noise.shape) for noise in built.stored_noise] == list(built.noise_shapes)


def test_half_precision_and_transposed_tensors_are_read(skip: Node) -> None:
    weight = skip.children["mapping"].children["fc0"].tensors["weight"].array.astype(np.float32)
    as_half = {"weight": StoredTensor((weight / 64).astype(np.float16), "float16")}
    turned = {"weight": StoredTensor(np.ascontiguousarray(weight.T).T, "float32")}
    as_bfloat = {"weight": StoredTensor((weight.view(np.uint32) >> 16).astype(np.uint16), "bfloat16")}
    for tensors, expected in ((as_half, weight / 64), (turned, weight), (as_bfloat, weight)):
        content = changed(skip, "mapping.fc0", tensors=tensors)
        built, _ = family_of(content).build(content)
        assert isinstance(built, nn.Module)
        found = built.state_dict()["mapping.fc0.weight"]
        assert found.dtype == torch.float32
        assert found.is_contiguous()
        assert np.allclose(found.numpy(), expected, rtol=1e-2, atol=1e-3)


def test_a_missing_average_w_is_estimated(skip: Node) -> None:
    content = changed(skip, "mapping", tensors={"w_avg": None})
    built, notes = family_of(content).build(content)
    assert any("average w" in note for note in notes)
    z = torch.randn(5000, 16, generator=torch.Generator().manual_seed(9))
    w = built.map(z, None)[:, 0]
    assert (built.w_avg - w.mean(dim=0)).abs().max() < 0.1 * w.std()


def test_numbers_that_are_not_finite_and_tensors_that_are_not_used_are_noted(skip: Node) -> None:
    bad = StoredTensor(np.full(12, np.nan, np.float32), "float32")
    content = changed(skip, "synthesis.b8.conv1", tensors={"bias": bad, "stray\x1b[31m": bad})
    _, notes = family_of(content).build(content)
    assert any("`synthesis.b8.conv1.bias`" in note and "NaN" in note for note in notes)
    assert any("stray" in note for note in notes)
    assert not any("\x1b" in note for note in notes)


def test_a_wrong_number_of_ws_is_noted(skip: Node) -> None:
    content = changed(skip, "", num_ws=99)
    _, notes = family_of(content).build(content)
    assert notes == ("The file says that its w has 99 entries; its layers need 6.",)
