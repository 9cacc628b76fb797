"""Networks whose pictures are known: they show what they were painted with."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.request import ModelInfo, Origin

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from core.synthesis.generator import State, Step, SynthesisInputs, Tap


@dataclass(eq=False)
class Painter:
    """A generator that always makes the same picture, uint8 [H, W, C]; `gate` holds it back while it is closed."""

    pixels: npt.NDArray[np.uint8]
    gate: threading.Event = field(default_factory=threading.Event)
    noise_shapes: tuple[tuple[int, int], ...] = ()
    stored_noise: tuple[Tensor, ...] = ()

    @property
    def info(self) -> ModelInfo:
        height, width, channels = self.pixels.shape
        return ModelInfo(
            family="Painted", architecture="", width=width, height=height, channels=channels, z_dim=4, w_dim=4, c_dim=0,
            num_ws=8, ws_names=tuple("abcdefgh"), has_noise=True,
        )  # fmt: skip

    @property
    def steps(self) -> Sequence[Step]:
        from core.synthesis.generator import Step

        return (Step("painting", self._paint),)

    def _paint(self, state: State, inputs: SynthesisInputs, tap: Tap) -> State:
        import torch

        image = torch.from_numpy((self.pixels.astype(np.float32) - 127.5) / 127.5).permute(2, 0, 1)[None]
        while not self.gate.wait(0.005):
            tap("held", image)
        return (tap("output", image),)

    @property
    def w_avg(self) -> Tensor:
        import torch

        return torch.zeros(4)

    def centre(self, c: Tensor | None) -> Tensor:
        return self.w_avg[None]

    def map(self, z: Tensor, c: Tensor | None) -> Tensor:
        return z[:, None].expand(-1, 8, -1)

    def span(self, layer: str) -> float:
        return 1.0

    def to(self, device: torch.device) -> Painter:
        return self

    def tensors(self) -> Mapping[str, Tensor]:
        return {}


@dataclass(eq=False)
class Painted:
    """A network that its owner can hold."""

    generator: Any
    info: ModelInfo
    origin: Origin


def painted(name: str, pixels: npt.NDArray[np.uint8], *, painter: Painter | None = None) -> Painted:
    """A network that shows these pixels, uint8 [H, W, C]."""
    if painter is None:
        painter = Painter(pixels)
        painter.gate.set()
    return Painted(painter, painter.info, Origin(name))


def noise(height: int, width: int, channels: int, seed: int = 0) -> npt.NDArray[np.uint8]:
    """Pixels without any order: every interpolation shows."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)
