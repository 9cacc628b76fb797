"""How the window calls a network."""

from __future__ import annotations

from core.base.text import shown
from core.opening.class_counts import named_count
from core.opening.demos import demo_of
from core.render.tasks import Loaded
from core.request import BUILT_IN


def display_name(location: str) -> str:
    """A network's name as the window shows it."""
    demo = demo_of(location)
    if demo is not None:
        return demo.caption
    return "Built-in random network" if location == BUILT_IN else short_name(location)


def short_name(location: str) -> str:
    """The last part of a path or URL, as it can be shown, without a number of classes."""
    location, _ = named_count(location)
    name = location.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]
    return shown(name or location) or "a network without a name"


def known_as(loaded: Loaded) -> str:
    """What a choice for a network is remembered by: its content, if it came from a file, wherever that lies."""
    return loaded.origin.digest or loaded.location
