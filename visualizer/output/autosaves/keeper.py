"""Writes what is done in a window soon after it has changed, so that a window that is killed loses next to nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from core.base.errors import UsageError
from core.documents.project_json import Texts
from core.documents.rest import Rest
from core.opening.session_files import write_session
from core.project import Autosaved, SavedSession
from visualizer.output.autosaves.files import Slot

INTERVAL_S = 1.0  # between the beginnings of two writings: what is lost with a window is less than two seconds old
REST = 1  # times as long as a writing takes, nothing is written after it
RETRY_S = 10.0  # after a writing that failed


@dataclass(frozen=True)
class Snapshot:
    """All that is kept, as it was in a frame."""

    session: SavedSession
    rest: Rest

    @property
    def unsaved(self) -> bool:
        return self.session.autosaved is not None and self.session.autosaved.unsaved


class Keeper:
    """Writes in a thread of its own, which the first change starts: a slow disk holds nobody up.

    The methods are for the window's thread.
    """

    def __init__(
        self, folder: Path, *, on_failure: Callable[[], None] = lambda: None, interval_s: float = INTERVAL_S
    ) -> None:  # fmt: skip
        """on_failure: called in the thread when there is a note to take."""
        self._folder, self._on_failure, self._interval_s = folder, on_failure, interval_s
        self._changed = threading.Condition()
        self._writing = threading.Lock()
        self._newest: Snapshot | None = None
        self._written: Snapshot | None = None
        self._began_s, self._took_s = -float("inf"), 0.0
        self._slot: Slot | None = None
        self._texts = Texts()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._errands: list[Callable[[], None]] = []
        self._note = self._told = ""

    def see(self, snapshot: Snapshot) -> None:
        """Called once a frame."""
        if snapshot == self._newest:
            return
        with self._changed:
            self._newest = snapshot
            self._changed.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="autosave", daemon=True)
            self._thread.start()

    def take_note(self) -> str:
        """Why nothing can be kept, once; else ""."""
        note, self._told = ("" if self._note == self._told else self._note), self._note
        return note

    def begin_another(self, path: Path | None = None) -> bool:
        """The window goes on with another session. path: the file that it is kept in already; None: a new one.

        What was done in the one before stays in its file, if it is not saved. Returns whether it does.
        """
        keep = self._newest is not None and self._newest.unsaved
        with self._changed:
            last, self._newest = self._newest, None
            self._errands += [lambda: self._finish(last, keep=keep), lambda: self._take(path)]
            self._changed.notify()
        return keep

    def close(self) -> None:
        """Write for the last time: the next start may go on with it."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        with self._writing:
            self._run_errands()
            self._finish(self._newest, keep=True)

    # -- In the thread --------------------------------------------------------

    def _run(self) -> None:
        while self._wait():
            with self._writing:
                self._run_errands()
                self._write(self._newest)
            if self._note != self._told:
                self._on_failure()

    def _wait(self) -> bool:
        """Until there is something new to be written and it is time to; False: it is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._errands or self._newest is not self._written)
            pause_s = RETRY_S if self._note else max(self._interval_s, (1 + REST) * self._took_s)
            due_s = self._began_s + pause_s
            while not (self._closed or self._errands) and (left_s := due_s - time.monotonic()) > 0:
                self._changed.wait(left_s)
            return not self._closed

    # -- Under the lock -------------------------------------------------------

    def _run_errands(self) -> None:
        """What was asked for before anything else is written, in its order."""
        with self._changed:
            errands, self._errands = self._errands, []
        for errand in errands:
            errand()

    def _finish(self, last: Snapshot | None, *, keep: bool) -> None:
        """Let go of the file. last: what is in it in the end, if it is kept."""
        if keep:
            self._write(last)
        slot, self._slot, self._written = self._slot, None, None
        if slot is not None:
            with suppress(OSError):  # a lock that cannot be removed: a window that seems to have died
                slot.end(keep=keep)

    def _take(self, path: Path | None) -> None:
        """Go on in a file that another window has left, if it still can be had."""
        with suppress(OSError):
            self._slot = Slot.of(path) if path is not None else None

    def _write(self, snapshot: Snapshot | None) -> None:
        if snapshot is None or snapshot is self._written:
            return
        self._began_s = time.monotonic()
        about = replace(snapshot.session.autosaved or Autosaved(), when_s=time.time())
        try:
            if self._slot is None:
                self._slot = Slot.new(self._folder)
            write_session(self._slot.path, replace(snapshot.session, autosaved=about), snapshot.rest, self._texts)
            self._note, self._written = "", snapshot
        except (OSError, UsageError) as error:
            self._note = f"what is done here cannot be kept in {self._folder}: {_reason(error)}; save the session"
        self._took_s = time.monotonic() - self._began_s


def _reason(error: Exception) -> str:
    """Why a file could not be written, without what to do: nobody chose its folder."""
    cause = error if isinstance(error, OSError) else error.__cause__
    return (cause.strerror or str(cause)) if isinstance(cause, OSError) else str(error)
