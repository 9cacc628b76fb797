"""Networks blended layer by layer, against a plain blend of their dictionaries."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from core.base.errors import UsageError
from core.opening.network import open_network
from core.render.blend_renderer import BlendRenderer, write_blend
from core.render.renderer import Renderer
from core.request import Blend, LayerEdit, RenderRequest, SeedPoint
from core.synthesis.blending import MAPPING, Blended, misfits, mix_tensors
from tests.small import Opened, stylegan2, stylegan3

MAKE: dict[str, Callable[..., Opened]] = {
    "skip": stylegan2,
    "resnet": lambda **options: stylegan2(architecture="resnet", **options),
    "StyleGAN3": stylegan3,
}
every_kind = pytest.mark.parametrize("kind", MAKE)


def pictures(a: Opened, b: Opened, blend: Blend, **parts: object) -> torch.Tensor:
    request = replace(RenderRequest(latent=SeedPoint(3)), blends=(replace(blend, network="b"),), **parts)  # type: ignore[arg-type]
    return BlendRenderer(a, {"b": b}.get).render(request).image


def plain(network: Opened) -> torch.Tensor:
    return Renderer(network).render(RenderRequest(latent=SeedPoint(3))).image


@every_kind
def test_the_steps_read_every_tensor_of_the_synthesis_once(kind: str):
    generator = MAKE[kind]().generator
    names = [name for name in generator.tensors() if not name.startswith(MAPPING)]
    readers = {name: [step.name for step in generator.steps if name.startswith(step.tensors)] for name in names}
    unread = {name for name, steps in readers.items() if not steps}
    assert all(len(steps) <= 1 for steps in readers.values())
    assert all(name.endswith("resample_filter") for name in unread)  # of blocks that add up no picture


@every_kind
def test_no_part_is_the_one_network_and_all_of_it_the_other_to_the_bit(kind: str):
    a, b = MAKE[kind](seed=0), MAKE[kind](seed=5)
    everywhere = (1.0,) * a.info.num_ws
    assert torch.equal(pictures(a, b, Blend()), plain(a))
    assert torch.equal(pictures(a, b, Blend(weights=everywhere, mapping=1.0)), plain(b))
    assert not torch.equal(plain(a), plain(b))


@every_kind
def test_a_blend_is_that_of_the_dictionaries(kind: str):
    a, b = MAKE[kind](seed=0), MAKE[kind](seed=5)
    weights = tuple(round(1 / (1 + math.exp(2 - i)), 3) for i in range(a.info.num_ws))
    expected = copy.deepcopy(a.generator)
    tensors, theirs = expected.tensors(), b.generator.tensors()
    for name, tensor in tensors.items():
        part = 0.3 if name.startswith(MAPPING) else 0.0
        for step in a.generator.steps:
            part = weights[step.row] if name.startswith(step.tensors) else part
        tensor.copy_((1 - part) * tensor + part * theirs[name])
    wanted = plain(Opened(expected, a.info))
    got = pictures(a, b, Blend(weights=weights, mapping=0.3))
    torch.testing.assert_close(got, wanted, rtol=0, atol=2e-5 * float(wanted.abs().max()))


def test_a_to_rgb_goes_with_the_layer_before_it():
    rows = {step.name: step.row for step in stylegan2().generator.steps}
    assert rows["b8.conv0"] == 1
    assert rows["b8.conv1"] == rows["b8.torgb"] == 2
    assert rows["b32.torgb"] == 7  # the last one by itself


def test_three_networks_share_a_layer():
    a, b, c = (torch.randn(50, generator=torch.Generator().manual_seed(seed)) for seed in range(3))
    out = torch.empty(50)
    mix_tensors(out, a, [b, c], [0.25, 0.5])
    torch.testing.assert_close(out, 0.25 * a + 0.25 * b + 0.5 * c)
    mix_tensors(out, a, [b, c], [0.0, 1.0])
    assert torch.equal(out, c)


def test_one_weight_mixes_and_runs_its_layer_and_those_after_it():
    a, b = stylegan2(seed=0), stylegan2(seed=5)
    renderer = BlendRenderer(a, {"b": b}.get)
    request = RenderRequest(blends=(Blend("b", (0.5,) * 8),))
    renderer.render(request)
    ran: list[str] = []

    def tap(name: str, x: torch.Tensor) -> torch.Tensor:
        ran.append(name)
        return x

    weights = (*(0.5,) * 6, 0.75, 0.5)
    got = renderer.render(replace(request, blends=(Blend("b", weights),)), tap)
    assert ran[0] == "b32.conv1"
    again = BlendRenderer(a, {"b": b}.get).render(RenderRequest(blends=(Blend("b", weights),)))
    assert torch.equal(got.image, again.image)


def test_a_muted_layer_stays_as_it_is():
    a, b = stylegan2(seed=0), stylegan2(seed=5)
    muted = (LayerEdit(),) * 7 + (LayerEdit(muted=True),)
    assert torch.equal(pictures(a, b, Blend(weights=(0.0,) * 7 + (1.0,)), layers=muted), plain(a))


def test_a_network_that_is_not_open_is_told_and_left_out():
    a = stylegan2()
    request = RenderRequest(latent=SeedPoint(3), blends=(Blend("gone.pkl", (1.0,)), Blend("unused.pkl")))
    frame = BlendRenderer(a, lambda name: None).render(request)
    assert torch.equal(frame.image, plain(a))
    assert frame.notes == ("gone.pkl is not open; the picture is made without it.",)
    assert frame.request == request


def test_layers_that_do_not_fit_are_named_and_the_others_are_blended():
    a, bigger = stylegan2(32), stylegan2(64, seed=5)
    found = misfits(a.generator, bigger.generator)
    assert not any(name.startswith(("b4", "b8", "mapping")) for name in found)
    wide = stylegan2(32, seed=5, channel_base=300)
    assert "not" in misfits(a.generator, wide.generator)["b32.conv0"]
    blended = pictures(a, wide, Blend(weights=(1.0,) * 8))
    assert blended.shape == plain(a).shape
    assert not torch.equal(blended, plain(a))  # the first layers are as wide in both
    assert "it has no" in misfits(a.generator, stylegan3().generator)["b4.conv1"]


def test_a_network_of_another_kind_changes_nothing():
    a, other = stylegan2(), stylegan3()
    assert misfits(a.generator, other.generator).keys() >= {step.name for step in a.generator.steps}
    assert torch.equal(pictures(a, other, Blend(weights=(1.0,) * 8)), plain(a))


def test_a_blended_network_is_written_and_opened_again(tmp_path):
    a, b = stylegan2(seed=0), stylegan2(seed=5)
    request = RenderRequest(latent=SeedPoint(3), blends=(Blend("b", (0.0, 0.25, 1.0, 0.5), 0.5),))
    write_blend(a, {"b": b}.get, request, tmp_path / "x.safetensors")
    opened = open_network(str(tmp_path / "x.safetensors"))
    again = Renderer(opened).render(RenderRequest(latent=SeedPoint(3))).image
    assert torch.equal(again, BlendRenderer(a, {"b": b}.get).render(request).image)
    with pytest.raises(UsageError, match="b is not open"):
        write_blend(a, lambda name: None, request, tmp_path / "y.safetensors")


def test_blended_layers_are_mixed_only_when_their_parts_change():
    a, b = stylegan2(seed=0), stylegan2(seed=5)
    blended = Blended(a.generator, [b.generator])
    first = blended.blend(RenderRequest(blends=(Blend("b", (0.5,)),)))
    versions = {name: tensor._version for name, tensor in blended.tensors().items()}
    second = blended.blend(RenderRequest(blends=(Blend("b", (0.5, 0.25)),)))
    changed = {name for name, tensor in blended.tensors().items() if tensor._version != versions[name]}
    assert changed
    assert all(name.startswith("synthesis.b8.conv0.") for name in changed)
    assert {name for name in second if second[name] != first.get(name)} == {"b8.conv0"}
