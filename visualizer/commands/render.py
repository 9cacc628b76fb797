"""`render`: the pictures of a request as arrays or image files, or the film of a session, without a window."""

from __future__ import annotations

import argparse
import io
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.base.errors import CaptureError, UsageError
from core.base.files import why, write_whole
from core.base.paths import path_of
from core.base.text import shown
from core.documents.document import to_text
from core.documents.latents.rows import read_centroids
from core.parameters.reasons import lacking
from core.parameters.table import CUTOFF, LOD, PRECISION, PSI
from core.request import ModelInfo, Noise, NoiseMode, RenderRequest
from core.request.edits import counts
from core.request.placement import Placement
from core.request.tables import Cell, Table, sheet
from core.video.formats import SUFFIXES as FILM_SUFFIXES
from visualizer.commands import codes_options as coded
from visualizer.commands import latent_options as latent
from visualizer.commands import parameter_options as turned
from visualizer.commands.classes_option import add_classes, keep_classes, named_with
from visualizer.commands.fetching import add_allow_download, add_fetch_again, check_downloads, fetch_again
from visualizer.commands.films.options import add_film_options, check_target, is_film
from visualizer.commands.films.render import render_film
from visualizer.commands.numbers import parse_number, parse_numbers
from visualizer.commands.output import note, terminal_progress
from visualizer.commands.render_sources import add_at, finder, start_of
from visualizer.commands.table_options import add_options, table_of
from visualizer.output.capture import SUFFIXES, write_picture
from visualizer.output.sheet_labels import labelled

if TYPE_CHECKING:
    from core.display.analysis import Pixels
    from core.project import Project
    from core.render.blend_renderer import BlendRenderer
    from core.render.open_networks import OpenNetworks
    from core.render.operations import TablePicture
    from core.render.tasks import Loaded

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Picture:
    """One picture: its request, and what stands for it in a file name."""

    request: RenderRequest
    name: str


def run(parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    options = _parse(parser, arguments)
    out: Path = options.output
    film = is_film(options)
    if not film and out.suffix.lower() not in (".npy", *SUFFIXES):
        endings = ", ".join((".npy", *SUFFIXES, *FILM_SUFFIXES))
        raise UsageError(f"{out.name} does not say what to write; end it in {endings}.")
    check_target(out)
    fetch_again(options)
    start = start_of(options)
    presets = turned.presets_of(options, start.saved.project.presets)
    named_now = finder(start, terminal_progress())
    base = named_now(_with_flags(start.request(), options))
    check_downloads(base, options)
    from core.render.open_networks import OpenNetworks
    from core.render.weights import WeightPlacement
    from ops.native import build

    networks = OpenNetworks(placement=WeightPlacement(options.device))
    network = networks.open(base.network, terminal_progress())
    keep_classes(options, network.info, network.origin)
    base = replace(named_now(_with_flags(start.request(network.info), options)), network=network.location)
    for text in network.origin.notes:
        note(text)
    _check_uses(options, network.info)
    jobs = [replace(job, request=turned.with_presets(job.request, presets, network.info))
            for job in _jobs(options, base, networks, network)]  # fmt: skip
    jobs = [replace(job, request=turned.with_settings(job.request, options, network.info)) for job in jobs]
    names = dict.fromkeys(blend.network for job in jobs for blend in job.request.blends if counts(blend))
    _others = [networks.open(name, terminal_progress()) for name in names]  # open for as long as they are kept
    build.run(make=False)
    if film:
        if len(jobs) > 1:
            raise UsageError("A film is of one picture that moves; give one seed, or one latent.")
        project = replace(start.saved.project, request=jobs[0].request)
        render_film(options, _named(project, start.saved.project.request.network, network), networks, network)
        return 0
    table = table_of(options, jobs[0].request, network.info)
    if table is None:
        _render(jobs, network, networks.renderer(network), out)
    else:
        if out.suffix.lower() == ".npy" or len(jobs) > 1:
            raise UsageError("A table is one picture of one latent; end -o in .png and give one seed at most.")
        _render_table(table, jobs[0].request, networks, network, out, options)
    return 0


def _named(project: Project, before: str, network: Loaded) -> Project:
    """With what is kept of the network of a session named as that is now."""
    shelf = (
        replace(kept, request=replace(kept.request, network=network.location))
        if kept.request.network == before else kept
        for kept in project.shelf
    )  # fmt: skip
    return replace(project, shelf=tuple(shelf))


def _check_uses(options: argparse.Namespace, info: ModelInfo) -> None:
    """Raises UsageError for options that can do nothing with the network."""
    random = options.noise is not None and options.noise.mode is NoiseMode.RANDOM
    uses = {
        "--code-grid": (options.code_grid, "codes"),
        "--translate": (options.translate, "transform"),
        "--rotate": (options.rotate, "transform"),
        "--transform": (options.transform, "transform"),
        "--lod": (options.lod, "detail"),
        "--noise random": (options.noise if random else None, "noise"),
    }
    for name, (value, need) in uses.items():
        if value is not None and (reason := lacking(need, info)):
            raise UsageError(f"{name} cannot be used: {reason[0].lower()}{reason[1:]}")


def _jobs(
    options: argparse.Namespace, base: RenderRequest, networks: OpenNetworks, network: Loaded
) -> list[Picture]:
    """The pictures that the options ask for of an open network."""
    if options.centroids is not None:
        centre = read_centroids(options.centroids, network.info)
        base = replace(base, truncation=replace(base.truncation, centre=centre))
    latents = [*coded.codes_of(options, networks, network)] or latent.latents_of(options, base, network.info)
    labels = latent.labels_of(options, base.label, len(latents), network.info)
    return [
        Picture(replace(base, latent=each, label=label), name)
        for (each, name), label in zip(latents, labels, strict=True)
    ]


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
    table: Table, base: RenderRequest, networks: OpenNetworks, network: Loaded, out: Path,
    options: argparse.Namespace,
) -> None:  # fmt: skip
    """The pictures in one file with the base's request in it and, with --cells, each in its own."""
    from core.render.operations import MakeTable

    notes, pictures = Notes(), dict[Cell, "Pixels"]()

    def take(made: TablePicture) -> None:
        pictures[made.cell] = made.pixels
        notes.say(made.notes)
        if options.cells:
            text = to_text(made.cell.request, network.origin, family=network.info.family)
            write_picture(out.with_name(f"{out.stem}-{made.cell.name}{out.suffix}"), made.pixels, text)

    networks.run(MakeTable(table), network, progress=terminal_progress(), publish=take)
    whole = sheet(table, pictures.get)
    whole = labelled(whole, table) if options.labels else whole
    write_picture(out, whole, to_text(base, network.origin, family=network.info.family))


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
    add("-o", "--output", type=path_of, required=True, metavar="OUT",
        help="x.npy, x.png (several: x-<seed>.png), or a film such as x.mp4")  # fmt: skip
    latents = parser.add_mutually_exclusive_group()
    latent.add_options(parser, latents)
    add_classes(parser)
    turned.add_flag(parser, PSI)
    turned.add_flag(parser, CUTOFF)
    add("--centroids", type=path_of, metavar="FILE",
        help=f"{latent.FILES}: K x w_dim, of which psi leads to the nearest")  # fmt: skip
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
    turned.add_presets(parser)
    turned.add_settings(parser)
    add("--request", metavar="JSON", help="a whole request, as the window copies it")
    add_at(parser)
    add_film_options(parser)
    add_allow_download(parser)
    add_fetch_again(parser)
    add("--device", default="auto", metavar="D", help="auto, cpu, cuda, cuda:N or mps")
    return parser.parse_args(arguments)


def _with_flags(request: RenderRequest, options: argparse.Namespace) -> RenderRequest:
    request = replace(request, network=named_with(request.network, options))
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


def parse_noise(text: str) -> Noise:
    """const, none, random or random:SEED."""
    match = re.fullmatch(r"(const|none|random)(?:(?<=random):([0-9]{1,18}))?", text)
    if match is None:
        called = shown(text, 40)
        raise argparse.ArgumentTypeError(f"'{called}' is no noise mode; use const, none, random or random:SEED")
    return Noise(NoiseMode(match[1]), int(match[2] or 0))
