"""The bare convolutions of the official networks, and their times."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from core.bench import CONFIGS
from core.floor import Convolution, Kind, convolutions, convolutions_of, time_convolutions
from core.networks.config import StyleGan2Config
from tests.small import Opened, Scripted, progan, stylegan1, stylegan2


@pytest.mark.parametrize(
    ("family", "resolution", "billions"),
    [("sg2", 256, 14.9), ("sg2", 1024, 74.3), ("sg3t", 256, 231), ("sg3t", 1024, 285)],
)
def test_the_convolutions_of_the_official_networks_multiply_as_often_as_known(
    family: str, resolution: int, billions: float
):
    shapes = convolutions(CONFIGS[family](resolution, None))
    assert sum(shape.multiply_adds for shape in shapes) / 1e9 == pytest.approx(billions, rel=5e-3)


def test_the_shapes_of_a_residual_block_are_those_of_its_layers():
    shapes = convolutions(StyleGan2Config.official(8, architecture="resnet"))
    assert [shape.layer for shape in shapes] == ["b4.conv1", "b8.skip", "b8.conv0", "b8.conv1", "b8.torgb"]
    assert shapes[2] == Convolution(Kind.UP, 512, 512, (4, 4), 3, stride=2)


@pytest.mark.parametrize("make", [stylegan1, progan])
def test_the_shapes_of_a_network_that_grew_are_those_of_its_full_resolution(make: Callable[[], Opened]):
    network = make()
    shapes = convolutions_of(network.generator)
    assert [shape.layer for shape in shapes] == [
        "b4.conv1", "b8.conv0", "b8.conv1", "b16.conv0", "b16.conv1", "b32.conv0", "b32.conv1", "b32.torgb",
    ]  # fmt: skip
    assert shapes[5] == Convolution(Kind.UP, 12, 8, (16, 16), 4, stride=2)
    assert min(time_convolutions(shapes[4:])) > 0


def test_a_radial_filter_is_a_convolution_of_each_channel():
    first, second, *_ = convolutions(CONFIGS["sg3r"](64, None))
    assert (first.kind, first.kernel, first.layer) == (Kind.PLAIN, 1, "L0_36_1024")
    assert second == Convolution(Kind.FIR, 1024, 1024, (82, 82), 12, stride=2)
    assert (second.groups, second.multiply_adds) == (1024, 36 * 36 * 1024 * 12 * 12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_equal_convolutions_take_the_same_time(dtype: torch.dtype):
    plain = Convolution(Kind.PLAIN, 4, 4, (8, 8), 3, padding=1)
    shapes = [plain, Convolution(Kind.UP, 4, 4, (8, 8), 3, stride=2), Convolution(Kind.FIR, 4, 4, (8, 8), 3), plain]
    found = time_convolutions(shapes, dtype)
    assert min(found) > 0
    assert found[0] == found[3]


def test_a_network_of_an_unknown_kind_has_no_floor():
    assert convolutions_of(Scripted()) == ()
    assert convolutions_of(stylegan2(8).generator)
