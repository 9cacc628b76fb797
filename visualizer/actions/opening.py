"""Opening what a user typed, dropped or chose: networks, saved and other pictures, sessions, latents."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from core.base.errors import VisualizerError
from core.documents.document import Document, from_text, load_session
from core.documents.pictures import PICTURES
from core.opening.class_names import SUFFIXES as CLASS_FILES
from core.opening.class_names import read_class_names
from core.request import Blend, RenderRequest
from visualizer.actions.consent import Consent
from visualizer.actions.encoding import Encoding
from visualizer.actions.latent_files import LatentActions
from visualizer.actions.ports import FileChooser
from visualizer.output.capture import read_picture_text
from visualizer.session.messages import Kind
from visualizer.session.session import Session
from visualizer.settings import Preferences

NETWORKS = frozenset({".pkl", ".pt", ".pth", ".ckpt", ".bin", ".model", ".safetensors"})
SUFFIXES = NETWORKS | {*PICTURES, ".json", ".npz", ".npy"}
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

    def open(self, name: str) -> None:
        """Open what a user typed, dropped or chose: a network, a saved or another picture, a session, a latent."""
        self._session.messages.leave_question()
        name = name.strip().strip("'\"").strip()
        path = Path(name).expanduser()
        session = self._session
        try:
            if path.suffix.lower() in PICTURES and path.is_file():
                self._restore(read_picture_text(path), path)
            elif path.suffix.lower() == SESSION_SUFFIX and path.is_file():
                self._restore_document(load_session(path), path)
            elif not self._latents.opened(path):
                session.open(name)
        except VisualizerError as error:
            session.fail(f"Cannot open {path.name}", error)

    def _restore(self, text: str | None, path: Path) -> None:
        if text is None:
            self._encoding.opened(path)
            return
        self._restore_document(from_text(text, path.name), path)

    def _restore_document(self, document: Document, path: Path) -> None:
        """Show what a file holds, once the user has agreed to what that fetches."""
        loaded, request = self._session.loaded, document.request
        if loaded is not None and document.digest and loaded.origin.digest == document.digest:
            request = replace(request, network=loaded.location)
        self._consent.before(request, path.name, lambda: self._show(document, request, path))

    def _show(self, document: Document, request: RenderRequest, path: Path) -> None:
        session, loaded = self._session, self._session.loaded
        for note in document.notes:
            session.say(note, kind=Kind.NOTE)
        if loaded is not None and request.network == loaded.location:
            session.edit(request)
            session.say(f"Restored {path.name}")
        elif "://" not in request.network and not _exists(request.network):
            self._find(request, document.name or request.network)
        else:
            session.open(request.network, request)

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
            self._session.open(str(path), replace(request, network=str(path)))

        self._files.choose(f"Where is {name} now?", SUFFIXES, chosen)

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
        try:
            session.name_classes(read_class_names(path, session.loaded.info.c_dim))
            preferences.now = preferences.now.with_class_file(session.loaded.location, str(path))
        except VisualizerError as error:
            session.fail(f"Cannot use {path.name}", error)

    def recall(self) -> None:
        """Take the names that were chosen for the shown network before, if there are any."""
        session, known = self._session, self._preferences.now.class_files
        if session.loaded is None or session.loaded.location not in known:
            return
        with suppress(VisualizerError):  # the file is gone, or another one now
            session.name_classes(read_class_names(Path(known[session.loaded.location]), session.loaded.info.c_dim))


def _exists(network: str) -> bool:
    if network.startswith(("seed:", "demo:")):
        return True
    return Path(network.strip("'\"")).expanduser().exists()
