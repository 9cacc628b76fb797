"""Sessions as the user has them: begun anew, opened, saved, and told in the title of the window."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from core.base.text import shown
from core.documents.rest import Rest
from core.documents.session_json import SessionText
from core.opening.class_counts import named_count
from core.opening.demos import default_location
from core.opening.moved import file_name
from core.opening.session_files import SUFFIX, exists, read_session, write_session
from core.project import Project, SavedSession
from core.project.saved import networks_in, with_another_network, with_networks
from core.request import RenderRequest
from resources import icons
from visualizer.actions.consent import Source
from visualizer.actions.ports import FileChooser
from visualizer.actions.sessions.restoring import Found, Restoring
from visualizer.actions.sessions.surroundings import Surroundings
from visualizer.output.autosaves.keeper import Keeper, Snapshot
from visualizer.session.making.filed import Filed
from visualizer.session.messages import Answer, Kind, Question
from visualizer.session.network_names import display_name
from visualizer.session.session import Session
from visualizer.session.work.follow_ups import FollowUp
from visualizer.settings import Preferences

AT_ONCE = 2**22  # bytes of a file that is read before the next frame


@dataclass(frozen=True)
class Place:
    """Where a session is kept that is shown."""

    path: Path | None  # where the user saved it; None: nowhere yet
    behind: bool = False  # whether that file lacks some of it
    rest: Rest = field(default_factory=dict)  # what the file holds that this version does not know
    slot: Path | None = None  # the file that the program keeps it in; None: none yet
    missing: str = ""  # the network of its picture, which cannot be found


class Sessions:
    """Which session there is. What is done in it is kept by itself, so that nothing here asks before it goes."""

    def __init__(
        self, session: Session, preferences: Preferences, files: FileChooser, restoring: Restoring,
        surroundings: Surroundings, keeper: Keeper | None,
    ) -> None:  # fmt: skip
        """keeper: None: nothing is kept by itself."""
        self._session = session
        self._preferences = preferences
        self._files = files
        self._restoring = restoring
        self._surroundings = surroundings
        self._keeper = keeper
        self._has_begun = False
        self._writing = self._again = False  # a file is being written; it is to be written once more then
        self.filed = Filed(session.document.begun)

    # -- What there is --------------------------------------------------------

    @property
    def changed(self) -> bool:
        """Whether something is not in the file of the session."""
        return self._has_begun and self.filed.lacks(self._session.document.state)

    @property
    def title(self) -> str:
        """The name of the session, with a mark for what is not saved."""
        return f"{'*' if self.changed else ''}{shown(self.filed.name, 100)}"

    def take_opened(self) -> None:
        """A network has been opened; the first one begins a session."""
        self._find_moved()
        if not self._has_begun:
            self._has_begun = True
            self.filed = Filed(self._session.document.begun)

    def _find_moved(self) -> None:
        """What names the open network as it was called before its file moved names it as it is called now."""
        session, loaded = self._session, self._session.loaded
        names = () if loaded is None else self.filed.names_before(loaded)
        named = {named_count(name)[0] for name in networks_in(session.document.state)}
        moved = [name for name in names if name in named and not exists(name)]
        if loaded is None or not moved:
            return
        found = Found(tuple((name, named_count(loaded.location)[0]) for name in moved))
        session.document.amend(lambda state: with_networks(state, found.name))
        name = shown(file_name(moved[0]), 60)
        session.say(f"{name} is here again", "What was kept of it can be shown", kind=Kind.NOTE)

    def keep(self) -> None:
        """Have what there is kept, called once a frame."""
        session = self._session
        if session.loaded is None:
            return
        for loaded in (session.loaded, *session.others.opened.values()):
            self.filed.learn(loaded)
        if self._keeper is not None and self._has_begun:
            about = self._surroundings.about(self.filed, unsaved=self.changed)
            self._keeper.see(Snapshot(replace(self._saved(), autosaved=about), self.filed.rest))
            if note := self._keeper.take_note():
                session.say(f"{note[0].upper()}{note[1:]}", kind=Kind.WARNING)

    def close(self) -> None:
        """At the end of the program: what is done stays where the next start finds it."""
        if self._keeper is not None:
            self._keeper.close()

    def _saved(self) -> SavedSession:
        return self._surroundings.seen(self._session.document.state, self.filed.networks)

    # -- Beginning and opening ------------------------------------------------

    def new(self) -> None:
        """Begin another session with the open network."""
        session = self._session
        if session.loaded is not None:
            project = Project(RenderRequest(network=session.loaded.location))
            self._show(self._surroundings.anew(project), Place(None))

    def open(self, path: Path, *, slot: Path | None = None, otherwise: Callable[[], None] | None = None) -> None:
        """Open a file of a session, of whoever. Raises UsageError.

        slot: the program kept it in this file, too; so it may name anything. otherwise: called when it is not shown,
        in place of asking for its network.
        """
        source = Source(shown(path.name, 100), path.parent if slot is None else None)
        whole = Path(os.path.abspath(path))

        def take(text: SessionText) -> None:
            self._prepare(text, source, Place(whole, rest=text.rest, slot=slot), otherwise)

        self._read(path, take)

    def go_on(self, path: Path, otherwise: Callable[[], None] | None = None) -> None:
        """Go on with what the program kept by itself. Raises UsageError."""

        def take(text: SessionText) -> None:
            about = text.session.autosaved
            file = Path(about.file) if about is not None and about.file else None
            unsaved = about is None or about.unsaved
            if file is not None and not unsaved and file.is_file():
                self.open(file, slot=path, otherwise=otherwise)
                return
            source = Source(shown(file.name, 100) if file is not None else "the last session")
            behind = unsaved or file is not None  # it has gone meanwhile
            self._prepare(text, source, Place(file, behind, text.rest, path), otherwise)

        self._read(path, take)

    def _read(self, path: Path, take: Callable[[SessionText], None]) -> None:
        """Read a file, in the background if that takes long."""
        try:
            small = path.stat().st_size <= AT_ONCE
        except OSError:
            small = True  # reading says why
        if small:
            take(read_session(path))
        else:
            self._session.start(f"Cannot open {shown(path.name, 60)}", partial(read_session, path), take)

    def _prepare(
        self, text: SessionText, source: Source, place: Place, otherwise: Callable[[], None] | None
    ) -> None:  # fmt: skip
        for note in text.notes:
            self._session.say(note, kind=Kind.NOTE)
        named = text.session.project.request.network

        def show(saved: SavedSession) -> None:
            elsewhere = saved.project.request.network != named
            self._show(saved, replace(place, behind=place.behind or elsewhere), trusted=source.folder is None)

        def show_without(saved: SavedSession) -> None:
            missing, loaded = saved.project.request.network, self._session.loaded
            network = loaded.location if loaded is not None else default_location()
            saved = with_another_network(saved, network, f"Picture of {file_name(missing)}")
            lacking = replace(place, behind=True, missing=missing)
            self._show(saved, lacking, trusted=source.folder is None)

        self._restoring.prepare(text.session, source, show, without=show_without, otherwise=otherwise)

    def _show(self, saved: SavedSession, place: Place, *, trusted: bool = True) -> None:
        session, project = self._session, saved.project

        def begin() -> None:
            self._leave(place.slot)
            begun = session.document.begun
            self._has_begun = True
            self.filed = Filed(
                begun, path=place.path, behind=place.behind, rest=place.rest, networks=saved.networks
            )  # fmt: skip
            self._surroundings.restore(saved, place.path, trusted=trusted, resumed=place.slot is not None)
            if place.path is not None:
                self._preferences.now = self._preferences.now.with_recent_session(str(place.path))
            if place.missing:
                self._say_missing(place.missing)

        if session.loaded is not None and project.request.network == session.loaded.location:
            session.begin(project)
            begin()
            if place.path is not None:
                session.say(f"Opened {shown(place.path.name, 60)}")
        else:
            session.open(project.request.network, project.request, state=project, begin=begin)

    def _say_missing(self, network: str) -> None:
        instead = display_name(self._session.request.network)
        self._session.say(
            f"{shown(file_name(network), 60)} cannot be found",
            f"{instead} is in its place. What was made with it is on the shelf; click that to say where it is now",
            kind=Kind.WARNING,
        )

    def _leave(self, slot: Path | None) -> None:
        """Another session is there; what was not saved of the one before stays in the file that it was kept in."""
        if self._keeper is not None and self._keeper.begin_another(slot):
            self._session.say(f"{shown(self.filed.name, 60)} is kept", "File > Open recent has it", kind=Kind.NOTE)

    # -- Saving ---------------------------------------------------------------

    def save(self) -> None:
        """Save the session where it was saved before."""
        filed = self.filed
        if filed.path is None:
            self.save_as()
        elif filed.was_changed_elsewhere:
            name = shown(filed.path.name, 60)
            self._session.messages.question = Question(
                f"Save over {name}?",
                "Another program has changed it since it was opened or saved here.",
                (("Folder", shown(filed.path.parent, 90)),),
                (
                    Answer("Save over it", partial(self._write, filed.path)),
                    Answer("Save as …", self.save_as),
                    Answer("Not now", lambda: None),
                ),
                icon=icons.SAVE,
            )
        else:
            self._write(filed.path)

    def save_as(self) -> None:
        """Ask for a name and a place, and save the session there."""
        filed, network = self.filed, self._session.request.network
        stem = Path(file_name(network)).stem if network else ""
        name = filed.name if filed.path is not None else stem.removeprefix("demo:") or "session"
        self._files.choose_new("Save the session", SUFFIX, name, filed.path, self._write)

    def _write(self, path: Path) -> None:
        """Write the file in the background; of several wishes meanwhile, the last one counts."""
        if self._writing:
            self._again = True
            return
        session, filed, saved = self._session, self.filed, self._saved()
        self._writing = True
        path = Path(os.path.abspath(path))
        title = "Cannot save the session"

        def end() -> None:
            self._writing = False
            if self._again:
                self._again = False
                self.save()

        def take(_: None) -> None:
            filed.was_saved(path, saved.project)
            self._preferences.now = self._preferences.now.with_recent_session(str(path))
            session.say_saved(path, detail=str(path.parent))
            end()

        job = session.jobs.start(title, lambda _progress: write_session(path, saved, filed.rest))
        session.follow_ups.add(job, FollowUp(title, take, otherwise=end, awaited=True))
