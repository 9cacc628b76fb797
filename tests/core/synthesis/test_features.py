"""Networks mixed by what their layers make, against two plain runs, one of which listens to the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from core.base.device import Stopwatch
from core.base.errors import UsageError
from core.render.blend_renderer import BlendRenderer, write_blend
from core.render.renderer import Renderer
from core.request import Blend, LayerEdit, Noise, NoiseMode, RenderRequest, SeedPoint, StyleEdit, WVector
from core.synthesis.blending import Blended
from core.synthesis.features import feature_misfits, mixed
from core.synthesis.generator import SynthesisInputs, synthesize
from core.synthesis.mapper import ws_of
from core.synthesis.synthesis import Synthesis
from tests.small import Opened, Ran, stylegan2, stylegan3

MAKE: dict[str, Callable[..., Opened]] = {
    "skip": stylegan2,
    "resnet": lambda **options: stylegan2(architecture="resnet", **options),
    "StyleGAN3": stylegan3,
}
every_kind = pytest.mark.parametrize("kind", MAKE)
REQUEST = RenderRequest(latent=SeedPoint(3))


def picture(a: Opened, b: Opened, weights: tuple[float, ...], request: RenderRequest = REQUEST) -> Tensor:
    request = replace(request, blends=(Blend("b", weights, features=True),))
    return BlendRenderer(a, {"b": b}.get).render(request).image


def alone(network: Opened, request: RenderRequest = REQUEST) -> Tensor:
    return Renderer(network).render(request).image


@every_kind
def test_no_part_is_the_one_network_and_all_of_it_the_other_to_the_bit(kind: str):
    a, b = MAKE[kind](seed=0), MAKE[kind](seed=5)
    assert torch.equal(picture(a, b, ()), alone(a))
    assert torch.equal(picture(a, b, (1.0,) * a.info.num_ws), alone(b))
    assert not torch.equal(alone(a), alone(b))


@every_kind
def test_a_layer_takes_its_part_of_what_the_other_network_makes_there(kind: str):
    a, b = MAKE[kind](seed=0), MAKE[kind](seed=5, z_dim=24, mapping_layers=3)
    made: dict[str, Tensor] = {}

    def keep(name: str, x: Tensor) -> Tensor:
        made[name] = x
        return x

    cpu = torch.device("cpu")
    synthesize(b.generator, SynthesisInputs(ws_of(b.generator, b.info, REQUEST, cpu)), on_layer=keep)
    step = a.generator.steps[2]

    def listen(name: str, x: Tensor) -> Tensor:
        return torch.lerp(x, made[name], 0.3) if name in (step.name, step.name.replace("conv0", "skip")) else x

    ws = ws_of(a.generator, a.info, REQUEST, cpu)
    wanted = synthesize(a.generator, SynthesisInputs(ws), on_layer=listen)
    rows = [other.row for other in a.generator.steps]
    assert rows.count(step.row) == 1
    weights = tuple(0.3 if entry == step.row else 0.0 for entry in range(a.info.num_ws))
    torch.testing.assert_close(picture(a, b, weights)[None], wanted, rtol=0, atol=1e-6)


@every_kind
def test_one_weight_runs_its_layer_and_those_after_it_in_both(kind: str):
    a, b = MAKE[kind](seed=0), MAKE[kind](seed=5)
    count = a.info.num_ws
    renderer = BlendRenderer(a, {"b": b}.get)
    blended = replace(REQUEST, blends=(Blend("b", (0.5,) * count, features=True),))
    renderer.render(blended)
    ran = Ran()
    changed = replace(blended, blends=(Blend("b", (*(0.5,) * (count - 2), 0.75, 0.5), features=True),))
    got = renderer.render(changed, ran)
    first = next(step.name for step in a.generator.steps if step.row == count - 2)
    assert ran.names[0] in (first, first.replace("conv0", "skip"))
    assert torch.equal(got.image, BlendRenderer(a, {"b": b}.get).render(changed).image)


def test_the_other_network_runs_no_further_than_it_is_heard():
    a, b = stylegan2(seed=0), stylegan2(seed=5)
    blended = Blended(a.generator, [b.generator])
    blended.blend(replace(REQUEST, blends=(Blend("b", (0.0, 0.5), features=True),)))
    assert [bool(step.others) for step in blended.steps] == [True] * 3 + [False] * (len(blended.steps) - 3)
    blended.blend(replace(REQUEST, blends=(Blend("b", (0.0,) * 8, features=True),)))
    assert not any(step.others for step in blended.steps)


def test_weights_come_and_go_with_the_same_picture_as_from_the_start():
    a, b, c = (stylegan2(seed=seed) for seed in (0, 5, 7))
    renderer = BlendRenderer(a, {"b": b, "c": c}.get)
    some = Blend("b", (0.5, 0.0, 0.25), features=True)
    for blends in (
        (some,),
        (replace(some, features=False),),
        (replace(some, weights=(0.5, 0.0, 0.25, 0.0, 1.0)), Blend("c", (0.0, 0.9, 0.9), 0.4)),
        (replace(some, weights=(0.5,)), Blend("c", (0.75, 0.9), features=True)),
        (),
        (Blend("b", (1.0,) * 8, features=True),),
    ):
        request = replace(REQUEST, blends=blends)
        fresh = BlendRenderer(a, {"b": b, "c": c}.get).render(request)
        assert torch.equal(renderer.render(request).image, fresh.image)


def test_edits_are_heard_by_the_network_that_they_mean_something_in():
    a, b = stylegan2(seed=0), stylegan2(seed=5)
    whole = (1.0,) * 8
    heard = replace(REQUEST, layers=(LayerEdit(psi=0.3, noise=0.5),), noise=Noise(NoiseMode.RANDOM, 4))
    assert torch.equal(picture(a, b, whole, heard), alone(b, heard))
    unheard = replace(heard, layers=(LayerEdit(0.3, 0.5, w=(1.0,) * 16),), styles=(StyleEdit("b8.conv0", 1, 2.0),))
    assert torch.equal(picture(a, b, whole, unheard), alone(b, heard))
    muted = replace(REQUEST, layers=(LayerEdit(muted=True),))
    assert not torch.equal(picture(a, b, (1.0,), REQUEST), alone(a))
    assert torch.equal(picture(a, b, (1.0,), muted), alone(a))


def test_a_layer_that_is_looked_at_is_the_mixed_one_and_the_transform_moves_both():
    a, b = stylegan3(seed=0), stylegan3(seed=5)
    name = a.generator.steps[2].name
    moved = replace(REQUEST, transform=(1.0, 0.0, 0.2, 0.0, 1.0, 0.0), view=replace(REQUEST.view, layer=name))
    assert torch.equal(picture(a, b, (1.0,) * a.info.num_ws, moved), alone(b, moved))
    assert not torch.equal(alone(b, moved), alone(b, replace(moved, transform=REQUEST.transform)))


def test_layers_of_another_shape_are_named():
    a = stylegan2(32)
    assert feature_misfits(a.generator, stylegan2(32, seed=5, z_dim=24, w_dim=24).generator) == {}
    wide = feature_misfits(a.generator, stylegan2(32, seed=5, channel_base=300).generator)
    assert "b4.conv1" not in wide
    assert wide["b32.conv0"] == "its features are [9, 32, 32], not [8, 32, 32]"
    assert feature_misfits(stylegan2(64).generator, a.generator)["b64.conv0"] == "it has fewer layers"
    assert "it is a StyleGAN3 network (config T)" in feature_misfits(a.generator, stylegan3().generator).values()
    assert torch.equal(picture(a, stylegan3(), (1.0,) * 8), alone(a))


def test_three_networks_are_heard_by_their_parts():
    x, y, z = (torch.randn(1, 2, 3, 3, generator=torch.Generator().manual_seed(seed)) for seed in range(3))
    torch.testing.assert_close(mixed(x, [(0.25, y), (0.5, z)]), 0.25 * x + 0.25 * y + 0.5 * z)
    torch.testing.assert_close(mixed(x, [(1.0, y), (1.0, z)]), 0.5 * y + 0.5 * z)
    assert mixed(x, [(1.0, y)]) is y
    assert mixed(x, []) is x


def test_a_latent_that_the_other_network_cannot_take_is_told_with_its_name():
    a, b = stylegan2(seed=0), stylegan2(seed=5, w_dim=24)
    with pytest.raises(UsageError, match=r"^b cannot be mixed in with this picture\. .*16"):
        picture(a, b, (1.0,), replace(REQUEST, latent=WVector(((0.5,) * 16,))))


def test_no_file_can_hold_a_network_mixed_by_its_features(tmp_path):
    a, b = stylegan2(seed=0), stylegan2(seed=5)
    request = replace(REQUEST, blends=(Blend("b", (1.0,), features=True),))
    with pytest.raises(UsageError, match="b is mixed by its features"):
        write_blend(a, {"b": b}.get, request, tmp_path / "x.safetensors")


def test_steps_with_companions_run_anew_when_a_companion_begins_or_ends():
    a, b = stylegan2(seed=0), stylegan2(seed=5)
    blended = Blended(a.generator, [b.generator])
    synthesis = Synthesis(blended)
    ws = ws_of(a.generator, a.info, REQUEST, torch.device("cpu"))
    for weights in ((0.5,), (0.5, 0.0, 0.0, 0.5), (0.0, 0.0, 0.5)):
        made = dict(blended.blend(replace(REQUEST, blends=(Blend("b", weights, features=True),))))
        inputs = SynthesisInputs(ws, cache_key=made, others=(SynthesisInputs(ws),))
        image, _ = synthesis.run(inputs, weights, lambda name, x: x, Stopwatch(torch.device("cpu")))
        assert torch.equal(image, synthesize(blended, inputs))
