"""What decides a picture, and what comes back: requests, frames, failures. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from torch import Tensor

    from core.images import Histogram, Mosaic, Spectrum, Statistics

Matrix: TypeAlias = tuple[float, float, float, float, float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SEEDS_PER_ROW = 100  # moving by one in y on the seed map adds this to the seed
BUILT_IN = "seed:0"  # a small network made from a seed, which needs no file


# ----------------------------------------------------------------------------
# The request.


@dataclass(frozen=True)
class SeedPoint:
    """A point of the 2-D seed map: node (i, j) is seed i + 100 j, between nodes w is blended bilinearly."""

    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True)
class ZVector:
    """An explicit z, z_dim numbers."""

    values: tuple[float, ...]


@dataclass(frozen=True)
class WVector:
    """An explicit w: one row for all layers, or num_ws rows of w_dim numbers. Truncation still applies."""

    rows: tuple[tuple[float, ...], ...]


Latent: TypeAlias = SeedPoint | ZVector | WVector

# None: drawn from each seed. A number: that class. Numbers: a soft label of c_dim weights.
Label: TypeAlias = int | tuple[float, ...] | None


@dataclass(frozen=True)
class Mixing:
    """Style mixing: these entries of ws come from another seed."""

    seed: int = 1000
    layers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Truncation:
    """w = w_avg + psi (w - w_avg) on the first `cutoff` entries of ws; None: on all."""

    psi: float = 1.0
    cutoff: int | None = None


class NoiseMode(StrEnum):
    CONST = "const"  # the maps stored in the network
    RANDOM = "random"  # fresh maps from the seed
    NONE = "none"


@dataclass(frozen=True)
class Noise:
    mode: NoiseMode = NoiseMode.CONST
    seed: int = 0  # of the random maps


class Show(StrEnum):
    """Which channels of a layer make its picture."""

    ONE = "one"
    THREE = "three"  # one, if there are no three
    PCA = "pca"  # the three principal components of all channels


class Colors(StrEnum):
    """How one channel is coloured."""

    GRAY = "gray"  # as the network's picture: -1 black, 1 white
    SIGNED = "signed"  # blue below zero, dark at zero, orange above


class Compare(StrEnum):
    """How a picture that the transform places is seen with the upright one, placed alike by resampling."""

    OFF = "off"
    SIDE = "side"  # side by side, the placed one at the left
    DIFFERENCE = "difference"
    BLINK = "blink"  # one after the other; saved pictures are as with OFF
    WIPE = "wipe"  # one at each side of an edge; likewise


@dataclass(frozen=True)
class View:
    """What is shown: the picture, or a layer in its place, where the synthesis stops."""

    layer: str = ""  # a name of `Frame.layers`; "": the picture
    show: Show = Show.THREE
    base: int = 0  # the first channel shown
    normalize: bool = False  # divide each channel by its largest magnitude
    gain_db: float = 0.0
    colors: Colors = Colors.GRAY
    untransform: bool = False  # take the transform back by resampling: what is left does not follow it
    compare: Compare = Compare.OFF
    difference_db: float = 0.0  # of Compare.DIFFERENCE, besides the gain
    mask: bool = True  # shade what was resampled from beyond the edge


def alone(view: View) -> View:
    """The view without a comparison."""
    return replace(view, compare=Compare.OFF, untransform=False, difference_db=0.0, mask=True)


@dataclass(frozen=True)
class RenderRequest:
    """Everything that decides a picture. Equal requests give equal pictures on one device."""

    network: str = ""  # path, URL, demo:NAME or seed:N
    latent: Latent = SeedPoint()
    label: Label = None
    mixing: Mixing = Mixing()
    truncation: Truncation = Truncation()
    noise: Noise = Noise()
    transform: Matrix = IDENTITY  # top two rows of the matrix in `synthesis.input.transform`
    force_fp32: bool = False
    view: View = View()


# ----------------------------------------------------------------------------
# What a network can do.


@dataclass(frozen=True)
class ModelInfo:
    """The description of a network; panels ask it for capabilities, never for a family."""

    family: str  # as a user reads it, e.g. "StyleGAN2"
    architecture: str  # e.g. "skip", "config T"
    width: int  # pixels
    height: int
    channels: int  # 1 gray, 2 gray + alpha, 3 RGB, 4 RGB + alpha
    z_dim: int
    w_dim: int
    c_dim: int  # 0: unconditional
    num_ws: int
    ws_names: tuple[str, ...]  # what each entry of ws drives, e.g. "8² conv0"
    has_w_avg: bool = True
    has_noise: bool = False
    has_transform: bool = False
    fp16_layers: tuple[str, ...] = ()  # layers that run in float16 on CUDA
    num_parameters: int = 0


@dataclass(frozen=True)
class Origin:
    """Where a network came from, as far as the file tells."""

    source: str  # as the user named it: path, URL, demo:NAME or seed:N
    path: str = ""  # the file that was read
    container: str = ""  # e.g. "pickle, protocol 4, ..."
    size: int = 0  # bytes
    digest: str = ""  # SHA-256 of the file, hexadecimal
    training_set: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()  # what a user should know, e.g. "G_ema is missing"


# ----------------------------------------------------------------------------
# What comes back.


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


@dataclass(frozen=True)
class Kaiser:
    """How a spectrum is made and shown."""

    beta: float = 8.0  # of the window: larger hides the picture's edges better and blurs frequencies more
    reach_db: float = 50.0  # to each side of the mean power, from the darkest to the lightest colour
    shown_only: bool = False  # of the shown channels, instead of all


@dataclass(frozen=True)
class Wanted:
    """What is found out about the shown picture or layer, besides."""

    values: bool = False  # of the channels that are shown
    statistics: bool = False
    mosaic: int = 0  # edge of the thumbnails of all channels, pixels; 0: none
    spectrum: Kaiser | None = None
    magnitudes: bool = False
    scores: bool = False  # `LiveScore`s, which come after the frame


NOTHING = Wanted()


@dataclass(frozen=True, eq=False)
class Inspected:
    """What was `Wanted`."""

    channels: int
    values: npt.NDArray[np.float32] | None = None  # [n, H, W], unscaled
    statistics: tuple[Statistics, Statistics] | None = None  # of all channels, and of those shown
    histograms: tuple[Histogram, Histogram] | None = None
    mosaic: Mosaic | None = None
    spectrum: Spectrum | None = None
    magnitudes: tuple[tuple[str, float], ...] = ()  # root mean square of the layers that ran, in order


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
    inspected: Inspected | None = None
    upright: npt.NDArray[np.uint8] | None = None  # [H, W, C], for Compare.BLINK and WIPE


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
