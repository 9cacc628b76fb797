"""The open networks and the renderers over them: the one owner of both. Used in the owner's thread but for `open`."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from core.base.errors import UsageError
from core.base.progress import Progress, silent
from core.display.frame import Frame, Metric
from core.opening.class_counts import named_count, with_count
from core.render.operations import Operation, Order
from core.render.tasks import Loaded, NetworkKey, Task
from core.request import Box, ModelInfo, Origin, RenderRequest, StepInfo
from core.request.placement import Move

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from core.display.analysis import Analysis
    from core.render.blend_renderer import BlendRenderer
    from core.render.execution import Execution
    from core.render.renderer import Opened
    from core.render.weights import WeightPlacement
    from core.synthesis.generator import Generator, Tap


R = TypeVar("R")


class Renders(Protocol):
    """What is needed of the renderer of the shown picture."""

    def render(self, request: RenderRequest, tap: Tap, analysis: Analysis, execution: Execution) -> Frame: ...
    def score(self, request: RenderRequest, metric: Metric, tap: Tap, move: Move | None = None) -> float: ...
    def influence(self, request: RenderRequest, layer: str, box: Box, tap: Tap) -> npt.NDArray[np.float32]: ...


class Owned(Protocol):
    """A network as its owner holds it."""

    @property
    def generator(self) -> Generator: ...
    @property
    def info(self) -> ModelInfo: ...
    @property
    def origin(self) -> Origin: ...


# Opens what a location names. Raises CheckpointError, DownloadError, UsageError, Cancelled.
Open: TypeAlias = Callable[[str, Progress], Owned]


def open_location(location: str, progress: Progress) -> Owned:
    """A path, URL, demo:NAME or seed:N."""
    progress("Starting torch", 0, 0)
    from core.opening.network import open_network

    return open_network(location, progress=progress)


def ignore(live: Any) -> None:
    """For those who wait for the end."""


class OpenNetworks:
    """Holds each network for as long as its key is kept by anybody, and knows where the weights are."""

    def __init__(self, open_: Open = open_location, *, placement: WeightPlacement | None = None) -> None:
        """placement: where the weights are; default: where they are wanted, or on the CPU if that fails."""
        self._open = open_
        self._lock = threading.Lock()
        self._owned: dict[int, tuple[str, Owned]] = {}  # by key: the location and the network
        self._released: deque[int] = deque()  # keys that nobody has any more; their networks go at the next use
        self._live: tuple[int, str, Renders] | None = None  # key, device, renderer
        self._placement = placement

    def open(self, location: str, progress: Progress) -> Loaded:
        """Open a network, in the caller's thread."""
        network = self._open(location, progress)
        from core.base.device import available_devices

        count = named_count(network.origin.location)[1]  # which may not have been asked for
        called = location if count is None else with_count(location, count)
        loaded = described(called, network, ("auto", *available_devices()))
        with self._lock:
            self._let_go()
            self._owned[loaded.key.number] = (called, network)
        # A finalizer may run anywhere, even while this thread has the lock: it only notes.
        weakref.finalize(loaded.key, self._released.append, loaded.key.number)
        return loaded

    def network(self, key: NetworkKey) -> Owned:
        """Raises UsageError if it was closed."""
        with self._lock:
            self._let_go()
            found = self._owned.get(key.number)
        if found is None:
            raise UsageError("This network is not open any more; open it again.")
        return found[1]

    def find(self, location: str) -> Opened | None:
        """The network of a location that was opened last."""
        with self._lock:
            self._let_go()
            found = [own for name, own in self._owned.values() if location in (name, named_count(name)[0])]
        return found[-1] if found else None

    @property
    def placement(self) -> WeightPlacement:
        if self._placement is None:
            from core.render.weights import WeightPlacement

            self._placement = WeightPlacement(fallback=True)
        return self._placement

    def live(self, task: Task) -> Renders:
        """The renderer of the shown picture. It alone may have weights moved."""
        wanted = task.network.number, task.device
        if self._live is None or self._live[:2] != wanted:
            self._live = None  # what it kept is freed first
            self._live = (*wanted, self._renderer(self.network(task.network), task.device))
        return self._live[2]

    @property
    def moves(self) -> int:
        """How often the weights went to another device."""
        return self._placement.moves if self._placement is not None else 0

    def _renderer(self, network: Owned, device: str) -> Renders:
        self.placement.use(device)
        return self._over(network)

    def _over(self, network: Owned) -> BlendRenderer:
        from core.render.blend_renderer import BlendRenderer

        return BlendRenderer(network, self.find, placement=self.placement)

    def renderer(self, loaded: Loaded) -> BlendRenderer:
        """One for programs without a window. Raises UsageError if the network was closed."""
        return self._over(self.network(loaded.key))

    def bench(self, order: Order[Any], progress: Progress) -> NetworkBench:
        """progress: calls that of the order. Raises UsageError if the network was closed."""
        if self._placement is None:
            self.placement.use(order.device)
        return NetworkBench(self, self.network(order.network), progress, order.publish)

    def run(
        self, operation: Operation[R], loaded: Loaded, *, device: str = "auto", progress: Progress = silent,
        publish: Callable[[Any], None] = ignore,
    ) -> R:  # fmt: skip
        """Have an operation done here and now, for programs without a window. Raises what it raises."""
        order = Order(operation, loaded.key, device, progress, publish)
        return operation.run(self.bench(order, progress))

    def _let_go(self) -> None:
        while self._released:
            self._owned.pop(self._released.popleft(), None)


class NetworkBench:
    """A network for one operation; a `core.render.operations.Bench`."""

    def __init__(
        self, owner: OpenNetworks, network: Owned, progress: Progress, publish: Callable[[Any], None]
    ) -> None:
        from core.render.weights import GuestPlacement

        self._owner, self._network = owner, network
        self._placement = GuestPlacement(owner.placement)
        self.info = network.info
        self.progress, self.publish = progress, publish

    @cached_property
    def generator(self) -> Generator:
        self._placement.place(self._network.generator)
        return self._network.generator

    @cached_property
    def renderer(self) -> BlendRenderer:
        from core.render.blend_renderer import BlendRenderer

        return BlendRenderer(self._network, self.find, placement=self._placement)

    def find(self, location: str) -> Opened | None:
        return self._owner.find(location)


def described(location: str, network: Owned, devices: tuple[str, ...]) -> Loaded:
    """What others are told of a network."""
    from core.render.tasks import CodebookTable
    from core.synthesis.codes import coder_of

    steps = tuple(StepInfo(step.name, step.row, step.affine is not None) for step in network.generator.steps)
    codebook, coder = None, coder_of(network.generator) if network.info.codes is not None else None
    if coder is not None:
        codebook = CodebookTable(coder.codebook.vectors.float().cpu().numpy(), coder.codebook.used)
    return Loaded(location, replace(network.info, steps=steps), network.origin, devices, codebook)
