"""The bare convolutions of networks, and their times."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from core.bench.convolution_bound import convolutions_of, time_convolutions
from core.bench.report import CONFIGS, Config
from core.networks.parts.config import StyleGan2Config, StyleGan3Config
from core.networks.stylegan2 import StyleGan2
from core.networks.stylegan3 import StyleGan3
from core.synthesis.convolution import ConvolutionShape
from core.synthesis.generator import Generator, SynthesisInputs, synthesize
from tests.convolved import Convolved
from tests.core import every
from tests.small import SMALL, Scripted, stylegan1


def floor_of(config: Config) -> tuple[ConvolutionShape, ...]:
    with torch.device("meta"):
        return convolutions_of(StyleGan2(config) if isinstance(config, StyleGan2Config) else StyleGan3(config))


# ----------------------------------------------------------------------------
# StyleGAN2 and StyleGAN3, whose published figures are told in terms of these.


@pytest.mark.parametrize(
    ("family", "resolution", "count", "multiply_adds"),
    [
        ("sg2", 256, 20, 14_897_111_040),
        ("sg2", 1024, 26, 74_260_144_128),
        ("sg3t", 256, 15, 231_432_893_952),
        ("sg3t", 1024, 15, 285_223_303_824),
        ("sg3r", 256, 27, 121_233_661_440),
        ("sg3r", 1024, 27, 195_712_051_520),
    ],
)
def test_the_convolutions_of_the_official_networks_multiply_as_often_as_known(
    family: str, resolution: int, count: int, multiply_adds: int
):
    shapes = floor_of(CONFIGS[family](resolution, None))
    assert len(shapes) == count
    assert sum(shape.multiply_adds for shape in shapes) == multiply_adds


def up(i: int, o: int, edge: int) -> ConvolutionShape:
    return ConvolutionShape(i, o, (edge, edge), 3, stride=2, transposed=True)


def same(i: int, o: int, edge: int, kernel: int) -> ConvolutionShape:
    return ConvolutionShape(i, o, (edge, edge), kernel, padding=kernel // 2)


def full(i: int, o: int, edge: int, kernel: int) -> ConvolutionShape:
    return ConvolutionShape(i, o, (edge, edge), kernel, padding=kernel - 1)


def radial(channels: int, edge: int) -> ConvolutionShape:
    return ConvolutionShape(channels, channels, (edge, edge), 12, stride=2, groups=channels)


FLOORS: dict[str, tuple[Config, list[ConvolutionShape]]] = {
    "StyleGAN2": (
        StyleGan2Config.official(16, **SMALL),
        [
            same(12, 12, 4, 3), same(12, 3, 4, 1), up(12, 12, 4), same(12, 12, 8, 3), same(12, 3, 8, 1),
            up(12, 12, 8), same(12, 12, 16, 3), same(12, 3, 16, 1),
        ],
    ),
    "StyleGAN2, residual": (
        StyleGan2Config.official(16, architecture="resnet", **SMALL),
        [
            same(12, 12, 4, 3), same(12, 12, 4, 1), up(12, 12, 4), same(12, 12, 8, 3), same(12, 12, 8, 1),
            up(12, 12, 8), same(12, 12, 16, 3), same(12, 3, 16, 1),
        ],
    ),
    "StyleGAN3-T": (
        StyleGan3Config.official(32, num_layers=5, **SMALL),
        [*[full(12, 12, 36, 3)] * 3, full(12, 8, 52, 3), full(8, 8, 52, 3), full(8, 3, 32, 1)],
    ),
    "StyleGAN3-R": (
        StyleGan3Config.official(32, num_layers=5, kernel=1, radial=True, **SMALL),
        [
            full(12, 12, 36, 1), radial(12, 82), full(12, 12, 36, 1), radial(12, 82), full(12, 12, 36, 1),
            radial(12, 114), full(12, 8, 52, 1), full(8, 8, 52, 1), full(8, 3, 32, 1),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FLOORS)
def test_the_floor_is_made_of_the_shapes_that_it_always_had(name: str):
    config, expected = FLOORS[name]
    assert list(floor_of(config)) == expected


def test_a_radial_filter_multiplies_each_channel_by_itself():
    assert radial(1024, 82).multiply_adds == 36 * 36 * 1024 * 12 * 12


# ----------------------------------------------------------------------------
# The others.

NETWORKS: dict[str, Callable[[], Generator]] = {
    **every.GROWN,
    "StyleGAN1, half grown": lambda: stylegan1(lod=1.5).generator,
    **every.OTHERS,
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_floor_is_made_of_the_convolutions_that_run(name: str):
    generator = NETWORKS[name]()
    info = generator.info
    grid = (info.codes.rows, info.codes.columns) if info.codes else ()
    ws = torch.ones(1, info.num_ws, *grid, info.w_dim, requires_grad=True)  # then each is left to torch
    with Convolved() as ran:
        synthesize(generator, SynthesisInputs(ws, lod=info.lod))
    assert ran.shapes
    assert list(convolutions_of(generator)) == ran.shapes


# ----------------------------------------------------------------------------
# Times.


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_equal_convolutions_take_the_same_time(dtype: torch.dtype):
    plain = ConvolutionShape(4, 4, (8, 8), 3, padding=1)
    found = time_convolutions([plain, up(4, 4, 8), ConvolutionShape(4, 4, (8, 8), 3, groups=4), plain], dtype)
    assert min(found) > 0
    assert found[0] == found[3]


def test_transposed_convolutions_are_timed_with_groups_and_padding():
    cropped = ConvolutionShape(4, 6, (8, 8), 4, stride=2, padding=1, groups=2, transposed=True)
    first = ConvolutionShape(4, 6, (1, 1), 3, transposed=True)
    assert min(time_convolutions([cropped, first])) > 0


def test_a_network_that_tells_no_convolutions_has_no_floor():
    assert convolutions_of(Scripted()) == ()
