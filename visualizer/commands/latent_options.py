"""Latents and labels on the command line: of seeds, and of files."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from core.base.errors import UsageError
from core.base.paths import path_of
from core.documents.latents.latents import read_latents
from core.documents.latents.lists import seeds
from core.documents.latents.rows import read_labels
from core.documents.latents.shapes import Space
from core.request import Label, Latent, ModelInfo, RenderRequest, SeedPoint
from core.request.labels import WHOLE, label_called
from visualizer.commands.output import note

MAX_SEEDS = 100_000
FILES = ".npy, .npz, .pt, .pkl, .txt or .csv"


def add_options(parser: argparse.ArgumentParser, latents: Any) -> None:
    """latents: the group of options of which one can be given."""
    latents.add_argument("--seeds", type=_seeds, metavar="LIST", help="such as 0,3,5-9")
    latents.add_argument("--z", type=path_of, metavar="FILE", help=f"{FILES}: N x z_dim")
    latents.add_argument("--w", type=path_of, metavar="FILE", help=f"{FILES}: N x w_dim or N x num_ws x w_dim")
    labels = parser.add_mutually_exclusive_group()
    labels.add_argument("--class", dest="label_text", metavar="CLASS",
        help="number, name, part of a name, or a mix such as hen:0.7,3:0.3 (default: from the seed)")  # fmt: skip
    labels.add_argument("--label", type=path_of, metavar="FILE", help=f"{FILES}: N x c_dim")


def latents_of(
    options: argparse.Namespace, base: RenderRequest, info: ModelInfo
) -> Sequence[tuple[Latent, str]]:
    """The latents that the options name, else that of the request, and what stands for each in a file name."""
    for path, space in ((options.z, Space.Z), (options.w, Space.W)):
        if path is not None:
            if info.codes is not None:
                raise UsageError(f"This network takes codes, no {space}; use --codes in place of --{space}.")
            found = read_latents(path, info, space=space, tell=note, most=MAX_SEEDS)
            return [(latent, str(index)) for index, latent in enumerate(found)]
    if options.seeds is not None:
        return [(SeedPoint(float(seed), 0.0), str(seed)) for seed in options.seeds]
    return [(base.latent, f"{base.latent.x:g}" if isinstance(base.latent, SeedPoint) else "0")]


def labels_of(options: argparse.Namespace, default: Label, count: int, info: ModelInfo) -> Sequence[Label]:
    """A label for each of so many pictures, as the options say, else the default."""
    if options.label_text is not None:
        return [_label(options.label_text, info)] * count
    if options.label is None:
        return [default] * count
    rows = read_labels(options.label, info)
    if len(rows) not in (1, count):
        raise UsageError(f"{options.label.name} has {len(rows)} labels for {count} pictures; give 1 or {count}.")
    return rows * count if len(rows) == 1 else rows


def _label(text: str, info: ModelInfo) -> Label:
    """What --class names. Weights are taken as they are."""
    label = label_called(text, info)
    if isinstance(label, tuple) and abs(sum(label) - 1) > WHOLE:
        note(f"The weights of the classes add up to {sum(label):g}, not 1.")
    return label


def _seeds(text: str) -> list[int]:
    try:
        return seeds(text, "the list", MAX_SEEDS)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error).removesuffix(".")) from error
