"""`metrics`: how well the pictures of a network with a transform follow it."""

from __future__ import annotations

import argparse
import json
import math
from typing import TYPE_CHECKING

from core.base.errors import UsageError
from core.base.text import plural
from core.request import LAST_SEED
from visualizer.commands.fetching import add_fetch_again, fetch_again
from visualizer.commands.numbers import parse_whole
from visualizer.commands.output import say, terminal_progress

if TYPE_CHECKING:
    from core.display.frame import Metric
    from core.measure.equivariance import Score

SAMPLES, MAX_SAMPLES = 200, 50_000
BATCH, MAX_BATCH = 1, 64


def run(parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    parser.description = (
        "Measure equivariance: the PSNR in dB between moved pictures and pictures of the moved input, with its 95 % "
        "interval. Without --eqt, --eqt-frac and --eqr, all three."
    )
    parser.add_argument("network", metavar="NETWORK", help="path, folder, URL or demo:NAME")
    parser.add_argument("--eqt", action="append_const", dest="metrics", const="eqt", help="moved by whole pixels")
    parser.add_argument("--eqt-frac", action="append_const", dest="metrics", const="eqt_frac", help="by any distance")
    parser.add_argument("--eqr", action="append_const", dest="metrics", const="eqr", help="rotated")
    parser.add_argument("-n", type=parse_whole, default=SAMPLES, metavar="N", help="pictures (default: %(default)s)")
    first = "the first of N seeds (default: %(default)s)"
    parser.add_argument("--seed", type=parse_whole, default=0, metavar="S", help=first)
    what = "pictures at a time, which go through the same move (default: %(default)s)"
    parser.add_argument("--batch", type=parse_whole, default=BATCH, metavar="B", help=what)
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--device", default="auto", metavar="D", help="auto, cpu, cuda, cuda:N or mps")
    add_fetch_again(parser)
    options = parser.parse_args(arguments)
    if not 1 <= options.n <= MAX_SAMPLES:
        raise UsageError(f"{options.n} pictures cannot be measured; use 1 to {MAX_SAMPLES}.")
    if not 1 <= options.batch <= MAX_BATCH:
        raise UsageError(f"Batches of {options.batch} cannot be measured; use 1 to {MAX_BATCH}.")
    if not -LAST_SEED <= options.seed <= LAST_SEED - options.n + 1:
        raise UsageError(f"There are no {options.n} seeds from {options.seed} on: seeds end at {LAST_SEED}.")
    fetch_again(options)
    scores = _measured(options)
    say(json.dumps(_facts(options, scores), indent=2) if options.json else _table(options.n, scores))
    return 0


def _measured(options: argparse.Namespace) -> dict[Metric, Score]:
    from core.display.frame import Metric
    from core.render.open_networks import OpenNetworks
    from core.render.operations import MeasureEquivariance
    from core.render.weights import WeightPlacement
    from ops.native import build

    build.run(make=False)
    progress = terminal_progress()
    networks = OpenNetworks(placement=WeightPlacement(options.device))
    loaded = networks.open(options.network, progress)
    metrics = tuple(map(Metric, options.metrics)) if options.metrics else tuple(Metric)
    measurement = MeasureEquivariance(options.n, options.seed, options.batch, metrics)
    return networks.run(measurement, loaded, device=options.device, progress=progress)


def _facts(options: argparse.Namespace, scores: dict[Metric, Score]) -> dict[str, object]:
    """JSON has no infinity: the PSNR of pictures that follow exactly is null."""
    return {
        "network": options.network,
        "samples": options.n,
        "seed": options.seed,
        "batch": options.batch,
        **{
            metric.value: {
                "psnr_db": score.psnr_db if math.isfinite(score.psnr_db) else None,
                "interval_db": score.interval_db,
            }
            for metric, score in scores.items()
        },
    }


def _table(samples: int, scores: dict[Metric, Score]) -> str:
    lines = [f"{plural(samples, 'picture')}, PSNR in dB (95 % interval)"]
    for metric, score in scores.items():
        name = {"eqt": "EQ-T", "eqt_frac": "EQ-T_frac", "eqr": "EQ-R"}[metric.value]
        interval = score.interval_db
        spread = f" ({interval[0]:.1f} to {interval[1]:.1f})" if interval else ""
        lines.append(f"{name:<9}  {score.psnr_db:6.1f}{spread}")
    return "\n".join(lines)
