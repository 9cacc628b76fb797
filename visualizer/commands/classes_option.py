"""`--classes`: how many of the last numbers of z are a class, where no file tells."""

from __future__ import annotations

import argparse

from core.opening.class_counts import remember_count, with_count
from core.request import ModelInfo, Origin


def add_classes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--classes", type=_count, metavar="N",
        help="how many of the last numbers of z are a class, where the file does not tell; remembered for this network",
    )  # fmt: skip


def named_with(network: str, options: argparse.Namespace) -> str:
    """The name of a network with what the flag says."""
    return network if options.classes is None else with_count(network, options.classes)


def keep_classes(options: argparse.Namespace, info: ModelInfo, origin: Origin) -> None:
    """Remember what the flag said, when the network was opened with it."""
    if options.classes is not None and info.max_classes:
        remember_count(origin.digest, options.classes)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no number of classes")
    return int(text)
