"""`bench`: how long the stages and layers of networks take on a device."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from core.errors import UsageError
from visualizer.commands.output import note, say, terminal_progress

if TYPE_CHECKING:
    from core.bench import Bench, Span

DEFAULT = "sg2-256"
MAX_RUNS = 1000


def run(parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    parser.description = "Measure how long the stages of a frame take: median, shortest and longest of several runs."
    which = parser.add_mutually_exclusive_group()
    what = "path, folder, URL or demo:NAME; its layers are listed too"
    which.add_argument("network", nargs="?", metavar="NETWORK", help=what)
    which.add_argument("--networks", metavar="NAMES", help="random weights, such as sg2-256,sg2-1024,sg3t-256,sg3r-256")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="frames to measure (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--device", default="auto", metavar="D", help="auto, cpu, cuda, cuda:N or mps")
    options = parser.parse_args(arguments)
    if not 1 <= options.runs <= MAX_RUNS:
        raise UsageError(f"{options.runs} runs cannot be measured; use 1 to {MAX_RUNS}.")
    results = _measured(options)
    if options.json:
        say(json.dumps([asdict(result) for result in results], indent=2))
        return 0
    say(_table(results))
    if len(results) == 1:
        say("\n" + _layers(results[0]))
    return 0


def _measured(options: argparse.Namespace) -> list[Bench]:
    from core.bench import measure, random_network
    from core.network import open_network

    progress = terminal_progress()
    results = []
    names = DEFAULT if options.networks is None else options.networks
    wanted = [options.network] if options.network else [name.strip() for name in names.split(",")]
    for name in dict.fromkeys(wanted):
        network = open_network(name, progress=progress) if options.network else random_network(name)
        results.append(measure(name, network, device=options.device, runs=options.runs, progress=progress))
        for text in results[-1].notes:
            note(text)
    return results


def _table(results: list[Bench]) -> str:
    width = max(len("network"), *(len(result.network) for result in results))
    lines = [f"{results[0].device}, {results[0].runs} runs, milliseconds: median (shortest, longest)"]
    lines.append(f"{'network':<{width}}  " + "  ".join(f"{span.name:>26}" for span in results[0].stages))
    for result in results:
        lines.append(f"{result.network:<{width}}  " + "  ".join(f"{_times(span):>26}" for span in result.stages))
    return "\n".join(lines)


def _layers(result: Bench) -> str:
    width = max(len(span.name) for span in result.layers)
    return "\n".join(f"{span.name:<{width}}  {_times(span):>26}" for span in result.layers)


def _times(span: Span) -> str:
    return f"{span.median_ms:.1f} ({span.min_ms:.1f}, {span.max_ms:.1f})"
