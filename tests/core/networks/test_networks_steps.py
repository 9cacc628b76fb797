"""What the renderer relies on in StyleGAN2 and StyleGAN3: precision, names, seeds."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
import torch
from torch import Tensor

from core.networks.parts.config import StyleGan2Config, StyleGan3Config
from core.networks.parts.layers import random_weights
from core.networks.seeded import seeded_stylegan2
from core.networks.stylegan2 import StyleGan2
from core.networks.stylegan3 import StyleGan3
from core.synthesis.generator import State, SynthesisInputs, no_tap, synthesize
from tests.core.every import STYLEGAN2_AND_3, alias_free, skip, some_inputs

HALF_TOLERANCE = 2e-2  # of the image's standard deviation


@pytest.mark.parametrize("name", STYLEGAN2_AND_3)
def test_layers_trained_in_half_precision_give_nearly_the_same_picture_in_it(name: str) -> None:
    network = STYLEGAN2_AND_3[name]()
    inputs = some_inputs(network)
    types: dict[str, torch.dtype] = {}

    def note(name: str, x: Tensor) -> Tensor:
        types[name] = x.dtype
        return x

    exact = synthesize(network, inputs)
    state: State = ()
    for step in network.make_steps(half_devices=("cpu",)):
        state = step.run(list(state), inputs, note)
    (image,) = state[-1:]
    assert image is not None
    assert image.dtype == torch.float32
    assert 0 < (image - exact).abs().max() <= HALF_TOLERANCE * exact.std()
    assert network.info.fp16_layers
    rgb = [layer for layer in types if layer.endswith((".torgb", ":img"))]
    assert all(types[layer] == torch.float32 for layer in rgb)
    assert all(types[layer] == torch.float16 for layer in network.info.fp16_layers if layer not in rgb)


def test_half_precision_is_left_alone_on_the_cpu_and_when_it_is_not_wanted() -> None:
    network = skip(num_fp16_res=4)
    random_weights(network, 0)
    inputs = some_inputs(network)
    wanted = SynthesisInputs(inputs.ws, force_fp32=True)
    state: State = ()
    for step in network.make_steps(half_devices=("cpu",)):
        state = step.run(list(state), wanted, no_tap)
    assert state[-1] is not None
    assert torch.equal(state[-1], synthesize(network, SynthesisInputs(inputs.ws)))


def test_the_description_names_every_entry_of_w() -> None:
    info = skip().info
    assert info.ws_names == (
        "4² conv1", "8² conv0", "8² conv1", "16² conv0", "16² conv1", "32² conv0", "32² conv1", "32² rgb",
    )  # fmt: skip
    assert (info.family, info.architecture, info.num_ws, info.has_noise) == ("StyleGAN2", "skip", 8, True)
    info = alias_free().info
    assert info.ws_names == ("input", "L0 36²", "L1 36²", "L2 52²", "L3 52²", "L4 32²", "rgb")
    assert (info.family, info.architecture, info.num_ws) == ("StyleGAN3", "config T", 7)
    assert (info.has_noise, info.has_transform) == (False, True)


def test_the_official_configurations_have_the_published_sizes() -> None:
    with torch.device("meta"):
        assert StyleGan2(StyleGan2Config.official(1024)).info.num_parameters == 30_370_060
        t = StyleGan3(StyleGan3Config.official(1024))
        r = StyleGan3(StyleGan3Config.official(1024, kernel=1, radial=True, channel_base=65536, channel_max=1024))
    assert [s.name for s in t.steps[:4]] == ["input", "L0_36_512", "L1_36_512", "L2_52_512"]
    assert t.steps[-1].name == "L14_1024_3"
    assert t.config.layers[13].padding == (-11, -12, -11, -12)
    assert r.config.layers[0].down_shape == (12, 12)
    assert r.config.layers[13].down_shape == (12,)


def test_a_configuration_is_plain_json() -> None:
    for config in (skip().config, alias_free().config):
        assert json.loads(json.dumps(asdict(config)))["mapping"]["z_dim"] == 16


def test_equal_seeds_give_equal_networks() -> None:
    a, b, c = skip(), skip(), skip()
    for network, seed in ((a, 3), (b, 3), (c, 4)):
        random_weights(network, seed)
    weights = [network.state_dict()["synthesis.b4.conv1.weight"] for network in (a, b, c)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_the_seeded_network_draws_in_colour_within_the_range() -> None:
    network = seeded_stylegan2(0)
    z = torch.randn(4, network.info.z_dim, generator=torch.Generator().manual_seed(0))
    ws = network.map(z, None)
    images = synthesize(network, SynthesisInputs(ws))
    assert images.shape == (4, 3, 256, 256)
    assert 0.2 < images.std() < 0.8
    assert images.mean().abs() < 0.3
    assert (images.abs() > 1).float().mean() < 0.2
    centre = synthesize(network, SynthesisInputs(network.w_avg.lerp(ws, 0.0)))
    assert torch.allclose(centre[0], centre[1], atol=1e-5)
    assert not torch.allclose(images[0], images[1], atol=0.1)


def test_a_seeded_network_of_an_odd_size_is_refused() -> None:
    with pytest.raises(ValueError, match="power of two"):
        seeded_stylegan2(0, resolution=100)
