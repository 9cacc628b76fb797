"""The networks against the float64 formulas, in shapes for which there are no recorded outputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from core.networks.parts.config import StyleGan2Config, StyleGan3Config
from core.networks.stylegan2 import StyleGan2
from core.networks.stylegan3 import StyleGan3
from core.request import IDENTITY, Matrix, NoiseMode
from core.synthesis.generator import Generator, SynthesisInputs, synthesize
from core.synthesis.noise import draw_noise
from tests.core import reference64

TOLERANCE = 2e-5  # of max(1, max |reference|)
MOVED: Matrix = (0.9, -0.5, 0.1, 0.3, 1.1, -0.05)

SMALL_2: dict[str, Any] = {"channel_base": 256, "channel_max": 20, "z_dim": 24, "w_dim": 16, "mapping_layers": 2}
SMALL_3: dict[str, Any] = {"channel_base": 256, "channel_max": 10, "z_dim": 24, "w_dim": 16}

STYLEGAN2 = {
    "skip": StyleGan2Config.official(32, **SMALL_2),
    "no clamp": StyleGan2Config.official(16, conv_clamp=None, **SMALL_2),
    "orig": StyleGan2Config.official(32, architecture="orig", **SMALL_2),
    "resnet with a clamp that bites": StyleGan2Config.official(32, architecture="resnet", conv_clamp=1.0, **SMALL_2),
    "2 channels": StyleGan2Config.official(16, image_channels=2, **SMALL_2),
    "4 channels": StyleGan2Config.official(16, image_channels=4, **SMALL_2),
    "half as wide as high": StyleGan2Config.official(32, const_size=(4, 2), **SMALL_2),
    "wider than high, resnet": StyleGan2Config.official(16, const_size=(3, 5), architecture="resnet", **SMALL_2),
    "without noise": replace(StyleGan2Config.official(16, **SMALL_2), use_noise=False),
    "one block": StyleGan2Config.official(4, **SMALL_2),
    "classes": StyleGan2Config.official(8, c_dim=3, **SMALL_2),
}

STYLEGAN3 = {
    "T": StyleGan3Config.official(32, num_layers=6, **SMALL_3),
    "R": StyleGan3Config.official(32, num_layers=6, kernel=1, radial=True, **SMALL_3),
    "radial filters with a 3x3 kernel": StyleGan3Config.official(32, num_layers=5, radial=True, **SMALL_3),
    "another margin": StyleGan3Config.official(32, num_layers=4, margin=6, **SMALL_3),
    "many layers": StyleGan3Config.official(16, num_layers=11, num_critical=3, **SMALL_3),
    "short filters": StyleGan3Config.official(32, num_layers=5, filter_size=4, **SMALL_3),
    "long filters, no up-sampling": StyleGan3Config.official(
        16, num_layers=4, filter_size=8, lrelu_upsampling=1, **SMALL_3
    ),
    "2 channels": StyleGan3Config.official(16, num_layers=4, image_channels=2, **SMALL_3),
    "4 channels, no clamp": StyleGan3Config.official(16, num_layers=4, image_channels=4, conv_clamp=None, **SMALL_3),
    "a clamp that bites": StyleGan3Config.official(16, num_layers=4, conv_clamp=0.8, **SMALL_3),
    "half as wide as high": StyleGan3Config.official(32, num_layers=5, half_width=True, **SMALL_3),
    "classes": StyleGan3Config.official(16, num_layers=4, c_dim=4, **SMALL_3),
}


def assert_close(actual: Tensor, expected: Tensor) -> None:
    assert actual.shape == expected.shape
    assert actual.dtype == torch.float32
    assert (actual - expected).abs().max() <= TOLERANCE * max(1.0, float(expected.abs().max()))


def some_ws(generator: Generator, batch: int) -> Tensor:
    info = generator.info
    return torch.randn(batch, info.num_ws, info.w_dim, generator=torch.Generator().manual_seed(7))


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("name", STYLEGAN2)
def test_stylegan2_computes_the_formulas(name: str, batch: int) -> None:
    network = StyleGan2(STYLEGAN2[name])
    reference64.scrambled(network)
    tensors, ws = reference64.tensors_of(network), some_ws(network, batch)
    expected = reference64.stylegan2(network.config, tensors, ws)
    image = synthesize(network, SynthesisInputs(ws))
    assert image.shape == (batch, network.info.channels, network.info.height, network.info.width)
    assert_close(image, expected)


@pytest.mark.parametrize("batch", [1, 2])
def test_random_noise_maps_are_scaled_by_the_strength_of_their_layer(batch: int) -> None:
    network = StyleGan2(STYLEGAN2["skip"])
    reference64.scrambled(network)
    ws = some_ws(network, batch)
    maps = draw_noise(network, batch, 5, torch.device("cpu"))
    expected = reference64.stylegan2(network.config, reference64.tensors_of(network), ws, list(maps))
    assert_close(synthesize(network, SynthesisInputs(ws, NoiseMode.RANDOM, maps)), expected)


@pytest.mark.parametrize("transform", [IDENTITY, MOVED])
@pytest.mark.parametrize("name", STYLEGAN3)
def test_stylegan3_computes_the_formulas(name: str, transform: Matrix) -> None:
    network = StyleGan3(STYLEGAN3[name])
    reference64.scrambled(network)
    tensors, ws = reference64.tensors_of(network), some_ws(network, 2)
    matrix = torch.tensor([*transform, 0.0, 0.0, 1.0]).reshape(3, 3)
    expected = reference64.stylegan3(network.config, tensors, ws, matrix)
    image = synthesize(network, SynthesisInputs(ws, transform=transform))
    assert image.shape == (2, network.info.channels, network.info.height, network.info.width)
    assert_close(image, expected)


@pytest.mark.parametrize(
    ("make", "config"),
    [(StyleGan2, STYLEGAN2["skip"]), (StyleGan2, STYLEGAN2["classes"]), (StyleGan3, STYLEGAN3["classes"])],
)
def test_the_mapping_computes_the_formulas(make: Callable[[Any], Any], config: Any) -> None:
    network = make(config)
    reference64.scrambled(network)
    z = torch.randn(5, 24, generator=torch.Generator().manual_seed(3))
    c = torch.eye(config.mapping.c_dim)[[0, 1, 2, 0, 1]] if config.mapping.c_dim else None
    expected = reference64.mapping(
        reference64.tensors_of(network), z.double(), None if c is None else c.double(), len(config.mapping.widths)
    )
    ws = network.map(z, c)
    assert ws.shape == (5, network.info.num_ws, 16)
    assert_close(ws, expected[:, None].expand(ws.shape))
