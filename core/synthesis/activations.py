"""The activations kept from the latest synthesis, from which the next one resumes with the same result to the bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from core.base.device import Stopwatch
from core.request import NoiseMode
from core.synthesis.generator import Generator, State, Step, SynthesisInputs, Tap

MAX_KEPT_BYTES = 300 << 20  # the states of a StyleGAN2 at 1024 that are kept
LARGE = 1 << 23  # bytes of a state of which every second one is kept: one more layer runs again, for half the memory


@dataclass(frozen=True)
class LayerRun:
    """One layer of a run; `marks` are of the run's stopwatch, None if its output was kept from an earlier run."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    marks: tuple[int, int] | None

    def ms(self, watch: Stopwatch) -> float:
        return watch.ms(*self.marks) if self.marks else 0.0


@dataclass
class Kept:
    """What one step left: its state if it was kept, and its layers."""

    state: State | None
    layers: tuple[LayerRun, ...]


@dataclass
class KeepPolicy:
    """Which states are kept: in layer order until they take `max_bytes` together, of large ones every second."""

    max_bytes: int = MAX_KEPT_BYTES
    _seen: set[int] = field(default_factory=set)
    _bytes: int = 0
    _passed: bool = False  # the state before was not kept

    def wants(self, state: State) -> bool:
        size = self._new_bytes(state)
        if (size >= LARGE and not self._passed) or self._bytes + size > self.max_bytes:
            self._passed = True
            return False
        self.count(state)
        return True

    def count(self, state: State | None) -> None:
        """What became of a state of an earlier run."""
        self._passed = state is None
        if state is not None:
            self._bytes += self._new_bytes(state)
            self._seen.update(x.data_ptr() for x in state if x is not None)

    def _new_bytes(self, state: State) -> int:
        new = [x for x in state if x is not None and x.data_ptr() not in self._seen]
        return sum(x.numel() * x.element_size() for x in new)


class _Reached(Exception):
    """The layer up to which the synthesis was to run has run."""


class Activations:
    """Runs a synthesis, resuming at the first step whose inputs differ from those of the latest run."""

    def __init__(self, max_bytes: int = MAX_KEPT_BYTES) -> None:
        self.max_bytes = max_bytes
        self._inputs: SynthesisInputs | None = None
        self._kept: list[Kept] = []

    @property
    def resumable(self) -> bool:
        """Whether the latest run left anything to resume from."""
        return self._inputs is not None

    def clear(self) -> None:
        self._inputs, self._kept = None, []

    def run(
        self, generator: Generator, inputs: SynthesisInputs, tap: Tap, watch: Stopwatch, *, until: str = ""
    ) -> tuple[Tensor, tuple[LayerRun, ...]]:
        """The image, float32 [N, C, H, W], and the layers in execution order.

        until: a layer whose output is wanted instead of the image; the synthesis stops there. Where no layer has this
        name, it is the image. If `tap` changes an output, nothing of this run is resumed from later. What `tap` raises
        passes through; the steps finished before stay resumable.
        """
        start = self._first_to_run(generator.steps, inputs, until)
        del self._kept[start:]
        self._forget_marks()  # of a run that was stopped
        self._inputs = inputs
        policy = KeepPolicy(self.max_bytes)
        state: State = ()
        for kept in self._kept:
            policy.count(kept.state)
            state = kept.state or state
        changed = False
        reached: Tensor | None = None
        mark = watch.mark()
        layers: list[LayerRun] = []

        def note(name: str, x: Tensor) -> Tensor:
            nonlocal changed, mark, reached
            now = watch.mark()
            layers.append(LayerRun(name, tuple(x.shape), str(x.dtype).removeprefix("torch."), (mark, now)))
            out = tap(name, x)
            changed = changed or out is not x
            mark = now
            if name == until:
                reached = out
                raise _Reached
            return out

        for step in generator.steps[start:]:
            layers.clear()
            given, state = list(state), ()
            try:
                state = step.run(given, inputs, note)
            except _Reached:
                break
            last = step is generator.steps[-1]
            keep = not changed and (policy.wants(state) or last)
            self._kept.append(Kept(state if keep else None, tuple(layers)))

        runs = tuple(layer for kept in self._kept for layer in kept.layers)
        if reached is not None:
            image, runs = reached, (*runs, *layers)
        else:
            assert state[-1] is not None  # the contract of `Generator.steps`
            image = state[-1]
        self._forget_marks()
        if changed:
            self.clear()
        return image, runs

    def _first_to_run(self, steps: Sequence[Step], inputs: SynthesisInputs, until: str) -> int:
        """The step to resume at: the one after the last kept state whose own and earlier inputs are all unchanged.

        It is no later than the step in which the layer `until` runs.
        """
        if self._inputs is None:
            return 0
        unchanged = 0
        while unchanged < len(self._kept) and same_inputs(steps[unchanged], self._inputs, inputs):
            if any(layer.name == until for layer in self._kept[unchanged].layers):
                break
            unchanged += 1
        while unchanged > 0 and self._kept[unchanged - 1].state is None:
            unchanged -= 1
        return unchanged

    def _forget_marks(self) -> None:
        for kept in self._kept:
            kept.layers = tuple(LayerRun(layer.name, layer.shape, layer.dtype, None) for layer in kept.layers)


def same_inputs(step: Step, a: SynthesisInputs, b: SynthesisInputs) -> bool:
    """Whether a step reads the same from both inputs."""
    if (a.force_fp32, a.fast) != (b.force_fp32, b.fast) or a.ws.shape != b.ws.shape:
        return False
    if a.cache_key.get(step.name) != b.cache_key.get(step.name):
        return False
    if _styling(step, a) != _styling(step, b):
        return False
    if step.transform and a.transform != b.transform:
        return False
    if step.lod is not None and step.lod(a.lod) != step.lod(b.lod):
        return False
    if step.psi is not None and a.psi(step.psi) != b.psi(step.psi):
        return False
    if step.noise is not None and _noise(step.noise, a) != _noise(step.noise, b):
        return False
    if not all(torch.equal(a.ws[:, index], b.ws[:, index]) for index in step.ws):
        return False
    return all(same_inputs(other, a.others[number], b.others[number]) for number, other in step.others)


def _styling(step: Step, inputs: SynthesisInputs) -> object:
    change = inputs.styles.get(step.name)
    return None if change is None else change.cache_key


def _noise(index: int, inputs: SynthesisInputs) -> tuple[object, ...]:
    """What decides the noise of a layer."""
    gain = inputs.noise_gain(index)
    return (0,) if gain == 0 or inputs.noise_mode is NoiseMode.NONE else (gain, inputs.noise_mode, inputs.noise_key)
