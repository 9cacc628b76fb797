"""The average spectrum of small networks against pictures that were rendered and averaged by hand."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from core.base.errors import BadOutput, Cancelled, OutOfMemory, UsageError
from core.display.analysis import PlottedCurves
from core.display.images import heat
from core.display.spectrum import AverageSpectrum, Curves, curves, heat_map
from core.measure.averaging import Average, Snapshot, average_spectrum, pictured_power, table
from core.render.renderer import Renderer
from core.request import RenderRequest, SeedPoint
from core.synthesis.generator import State, SynthesisInputs, Tap
from tests.small import Opened, Scripted, stylegan2, stylegan3


def by_hand(network: Opened, seeds: range) -> AverageSpectrum:
    """The average of rendered pictures."""
    renderer, average = Renderer(network), AverageSpectrum()
    for seed in seeds:
        average.add(renderer.render(RenderRequest(latent=SeedPoint(seed))).pixels)
    return average


def assert_same(found: PlottedCurves, expected: Curves) -> None:
    for curve, other in zip(found, expected, strict=True):
        torch.testing.assert_close(torch.from_numpy(curve.frequency), other.frequency)
        torch.testing.assert_close(torch.from_numpy(curve.db), other.db)


@pytest.fixture(scope="module")
def average() -> Average:
    return average_spectrum(stylegan2(16).generator, 3)


# ----------------------------------------------------------------------------
# The average.


@pytest.mark.parametrize(
    "network",
    [
        pytest.param(lambda: stylegan2(16), id="StyleGAN2"),
        pytest.param(lambda: stylegan2(16, c_dim=3, image_channels=1), id="conditional, gray"),
        pytest.param(lambda: stylegan2(16, const_size=(4, 8)), id="rectangular"),
        pytest.param(lambda: stylegan3(16), id="StyleGAN3"),
    ],
)
def test_the_average_is_that_of_the_rendered_pictures(network: Callable[[], Opened]):
    opened = network()
    found = average_spectrum(opened.generator, 3, seed=5)
    expected = by_hand(opened, range(5, 8))
    assert (found.images, found.width, found.seed) == (3, opened.info.width, 5)
    assert found.power.dtype == torch.float32
    torch.testing.assert_close(found.power, expected.power().float())
    assert_same(found.curves, curves(expected.power(), expected.width))


def test_an_average_can_be_watched_while_it_grows():
    network = stylegan2(16)
    seen: list[Snapshot] = []
    found = average_spectrum(network.generator, 6, on_snapshot=seen.append)
    assert [snapshot.images for snapshot in seen] == [1, 2, 4, 6]
    assert seen[-1] is found
    for snapshot in seen:
        expected = by_hand(network, range(snapshot.images))
        assert_same(snapshot.curves, curves(expected.power(), expected.width))


def test_the_last_picture_is_told_of_once():
    seen: list[Snapshot] = []
    average_spectrum(stylegan2(16).generator, 4, on_snapshot=seen.append)
    assert [snapshot.images for snapshot in seen] == [1, 2, 4]


def test_progress_is_reported_at_each_layer():
    reports: list[tuple[int, int, str]] = []
    network = Scripted()
    average_spectrum(network, 2, progress=lambda stage, done, total, unit="": reports.append((done, total, unit)))
    assert reports == [(done, 2, "pictures") for done in (0, 0, 0, 1, 1, 1, 2)]


def test_cancelling_stops_it_at_a_layer():
    network = Scripted()

    def progress(stage: str, done: int, total: int, unit: str = "") -> None:
        if done == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        average_spectrum(network, 5, progress=progress)
    assert network.runs == ["a", "b", "c", "a"]


# ----------------------------------------------------------------------------
# What can go wrong.


def test_nothing_is_not_averaged():
    with pytest.raises(UsageError, match="0 pictures"):
        average_spectrum(Scripted(), 0)


def test_damaged_weights_are_named_as_such():
    network = stylegan2(16)
    next(network.generator.mapping.parameters()).fill_(math.nan)  # type: ignore[attr-defined]
    with pytest.raises(BadOutput, match="at seed 4; its weights may be damaged"):
        average_spectrum(network.generator, 2, seed=4)


class Overflowing(Scripted):
    """Layers that float16 is too small for."""

    def _layer(self, name: str, index: int) -> Any:
        run = super()._layer(name, index)

        def overflow(state: State, inputs: SynthesisInputs, tap: Tap) -> State:
            x = run(state, inputs, tap)[0]
            return (x if inputs.force_fp32 else x * math.inf,)

        return overflow


def test_where_float16_is_too_small_float32_is_used():
    torch.testing.assert_close(average_spectrum(Overflowing(), 2).power, average_spectrum(Scripted(), 2).power)


@pytest.mark.parametrize("error", [torch.OutOfMemoryError, MemoryError, lambda: RuntimeError("can't allocate memory")])
def test_too_little_memory_is_said(error: Callable[[], Exception]):
    with pytest.raises(OutOfMemory, match="8 x 8 pixels; close other programs"):
        average_spectrum(Scripted([error()]), 2)


def test_other_errors_stay_what_they_are():
    with pytest.raises(RuntimeError, match="no kernel"):
        average_spectrum(Scripted([RuntimeError("no kernel")]), 2)


# ----------------------------------------------------------------------------
# Exports.


def test_the_heat_map_has_its_colours_and_contours(average: Average):
    pixels = pictured_power(average)
    assert pixels.shape == (65, 65, 3)
    db = heat_map(average.power, 16)
    plain = heat(db + 10, 30)
    lined = (pixels != plain).any(2)
    assert 0.01 < lined.mean() < 0.5
    # Next to each contour lies a value on the other side of a multiple of 5 dB.
    rows, columns = np.nonzero(lined[:-1, :-1])
    for row, column in zip(rows, columns, strict=True):
        near = db[row : row + 2, column : column + 2].div(5).floor()
        assert near.min() < near.max()


def test_a_flat_spectrum_has_no_contours(average: Average):
    flat = Average(average.curves, average.width, 1, torch.full_like(average.power, 1.1), 0)
    assert len(np.unique(pictured_power(flat).reshape(-1, 3), axis=0)) == 1


def test_contours_lie_at_every_5_db(average: Average):
    slope = torch.linspace(30, -50, 33)  # down from the middle to the left and the right
    db = torch.cat([slope[1:].flip(0), slope[:-1]]).expand(64, 64)
    ramp = Average(average.curves, average.width, 1, 10 ** (db / 10), 0)
    lined = (pictured_power(ramp) != heat(heat_map(ramp.power, 16) + 10, 30)).any(2)
    assert lined[32].sum() == 2 * 13  # -40, -35, ... 20


def test_the_table_holds_the_curves(average: Average):
    comment, *lines = table(average, "some\nnetwork.pkl").splitlines()
    assert comment.startswith("# average power spectrum of some network.pkl; 3 pictures, seeds from 0 on")
    rows = list(csv.DictReader(lines))
    assert list(rows[0]) == [
        "frequency_cycles_per_pixel",
        "radial_mean_db",
        "slice_0_deg_db",
        "slice_45_deg_frequency_cycles_per_pixel",
        "slice_45_deg_db",
    ]
    columns = [np.array(column, np.float64) for column in zip(*(row.values() for row in rows), strict=True)]
    radial, horizontal, diagonal = average.curves
    assert (columns[0][-1], columns[3][-1]) == (0.5, pytest.approx(math.sqrt(0.5), abs=1e-5))
    expected = (radial.frequency / 16, radial.db, horizontal.db, diagonal.frequency / 16, diagonal.db)
    for column, values in zip(columns, expected, strict=True):
        np.testing.assert_allclose(column, values, rtol=1e-5, atol=1e-5)
