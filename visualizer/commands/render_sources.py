"""What `render` starts from: a network, a session at a time, a saved picture, a request as text."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from core.base.errors import UsageError
from core.base.paths import path_of, unquoted
from core.base.progress import Progress
from core.base.text import shown
from core.documents.document import Document, from_text
from core.opening.address import is_url
from core.opening.class_counts import named_count, with_count
from core.opening.moved import file_name, find_network
from core.opening.session_files import SUFFIX, exists, read_session
from core.project import NetworkFile, Project, SavedSession
from core.request import ModelInfo, RenderRequest
from core.request.edits import counts
from core.timeline import request_at
from visualizer.commands.numbers import parse_number
from visualizer.commands.output import note
from visualizer.output.capture import read_picture_text


@dataclass(frozen=True)
class Start:
    """What the flags change, and the folder of the file that it is from; None: it is from no file."""

    saved: SavedSession
    folder: Path | None = None
    at_s: float = 0.0  # of the timeline

    def request(self, info: ModelInfo | None = None) -> RenderRequest:
        """The request at the time. info: of its network, once that is open."""
        project = self.saved.project
        return request_at(project.timeline, project.request, self.at_s, info)


def add_at(parser: argparse.ArgumentParser) -> None:
    what = "a time of the session's timeline; without it, where its playhead is"
    parser.add_argument("--at", type=parse_number, metavar="SECONDS", help=what)


def start_of(options: argparse.Namespace) -> Start:
    """What the options name. Raises UsageError."""
    name = unquoted(options.network or "")
    path = path_of("" if is_url(name) else name)
    suffix = path.suffix.lower() if os.path.isfile(path) else ""
    if options.request is not None and suffix in (SUFFIX, ".png"):
        raise UsageError(f"{path.name} and --request both say what to render; leave one out.")
    if options.at is not None and suffix != SUFFIX:
        raise UsageError("--at is a time of a session's timeline; name a session (.json), or leave it out.")
    folder = Path(os.path.abspath(path)).parent
    if suffix == SUFFIX:
        found = read_session(path)
        for said in found.notes:
            note(said)
        return Start(found.session, folder, found.session.time_s if options.at is None else options.at)
    if suffix == ".png":
        text = read_picture_text(path)
        if text is None:
            raise UsageError(f"{path.name} holds no settings; only pictures that this program saved do.")
        return Start(_of_document(from_text(text, path.name)), folder)
    request = from_text(options.request, "--request").request if options.request is not None else RenderRequest()
    request = replace(request, network=name) if name else request
    if not request.network:
        raise UsageError("There is nothing to render; name a network, a session or a saved picture.")
    return Start(SavedSession(Project(request)))


def _of_document(document: Document) -> SavedSession:
    location, _ = named_count(document.request.network)
    return SavedSession(Project(document.request), (NetworkFile(location, document.digest, document.size),))


def finder(start: Start, progress: Progress) -> Callable[[RenderRequest], RenderRequest]:
    """Names the networks of a request by where they are now: what is gone is looked for beside the file that names it.

    Raises UsageError for one that is not found.
    """
    known: dict[str, str] = {}

    def name_now(location: str) -> str:
        file, count = named_count(location)
        if start.folder is None or exists(location):
            return location
        if file not in known:
            found = find_network(start.saved.network(file), [start.folder], progress)
            if found is None:
                name = shown(file_name(file), 100)
                raise UsageError(
                    f"The network {name} is neither where it was nor in {shown(start.folder)}; copy it there, "
                    "or open the session in the window and say where it is."
                )
            note(f"{found.name} was found in {shown(found.parent)}.")
            known[file] = str(found)
        return with_count(known[file], count)

    def named_now(request: RenderRequest) -> RenderRequest:
        blends = (replace(one, network=name_now(one.network)) if counts(one) else one for one in request.blends)
        return replace(request, network=name_now(request.network), blends=tuple(blends))

    return named_now
