"""The thread that runs the networks: pictures, their scores, and longer work between them. Imports no torch."""

from __future__ import annotations

import math
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from core.base.errors import Cancelled, NetworkMoved, OutOfMemory
from core.base.progress import Progress
from core.display.frame import Failure, Frame, LiveScore, Metric, Outcome
from core.render.operations import Bench, Order
from core.render.tasks import Loaded, Priority, Running, Task

if TYPE_CHECKING:
    from torch import Tensor

    from core.render.open_networks import Renders

FRAMES_A_SCORE = 3  # while new requests keep coming
EVERYTHING = 0  # below all priorities


class Networks(Protocol):
    """What the service needs of the owner of the networks."""

    def open(self, location: str, progress: Progress) -> Loaded: ...
    def live(self, task: Task) -> Renders: ...
    def bench(self, order: Order[Any], progress: Progress) -> Bench: ...

    @property
    def moves(self) -> int:
        """How often the weights went to another device."""
        ...


class _Superseded(Exception):
    """A newer request is waiting."""


class RenderService:
    """Runs the networks in one thread: the newest task first, then the scores that it wants, then orders.

    A frame that a newer task has superseded is dropped at its next layer, but never two in a row: always dropping
    would starve a drag. Scores give way to new tasks, but one in every few frames is measured to its end. Between two
    layers of an order, everything of a higher priority is done. `wake` is called (in this thread) whenever something
    has arrived. All methods may be called from any thread.
    """

    def __init__(self, wake: Callable[[], None], networks: Networks) -> None:
        self._wake, self._networks = wake, networks
        self._changed = threading.Condition()
        self._task: tuple[int, Task] | None = None  # tasks are numbered in the order they are submitted
        self._to_score: tuple[int, Task] | None = None
        self._orders: list[Order[Any]] = []  # that wait, the oldest first
        self._outcome: Outcome | None = None
        self._submitted = 0
        self._cancelled = 0  # the last task that is not wanted any more
        self._closing = False
        self._may_drop = True
        self._scores: dict[Metric, LiveScore] = {}  # the stalest first
        self._frames_since_score = 0
        self._running: Running | None = None
        self._thread = threading.Thread(target=self._loop, name="render", daemon=True)
        self._thread.start()

    # -- For the window -------------------------------------------------------

    def open(self, location: str, progress: Progress) -> Loaded:
        """Open a network, in the caller's thread. Raises CheckpointError, DownloadError, UsageError, Cancelled."""
        return self._networks.open(location, progress)

    def submit(self, task: Task) -> None:
        with self._changed:
            self._submitted += 1
            self._task = (self._submitted, task)
            self._changed.notify_all()

    def take_outcome(self) -> Outcome | None:
        """The newest outcome since the last call."""
        with self._changed:
            outcome, self._outcome = self._outcome, None
            return outcome

    def enqueue(self, order: Order[Any]) -> None:
        """Do it when nothing of higher priority is left, and what was ordered before it is done."""
        with self._changed:
            self._orders.append(order)
            self._changed.notify_all()

    def withdraw(self, order: Order[Any]) -> bool:
        """Take an order back. Returns whether it had not begun."""
        with self._changed:
            waiting = [other for other in self._orders if other is not order]
            withdrawn = len(waiting) < len(self._orders)
            self._orders = waiting
            return withdrawn

    @property
    def scores(self) -> Mapping[Metric, LiveScore]:
        """The newest of each metric; some may be of an earlier request."""
        return self._scores

    @property
    def running(self) -> Running | None:
        """The frame in progress, None when idle."""
        return self._running

    @property
    def busy(self) -> bool:
        """Whether a frame is in progress or waits."""
        return self._running is not None or self._task is not None

    def cancel(self) -> None:
        """Stop the frame in progress at its next layer, and forget the waiting task. Orders go on."""
        with self._changed:
            self._task = None
            self._cancelled = self._submitted

    def close(self, timeout_s: float = 1.0) -> bool:
        """Stop at the next layer. Returns whether the thread ended in time; if not, it dies with the process."""
        with self._changed:
            self._closing = True
            self._task = self._to_score = None
            waiting, self._orders = self._orders, []
            self._changed.notify_all()
        for order in waiting:
            order.failed(Cancelled())
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # -- The thread -----------------------------------------------------------

    def _loop(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._task or self._to_score or self._orders)
                if self._closing:
                    return
            self._work(above=EVERYTHING)

    def _work(self, above: int) -> None:
        """Do all that goes before what has this priority."""
        while not self._closing and (work := self._next(above)) is not None:
            work()
            del work  # a renderer that was replaced must not live until the next task

    def _next(self, above: int) -> Callable[[], None] | None:
        with self._changed:
            if self._task is not None and above < Priority.SHOWN:
                task, self._task = self._task, None
                return partial(self._show, *task)
            if self._to_score is not None and above < Priority.SCORES:
                scored, self._to_score = self._to_score, None
                return partial(self._measure, *scored)
            waiting = [order for order in self._orders if order.operation.priority > above]
            if not waiting:
                return None
            first = max(waiting, key=lambda order: order.operation.priority)  # the oldest of them
            self._orders.remove(first)
            return partial(self._carry_out, first)

    # -- Pictures -------------------------------------------------------------

    def _show(self, number: int, task: Task) -> None:
        outcome = self._render(number, task)
        with self._changed:
            self._running = None
            self._to_score = (number, task) if isinstance(outcome, Frame) and task.analysis.scores else None
            if outcome is not None:
                self._outcome = outcome
        if not self._closing:
            self._wake()

    def _render(self, number: int, task: Task) -> Outcome | None:
        self._running = Running(task.request, time.perf_counter())

        def tap(name: str, x: Tensor) -> Tensor:
            if self._closing or number <= self._cancelled:
                raise Cancelled
            if self._task is not None and self._may_drop:
                raise _Superseded
            if self._running is not None:
                self._running = replace(self._running, layer=name, layers_done=self._running.layers_done + 1)
            return x

        try:
            frame = self._networks.live(task).render(task.request, tap, task.analysis, task.execution)
        except _Superseded:
            self._may_drop = False
            return None
        except Cancelled:
            return None
        except Exception as error:
            details = traceback.format_exc()
            _forget_tracebacks(error)
            return Failure(task.request, error, details)
        self._may_drop = True
        return frame

    def _measure(self, number: int, task: Task) -> None:
        """The scores of a task, one after the other, the stalest first. They give way to a newer task."""
        self._frames_since_score += 1

        def pressed() -> bool:
            return self._task is not None and self._frames_since_score < FRAMES_A_SCORE

        def tap(name: str, x: Tensor) -> Tensor:
            if self._closing or number <= self._cancelled or pressed():
                raise Cancelled
            return x

        stale = [metric for metric in self._scores if self._scores[metric].request != task.request]
        for metric in [metric for metric in Metric if metric not in self._scores] + stale:
            if self._closing or pressed():
                return
            try:
                psnr = self._networks.live(task).score(task.request, metric, tap)
            except Cancelled:
                return
            except Exception as error:  # memory, or a picture that is no number: the frame says so, if it is one too
                _forget_tracebacks(error)
                psnr = math.nan
            scores = {known: score for known, score in self._scores.items() if known is not metric}
            self._scores = {**scores, metric: LiveScore(task.request, psnr)}
            self._frames_since_score = 0
            self._wake()

    # -- Orders ---------------------------------------------------------------

    def _carry_out(self, order: Order[Any]) -> None:
        from torch import inference_mode

        operation, moves = order.operation, self._networks.moves

        def progress(stage: str, done: int, total: int, unit: str = "") -> None:
            if self._closing:
                raise Cancelled
            with inference_mode(False):  # weights that are placed or mixed meanwhile outlive the order's own mode
                self._work(above=operation.priority)
            if self._networks.moves != moves:
                raise NetworkMoved("The network went to another device meanwhile; start this again.")
            order.progress(stage, done, total, unit)

        try:
            order.progress("", 0, 0)  # it may have been cancelled while it waited
            result = operation.run(self._networks.bench(order, progress))
        except BaseException as error:  # even SystemExit: otherwise the order would seem to run for ever
            order.failed(_said(error))
        else:
            order.done(result)


def _said(error: BaseException) -> BaseException:
    """What an operation raised, in words where it is want of memory."""
    from core.base.device import is_out_of_memory

    if isinstance(error, Exception) and not isinstance(error, OutOfMemory) and is_out_of_memory(error):
        said = OutOfMemory("The device has too little memory for this; close other programs, or use another device.")
        said.__cause__ = error
        return said
    return error


def _forget_tracebacks(error: BaseException) -> None:
    """Let go of the frames of an error and its causes: they hold the tensors of the failed run, and the renderer."""
    rest = [error]
    while rest:
        error = rest.pop()
        if error.__traceback__ is not None:
            traceback.clear_frames(error.__traceback__)
            error.__traceback__ = None
            rest += [cause for cause in (error.__cause__, error.__context__) if cause is not None]
