"""The frames of a film from several processes of this machine, each with threads of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import cast

from core.base.errors import RenderError, VisualizerError
from core.film.frames import FilmFrame, PackedFrame
from core.film.ranges import Range, Ranges
from core.film.worker import Plan, Worker

PATIENCE_S = 0.25  # between looks at whether the user has had enough
MOST_JOBS = 256


@dataclass(frozen=True)
class _Done:
    """A range is made, and the next one can come."""


def share_of_cores(jobs: int) -> int:
    """How many threads each of several workers may have, so that they do not fight for the cores."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(available // jobs, 1)


def frames_of_processes(
    plan: Plan, indices: Sequence[int], jobs: int, keep_going: Callable[[], None] = lambda: None
) -> Iterator[FilmFrame]:
    """The frames in order. A process that dies is replaced, and what it had is made again.

    Raises what a worker raises, RenderError where workers die over and over, and what `keep_going` raises, which is
    called several times a second.
    """
    ranges = Ranges(indices, jobs)
    workers = [_Process(plan, number) for number in range(min(jobs, len(indices)))]
    try:
        while not ranges.finished:
            for worker in workers:
                if worker.idle and (some := ranges.take()) is not None:
                    worker.give(some)
            ready = wait([worker.connection for worker in workers], PATIENCE_S)
            for number, worker in enumerate(workers):
                if worker.connection in ready and not worker.receive(ranges):
                    ranges.lost(worker.range, worker.ended())
                    workers[number] = _Process(plan, number)
            keep_going()
            yield from ranges.ready()
    finally:
        for worker in workers:
            worker.stop()


class _Process:
    """A process with a worker in it, as its parent sees it."""

    def __init__(self, plan: Plan, number: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.range: Range = ()
        self.idle = True
        self._process = cast(BaseProcess, context.Process(
            target=serve, args=(replace(plan, device=device_of(plan.device, number)), theirs), daemon=True,
        ))  # fmt: skip
        self._process.start()
        theirs.close()  # or the end of the process would not be seen

    def give(self, some: Range) -> None:
        self.range, self.idle = some, False
        with suppress(OSError):  # it has died, which is seen when it is asked
            self.connection.send(some)

    def receive(self, ranges: Ranges) -> bool:
        """Take in one thing that it says. Returns whether it lives. Raises what it failed with."""
        try:
            said = self.connection.recv()
        except (EOFError, OSError):
            return False
        match said:
            case PackedFrame():
                ranges.arrived(said)
            case _Done():
                self.range, self.idle = (), True
            case BaseException():
                raise said
        return True

    def ended(self) -> str:
        """How it died."""
        self._process.join(1)
        code = self._process.exitcode or 0
        self.stop()
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def stop(self) -> None:
        self.connection.close()
        self._process.kill()  # it owns nothing but memory
        self._process.join()


def device_of(name: str, number: int) -> str:
    """The device of a worker: of several GPUs, one after the other."""
    if name not in ("auto", "cuda"):
        return name
    from core.base.device import available_devices

    gpus = [device for device in available_devices() if device.startswith("cuda")]
    return gpus[number % len(gpus)] if gpus else name


def serve(plan: Plan, connection: Connection) -> None:
    """Make the frames that the parent asks for, until it is gone. Runs in the process of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent, which ends this process
    try:
        with suppress(EOFError, BrokenPipeError, ConnectionResetError):
            _serve(plan, connection)
    finally:
        connection.close()


def _serve(plan: Plan, connection: Connection) -> None:
    try:
        worker = Worker(plan)
        while True:
            for index in connection.recv():
                made = worker.frame(index)
                connection.send(PackedFrame(index, made.png, made.notes))
            connection.send(_Done())
    except (EOFError, BrokenPipeError, ConnectionResetError):  # the parent is gone
        raise
    except VisualizerError as error:
        connection.send(type(error)(str(error)))
    except Exception as error:  # the parent tells it; a silent end would look like a lost worker
        connection.send(RenderError(f"a worker failed: {type(error).__name__}: {error}"))
