"""Exposure and contrast of the shown picture."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.display.compare import compared, paired
from core.display.images import look, to_pixels, toned
from core.request import IDENTITY, Compare, Show, View, lit

X = torch.linspace(-1.2, 1.2, 48).reshape(3, 4, 4)


def values(x: torch.Tensor) -> torch.Tensor:
    return (x + 1) / 2


def test_at_their_defaults_the_picture_is_the_same_bit_by_bit():
    assert toned(X, View()) is X


def test_a_stop_is_twice_the_light():
    light = [values(toned(X, View(exposure=stops))).clamp(0).double() ** 2.2 for stops in (0.0, 1.0, -2.0)]
    assert torch.allclose(light[1], 2 * light[0], atol=1e-5)
    assert torch.allclose(light[2], light[0] / 4, atol=1e-5)


def test_contrast_scales_around_middle_gray():
    assert torch.allclose(toned(X, View(contrast=2.0)), 2 * X, atol=1e-6)
    assert torch.allclose(toned(X, View(contrast=0.0)), torch.zeros_like(X), atol=1e-6)


def test_exposure_comes_before_contrast():
    once = toned(toned(X, View(exposure=1)), View(contrast=1.5))
    assert torch.allclose(toned(X, View(exposure=1, contrast=1.5)), once, atol=1e-5)


@pytest.mark.parametrize("channels", [2, 4])
def test_alpha_stays(channels):
    x = torch.rand(channels, 4, 4)
    assert torch.equal(toned(x, View(exposure=1, contrast=2))[-1], x[-1])


def test_a_layer_has_no_light():
    view = View("b8.conv0", exposure=2.0, contrast=0.5)
    assert toned(X, view) is X
    assert np.array_equal(look(X, view)[0], look(X, View("b8.conv0"))[0])


def test_single_channels_and_comparisons_are_in_the_same_light():
    light = View(exposure=1.0, contrast=1.5)
    assert np.array_equal(look(X, light)[0], to_pixels(toned(X, light)))
    one = look(X, View(show=Show.ONE, exposure=1.0, contrast=1.5))[0]
    assert np.array_equal(one[..., 0], to_pixels(toned(X, light))[..., 0])
    pair = paired(X, X, IDENTITY, untransform=False)
    pixels, upright, _ = compared(pair, View(compare=Compare.WIPE, exposure=1.0, contrast=1.5))
    assert upright is not None
    assert np.array_equal(pixels, to_pixels(toned(X, light)))
    assert np.array_equal(upright, pixels)


def test_a_difference_is_of_the_pictures_themselves():
    pair = paired(X, X.flip(0), IDENTITY, untransform=False)
    plain, bright = (compared(pair, View(compare=Compare.DIFFERENCE, exposure=e))[0] for e in (0.0, 2.0))
    assert np.array_equal(plain, bright)


def test_what_shows_no_more_than_light_is_told_from_what_does():
    assert lit(View()) == View()
    assert lit(View(exposure=1.0, contrast=0.5)) == View(exposure=1.0, contrast=0.5)
    assert lit(View("b8.conv0", gain_db=3, exposure=1.0)) == View(exposure=1.0)
