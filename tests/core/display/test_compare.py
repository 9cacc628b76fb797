"""The picture with its transform against the upright one."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core.display.analysis import Analysis
from core.display.compare import HATCHING, Pair, compared, paired
from core.display.frame import Metric
from core.display.palette import GAP, HATCH, OUTSIDE, ZERO
from core.render.renderer import Renderer
from core.request import IDENTITY, Colours, Compare, RenderRequest, SeedPoint, Show, View
from core.request.placement import Move, Placement
from core.synthesis.generator import SynthesisInputs, Tap, no_tap, synthesize
from core.synthesis.mapper import ws_of
from tests.small import Ran, stylegan2, stylegan3

ROTATING = stylegan3(64, kernel=1, radial=True)  # configuration R, which follows rotations
PLACED = Placement(x=0.06, y=-0.04, degrees=20)
BASE = RenderRequest(latent=SeedPoint(3.25, 1.5), transform=PLACED.matrix)


def layers(request: RenderRequest) -> dict[str, Tensor]:
    """All outputs of one plain run, [C, H, W]."""
    found: dict[str, Tensor] = {}

    def tap(name: str, x: Tensor) -> Tensor:
        found[name] = x[0].clone()
        return x

    ws = ws_of(ROTATING.generator, ROTATING.info, request, torch.device("cpu"))
    with torch.inference_mode():
        synthesize(ROTATING.generator, SynthesisInputs(ws, transform=request.transform), on_layer=tap)
    return found


def shown(view: View, request: RenderRequest = BASE, tap: Tap = no_tap, renderer: Renderer | None = None) -> Any:
    return (renderer or Renderer(ROTATING)).render(replace(request, view=view), tap)


def decibels(signal: Tensor, error: Tensor) -> float:
    return 10 * math.log10(float(signal.square().mean() / error.square().mean()))


# ----------------------------------------------------------------------------
# Two pictures laid over each other.


@pytest.mark.parametrize("untransform", [True, False])
def test_every_layer_of_a_network_that_follows_lies_over_the_upright_one(untransform: bool):
    made, upright = layers(BASE), layers(replace(BASE, transform=IDENTITY))
    for name in made:
        span = ROTATING.generator.span(name)
        pair = paired(made[name], upright[name], BASE.transform, untransform=untransform, span=span)
        assert pair.mask is not None
        assert pair.upright is not None
        valid, difference = pair.upright[:, pair.mask], (pair.shown - pair.upright)[:, pair.mask]
        assert pair.mask.float().mean() > 0.3
        before = (made[name] - upright[name])[:, pair.mask]
        assert decibels(valid, difference) > 18, name  # some layers are not limited to their band yet
        assert decibels(valid, difference) > decibels(valid, before) + 12, name


def test_layers_cover_more_than_the_picture_where_they_have_margins():
    spans = {name: ROTATING.generator.span(name) for name in layers(BASE)}
    assert spans["output"] == 1
    assert spans["input"] == 36 / 16
    assert all(span >= 1 for span in spans.values())
    assert stylegan2().generator.span("b8:x") == 1


def test_without_a_transform_nothing_is_resampled():
    x, other = torch.rand(2, 3, 8, 8)
    for untransform in (True, False):
        pair = paired(x, other, IDENTITY, untransform=untransform)
        assert pair.shown is x
        assert pair.upright is other
        assert pair.mask is None


def test_many_channels_are_resampled_as_a_few(monkeypatch: pytest.MonkeyPatch):
    x = torch.rand(10, 16, 16)
    whole = paired(x, None, BASE.transform, untransform=True)
    monkeypatch.setattr("core.display.compare.MAX_BYTES", 1)
    torch.testing.assert_close(paired(x, None, BASE.transform, untransform=True).shown, whole.shown)


def test_a_transform_without_an_inverse_is_not_compared_and_a_note_says_so():
    request = replace(BASE, transform=(1.0, 0.0, 0.0, 1.0, 0.0, 0.0))
    frame = shown(View(compare=Compare.DIFFERENCE), request)
    assert "no inverse" in frame.notes[0]
    np.testing.assert_array_equal(frame.pixels, shown(View(), request).pixels)


# ----------------------------------------------------------------------------
# What is seen.


def test_a_picture_taken_back_looks_like_the_upright_one():
    back = shown(View(untransform=True)).pixels.astype(int)
    upright = shown(View(), replace(BASE, transform=IDENTITY)).pixels.astype(int)
    middle = slice(24, 40)
    assert np.abs(back - upright)[middle, middle].max() <= 2
    assert tuple(back[0, 0]) in (OUTSIDE, HATCH)


def test_side_by_side_shows_both_with_a_gap():
    frame = shown(View(compare=Compare.SIDE))
    pixels, made = frame.pixels, shown(View()).pixels
    assert pixels.shape == (64, 64 + 1 + 64, 3)
    assert (pixels[:, 64] == GAP).all()
    valid = ~is_hatched(pixels[:, :64])
    np.testing.assert_array_equal(pixels[:, :64][valid], made[valid])
    assert np.abs(pixels[:, :64].astype(int) - pixels[:, 65:])[valid].max() <= 3
    assert frame.upright is None


def is_hatched(pixels: np.ndarray) -> np.ndarray:
    return (pixels == OUTSIDE).all(2) | (pixels == HATCH).all(2)


@pytest.mark.parametrize("compare", [Compare.BLINK, Compare.WIPE])
def test_blink_and_wipe_come_with_the_upright_picture(compare: Compare):
    frame, side = shown(View(compare=compare)), shown(View(compare=Compare.SIDE))
    np.testing.assert_array_equal(frame.pixels, side.pixels[:, :64])
    np.testing.assert_array_equal(frame.upright, side.pixels[:, 65:])


def test_a_difference_is_amplified_and_nothing_is_mid_gray():
    pair = Pair(torch.full((3, 4, 4), 0.501), torch.full((3, 4, 4), 0.5), None)
    view = View(compare=Compare.DIFFERENCE)
    assert (compared(pair, view)[0] == 128).all()
    assert (compared(pair, replace(view, difference_db=40.0))[0] == int(0.1 * 127.5 + 128)).all()
    below = pair._replace(upright=torch.full((3, 4, 4), 0.6))
    assert (compared(below, replace(view, gain_db=-20.0, difference_db=20.0))[0] == int(-0.099 * 127.5 + 128)).all()


def test_the_difference_of_one_channel_is_coloured():
    pair = Pair(torch.zeros(3, 4, 4), torch.zeros(3, 4, 4), None)
    pixels = compared(pair, View(show=Show.ONE, compare=Compare.DIFFERENCE, colours=Colours.GRAY))[0]
    assert (pixels == ZERO).all()


def test_both_are_normalised_by_what_is_shown_and_seen_in_the_same_principal_directions():
    random = torch.Generator().manual_seed(0)
    x = torch.randn(6, 8, 8, generator=random)
    pair = Pair(x, x / 2, None)
    side = View(compare=Compare.SIDE, normalize=True)
    pixels = compared(pair, side)[0].astype(int)
    np.testing.assert_allclose(pixels[:, 9:] - 128, (pixels[:, :8] - 128) / 2, atol=1)
    pixels = compared(Pair(x, x, None), replace(side, show=Show.PCA))[0]
    np.testing.assert_array_equal(pixels[:, :8], pixels[:, 9:])


def test_the_mask_can_be_left_off():
    pair = Pair(torch.zeros(3, HATCHING, HATCHING), None, torch.zeros(HATCHING, HATCHING, dtype=torch.bool))
    assert is_hatched(compared(pair, View(untransform=True))[0]).all()
    assert (compared(pair, View(untransform=True, mask=False))[0] == 128).all()


def test_a_network_without_a_transform_shows_its_picture_alone():
    network = stylegan2()
    plain = Renderer(network).render(replace(BASE, transform=IDENTITY))
    frame = Renderer(network).render(replace(BASE, view=View(compare=Compare.SIDE, untransform=True)))
    np.testing.assert_array_equal(frame.pixels, plain.pixels)


def test_a_layer_that_does_not_exist_gives_the_picture_compared_likewise():
    frame = shown(View(layer="b8:x", compare=Compare.SIDE))
    np.testing.assert_array_equal(frame.pixels, shown(View(compare=Compare.SIDE)).pixels)


# ----------------------------------------------------------------------------
# No more work than needed.


@pytest.mark.parametrize("layer", ["", "L2_52_6"])
def test_looking_at_a_comparison_in_another_way_runs_no_layer(layer: str):
    renderer, ran = Renderer(ROTATING), Ran()
    layer = layer and next(name for name in layers(BASE) if name.startswith("L2_"))
    view = View(layer=layer, compare=Compare.SIDE)
    shown(view, tap=ran, renderer=renderer)
    assert ran.names
    ran.names.clear()
    changes: tuple[dict[str, Any], ...] = (
        {"compare": Compare.DIFFERENCE}, {"compare": Compare.WIPE}, {"difference_db": 20.0}, {"mask": False},
        {"show": Show.ONE, "base": 1}, {"gain_db": 3.0}, {"untransform": True},
    )  # fmt: skip
    for change in changes:
        view = replace(view, **change)
        shown(view, tap=ran, renderer=renderer)
    assert ran.names == []


def test_moving_the_picture_does_not_make_the_upright_one_again():
    renderer, ran = Renderer(ROTATING), Ran()
    shown(View(compare=Compare.SIDE), tap=ran, renderer=renderer)
    twice = len(ran.names)
    ran.names.clear()
    shown(View(compare=Compare.SIDE), replace(BASE, transform=Placement(x=0.1).matrix), tap=ran, renderer=renderer)
    assert len(ran.names) == twice // 2


def test_a_layer_stops_the_upright_synthesis_too():
    ran = Ran()
    name = list(layers(BASE))[1]
    renderer = Renderer(ROTATING)
    shown(View(), renderer=renderer)  # so that the layers are known
    shown(View(), replace(BASE, transform=IDENTITY), renderer=renderer)
    shown(View(layer=name, compare=Compare.SIDE), renderer=renderer)
    shown(View(layer=name, compare=Compare.SIDE), replace(BASE, latent=SeedPoint(9)), tap=ran, renderer=renderer)
    assert ran.names == ["input", name] * 2


# ----------------------------------------------------------------------------
# Live scores.


def test_a_live_score_is_that_of_the_move_by_another_computation():
    placement = Placement(x=5 / 64, y=-3 / 64)
    request = replace(BASE, transform=placement.matrix)
    upright = layers(replace(request, transform=IDENTITY))["output"].double().numpy()
    made = layers(request)["output"].double().numpy()
    error = made[:, :-3, 5:] - upright[:, 3:, :-5]
    wanted = 10 * math.log10(4 / np.square(error).mean())
    assert Renderer(ROTATING).score(request, Metric.EQT) == pytest.approx(wanted, abs=0.05)
    assert Renderer(ROTATING).score(request, Metric.EQT_FRAC) == pytest.approx(wanted, abs=1)  # of fewer pixels


def test_upright_pictures_are_scored_by_an_example():
    move = Move.of(IDENTITY, 100)
    assert move == Move((10, -6), (10.0, -6.0), math.radians(30))
    assert Move.of(Placement(x=0.03).matrix, 100) == Move((3, 0), (3.0, 0.0), math.radians(30))
    score = Renderer(ROTATING).score(replace(BASE, transform=IDENTITY), Metric.EQR)
    assert score == Renderer(ROTATING).score(replace(BASE, transform=Placement(x=0.1, degrees=30).matrix), Metric.EQR)


def test_nothing_left_in_sight_is_no_score():
    assert math.isnan(Renderer(ROTATING).score(replace(BASE, transform=Placement(x=3).matrix), Metric.EQT))


def test_a_known_score_runs_no_layer_and_another_angle_not_the_upright_picture():
    renderer, ran = Renderer(ROTATING), Ran()
    first = renderer.score(BASE, Metric.EQR, ran)
    assert len(ran.names) == 2 * len(layers(BASE))
    ran.names.clear()
    looked = replace(BASE, view=View(gain_db=3.0))
    assert renderer.score(looked, Metric.EQR, ran) == first
    assert ran.names == []
    turned = replace(BASE, transform=replace(PLACED, degrees=50).matrix)
    assert renderer.score(turned, Metric.EQR, ran) != first
    assert len(ran.names) == len(layers(BASE))


def test_a_frame_with_scores_wanted_is_the_same_frame():
    plain, wanted = Renderer(ROTATING).render(BASE), Renderer(ROTATING).render(BASE, analysis=Analysis(scores=True))
    np.testing.assert_array_equal(plain.pixels, wanted.pixels)


def test_the_values_under_a_pointer_are_those_of_the_shown_channels():
    name = list(layers(BASE))[2]
    view = View(layer=name, show=Show.ONE, base=2, gain_db=12.0)
    frame = Renderer(ROTATING).render(replace(BASE, view=view), analysis=Analysis(values=True))
    assert frame.analysis is not None
    assert frame.analysis.values is not None
    np.testing.assert_allclose(frame.analysis.values, layers(BASE)[name][2:3].numpy(), rtol=1e-5, atol=1e-6)
