"""What is seen of a layer, and what is counted."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from core.display.images import (
    BINS,
    heat,
    histogram,
    levels,
    look,
    magnitude,
    pictured,
    principal,
    scaled,
    select,
    statistics,
    thumbnails,
)
from core.display.palette import ABOVE, BAD, BELOW, VIRIDIS, ZERO, ColourScale
from core.request import Colours, Show, View

LAYER = torch.randn(8, 5, 7, generator=torch.Generator().manual_seed(0))
HOLES = torch.tensor([[[math.nan, math.inf, -math.inf], [0.0, 2.0, -4.0]]])


def color_at(x: float, colours: Colours) -> tuple[int, ...]:
    return tuple(pictured(torch.tensor([[[x]]]), colours)[0, 0].tolist())


@pytest.mark.parametrize(
    ("base", "count", "first", "number"), [(0, 3, 0, 3), (6, 3, 5, 3), (99, 1, 7, 1), (-4, 1, 0, 1), (2, 1, 2, 1)]
)
def test_channels_from_a_base_are_those_that_exist(base: int, count: int, first: int, number: int):
    torch.testing.assert_close(select(LAYER, base, count), LAYER[first : first + number])


def test_a_layer_with_too_few_channels_shows_one():
    torch.testing.assert_close(select(LAYER[:2], 1, 3), LAYER[1:2])


def test_gain_is_in_decibels_of_amplitude():
    torch.testing.assert_close(scaled(LAYER, normalize=False, gain_db=20), LAYER * 10)


def test_normalised_channels_reach_one_whatever_else_is_in_them():
    torch.testing.assert_close(scaled(LAYER, True, 0).abs().amax((1, 2)), torch.ones(8))
    assert scaled(HOLES, True, 0)[0, 1].tolist() == [0, 0.5, -1]
    assert not scaled(torch.zeros(2, 3, 3), True, 0).any()


@pytest.mark.parametrize(("value", "gray"), [(-1.0, 0), (0.0, 128), (1.0, 255), (9.0, 255), (-9.0, 0), (0.5, 191)])
def test_gray_is_that_of_the_networks_pictures(value: float, gray: int):
    assert color_at(value, Colours.GRAY) == (gray, gray, gray)


@pytest.mark.parametrize(("value", "color"), [(-1.0, BELOW), (0.0, ZERO), (1.0, ABOVE), (5.0, ABOVE), (-5.0, BELOW)])
def test_signed_colours_tell_below_from_above_zero(value: float, color: tuple[int, ...]):
    assert color_at(value, Colours.SIGNED) == color


def own(x: list[float], view: View) -> tuple[list[tuple[int, ...]], ColourScale]:
    """The colours of a row of values within their own range, and what they stand for."""
    layer = torch.tensor([[x]])
    pixels, _, scale = look(layer, replace(view, layer="b4", show=Show.ONE, auto_range=True))
    return [tuple(pixel) for pixel in pixels[0].tolist()], scale


def test_a_range_of_its_own_reaches_the_largest_magnitude_in_signed_colours_where_values_have_signs():
    colours, scale = own([-8.0, 0.0, 4.0, 8.0], View(colours=Colours.AUTO))
    assert [colours[0], colours[1], colours[3]] == [BELOW, ZERO, ABOVE]
    assert scale == (-8, 8, True, False)
    assert scale.colour(0.0) == BELOW
    assert scale.colour(0.5) == ZERO
    assert own([-8.0, 8.0], View())[0] == [(0, 0, 0), (255, 255, 255)]  # gray, if it is asked for


def test_values_without_a_sign_are_gray_from_zero_on():
    colours, scale = own([0.0, 4.0, 8.0], View(colours=Colours.AUTO))
    assert colours == [(0, 0, 0), (128, 128, 128), (255, 255, 255)]
    assert scale == (0, 8, False, False)
    colours, scale = own([0.0, 4.0, 8.0], View(colours=Colours.AUTO, gain_db=20 * math.log10(2)))
    assert colours[1] == (255, 255, 255)
    assert scale.high == pytest.approx(4)


def test_normalised_channels_are_told_in_shares_of_their_largest_magnitude():
    assert own([-8.0, 4.0], View(normalize=True))[1] == (-1, 1, False, True)
    assert look(LAYER, View("b4")).scale == (-1, 1, False, False)


def test_signs_anywhere_in_a_layer_count_for_all_of_its_channels():
    layer = torch.tensor([[[0.0, 4.0]], [[-1.0, 1.0]]])
    seen = look(layer, View("b4", Show.ONE, colours=Colours.AUTO, auto_range=True))
    assert seen.scale == (-4, 4, True, False)
    assert tuple(seen.pixels[0, 0]) == ZERO


def test_the_picture_has_no_range_of_its_own():
    picture = torch.full((3, 2, 2), 0.5)
    pixels, _, _ = look(picture, View(auto_range=True, colours=Colours.AUTO))
    np.testing.assert_array_equal(pixels, look(picture, View())[0])


@pytest.mark.parametrize("colours", Colours)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_magenta(value: float, colours: Colours):
    assert color_at(value, colours) == BAD


def test_one_bad_channel_of_three_is_enough():
    three = torch.zeros(3, 1, 2)
    three[1, 0, 1] = math.nan
    assert pictured(three).tolist() == [[[128, 128, 128], list(BAD)]]


def test_heat_goes_from_dark_to_light_within_its_reach():
    db = torch.tensor([[-math.inf, -80.0, -40.0, 0.0, 40.0, math.inf, math.nan]])
    pixels = [tuple(pixel) for pixel in heat(db, 40)[0].tolist()]
    assert pixels[:3] == [VIRIDIS[0]] * 3
    assert pixels[4:] == [VIRIDIS[-1], VIRIDIS[-1], BAD]
    middle = (np.array(VIRIDIS[4]) + VIRIDIS[5]) / 2
    assert np.abs(np.array(pixels[3]) - middle).max() <= 0.5


# ----------------------------------------------------------------------------


def mixed(*waves: Tensor) -> Tensor:
    """Ten channels that are sums of the waves."""
    weights = torch.randn(10, len(waves), generator=torch.Generator().manual_seed(1))
    return torch.einsum("cn,nhw->chw", weights, torch.stack(waves))


def test_the_principal_channels_are_those_of_a_singular_value_decomposition():
    flat = LAYER.flatten(1).double()
    left, _, _ = torch.linalg.svd(flat - flat.mean(1, keepdim=True))
    for i, channel in enumerate(principal(LAYER)):
        expected = left[:, i] @ (flat - flat.mean(1, keepdim=True))
        cosine = torch.nn.functional.cosine_similarity(channel.double().flatten(), expected, dim=0)
        assert abs(cosine) == pytest.approx(1, abs=1e-5)
        assert float(channel.abs().max()) == pytest.approx(1)


def test_the_colours_of_principal_channels_stay_when_the_layer_changes_a_little():
    one = principal(LAYER)
    other = principal(LAYER + 1e-3 * torch.randn(LAYER.shape, generator=torch.Generator().manual_seed(2)))
    assert float((one - other).abs().max()) < 0.05


def test_few_channels_leave_colours_empty():
    x = principal(LAYER[:1])
    assert x[0].any()
    assert not x[1:].any()
    assert principal(torch.ones(4, 3, 3)).eq(0).all()


def test_principal_channels_show_holes():
    x = LAYER.clone()
    x[3, 2, 2] = math.inf
    assert torch.isnan(principal(x))[:, 2, 2].all()
    assert int(torch.isnan(principal(x)).sum()) == 3


@pytest.mark.parametrize(("shape", "size"), [((4, 200, 100), (56, 28)), ((4, 8, 8), (8, 8)), ((2, 300, 1), (56, 1))])
def test_thumbnails_keep_their_proportions(shape: tuple[int, ...], size: tuple[int, int]):
    small = thumbnails(torch.ones(shape) * 3, 56)
    assert small.shape == (shape[0], *size)
    torch.testing.assert_close(small, torch.ones_like(small))


def test_levels_tell_values_and_what_is_none_and_which_channels_are_dead():
    x = torch.tensor([[-1.0, -0.5, 1.0, 7.0], [0.0, math.nan, math.inf, 0.004], [0.0, 0.0, 0.0, 0.0]])[:, None]
    steps, dead = levels(x)
    assert steps[:, 0].tolist() == [[1, 65, 255, 255], [128, 0, 0, 129], [128] * 4]
    assert dead == (2,)


# ----------------------------------------------------------------------------


def test_statistics_are_of_the_finite_values_and_count_the_others():
    found = statistics(HOLES)
    assert found.mean == pytest.approx(-2 / 3)
    assert found.std == pytest.approx(np.std([0, 2, -4], ddof=1))
    assert (found.max_abs, found.nan, found.inf) == (4, 1, 2)
    assert (found.zeros, found.saturated) == pytest.approx((1 / 6, 2 / 6))


@pytest.mark.parametrize("x", [torch.full((1, 2, 2), math.nan), torch.zeros(1, 1, 1)])
def test_statistics_and_histograms_of_next_to_nothing_are_zero(x: Tensor):
    found = statistics(x)
    assert (found.mean, found.std, found.max_abs) == (0, 0, 0)
    assert histogram(x).counts.sum() == torch.isfinite(x).sum()


def test_a_histogram_counts_every_finite_value_once():
    found = histogram(LAYER)
    expected, edges = np.histogram(LAYER.numpy(), BINS)
    assert (found.low, found.high) == pytest.approx((edges[0], edges[-1]))
    assert found.counts.sum() == LAYER.numel()
    assert np.abs(found.counts - expected).max() <= 1
    assert histogram(HOLES).counts.sum() == 3


def test_half_precision_is_measured_in_single():
    large = torch.full((2, 64, 64), 300.0, dtype=torch.float16)
    assert statistics(large).mean == pytest.approx(300)
    assert float(magnitude(large)) == pytest.approx(300)
    assert statistics(large).saturated == 1
