"""What the renderer relies on in networks of every kind: steps that resume exactly, taps, gradients."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from core.synthesis.generator import Generator, State, SynthesisInputs, no_tap, synthesize
from tests.core.every import GROWN, NETWORKS, some_inputs

# Names of networks, and levels of detail.
CASES = [(name, 0.0) for name in NETWORKS] + [(name, 0.5) for name in GROWN]
COARSE = [(name, lod) for name in ("StyleGAN1", "ProGAN") for lod in (1.0, 1.75)]
cases = pytest.mark.parametrize(("name", "lod"), CASES)


def made(name: str, lod: float, batch: int = 1) -> tuple[Generator, SynthesisInputs]:
    network = NETWORKS[name]()
    return network, some_inputs(network, batch, lod)


@pytest.mark.parametrize(("name", "lod"), CASES + COARSE)
def test_resuming_after_any_step_gives_the_same_picture_to_the_bit(name: str, lod: float) -> None:
    network, inputs = made(name, lod, batch=2)
    states: list[State] = [()]
    for step in network.steps:
        states.append(step.run(list(states[-1]), inputs, no_tap))
    copies = [tuple(None if t is None else t.clone() for t in state) for state in states]
    image = states[-1][-1]
    assert image is not None
    info = network.info
    assert info.codes or image.shape == (2, info.channels, info.height, info.width)
    for start in range(len(network.steps)):
        state = states[start]
        for step in network.steps[start:]:
            state = step.run(list(state), inputs, no_tap)
        assert state[-1] is not None
        assert torch.equal(state[-1], image), f"resumed at {network.steps[start].name}"
    for state, copy in zip(states, copies, strict=True):
        pairs = [(a, b) for a, b in zip(state, copy, strict=True) if a is not None and b is not None]
        assert all(torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize(("name", "lod"), [case for case in CASES if "shared" not in case[0]])
def test_a_step_reads_no_other_ws_and_noise_than_it_says(name: str, lod: float) -> None:
    network, inputs = made(name, lod)
    shared = len(inputs.noise_maps) == 1  # one map for all
    state: State = ()
    for step in network.steps:
        ws = torch.full_like(inputs.ws, float("nan"))
        ws[:, list(step.ws)] = inputs.ws[:, list(step.ws)]
        read = range(1) if shared and step.noise is not None else (step.noise,)
        maps = tuple(m if i in read else m * float("nan") for i, m in enumerate(inputs.noise_maps))
        state = step.run(list(state), replace(inputs, ws=ws, noise_maps=maps), no_tap)
        assert all(bool(t.isfinite().all()) for t in state if t is not None), step.name


@cases
def test_what_the_tap_returns_replaces_the_output_of_a_layer(name: str, lod: float) -> None:
    network, inputs = made(name, lod)
    names: list[str] = []

    def zero_all(layer: str, x: Tensor) -> Tensor:
        names.append(layer)
        return torch.zeros_like(x)

    plain = synthesize(network, inputs)
    assert synthesize(network, inputs, on_layer=zero_all).abs().max() == 0
    assert names[-1] == "output"
    assert len(set(names)) == len(names)
    assert {step.name for step in network.steps if step.runs(lod)} <= set(names)
    shapes = {} if network.info.codes else {step.name: step.shape for step in network.steps}
    for tapped in names:

        def add_one(layer: str, x: Tensor, tapped: str = tapped) -> Tensor:
            assert layer not in shapes or shapes[layer] == x.shape[1:]
            return x + 1 if layer == tapped else x

        changed = synthesize(network, inputs, on_layer=add_one)
        last_features = f"b{network.info.height}:x"  # nothing reads them any more
        assert torch.equal(changed, plain) == (tapped == last_features), tapped


@cases
def test_what_a_tap_keeps_is_not_changed_later(name: str, lod: float) -> None:
    network, inputs = made(name, lod, batch=2)
    kept: list[tuple[Tensor, Tensor]] = []

    def keep(layer: str, x: Tensor) -> Tensor:
        kept.append((x, x.clone()))
        return x

    synthesize(network, inputs, on_layer=keep)
    assert all(torch.equal(x, copy) for x, copy in kept)


@cases
def test_the_picture_can_be_differentiated_with_respect_to_ws(name: str, lod: float) -> None:
    network, inputs = made(name, lod)
    ws = inputs.ws.clone().requires_grad_()
    image = synthesize(network, replace(inputs, ws=ws))
    plain = synthesize(network, inputs)
    assert (image.detach() - plain).abs().max() <= 1e-4 * max(1.0, float(plain.abs().max()))
    image.square().sum().backward()
    assert ws.grad is not None
    used = {entry for step in network.steps if step.runs(lod) for entry in step.ws}
    assert {i for i in range(network.info.num_ws) if ws.grad[0, i].abs().sum() > 0} == used
