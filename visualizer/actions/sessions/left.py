"""What other windows have left: the last one's work is gone on with, that of a window that died is offered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter

from core.base.text import moment, shown
from resources import icons
from visualizer.actions.sessions.sessions import Sessions
from visualizer.output.autosaves.files import Fate, Left, left_sessions, prune, was_seen
from visualizer.session.messages import Answer, Question
from visualizer.session.session import Session
from visualizer.settings import Preferences

MOST_OFFERED = 4  # windows; File > Open recent has the rest
FRESH_S = 2.0  # how long a look into the folder counts


class LeftSessions:
    """The files in the folder of what windows keep by themselves; None: there is no such folder."""

    def __init__(self, session: Session, preferences: Preferences, sessions: Sessions, folder: Path | None) -> None:
        self._session = session
        self._preferences = preferences
        self._sessions = sessions
        self._folder = folder
        self._looked_s = -float("inf")
        self._found: tuple[Left, ...] = ()

    @property
    def found(self) -> tuple[Left, ...]:
        """What no running window has, and no file of the user's holds: the newest first."""
        if self._folder is not None and perf_counter() - self._looked_s > FRESH_S:
            left = (one for one in left_sessions(self._folder) if one.fate is not Fate.RUNS and one.about.unsaved)
            self._found, self._looked_s = tuple(left), perf_counter()
        return self._found

    def open(self, left: Left, otherwise: Callable[[], None] | None = None) -> None:
        """Go on with one."""
        self._looked_s = -float("inf")
        with self._session.attempt(f"Cannot go on with {shown(left.name, 60)}", file=str(left.path)):
            self._sessions.go_on(left.path, otherwise)

    # -- At the start ---------------------------------------------------------

    def begin(self, first: Callable[[], None], *, resume: bool) -> None:
        """Begin the window: where the last one ended, if that is wanted, else with `first`; offer what died.

        resume: the user has named nothing to begin with.
        """
        found = left_sessions(self._folder) if self._folder is not None else []
        last = next((one for one in found if one.fate is Fate.ENDED), None)
        if resume and self._preferences.now.resume and last is not None:
            self.open(last, first)
            if self._session.problem is not None:
                first()
        else:
            first()
        self._offer([one for one in found if one.fate is Fate.DIED])
        if self._folder is not None:
            self._session.start("Cannot tidy what windows have left", partial(prune, self._folder), lambda _: None)

    def _offer(self, died: list[Left]) -> None:
        """Tell of windows that died, and offer to go on."""
        if not died:
            return
        offered = died[:MOST_OFFERED]
        one = len(died) == 1

        def seen(chosen: Left | None) -> None:
            for left in died:
                if left is not chosen:
                    was_seen(left)
            if chosen is not None:
                self.open(chosen)

        answers = [Answer("Go on with it" if one else label_of(left), partial(seen, left)) for left in offered]
        self._session.messages.question = Question(
            "The program ended unexpectedly" if one else f"{len(died)} windows ended unexpectedly",
            "What was done until then is kept." + (" File > Open recent has it later, too." if one else
            " File > Open recent has what you do not choose now."),
            tuple((moment(left.about.when_s), said(left)) for left in offered),
            (*answers, Answer("Not now", partial(seen, None))),
            icon=icons.HISTORY,
        )  # fmt: skip


def label_of(left: Left) -> str:
    """One of several, in a word or two."""
    return f"{shown(left.name, 24)}, {moment(left.about.when_s)[-5:]}"


def said(left: Left) -> str:
    """What a session is, and of which network."""
    return " · ".join(filter(None, (shown(left.name, 60), shown(left.about.network, 60))))
