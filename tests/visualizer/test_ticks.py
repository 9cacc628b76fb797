"""Ticks of plots, and small pictures."""

from __future__ import annotations

import numpy as np
import pytest

from core.base.text import plural
from visualizer.toolkit.pixels import reduced
from visualizer.toolkit.ticks import decade_ticks, linear_ticks, power_text


@pytest.mark.parametrize(
    ("ticks", "texts"),
    [
        (linear_ticks(0, 0.5, 5), "0, 0.1, 0.2, 0.3, 0.4, 0.5"),
        (linear_ticks(-100, 50, 4, "dB"), "−100 dB, −50 dB, 0 dB, 50 dB"),
        (linear_ticks(0, 1, 4), "0, 0.25, 0.5, 0.75, 1"),
        (linear_ticks(0, 123_456, 4), "0, 50 k, 100 k"),
        (linear_ticks(0, 2.5e6, 5), "0, 0.5 M, 1 M, 1.5 M, 2 M, 2.5 M"),
        (linear_ticks(3, 3, 4), ""),
        (linear_ticks(0, float("nan"), 4), ""),
        (decade_ticks(0.8, 3e6, 10), "1, 10, 100, 1 k, 10 k, 100 k, 1 M"),
        (decade_ticks(0.8, 3e6, 4), "1, 100, 10 k, 1 M"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_ticks_are_written_as_people_write_them(ticks, texts):
    assert ", ".join(tick.text for tick in ticks) == texts


def test_ticks_lie_where_they_say():
    assert [tick.value for tick in linear_ticks(-0.3, 0.3, 3)] == pytest.approx([-0.2, 0, 0.2])
    assert [power_text(power) for power in (-9, -2, 0, 4)] == ["1e−9", "0.01", "1", "10 k"]


def test_one_is_not_many():
    texts = [plural(1, "layer"), plural(0, "layer"), plural(1024, "layer"), plural(2, "class", "classes")]
    assert texts == ["1 layer", "0 layers", "1,024 layers", "2 classes"]


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_small_picture_keeps_its_shape_and_its_channels(channels):
    pixels = np.arange(64 * 32 * channels, dtype=np.uint8).reshape(64, 32, channels)
    assert reduced(pixels, 16).shape == (16, 8, channels)
    assert np.array_equal(reduced(pixels, 130)[::2, ::2], pixels)
