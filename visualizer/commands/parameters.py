"""`parameters`: everything that `render --set` and the window can turn."""

from __future__ import annotations

import argparse
import json
import math
from typing import Any

from core.base.control import Kind
from core.parameters import DEFAULTS, PARAMETERS, Axis, Parameter
from core.request import ModelInfo, RenderRequest
from visualizer.commands.fetching import add_fetch_again, fetch_again
from visualizer.commands.output import say, terminal_progress

COLUMNS = ("path", "label", "range", "default", "needs")


def run(parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    parser.description = (
        "List every parameter: its path for `render --set PATH=VALUE`, what the window calls it, its range, its "
        "default, and what a network must have for it. With a network: its own ranges, and what it has not."
    )
    parser.add_argument("network", nargs="?", metavar="NETWORK", help="path, folder, URL or demo:NAME")
    parser.add_argument("--json", action="store_true", help="as JSON")
    add_fetch_again(parser)
    options = parser.parse_args(arguments)
    fetch_again(options)
    info = None
    if options.network is not None:
        from core.opening.network import describe_network

        info, _ = describe_network(options.network, progress=terminal_progress())
    facts = [_facts(parameter, info) for parameter in PARAMETERS]
    if options.json:
        say(json.dumps(facts, indent=2, ensure_ascii=False))
        return 0
    lines = [dict(zip(COLUMNS, COLUMNS, strict=True)), *(_words(fact) for fact in facts)]
    widths = {column: max(len(line[column]) for line in lines) for column in COLUMNS}
    for line in lines:
        say("  ".join(line[column].ljust(widths[column]) for column in COLUMNS).rstrip())
    return 0


def _facts(parameter: Parameter, info: ModelInfo | None) -> dict[str, Any]:
    """One parameter as JSON has it. `limits` are what can be set, `range` is what its slider spans."""
    fitted = parameter.fitted(info, RenderRequest())
    numeric = parameter.kind in (Kind.NUMBER, Kind.WHOLE)
    return {
        "path": parameter.path,
        "label": parameter.label,
        "kind": str(parameter.kind),
        "limits": [_finite(limit) for limit in fitted.limits] if numeric else None,
        "range": [_finite(limit) for limit in fitted.range] if numeric else None,
        "choices": [str(choice.value) for choice in parameter.choices] or None,
        "unit": fitted.unit,
        "default": _default(parameter),
        "none": parameter.none if parameter.optional else None,
        "needs": parameter.need,
        "why_not": parameter.why_not(info),
        "tip": fitted.tip,
        "flag": parameter.flag.name if parameter.flag else None,
    }


def _default(parameter: Parameter) -> Any:
    if Axis.MATRIX in parameter.axes:  # its numbers have defaults of their own
        return list(DEFAULTS.transform)
    return parameter.default


def _finite(limit: float) -> float | None:
    return limit if math.isfinite(limit) else None


def _words(fact: dict[str, Any]) -> dict[str, str]:
    default = fact["default"]
    match default:
        case None:
            default = f"none: {fact['none']}"
        case bool():
            default = str(default).lower()
        case list():
            default = ",".join(f"{number:g}" for number in default)
        case float():
            default = f"{default or 0.0:g}"
    return {
        "path": fact["path"],
        "label": fact["label"],
        "range": _range(fact),
        "default": str(default) or "the picture",
        "needs": f"not here: {fact['why_not']}" if fact["why_not"] else fact["needs"],
    }


def _range(fact: dict[str, Any]) -> str:
    """What can be set; in brackets, where that is more, what a slider spans."""
    match fact["kind"]:
        case Kind.FLAG:
            return "true, false"
        case Kind.CHOICE:
            return ", ".join(fact["choices"])
        case Kind.TEXT:
            return "text"
    what = "whole number" if fact["kind"] == Kind.WHOLE else "number"
    low, high = fact["limits"]
    unit = "" if fact["unit"].startswith(("/", "%", "×")) or not fact["unit"] else f" {fact['unit']}"
    if low is not None and high is not None:
        return f"{what} {low:g} to {high:g}{unit}"
    spans = [limit for limit in fact["range"] if limit is not None]
    slider = f" (slider {spans[0]:g} to {spans[1]:g})" if len(spans) == 2 else ""
    return f"{what}{'' if low is None else f' from {low:g}'}{unit}{slider}"
