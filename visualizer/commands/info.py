"""`info`: what a network file is, without building the network."""

from __future__ import annotations

import argparse
import json

from visualizer.commands.classes_option import add_classes, keep_classes, named_with
from visualizer.commands.fetching import add_fetch_again, fetch_again
from visualizer.commands.output import say, terminal_progress

MAX_LISTED = 30  # of a list


def run(parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    parser.description = "Say what a network file is. Nothing in it is executed."
    parser.add_argument("network", metavar="NETWORK", help="path, folder, URL or demo:NAME")
    parser.add_argument("--json", action="store_true", help="as JSON")
    add_classes(parser)
    add_fetch_again(parser)
    options = parser.parse_args(arguments)
    fetch_again(options)
    from core.opening.network import describe_network, facts

    info, origin = describe_network(named_with(options.network, options), progress=terminal_progress())
    keep_classes(options, info, origin)
    table = facts(info, origin)
    if options.json:
        say(json.dumps(table, indent=2, ensure_ascii=False))
        return 0
    width = max(len(name) for name in table) + 2
    for name, value in table.items():
        say(f"{name.replace('_', ' '):<{width}}{_text(value)}")
    return 0


def _text(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            more = [f"and {len(value) - MAX_LISTED:,} more"] if len(value) > MAX_LISTED else []
            return ", ".join([*(_text(item) for item in value[:MAX_LISTED]), *more]) or "none"
        case dict():
            return ", ".join(f"{key} {_text(item)}" for key, item in value.items()) or "none"
        case int():
            return f"{value:,}"
        case None:
            return "none"
        case other:
            return str(other)
