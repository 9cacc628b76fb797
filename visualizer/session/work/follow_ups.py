"""The work in the background that something becomes of: who is given its result, who watches it, who waits for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, sleep
from typing import Any

from visualizer.session.messages import Kind, Messages
from visualizer.session.work.jobs import Job, State


@dataclass(frozen=True)
class FollowUp:
    """What becomes of a job when it has ended, and what is thought of it until then."""

    failure: str  # the title of what is said if it fails
    then: Callable[[Any], None]  # is given the result
    otherwise: Callable[[], object] = lambda: None  # where there is none
    watched: bool = False  # the user sees how far it is, and can cancel it
    awaited: bool = False  # the end of the program waits a moment for it
    on_network: bool = False  # it ends when the networks go to another device


class FollowUps:
    """The jobs that are running, the oldest first. UI thread only."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self._running: dict[Job[Any], FollowUp] = {}

    def add(self, job: Job[Any], follow_up: FollowUp) -> None:
        self._running[job] = follow_up

    def take(self, job: Job[Any]) -> bool:
        """A job has ended: do what is to be done then. Returns whether it was one of these."""
        follow_up = self._running.pop(job, None)
        if follow_up is None:
            return False
        if job.state is State.DONE:
            follow_up.then(job.result)
            return True
        if job.state is State.FAILED:
            self._messages.fail(follow_up.failure, job.error, job.details)
        follow_up.otherwise()
        return True

    @property
    def watched(self) -> tuple[Job[Any], ...]:
        """Those that can be watched, in the order they were started."""
        return tuple(job for job, follow_up in self._running.items() if follow_up.watched)

    def stop_on_network(self) -> None:
        """The weights are about to move: end what works with them, and say so."""
        for job, follow_up in self._running.items():
            if follow_up.on_network:
                job.cancel()
            if follow_up.on_network and follow_up.watched:
                self._messages.say(f"{job.name} was stopped", "The network moves to another device", kind=Kind.NOTE)

    def finish(self, timeout_s: float) -> None:
        """Before the program ends: let pictures and videos that are being written get to the disk."""
        deadline = perf_counter() + timeout_s
        writing = {job: follow_up for job, follow_up in self._running.items() if follow_up.awaited}
        while any(job.state is State.RUNNING for job in writing) and perf_counter() < deadline:
            sleep(0.005)
        for job, follow_up in writing.items():
            if job.state is not State.DONE:
                follow_up.otherwise()
