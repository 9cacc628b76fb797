"""A drawn sound shows the lowest and highest samples, at every zoom, at once."""

from __future__ import annotations

import time

import numpy as np
import pytest

from core.audio import waveform
from tests.core.audio.sounds import heard

RATE = 1000
COLUMNS = 50


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    values: np.ndarray = np.random.default_rng(0).standard_normal(RATE * 200).astype(np.float32)
    return values


@pytest.mark.parametrize(("start_s", "end_s"), [(0, 200), (3.217, 150.1), (10, 60), (20, 22), (5.001, 5.3)])
def test_columns_hold_the_lowest_and_highest_samples(noise: np.ndarray, start_s: float, end_s: float):
    got = waveform(heard(noise, RATE), COLUMNS, start_s, end_s)
    assert got.shape == (COLUMNS, 2)
    edges = np.linspace(start_s, end_s, COLUMNS + 1) * RATE
    wide = (edges[1] - edges[0]) / 8 / 2 + 1  # how far an edge may be off
    for (low, high), begin, end in zip(got, edges, edges[1:], strict=False):
        outer = noise[max(0, int(begin - wide)) : int(np.ceil(end + wide))]
        inner = noise[int(np.ceil(begin + wide)) : int(end - wide)]
        assert outer.min() <= low <= high <= outer.max()
        assert not len(inner) or (low <= inner.min() and high >= inner.max())


def test_no_sample_is_left_out(noise: np.ndarray):
    samples = np.zeros_like(noise)
    random = np.random.default_rng(1)
    for _ in range(50):
        place = random.integers(len(samples))
        samples[place] = 1
        assert waveform(heard(samples, RATE), 501, 0, 200)[:, 1].sum() == 1
        samples[place] = 0


def test_columns_narrower_than_a_sample_show_the_one_they_begin_in():
    sound = heard(np.array([0.1, -0.2, 0.3]), 10)
    np.testing.assert_allclose(waveform(sound, 6, 0, 0.3)[:, 0], [0.1, 0.1, -0.2, -0.2, 0.3, 0.3])


def test_outside_of_the_sound_there_is_nothing():
    sound = heard(np.ones(100), 10)
    got = waveform(sound, 30, -10, 20)
    assert not got[:10].any()
    assert (got[10:20] == 1).all()
    assert not got[20:].any()
    assert not waveform(sound, 5, 50, 60).any()
    assert not waveform(sound, 5, -60, -50).any()
    assert waveform(heard(np.ones(1), 10), 4, 0, 0.1).tolist() == [[1, 1]] * 4


def test_a_long_sound_is_drawn_in_well_under_a_millisecond():
    sound = heard(np.zeros(22_050 * 1200, np.float32), 22_050)
    assert len(waveform(sound, 500, 0, 1200))
    for start_s, end_s in [(0, 1200), (100, 900), (50, 110), (7, 9), (7, 7.01)]:
        times = []
        for _ in range(10):
            begin = time.thread_time()
            waveform(sound, 500, start_s, end_s)
            times.append(time.thread_time() - begin)
        assert min(times) < 0.001
