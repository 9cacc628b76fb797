"""What a panel gets to work with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.display.analysis import SpectrumOptions
from visualizer.actions.actions import Actions
from visualizer.session.comparison import Comparison
from visualizer.session.meters import Meters
from visualizer.session.selection import Selection
from visualizer.session.session import Session
from visualizer.session.time.chosen import Chosen
from visualizer.session.time.playback import Playback
from visualizer.session.time.preview import Preview
from visualizer.session.time.sounds import Sounds
from visualizer.session.work.table_job import Tables
from visualizer.settings import Preferences, Settings
from visualizer.toolkit.recovery import recovering
from visualizer.toolkit.thumbnails import Thumbnails
from visualizer.toolkit.ui import Ui


class Context:
    """The controls, the session, the preferences, and the things the whole window can do."""

    def __init__(
        self, ui: Ui, session: Session, preferences: Preferences, tables: Tables, thumbnails: Thumbnails,
        actions: Actions,
    ) -> None:  # fmt: skip
        self.ui = ui
        self.session = session
        self.preferences = preferences
        self.tables = tables
        self.thumbnails = thumbnails  # of pictures, by the node of the seed map
        self.actions = actions
        self.meters = Meters()
        self.comparison = Comparison()
        self.playback = Playback()
        self.preview = Preview(session)
        self.chosen = Chosen()  # of the timeline
        self.sounds = Sounds()
        self.spectrum_options = SpectrumOptions()  # of the spectra that are shown

    @property
    def settings(self) -> Settings:
        return self.preferences.now

    @property
    def selection(self) -> Selection:
        return self.session.selection

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Around a part of the window while it is drawn: what it raises is shown, and the other parts go on."""
        with self.session.attempt(f"{name} has failed"), recovering(self.ui.paint):
            yield

    def prefer(self, **changes: Any) -> None:
        """Change preferences; they are written soon afterwards."""
        self.preferences.prefer(**changes)
