"""The render thread and the two single-slot mailboxes between it and the window: latest wins. Imports no torch."""

from __future__ import annotations

import math
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from core.base.errors import Cancelled
from core.display.frame import NOTHING, Analysis, Failure, Frame, LiveScore, Metric, Outcome
from core.request import Box, RenderRequest
from core.request.placement import Move

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from torch import Tensor

    from core.synthesis.generator import Tap

T = TypeVar("T")

FRAMES_A_SCORE = 3  # while new requests keep coming


class Renders(Protocol):
    """What the thread needs of a renderer."""

    def render(self, request: RenderRequest, tap: Tap, wanted: Analysis) -> Frame: ...
    def score(self, request: RenderRequest, metric: Metric, tap: Tap, move: Move | None = None) -> float: ...
    def influence(self, request: RenderRequest, layer: str, box: Box, tap: Tap) -> npt.NDArray[np.float32]: ...


@dataclass(frozen=True)
class Task:
    """A request, the renderer that is to do it, and what is to be found out besides."""

    renderer: Renders
    request: RenderRequest
    wanted: Analysis = NOTHING


@dataclass(frozen=True)
class Running:
    """How far the frame in progress is."""

    request: RenderRequest
    started: float  # time.perf_counter()
    layer: str = ""
    layers_done: int = 0


class Mailbox(Generic[T]):
    """A slot for one item: putting replaces what is there."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: T | None = None
        self._closed = False

    def put(self, item: T) -> None:
        with self._changed:
            self._item = item
            self._changed.notify_all()

    def take(self) -> T | None:
        """The item, waiting for one; None once the mailbox is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._closed)
            item, self._item = self._item, None
            return None if self._closed else item

    def take_if_any(self) -> T | None:
        with self._changed:
            item, self._item = self._item, None
            return item

    @property
    def full(self) -> bool:
        return self._item is not None

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._item = None
            self._changed.notify_all()


class _Superseded(Exception):
    """A newer request is waiting."""


class RenderThread:
    """Renders the newest task off the UI thread, and then measures the scores that it wants.

    A frame that a newer task has superseded is dropped at its next layer, but never two in a row: always dropping
    would starve a drag. Scores give way to new tasks, but one in every few frames is measured to its end. `wake` is
    called (on this thread) whenever something has arrived.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._tasks: Mailbox[tuple[int, Task]] = Mailbox()
        self._outcomes: Mailbox[Outcome] = Mailbox()
        self._submitted = 0  # tasks are numbered in the order they are submitted
        self._cancelled = 0  # the last one that is not wanted any more
        self._closing = False
        self._may_drop = True
        self._scores: dict[Metric, LiveScore] = {}  # the stalest first
        self._frames_since_score = 0
        self._running: Running | None = None
        self._thread = threading.Thread(target=self._loop, name="render", daemon=True)
        self._thread.start()

    def submit(self, task: Task) -> None:
        self._submitted += 1
        self._tasks.put((self._submitted, task))

    def take_outcome(self) -> Outcome | None:
        """The newest outcome since the last call."""
        return self._outcomes.take_if_any()

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
        return self._running is not None or self._tasks.full

    def cancel(self) -> None:
        """Stop the frame in progress at its next layer, and forget the waiting task."""
        self._tasks.take_if_any()
        self._cancelled = self._submitted

    def close(self, timeout_s: float = 1.0) -> bool:
        """Stop at the next layer. Returns whether the thread ended in time; if not, it dies with the process."""
        self._closing = True
        self._tasks.close()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _loop(self) -> None:
        while (numbered := self._tasks.take()) is not None:
            outcome = self._render(*numbered)
            self._running = None
            if outcome is not None:
                self._outcomes.put(outcome)
            scored = numbered if isinstance(outcome, Frame) and numbered[1].wanted.scores else None
            del numbered, outcome  # a renderer that was replaced must not live until the next task
            if not self._closing:
                self._wake()
            if scored is not None:
                self._measure(*scored)
            del scored

    def _render(self, number: int, task: Task) -> Outcome | None:
        self._running = Running(task.request, time.perf_counter())

        def tap(name: str, x: Tensor) -> Tensor:
            if self._closing or number <= self._cancelled:
                raise Cancelled
            if self._tasks.full and self._may_drop:
                raise _Superseded
            if self._running is not None:
                self._running = replace(self._running, layer=name, layers_done=self._running.layers_done + 1)
            return x

        try:
            frame = task.renderer.render(task.request, tap, task.wanted)
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
            return self._tasks.full and self._frames_since_score < FRAMES_A_SCORE

        def tap(name: str, x: Tensor) -> Tensor:
            if self._closing or number <= self._cancelled or pressed():
                raise Cancelled
            return x

        stale = [metric for metric in self._scores if self._scores[metric].request != task.request]
        for metric in [metric for metric in Metric if metric not in self._scores] + stale:
            if self._closing or pressed():
                return
            try:
                psnr = task.renderer.score(task.request, metric, tap)
            except Cancelled:
                return
            except Exception as error:  # memory, or a picture that is no number: the frame says so, if it is one too
                _forget_tracebacks(error)
                psnr = math.nan
            scores = {known: score for known, score in self._scores.items() if known is not metric}
            self._scores = {**scores, metric: LiveScore(task.request, psnr)}
            self._frames_since_score = 0
            self._wake()


def _forget_tracebacks(error: BaseException) -> None:
    """Let go of the frames of an error and its causes: they hold the tensors of the failed run, and the renderer."""
    rest = [error]
    while rest:
        error = rest.pop()
        if error.__traceback__ is not None:
            traceback.clear_frames(error.__traceback__)
            error.__traceback__ = None
            rest += [cause for cause in (error.__cause__, error.__context__) if cause is not None]
