"""The RAM preview: frames of the timeline made beforehand, in the background, and kept by their requests."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import perf_counter

from core.base.process import available_memory
from core.display.frame import Frame, Outcome
from core.render.operations import RenderFrames
from core.request import RenderRequest, lit
from core.timeline import Timeline
from visualizer.session.session import Session
from visualizer.session.time.frames import frame_at, played
from visualizer.session.work.jobs import Job, State

CHUNK = 16  # frames that are asked for together
SHARE = 0.25  # of the memory that is available, for all frames together
PLANNING_S = 0.004  # in a frame of the window, for the requests of frames of the timeline
NAME = "The preview"


@dataclass(eq=False)
class Shot:
    """What is known of a request: its frame, or that there is none to be had."""

    request: RenderRequest
    frame: Frame | None = None
    failed: bool = False

    @property
    def due(self) -> bool:
        return self.frame is None and not self.failed


class Preview:
    """Frames by their requests: what changes is made again, and nothing else. UI thread only."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.on = True
        self.made = 0  # frames, altogether
        self.planning = False  # it has to go on with the next frame of the window
        self.limit: int | None = None  # bytes of all frames; None: a share of the memory that is available
        self._shots: dict[RenderRequest, Shot] = {}
        self._kept: dict[Shot, int] = {}  # bytes of those with a frame, the oldest first
        self._by_frame: dict[int, Shot] = {}  # as far as the requests are known
        self._of: tuple[object, ...] = ()  # what the requests were found by
        self._job: Job[None] | None = None
        self._taken = 0  # of what the job has published
        self._spans: list[range] | None = None
        self._bytes = 0

    # -- What is there --------------------------------------------------------

    def frame(self) -> Frame | None:
        """The one at the playhead."""
        self._follow()
        shot = self._shot_at(frame_at(self._timeline, self._session.document.time_s))
        here = shot.request == self._session.shown_request  # the playhead may be between frames
        return shot.frame if here else None

    @property
    def spans(self) -> list[range]:
        """The frames of the timeline that are there."""
        if self._spans is None:
            there = sorted(number for number, shot in self._by_frame.items() if shot.frame is not None)
            self._spans = list(_runs(there))
        return self._spans

    def clear(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job = None
        for shot in self._shots.values():
            shot.frame = None
        self._shots, self._kept, self._by_frame, self._spans, self._bytes = {}, {}, {}, None, 0

    # -- Once a frame of the window -------------------------------------------

    def step(self, *, wanted: bool) -> None:
        """Take what has been made, and have more made if it is wanted."""
        self._follow()
        self._take()
        session, self.planning = self._session, False
        wanted = wanted and self.on and session.loaded is not None and bool(self._timeline.tracks)
        if not wanted:
            if self._job is not None:
                self._job.cancel()
            return
        due = self._due()  # also while a job runs: then the next one can begin at once
        if due and self._job is None:
            self._taken = 0
            self._job = session.run(NAME, RenderFrames(tuple(due)), quiet=True)

    def keep(self, frame: Frame) -> None:
        """A frame that was shown may be played, too."""
        shot = self._shots.get(frame.request)
        if shot is not None and shot.due and not frame.fast and frame.upright is None:
            self._fill(shot, frame)

    @property
    def _timeline(self) -> Timeline:
        return self._session.document.state.timeline

    def _follow(self) -> None:
        """Forget the requests of another timeline, and the frames of another network."""
        session, state = self._session, self._session.document.state
        network = session.loaded.key if session.loaded is not None else None
        of = (state.timeline, state.request, session.info, session.document.envelope_of, network, session.device)
        if len(of) == len(self._of) and all(a is b for a, b in zip(of, self._of, strict=True)):
            return
        if self._of and (network, session.device) != self._of[-2:]:
            self.clear()
        if self._job is not None:
            self._job.cancel()
        self._of, self._by_frame, self._spans = of, {}, None
        self._shots = {shot.request: shot for shot in self._kept}

    def _shot_at(self, number: int) -> Shot:
        shot = self._by_frame.get(number)
        if shot is None:
            session = self._session
            time_s = float(number / self._timeline.rate)
            request = session.document.request_at(time_s)
            request = replace(request, view=lit(request.view))
            shot = self._shots.setdefault(request, Shot(request))
            self._by_frame[number] = shot
            self._spans = None if shot.frame is not None else self._spans
        return shot

    def _due(self) -> list[RenderRequest]:
        """What is to be made next: from the playhead on, once round, as much as there is room for."""
        frames, now = played(self._timeline), frame_at(self._timeline, self._session.document.time_s)
        start = now if now in frames else frames.start
        deadline, size = perf_counter() + PLANNING_S, max(self._kept.values(), default=0)
        most = self._room // size if size else 1  # of the first frame it is not known
        due: list[RenderRequest] = []
        for number in itertools.islice((*range(start, frames.stop), *range(frames.start, start)), max(most, 1)):
            shot = self._shot_at(number)
            if shot.due and shot.request not in due:
                due.append(shot.request)
            elif shot.frame is not None:
                self._kept[shot] = self._kept.pop(shot)  # it is wanted, and goes last
            if len(due) == CHUNK:
                break
            if perf_counter() > deadline:
                self.planning = not due
                break
        return due

    def _take(self) -> None:
        job = self._job
        if job is None:
            return
        ended = job.state is not State.RUNNING
        outcomes: list[Outcome] = list(job.published[self._taken :])
        self._taken += len(outcomes)
        for outcome in outcomes:
            self._take_outcome(outcome)
        if ended:
            self.on = self.on and job.state is not State.FAILED  # it was said why
            self._job = None

    def _take_outcome(self, outcome: Outcome) -> None:
        shot = self._shots.get(outcome.request)
        if shot is None or not shot.due:
            return
        if isinstance(outcome, Frame):
            self.made += 1
            self._fill(shot, outcome)
        else:
            shot.failed = True

    # -- Memory ---------------------------------------------------------------

    def _fill(self, shot: Shot, frame: Frame) -> None:
        shot.frame, self._spans = frame, None
        self._kept[shot] = frame.pixels.nbytes + frame.thumbnail.nbytes
        self._bytes += self._kept[shot]
        room = self._room
        while self._bytes > room and len(self._kept) > 1:
            oldest = next(iter(self._kept))
            self._bytes -= self._kept.pop(oldest)
            oldest.frame = None

    @property
    def _room(self) -> int:
        """Bytes for all frames together."""
        return self.limit if self.limit is not None else int(SHARE * (available_memory() + self._bytes))


def _runs(numbers: list[int]) -> Iterator[range]:
    """[1, 2, 3, 7] -> 1 to 3, 7."""
    start = before = None
    for number in numbers:
        if before is None or number != before + 1:
            if start is not None and before is not None:
                yield range(start, before + 1)
            start = number
        before = number
    if start is not None and before is not None:
        yield range(start, before + 1)
