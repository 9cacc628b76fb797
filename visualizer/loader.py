"""Opening a network for the window. Torch is imported here, in the loading job, after the window is on screen."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from core.progress import Progress
from core.request import ModelInfo, Origin
from visualizer.worker import Renders

# OpenMP's idle threads sleep instead of spinning, or they would take the cores from the window and from each other:
# a StyleGAN2 at 1024 under a window that draws all the time took 2.5 s a frame on two cores instead of 4 s. A lower
# priority of the render thread gained the window nothing and made frames twice as slow. Read when torch is imported.
QUIET_WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0"}


@dataclass(frozen=True, eq=False)
class Loaded:
    """A network that can be rendered with."""

    source: str  # as it was asked for; `RenderRequest.network` of its pictures
    info: ModelInfo
    origin: Origin
    renderer: Callable[[str], Renders] = field(repr=False)  # device name -> a renderer that falls back visibly
    devices: tuple[str, ...] = ("cpu",)


Load: TypeAlias = Callable[[str, Progress], Loaded]


def load(source: str, progress: Progress) -> Loaded:
    """Open a path, URL or built-in name. Raises CheckpointError, DownloadError, Cancelled."""
    progress("Starting torch", 0, 0)
    for name, value in QUIET_WAITING.items():
        os.environ.setdefault(name, value)
    from core.device import available_devices
    from core.network import open_network
    from core.render import Renderer

    network = open_network(source, progress=progress)

    def renderer(device: str) -> Renders:
        return Renderer(network, device=device, fallback=True)

    return Loaded(source, network.info, network.origin, renderer, ("auto", *available_devices()))
