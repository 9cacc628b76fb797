"""What the window and the owner of the networks say to each other: plain values, which can be pickled. No torch."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from core.display.analysis import NOTHING, Analysis
from core.render.execution import EXACT, Execution
from core.request import ModelInfo, Origin, RenderRequest

_numbers = itertools.count(1)


@dataclass(frozen=True)
class NetworkKey:
    """What its owner knows an open network by, and holds it for: until nobody has this object any more."""

    number: int = field(default_factory=lambda: next(_numbers))


@dataclass(frozen=True, eq=False)
class CodebookTable:
    """The vectors of all codes of a network, and which of them seeds draw."""

    vectors: npt.NDArray[np.float32]  # [count, w_dim]
    used: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Loaded:
    """An open network as others know it. Its owner holds the network itself for as long as the key is kept."""

    location: str  # as it was asked for; `RenderRequest.network` of its pictures
    info: ModelInfo
    origin: Origin
    devices: tuple[str, ...] = ("cpu",)
    codebook: CodebookTable | None = None
    key: NetworkKey = field(default_factory=NetworkKey)


@dataclass(frozen=True)
class Task:
    """A picture to be shown: of which network, on which device, and what is to be found out besides."""

    network: NetworkKey
    device: str
    request: RenderRequest
    analysis: Analysis = NOTHING
    execution: Execution = EXACT


@dataclass(frozen=True)
class Running:
    """How far the frame in progress is."""

    request: RenderRequest
    started: float  # time.perf_counter()
    layer: str = ""
    layers_done: int = 0


class Priority(IntEnum):
    """Which work goes first. What is higher is done between two layers of what is lower."""

    BACKGROUND = 1  # minutes of work, which the user does not wait for
    ASKED = 2  # what the user has just asked
    SCORES = 3  # of the shown picture
    SHOWN = 4  # the picture itself
