"""What menus, shortcuts and panels can do, by what it is about."""

from __future__ import annotations

from pathlib import Path

from visualizer.actions.consent import Consent
from visualizer.actions.encoding import Encoding
from visualizer.actions.exports import Exports
from visualizer.actions.films.filming import Filming
from visualizer.actions.latent_files import LatentActions
from visualizer.actions.opening import ClassNames, Opening
from visualizer.actions.ports import Ports
from visualizer.actions.recording import Recording
from visualizer.actions.saving import Saving
from visualizer.actions.sessions.left import LeftSessions
from visualizer.actions.sessions.restoring import Restoring
from visualizer.actions.sessions.sessions import Sessions
from visualizer.actions.sessions.surroundings import Surroundings
from visualizer.actions.shelf.verbs import ShelfActions
from visualizer.actions.window import WindowActions
from visualizer.output.autosaves.keeper import Keeper
from visualizer.output.capture_folder import CaptureFolder
from visualizer.session.presets import Presets
from visualizer.session.session import Session
from visualizer.session.work.table_job import Tables
from visualizer.settings import Preferences
from visualizer.toolkit.ui import Ui


class Actions:
    """The verbs of the window."""

    def __init__(
        self, session: Session, preferences: Preferences, ui: Ui, tables: Tables, folder: CaptureFolder, ports: Ports,
        *, autosaves: Path | None = None,
    ) -> None:  # fmt: skip
        """autosaves: the folder in which what is done is kept by itself; None: it is not."""
        self._folder = folder
        self.choose_file = ports.files.choose
        self.latents = LatentActions(session, folder, ports.files)
        self.encoding = Encoding(session, ports.files)
        self.consent = Consent(session, preferences)
        restoring = Restoring(session, preferences, ports.files, folder, self.consent)
        surroundings = Surroundings(session, preferences, ports.views, folder)
        keeper = Keeper(autosaves, on_failure=ports.wake) if autosaves is not None else None
        self.sessions = Sessions(session, preferences, ports.files, restoring, surroundings, keeper)
        self.left = LeftSessions(session, preferences, self.sessions, autosaves)
        self.presets = Presets(session)
        self.opening = Opening(
            session, ports.files, self.latents, self.encoding, restoring, self.sessions, self.presets
        )  # fmt: skip
        self.shelf = ShelfActions(session, preferences, folder, ports.files, self.opening, restoring)
        self.class_names = ClassNames(session, preferences, ports.files)
        self.saving = Saving(session, preferences, folder)
        self.exports = Exports(session, tables, folder)
        self.recording = Recording(session, preferences, folder, ports.screen)
        self.filming = Filming(session, preferences, folder)
        self.window = WindowActions(session, preferences, ui, ports, self.recording, self.filming)

    @property
    def capture_folder(self) -> Path:
        return self._folder.path
