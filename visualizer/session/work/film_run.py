"""A film that is made beside the live view: frames by the owner of the networks, encoded in a thread of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from core.base.progress import Progress
from core.documents.document import to_text
from core.film.driven import heard
from core.film.export import Exported, export
from core.film.files import FilmWriter, film_writer
from core.film.film import Film
from core.film.frames import FilmFrame, FrameMaker, Pictures
from core.film.operation import MakeFilmPictures
from core.film.sound import film_sound
from core.film.worker import networks_of
from core.render.operations import Order
from core.render.service import RenderService
from core.render.tasks import Loaded
from visualizer.session.session import Session
from visualizer.session.work.follow_ups import FollowUp
from visualizer.session.work.jobs import Job, State
from visualizer.toolkit.pixels import Pixels, reduced

IN_FLIGHT = 2  # frames that are ordered: while one is encoded, the next one is made
PATIENCE_S = 0.1  # between looks at whether the user has paused or cancelled it
THUMBNAIL = 128  # pixels


class FilmRun:
    """One film. Everything here is for the UI thread, but what `work` calls."""

    def __init__(self, session: Session, film: Film, path: Path, *, replace: bool) -> None:
        """Begins it, as a job that the user can watch. The shown network has to be open."""
        assert session.loaded is not None
        self.film, self.path = film, path
        self.made: Exported | None = None  # whole, or what is left of one that ended early
        self.picture: Pixels | None = None  # a small one of the newest frame
        self.loaded: Loaded = session.loaded  # held until the film is made
        self._open = dict(session.others.opened)
        self._service: RenderService = session.service
        self._device, self._replace = session.device, replace
        self._going = threading.Event()
        self._going.set()
        self._writer: FilmWriter | None = None
        self._there = 0  # frames, before it began
        self._parts: list[Exported] = []  # what is left of it, if it ends early
        name = f"Making {path.name}"
        self.job: Job[Exported] = session.jobs.start(name, self._work)
        session.follow_ups.add(self.job, FollowUp(
            f"{name} has failed", lambda made: self._done(session, made), lambda: self._ended(session),
            watched=True, on_network=True,
        ))  # fmt: skip

    @property
    def running(self) -> bool:
        return self.job.state is State.RUNNING

    @property
    def paused(self) -> bool:
        return self.running and not self._going.is_set()

    def pause(self) -> None:
        """Make no more frames until it goes on, or go on."""
        if self._going.is_set():
            self._going.clear()
        else:
            self._going.set()

    def cancel(self) -> None:
        """End it; its finished part is kept."""
        self.job.cancel()

    @property
    def encoded(self) -> int:
        """Frames that were written now, without those that were there already."""
        return self._writer.frames - self._there if self._writer is not None else 0

    @property
    def bytes_written(self) -> int:
        return self._writer.bytes_written if self._writer is not None else 0

    def _done(self, session: Session, made: Exported) -> None:
        self.made = made
        seconds = float(self.film.frames / self.film.rate)
        session.say_saved(
            made.path, detail=f"{made.frames:,} frames · {seconds:.4g} s · {made.path.parent}", picture=self.picture
        )

    def _ended(self, session: Session) -> None:
        """It was cancelled, or failed."""
        self.made = next(iter(self._parts), None)
        if self.made is not None and self.job.state is State.CANCELLED:
            detail = f"The finished part, {self.made.frames:,} frames · {self.made.path.parent}"
            session.say_saved(self.made.path, detail=detail, picture=self.picture)

    # -- In its thread --------------------------------------------------------

    def _work(self, progress: Progress) -> Exported:
        film, origin, family = self.film, self.loaded.origin, self.loaded.info.family
        maker = FrameMaker(film, self.loaded.info, origin, heard(film.timeline, progress))
        sound = film_sound(film)
        others = [self._open.get(name) or self._service.open(name, progress) for name in networks_of(film)[1:]]
        writer = self._writer = film_writer(
            film, self.path, maker, text=to_text(film.request, origin, family=family), sound=lambda: sound,
            replace=self._replace,
        )  # fmt: skip
        self._there = writer.frames
        count = writer.frames + len(writer.missing)

        def source(indices: Sequence[int]) -> Iterator[FilmFrame]:
            yield from self._frames(maker, indices, lambda: progress("rendering", writer.frames, count, "frames"))

        try:
            return export(writer, source, progress, self._parts.append)
        finally:
            del others  # which were held open for it

    def _frames(self, maker: FrameMaker, indices: Sequence[int], tick: Callable[[], None]) -> Iterator[FilmFrame]:
        """The frames in order; `tick` raises Cancelled."""
        arrived: queue.SimpleQueue[Pictures | BaseException] = queue.SimpleQueue()
        orders: list[Order[Pictures]] = []
        ordered = 0
        try:
            for done in range(len(indices)):
                while ordered < min(done + IN_FLIGHT, len(indices)) and self._wait_while_paused(tick):
                    orders.append(self._order(maker, indices[ordered], tick, arrived))
                    self._service.enqueue(orders[-1])
                    ordered += 1
                frame = maker.put_together(self._next(arrived, tick))
                self.picture = reduced(frame.pixels, THUMBNAIL)
                yield frame
        finally:
            for order in orders[-IN_FLIGHT:]:
                self._service.withdraw(order)

    def _order(
        self, maker: FrameMaker, index: int, tick: Callable[[], None],
        arrived: queue.SimpleQueue[Pictures | BaseException],
    ) -> Order[Pictures]:  # fmt: skip
        def progress(stage: str, done: int, total: int, unit: str = "") -> None:
            tick()

        operation = MakeFilmPictures(maker, index)
        return Order(operation, self.loaded.key, self._device, progress, done=arrived.put, failed=arrived.put)

    def _wait_while_paused(self, tick: Callable[[], None]) -> bool:
        while not self._going.wait(PATIENCE_S):
            tick()
        return True

    def _next(self, arrived: queue.SimpleQueue[Pictures | BaseException], tick: Callable[[], None]) -> Pictures:
        """What comes next; raises what a frame failed with."""
        while True:
            try:
                found = arrived.get(timeout=PATIENCE_S)
            except queue.Empty:
                tick()
                continue
            if isinstance(found, BaseException):
                raise found
            return found
