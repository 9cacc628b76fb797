"""Layers in place of the picture: the same values, and no more work than needed."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core.display.analysis import Analysis, SpectrumOptions
from core.display.images import look
from core.networks.stylegan2 import StyleGan2
from core.render.renderer import Renderer
from core.request import Colours, Noise, NoiseMode, RenderRequest, SeedPoint, Show, Truncation, View
from core.synthesis.generator import SynthesisInputs, synthesize
from core.synthesis.mapper import ws_of
from tests.small import Opened, Ran, stylegan2, stylegan3

BASE = RenderRequest(latent=SeedPoint(3.25, 1.5))
FAMILIES = {
    "skip": stylegan2(),
    "resnet": stylegan2(architecture="resnet"),
    "orig": stylegan2(architecture="orig"),
    "StyleGAN3": stylegan3(),
}
# What shows another part of the same layer.
ANOTHER_LOOK: dict[str, dict[str, Any]] = {
    "channel": {"base": 3},
    "one channel": {"show": Show.ONE},
    "principal channels": {"show": Show.PCA},
    "normalised": {"normalize": True},
    "gain": {"gain_db": 6.0},
    "signed": {"show": Show.ONE, "colours": Colours.SIGNED},
}


@pytest.fixture(params=FAMILIES)
def network(request: pytest.FixtureRequest) -> Opened:
    return FAMILIES[request.param]


def outputs(network: Opened, request: RenderRequest) -> dict[str, Tensor]:
    """Of all layers, by one plain run."""
    found: dict[str, Tensor] = {}

    def tap(name: str, x: Tensor) -> Tensor:
        found[name] = x.clone()
        return x

    ws = ws_of(network.generator, network.info, request, torch.device("cpu"))
    with torch.inference_mode():
        synthesize(network.generator, SynthesisInputs(ws, transform=request.transform), on_layer=tap)
    return found


def of(layer: str, **view: Any) -> RenderRequest:
    return replace(BASE, view=View(layer, **view))


# ----------------------------------------------------------------------------
# What is shown.


def test_every_layer_is_shown_as_it_was(network: Opened):
    renderer = Renderer(network)
    for name, x in outputs(network, BASE).items():
        frame = renderer.render(of(name))
        torch.testing.assert_close(frame.image, x[0], rtol=0, atol=0)
        np.testing.assert_array_equal(frame.pixels, look(x[0], View(name))[0])
        assert frame.pixels.shape == (*x.shape[2:], 3)


def test_layers_and_the_picture_may_follow_each_other_in_any_order(network: Opened):
    renderer, names = Renderer(network), list(outputs(network, BASE))
    requests = [BASE, *map(of, names), *map(of, reversed(names)), BASE]
    moved = replace(BASE, latent=SeedPoint(4.0))
    for request in (*requests, *(replace(moved, view=request.view) for request in requests)):
        expected = Renderer(network).render(request)
        frame = renderer.render(request)
        assert torch.equal(frame.image, expected.image), request.view
        assert [layer.name for layer in frame.layers] == [layer.name for layer in expected.layers]


def test_all_layers_are_listed_from_the_first_layer_on(network: Opened):
    names = list(outputs(network, BASE))
    assert [layer.name for layer in Renderer(network).render(of(names[0])).layers] == names


def test_a_layer_that_does_not_exist_gives_way_to_the_picture_with_a_note(network: Opened):
    frame = Renderer(network).render(of("b9999.conv7", show=Show.ONE))
    np.testing.assert_array_equal(frame.pixels, Renderer(network).render(BASE).pixels)
    assert frame.notes == ("This network has no layer b9999.conv7; the picture is shown.",)


def test_a_layer_with_holes_is_shown_and_counted():
    network = stylegan2()
    assert isinstance(network.generator, StyleGan2)
    network.generator.state_dict()["synthesis.b16.conv0.bias"][2] = math.nan
    frame = Renderer(network).render(of("b16.conv0", show=Show.ONE, base=2), analysis=Analysis(statistics=True))
    assert frame.analysis is not None
    assert frame.analysis.statistics is not None
    all_channels, shown = frame.analysis.statistics
    assert (all_channels.nan, shown.nan) == (256, 256)
    assert (frame.pixels == (255, 0, 255)).all()


# ----------------------------------------------------------------------------
# What it costs.


@pytest.mark.parametrize("change", ANOTHER_LOOK)
def test_looking_at_a_layer_in_another_way_runs_nothing(network: Opened, change: str):
    renderer, name = Renderer(network), list(outputs(network, BASE))[2]
    renderer.render(of(name))
    ran = Ran()
    renderer.render(of(name, **ANOTHER_LOOK[change]), ran)
    assert ran.names == []


@pytest.mark.parametrize(
    "wanted", [Analysis(statistics=True), Analysis(mosaic=56), Analysis(spectrum=SpectrumOptions())]
)
def test_measuring_what_is_shown_runs_nothing(network: Opened, wanted: Analysis):
    renderer, name = Renderer(network), list(outputs(network, BASE))[2]
    for request in (of(name), BASE):
        renderer.render(request)
        ran = Ran()
        renderer.render(request, ran, wanted)
        assert ran.names == []


def test_the_synthesis_stops_at_the_layer(network: Opened):
    renderer, names = Renderer(network), list(outputs(network, BASE))
    renderer.render(BASE)
    for i in (0, 3):
        ran = Ran()
        renderer.render(replace(of(names[i]), latent=SeedPoint(5.0 + i)), ran)
        assert ran.names == names[: i + 1]


def test_the_picture_goes_on_where_a_layer_stopped():
    renderer, names = Renderer(FAMILIES["skip"]), list(outputs(FAMILIES["skip"], BASE))
    renderer.render(replace(of("b16.torgb"), latent=SeedPoint(5.0)))
    renderer.render(replace(of("b16.torgb"), latent=SeedPoint(6.0)))
    ran = Ran()
    renderer.render(replace(BASE, latent=SeedPoint(6.0)), ran)
    assert ran.names == names[names.index("b16.torgb") :]


# ----------------------------------------------------------------------------
# What is measured.


def magnitudes_of(renderer: Renderer, request: RenderRequest) -> dict[str, float]:
    result = renderer.render(request, analysis=Analysis(magnitudes=True)).analysis
    assert result is not None
    return dict(result.magnitudes)


def test_magnitudes_are_right_whatever_ran_before(network: Opened):
    renderer, names = Renderer(network), list(outputs(network, BASE))
    fine = replace(BASE, truncation=Truncation(0.5))
    for request in (BASE, fine, of(names[2]), BASE, replace(fine, noise=Noise(NoiseMode.NONE))):
        found = magnitudes_of(renderer, request)
        expected = magnitudes_of(Renderer(network), request)
        assert found == expected
        renderer.render(replace(request, latent=SeedPoint(9.0)))  # without measuring


def test_magnitudes_are_the_root_mean_square_of_each_layer():
    network = FAMILIES["skip"]
    for name, value in magnitudes_of(Renderer(network), BASE).items():
        assert value == pytest.approx(float(outputs(network, BASE)[name].square().mean().sqrt()), rel=1e-5)


def test_what_is_not_wanted_is_not_there(network: Opened):
    assert Renderer(network).render(BASE).analysis is None
    result = Renderer(network).render(BASE, analysis=Analysis(mosaic=8)).analysis
    assert result is not None
    assert (result.statistics, result.spectrum, result.magnitudes) == (None, None, ())
    assert result.mosaic is not None
    assert result.mosaic.levels.shape == (3, 8, 8)
