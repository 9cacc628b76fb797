"""A kept picture beside the newest one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.display.frame import Frame
from core.request import Compare, RenderRequest, View
from visualizer.session.comparison import Comparison, difference, like


def frame(value: int, *, channels: int = 3, size: int = 4) -> Frame:
    pixels = np.full((size, size, channels), value, np.uint8)
    return Frame(RenderRequest("a"), pixels, pixels, torch.zeros(3, size, size))


def test_the_first_kept_picture_is_seen_side_by_side():
    comparison, b = Comparison(), frame(200)
    assert comparison.shown(b) is b
    comparison.keep(frame(100))
    shown = comparison.shown(b)
    assert shown.pixels.shape == (4, 8, 3)
    assert (shown.pixels[:, :4] == 100).all()
    assert (shown.pixels[:, 4:] == 200).all()
    assert comparison.shown(b) is shown  # not made again
    comparison.keep(None)
    assert comparison.shown(b) is b


@pytest.mark.parametrize("mode", [Compare.WIPE, Compare.BLINK])
def test_a_wipe_and_a_blink_have_the_kept_picture_as_the_other_one(mode: Compare):
    comparison, b = Comparison(), frame(200)
    comparison.keep(frame(100))
    comparison.mode = mode
    shown = comparison.shown(b)
    assert shown.upright is not None
    assert (shown.upright == 100).all()
    assert (shown.pixels == 200).all()
    assert shown.request.view.compare is mode


def test_a_difference_is_around_gray_and_grows_with_the_gain():
    a, b = frame(100).pixels, frame(110).pixels
    assert (difference(a, b, 0) == 133).all()
    assert (difference(b, a, 0) == 123).all()
    assert (difference(a, b, 20) == 178).all()
    assert (difference(frame(9, channels=4).pixels, frame(9, channels=4).pixels, 0)[..., 3] == 255).all()


def test_a_layer_is_shown_alone():
    comparison, b = Comparison(), frame(200)
    comparison.keep(frame(100))
    layer = replace(b, request=replace(b.request, view=View("b4")))
    assert comparison.shown(layer) is layer


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [2, 4, 8])
def test_pictures_of_other_networks_are_made_alike(channels: int, size: int):
    made = like(frame(100, size=size).pixels, frame(0, channels=channels).pixels)
    assert made.shape == (4, 4, channels)
    assert (made[..., : min(channels, 3)] == 100).all()
