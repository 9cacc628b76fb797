"""Opening what a user typed, dropped or chose: networks, saved and other pictures, sessions, latents."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from core.base.errors import UsageError, VisualizerError
from core.base.paths import path_of, unquoted
from core.base.text import shown
from core.documents.document import Document, from_text, load_session
from core.documents.pictures import PICTURES
from core.opening.address import is_url
from core.opening.class_counts import named_count, remember_count, with_count
from core.opening.class_names import SUFFIXES as CLASS_FILES
from core.opening.class_names import read_class_names
from core.opening.demos import default_location
from core.render.tasks import Loaded
from core.request import Blend, RenderRequest
from visualizer.actions.consent import Consent
from visualizer.actions.encoding import Encoding
from visualizer.actions.latent_files import READ as LATENTS
from visualizer.actions.latent_files import LatentActions
from visualizer.actions.ports import FileChooser
from visualizer.output.capture import read_picture_text
from visualizer.session.messages import Kind
from visualizer.session.network_names import short_name
from visualizer.session.session import Session
from visualizer.settings import Preferences

NETWORKS = frozenset({".pkl", ".pt", ".pth", ".ckpt", ".bin", ".model", ".safetensors", ".tar", ".tgz", ".gz"})
SUFFIXES = NETWORKS | {*PICTURES, ".json", *LATENTS} - {".txt"}  # which says much else beside networks
SESSION_SUFFIX = ".json"


class Opening:
    """Everything that ends with another picture on the screen."""

    def __init__(
        self, session: Session, files: FileChooser, latents: LatentActions, encoding: Encoding, consent: Consent
    ) -> None:
        self._session = session
        self._files = files
        self._latents = latents
        self._encoding = encoding
        self._consent = consent
        self._to_remember = ""  # the name of a network with its number of classes, once it is open

    def open(self, name: str) -> None:
        """Open what a user typed, dropped or chose: a network, a saved or another picture, a session, a latent."""
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
        elif suffix == SESSION_SUFFIX:
            self._restore_document(load_session(path), path)
        else:
            return self._latents.opened(path)
        return True

    def _restore(self, text: str | None, path: Path) -> None:
        if text is None:
            self._encoding.opened(path)
            return
        self._restore_document(from_text(text, path.name), path)

    def _restore_document(self, document: Document, path: Path) -> None:
        """Show what a file holds, once the user has agreed to what that fetches."""
        loaded, request = self._session.loaded, document.request
        if not request.network:
            raise UsageError(f"{path.name} names no network; choose a session or a picture that this program saved.")
        if loaded is not None and _is_of(document, loaded):
            request = replace(request, network=loaded.location)
        self._consent.before(request, path.name, lambda: self._show(document, request, path), self.fill)

    def _show(self, document: Document, request: RenderRequest, path: Path) -> None:
        session, loaded = self._session, self._session.loaded
        for note in document.notes:
            session.say(note, kind=Kind.NOTE)
        if loaded is not None and request.network == loaded.location:
            session.edit(request)
            session.say(f"Restored {path.name}")
        elif "://" not in request.network and not _exists(request.network):
            self._find(request, named_count(document.name or short_name(request.network))[0])
        else:
            session.open(request.network, request)

    def fill(self) -> None:
        """In a window that would stay empty, open what opens where no network is named."""
        if self._session.loaded is None and self._session.load_job is None:
            self._session.open(default_location())

    def restore(self, request: RenderRequest) -> None:
        """Show a request, opening its network if another one is open."""
        session = self._session
        if session.loaded is not None and request.network == session.loaded.location:
            session.edit(request)
        else:
            session.open(request.network, request)

    def _find(self, request: RenderRequest, name: str) -> None:
        """Ask where the network of a restored picture is now."""

        def chosen(path: Path) -> None:
            network = with_count(str(path), named_count(request.network)[1])
            self._session.open(network, replace(request, network=network))

        self._files.choose(f"Where is {shown(name)} now?", SUFFIXES, chosen, self.fill)

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
            session.name_classes(read_class_names(path, session.loaded.info.c_dim))
            preferences.now = preferences.now.with_class_file(session.loaded.location, str(path))

    def recall(self) -> None:
        """Take the names that were chosen for the shown network before, if there are any."""
        session, known = self._session, self._preferences.now.class_files
        if session.loaded is None or session.loaded.location not in known:
            return
        with suppress(VisualizerError):  # the file is gone, or another one now
            session.name_classes(read_class_names(Path(known[session.loaded.location]), session.loaded.info.c_dim))


def _is_of(document: Document, loaded: Loaded) -> bool:
    """Whether the open network made what was saved, wherever its file was then."""
    same = bool(document.digest) and loaded.origin.digest == document.digest
    return same and _classes(document.request.network) == _classes(loaded.location)


def _classes(network: str) -> int:
    """How many the name of a network says."""
    return named_count(network)[1] or 0


def _exists(network: str) -> bool:
    network, _ = named_count(network)
    if network.startswith(("seed:", "demo:")):
        return True
    try:
        return os.path.exists(path_of(unquoted(network)))
    except UsageError:  # none that there can be
        return False
