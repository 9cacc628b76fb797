"""What a network can do, and where it came from. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Truncates(StrEnum):
    """What psi does."""

    W = "w"  # it pulls w towards a centre
    Z = "z"  # it scales the z of seeds; an explicit z is taken as it is
    STATISTICS = "statistics"  # the same, and chooses the statistics with which layers normalise
    NONE = "none"


@dataclass(frozen=True)
class CodeGrid:
    """What a network with codes takes: a grid of vectors, each of its codebook."""

    rows: int  # of the usual grid
    columns: int
    count: int  # different codes
    size: int  # pixels of the picture that a code stands for, along each axis
    no_encoder: str = ""  # why it cannot make codes of a picture; "": it can
    published: tuple[int, ...] = ()  # codes by the numbers that files of other programs give them; empty: the same


@dataclass(frozen=True)
class StepInfo:
    """A step of the synthesis, as panels name it."""

    name: str  # such as b64.conv0
    row: int  # the entry of ws that it is edited with
    has_styles: bool  # whether an affine makes styles of its w


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
    no_z: str = ""  # why no z and no seed tells it a w; "": they do
    has_w: bool = True  # False: without a mapping network; an entry of ws begins with z or a part of it
    truncates: Truncates = Truncates.W
    z_width: int = 0  # how many numbers of an entry of ws are z as psi scales it; the rest embeds the class
    z_bound: float = 0.0  # the z of a seed is normally distributed within these bounds; 0: without bounds
    class_names: tuple[str, ...] = ()  # of the classes from 0 on, "" for one without; empty: nothing tells them
    max_classes: int = 0  # how many of the last numbers of z may be a class; 0: none, or the file tells all
    class_centres: bool = False  # each class has an average w of its own, which truncation leads to
    has_noise: bool = False
    noise_ws: tuple[int, ...] = ()  # entries of ws whose layer has a noise input
    has_transform: bool = False
    max_lod: int = 0  # the coarsest level of detail, where each halves the resolution; 0: there is only the full one
    lod: float = 0.0  # that at which the training ended
    fp16_layers: tuple[str, ...] = ()  # layers that run in float16 on CUDA
    runs_in_float64: bool = False  # can be, where numbers leave the range of float32
    num_parameters: int = 0
    steps: tuple[StepInfo, ...] = field(default=(), compare=False)  # of an open network
    codes: CodeGrid | None = None  # ws is a single entry then, a grid of vectors: [N, 1, rows, columns, w_dim]


@dataclass(frozen=True)
class Origin:
    """Where a network came from, as far as the file tells."""

    location: str  # as the user named it: path, URL, demo:NAME or seed:N
    path: str = ""  # the file that was read
    container: str = ""  # e.g. "pickle, protocol 4, ..."
    size: int = 0  # bytes
    digest: str = ""  # SHA-256 of the file, hexadecimal
    training_set: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()  # what a user should know, e.g. "G_ema is missing"
    fetched_s: float = 0.0  # since 1970, when it was the newest at its address; 0: it is from no address
