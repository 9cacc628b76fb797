"""Opening a network for the window. Torch is imported here, in the loading job, after the window is on screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakValueDictionary

from core.base.progress import Progress
from core.request import ModelInfo, Origin
from visualizer.session.render_thread import Renders

if TYPE_CHECKING:
    from core.opening.network import Network
    from core.synthesis.generator import Generator


@dataclass(frozen=True, eq=False)
class Loaded:
    """A network that can be rendered with."""

    location: str  # as it was asked for; `RenderRequest.network` of its pictures
    info: ModelInfo
    origin: Origin
    renderer: Callable[[str], Renders] = field(repr=False)  # device name -> a renderer that falls back visibly
    devices: tuple[str, ...] = ("cpu",)
    generator: Generator | None = field(default=None, repr=False)  # for studies, on the device of the pictures


Load: TypeAlias = Callable[[str, Progress], Loaded]


class Loader:
    """Opens networks, and knows those that are still in use: what is blended into one is found among them."""

    def __init__(self) -> None:
        self._open: WeakValueDictionary[str, Network] = WeakValueDictionary()

    def find(self, location: str) -> Network | None:
        """A network that is in use."""
        return self._open.get(location)

    def __call__(self, location: str, progress: Progress) -> Loaded:
        """Open a path, URL, demo:NAME or seed:N. Raises CheckpointError, DownloadError, UsageError, Cancelled."""
        progress("Starting torch", 0, 0)
        from core.base.device import available_devices
        from core.opening.network import open_network
        from core.render.blend_renderer import BlendRenderer

        network = open_network(location, progress=progress)
        self._open[location] = network

        def renderer(device: str) -> Renders:
            return BlendRenderer(network, self.find, device=device, fallback=True)

        return Loaded(
            location, network.info, network.origin, renderer, ("auto", *available_devices()), network.generator
        )


load = Loader()
