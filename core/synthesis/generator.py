"""What every network family offers: mapping, and a synthesis cut into resumable steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import torch
from torch import Tensor

from core.request import IDENTITY, Matrix, ModelInfo, NoiseMode
from core.synthesis.convolution import ConvolutionShape

# Called after each layer with its name and output; what it returns replaces the output. It may raise to stop.
Tap: TypeAlias = Callable[[str, Tensor], Tensor]

# What one step hands to the next: for StyleGAN2 (features, image so far), for StyleGAN3 (features,).
State: TypeAlias = Sequence[Tensor | None]


@dataclass(frozen=True, eq=False)
class Styling:
    """Changes of the styles of one layer: s' = s scale + offset, [C] each."""

    scale: Tensor
    offset: Tensor
    cache_key: object = None  # equal for equal changes


@dataclass(frozen=True)
class SynthesisInputs:
    """All that decides a synthesis besides the weights."""

    ws: Tensor  # float32 [N, num_ws, w_dim]; of a network with codes [N, 1, rows, columns, w_dim]
    noise_mode: NoiseMode = NoiseMode.CONST
    noise_maps: tuple[Tensor, ...] = ()  # [N, 1, h, w] per noise input, in layer order; empty: the stored ones
    noise_key: object = None  # what the maps were made from; equal keys mean equal maps
    noise_gains: tuple[float, ...] = ()  # times the learned strength, by the noise inputs of steps; empty: 1
    psis: tuple[float, ...] = ()  # of each entry of ws, for layers whose statistics depend on it; empty: 1
    cache_key: Mapping[str, object] = field(default_factory=dict)  # what a step's tensors were made of, by its name
    styles: Mapping[str, Styling] = field(default_factory=dict)  # changes of what the affine of a step gives
    transform: Matrix = IDENTITY
    lod: float = 0.0  # level of detail: 0: the full resolution, 1: half of it
    force_fp32: bool = False
    fast: torch.dtype | None = None  # in what layers run that would in float32
    others: tuple[SynthesisInputs, ...] = ()  # of the networks whose layers are mixed in

    def styled(self, step: str, styles: Tensor) -> Tensor:
        """What the affine of a step gave, with its changes. styles: [N, C] -> the same"""
        change = self.styles.get(step)
        return styles if change is None else styles * change.scale + change.offset

    def noise_gain(self, index: int) -> float:
        return self.noise_gains[index] if self.noise_gains else 1.0

    def psi(self, index: int) -> float:
        return self.psis[index] if self.psis else 1.0


# Runs one step: (state, inputs, tap) -> state. Must not change a tensor of the state it was given, but may take them
# out of the list, so that their memory is free as soon as the step does not need it.
RunStep: TypeAlias = Callable[[list[Tensor | None], SynthesisInputs, Tap], State]


@dataclass(frozen=True)
class Step:
    """A resumable piece of the synthesis, and the parts of the inputs that it reads."""

    name: str
    run: RunStep
    ws: tuple[int, ...] = ()  # entries of ws
    noise: int | None = None  # index of its noise input, and of its map, unless one map is for all
    psi: int | None = None  # the entry of ws whose psi it reads
    transform: bool = False
    # What it reads of the level of detail, None or False where it does not run; None: nothing.
    lod: Callable[[float], object] | None = None
    row: int = 0  # the entry of ws that it is edited with; for a to_rgb that shares its entry, that of the layer before
    affine: Callable[[Tensor], Tensor] | None = None  # w [N, w_dim] -> its styles [N, C]
    tensors: tuple[str, ...] = ()  # what the names of the tensors begin with that it reads
    shape: tuple[int, ...] = ()  # of its layer's output, [C, H, W]
    convolutions: tuple[ConvolutionShape, ...] = ()  # in execution order, but those with separable filters
    others: tuple[tuple[int, Step], ...] = ()  # what it runs of other networks, with their place in `inputs.others`

    def runs(self, lod: float) -> bool:
        """Whether it does anything at a level of detail."""
        read = True if self.lod is None else self.lod(lod)
        return read is not None and read is not False


class Generator(Protocol):
    """A network as the renderer sees it. Implemented by torch modules in `core.networks`."""

    @property
    def info(self) -> ModelInfo: ...

    @property
    def steps(self) -> Sequence[Step]:
        """The synthesis in execution order; the last step's state ends with the image, float32 [N, C, H, W]."""
        ...

    @property
    def noise_shapes(self) -> tuple[tuple[int, int], ...]:
        """(h, w) of each noise input in layer order."""
        ...

    @property
    def stored_noise(self) -> tuple[Tensor, ...]:
        """The maps of NoiseMode.CONST, [h, w] each, in layer order."""
        ...

    @property
    def w_avg(self) -> Tensor:
        """The average w, float32 [w_dim]."""
        ...

    def centre(self, c: Tensor | None) -> Tensor:
        """Where truncation leads: the average w, or that of each label.

        c: float32 [N, c_dim], or None: no class is known -> float32 [N, w_dim], or [1, w_dim]: the same for all.
        """
        ...

    def map(self, z: Tensor, c: Tensor | None) -> Tensor:
        """z: float32 [N, z_dim], c: float32 [N, c_dim] or None -> ws without truncation, float32 [N, num_ws, w_dim]."""
        ...

    def span(self, layer: str) -> float:
        """How many picture heights the output of a layer covers: more than 1 where it has margins."""
        ...

    def to(self, device: torch.device) -> Generator:
        """Move the weights in place."""
        ...

    def tensors(self) -> Mapping[str, Tensor]:
        """All parameters and buffers by name, not copied."""
        ...


def no_tap(name: str, x: Tensor) -> Tensor:
    return x


def synthesize(generator: Generator, inputs: SynthesisInputs, *, on_layer: Tap = no_tap) -> Tensor:
    """Run all steps of the synthesis. Returns the image, float32 [N, C, H, W], about -1..1."""
    state: State = ()
    for step in generator.steps:
        given, state = list(state), ()
        state = step.run(given, inputs, on_layer)
    image = state[-1]
    assert image is not None  # the contract of `steps`
    return image
