"""The plain way that the benchmarks compare with: the same pictures, and the convolutions that the floor is made of."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from core.bench.convolution_bound import convolutions_of
from core.synthesis.generator import Generator, SynthesisInputs, synthesize
from tests.benchmarks.plain import plain_synthesis
from tests.convolved import Convolved
from tests.small import stylegan2, stylegan3

TOLERANCE = 2e-5  # of max(1, max |expected|)

NETWORKS: dict[str, Callable[[], Generator]] = {
    "StyleGAN2": lambda: stylegan2().generator,
    "StyleGAN2 without a clamp": lambda: stylegan2(16, conv_clamp=None).generator,
    "StyleGAN2 with a clamp that bites": lambda: stylegan2(16, conv_clamp=0.5).generator,
    "StyleGAN3-T": lambda: stylegan3().generator,
    "StyleGAN3-R": lambda: stylegan3(kernel=1, radial=True).generator,
    "StyleGAN3, half as wide as high": lambda: stylegan3(half_width=True).generator,
}


def some_ws(generator: Generator, batch: int) -> Tensor:
    info = generator.info
    return torch.randn(batch, info.num_ws, info.w_dim, generator=torch.Generator().manual_seed(7))


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("name", NETWORKS)
def test_the_plain_way_makes_the_pictures_of_the_networks(name: str, batch: int):
    generator = NETWORKS[name]()
    ws = some_ws(generator, batch)
    expected, image = synthesize(generator, SynthesisInputs(ws)), plain_synthesis(generator, ws)
    assert image.shape == expected.shape
    assert (image - expected).abs().max() <= TOLERANCE * max(1.0, float(expected.abs().max()))


def test_the_plain_way_refuses_what_it_does_not_know():
    generator = stylegan2(16, architecture="resnet").generator
    with pytest.raises(ValueError, match="resnet"):
        plain_synthesis(generator, some_ws(generator, 1))


@pytest.mark.parametrize("name", ["StyleGAN2", "StyleGAN3-T", "StyleGAN3-R"])
def test_the_floor_is_made_of_the_convolutions_that_run(name: str):
    generator = NETWORKS[name]()
    with Convolved() as ran:
        plain_synthesis(generator, some_ws(generator, 1))
    assert list(convolutions_of(generator)) == ran.shapes
