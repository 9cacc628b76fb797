"""How the window calls a network."""

from __future__ import annotations

from core.opening.demos import demo_of
from core.request import BUILT_IN


def display_name(source: str) -> str:
    """A network's name as the window shows it."""
    demo = demo_of(source)
    if demo is not None:
        return demo.caption
    return "Built-in random network" if source == BUILT_IN else short_name(source)


def short_name(source: str) -> str:
    """The last part of a path or URL."""
    return source.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1] or source
