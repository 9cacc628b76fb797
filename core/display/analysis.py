"""What is found out about a picture or a layer besides its pixels: what is asked, and the answer. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Pixels: TypeAlias = npt.NDArray[np.uint8]  # [H, W, C]
Reals: TypeAlias = npt.NDArray[np.floating]


@dataclass(frozen=True)
class SpectrumOptions:
    """How a spectrum is made and shown."""

    beta: float = 8.0  # of the window: larger hides the picture's edges better and blurs frequencies more
    reach_db: float = 50.0  # to each side of the mean power, from the darkest to the lightest colour
    shown_only: bool = False  # of the shown channels, instead of all


@dataclass(frozen=True)
class Analysis:
    """What is found out about the shown picture or layer, besides."""

    values: bool = False  # of the channels that are shown
    statistics: bool = False
    mosaic: int = 0  # edge of the thumbnails of all channels, pixels; 0: none
    spectrum: SpectrumOptions | None = None
    magnitudes: bool = False
    scores: bool = False  # `LiveScore`s, which come after the frame
    styles: str = ""  # the step whose styles are wanted; "": none


NOTHING = Analysis()


class PlottedCurve(NamedTuple):
    """Power along a line through the frequencies."""

    frequency: Reals  # [K], cycles per picture width, from 0 on
    db: Reals  # [K], -inf where there is none


class PlottedCurves(NamedTuple):
    radial: PlottedCurve  # the mean over all directions, up to the highest frequency that all have
    horizontal: PlottedCurve  # 0 degrees, up to W / 2
    diagonal: PlottedCurve  # 45 degrees, up to W / sqrt(2) in a square picture


class Mosaic(NamedTuple):
    """All channels of a layer, small."""

    levels: npt.NDArray[np.uint8]  # [C, h, w], each channel divided by its largest magnitude; see `levels`
    dead: tuple[int, ...]  # channels that are 0 everywhere
    largest: npt.NDArray[np.float32]  # [C], the largest magnitude of the small channels
    variance: npt.NDArray[np.float32]  # [C], of the small channels

    def values_at(self, x: float, y: float) -> npt.NDArray[np.float32]:
        """What each channel has at a place, 0..1 from the left and from the top. [C]"""
        h, w = self.levels.shape[1:]
        row, column = min(max(int(y * h), 0), h - 1), min(max(int(x * w), 0), w - 1)
        steps = self.levels[:, row, column].astype(np.float32) - 128
        return steps * (self.largest / np.float32(127))


class Statistics(NamedTuple):
    """Of the finite values; shares are of all."""

    mean: float
    std: float
    max_abs: float
    zeros: float  # 0..1
    saturated: float  # 0..1, of those beyond -1..1
    nan: int
    inf: int


class Histogram(NamedTuple):
    low: float
    high: float
    counts: npt.NDArray[np.int64]  # of equal widths


class Spectrum(NamedTuple):
    """The power of a layer by frequency, relative to its mean."""

    pixels: Pixels  # frequency 0 at [H // 2, W // 2]
    db: npt.NDArray[np.float16]  # [H, W], likewise
    curves: PlottedCurves


@dataclass(frozen=True, eq=False)
class AnalysisResult:
    """What was `Analysis`."""

    channels: int
    values: npt.NDArray[np.float32] | None = None  # [n, H, W], unscaled
    statistics: tuple[Statistics, Statistics] | None = None  # of all channels, and of those shown
    histograms: tuple[Histogram, Histogram] | None = None
    mosaic: Mosaic | None = None
    spectrum: Spectrum | None = None
    magnitudes: tuple[tuple[str, float], ...] = ()  # root mean square of the layers that ran, in order


@dataclass(frozen=True, eq=False)
class Styles:
    """What the affine of a layer made of w, before it is edited, and how its channels spread over random latents."""

    layer: str
    values: npt.NDArray[np.float32]  # [C]
    mean: npt.NDArray[np.float32]  # [C]
    std: npt.NDArray[np.float32]  # [C]
