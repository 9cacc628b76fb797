"""Writes the settings soon after they have changed, so that a program that is killed loses none."""

from __future__ import annotations

import threading
from collections.abc import Callable

from visualizer.settings import Settings, save_settings

SETTLED_S = 1.0  # for so long nothing has changed, as a drag would


class SettingsKeeper:
    """Writes in a thread of its own, which the first change starts: a slow disk holds nobody up."""

    def __init__(
        self, settings: Settings, *, save: Callable[[Settings], str] = save_settings,
        on_failure: Callable[[], None] = lambda: None, settled_s: float = SETTLED_S,
    ) -> None:  # fmt: skip
        """settings: those of the file. save: returns a note if it failed, else "". on_failure: called in the thread."""
        self._save, self._on_failure, self._settled_s = save, on_failure, settled_s
        self._newest = self._kept = settings
        self._changed = threading.Condition()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._note = self._told = ""

    def see(self, settings: Settings) -> None:
        """Called once a frame."""
        if settings == self._newest:
            return
        with self._changed:
            self._newest = settings
            self._changed.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="settings", daemon=True)
            self._thread.start()

    def take_note(self) -> str:
        """Why the settings could not be written, once; else ""."""
        note, self._told = ("" if self._note == self._told else self._note), self._note
        return note

    def close(self, settings: Settings) -> None:
        """Write them for the last time."""
        with self._changed:
            self._closed, self._newest = True, settings
            self._changed.notify()
        self._write()

    def _run(self) -> None:
        while self._wait():
            self._write()
            if self._note:
                self._on_failure()

    def _wait(self) -> bool:
        """Until there are settings to be written that have not changed for a moment; False: it is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._newest != self._kept)
            while not self._closed and self._changed.wait(self._settled_s):
                pass
            return not self._closed

    def _write(self) -> None:
        with self._writing:
            newest = self._newest
            self._note = self._save(newest)
            self._kept = newest
