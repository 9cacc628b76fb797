"""What decides a picture: a request and its parts. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

Matrix: TypeAlias = tuple[float, float, float, float, float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
LAST_SEED = 2**32 - 1  # of random numbers; one more is seed 0 again
SEEDS_PER_ROW = 100  # moving by one in y on the seed map adds this to the seed
BUILT_IN = "seed:0"  # a small network made from a seed, which needs no file
MAX_EDGE, MAX_CODES = 512, 65_536  # of a grid of codes, along an edge and altogether
MAX_CENTROIDS = 2**19  # numbers of all centroids together


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


@dataclass(frozen=True)
class Codes:
    """An explicit grid of codes, row by row."""

    rows: int
    columns: int
    indices: tuple[int, ...]


# None: drawn from each seed. A number: that class. Numbers: a soft label of c_dim weights.
Label: TypeAlias = int | tuple[float, ...] | None

SingleLatent: TypeAlias = SeedPoint | ZVector | WVector | Codes


class Space(StrEnum):
    """Where latents are interpolated."""

    W = "w"  # linearly
    Z = "z"  # spherically, if each has a z; else as W


@dataclass(frozen=True)
class Share:
    """How much of a mixture a latent is."""

    latent: SingleLatent
    weight: float
    label: Label = None  # None: that of the mixture, else of its seed


@dataclass(frozen=True)
class Mixture:
    """What lies between latents; weights add up to 1, and one below 0 leads away. `core.request.mixtures` makes it.

    In W, the weighted sum of the w of each, truncated by itself. In Z, each in turn is gone towards along the great
    circle, by its share in the weights so far: of two, spherical interpolation.
    """

    shares: tuple[Share, ...]
    space: Space = Space.W


Latent: TypeAlias = SingleLatent | Mixture


@dataclass(frozen=True)
class StyleSource:
    """A style that layers can take a part of."""

    latent: Latent = SeedPoint(1000.0)
    label: Label = None  # None: that of the request
    name: str = ""  # what it is called, e.g. a file's name; "": by its seed
    fraction: float = 1.0  # 0..1, of the parts
    parts: tuple[float, ...] = ()  # 0..1, how much of it each entry of ws takes; beyond the end: nothing
    on: bool = True


@dataclass(frozen=True)
class Clusters:
    """So many centres of W, found by k-means; that nearest to the latent counts."""

    count: int = 8


@dataclass(frozen=True)
class ClassMean:
    """The mean w of the class that the picture is of."""


@dataclass(frozen=True)
class Centroids:
    """Given centres of W, a row of w_dim numbers each; that nearest to the latent counts."""

    rows: tuple[tuple[float, ...], ...] = field(hash=False)  # they are many
    name: str = ""  # of their file


# What w is truncated towards besides a latent.
Centre: TypeAlias = Clusters | ClassMean | Centroids


@dataclass(frozen=True)
class Truncation:
    """w = centre + psi (w - centre) on the first `cutoff` entries of ws; None: on all.

    Where there is no W, as `Truncates` says.
    """

    psi: float = 1.0
    cutoff: int | None = None
    centre: Latent | Centre | None = None  # None: the network's w_avg


class NoiseMode(StrEnum):
    CONST = "const"  # the maps stored in the network
    RANDOM = "random"  # fresh maps from the seed
    NONE = "none"


@dataclass(frozen=True)
class Noise:
    """The noise inputs. Between two seeds, the random maps are interpolated spherically."""

    mode: NoiseMode = NoiseMode.CONST
    seed: float = 0  # of the random maps
    strength: float = 1.0  # times the learned strengths
    shift: tuple[float, float] = (0.0, 0.0)  # x and y, in picture sizes; what leaves at one side enters at the other


@dataclass(frozen=True)
class LayerEdit:
    """What is changed at one entry of ws."""

    psi: float | None = None  # None: that of the truncation
    noise: float = 1.0  # times the learned strength
    w: tuple[float, ...] | None = None  # kept, whatever the latent; None: that of the latent and the sources
    offset: tuple[float, ...] = ()  # added to w; empty: nothing
    jitter: float = 0.0  # times the standard deviation of w, of a Gaussian offset besides
    jitter_seed: int = 0
    muted: bool = False  # nothing of this is done, and nothing is taken of the sources


UNEDITED = LayerEdit()


@dataclass(frozen=True)
class StyleEdit:
    """A change of one channel in style space: s = scale s + offset, of what the affine of a layer gives."""

    layer: str = ""  # a name of `Step`, such as b64.conv0
    channel: int = 0
    offset: float = 0.0  # in standard deviations of the channel over random latents
    scale: float = 1.0


@dataclass(frozen=True)
class Blend:
    """Another network, whose parameters (or features) take the place of a part of this one's, layer by layer."""

    network: str = ""  # path, URL, demo:NAME or seed:N
    weights: tuple[float, ...] = ()  # 0..1, its part of each layer, by entry of ws; beyond the end: none
    mapping: float = 0.0  # its part of the mapping network and of w_avg
    features: bool = False  # it runs beside this one, with its own w, and what the layers make is mixed


@dataclass(frozen=True)
class Grid:
    """How the codes of a network with codes are made where the latent is no grid of its own."""

    rows: int = 0  # of the codes that seeds draw; 0: those of the network
    columns: int = 0
    snap: bool = False  # what lies between codes becomes the nearest code


class Precision(StrEnum):
    """In what layers compute."""

    AUTO = "auto"  # as the network was trained on a GPU, else in float32; what is shown while a control is held: FAST
    EXACT = "exact"  # float32
    FAST = "fast"  # bfloat16, or float16 on GPUs without it, where the device has it


class Show(StrEnum):
    """Which channels of a layer make its picture."""

    ONE = "one"
    THREE = "three"  # one, if there are no three
    PCA = "pca"  # the three principal components of all channels


class Colours(StrEnum):
    """How one channel is coloured."""

    AUTO = "auto"  # signed where there are values below zero, else gray
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
    colours: Colours = Colours.GRAY
    untransform: bool = False  # take the transform back by resampling: what is left does not follow it
    compare: Compare = Compare.OFF
    difference_db: float = 0.0  # of Compare.DIFFERENCE, besides the gain
    mask: bool = True  # shade what was resampled from beyond the edge
    exposure: float = 0.0  # stops: the light of the picture times 2 ** exposure; not of a layer
    contrast: float = 1.0  # of the picture, around middle gray; likewise
    auto_range: bool = False  # of a layer: -1..1 is what the shown channels reach, from 0 on if they have no sign


def alone(view: View) -> View:
    """The view without a comparison."""
    return replace(view, compare=Compare.OFF, untransform=False, difference_db=0.0, mask=True)


def lit(view: View) -> View:
    """The whole picture by itself, in the light of a view. A view that equals this shows no more than that."""
    return View(exposure=view.exposure, contrast=view.contrast)


@dataclass(frozen=True)
class RenderRequest:
    """Everything that decides a picture. Equal requests give equal pictures on one device."""

    network: str = ""  # path, URL, demo:NAME or seed:N
    latent: Latent = SeedPoint()
    label: Label = None
    sources: tuple[StyleSource, ...] = (StyleSource(),)
    truncation: Truncation = Truncation()
    blends: tuple[Blend, ...] = ()
    styles: tuple[StyleEdit, ...] = ()  # at most one a channel
    layers: tuple[LayerEdit, ...] = ()  # by entry of ws; beyond the end: nothing is changed
    noise: Noise = Noise()
    transform: Matrix = IDENTITY  # top two rows of the matrix in `synthesis.input.transform`
    grid: Grid = Grid()
    lod: float | None = None  # level of detail, 0: full resolution; None: the one at which the training ended
    precision: Precision = Precision.AUTO
    view: View = View()


@dataclass(frozen=True)
class Box:
    """A part of the picture, pixels."""

    left: int
    top: int
    right: int
    bottom: int
