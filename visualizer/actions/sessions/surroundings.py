"""What a session holds besides what is made: how it is looked at, what is selected, where captures go."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.base.text import shown
from core.opening.session_files import is_inside
from core.project import Autosaved, Captures, Looks, NetworkFile, Project, SavedSession, Selected
from visualizer.actions.ports import Views
from visualizer.output.capture_folder import CaptureFolder
from visualizer.session.making.filed import Filed
from visualizer.session.messages import Kind
from visualizer.session.network_names import display_name
from visualizer.session.session import Session
from visualizer.settings import VIDEO_FPS, Preferences


class Surroundings:
    """Read from the window, and brought back."""

    def __init__(self, session: Session, preferences: Preferences, views: Views, folder: CaptureFolder) -> None:
        self._session = session
        self._preferences = preferences
        self._views = views
        self._folder = folder

    def seen(self, project: Project, networks: tuple[NetworkFile, ...]) -> SavedSession:
        """A project as it is seen now."""
        selection, settings = self._session.selection, self._preferences.now
        zoom, pan_x, pan_y = self._views.framing
        return SavedSession(
            project,
            networks,
            self._session.document.time_s,
            Selected(selection.layer, selection.source),
            Looks(settings.workspace, zoom, pan_x, pan_y),
            Captures(settings.capture_folder, settings.video_fps),
        )

    def anew(self, project: Project) -> SavedSession:
        """A project as it is seen when it begins: in the same workspace, with the whole picture."""
        return SavedSession(project, looks=Looks(self._preferences.now.workspace))

    def about(self, filed: Filed, *, unsaved: bool) -> Autosaved:
        """What a file that the program keeps by itself says of the session."""
        file = str(filed.path) if filed.path is not None else ""
        return Autosaved(file, unsaved, network=display_name(self._session.document.state.request.network))

    def restore(self, saved: SavedSession, path: Path | None, *, trusted: bool, resumed: bool) -> None:
        """Look at what has begun as it was looked at. trusted: this program wrote it for itself; resumed: go on."""
        session, looks = self._session, saved.looks
        entries = session.info.num_ws if session.info is not None else 1
        session.selection.layer = min(saved.selected.layer, max(entries - 1, 0))
        session.selection.source = min(saved.selected.source, max(len(session.request.sources) - 1, 0))
        session.document.move_to(saved.time_s)
        self._views.frame(looks.zoom, looks.pan_x, looks.pan_y)
        if looks.workspace:
            self._preferences.prefer(workspace=looks.workspace)
        if saved.captures.fps in VIDEO_FPS:
            self._preferences.prefer(video_fps=saved.captures.fps)
        if not resumed:  # what was chosen for a film of another session
            film = replace(self._preferences.now.film, name="", start_s=None, end_s=None)
            self._preferences.prefer(film=film)
        self._restore_folder(saved.captures.folder, path, trusted=trusted)

    def _restore_folder(self, folder: str, path: Path | None, *, trusted: bool) -> None:
        """Where captures go: a file of whoever may say so of its own folder only."""
        if not folder or folder == str(self._folder.path):
            return
        if trusted or (path is not None and is_inside(Path(folder), path.parent)):
            self._preferences.prefer(capture_folder=folder)
        else:
            where = shown(self._folder.path, 90)
            self._session.say("Captures go where they went before", where, kind=Kind.NOTE)
