"""`convert`: a network as a safetensors file, which is parsed faster and holds no code at all."""

from __future__ import annotations

import argparse
from pathlib import Path

from visualizer.commands.output import say, terminal_progress


def run(parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    parser.description = "Write a network as a safetensors file."
    parser.add_argument("network", metavar="NETWORK", help="path, folder, URL or demo:NAME")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.safetensors")
    parser.add_argument("--half", action="store_true", help="store float16: half the size, slightly other pictures")
    options = parser.parse_args(arguments)
    from core.network import convert

    convert(options.network, options.output, half=options.half, progress=terminal_progress())
    say(f"{options.output}  {options.output.stat().st_size / 1e6:,.1f} MB")
    return 0
