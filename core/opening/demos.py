"""The demo networks that come with the program: what they are called, what they show, where their files lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import resources
from core.base.errors import UsageError
from core.base.text import shown
from core.request import BUILT_IN

PREFIX = "demo:"
PICTURES = (".jpg", ".png")


@dataclass(frozen=True)
class Demo:
    """A network in `resources/demo`, with a small picture of what it makes."""

    name: str
    caption: str  # one or two short words, which stand for it in the window
    description: str

    @property
    def location(self) -> str:
        """What it is opened by."""
        return PREFIX + self.name


DEMOS = (
    Demo("portraits", "Portraits", "Portraits"),
    Demo("paintings", "Paintings", "Painted portraits"),
    Demo("styles", "Styles", "Portraits in four styles"),
    Demo("portraits-r", "In motion", "Portraits that move and turn"),
)


def installed_demos() -> tuple[Demo, ...]:
    """Those whose files this copy of the program has."""
    return tuple(demo for demo in DEMOS if _file(f"{demo.name}.safetensors") is not None)


def default_location() -> str:
    """What is opened where no network is named."""
    return next((demo.location for demo in installed_demos()), BUILT_IN)


def demo_of(location: str) -> Demo | None:
    """The demo network that `demo:NAME` names, whether it is installed or not."""
    return next((demo for demo in DEMOS if demo.location == location), None)


def demo_file(location: str) -> Path:
    """The file of `demo:NAME`. Raises UsageError if there is none."""
    demo = demo_of(location)
    file = _file(f"{demo.name}.safetensors") if demo is not None else None
    if file is None:
        there = ", ".join(demo.location for demo in installed_demos()) or "none of them, install the program again"
        raise UsageError(f"`{shown(location, 60)}` is no demo network here; this copy of the program has {there}.")
    return file


def demo_picture(demo: Demo) -> Path | None:
    """The file of its picture, None if there is none."""
    files = (_file(demo.name + suffix) for suffix in PICTURES)
    return next((file for file in files if file is not None), None)


def _file(name: str) -> Path | None:
    try:
        return resources.path(f"demo/{name}")
    except FileNotFoundError:
        return None
