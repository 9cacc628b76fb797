"""Opening what a user typed, dropped or chose: networks, saved and other pictures, sessions, latents, sounds."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.audio.reading import SOUND_FILES
from core.base.errors import VisualizerError
from core.base.paths import path_of, unquoted
from core.documents.document import from_text
from core.documents.pictures import PICTURES
from core.documents.preset_files import holds_preset
from core.opening.address import is_url
from core.opening.class_counts import named_count, remember_count, with_count
from core.opening.class_names import SUFFIXES as CLASS_FILES
from core.opening.class_names import read_class_names
from core.opening.session_files import SUFFIX
from core.project import SavedSession
from core.request import Blend, RenderRequest
from visualizer.actions.consent import Source
from visualizer.actions.encoding import Encoding
from visualizer.actions.latent_files import READ as LATENTS
from visualizer.actions.latent_files import LatentActions
from visualizer.actions.ports import FileChooser
from visualizer.actions.sessions.restoring import NETWORKS, Restoring, of_document
from visualizer.actions.sessions.sessions import Sessions
from visualizer.output.capture import read_picture_text
from visualizer.session.messages import Kind
from visualizer.session.network_names import short_name
from visualizer.session.presets import Presets
from visualizer.session.session import Session
from visualizer.settings import Preferences

SUFFIXES = NETWORKS | {*PICTURES, SUFFIX, *LATENTS, *SOUND_FILES} - {".txt"}  # which says much else beside networks


class Opening:
    """Everything that ends with another picture on the screen."""

    def __init__(
        self, session: Session, files: FileChooser, latents: LatentActions, encoding: Encoding, restoring: Restoring,
        sessions: Sessions, presets: Presets,
    ) -> None:  # fmt: skip
        self._session = session
        self._files = files
        self._latents = latents
        self._encoding = encoding
        self._to_remember = ""  # the name of a network with its number of classes, once it is open
        self._restoring = restoring
        self._sessions = sessions
        self._presets = presets
        self.take_sound: Callable[[Path], None] = lambda path: None  # puts a file under the timeline

    def open(self, name: str) -> None:
        """Open what a user typed, dropped or chose: a network, a picture, a session, a latent, a sound."""
        self._session.messages.question = None
        name = unquoted(name)
        with self._session.attempt(f"Cannot open {short_name(name)}", file=name):
            if is_url(name) or not self._opened_file(path_of(name)):
                self._session.open(name)

    def open_with_classes(self, name: str, classes: int | None) -> None:
        """The same of what a command line names. classes: how many it says that the network has, if it does."""
        if classes is not None:
            name = self._to_remember = with_count(unquoted(name), classes)
        self.open(name)

    def keep_classes(self) -> None:
        """Remember what the command line says of the network that is open now, if it can have classes."""
        loaded = self._session.loaded
        if loaded is not None and loaded.location == self._to_remember and loaded.info.max_classes:
            remember_count(loaded.origin.digest, named_count(loaded.location)[1] or 0)

    def _opened_file(self, path: Path) -> bool:
        """Open what is no network but a file of another kind. Returns whether it is one."""
        suffix = path.suffix.lower() if os.path.isfile(path) else ""
        if suffix in PICTURES:
            self._restore(read_picture_text(path), path)
        elif suffix == SUFFIX and holds_preset(path):
            self._presets.take_file(path)
        elif suffix == SUFFIX:
            self._sessions.open(path)
        elif suffix in SOUND_FILES:
            self.take_sound(path)
        else:
            return self._latents.opened(path)
        return True

    def _restore(self, text: str | None, path: Path) -> None:
        """Show what a picture was made with; one of another program may be encoded."""
        if text is None:
            self._encoding.opened(path)
            return
        document = from_text(text, path.name)

        def show(saved: SavedSession) -> None:
            for note in document.notes:
                self._session.say(note, kind=Kind.NOTE)
            self.restore(saved.project.request)
            if self._session.load_job is None:
                self._session.say(f"Restored {path.name}")

        self._restoring.prepare(of_document(document), Source(path.name, path.parent), show)

    def restore(self, request: RenderRequest) -> None:
        """Show a request, opening its network if another one is open."""
        session = self._session
        if session.loaded is not None and request.network == session.loaded.location:
            session.edit(request)
        else:
            session.open(request.network, request)

    def take_classes(self, number: int) -> None:
        """Take so many of the last numbers of z for a class, from now on whenever the shown network is opened."""
        session = self._session
        if session.loaded is not None:
            remember_count(session.loaded.origin.digest, number)
            session.open(with_count(session.loaded.location, number))

    def browse(self) -> None:
        self._files.choose("Open", SUFFIXES, lambda path: self.open(str(path)))

    def choose_blend(self) -> None:
        """Choose a network to blend into the shown one."""
        session = self._session

        def chosen(path: Path) -> None:
            session.edit(blends=(*session.request.blends, Blend(str(path))))

        self._files.choose("Blend with", NETWORKS, chosen)


class ClassNames:
    """Files that name the classes of networks, remembered for each."""

    def __init__(self, session: Session, preferences: Preferences, files: FileChooser) -> None:
        self._session = session
        self._preferences = preferences
        self._files = files

    def choose(self) -> None:
        """Choose a file that names the classes of the shown network; it is remembered for this network."""
        self._files.choose("Names of the classes", frozenset(CLASS_FILES), self._chosen)

    def _chosen(self, path: Path) -> None:
        session, preferences = self._session, self._preferences
        if session.loaded is None:
            return
        with session.attempt(f"Cannot use {path.name}", file=str(path)):
            session.opening.name_classes(read_class_names(path, session.loaded.info.c_dim))
            preferences.now = preferences.now.with_class_file(session.loaded.location, str(path))

    def recall(self) -> None:
        """Take the names that were chosen for the shown network before, if there are any."""
        session, known = self._session, self._preferences.now.class_files
        if session.loaded is None or session.loaded.location not in known:
            return
        with suppress(VisualizerError):  # the file is gone, or another one now
            path = Path(known[session.loaded.location])
            session.opening.name_classes(read_class_names(path, session.loaded.info.c_dim))
