"""Edits of single channels in style space, and which channels act on a part of the picture."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from core.render.blend_renderer import BlendRenderer
from core.render.renderer import Renderer
from core.request import Blend, Box, RenderRequest, SeedPoint, StyleEdit
from core.request.edits import with_edits
from core.synthesis.generator import SynthesisInputs, synthesize
from core.synthesis.mapper import ws_of
from core.synthesis.style_space import StyleSpace, influence
from tests.small import Opened, stylegan2, stylegan3

CPU = torch.device("cpu")
MAKE: dict[str, tuple[Callable[..., Opened], str]] = {
    "conv": (stylegan2, "b16.conv0"),
    "to_rgb": (stylegan2, "b32.torgb"),
    "StyleGAN3": (stylegan3, ""),  # its fourth layer, whose name depends on the sizes
}
every_kind = pytest.mark.parametrize("kind", MAKE)


def made(kind: str) -> tuple[Opened, str]:
    make, name = MAKE[kind]
    network = make()
    return network, name or network.generator.steps[3].name


def image(network: Opened, *styles: StyleEdit, **parts: object) -> torch.Tensor:
    return Renderer(network).render(RenderRequest(latent=SeedPoint(3), styles=styles, **parts)).image  # type: ignore[arg-type]


@every_kind
def test_a_channel_that_is_scaled_to_nothing_is_as_if_its_weights_were_zero(kind: str):
    network, name = made(kind)
    got = image(network, StyleEdit(name, 2, scale=0.0))
    step = next(step for step in network.generator.steps if step.name == name)
    weight = network.generator.tensors()[f"{step.tensors[0]}affine.weight"]
    bias = network.generator.tensors()[f"{step.tensors[0]}affine.bias"]
    weight[2], bias[2] = 0, 0
    torch.testing.assert_close(got, image(network), rtol=0, atol=1e-6 * float(got.abs().max()))


@every_kind
def test_an_offset_is_in_standard_deviations_of_its_channel(kind: str):
    network, name = made(kind)
    step = next(step for step in network.generator.steps if step.name == name)
    spread = StyleSpace(network.generator, CPU).spread(step)
    request = RenderRequest(latent=SeedPoint(3))
    expected = image(network, StyleEdit(name, 1, offset=2.0))
    bias = network.generator.tensors()[f"{step.tensors[0]}affine.bias"]
    bias[1] += 2 * spread.std[1]
    torch.testing.assert_close(image(network), expected, rtol=0, atol=1e-5 * float(expected.abs().max()))
    assert request.styles == ()


def test_an_edit_runs_its_layer_and_those_after_it():
    network = stylegan2()
    renderer, ran = Renderer(network), []
    renderer.render(RenderRequest())

    def tap(name: str, x: torch.Tensor) -> torch.Tensor:
        ran.append(name)
        return x

    renderer.render(RenderRequest(styles=(StyleEdit("b32.conv0", 0, 1.0),)), tap)
    assert ran[0] == "b32.conv0"
    ran.clear()
    renderer.render(RenderRequest(styles=(StyleEdit("b32.conv0", 0, 1.0), StyleEdit("b32.torgb", 0, 1.0))), tap)
    assert ran[0] == "b32.torgb"


def test_edits_of_layers_and_channels_that_there_are_not_do_nothing():
    network = stylegan2()
    edits = (StyleEdit("b512.conv0", 0, 3.0), StyleEdit("b8.conv0", 9999, 3.0))
    assert torch.equal(image(network, *edits), image(network))


def test_a_muted_layer_keeps_its_styles():
    network = stylegan2()
    muted = with_edits((), {3: {"muted": True}})
    assert torch.equal(image(network, StyleEdit("b16.conv0", 0, 3.0), layers=muted), image(network))


def test_styles_of_blended_networks_are_edited_too():
    a, b = stylegan2(seed=0), stylegan2(seed=5)
    edits = (StyleEdit("b16.conv0", 0, 3.0),)
    whole = (Blend("b", (1.0,) * 8, 1.0),)
    renderer = BlendRenderer(a, {"b": b}.get)
    renderer.render(RenderRequest(latent=SeedPoint(3), styles=edits))
    got = renderer.render(RenderRequest(latent=SeedPoint(3), styles=edits, blends=whole)).image
    torch.testing.assert_close(got, image(b, *edits), rtol=0, atol=1e-4 * float(got.abs().max()))


@every_kind
def test_the_influence_of_a_channel_is_what_a_small_change_of_it_does(kind: str):
    network, name = made(kind)
    step = next(step for step in network.generator.steps if step.name == name)
    request = RenderRequest(latent=SeedPoint(3))
    inputs = SynthesisInputs(ws_of(network.generator, network.info, request, CPU))
    box = Box(4, 8, 12, 20)
    found = influence(network.generator, inputs, step, box)
    spread = StyleSpace(network.generator, CPU).spread(step)
    renderer = Renderer(network)
    renderer.render(request)
    scaled = renderer.influence(request, name, box)
    torch.testing.assert_close(torch.from_numpy(scaled), found * spread.std)
    for channel in (0, 3):
        colours = []
        for sign in (-1, 1):
            tiny = sign * 1e-2 / float(spread.std[channel])
            picture = image(network, StyleEdit(name, channel, offset=tiny))
            colours.append(picture[:, 8:20, 4:12].mean((1, 2)))
        slope = (colours[1] - colours[0]).norm() / 2e-2
        assert float(found[channel]) == pytest.approx(float(slope), rel=0.03, abs=1e-4)
    assert torch.equal(image(network), synthesize(network.generator, inputs)[0])
