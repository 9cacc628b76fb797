"""`bench`: how long the stages and layers of networks take on a device, beside the floor of their convolutions."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from core.base.errors import UsageError
from visualizer.commands.fetching import add_fetch_again, fetch_again
from visualizer.commands.numbers import parse_whole
from visualizer.commands.output import note, say, terminal_progress

if TYPE_CHECKING:
    from core.bench.report import Bench, Span

DEFAULT = "sg2-256,sg3t-64"
MAX_RUNS = 1000
MIB = 1 << 20


def run(parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    parser.description = (
        "Measure how long the stages of a frame take, in each precision that the device has: medians of several runs, "
        "in milliseconds. floor: the bare convolutions of the synthesis alone; x floor: the synthesis over it; peak: "
        "the memory of the weights, and the most that frames take besides."
    )
    which = parser.add_mutually_exclusive_group()
    what = "path, folder, URL or demo:NAME; its layers are listed too"
    which.add_argument("network", nargs="?", metavar="NETWORK", help=what)
    names = f"random weights, such as sg2-1024,sg3t-256,sg3r-256 (default: {DEFAULT})"
    which.add_argument("--networks", metavar="NAMES", help=names)
    runs = "frames to measure (default: 5, fewer if they take long)"
    parser.add_argument("--runs", type=parse_whole, metavar="N", help=runs)
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--device", default="auto", metavar="D", help="auto, cpu, cuda, cuda:N or mps")
    add_fetch_again(parser)
    options = parser.parse_args(arguments)
    if options.runs is not None and not 1 <= options.runs <= MAX_RUNS:
        raise UsageError(f"{options.runs} runs cannot be measured; use 1 to {MAX_RUNS}.")
    fetch_again(options)
    results = _measured(options)
    if options.json:
        say(json.dumps([asdict(result) for result in results], indent=2))
        return 0
    say(_table(results))
    if options.network:
        for result in results:
            say("\n" + _layers(result))
    return 0


def _measured(options: argparse.Namespace) -> list[Bench]:
    from core.bench.report import measure, random_network
    from core.opening.network import open_network
    from ops.native import build

    progress = terminal_progress()
    build.run(lambda part, text: progress(text, round(100 * part), 100))
    results: list[Bench] = []
    names = DEFAULT if options.networks is None else options.networks
    given = options.network is not None
    wanted = [options.network] if given else [name.strip() for name in names.split(",")]
    for name in dict.fromkeys(wanted):
        network = open_network(name, progress=progress) if given else random_network(name)
        results += measure(name, network, device=options.device, runs=options.runs, progress=progress)
    for text in dict.fromkeys(text for result in results for text in result.notes):
        note(text)
    return results


def _table(results: Sequence[Bench]) -> str:
    stages = [span.name for span in results[0].stages]
    lines = [["network", "dtype", "runs", *stages, "floor", "x floor", "peak MiB"]]
    for result in results:
        times = [f"{span.median_ms:.1f}" for span in result.stages]
        floor, quotient = _number(result.floor_ms, ".1f"), _number(result.quotient, ".2f")
        peak = _number(None if result.peak_bytes is None else result.peak_bytes / MIB, ".0f")
        row = [result.network, "+".join(result.dtypes), str(result.runs), *times, floor, quotient, peak]
        lines.append(row)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join((*_conditions(results[0]), *(_row(line, widths) for line in lines)))


def _conditions(result: Bench) -> list[str]:
    """What holds for all rows."""
    ops: dict[str, list[str]] = {}
    for report in result.backends:
        ops.setdefault(report.backend, []).append(report.op)
    used = [f"{', '.join(names)} by {backend}" for backend, names in ops.items()]
    return [f"{result.device}, medians in milliseconds", *used]


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    name, *numbers = zip(cells, widths, strict=True)
    return "  ".join((f"{name[0]:<{name[1]}}", *(f"{cell:>{width}}" for cell, width in numbers)))


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def _layers(result: Bench) -> str:
    width = max(len(span.name) for span in result.layers)
    heading = f"{'+'.join(result.dtypes)}: median (shortest, longest)"
    return "\n".join((heading, *(f"{span.name:<{width}}  {_times(span):>26}" for span in result.layers)))


def _times(span: Span) -> str:
    return f"{span.median_ms:.1f} ({span.min_ms:.1f}, {span.max_ms:.1f})"
