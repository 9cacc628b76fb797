"""Presets of the session, of the user's folder and of the program: applied, saved, copied, removed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from core.base.text import shown
from core.documents.preset_files import PresetFile, PresetFolder, read_folder, read_preset, remove_preset, write_preset
from core.project import Preset
from core.project.built_in_presets import BUILT_IN
from core.project.presets import Applied, applied, morphed, unique, updated, with_preset
from core.request import ModelInfo, RenderRequest
from visualizer.session.messages import Kind
from visualizer.session.session import Session
from visualizer.settings import preset_folder


class Shelf(StrEnum):
    """Where a preset is."""

    SESSION = "This session"
    FOLDER = "Your folder"
    PROGRAM = "The program"


@dataclass(frozen=True)
class Entry:
    """A preset where it is."""

    shelf: Shelf
    preset: Preset
    path: Path | None = None  # of one of the folder


class Presets:
    """All presets, and what is being done with one."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.folder: PresetFolder | None = None  # None: not looked at yet
        self.removed: PresetFile | None = None  # the file that was removed last
        self._of: tuple[Preset, ...] = ()  # what is applied,
        self._base: RenderRequest | None = None  # to what,
        self._result: RenderRequest | None = None  # and what that gave

    @property
    def entries(self) -> tuple[Entry, ...]:
        own = (Entry(Shelf.SESSION, preset) for preset in self._session.document.state.presets)
        kept = (Entry(Shelf.FOLDER, file.preset, file.path) for file in self.folder.files) if self.folder else ()
        return (*own, *kept, *(Entry(Shelf.PROGRAM, preset) for preset in BUILT_IN))

    def refresh(self) -> None:
        """Look at the folder."""
        self.folder = read_folder(preset_folder())

    # -- Applying -------------------------------------------------------------

    def apply(self, preset: Preset, amount: float, *, anew: bool) -> None:
        """The picture with a preset. anew: on top of what is shown; else in place of what it has given before."""
        words = f"Preset “{shown(preset.name, 40)}”" + (f" {100 * amount:.0f} %" if amount != 1 else "")
        self._apply((preset,), lambda base, info: applied(base, preset, info, amount), words, anew=anew)

    def morph(self, first: Preset, second: Preset, part: float) -> None:
        """The picture between two presets, in place of what either has given before."""
        words = f"“{shown(first.name, 20)}” to “{shown(second.name, 20)}” {100 * part:.0f} %"
        self._apply((first, second), lambda base, info: morphed(base, first, second, info, part), words, anew=False)

    def _apply(
        self, of: tuple[Preset, ...], make: Callable[[RenderRequest, ModelInfo], Applied], words: str, *, anew: bool
    ) -> None:  # fmt: skip
        session = self._session
        if session.info is None:
            return
        goes_on = self._base is not None and session.request == self._result and self._of[:1] == of[:1]
        base = self._base if goes_on and not anew and self._base is not None else session.request
        found = make(base, session.info)
        session.edit(found.request)
        session.document.name_step(words)
        if found.skipped and (anew or self._of != of):
            names = " and ".join(shown(preset.name, 40) for preset in of)
            session.say(f"Not all of {names} can be applied", found.told, kind=Kind.NOTE)
        self._of, self._base, self._result = of, base, session.request

    # -- Keeping --------------------------------------------------------------

    def save(self, preset: Preset, shelf: Shelf) -> Entry | None:
        """Keep one more. Returns it as it is kept; None if that has failed, which is said."""
        if shelf is Shelf.SESSION:
            presets = with_preset(self._session.document.state.presets, preset)
            self._session.document.change(presets=presets)
            return Entry(shelf, presets[-1])
        with self._session.attempt("The preset is not saved"):
            self.refresh()
            names = (file.preset.name for file in self.folder.files) if self.folder else ()
            preset = replace(preset, name=unique(preset.name, names))
            path = write_preset(preset, preset_folder())
            self.refresh()
            return Entry(shelf, preset, path)
        return None

    def replace(self, entry: Entry, preset: Preset) -> Entry:
        """Keep another one in its place, under a name that no other has. Returns that."""
        others = [one.preset.name for one in self.entries if one.shelf is entry.shelf and one != entry]
        preset = replace(preset, name=unique(preset.name, others))
        if entry.path is not None:
            with self._session.attempt("The preset is not saved"):
                write_preset(preset, entry.path.parent, path=entry.path)
                self.refresh()
                return replace(entry, preset=preset)
            return entry
        presets = self._session.document.state.presets
        self._session.document.change(presets=tuple(preset if one == entry.preset else one for one in presets))
        return replace(entry, preset=preset)

    def update(self, entry: Entry) -> Entry:
        """With what the picture has now for each of its settings."""
        session = self._session
        if session.info is None:
            return entry
        return self.replace(entry, updated(entry.preset, session.request, session.info))

    def remove(self, entry: Entry) -> None:
        """Of the session: undo brings it back; a file can be put back until another one is removed."""
        if entry.path is None:
            presets = self._session.document.state.presets
            self._session.document.change(presets=tuple(one for one in presets if one != entry.preset))
            return
        with self._session.attempt("The preset is not removed"):
            remove_preset(entry.path)
            self.removed = PresetFile(entry.path, entry.preset)
            self.refresh()

    def put_back(self) -> None:
        """The file that was removed last."""
        if self.removed is not None:
            self.save(self.removed.preset, Shelf.FOLDER)
            self.removed = None

    def take_file(self, path: Path) -> None:
        """A file of a preset was dropped or chosen: it is one of the session from now on. Raises UsageError."""
        entry = self.save(read_preset(path), Shelf.SESSION)
        if entry is not None:
            self._session.say(f"Preset {shown(entry.preset.name, 60)} added", "It is under Presets")
