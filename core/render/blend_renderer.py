"""Rendering with one network into which others are blended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.base.errors import UsageError
from core.display.analysis import NOTHING, Analysis
from core.display.frame import Frame, Metric
from core.opening.network import write_network
from core.render.execution import EXACT, Execution
from core.render.renderer import Opened, Renderer
from core.render.weights import Placement, WeightPlacement
from core.request import Box, ModelInfo, RenderRequest
from core.request.edits import counts
from core.request.placement import Move
from core.synthesis.blending import Blended
from core.synthesis.generator import Generator, Tap, no_tap

# The network that a blend names, None while it is not open.
Find = Callable[[str], Opened | None]


@dataclass(frozen=True, eq=False)
class _Together:
    generator: Generator
    info: ModelInfo


def write_blend(network: Opened, find: Find, request: RenderRequest, out: Path) -> None:
    """Write the network that a request blends, as safetensors or as a snapshot, by the ending of `out`.

    Raises UsageError if one of the networks is not open or mixed by its features, or cannot be written so, and what
    `write_network` raises.
    """
    others = []
    for blend in request.blends:
        if blend.features and counts(blend):
            raise UsageError(
                f"{blend.network} is mixed by its features, which no file of one network can hold; "
                "mix its parameters, or remove it."
            )
        other = find(blend.network)
        if other is None:
            raise UsageError(f"{blend.network} is not open; open it first, or remove it.")
        others.append(other.generator)
    blended = Blended(network.generator, others)
    blended.blend(request)
    try:
        write_network(blended.mixed, out)
    except TypeError as error:
        kind = network.info.family
        raise UsageError(f"A {kind} network has no place in a {out.suffix}; save it otherwise.") from error


class BlendRenderer:
    """Renders requests whose blends name other networks. Those that are not open are left out with a note.

    As `Renderer`, of which it keeps one: for the networks that the latest request was made with.
    """

    def __init__(
        self, network: Opened, find: Find, *, device: str = "cpu", fallback: bool = False,
        placement: Placement | None = None,
    ) -> None:  # fmt: skip
        self.info = network.info
        self._network, self._find = network, find
        self._placement = placement or WeightPlacement(device, fallback=fallback)
        self._others: tuple[Opened, ...] = ()
        self._renderer = self._new(())

    def render(
        self, request: RenderRequest, tap: Tap = no_tap, analysis: Analysis = NOTHING, execution: Execution = EXACT
    ) -> Frame:
        """Raises what `Renderer.render` raises."""
        known, missing = self._prepare(request)
        frame = self._renderer.render(known, tap, analysis, execution)
        notes = tuple(f"{name} is not open; the picture is made without it." for name in missing)
        return replace(frame, request=request, notes=(*frame.notes, *notes))

    def latent(self, request: RenderRequest) -> npt.NDArray[np.float32] | npt.NDArray[np.int64]:
        known, _ = self._prepare(request)
        return self._renderer.latent(known)

    def score(self, request: RenderRequest, metric: Metric, tap: Tap = no_tap, move: Move | None = None) -> float:
        known, _ = self._prepare(request)
        return self._renderer.score(known, metric, tap, move)

    def influence(self, request: RenderRequest, layer: str, box: Box, tap: Tap = no_tap) -> npt.NDArray[np.float32]:
        known, _ = self._prepare(request)
        return self._renderer.influence(known, layer, box, tap)

    def _prepare(self, request: RenderRequest) -> tuple[RenderRequest, list[str]]:
        """The request with the blends of open networks, and what is not open of those that count."""
        found = [(blend, self._find(blend.network)) for blend in request.blends]
        missing = [blend.network for blend, network in found if network is None and counts(blend)]
        known = [(blend, network) for blend, network in found if network is not None]
        others = tuple(network for _, network in known)
        if others != self._others:
            self._others, self._renderer = others, self._new(others)
        return replace(request, blends=tuple(blend for blend, _ in known)), missing

    def _new(self, others: tuple[Opened, ...]) -> Renderer:
        network = self._network
        if others:
            blended = Blended(network.generator, [other.generator for other in others])
            network = _Together(blended, network.info)
        return Renderer(network, placement=self._placement)
