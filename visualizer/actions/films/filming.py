"""Films of the timeline: what is chosen for them, and the one that is being made."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from time import perf_counter, sleep

from core.base.paths import path_of, unquoted
from core.film.choices import Cells, FilmChoices
from core.film.film import Film, film_of
from core.request import RenderRequest
from core.video.formats import CODINGS, Format
from core.video.probe import unusable
from core.video.quality import estimated_bytes
from visualizer.output.capture import next_number
from visualizer.output.capture_folder import CaptureFolder
from visualizer.session.session import Session
from visualizer.session.work.film_run import FilmRun
from visualizer.settings import Preferences

PANEL = "Export"  # in which films are made
TELLING = 24  # frames of a film that tell how large it will be: encoders hold some back
NO_NETWORK = "No network is open."
BUSY = "A film is being made; cancel it first, or wait for it."


class Filming:
    """What the window does about films. One is made at a time."""

    def __init__(self, session: Session, preferences: Preferences, folder: CaptureFolder) -> None:
        self._session, self._preferences, self._folder = session, preferences, folder
        self.run: FilmRun | None = None  # the newest
        self.unusable: dict[Format, str] | None = None  # formats, and why they cannot be used; None: not known yet
        self.in_the_way: Path | None = None  # what has the name of the film; the user has to say what becomes of it
        self._asked = False

    @property
    def running(self) -> bool:
        return self.run is not None and self.run.running

    @property
    def choices(self) -> FilmChoices:
        return self._preferences.now.film

    def prefer(self, choices: FilmChoices) -> None:
        self.in_the_way = None
        self._preferences.prefer(film=choices)

    def choose(self, **changes: object) -> None:
        self.prefer(replace(self.choices, **changes))  # type: ignore[arg-type]  # dataclasses checks the names

    def look_for_encoders(self) -> None:
        """Find out, once, which formats can be written here."""
        if not self._asked:
            self._asked = True
            self._session.start("Cannot look for encoders", unusable, lambda found: setattr(self, "unusable", found))

    # -- What would be made ---------------------------------------------------

    def film(self) -> Film:
        """The film that is chosen. Raises UsageError."""
        state, choices = self._session.document.state, self.choices
        return film_of(
            self._session.shown_request, state.timeline, rate=choices.rate, start_s=_exact(choices.start_s),
            end_s=_exact(choices.end_s), cells=self._cells(), size=choices.size, blur=choices.blur,
            format=choices.format, quality=choices.quality, sound=choices.sound,
        )  # fmt: skip

    def frame_size(self, film: Film) -> tuple[int, int]:
        """Width and height of the frames, as far as they are known."""
        frame, info = self._session.frame, self._session.info
        height, width = frame.pixels.shape[:2] if frame is not None else (info.height, info.width) if info else (0, 0)
        rows, columns = film.shape
        return film.size.of(width * columns, height * rows)

    def estimate(self, film: Film) -> float:
        """About how many bytes it will have: by a table, or while it is made by what is there of it."""
        run = self.run
        if run is not None and run.running and run.film == film and run.encoded >= max(TELLING, film.frames // 10):
            return run.bytes_written / run.encoded * film.frames
        length_s = float(film.frames / film.rate) if film.sound and film.timeline.sound is not None else 0.0
        return estimated_bytes(film.format, film.quality, self.frame_size(film), film.frames, sound_s=length_s)

    def _cells(self) -> list[RenderRequest]:
        shelf = self._session.document.state.shelf
        match self.choices.cells:
            case Cells.SHOWN:
                return []
            case Cells.SHELF:
                return [kept.request for kept in shelf]
            case Cells.STARRED:
                return [kept.request for kept in shelf if kept.starred]

    @property
    def target(self) -> Path | None:
        """The file that was named; None: it will be numbered. Raises UsageError for what is no name."""
        suffix, name = CODINGS[self.choices.format].suffixes[0], unquoted(self.choices.name.strip())
        if not name:
            return None
        path = self._folder.path / path_of(name)
        endings = CODINGS[self.choices.format].suffixes
        return path if not suffix or path.suffix.lower() in endings else path.with_name(path.name + suffix)

    # -- Making it ------------------------------------------------------------

    def why_not(self) -> str:
        """Why no film can be started now."""
        if self._session.loaded is None:
            return NO_NETWORK
        if self.choices.cells is not Cells.SHOWN and not self._cells():
            return "Nothing on the shelf is meant." if self.choices.cells is Cells.SHELF else "No picture has a star."
        return BUSY if self.running else (self.unusable or {}).get(self.choices.format, "")

    def start(self, *, replace_it: bool = False) -> None:
        """Make the chosen film. replace_it: a file of that name is there, and the user knows."""
        with self._session.attempt("Cannot make the film", file=str(self._folder.path)):
            film, path = self.film(), self.target
            if path is None:
                self._folder.path.mkdir(parents=True, exist_ok=True)
                path = self._folder.path / f"{next_number(self._folder.path)}{CODINGS[film.format].suffixes[0]}"
            elif path.exists() and film.format is not Format.PNG and not replace_it:
                self.in_the_way = path
                return
            self.in_the_way = None
            path.parent.mkdir(parents=True, exist_ok=True)
            self.run = FilmRun(self._session, film, path, replace=replace_it)

    def pause(self) -> None:
        if self.run is not None:
            self.run.pause()

    def cancel(self) -> None:
        if self.run is not None:
            self.run.cancel()

    def finish(self, timeout_s: float) -> None:
        """At the end of the program: keep what there is of a film."""
        if self.run is not None and self.run.running:
            self.run.cancel()
            deadline = perf_counter() + timeout_s
            while self.run.running and perf_counter() < deadline:
                sleep(0.005)


def _exact(seconds: float | None) -> Fraction | None:
    """A time that was typed, without the error of its binary digits."""
    return None if seconds is None else Fraction(str(round(seconds, 6)))
