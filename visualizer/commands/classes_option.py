"""`--classes`: how many of the last numbers of z are a class, where no file tells."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from core.base.errors import UsageError
from core.base.text import shown
from core.request import ModelInfo, Origin


def add_classes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--classes", type=_count, metavar="N",
        help="how many of the last numbers of z are a class, where the file does not tell; remembered for this network",
    )  # fmt: skip


def named_with(network: str, options: argparse.Namespace) -> str:
    """The name of a network with what the flag says."""
    from core.opening.class_counts import with_count

    return network if options.classes is None else with_count(network, options.classes)


def check_first(networks: Sequence[str], options: argparse.Namespace) -> None:
    """Raises UsageError if the flag says something about no network: about none that is named, or about a file that
    names its own."""
    if options.classes is None:
        return
    from core.documents.pictures import PICTURES

    if options.session or not networks:
        raise UsageError("--classes says how many classes a NETWORK has; name it, without --session.")
    if networks[0].lower().endswith((".json", *PICTURES)):
        raise UsageError(f"--classes is about networks, and {shown(networks[0], 100)} names one itself; leave it out.")


def keep_classes(options: argparse.Namespace, info: ModelInfo, origin: Origin) -> None:
    """Remember what the flag said, when the network was opened with it."""
    from core.opening.class_counts import remember_count

    if options.classes is not None and info.max_classes:
        remember_count(origin.digest, options.classes)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no number of classes")
    return int(text)
