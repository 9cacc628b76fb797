"""Spectra against direct computations with numpy in float64."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
import torch

from core.base.errors import UsageError
from core.display.spectrum import INTERPOLATION, AverageSpectrum, closed, curves, decibels, heat_map, power_view

SIZES = [(16, 16), (15, 15), (32, 16), (16, 24), (7, 12)]


def noise(*shape: int, seed: int = 0) -> npt.NDArray[np.float64]:
    return np.random.default_rng(seed).standard_normal(shape)


def pictures(count: int, h: int, w: int, c: int = 3) -> list[npt.NDArray[np.uint8]]:
    random = np.random.default_rng(1)
    return list(random.integers(0, 256, (count, h, w, c), dtype=np.uint8))


# ----------------------------------------------------------------------------
# One picture.


@pytest.mark.parametrize(("h", "w"), SIZES)
def test_the_view_is_the_power_relative_to_its_mean(h: int, w: int):
    x = noise(4, h, w) + 3
    window = np.kaiser(h, 5)[:, None] * np.kaiser(w, 5)
    centred = (x - x.mean((1, 2), keepdims=True)) * window
    power = (np.abs(np.fft.fft2(centred)) ** 2).sum(0)
    expected = np.roll(power, (h // 2, w // 2), (0, 1)) / power.mean()
    np.testing.assert_allclose(power_view(torch.from_numpy(x), beta=5), expected, rtol=1e-4, atol=1e-6)


def test_a_wave_lies_at_its_frequency():
    x = torch.cos(2 * math.pi * 5 * torch.arange(32) / 32).expand(1, 32, 32)
    power = power_view(x)
    row, column = divmod(int(power.argmax()), 32)
    assert (row, abs(column - 16)) == (16, 5)
    curve = curves(power, 32).horizontal
    assert int(curve.db.argmax()) == 5


def test_a_picture_without_differences_has_no_power():
    power = power_view(torch.full((3, 8, 8), 0.5))
    assert not power.any()
    assert torch.isneginf(decibels(power)).all()
    assert torch.isfinite(heat_map(power, 8)).all()


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_picture_with_holes_has_no_numbers_and_does_not_fail(bad: float):
    x = torch.zeros(1, 8, 8)
    x[0, 3, 3] = bad
    power = power_view(x)
    assert torch.isnan(power).all()
    assert torch.isnan(curves(power, 8).radial.db).all()


def test_one_pixel_has_no_power():
    assert power_view(torch.ones(4, 1, 1)).tolist() == [[0]]


# ----------------------------------------------------------------------------
# Curves.


@pytest.mark.parametrize(("h", "w"), SIZES)
def test_curves_end_at_the_highest_frequencies(h: int, w: int):
    power = torch.from_numpy(noise(4 * h, 4 * w) ** 2)
    radial, horizontal, diagonal = curves(power, w)
    for curve, end in ((radial, w / 2), (horizontal, w / 2), (diagonal, w / math.sqrt(2))):
        assert float(curve.frequency[0]) == 0
        assert float(curve.frequency[-1]) == pytest.approx(end)
        assert curve.frequency.shape == curve.db.shape
        assert torch.isfinite(curve.db).all()


def test_curves_of_a_power_that_depends_on_the_radius_agree():
    axis = torch.arange(-32, 32, dtype=torch.float64)
    power = (-torch.hypot(axis[:, None], axis) / 8).exp()
    radial, horizontal, diagonal = curves(power, 64)
    slope = -10 / math.log(10) / 8
    for curve, tolerance in ((radial, 0.35), (horizontal, 1e-6), (diagonal, 1e-6)):
        np.testing.assert_allclose(curve.db, slope * curve.frequency, atol=tolerance)


def test_the_radial_curve_is_the_mean_over_rings():
    power = noise(12, 12) ** 2
    y, x = np.mgrid[-6:6, -6:6]
    ring = np.rint(np.hypot(y, x))
    expected = [10 * math.log10(power[ring == r].mean()) for r in range(7)]
    np.testing.assert_allclose(curves(torch.from_numpy(power), 12).radial.db, expected)


@pytest.mark.parametrize(("h", "w"), SIZES)
def test_a_closed_power_is_the_same_from_both_ends(h: int, w: int):
    power = closed(power_view(torch.from_numpy(noise(1, h, w))))
    assert (power.shape[0] % 2, power.shape[1] % 2) == (1, 1)
    torch.testing.assert_close(power, power.flip((0, 1)))


# ----------------------------------------------------------------------------
# The average.


def average_of(images: list[npt.NDArray[np.uint8]]) -> AverageSpectrum:
    average = AverageSpectrum()
    for image in images:
        average.add(image)
    return average


@pytest.mark.parametrize(("h", "w"), SIZES)
def test_the_average_is_that_of_two_passes(h: int, w: int):
    images = pictures(3, h, w)
    values = np.stack(images).astype(np.float64)
    normal = (values - values.mean()) / values.std()
    one, other = np.kaiser(h, 8), np.kaiser(w, 8)
    window = (one / np.sqrt((one**2).sum()))[:, None] * (other / np.sqrt((other**2).sum()))
    size = (INTERPOLATION * h, INTERPOLATION * w)
    spectra = np.fft.fft2(normal * window[None, :, :, None], s=size, axes=(1, 2))
    expected = np.fft.fftshift((np.abs(spectra) ** 2).mean((0, 3)))
    average = average_of(images)
    assert (average.images, average.width) == (3, w)
    np.testing.assert_allclose(average.power(), expected, rtol=1e-9, atol=1e-10)


def test_white_noise_has_no_decibels():
    power = average_of(pictures(60, 16, 16)).power()
    assert abs(float(decibels(power.mean()))) < 0.5
    assert abs(curves(power, 16).radial.db[8:]).max() < 1.5


def test_an_average_can_be_read_while_it_grows():
    images = pictures(4, 8, 8)
    average = AverageSpectrum()
    for count, image in enumerate(images, 1):
        average.add(image)
        np.testing.assert_array_equal(average.power(), average_of(images[:count]).power())


def test_an_average_of_nothing_but_gray_is_zero():
    assert not average_of([np.full((8, 8, 3), 77, np.uint8)] * 2).power().any()


def test_pictures_of_another_size_are_refused_and_change_nothing():
    average = average_of(pictures(2, 8, 8))
    before = average.power()
    with pytest.raises(UsageError, match="12 x 8 pixels, the others 8 x 8"):
        average.add(pictures(1, 8, 12)[0])
    np.testing.assert_array_equal(average.power(), before)


def test_a_heat_map_is_smooth():
    power = average_of(pictures(2, 16, 16)).power()
    rough, smooth = decibels(closed(power).clamp(min=1e-30)), heat_map(power, 16)
    assert smooth.shape == rough.shape == (65, 65)
    assert float(smooth.diff(dim=1).abs().max()) < 0.2 * float(rough.diff(dim=1).abs().max())
    assert float(smooth.mean()) == pytest.approx(float(rough.mean()), abs=1)
