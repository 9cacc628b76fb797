"""Showing what a file holds: with the user's leave for what that opens, and with networks found that have moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from core.base.errors import UsageError
from core.base.paths import path_of, unquoted
from core.base.text import plural, shown
from core.documents.document import Document
from core.opening.class_counts import named_count, with_count
from core.opening.demos import default_location
from core.opening.moved import file_name, find_network
from core.opening.session_files import exists
from core.project import NetworkFile, Project, SavedSession
from core.project.saved import networks_in, with_networks
from core.render.tasks import Loaded
from visualizer.actions.consent import Consent, Source
from visualizer.actions.ports import FileChooser
from visualizer.output.capture_folder import CaptureFolder
from visualizer.session.messages import Kind
from visualizer.session.session import Session
from visualizer.session.work.follow_ups import FollowUp
from visualizer.settings import Preferences

NETWORKS = frozenset({".pkl", ".pt", ".pth", ".ckpt", ".bin", ".model", ".safetensors", ".tar", ".tgz", ".gz"})

Show = Callable[[SavedSession], None]


@dataclass(frozen=True)
class Found:
    """Where networks are now: what they were called, and what they are called."""

    names: tuple[tuple[str, str], ...]

    def name(self, location: str) -> str:
        """The name of a location now, with the classes that it had."""
        file, count = named_count(location)
        return next((with_count(new, count) for old, new in self.names if old == file), location)


@dataclass(frozen=True)
class Wanted:
    """What is to be shown, and what is done if it cannot be."""

    saved: SavedSession
    show: Show
    without: Show | None = None
    asks: bool = True


class Restoring:
    """From what a file says to what can be shown."""

    def __init__(
        self, session: Session, preferences: Preferences, files: FileChooser, folder: CaptureFolder, consent: Consent
    ) -> None:
        self._session = session
        self._preferences = preferences
        self._files = files
        self._folder = folder
        self._consent = consent

    def prepare(
        self, saved: SavedSession, source: Source, show: Show, *, without: Show | None = None,
        otherwise: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        """Show what was saved, once the user has agreed to what that opens, and its networks are found.

        without: shows it if the network of the picture is not found; None: nothing does. otherwise: called if the user
        does not agree, who is not asked for a network that is not found then; None: he is.
        Raises UsageError for what names no network, DownloadError for an address that cannot be used.
        """
        if not saved.project.request.network:
            name = source.name
            raise UsageError(f"{name} names no network; choose a session or a picture that this program saved.")
        loaded = self._session.loaded
        if loaded is not None and _is_of(saved, loaded):
            file, _ = named_count(saved.project.request.network)
            saved = with_found(saved, Found(((file, named_count(loaded.location)[0]),)))
        wanted = Wanted(saved, show, without, asks=otherwise is None)
        self._consent.before(saved.project, source, lambda: self._find(wanted, source), otherwise or self._fill)

    # -- Networks that have moved ---------------------------------------------

    def _find(self, wanted: Wanted, source: Source) -> None:
        """Look for the networks that are not where they were, then show it; ask for that of the picture."""
        missing = self._missing(wanted.saved)
        if not missing:
            wanted.show(wanted.saved)
            return
        folders = self._folders(source)
        name = shown(file_name(missing[0].location), 60)
        title = f"Looking for {name}" if len(missing) == 1 else f"Looking for {len(missing)} networks"

        def look(progress: Callable[..., None]) -> Found:
            places = ((one.location, find_network(one, folders, progress)) for one in missing)
            return Found(tuple((old, str(path)) for old, path in places if path is not None))

        def take(found: Found) -> None:
            self._take_found(replace(wanted, saved=with_found(wanted.saved, found)), found)

        def give_up() -> None:
            self._take_found(wanted, Found(()))

        job = self._session.jobs.start(title, look)
        self._session.follow_ups.add(job, FollowUp(title, take, otherwise=give_up, watched=True))

    def _take_found(self, wanted: Wanted, found: Found) -> None:
        saved = wanted.saved
        for old, new in found.names:
            self._session.say(f"{file_name(old)} was found", str(Path(new).parent), kind=Kind.NOTE)
        missing = self._missing(saved)
        main = named_count(saved.project.request.network)[0]
        if any(one.location == main for one in missing):
            leave = self._fill if wanted.without is None else partial(wanted.without, saved)
            if wanted.asks:
                self._ask(wanted, saved.network(main), leave)
            else:
                leave()
            return
        if missing:
            names = ", ".join(shown(file_name(one.location), 60) for one in missing[:2])
            self._session.say(f"{plural(len(missing), 'network')} cannot be found", names, kind=Kind.WARNING)
        wanted.show(saved)

    def _ask(self, wanted: Wanted, network: NetworkFile, leave: Callable[[], None]) -> None:
        """Ask where the network of the picture is now. leave: called if the user does not say."""

        def chosen(path: Path) -> None:
            wanted.show(with_found(wanted.saved, Found(((network.location, str(path)),))))

        self._files.choose(f"Where is {shown(file_name(network.location), 60)} now?", NETWORKS, chosen, leave)

    def _fill(self) -> None:
        """In a window that would stay empty, open what opens where no network is named."""
        if self._session.loaded is None and self._session.load_job is None:
            self._session.open(default_location())

    def _missing(self, saved: SavedSession) -> list[NetworkFile]:
        """The networks whose files are not there."""
        loaded = self._session.loaded
        is_open = {*self._session.others.opened, *([loaded.location] if loaded is not None else [])}
        names = [name for name in networks_in(saved.project) if name not in is_open and not exists(name)]
        return [saved.network(name) for name in dict.fromkeys(named_count(name)[0] for name in names)]

    def _folders(self, source: Source) -> tuple[Path, ...]:
        """Where a network may be now, the likeliest places first."""
        captures, browsed = self._folder.path, self._preferences.now.browse_folder
        own = (source.folder,) if source.folder is not None else ()
        last = (captures, *([Path(browsed)] if browsed else []), captures.parent)
        return (*own, *known_folders(self._preferences.now.recent), *last)


def known_folders(recent: tuple[str, ...]) -> list[Path]:
    """Those of the networks that were opened, the latest first. None is asked whether it is still there."""
    folders = []
    for network in recent:
        try:
            path = path_of(unquoted(named_count(network)[0]))
        except UsageError:
            continue
        if path.is_absolute():
            folders.append(path.parent if path.suffix else path)
    return list(dict.fromkeys(folders))


def with_found(saved: SavedSession, found: Found) -> SavedSession:
    """What was saved, with its networks called as they are now."""
    networks = tuple(replace(one, location=found.name(one.location)) for one in saved.networks)
    return replace(saved, project=with_networks(saved.project, found.name), networks=networks)


def of_document(document: Document) -> SavedSession:
    """The request of a saved picture as a session of its own."""
    location, _ = named_count(document.request.network)
    known = NetworkFile(location, document.digest, document.size, document.family)
    return SavedSession(Project(document.request), (known,))


def _is_of(saved: SavedSession, loaded: Loaded) -> bool:
    """Whether the open network made what was saved, wherever its file was then."""
    file, count = named_count(saved.project.request.network)
    digest = saved.network(file).digest
    same = bool(digest) and loaded.origin.digest == digest
    return same and (count or 0) == (named_count(loaded.location)[1] or 0)
