"""`convert`: a network as a safetensors file, which is parsed faster and holds no code at all, or as a snapshot."""

from __future__ import annotations

import argparse

from core.base.paths import path_of
from core.base.text import shown
from visualizer.commands.fetching import add_fetch_again, fetch_again
from visualizer.commands.output import say, terminal_progress


def run(parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    parser.description = (
        "Write a network as a safetensors file, or as a .pkl snapshot in the official layout. A snapshot written here "
        "holds no source code: this program opens it, loaders that run the source of a snapshot cannot."
    )
    parser.add_argument("network", metavar="NETWORK", help="path, folder, URL or demo:NAME")
    parser.add_argument("-o", "--output", type=path_of, required=True, metavar="OUT.safetensors|OUT.pkl")
    parser.add_argument("--half", action="store_true", help="store float16: half the size, slightly other pictures")
    add_fetch_again(parser)
    options = parser.parse_args(arguments)
    fetch_again(options)
    from core.opening.network import convert

    convert(options.network, options.output, half=options.half, progress=terminal_progress())
    say(f"{shown(options.output)}  {options.output.stat().st_size / 1e6:,.1f} MB")
    return 0
