"""Tables of pictures on the command line: style mixing, latents, truncation, steps between latents."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence

from core.base.errors import UsageError
from core.base.numbers import real_number
from core.base.text import shown
from core.documents.latents.lists import checked_seed, layers, named_latents
from core.request import ModelInfo, RenderRequest, SeedPoint
from core.request.tables import MOST_CELLS, Table, between, gallery, mixing, truncations
from visualizer.commands.output import note

MIXED = 7  # layers of the columns, as published tables have them


def add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--mix-rows", metavar="LIST", help="a style-mixing table: seeds (0,3,5-9) and latent files, one a row")
    add("--mix-cols", metavar="LIST", help="seeds and latent files, one a column")
    add("--mix-layers", metavar="LIST", help="entries of ws that come from the column (default: 0-6)")
    add("--grid", metavar="LIST", help="the pictures of seeds (0,3,5-9), latent files and folders of them in one")
    add("--psi-sweep", metavar="FROM,TO,N", help="N pictures from one psi to another, side by side")
    add("--walk-to", metavar="SEED,N", help="N pictures from this latent to that of another seed, side by side")
    add("--cells", action="store_true", help="write the pictures of a table singly, too")
    add("--no-labels", action="store_false", dest="labels", help="leave out what the rows and columns of a table are")


def table_of(options: argparse.Namespace, base: RenderRequest, info: ModelInfo) -> Table | None:
    """The table that the options ask for, None if they ask for none. Raises UsageError."""
    mixes = options.mix_rows is not None or options.mix_cols is not None
    asked = [mixes, options.grid is not None, options.psi_sweep is not None, options.walk_to is not None]
    kinds = "--mix-rows and --mix-cols, --grid, --psi-sweep"
    if sum(asked) > 1:
        raise UsageError(f"{kinds} and --walk-to are tables of their own; choose one.")
    if options.mix_layers is not None and not mixes:
        raise UsageError("--mix-layers goes with a mixing table; give --mix-rows and --mix-cols.")
    if not any(asked):
        for name, is_used in (("--cells", options.cells), ("--no-labels", not options.labels)):
            if is_used:
                raise UsageError(f"{name} goes with a table: {kinds} or --walk-to.")
        return None
    if mixes:
        if options.mix_rows is None or options.mix_cols is None:
            raise UsageError("A mixing table needs both --mix-rows and --mix-cols.")
        rows, columns = (named_latents(text, info, note) for text in (options.mix_rows, options.mix_cols))
        if len(rows) * len(columns) > MOST_CELLS:
            raise UsageError(f"{len(rows)} x {len(columns)} are more than {MOST_CELLS:,} pictures; take fewer.")
        return mixing(base, rows, columns, _layers(options.mix_layers, info))
    if options.grid is not None:
        return gallery(base, named_latents(options.grid, info, note))
    if options.psi_sweep is not None:
        low, high, count = _numbers(options.psi_sweep, 3, "--psi-sweep", "FROM,TO,N")
        return truncations(base, low, high, _count(count))
    seed, count = _numbers(options.walk_to, 2, "--walk-to", "SEED,N")
    checked_seed(math.trunc(seed), "--walk-to")
    return between(base, SeedPoint(seed), _count(count))


def _layers(text: str | None, info: ModelInfo) -> Sequence[int]:
    return range(min(MIXED, info.num_ws)) if text is None else layers(text, info, "--mix-layers")


def _numbers(text: str, count: int, option: str, form: str) -> Sequence[float]:
    found = [real_number(part) for part in text.split(",")]
    numbers = [number for number in found if number is not None and abs(number) < 1e12]
    if len(found) != count or len(numbers) != count:
        raise UsageError(f"'{shown(text, 60)}' is no {form} for {option}.")
    return numbers


def _count(number: float) -> int:
    if not number.is_integer() or not 1 <= number <= MOST_CELLS:
        raise UsageError(f"{number:g} is no number of pictures; use 1 to {MOST_CELLS:,}.")
    return int(number)
