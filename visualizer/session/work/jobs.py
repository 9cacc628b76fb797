"""Long work off the UI thread: its progress, what it has so far, its outcome, and how to stop it."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from core.base.errors import Cancelled
from core.base.progress import Progress
from core.render.operations import Operation, Order
from core.render.service import RenderService
from core.render.tasks import Loaded

T = TypeVar("T")

MAX_WAKES = 30  # a second, while progress is reported
CLOSE_S = 0.2  # how long a closing window waits for its jobs altogether


class State(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Status:
    """How far a job is."""

    stage: str = ""
    done: int = 0
    total: int = 0  # 0: unknown
    unit: str = ""
    elapsed_s: float = 0.0  # of the whole job
    remaining_s: float | None = None  # of this stage at its pace so far; None: unknown

    @property
    def fraction(self) -> float | None:
        """0..1, or None where the total is unknown."""
        return min(max(self.done / self.total, 0.0), 1.0) if self.total > 0 else None


class Job(Generic[T]):
    """One piece of work. Everything here may be called from any thread.

    network: the location of the network that it works on; "": of none.
    """

    def __init__(self, name: str, *, clock: Callable[[], float], network: str = "") -> None:
        self.name, self.network = name, network
        self._clock = clock
        self._lock = threading.Lock()
        self._cancel = threading.Event()
        self._state = State.RUNNING
        self._stage, self._done, self._total, self._unit = "", 0, 0, ""
        self._started_s = self._stage_s = clock()
        self._stage_from = 0  # `done` at the start of the stage: a resumed download does not start at 0
        self._ended_s: float | None = None
        self._result: T | None = None
        self._error: BaseException | None = None
        self._details = ""
        self._published: list[Any] = []
        self._withdraw: Callable[[], bool] = lambda: False  # before it has begun

    @property
    def published(self) -> Sequence[Any]:
        """What it has shown so far, the newest last."""
        return self._published

    @property
    def state(self) -> State:
        return self._state

    @property
    def result(self) -> T:
        """What the work returned. Only of a job that is DONE."""
        if self._state is not State.DONE:
            raise RuntimeError(f"the job '{self.name}' is {self._state} and has no result")
        return self._result  # type: ignore[return-value]  # T itself may be None

    @property
    def error(self) -> BaseException | None:
        """What a FAILED job raised."""
        return self._error

    @property
    def details(self) -> str:
        """The traceback of a FAILED job, for a bug report."""
        return self._details

    @property
    def status(self) -> Status:
        with self._lock:
            now = self._clock() if self._ended_s is None else self._ended_s
            made, spent = self._done - self._stage_from, now - self._stage_s
            known = self._ended_s is None and made > 0 and self._total >= self._done
            remaining = (self._total - self._done) * spent / made if known else None
            return Status(self._stage, self._done, self._total, self._unit, now - self._started_s, remaining)

    @property
    def cancelling(self) -> bool:
        """The user asked it to stop, and it has not stopped yet."""
        return self._cancel.is_set() and self._state is State.RUNNING

    def cancel(self) -> None:
        """Ask it to stop; it does at its next report of progress. A result that comes anyway is dropped."""
        self._cancel.set()
        if self._withdraw():
            self._end(State.CANCELLED)

    # The rest is for those who carry the job out.

    def _publish(self, live: Any) -> None:
        self._published.append(live)

    def _fail(self, error: BaseException) -> None:
        if isinstance(error, Cancelled) or self.cancelling:  # what goes wrong in unwanted work is no news
            self._end(State.CANCELLED)
        else:
            self._end(State.FAILED, error=error)

    def _finish(self, result: T) -> None:
        if self.cancelling:
            self._end(State.CANCELLED)
        else:
            self._end(State.DONE, result)

    def _report(self, stage: str, done: int, total: int, unit: str) -> bool:
        """Returns whether a new stage began. Raises Cancelled."""
        if self._cancel.is_set():
            raise Cancelled(self.name)
        with self._lock:
            new = stage != self._stage
            if new:
                self._stage_s, self._stage_from = self._clock(), done
            self._stage, self._done, self._total, self._unit = stage, done, total, unit
            return new

    def _end(self, state: State, result: T | None = None, error: BaseException | None = None) -> None:
        with self._lock:
            if error is not None:
                self._details = "".join(traceback.format_exception(error))
                _drop_locals(error)
            self._result, self._error, self._ended_s = result, error, self._clock()
            self._state = state


class Jobs:
    """The jobs of a window. `on_change` is called from their threads whenever there is something new to draw."""

    def __init__(
        self, *, on_change: Callable[[], None] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._on_change = on_change
        self._clock = clock
        self._lock = threading.Lock()
        self._wake_lock = threading.Lock()
        self._woken_s = -float("inf")
        self._threads: dict[Job[Any], threading.Thread | None] = {}  # None: the owner of the networks carries it out
        self._closed = False

    def start(self, name: str, work: Callable[[Progress], T]) -> Job[T]:
        """Run `work` in a thread of its own. It reports to the Progress it is given, which stops it when cancelled."""
        job: Job[T] = Job(name, clock=self._clock)
        # A daemon: the program can end while a job is deep in a library.
        thread = threading.Thread(target=self._run, args=(job, work), name=name, daemon=True)
        self._note(job, thread)
        thread.start()
        return job

    def carry_out(
        self, name: str, operation: Operation[T], network: Loaded, service: RenderService, *, device: str = "auto"
    ) -> Job[T]:
        """Have an operation done by the owner of the networks."""
        job: Job[T] = Job(name, clock=self._clock, network=network.location)

        def progress(stage: str, done: int, total: int, unit: str = "") -> None:
            self._wake(at_once=job._report(stage, done, total, unit))

        def publish(live: Any) -> None:
            job._publish(live)
            self._wake(at_once=False)

        def done(result: T) -> None:
            job._finish(result)
            self._wake(at_once=True)

        def failed(error: BaseException) -> None:
            job._fail(error)
            self._wake(at_once=True)

        order = Order(operation, network.key, device, progress, publish, done, failed)
        job._withdraw = lambda: service.withdraw(order)
        self._note(job, None)
        service.enqueue(order)
        return job

    def _note(self, job: Job[Any], thread: threading.Thread | None) -> None:
        with self._lock:
            if self._closed:
                raise RuntimeError("the window is closing; no job can start")
            self._threads[job] = thread

    @property
    def running(self) -> tuple[Job[Any], ...]:
        """Jobs that `poll` has not returned yet, in the order they were started."""
        with self._lock:
            return tuple(self._threads)

    def poll(self) -> list[Job[Any]]:
        """Jobs that ended since the last call; each is returned once."""
        with self._lock:
            ended = [job for job in self._threads if job.state is not State.RUNNING]
            for job in ended:
                del self._threads[job]
            return ended

    def close(self) -> None:
        """Cancel all jobs and wait a moment for them. After it `on_change` is not called any more."""
        with self._wake_lock:
            self._on_change = None
        with self._lock:
            self._closed = True
            threads = dict(self._threads)
        for job in threads:
            job.cancel()
        deadline_s = time.monotonic() + CLOSE_S
        for thread in threads.values():
            if thread is not None:
                thread.join(max(deadline_s - time.monotonic(), 0.0))

    def _run(self, job: Job[T], work: Callable[[Progress], T]) -> None:
        def progress(stage: str, done: int, total: int, unit: str = "") -> None:
            self._wake(at_once=job._report(stage, done, total, unit))

        try:
            result = work(progress)
        except BaseException as error:  # even SystemExit: otherwise the job would seem to run for ever
            job._fail(error)
        else:
            job._finish(result)
        self._wake(at_once=True)

    def _wake(self, *, at_once: bool) -> None:
        with self._wake_lock:
            now_s = self._clock()
            if self._on_change is not None and (at_once or now_s - self._woken_s >= 1 / MAX_WAKES):
                self._woken_s = now_s
                self._on_change()


def _drop_locals(error: BaseException) -> None:
    """Let go of what the failed functions held: it may be gigabytes of weights."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        traceback.clear_frames(cause.__traceback__)
        cause = cause.__cause__ or cause.__context__
