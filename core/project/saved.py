"""A session as a file holds it: what was made, with which networks, and how it was looked at. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from core.project.project import Project
from core.project.shelf import new_kept, with_kept
from core.request import RenderRequest
from core.timeline import Key, Track


@dataclass(frozen=True)
class NetworkFile:
    """A network of a session, and what tells its file wherever that is now."""

    location: str  # as requests name it, without a number of classes: path, address, demo:NAME or seed:N
    digest: str = ""  # SHA-256 of the file, hexadecimal
    size: int = 0  # bytes
    family: str = ""


@dataclass(frozen=True)
class Selected:
    """What the controls of the window act on."""

    layer: int = 0
    source: int = 0


@dataclass(frozen=True)
class Looks:
    """How the window shows it."""

    workspace: str = ""  # "": whichever there is
    zoom: float | None = None  # device pixels a pixel of the picture; None: fitted
    pan_x: float = 0.0  # device pixels
    pan_y: float = 0.0


@dataclass(frozen=True)
class Captures:
    """Where pictures and videos go, and how."""

    folder: str = ""  # "": wherever they went before
    fps: int = 0  # of recordings; 0: as before


@dataclass(frozen=True)
class Autosaved:
    """What a file that the program keeps by itself says of the session in it."""

    file: str = ""  # where the user saved it; "": nowhere yet
    unsaved: bool = True  # whether that file lacks some of it
    when_s: float = 0.0  # since 1970
    network: str = ""  # what the picture is made with, in words


@dataclass(frozen=True)
class SavedSession:
    """Everything that is in the file of a session."""

    project: Project
    networks: tuple[NetworkFile, ...] = ()
    time_s: float = 0.0  # where the playhead is
    selected: Selected = Selected()
    looks: Looks = Looks()
    captures: Captures = Captures()
    autosaved: Autosaved | None = None

    def network(self, location: str) -> NetworkFile:
        """What is known of a network that requests name so."""
        return next((one for one in self.networks if one.location == location), NetworkFile(location))


# ----------------------------------------------------------------------------
# The networks that are named in a project.


def requests_of(project: Project) -> Iterator[RenderRequest]:
    """All requests in a project."""
    yield project.request
    yield from (kept.request for kept in project.shelf)
    for track in project.timeline.tracks:
        yield from (key.value for key in track.keys if isinstance(key.value, RenderRequest))


def networks_in(project: Project) -> tuple[str, ...]:
    """The networks that requests of a project name, each once, that of the picture first."""
    requests = requests_of(project)
    return tuple(dict.fromkeys(name for request in requests for name in networks_of(request) if name))


def networks_of(request: RenderRequest) -> tuple[str, ...]:
    """The networks that a request names: its own and those blended in."""
    return (request.network, *(blend.network for blend in request.blends))


def with_networks(project: Project, name_of: Callable[[str], str]) -> Project:
    """With other names for its networks. What keeps its name stays the same value."""

    def track(old: Track) -> Track:
        keys = tuple(_renamed_key(key, name_of) for key in old.keys)
        return replace(old, keys=keys) if any(a is not b for a, b in zip(keys, old.keys, strict=True)) else old

    tracks = tuple(track(old) for old in project.timeline.tracks)
    kept = tuple((old, renamed(old.request, name_of)) for old in project.shelf)
    return replace(
        project,
        request=renamed(project.request, name_of),
        shelf=tuple(old if old.request is new else replace(old, request=new) for old, new in kept),
        timeline=replace(project.timeline, tracks=tracks),
    )


def renamed(request: RenderRequest, name_of: Callable[[str], str]) -> RenderRequest:
    """A request with other names for its networks; the same one if no name changes."""
    network = name_of(request.network) if request.network else ""
    blends = tuple(replace(blend, network=name_of(blend.network)) for blend in request.blends)
    if network == request.network and blends == request.blends:
        return request
    return replace(request, network=network, blends=blends)


def with_another_network(saved: SavedSession, network: str, name: str) -> SavedSession:
    """With another network for the picture, whose own is not there: as it was, the picture is kept on the shelf.

    name: what it is called there, unless it is on the shelf already.
    """
    project, request = saved.project, saved.project.request
    is_kept = any(one.request == request for one in project.shelf)
    shelf = project.shelf if is_kept else with_kept(project.shelf, new_kept(request, name=name))
    return replace(saved, project=replace(project, request=replace(request, network=network), shelf=shelf))


def _renamed_key(key: Key, name_of: Callable[[str], str]) -> Key:
    if not isinstance(key.value, RenderRequest):
        return key
    request = renamed(key.value, name_of)
    return key if request is key.value else replace(key, value=request)
