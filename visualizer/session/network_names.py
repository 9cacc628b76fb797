"""How the window calls a network."""

from __future__ import annotations

from core.opening.class_counts import named_count
from core.opening.demos import demo_of
from core.request import BUILT_IN


def display_name(location: str) -> str:
    """A network's name as the window shows it."""
    demo = demo_of(location)
    if demo is not None:
        return demo.caption
    if location == BUILT_IN:
        return "Built-in random network"
    name, classes = named_count(location)
    return f"{short_name(name)}, {classes} classes" if classes else short_name(name)


def short_name(location: str) -> str:
    """The last part of a path or URL."""
    location, _ = named_count(location)
    return location.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1] or location
