"""What commands, menus and gestures do with what was kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.display.frame import Frame
from core.project import Kept, Project, SavedSession
from core.project.shelf import (
    Shelf,
    moved,
    new_kept,
    pictured,
    renamed,
    starred,
    tagged,
    title_of,
    with_kept,
    without,
)
from core.render.operations import MakeFrame
from core.request import ROOM_FOR_SOURCES, RenderRequest, StyleSource, View, lit
from core.timeline.editing import with_values
from visualizer.actions.consent import Source
from visualizer.actions.opening import Opening
from visualizer.actions.ports import FileChooser
from visualizer.actions.sessions.restoring import Restoring
from visualizer.actions.shelf.exports import ShelfExports
from visualizer.actions.shelf.imports import ShelfImports
from visualizer.output.capture_folder import CaptureFolder
from visualizer.output.small_pictures import small_picture
from visualizer.session.animation import Transition
from visualizer.session.comparison import Comparison
from visualizer.session.messages import Kind
from visualizer.session.session import Session
from visualizer.session.shelf import ShelfChoice
from visualizer.settings import Preferences
from visualizer.toolkit.pixels import Pixels

NO_NETWORK = "No network is open."
OTHER_NETWORK = "It is of another network; a click opens that."
PANEL = "Shelf"  # among the panels that are open
OPEN_FROM = 1440  # width of a window in which it is open by itself, pixels at scale 1
APART_S = 1.0  # between those that are put on the timeline together


class ShelfActions:
    """The shelf of what is being made. Each verb is a step that undo takes back."""

    def __init__(
        self, session: Session, preferences: Preferences, folder: CaptureFolder, files: FileChooser, opening: Opening,
        restoring: Restoring,
    ) -> None:  # fmt: skip
        self._session = session
        self._preferences = preferences
        self._folder = folder
        self._opening = opening
        self._restoring = restoring
        self.choice = ShelfChoice()
        self._requests: tuple[Shelf, frozenset[RenderRequest]] = (), frozenset()  # of which shelf
        self.imports = ShelfImports(session, folder, files)
        self.exports = ShelfExports(session, folder)

    @property
    def shelf(self) -> Shelf:
        return self._session.document.state.shelf

    @property
    def chosen(self) -> Shelf:
        return self.choice.of(self.shelf)

    def is_open(self, width: float) -> bool:
        """Whether its pictures are there: as the user wants it, else in a window that is wide. width: at scale 1."""
        return self._preferences.now.panels.get(PANEL, width >= OPEN_FROM)

    def fold(self, is_open: bool) -> None:
        self._preferences.prefer(panels={**self._preferences.now.panels, PANEL: is_open})

    def _change(self, shelf: Shelf) -> None:
        self._session.document.change(shelf=shelf)

    # -- On and off the shelf -------------------------------------------------

    @property
    def shown(self) -> RenderRequest:
        """What is shown as the shelf keeps it: the picture, without the layer that is looked at."""
        request = self._session.request
        return replace(request, view=lit(request.view))

    def keep(self) -> None:
        """Keep what is shown, with its picture if that is there already."""
        session, request = self._session, self.shown
        known = self.kept_as(request)
        if known is not None:
            self.choice.choose_one(known.id)
            session.say(f"{title_of(known)} is on the shelf already", kind=Kind.NOTE)
            return
        frame = session.frame
        picture = small_picture(frame.pixels) if frame is not None and frame.request == request else b""
        new = new_kept(request, picture=picture)
        if len(shelf := with_kept(self.shelf, new)) == len(self.shelf):
            session.say("The shelf is full", "Remove some first", kind=Kind.WARNING)
            return
        self._change(shelf)
        self.choice.choose_one(new.id)

    @property
    def requests(self) -> frozenset[RenderRequest]:
        """All that are on the shelf."""
        if self._requests[0] is not self.shelf:
            self._requests = self.shelf, frozenset(one.request for one in self.shelf)
        return self._requests[1]

    def kept_as(self, request: RenderRequest) -> Kept | None:
        """What a request is on the shelf."""
        return next((one for one in self.shelf if one.request == request), None)

    def keep_or_remove(self, request: RenderRequest, pixels: Pixels, name: str = "") -> None:
        """Keep what is not shown, with a star and its picture; take it away if it is there already."""
        known = self.kept_as(request)
        if known is not None:
            self.remove([known])
            return
        shelf = with_kept(self.shelf, new_kept(request, name=name, starred=True, picture=small_picture(pixels)))
        if len(shelf) == len(self.shelf):
            self._session.say("The shelf is full", "Remove some first", kind=Kind.WARNING)
        self._change(shelf)

    def remove(self, some: Iterable[Kept]) -> None:
        self._change(without(self.shelf, {one.id for one in some}))

    def move(self, some: Iterable[Kept], at: int) -> None:
        """Those together, before the one that is now at a place."""
        self._change(moved(self.shelf, {one.id for one in some}, at))

    def rename(self, kept: Kept, name: str) -> None:
        self._change(renamed(self.shelf, kept.id, name))

    def tag(self, some: Iterable[Kept], text: str) -> None:
        """text: tags with commas between."""
        self._change(tagged(self.shelf, {one.id for one in some}, text.split(",")))

    def star(self, some: Sequence[Kept]) -> None:
        """Star them, or take the stars from them if all have one."""
        self._change(starred(self.shelf, {one.id for one in some}, not all(one.starred for one in some)))

    def put_picture(self, id: str, picture: bytes) -> None:
        """One that had no picture has one now, which is no step."""

        def change(state: Project) -> Project:
            shelf = pictured(state.shelf, id, picture)
            return state if shelf is state.shelf else replace(state, shelf=shelf)

        self._session.document.amend(change)

    # -- To what was kept -----------------------------------------------------

    def go(self, kept: Kept) -> None:
        """Show it, opening its network if another one is open, and asking before that opens what may not be meant."""
        looked = self._session.request.view
        request = replace(kept.request, view=_in_the_light_of(kept.request.view, looked))
        source = Source(title_of(kept), self._folder.path)

        def show(saved: SavedSession) -> None:
            self._opening.restore(saved.project.request)

        with self._session.attempt(f"Cannot go to {title_of(kept)}"):
            self._restoring.prepare(SavedSession(Project(request)), source, show)

    def why_not_mix(self, kept: Kept) -> str:
        """Why it cannot be mixed with what is shown; "": it can."""
        loaded = self._session.loaded
        if loaded is None:
            return NO_NETWORK
        return "" if kept.request.network == loaded.location else OTHER_NETWORK

    def animate_to(self, kept: Kept, seconds: float) -> None:
        """Show what lies between, frame by frame, and end there: one step."""
        session = self._session
        session.commit_gesture()
        looked = session.request.view
        end = replace(kept.request, view=_in_the_light_of(kept.request.view, looked))
        session.animation.transition = Transition(session.request, end, seconds, self.choice.easing, session.info)

    def keep_as_a(self, kept: Kept, comparison: Comparison) -> None:
        """Compare what is shown with it."""

        def take(frame: Frame) -> None:
            comparison.keep(frame)

        name = f"Picture of {title_of(kept)}"
        self._session.run(name, MakeFrame(kept.request), take, for_shown=True, quiet=True)

    # -- Parts of it ----------------------------------------------------------

    def as_source(self, kept: Kept, index: int) -> None:
        """Its latent becomes that of a source of styles, which keeps its layers; beyond the last, a new one."""
        sources = list(self._session.request.sources)
        known = sources[index] if index < len(sources) else StyleSource()
        new = replace(known, latent=kept.request.latent, label=kept.request.label, name=kept.name)
        if index >= ROOM_FOR_SOURCES:
            self._session.say(f"There are {ROOM_FOR_SOURCES} sources", "Remove one first", kind=Kind.WARNING)
            return
        sources[index : index + 1] = [new]
        self._session.edit(sources=tuple(sources))
        self._session.selection.source = index

    def on_timeline(self, some: Iterable[Kept], path: str, time_s: float) -> None:
        """Keys of a track: what it moves as it is in each, a second apart. path: "latent", "request", or another."""
        timeline = self._session.document.state.timeline
        for number, kept in enumerate(some):
            timeline = with_values(timeline, (path,), time_s + number * APART_S, kept.request)
        self._session.document.change(timeline=timeline)


def _in_the_light_of(kept: View, looked: View) -> View:
    """How it is looked at now, in the light that it was kept in."""
    return replace(looked, exposure=kept.exposure, contrast=kept.contrast)
