"""`render`: the pictures of a request as arrays or image files, without a window."""

from __future__ import annotations

import argparse
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.base.errors import CaptureError, UsageError
from core.base.files import why, write_whole
from core.documents.document import from_text, load_session, to_text
from core.documents.latent_files import read_array, read_centroids
from core.parameters.table import CUTOFF, LOD, PRECISION, PSI
from core.request import (
    Label,
    Latent,
    ModelInfo,
    Noise,
    NoiseMode,
    RenderRequest,
    SeedPoint,
    WVector,
    ZVector,
)
from core.request.edits import counts
from core.request.labels import WHOLE, label_called
from core.request.placement import Placement
from core.request.tables import Cell, Table, sheet
from visualizer.commands import codes_options as coded
from visualizer.commands import parameter_options as turned
from visualizer.commands.fetching import add_allow_download, add_fetch_again, check_downloads, fetch_again
from visualizer.commands.output import note, terminal_progress
from visualizer.commands.parameter_options import parse_number
from visualizer.commands.table_options import add_options, table_of
from visualizer.output.capture import SUFFIXES, read_picture_text, write_picture

if TYPE_CHECKING:
    from core.display.analysis import Pixels
    from core.render.blend_renderer import BlendRenderer
    from core.render.open_networks import OpenNetworks
    from core.render.operations import TablePicture
    from core.render.tasks import Loaded

MAX_SEEDS = 100_000
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Picture:
    """One picture: its request, and what stands for it in a file name."""

    request: RenderRequest
    name: str


def run(parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    options = _parse(parser, arguments)
    out: Path = options.output
    if out.suffix.lower() not in (".npy", *SUFFIXES):
        raise UsageError(f"{out.name} does not say what to write; end it in .npy, {', '.join(SUFFIXES)}.")
    if not out.parent.is_dir():
        raise UsageError(f"The folder {out.parent} does not exist; make it first.")
    fetch_again(options)
    base = _with_flags(_base(options), options)
    check_downloads(base, options)
    jobs = list(_jobs(options, base))
    from core.render.open_networks import OpenNetworks
    from core.render.weights import WeightPlacement
    from ops.native import build

    networks = OpenNetworks(placement=WeightPlacement(options.device))
    network = networks.open(jobs[0].request.network, terminal_progress())
    for text in network.origin.notes:
        note(text)
    jobs = _completed(jobs, options, networks, network)
    names = dict.fromkeys(blend.network for job in jobs for blend in job.request.blends if counts(blend))
    _others = [networks.open(name, terminal_progress()) for name in names]  # open for as long as they are kept
    build.run(make=False)
    table = table_of(options, jobs[0].request, network.info)
    if table is None:
        _render(jobs, network, networks.renderer(network), out)
    else:
        if out.suffix.lower() == ".npy" or len(jobs) > 1:
            raise UsageError("A table is one picture of one latent; end -o in .png and give one seed at most.")
        _render_table(table, jobs[0].request, networks, network, out, cells=options.cells)
    return 0


def _completed(
    jobs: list[Picture], options: argparse.Namespace, networks: OpenNetworks, network: Loaded
) -> list[Picture]:
    """The jobs with what only the open network can tell: its classes by name, its codes, what is set layer by layer."""
    changes: dict[str, Any] = {}
    if options.label_text is not None:
        changes["label"] = _label(options.label_text, network.info)
    if options.centroids is not None:
        centre = read_centroids(options.centroids, network.info)
        changes["truncation"] = replace(jobs[0].request.truncation, centre=centre)
    jobs = [replace(job, request=replace(job.request, **changes)) for job in jobs]
    grids = coded.codes_of(options, networks, network)
    jobs = [Picture(replace(jobs[0].request, latent=codes), name) for codes, name in grids] or jobs
    return [replace(job, request=turned.with_settings(job.request, options, network.info)) for job in jobs]


class Notes:
    """Says each note of frames once."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def say(self, notes: tuple[str, ...]) -> None:
        for text in notes:
            if text not in self._said:
                note(text)
        self._said.update(notes)


def _render_table(
    table: Table, base: RenderRequest, networks: OpenNetworks, network: Loaded, out: Path, *, cells: bool
) -> None:
    """The pictures in one file with the base's request in it and, if `cells`, each in its own."""
    from core.render.operations import MakeTable

    notes, pictures = Notes(), dict[Cell, "Pixels"]()

    def take(made: TablePicture) -> None:
        pictures[made.cell] = made.pixels
        notes.say(made.notes)
        if cells:
            text = to_text(made.cell.request, network.origin, family=network.info.family)
            write_picture(out.with_name(f"{out.stem}-{made.cell.name}{out.suffix}"), made.pixels, text)

    networks.run(MakeTable(table), network, progress=terminal_progress(), publish=take)
    write_picture(out, sheet(table, pictures.get), to_text(base, network.origin, family=network.info.family))


def _render(jobs: list[Picture], network: Loaded, renderer: BlendRenderer, out: Path) -> None:
    images, notes = list[Floats](), Notes()
    for job in jobs:
        frame = renderer.render(job.request)
        notes.say(frame.notes)
        if out.suffix.lower() == ".npy":
            images.append(frame.image.cpu().numpy())
            continue
        path = out if len(jobs) == 1 else out.with_name(f"{out.stem}-{job.name}{out.suffix}")
        write_picture(path, frame.pixels, to_text(job.request, network.origin, family=network.info.family))
    if images:
        buffer = io.BytesIO()
        np.save(buffer, np.stack(images))
        try:
            write_whole(out, buffer.getvalue())
        except OSError as error:
            raise CaptureError(f"{out} cannot be written: {why(error)}") from error


# ----------------------------------------------------------------------------
# Arguments.


def _parse(parser: argparse.ArgumentParser, arguments: list[str]) -> argparse.Namespace:
    add = parser.add_argument
    parser.description = "Render pictures. .npy holds the float32 output [N, C, H, W], image files 8 bits a channel."
    add("network", nargs="?", metavar="NETWORK",
        help="path, folder, URL, demo:NAME, or a saved session (.json) or picture (.png)")  # fmt: skip
    add("-o", "--output", type=Path, required=True, metavar="OUT", help="x.npy, or x.png (several: x-<seed>.png)")
    latents = parser.add_mutually_exclusive_group()
    latents.add_argument("--seeds", type=parse_seeds, metavar="LIST", help="such as 0,3,5-9")
    latents.add_argument("--z", type=Path, metavar="FILE", help=".npy or .npz: N x z_dim")
    latents.add_argument("--w", type=Path, metavar="FILE", help=".npy or .npz: N x w_dim or N x num_ws x w_dim")
    labels = parser.add_mutually_exclusive_group()
    labels.add_argument("--class", dest="label_text", metavar="CLASS",
        help="number, name, part of a name, or a mix such as hen:0.7,3:0.3 (default: from the seed)")  # fmt: skip
    labels.add_argument("--label", type=Path, metavar="FILE", help=".npy or .npz: N x c_dim")
    turned.add_flag(parser, PSI)
    turned.add_flag(parser, CUTOFF)
    add("--centroids", type=Path, metavar="FILE", help=".npy: K x w_dim, of which psi leads to the nearest")
    add("--noise", type=parse_noise, metavar="MODE", help="const, none or random[:SEED]")
    add("--translate", type=lambda text: parse_numbers(text, 2), metavar="X,Y", help="move the picture, in widths")
    add("--rotate", type=parse_number, metavar="DEG", help="rotate the picture")
    add("--transform", type=lambda text: parse_numbers(text, 6), metavar="a,b,c,d,e,f",
        help="top two rows of the matrix that the network gets")  # fmt: skip
    turned.add_flag(parser, LOD)
    add_options(parser)
    coded.add_options(parser, latents)
    turned.add_flag(parser, PRECISION)
    add("--fp32", action="store_const", dest="precision", const="exact", help="the same as --precision exact")
    turned.add_settings(parser)
    add("--request", metavar="JSON", help="a whole request, as the window copies it")
    add_allow_download(parser)
    add_fetch_again(parser)
    add("--device", default="auto", metavar="D", help="auto, cpu, cuda, cuda:N or mps")
    return parser.parse_args(arguments)


def _jobs(options: argparse.Namespace, base: RenderRequest) -> Iterator[Picture]:
    latents = list(_latents(options, base))
    labels = _labels(options, base.label, len(latents))
    for (latent, name), label in zip(latents, labels, strict=True):
        yield Picture(replace(base, latent=latent, label=label), name)


def _base(options: argparse.Namespace) -> RenderRequest:
    """The request that the flags start from: of a session, a picture, --request, or the defaults."""
    request = RenderRequest()
    if options.request:
        request = from_text(options.request, "--request").request
    name = (options.network or "").strip().strip("'\"")
    path = Path(name).expanduser()
    if options.request and path.suffix.lower() in (".json", ".png") and path.is_file():
        raise UsageError(f"{path.name} and --request both say what to render; leave one out.")
    if path.suffix.lower() == ".json" and path.is_file():
        return load_session(path).request
    if path.suffix.lower() == ".png" and path.is_file():
        text = read_picture_text(path)
        if text is None:
            raise UsageError(f"{path.name} holds no settings; only pictures that this program saved do.")
        return from_text(text, path.name).request
    request = replace(request, network=name) if name else request
    if not request.network:
        raise UsageError("There is nothing to render; name a network, a session or a saved picture.")
    return request


def _with_flags(request: RenderRequest, options: argparse.Namespace) -> RenderRequest:
    if options.code_grid is not None:
        grid = replace(options.code_grid, snap=request.grid.snap)
        request = replace(request, grid=grid)
    if options.noise is not None:
        request = replace(request, noise=options.noise)
    if options.transform is not None:
        if options.translate is not None or options.rotate is not None:
            raise UsageError("--transform already says all; leave --translate and --rotate out.")
        request = replace(request, transform=options.transform)
    elif options.translate is not None or options.rotate is not None:
        x, y = options.translate or (0.0, 0.0)
        request = replace(request, transform=Placement(x, y, options.rotate or 0.0).matrix)
    return turned.with_flags(request, options, (PSI, CUTOFF, LOD, PRECISION))


def _latents(options: argparse.Namespace, base: RenderRequest) -> Iterator[tuple[Latent, str]]:
    if options.z is not None:
        for index, row in enumerate(read_array(options.z, "z", (2,))):
            yield ZVector(tuple(row.tolist())), str(index)
    elif options.w is not None:
        for index, rows in enumerate(read_array(options.w, "w", (2, 3))):
            yield WVector(tuple(map(tuple, np.atleast_2d(rows).tolist()))), str(index)
    elif options.seeds is not None:
        for seed in options.seeds:
            yield SeedPoint(float(seed), 0.0), str(seed)
    else:
        name = f"{base.latent.x:g}" if isinstance(base.latent, SeedPoint) else "0"
        yield base.latent, name


def _labels(options: argparse.Namespace, default: Label, count: int) -> Sequence[Label]:
    if options.label is None:
        return [default] * count
    rows = [tuple(row) for row in read_array(options.label, "c", (2,)).tolist()]
    if len(rows) not in (1, count):
        raise UsageError(f"{options.label.name} has {len(rows)} labels for {count} pictures; give 1 or {count}.")
    return rows * count if len(rows) == 1 else rows


def _label(text: str, info: ModelInfo) -> Label:
    """What --class names. Weights are taken as they are."""
    label = label_called(text, info)
    if isinstance(label, tuple) and abs(sum(label) - 1) > WHOLE:
        note(f"The weights of the classes add up to {sum(label):g}, not 1.")
    return label


def parse_seeds(text: str) -> list[int]:
    """Seeds such as "0,3,5-9"."""
    seeds: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(-?\d{1,10})(?:-(\d{1,10}))?\s*", part)
        if match is None:
            raise argparse.ArgumentTypeError(f"'{part}' is no seed or range of seeds; write 0,3,5-9")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or last - first + len(seeds) >= MAX_SEEDS:
            raise argparse.ArgumentTypeError(f"'{part}' is no usable range of seeds")
        seeds += range(first, last + 1)
    return seeds


def parse_numbers(text: str, count: int) -> tuple[float, ...]:
    values = tuple(parse_number(part) for part in text.split(","))
    if len(values) != count:
        raise argparse.ArgumentTypeError(f"'{text}' is not {count} numbers with commas between")
    return values


def parse_noise(text: str) -> Noise:
    """const, none, random or random:SEED."""
    mode, _, seed = text.partition(":")
    if mode not in set(NoiseMode) or (seed and (mode != NoiseMode.RANDOM or not re.fullmatch(r"\d{1,18}", seed))):
        raise argparse.ArgumentTypeError(f"'{text}' is no noise mode; use const, none, random or random:SEED")
    return Noise(NoiseMode(mode), int(seed or 0))
