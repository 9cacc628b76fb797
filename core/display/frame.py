"""What a request gives: frames, scores, failures. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from core.display.analysis import AnalysisResult, Styles
from core.display.palette import ColourScale
from core.request import Codes, RenderRequest

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class LayerInfo:
    """One layer that ran (or was kept from an earlier run: `ms` is 0 then)."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    ms: float = 0.0


@dataclass(frozen=True)
class Timing:
    """Wall-clock milliseconds of the stages of one frame."""

    map_ms: float = 0.0
    synthesis_ms: float = 0.0
    display_ms: float = 0.0

    @property
    def total_ms(self) -> float:
        return self.map_ms + self.synthesis_ms + self.display_ms


@dataclass(frozen=True, eq=False)
class Frame:
    """A rendered request."""

    request: RenderRequest
    pixels: npt.NDArray[np.uint8]  # [H, W, C]
    thumbnail: npt.NDArray[np.uint8]  # [h, w, C], the picture reduced; empty where a `View` is shown
    image: Tensor  # [C, H, W] as the network made it, on its device: the picture, float32, about -1..1, or the layer
    timing: Timing = Timing()
    layers: tuple[LayerInfo, ...] = ()
    device: str = "cpu"
    notes: tuple[str, ...] = ()  # visible fallbacks, e.g. "ran on the CPU: the GPU is out of memory"
    analysis: AnalysisResult | None = None
    ws: npt.NDArray[np.float32] | None = None  # [num_ws, w_dim] or [1, rows, columns, w_dim], what the layers got
    w_avg: npt.NDArray[np.float32] | None = None  # [w_dim]
    styles: Styles | None = None
    codes: Codes | None = None  # of the latent, without its sources; between codes, the nearest
    upright: npt.NDArray[np.uint8] | None = None  # [H, W, C], for Compare.BLINK and WIPE
    scale: ColourScale | None = None  # of the colours of a layer
    fast: bool = False  # whether it was made in less precision, as `Execution.draft` allows


class Metric(StrEnum):
    """Of equivariance (Karras et al. 2021): how well pictures follow what their input goes through."""

    EQT = "eqt"  # translation by whole pixels
    EQT_FRAC = "eqt_frac"  # translation by any distance
    EQR = "eqr"  # rotation


@dataclass(frozen=True)
class LiveScore:
    """A metric of one picture."""

    request: RenderRequest
    psnr_db: float  # infinite if it follows exactly, NaN if nothing of it stays in sight


@dataclass(frozen=True, eq=False)
class Failure:
    """A request that gave no picture."""

    request: RenderRequest
    error: Exception
    details: str = field(default="", repr=False)  # traceback, for a bug report


Outcome: TypeAlias = Frame | Failure
