"""Layers that mix what other networks make at the same place: for networks that have no parameters in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count

import torch
from torch import Tensor

from core.synthesis.generator import Generator, State, Step, SynthesisInputs, Tap

OWN = "output"  # beside the names with a colon, what taps see that no layer made: sums of layers


@dataclass(frozen=True, eq=False)
class Companion:
    """Another network, which runs beside the first one as far as its layers are needed."""

    generator: Generator
    parts: tuple[float, ...]  # 0..1, of each step of the first one

    def needed(self, step: int) -> bool:
        return any(self.parts[step:])


@dataclass(frozen=True)
class _Beside:
    """A step of a companion that runs beside one of the first network."""

    number: int  # of the companion
    step: Step
    part: float
    goes_on: bool  # whether the next step needs it too


def mixed_steps(steps: Sequence[Step], companions: Sequence[Companion]) -> tuple[Step, ...]:
    """The steps of a network, each layer of which takes its part of the companions' layers.

    A companion runs by itself: what is mixed is heard by the first network alone. `SynthesisInputs.others` has the
    inputs of each companion. States: those of the companions that go on, one after another, then the network's own.
    """
    made = []
    for index, step in enumerate(steps):
        beside = tuple(
            _Beside(number, c.generator.steps[index], c.parts[index], c.needed(index + 1))
            for number, c in enumerate(companions)
            if c.needed(index)
        )
        others = tuple((each.number, each.step) for each in beside)
        made.append(replace(step, run=partial(_run, step, beside), others=others) if beside else step)
    return tuple(made)


def _run(
    step: Step, beside: tuple[_Beside, ...], state: list[Tensor | None], inputs: SynthesisInputs, tap: Tap
) -> State:
    size = len(state) // (len(beside) + 1)
    going_on: list[Tensor | None] = []
    made: list[tuple[float, list[Tensor]]] = []
    for index, each in enumerate(beside):
        layers: list[Tensor] = []
        theirs = inputs.others[each.number]
        theirs = replace(theirs, transform=inputs.transform, force_fp32=inputs.force_fp32, fast=inputs.fast)
        after = each.step.run(state[index * size : (index + 1) * size], theirs, partial(_collect, layers))
        going_on += after if each.goes_on else ()
        made.append((each.part, layers))
    number = count()

    def mix(name: str, x: Tensor) -> Tensor:
        if is_layer(name):
            at = next(number)
            x = mixed(x, [(part, layers[at]) for part, layers in made if part])
        return tap(name, x)

    return (*going_on, *step.run(state[len(beside) * size :], inputs, mix))


def _collect(layers: list[Tensor], name: str, x: Tensor) -> Tensor:
    if is_layer(name):
        layers.append(x)
    return x


def is_layer(name: str) -> bool:
    """Whether what a tap sees is the output of a layer, and no sum of several."""
    return ":" not in name and name != OWN


def mixed(x: Tensor, others: Sequence[tuple[float, Tensor]]) -> Tensor:
    """x + sum of part (other - x), in the dtype of x; one that counts whole is taken as it is."""
    total = max(1.0, sum(part for part, _ in others))
    counted = [(part / total, other.to(x.dtype)) for part, other in others]
    if not counted:
        return x
    if len(counted) == 1:
        part, other = counted[0]
        return other if part == 1 else torch.lerp(x, other, part)
    out = x * (1 - sum(part for part, _ in counted))
    for part, other in counted:
        out = out.add_(other, alpha=part)
    return out


def feature_misfits(base: Generator, other: Generator) -> dict[str, str]:
    """Where the layers of another network have another shape, by the names of steps, and why they cannot be mixed."""
    own, theirs = base.info, other.info
    if (own.family, own.architecture) != (theirs.family, theirs.architecture):
        return {step.name: f"it is a {theirs.family} network ({theirs.architecture})" for step in base.steps}
    found = {}
    for index, step in enumerate(base.steps):
        if index >= len(other.steps):
            found[step.name] = "it has fewer layers"
        elif other.steps[index].shape != step.shape:
            found[step.name] = f"its features are {list(other.steps[index].shape)}, not {list(step.shape)}"
    return found
