"""Networks whose pictures are known: they show what they were painted with."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.display.frame import Analysis, Frame
from core.request import ModelInfo, Origin, RenderRequest
from tests.unscored import Unscored
from visualizer.session.loader import Loaded

if TYPE_CHECKING:
    from core.synthesis.generator import Tap


@dataclass(eq=False)
class Painter(Unscored):
    """A renderer that always gives the same pixels; `gate` holds it back while it is closed."""

    pixels: npt.NDArray[np.uint8]
    gate: threading.Event = field(default_factory=threading.Event)

    def render(self, request: RenderRequest, tap: Tap, wanted: Analysis) -> Frame:
        import torch

        image = torch.zeros(self.pixels.shape[2], *self.pixels.shape[:2])
        while not self.gate.wait(0.005):
            tap("held", image)
        return Frame(request, self.pixels, self.pixels[::2, ::2], image)


def painted(name: str, pixels: npt.NDArray[np.uint8], *, painter: Painter | None = None) -> Loaded:
    """A network that shows these pixels, uint8 [H, W, C]."""
    height, width, channels = pixels.shape
    info = ModelInfo(
        family="Painted", architecture="", width=width, height=height, channels=channels, z_dim=4, w_dim=4, c_dim=0,
        num_ws=8, ws_names=tuple("abcdefgh"), has_noise=True,
    )  # fmt: skip
    if painter is None:
        painter = Painter(pixels)
        painter.gate.set()
    return Loaded(location=name, info=info, origin=Origin(name), renderer=lambda device: painter)


def noise(height: int, width: int, channels: int, seed: int = 0) -> npt.NDArray[np.uint8]:
    """Pixels without any order: every interpolation shows."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)
