"""Resuming: bit-identical to a whole run after any change, and no more is run than has to be."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core.base.device import Stopwatch
from core.base.errors import Cancelled
from core.display.frame import Frame
from core.render.renderer import Renderer
from core.request import Noise, NoiseMode, RenderRequest, SeedPoint, Truncation
from core.synthesis.activations import Activations
from core.synthesis.generator import SynthesisInputs, no_tap
from core.synthesis.noise import draw_noise
from tests.small import Opened, mixed, stylegan2, stylegan3

BASE = RenderRequest(latent=SeedPoint(3.25, 1.5))
CPU = torch.device("cpu")
FAMILIES = {
    "skip": stylegan2(),
    "resnet": stylegan2(architecture="resnet"),
    "orig": stylegan2(architecture="orig"),
    "StyleGAN3": stylegan3(),
    "conditional": stylegan2(c_dim=3),
}
ROTATED = (0.8, -0.6, 0.1, 0.6, 0.8, -0.05)

# A change of the base request, and the first layer of a skip network that it makes run again.
CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "seed": ({"latent": SeedPoint(4)}, "b4.conv1"),
    "fine mixing": ({"sources": mixed(9, frozenset({6, 7}))}, "b32.conv1"),
    "coarse mixing": ({"sources": mixed(9, frozenset({0}))}, "b4.conv1"),
    "unused mixing": ({"sources": mixed(9, frozenset({50}))}, ""),
    "mixing seed alone": ({"sources": mixed(9)}, ""),
    "psi": ({"truncation": Truncation(0.5)}, "b4.conv1"),
    "cutoff alone": ({"truncation": Truncation(1.0, 2)}, ""),
    "noise seed of stored noise": ({"noise": Noise(NoiseMode.CONST, 5)}, ""),
    "random noise": ({"noise": Noise(NoiseMode.RANDOM, 5)}, "b4.conv1"),
    "no noise": ({"noise": Noise(NoiseMode.NONE)}, "b4.conv1"),
}


class Ran:
    """A tap that lists the layers that ran, and stops after the chosen one."""

    def __init__(self, stop_at: str = "") -> None:
        self.names: list[str] = []
        self.stop_at = stop_at

    def __call__(self, name: str, x: Tensor) -> Tensor:
        self.names.append(name)
        if name == self.stop_at:
            raise Cancelled
        return x


def fresh(network: Opened, request: RenderRequest) -> Frame:
    return Renderer(network).render(request)


def assert_same(frame: Frame, expected: Frame) -> None:
    assert torch.equal(frame.image, expected.image)
    np.testing.assert_array_equal(frame.pixels, expected.pixels)
    assert [(layer.name, layer.shape) for layer in frame.layers] == [(x.name, x.shape) for x in expected.layers]


@pytest.fixture(params=FAMILIES)
def network(request: pytest.FixtureRequest) -> Opened:
    return FAMILIES[request.param]


# ----------------------------------------------------------------------------
# The same result.


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_gives_the_picture_of_a_whole_run_to_the_bit(network: Opened, change: str):
    renderer, changed = Renderer(network), replace(BASE, **CHANGES[change][0])
    before = renderer.render(BASE)
    assert_same(renderer.render(changed), fresh(network, changed))
    assert_same(renderer.render(BASE), before)


def test_a_transform_gives_the_picture_of_a_whole_run_to_the_bit():
    network, changed = FAMILIES["StyleGAN3"], replace(BASE, transform=ROTATED)
    renderer = Renderer(network)
    before = renderer.render(BASE)
    frame = renderer.render(changed)
    assert not torch.equal(frame.image, before.image)
    assert_same(frame, fresh(network, changed))
    assert_same(renderer.render(BASE), before)


def test_a_class_gives_the_picture_of_a_whole_run_to_the_bit():
    network, changed = FAMILIES["conditional"], replace(BASE, label=2)
    renderer = Renderer(network)
    renderer.render(BASE)
    assert_same(renderer.render(changed), fresh(network, changed))


def test_many_changes_in_a_row_never_go_astray(network: Opened):
    renderer = Renderer(network)
    request = BASE
    for step, change in enumerate([*CHANGES.values(), *reversed(CHANGES.values())]):
        request = replace(request, **change[0])
        if step % 3 == 0:
            request = replace(request, latent=SeedPoint(step))
        assert_same(renderer.render(request), fresh(network, request))


@pytest.mark.parametrize("budget", [0, 2_000, 10_000, 60_000])
def test_a_budget_too_small_for_all_layers_changes_no_picture(network: Opened, budget: int):
    kept, inputs = Activations(budget), ws_inputs(network, 1)
    for index in (network.info.num_ws - 1, 4, 0):
        ws = inputs.ws.clone()
        ws[:, index] += 1
        inputs = replace(inputs, ws=ws)
        image, layers = run(kept, network, inputs)
        whole, all_layers = run(Activations(), network, inputs)
        assert torch.equal(image, whole)
        assert [layer.name for layer in layers] == [layer.name for layer in all_layers]


def test_a_smaller_budget_runs_more_layers_again():
    network = FAMILIES["skip"]
    counts = []
    for budget in (1 << 30, 20_000, 0):
        kept, inputs, ran = Activations(budget), ws_inputs(network, 1), Ran()
        run(kept, network, inputs)
        ws = inputs.ws.clone()
        ws[:, -1] += 1
        run(kept, network, replace(inputs, ws=ws), ran)
        counts.append(len(ran.names))
    assert counts[0] < counts[1] < counts[2]


def ws_inputs(network: Opened, seed: int) -> SynthesisInputs:
    info = network.info
    ws = torch.randn(1, info.num_ws, info.w_dim, generator=torch.Generator().manual_seed(seed))
    maps = draw_noise(network.generator, 1, 3, CPU)
    return SynthesisInputs(ws, NoiseMode.RANDOM if maps else NoiseMode.CONST, maps, 3)


def run(kept: Activations, network: Opened, inputs: SynthesisInputs, tap: Any = no_tap) -> tuple[Tensor, Any]:
    with torch.inference_mode():
        return kept.run(network.generator, inputs, tap, Stopwatch(CPU))


# ----------------------------------------------------------------------------
# No more than has to be.


@pytest.mark.parametrize("change", CHANGES)
def test_only_layers_from_the_first_changed_one_on_run_again(change: str):
    changes, first = CHANGES[change]
    network, everything, ran = FAMILIES["skip"], Ran(), Ran()
    renderer = Renderer(network)
    renderer.render(BASE, everything)
    renderer.render(replace(BASE, **changes), ran)
    expected = everything.names[everything.names.index(first) :] if first else []
    assert ran.names == expected


def test_psi_with_a_cutoff_leaves_no_layer_before_it():
    ran = Ran()
    renderer = Renderer(FAMILIES["skip"])
    renderer.render(replace(BASE, truncation=Truncation(0.5, 7)))
    renderer.render(replace(BASE, truncation=Truncation(0.5, 8)), ran)
    assert ran.names[0] == "b32.torgb"


def test_a_transform_is_not_read_by_a_network_without_one():
    ran = Ran()
    renderer = Renderer(FAMILIES["skip"])
    renderer.render(BASE)
    renderer.render(replace(BASE, transform=ROTATED), ran)
    assert not ran.names


def test_an_equal_request_runs_the_display_alone():
    ran = Ran()
    renderer = Renderer(FAMILIES["skip"])
    first = renderer.render(BASE)
    frame = renderer.render(replace(BASE), ran)
    assert not ran.names
    assert_same(frame, first)
    assert all(layer.ms == 0 for layer in frame.layers)


def test_layers_that_did_not_run_took_no_time():
    renderer = Renderer(FAMILIES["skip"])
    renderer.render(BASE)
    frame = renderer.render(replace(BASE, sources=mixed(9, frozenset({7}))))
    times = {layer.name: layer.ms for layer in frame.layers}
    assert times["b4.conv1"] == times["b32.conv1"] == 0
    assert times["b32.torgb"] > 0


# ----------------------------------------------------------------------------
# Taps.


def test_a_run_whose_output_a_tap_changed_is_not_resumed_from():
    network = FAMILIES["skip"]
    renderer = Renderer(network)

    def brighten(name: str, x: Tensor) -> Tensor:
        return x + 1 if name == "b8.conv0" else x

    bright = renderer.render(BASE, brighten)
    assert not torch.equal(bright.image, fresh(network, BASE).image)
    assert_same(renderer.render(BASE), fresh(network, BASE))


def test_a_run_stopped_after_a_changed_output_is_not_resumed_from():
    network = FAMILIES["skip"]
    renderer = Renderer(network)

    def brighten_and_stop(name: str, x: Tensor) -> Tensor:
        if name == "b16.conv1":
            raise Cancelled
        return x + 1 if name == "b8.conv0" else x

    with pytest.raises(Cancelled):
        renderer.render(BASE, brighten_and_stop)
    assert_same(renderer.render(BASE), fresh(network, BASE))


def test_stopping_at_any_layer_leaves_later_pictures_right(network: Opened):
    everything = Ran()
    Renderer(network).render(BASE, everything)
    changed = replace(BASE, sources=mixed(9, frozenset({network.info.num_ws - 2})))
    renderer = Renderer(network)
    for name in everything.names:
        with pytest.raises(Cancelled):
            renderer.render(replace(BASE, latent=SeedPoint(50)), Ran(stop_at=name))
        assert_same(renderer.render(changed), fresh(network, changed))
        assert_same(renderer.render(BASE), fresh(network, BASE))


def test_what_a_stopped_run_has_done_is_resumed_from():
    network, ran = FAMILIES["skip"], Ran()
    renderer = Renderer(network)
    with pytest.raises(Cancelled):
        renderer.render(BASE, Ran(stop_at="b16.conv1"))
    frame = renderer.render(BASE, ran)
    assert ran.names[0] == "b16.conv1"
    assert_same(frame, fresh(network, BASE))
    assert frame.layers[0].ms == 0


def test_renderers_of_one_network_do_not_disturb_each_other():
    network = FAMILIES["skip"]
    expected = [fresh(network, replace(BASE, latent=SeedPoint(seed))) for seed in range(4)]
    wrong: list[int] = []

    def render(seed: int) -> None:
        renderer = Renderer(network)
        for _ in range(3):
            frame = renderer.render(replace(BASE, latent=SeedPoint(seed)))
            if not torch.equal(frame.image, expected[seed].image):
                wrong.append(seed)
            renderer.render(replace(BASE, latent=SeedPoint(seed + 10)))

    threads = [threading.Thread(target=render, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
