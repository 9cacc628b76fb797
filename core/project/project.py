"""What a user makes: all that undo goes through, and that a session file holds. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.request import RenderRequest
from core.timeline import NO_TIMELINE, Timeline
from core.timeline.timeline import KeyValue


@dataclass(frozen=True)
class Kept:
    """A request on the shelf."""

    id: str  # its own, whatever becomes of it
    request: RenderRequest
    name: str = ""  # "": by its seed
    tags: tuple[str, ...] = ()
    starred: bool = False
    picture: bytes = field(default=b"", repr=False)  # a small one, as a JPEG or PNG file; b"": none yet


@dataclass(frozen=True)
class Part:
    """A value of a preset."""

    path: str  # of what a track moves, or of several: "layers[5].noise", "layers[8:12].noise", "latent"
    value: KeyValue


@dataclass(frozen=True)
class Preset:
    """A named set of parameters."""

    name: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Project:
    """Everything that is made in a session. Nothing in it says how the window looks."""

    request: RenderRequest = field(default_factory=RenderRequest)
    shelf: tuple[Kept, ...] = ()
    presets: tuple[Preset, ...] = ()
    timeline: Timeline = NO_TIMELINE
