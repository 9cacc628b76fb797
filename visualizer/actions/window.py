"""What the user does with the window itself: its looks, what is copied out of it, leaving it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.documents.document import command_line
from core.parameters.adaptation import used
from visualizer.actions.films.filming import Filming
from visualizer.actions.ports import Ports
from visualizer.actions.recording import Recording
from visualizer.output.system_report import Facts, system_facts, table
from visualizer.session.messages import Kind
from visualizer.session.network_names import known_as
from visualizer.session.session import Session
from visualizer.settings import Preferences, Theme
from visualizer.toolkit.ui import Ui

SCALE_STEPS = (0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)


class WindowActions:
    """Preferences that have a key, the clipboard, and the way out."""

    def __init__(
        self, session: Session, preferences: Preferences, ui: Ui, ports: Ports, recording: Recording, filming: Filming
    ) -> None:
        self._session = session
        self._preferences = preferences
        self._ui = ui
        self._screen = ports.screen
        self._quit = ports.quit
        self._recording, self._filming = recording, filming
        self.views = ports.views

    # -- Looks ----------------------------------------------------------------

    def toggle_theme(self) -> None:
        now = self._preferences.now.theme
        self._preferences.prefer(theme=Theme.LIGHT if now is Theme.DARK else Theme.DARK)

    def scale(self, by: int) -> None:
        """To the next larger or smaller size of the controls; 0: back to 1."""
        now = self._preferences.now.ui_scale
        at = min(range(len(SCALE_STEPS)), key=lambda index: abs(SCALE_STEPS[index] - now))
        scale = SCALE_STEPS[min(max(at + by, 0), len(SCALE_STEPS) - 1)] if by else 1.0
        self._preferences.prefer(ui_scale=scale)

    def toggle_smooth(self) -> None:
        """See the pictures of this network smooth, or their pixels; it is remembered for this network."""
        loaded, preferences = self._session.loaded, self._preferences
        if loaded is not None:
            preferences.now = preferences.now.with_smooth(known_as(loaded), not self.views.smooth)

    def toggle_docks(self) -> None:
        """Hide or show the panels; with the picture alone on the screen, the bars, too."""
        views = self.views
        if self._screen.full_screen:
            views.alone = not views.alone
            views.docks_hidden = False
        else:
            views.docks_hidden = not views.docks_hidden

    def full_screen(self) -> None:
        """The picture alone on the whole screen, or all of the window where it was."""
        self._screen.toggle_full_screen()
        self.views.alone = self._screen.full_screen
        if self.views.alone:
            self._session.say("The picture alone", "Tab brings the panels, Escape leaves", kind=Kind.NOTE)

    # -- Copying --------------------------------------------------------------

    def copy(self) -> None:
        """The focused control's value, or the picture's command line."""
        ui, session = self._ui, self._session
        if ui.focus and ui.focus in ui.values:
            ui.copy(ui.values[ui.focus])
            session.say(f"Copied {ui.values[ui.focus]}")
            return
        with session.attempt("Cannot copy the command line"):
            ui.copy(command_line(used(session.request, session.info)))
            session.say("Copied the command line", "It renders this picture without a window")

    def copy_report(self) -> None:
        """Copy what a bug report needs, once it is known."""

        def copy(facts: Facts) -> None:
            self._ui.copy(table(facts))
            self._session.say("Copied the system report", "Paste it into a bug report")

        self.describe_system(copy)

    def describe_system(self, then: Callable[[Facts], None]) -> None:
        """Have what this program runs on described, which may take until its devices have answered."""
        describe = partial(system_facts, gl_renderer=self._screen.gl_renderer)
        self._session.start("Cannot describe the system", describe, then)

    # -- Leaving --------------------------------------------------------------

    def quit(self) -> None:
        """Ends the program; asks first while a video is recorded or a film is made."""
        if self._recording.recorder is not None or self._filming.running:
            self.views.ask_to_quit()
        else:
            self._quit()

    def quit_now(self) -> None:
        self._quit()

    def escape(self) -> None:
        """Leave what is open, one thing at a time."""
        session = self._session
        if self._ui.leave_focus() or session.messages.leave_question():
            return
        if session.selection.give_up_click() or session.messages.dismiss():
            return
        if self._screen.full_screen:
            self.full_screen()
