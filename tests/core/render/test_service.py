"""The thread that runs the networks, with a renderer whose every layer the test lets pass."""

from __future__ import annotations

import gc
import math
import queue
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from core.base.errors import UsageError
from core.display.analysis import NOTHING, Analysis
from core.display.frame import Failure, Frame, LiveScore, Metric
from core.render.execution import Execution
from core.render.service import FRAMES_A_SCORE, RenderService
from core.render.tasks import NetworkKey, Task
from core.request import RenderRequest, SeedPoint
from core.request.placement import Move
from core.synthesis.generator import Tap
from tests.unscored import Unscored

WAIT_S = 10  # only a broken program waits that long


def request(seed: int) -> RenderRequest:
    return RenderRequest(latent=SeedPoint(seed))


def frame_of(wanted: RenderRequest) -> Frame:
    pixels = np.zeros((1, 1, 3), np.uint8)
    return Frame(wanted, pixels, pixels, torch.zeros(3, 1, 1))


@dataclass
class Stepped(Unscored):
    """Renders in layers; each waits until the test lets it pass. Says what began and what ended."""

    layers: int = 3
    tells_layers: bool = False
    passes: queue.Queue[Exception | None] = field(default_factory=queue.Queue)
    events: queue.Queue[tuple[str, int]] = field(default_factory=queue.Queue)
    scoring: queue.Queue[tuple[str, int]] = field(default_factory=queue.Queue)
    answers: queue.Queue[float | Exception] = field(default_factory=queue.Queue)

    def render(self, request: RenderRequest, tap: Tap, analysis: Analysis, execution: Execution) -> Frame:
        seed = int(request.latent.x)  # type: ignore[union-attr]
        self.events.put(("begins", seed))
        held = torch.ones(8)
        try:
            for layer in range(self.layers):
                error = self.passes.get(timeout=WAIT_S)
                if error is not None:
                    raise error
                tap(f"L{layer}", held)
                if self.tells_layers and layer < self.layers - 1:
                    self.events.put(("passes", seed))
        except BaseException:
            self.events.put(("stops", seed))
            raise
        self.events.put(("ends", seed))
        return frame_of(request)

    def score(self, request: RenderRequest, metric: Metric, tap: Tap, move: Move | None = None) -> float:
        self.scoring.put((str(metric), int(request.latent.x)))  # type: ignore[union-attr]
        answer = self.answers.get(timeout=WAIT_S)
        if isinstance(answer, Exception):
            raise answer
        tap("L0", torch.ones(8))
        return answer

    def let_pass(self, layers: int = 1) -> None:
        for _ in range(layers):
            self.passes.put(None)

    def next(self) -> tuple[str, int]:
        return self.events.get(timeout=WAIT_S)


class One:
    """Networks of which one is open, with a renderer of the test's."""

    moves = 0

    def __init__(self, renderer: Unscored) -> None:
        self.renderer: Unscored | None = renderer

    def live(self, task: Task) -> Any:
        return self.renderer

    def open(self, location: str, progress: Any) -> Any:
        raise NotImplementedError

    def bench(self, order: Any, progress: Any) -> Any:
        raise NotImplementedError


def task(seed: int, analysis: Analysis = NOTHING) -> Task:
    return Task(NetworkKey(1), "cpu", request(seed), analysis)


@dataclass
class Stage:
    """The service and its renderer. `wakes` counts what arrived."""

    renderer: Stepped = field(default_factory=Stepped)
    wakes: queue.Queue[None] = field(default_factory=queue.Queue)
    thread: RenderService = field(init=False)

    def __post_init__(self) -> None:
        self.thread = RenderService(lambda: self.wakes.put(None), One(self.renderer))

    def submit(self, seed: int, analysis: Analysis = NOTHING) -> None:
        self.thread.submit(task(seed, analysis))

    def shown(self) -> int:
        """The seed of the frame that arrives next."""
        outcome = self.outcome()
        assert isinstance(outcome, Frame)
        return int(outcome.request.latent.x)  # type: ignore[union-attr]

    def outcome(self) -> Frame | Failure | None:
        self.wakes.get(timeout=WAIT_S)
        return self.thread.take_outcome()


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.thread._closing = True
    stage.renderer.let_pass(100)
    for _ in range(100):
        stage.renderer.answers.put(0.0)
    assert stage.thread.close(WAIT_S)


# ----------------------------------------------------------------------------
# Latest wins.


def test_a_request_becomes_a_frame(stage: Stage):
    stage.submit(1)
    stage.renderer.let_pass(3)
    assert stage.shown() == 1
    assert stage.thread.take_outcome() is None
    assert not stage.thread.busy


def test_the_latest_of_many_waiting_requests_is_rendered(stage: Stage):
    stage.submit(1)
    assert stage.renderer.next() == ("begins", 1)
    for seed in range(2, 51):
        stage.submit(seed)
    stage.renderer.let_pass()
    assert stage.renderer.next() == ("stops", 1)
    assert stage.renderer.next() == ("begins", 50)
    stage.renderer.let_pass(3)
    assert stage.wakes.get(timeout=WAIT_S) is None  # the dropped one
    assert stage.shown() == 50


def test_never_two_frames_in_a_row_are_dropped(stage: Stage):
    """A drag: 50 requests, a new one in each layer."""
    stage.renderer.tells_layers = True
    stage.submit(0)
    assert stage.renderer.next() == ("begins", 0)
    fates: list[str] = []
    for seed in range(1, 51):
        stage.submit(seed)
        stage.renderer.let_pass()
        fate, _ = stage.renderer.next()
        if fate != "passes":
            fates.append(fate)
            assert stage.renderer.next() == ("begins", seed)
    assert fates[:4] == ["stops", "ends", "stops", "ends"]
    assert fates.count("ends") >= 12
    assert all(pair != ("stops", "stops") for pair in pairwise(fates))


def test_a_frame_that_follows_a_dropped_one_is_finished(stage: Stage):
    stage.submit(1)
    assert stage.renderer.next() == ("begins", 1)
    stage.submit(2)
    stage.renderer.let_pass()
    assert stage.renderer.next() == ("stops", 1)
    assert stage.renderer.next() == ("begins", 2)
    stage.submit(3)
    stage.renderer.let_pass(3)
    assert stage.renderer.next() == ("ends", 2)
    assert stage.renderer.next() == ("begins", 3)


def test_how_far_a_frame_is_can_be_seen(stage: Stage):
    assert stage.thread.running is None
    stage.submit(1)
    stage.renderer.next()
    running = stage.thread.running
    assert running is not None
    assert (running.request, running.layers_done) == (request(1), 0)
    assert stage.thread.busy


# ----------------------------------------------------------------------------
# Failure.


def test_a_failure_arrives_and_the_next_request_is_rendered(stage: Stage):
    error = UsageError("the class 9 is not in this network")
    stage.submit(1)
    stage.renderer.passes.put(error)
    failure = stage.outcome()
    assert isinstance(failure, Failure)
    assert failure.request == request(1)
    assert failure.error is error
    assert "raise error" in failure.details
    stage.submit(2)
    stage.renderer.let_pass(3)
    assert stage.shown() == 2


def test_a_kept_failure_holds_no_tensor_and_no_renderer():
    tensors: list[weakref.ref[Any]] = []

    class Failing(Unscored):
        def render(self, request: RenderRequest, tap: Tap, analysis: Analysis, execution: Execution) -> Frame:
            try:
                self.synthesize()
            except RuntimeError as error:
                raise UsageError("no") from error
            raise AssertionError

        def synthesize(self) -> None:
            held = torch.ones(4)
            tensors.append(weakref.ref(held))
            raise RuntimeError("out of something")

    wakes: queue.Queue[None] = queue.Queue()
    renderer = Failing()
    networks = One(renderer)
    thread, renderer_ref = RenderService(lambda: wakes.put(None), networks), weakref.ref(renderer)
    gc.disable()
    try:
        thread.submit(task(1))
        wakes.get(timeout=WAIT_S)
        failure = thread.take_outcome()
        assert isinstance(failure, Failure)
        assert "out of something" in failure.details
        assert tensors[0]() is None
        del renderer
        networks.renderer = None
        assert renderer_ref() is None
    finally:
        gc.enable()
        assert thread.close(WAIT_S)


def test_an_idle_thread_holds_no_renderer():
    wakes: queue.Queue[None] = queue.Queue()
    renderer = Stepped()
    networks = One(renderer)
    thread, renderer_ref = RenderService(lambda: wakes.put(None), networks), weakref.ref(renderer)
    renderer.let_pass(3)
    thread.submit(task(1))
    wakes.get(timeout=WAIT_S)
    frame = thread.take_outcome()
    assert frame is not None
    gc.disable()
    try:
        del renderer
        networks.renderer = None
        assert renderer_ref() is None
    finally:
        gc.enable()
        assert thread.close(WAIT_S)


# ----------------------------------------------------------------------------
# Scores.

SCORES = Analysis(scores=True)


def test_scores_come_after_the_frame_one_by_one(stage: Stage):
    stage.submit(1, SCORES)
    stage.renderer.let_pass(3)
    assert stage.shown() == 1
    for metric, psnr in zip(Metric, (30.0, 40.0, 50.0), strict=True):
        assert stage.renderer.scoring.get(timeout=WAIT_S) == (metric, 1)
        assert metric not in stage.thread.scores
        stage.renderer.answers.put(psnr)
        assert stage.outcome() is None
        assert stage.thread.scores[metric] == LiveScore(request(1), psnr)


def test_a_frame_that_wants_none_gets_none(stage: Stage):
    for seed in (1, 2):
        stage.submit(seed)
        stage.renderer.let_pass(3)
        assert stage.shown() == seed
    assert stage.renderer.scoring.empty()


def test_a_score_that_fails_is_no_number(stage: Stage):
    stage.submit(1, SCORES)
    stage.renderer.let_pass(3)
    assert stage.shown() == 1
    stage.renderer.answers.put(UsageError("no"))
    assert stage.outcome() is None
    assert math.isnan(stage.thread.scores[Metric.EQT].psnr_db)


def test_a_score_gives_way_to_a_new_request_but_not_for_ever(stage: Stage):
    stage.submit(1, SCORES)
    stage.renderer.let_pass(3)
    assert stage.shown() == 1
    for seed in range(2, FRAMES_A_SCORE + 1):
        assert stage.renderer.scoring.get(timeout=WAIT_S) == (Metric.EQT, seed - 1)
        stage.submit(seed, SCORES)
        stage.renderer.answers.put(0.0)
        stage.renderer.let_pass(3)
        assert stage.shown() == seed
        assert not stage.thread.scores
    assert stage.renderer.scoring.get(timeout=WAIT_S) == (Metric.EQT, FRAMES_A_SCORE)
    stage.submit(9, SCORES)
    stage.renderer.answers.put(30.0)
    assert stage.outcome() is None
    assert stage.thread.scores == {Metric.EQT: LiveScore(request(FRAMES_A_SCORE), 30.0)}


def test_the_stalest_score_is_measured_first(stage: Stage):
    stage.submit(1, SCORES)
    stage.renderer.let_pass(3)
    assert stage.shown() == 1
    for _ in Metric:
        stage.renderer.scoring.get(timeout=WAIT_S)
        stage.renderer.answers.put(1.0)
        assert stage.outcome() is None
    stage.submit(2, SCORES)
    stage.renderer.let_pass(3)
    assert stage.shown() == 2
    assert stage.renderer.scoring.get(timeout=WAIT_S) == (Metric.EQT, 2)
    stage.renderer.answers.put(2.0)
    assert stage.outcome() is None
    assert stage.renderer.scoring.get(timeout=WAIT_S) == (Metric.EQT_FRAC, 2)
    stage.submit(3, SCORES)
    stage.renderer.answers.put(2.0)
    stage.renderer.let_pass(3)
    assert stage.shown() == 3
    assert stage.renderer.scoring.get(timeout=WAIT_S) == (Metric.EQT_FRAC, 3)


# ----------------------------------------------------------------------------
# Cancelling and closing.


def test_cancelling_stops_the_frame_and_forgets_the_waiting_one(stage: Stage):
    stage.submit(1)
    assert stage.renderer.next() == ("begins", 1)
    stage.submit(2)
    stage.thread.cancel()
    stage.renderer.let_pass()
    assert stage.renderer.next() == ("stops", 1)
    assert stage.outcome() is None
    assert not stage.thread.busy


def test_what_is_submitted_after_cancelling_is_rendered(stage: Stage):
    stage.submit(1)
    assert stage.renderer.next() == ("begins", 1)
    stage.thread.cancel()
    stage.submit(2)
    stage.renderer.let_pass()
    assert stage.renderer.next() == ("stops", 1)
    assert stage.renderer.next() == ("begins", 2)
    stage.renderer.let_pass(3)
    assert stage.renderer.next() == ("ends", 2)


def test_cancelling_an_idle_thread_does_nothing(stage: Stage):
    stage.thread.cancel()
    stage.submit(1)
    stage.renderer.let_pass(3)
    assert stage.shown() == 1


def test_a_task_cancelled_just_after_it_was_taken_is_stopped(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    """Cancelling between the mailbox and the first layer is not lost."""
    render = stage.thread._render

    def cancel_first(*task: Any) -> Any:
        stage.thread.cancel()
        return render(*task)

    monkeypatch.setattr(stage.thread, "_render", cancel_first)
    stage.submit(1)
    stage.renderer.let_pass(3)
    assert stage.outcome() is None


def test_closing_while_busy_ends_at_the_next_layer(stage: Stage):
    stage.submit(1)
    assert stage.renderer.next() == ("begins", 1)
    stage.submit(2)
    assert not stage.thread.close(0.0)  # in the middle of a layer
    stage.renderer.let_pass()
    assert stage.thread.close(WAIT_S)
    assert stage.renderer.next() == ("stops", 1)
    assert stage.renderer.events.empty()
    assert stage.wakes.empty()


def test_closing_an_idle_thread_ends_it(stage: Stage):
    assert stage.thread.close(WAIT_S)
