"""What the renderer relies on in StyleGAN1 and ProGAN: precision, noise, styles, levels of detail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from core.base.device import Stopwatch
from core.measure.averaging import average_spectrum
from core.render.blend_renderer import BlendRenderer
from core.render.renderer import Renderer
from core.request import (
    UNEDITED,
    Blend,
    Box,
    LayerEdit,
    Noise,
    NoiseMode,
    RenderRequest,
    SeedPoint,
    StyleEdit,
    Truncation,
    View,
)
from core.synthesis.activations import Activations
from core.synthesis.blending import misfits
from core.synthesis.generator import Generator, Styling, SynthesisInputs, synthesize
from core.synthesis.inputs import lod_of
from tests.core.every import GROWN, some_inputs
from tests.small import Opened, Ran, progan, stylegan1, stylegan2

CPU = torch.device("cpu")


@pytest.mark.parametrize("name", GROWN)
def test_less_precision_gives_nearly_the_same_picture(name: str) -> None:
    network = GROWN[name]()
    inputs = some_inputs(network)
    exact = synthesize(network, inputs)
    fast = synthesize(network, replace(inputs, fast=torch.bfloat16))
    assert fast.dtype == torch.float32
    assert 0 < (fast - exact).square().mean().sqrt() <= 0.03 * exact.std()
    assert torch.equal(synthesize(network, replace(inputs, fast=torch.bfloat16, force_fp32=True)), exact)


def test_the_noise_of_one_block_can_be_shared() -> None:
    network = stylegan1(shared_noise=True).generator
    inputs = some_inputs(network)
    odd_ones_changed = tuple(m if i % 2 == 0 else m + 1 for i, m in enumerate(inputs.noise_maps))
    assert torch.equal(synthesize(network, inputs), synthesize(network, replace(inputs, noise_maps=odd_ones_changed)))
    gains = (1.0,) * 7 + (0.0,)
    assert not torch.equal(synthesize(network, inputs), synthesize(network, replace(inputs, noise_gains=gains)))


def test_styles_are_scales_and_then_shifts() -> None:
    network = stylegan1().generator
    inputs = some_inputs(network)
    step = next(step for step in network.steps if step.name == "b16.conv1")
    assert step.affine is not None
    count = step.affine(inputs.ws[:, 0]).shape[1]
    assert count == 2 * step.shape[0]
    offset = torch.zeros(count)
    offset[step.shape[0] + 2] = 3.0  # the shift of channel 2
    seen: list[Tensor] = []

    def keep(name: str, x: Tensor) -> Tensor:
        if name == step.name:
            seen.append(x)
        return x

    for styles in ({}, {step.name: Styling(torch.ones(count), offset)}):
        synthesize(network, replace(inputs, styles=styles), on_layer=keep)
    assert torch.allclose(seen[1][:, 2] - seen[0][:, 2], torch.tensor(3.0), atol=1e-5)
    assert torch.equal(seen[1][:, 3:], seen[0][:, 3:])


# ----------------------------------------------------------------------------
# Levels of detail.


def ran(activations: Activations, network: Generator, inputs: SynthesisInputs) -> list[str]:
    seen = Ran()
    image, _ = activations.run(network, inputs, seen, Stopwatch(CPU))
    assert torch.equal(image, synthesize(network, inputs))
    return seen.names


@pytest.mark.parametrize("make", [stylegan1, progan])
def test_a_change_of_the_level_of_detail_runs_only_what_it_must(make: Callable[[], Opened]) -> None:
    network, activations = make().generator, Activations()
    inputs = some_inputs(network, batch=1)
    assert len(ran(activations, network, inputs)) == 8 + 2
    assert ran(activations, network, replace(inputs, lod=0.25)) == ["b16.torgb", "b32.torgb", "b32:img", "output"]
    assert ran(activations, network, replace(inputs, lod=0.75)) == ["b16.torgb", "b32.torgb", "b32:img", "output"]
    assert ran(activations, network, replace(inputs, lod=1.0)) == ["b16.torgb", "output"]
    assert ran(activations, network, replace(inputs, lod=1.5)) == ["b8.torgb", "b16.torgb", "b16:img", "output"]
    assert ran(activations, network, replace(inputs, lod=2.0)) == ["b8.torgb", "output"]
    finer = ["b16.conv0", "b16.conv1", "b8.torgb", "b16.torgb", "b16:img", "output"]
    assert ran(activations, network, replace(inputs, lod=1.9)) == finer
    assert ran(activations, network, replace(inputs, lod=1.9)) == []


def test_the_level_of_detail_is_within_what_the_network_has() -> None:
    info = stylegan1().info
    assert [lod_of(RenderRequest(lod=lod), info) for lod in (None, 0.0, 1.5, 9.0)] == [0.0, 0.0, 1.5, 2.0]
    grew = stylegan1(lod=1.25).info
    assert [lod_of(RenderRequest(lod=lod), grew) for lod in (None, 0.0)] == [1.25, 0.0]
    assert lod_of(RenderRequest(lod=2.0), stylegan2().info) == 0


def test_a_network_that_was_still_growing_is_shown_as_far_as_it_has_grown() -> None:
    network = stylegan1(lod=1.5)
    renderer = Renderer(network)
    own, chosen, full = (renderer.render(RenderRequest(lod=lod)).image for lod in (None, 1.5, 0.0))
    assert torch.equal(own, chosen)
    assert not torch.equal(own, full)
    measured = average_spectrum(network.generator, 1)
    assert torch.equal(measured.power, average_spectrum(stylegan1(lod=1.5).generator, 1).power)
    assert not torch.equal(measured.power, average_spectrum(stylegan1().generator, 1).power)


def test_frames_follow_the_level_of_detail_and_say_when_there_is_none() -> None:
    network = stylegan1()
    renderer = Renderer(network)
    full = renderer.render(RenderRequest())
    coarse = renderer.render(RenderRequest(lod=1.0))
    assert coarse.pixels.shape == full.pixels.shape
    assert (coarse.pixels == coarse.pixels[::2, ::2].repeat(2, 0).repeat(2, 1)).all()
    assert [layer.name for layer in coarse.layers][-2:] == ["b16.torgb", "output"]
    assert renderer.render(RenderRequest(lod=7.0)).notes == (
        "This network has no level of detail 7; its coarsest level of detail is 2.",
    )
    assert Renderer(stylegan2(16)).render(RenderRequest(lod=1.0)).notes == (
        "This network has no level of detail 1; it has only one.",
    )


def test_a_layer_that_is_looked_at_gives_way_to_the_picture_where_it_does_not_run() -> None:
    renderer = Renderer(stylegan1())
    for layer in ("b32.conv0", "b8.conv1"):
        view = View(layer)
        plain = renderer.render(RenderRequest(view=view))
        assert plain.image.shape[1] == (32 if layer == "b32.conv0" else 8)
        for lod in (0.5, 1.0, 2.0, 1.0, 0.0):
            frame = renderer.render(RenderRequest(view=view, lod=lod))
            names = [info.name for info in frame.layers]
            assert names == [info.name for info in Renderer(stylegan1()).render(RenderRequest(lod=lod)).layers]
            if layer in names:
                assert torch.equal(frame.image, plain.image)
                assert frame.notes == ()
            else:
                assert frame.image.shape == (3, 32, 32)
                assert frame.notes == (f"This network has no layer {layer}; the picture is shown.",)


def test_layers_that_do_not_run_have_no_influence() -> None:
    renderer = Renderer(stylegan1())
    renderer.render(RenderRequest())  # what it keeps must not be in the way of gradients
    box = Box(0, 0, 32, 32)
    for layer in ("b32.conv0", "b16.conv1", "b4.input"):
        assert renderer.influence(RenderRequest(), layer, box).max() > 0
    coarse = RenderRequest(lod=1.0)
    assert renderer.influence(coarse, "b32.conv0", box).max() == 0
    assert renderer.influence(coarse, "b32.conv0", box).shape == (2 * 8,)
    assert renderer.influence(coarse, "b16.conv1", box).max() > 0


# ----------------------------------------------------------------------------
# Everything else of a request.


def test_psi_means_nothing_without_an_average() -> None:
    renderer = Renderer(progan())
    plain = renderer.render(RenderRequest())
    for psi in (0.0, -1.0, 0.5):
        frame = renderer.render(RenderRequest(truncation=Truncation(psi)))
        assert (frame.pixels == plain.pixels).all()


def test_between_seeds_and_at_edited_layers_the_picture_changes() -> None:
    for network in (stylegan1(), progan()):
        renderer = Renderer(network)
        plain = renderer.render(RenderRequest()).image
        assert not torch.equal(renderer.render(RenderRequest(latent=SeedPoint(0.5))).image, plain)
    edit = StyleEdit("b32.conv1", 3, offset=4.0)
    assert not torch.equal(Renderer(stylegan1()).render(RenderRequest(styles=(edit,))).image,
                           Renderer(stylegan1()).render(RenderRequest()).image)  # fmt: skip


def test_noise_is_edited_in_layers_without_a_style_too() -> None:
    for network in (stylegan1(), stylegan1(use_styles=False, const_input=False)):
        renderer = Renderer(network)
        plain = renderer.render(RenderRequest()).image
        edited = renderer.render(RenderRequest(layers=(UNEDITED, LayerEdit(noise=0.0)))).image
        none = renderer.render(RenderRequest(layers=(LayerEdit(noise=0.0),) * 8)).image
        assert not torch.equal(edited, plain)
        assert torch.equal(none, renderer.render(RenderRequest(noise=Noise(NoiseMode.NONE))).image)


@pytest.mark.parametrize("features", [False, True])
@pytest.mark.parametrize("make", [stylegan1, progan])
def test_two_networks_can_be_blended_at_every_level_of_detail(make: Callable[..., Opened], features: bool) -> None:
    a, b = make(), make(seed=5)
    assert misfits(a.generator, b.generator) == {}
    mixture = BlendRenderer(a, {"b": b}.get)
    for lod in (None, 0.5, 1.0):
        request = RenderRequest(lod=lod)
        own = Renderer(a).render(request).image
        nothing = Blend("b", features=features)
        everything = Blend("b", (1.0,) * a.info.num_ws, 1.0, features)
        assert torch.equal(mixture.render(replace(request, blends=(nothing,))).image, own)
        other = mixture.render(replace(request, blends=(everything,))).image
        assert torch.allclose(other, Renderer(b).render(request).image, atol=1e-5)
        half = Blend("b", (0.5,) * a.info.num_ws, 0.5, features)
        mixed = mixture.render(replace(request, blends=(half,))).image
        assert not torch.equal(mixed, own)
        assert not torch.equal(mixed, other)


@pytest.mark.parametrize("lod", [None, 0.5, 1.0, 2.0])
def test_networks_of_two_resolutions_are_mixed_where_both_have_a_layer(lod: float | None) -> None:
    small, large = stylegan1(16), stylegan1(32, seed=5)
    for a, b in ((small, large), (large, small)):
        mixture = BlendRenderer(a, {"b": b}.get)
        request = RenderRequest(lod=lod, blends=(Blend("b", (1.0,) * 4, features=True),))
        frame = mixture.render(request)
        assert frame.notes == ()
        assert frame.image.shape[1] == a.info.height
        assert not torch.equal(frame.image, Renderer(a).render(replace(request, blends=())).image)
    assert misfits(large.generator, small.generator).keys() == {"b32.conv0", "b32.conv1", "b32.torgb"}
