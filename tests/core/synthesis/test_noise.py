"""Noise between seeds, moved, and stronger or weaker in single layers."""

from __future__ import annotations

import pytest
import torch

from core.base.errors import UsageError
from core.render.renderer import Renderer
from core.request import LayerEdit, Noise, NoiseMode, RenderRequest
from core.request.edits import with_edits
from core.synthesis.noise import draw_noise, noise_maps, shifted, slerp
from tests.small import stylegan2

CPU = torch.device("cpu")
NETWORK = stylegan2(32)
RANDOM = Noise(NoiseMode.RANDOM, 5)


def picture(noise: Noise, layers: tuple[LayerEdit, ...] = ()) -> torch.Tensor:
    return Renderer(NETWORK).render(RenderRequest(noise=noise, layers=layers)).image


def test_whole_seeds_are_the_maps_of_these_seeds():
    for got, expected in zip(
        noise_maps(NETWORK.generator, RANDOM, CPU), draw_noise(NETWORK.generator, 1, 5, CPU), strict=True
    ):
        assert torch.equal(got, expected)


def test_between_seeds_the_maps_change_smoothly_and_keep_their_variance():
    maps = [noise_maps(NETWORK.generator, Noise(NoiseMode.RANDOM, 5 + t / 8), CPU)[-1] for t in range(9)]
    steps = [float((a - b).norm()) for a, b in zip(maps[1:], maps[:-1], strict=True)]
    assert max(steps) < 1.2 * min(steps)
    assert all(0.9 < float(m.std()) < 1.1 for m in maps)
    assert torch.equal(maps[8], draw_noise(NETWORK.generator, 1, 6, CPU)[-1])


def test_interpolation_of_parallel_vectors_is_linear():
    a = torch.ones(1, 1, 4, 4)
    assert torch.equal(slerp(a, 2 * a, 0.5), 1.5 * a)
    assert torch.equal(slerp(a, -a, 0.25), 0.5 * a)


def test_a_shift_moves_a_map_around_its_edges():
    x = torch.randn(1, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    assert torch.equal(shifted(x, 0.25, 0), torch.roll(x, 2, 3))
    assert torch.equal(shifted(x, 0, -0.5), torch.roll(x, -4, 2))
    assert torch.equal(shifted(x, 1, 2), x)
    big = torch.randn(1, 1, 256, 256, generator=torch.Generator().manual_seed(0))
    assert 0.97 < float(shifted(big, 0.5 / 256, 0.25 / 256).std()) < 1.03


def test_stored_maps_can_be_shifted_too():
    still, moved = picture(Noise()), picture(Noise(shift=(0.5, 0)))
    assert (still - moved).abs().max() > 1e-3
    assert torch.equal(picture(Noise(shift=(1, 1))), still)


def test_without_strength_noise_is_as_none():
    for mode in (NoiseMode.CONST, NoiseMode.RANDOM):
        assert torch.equal(picture(Noise(mode, 5, strength=0)), picture(Noise(NoiseMode.NONE)))
    assert not torch.equal(picture(Noise(strength=2)), picture(Noise()))


def test_the_noise_of_one_layer_is_scaled_and_others_are_not():
    outputs: dict[float, dict[str, torch.Tensor]] = {}
    for gain in (1.0, 0.0, 3.0):
        seen = outputs[gain] = {}

        def tap(name: str, x: torch.Tensor, seen: dict[str, torch.Tensor] = seen) -> torch.Tensor:
            seen[name] = x.clone()
            return x

        layers = with_edits((), {3: {"noise": gain}})  # 16² conv0
        Renderer(NETWORK).render(RenderRequest(noise=RANDOM, layers=layers), tap)
    for gain in (0.0, 3.0):
        assert torch.equal(outputs[gain]["b8.conv1"], outputs[1]["b8.conv1"])
        assert not torch.equal(outputs[gain]["b16.conv0"], outputs[1]["b16.conv0"])
    difference = outputs[3.0]["b16.conv0"] - outputs[0.0]["b16.conv0"]
    linear = (outputs[3.0]["b16.conv0"] > 0) & (outputs[0.0]["b16.conv0"] > 0) & (outputs[1.0]["b16.conv0"] > 0)
    torch.testing.assert_close(difference[linear], 3 * (outputs[1.0]["b16.conv0"] - outputs[0.0]["b16.conv0"])[linear])


def test_a_muted_layer_has_its_learned_noise():
    assert torch.equal(picture(Noise(), with_edits((), {3: {"noise": 4.0, "muted": True}})), picture(Noise()))


def test_noise_of_a_late_layer_runs_only_what_comes_after_it():
    renderer = Renderer(NETWORK)
    renderer.render(RenderRequest(noise=RANDOM))
    ran: list[str] = []

    def tap(name: str, x: torch.Tensor) -> torch.Tensor:
        ran.append(name)
        return x

    layers = with_edits((), {NETWORK.info.num_ws - 2: {"noise": 2.0}})
    renderer.render(RenderRequest(noise=RANDOM, layers=layers), tap)
    assert ran[0] == "b32.conv1"


def test_noise_that_is_not_finite_is_refused():
    with pytest.raises(UsageError, match="not finite"):
        picture(Noise(NoiseMode.RANDOM, float("nan")))
