"""What a panel gets to work with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.display.frame import SpectrumOptions
from visualizer.panels.common.demo_row import DemoRow
from visualizer.session.comparison import Comparison
from visualizer.session.selection import Selection
from visualizer.session.session import Session
from visualizer.session.table_job import Tables
from visualizer.settings import Settings
from visualizer.toolkit.thumbnails import Thumbnails
from visualizer.toolkit.ui import Ui

if TYPE_CHECKING:
    from visualizer.actions.actions import Actions
    from visualizer.session.meters import Meters


class Context:
    """The controls, the session, the preferences, and the things the whole window can do."""

    def __init__(self, ui: Ui, session: Session, settings: Settings, thumbnails: Thumbnails) -> None:
        self.ui = ui
        self.session = session
        self.settings = settings
        self.thumbnails = thumbnails
        self.demos = DemoRow()
        self.kaiser = SpectrumOptions()  # of the spectra that are shown
        self.comparison = Comparison()
        self.tables = Tables()
        self.actions: Actions  # set by the app, which they act on
        self.meters: Meters

    @property
    def selection(self) -> Selection:
        return self.session.selection

    def prefer(self, **changes: Any) -> None:
        """Change preferences; they are written when the window closes."""
        self.settings = replace(self.settings, **changes)
