"""Codes on the command line: from files, and of pictures."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from core.base.errors import UsageError
from core.base.paths import path_of
from core.base.text import shown
from core.documents.latents.codes import read_codes
from core.documents.pictures import Fit
from core.request import MAX_CODES, MAX_EDGE, Codes, Grid
from visualizer.commands.latent_options import FILES
from visualizer.commands.output import note, terminal_progress

if TYPE_CHECKING:
    from core.render.open_networks import OpenNetworks
    from core.render.tasks import Loaded


def add_options(parser: argparse.ArgumentParser, latents: Any) -> None:
    """latents: the group of options of which one can be given."""
    latents.add_argument("--codes", type=path_of, metavar="FILE", help=f"{FILES}: N x rows x columns")
    latents.add_argument("--encode", type=path_of, metavar="FILE", help="a picture, which the network makes codes of")
    fits = "auto (default: its own, or scaled down to 512² pixels), square (as in training: the middle, 256²), own"
    parser.add_argument("--fit", type=Fit, choices=list(Fit), default=Fit.AUTO, help=f"size of --encode: {fits}")
    grid_help = "rows and columns of the codes that seeds draw"
    parser.add_argument("--code-grid", type=parse_grid, metavar="RxC", help=grid_help)


def codes_of(
    options: argparse.Namespace, networks: OpenNetworks, network: Loaded
) -> Iterator[tuple[Codes, str]]:
    """The codes that the options name, and what stands for each in a file name; none if they name none."""
    if network.info.codes is not None and (options.psi is not None or options.cutoff is not None):
        raise UsageError("A network with codes has no average to truncate towards; leave --psi and --cutoff out.")
    if options.codes is not None:
        if network.info.codes is None:
            raise UsageError("This network takes no codes; leave --codes out.")
        for index, codes in enumerate(read_codes(options.codes, network.info.codes, tell=note)):
            yield codes, str(index)
    elif options.encode is not None:
        from core.render.operations import EncodePicture

        yield networks.run(EncodePicture(options.encode, options.fit), network, progress=terminal_progress()), "0"


def parse_grid(text: str) -> Grid:
    """Such as 16x24."""
    match = re.fullmatch(r"([0-9]{1,4})x([0-9]{1,4})", text)
    rows, columns = (int(match[1]), int(match[2])) if match else (0, 0)
    if not (1 <= rows <= MAX_EDGE and 1 <= columns <= MAX_EDGE and rows * columns <= MAX_CODES):
        called = shown(text, 40)
        raise argparse.ArgumentTypeError(f"'{called}' is no grid of codes; write rows x columns, such as 16x24")
    return Grid(rows, columns)
