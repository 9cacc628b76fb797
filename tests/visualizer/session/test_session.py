"""The session: pictures, undo, opening networks, failures."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

from core.base.errors import CheckpointError, RenderError, UsageError
from core.base.progress import Progress
from core.display.analysis import Analysis
from core.display.frame import Frame
from core.render.execution import Execution
from core.render.operations import Bench, Order
from core.render.service import RenderService
from core.render.tasks import Loaded, NetworkKey, Priority, Task
from core.request import ModelInfo, Origin, RenderRequest, SeedPoint, Truncation, View
from core.request.mixtures import between
from core.synthesis.generator import Tap
from tests.unscored import Unscored
from visualizer.session.session import Session
from visualizer.session.work.jobs import Jobs, State

WAIT_S = 10  # only a broken program waits that long

INFO = ModelInfo("Fake", "", 1, 1, 3, z_dim=4, w_dim=4, c_dim=3, num_ws=5, ws_names=("w",) * 5)


@dataclass
class Painter(Unscored):
    """A renderer that gives a pixel, or the failure that it was told to."""

    device: str
    failing: list[Exception]
    rendered: list[RenderRequest] = field(default_factory=list)
    analyses: list[Analysis] = field(default_factory=list)
    drafts: list[bool] = field(default_factory=list)
    gate: threading.Event | None = None
    began: threading.Event = field(default_factory=threading.Event)

    def render(self, request: RenderRequest, tap: Tap, analysis: Analysis, execution: Execution) -> Frame:
        self.began.set()
        if self.gate is not None:
            self.gate.wait(WAIT_S)
        self.rendered.append(request)
        self.analyses.append(analysis)
        self.drafts.append(execution.draft)
        if self.failing:
            raise self.failing.pop(0)
        pixels = np.zeros((1, 1, 3), np.uint8)
        return Frame(request, pixels, pixels, torch.zeros(3, 1, 1), device=self.device)


@dataclass(frozen=True)
class Say:
    """An operation that the test carries out."""

    work: Callable[[Progress], Any]
    priority: ClassVar[Priority] = Priority.BACKGROUND

    def run(self, bench: Bench) -> Any:
        return self.work(bench.progress)


@dataclass
class Told:
    """A bench with nothing on it but the progress."""

    progress: Progress


class Desk:
    """A session with networks that can be opened, and how each opening is to end. It is the owner of its networks."""

    def __init__(self) -> None:
        self.wakes: queue.Queue[None] = queue.Queue()
        self.load_faults: list[Exception] = []
        self.render_faults: list[Exception] = []
        self.gates: dict[str, threading.Event] = {}  # loads that wait for the test
        self.infos: dict[str, ModelInfo] = {}
        self.renderers: list[Painter] = []
        self.made: queue.Queue[Painter] = queue.Queue()  # each of them, as it is made
        self.render_gate: threading.Event | None = None
        self.moves = 0
        self._live: tuple[NetworkKey, str] | None = None
        self.jobs = Jobs(on_change=self._wake)
        self.service = RenderService(self._wake, self)
        self.session = Session(self.jobs, self.service)

    def _wake(self) -> None:
        self.wakes.put(None)

    def open(self, location: str, progress: Progress) -> Loaded:
        if location in self.gates:
            self.gates[location].wait(WAIT_S)
        progress("reading", 0, 1)
        if self.load_faults:
            raise self.load_faults.pop(0)
        info = self.infos.get(location, INFO)
        return Loaded(location, info, Origin(location, notes=(f"note of {location}",)))

    def live(self, task: Task) -> Painter:
        if self._live != (task.network, task.device):
            self._live = (task.network, task.device)
            self.renderers.append(Painter(task.device, self.render_faults, gate=self.render_gate))
            self.made.put(self.renderers[-1])
        return self.renderers[-1]

    def bench(self, order: Order[Any], progress: Progress) -> Any:
        return Told(progress)

    def step(self) -> None:
        """What the window does in each of its frames."""
        self.session.receive()
        self.session.commit_gesture()
        self.session.submit()

    def run_until(self, done: Callable[[], bool]) -> None:
        """A step whenever the window is woken."""
        while True:
            self.step()
            if done():
                return
            self.wakes.get(timeout=WAIT_S)

    def shows(self, **parts: Any) -> Callable[[], bool]:
        def done() -> bool:
            frame = self.session.frame
            return frame is not None and all(getattr(frame.request, name) == value for name, value in parts.items())

        return done

    def show(self, location: str) -> None:
        self.session.open(location)
        self.run_until(self.shows(network=location))

    def go_to(self, seed: int) -> None:
        self.session.edit(latent=SeedPoint(seed))
        self.run_until(self.shows(latent=SeedPoint(seed)))


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    for gate in (*desk.gates.values(), desk.render_gate or threading.Event()):
        gate.set()
    desk.jobs.close()
    assert desk.service.close(WAIT_S)


# ----------------------------------------------------------------------------
# Pictures.


def test_an_edit_gives_a_new_picture_and_an_equal_request_none(desk: Desk):
    desk.show("a.pkl")
    desk.go_to(7)
    before = list(desk.renderers[0].rendered)
    desk.session.edit(latent=SeedPoint(7))
    desk.session.submit()
    assert not desk.service.busy
    assert desk.renderers[0].rendered == before


def test_what_a_panel_wants_to_know_is_asked_for_once_and_is_no_step(desk: Desk):
    desk.show("a.pkl")
    desk.session.analysis = Analysis(statistics=True)
    desk.run_until(lambda: len(desk.renderers[0].rendered) == 2)
    desk.step()
    assert desk.renderers[0].analyses == [Analysis(), Analysis(statistics=True)]
    assert desk.renderers[0].rendered[0] == desk.renderers[0].rendered[1]
    assert not desk.session.document.can_undo


def test_while_drafts_are_allowed_only_what_changes_is_asked_for_in_less_precision(desk: Desk):
    desk.show("a.pkl")
    desk.session.draft_allowed = True
    desk.step()
    assert not desk.service.busy  # the picture that is there is exact
    desk.go_to(7)
    desk.session.draft_allowed = False
    desk.run_until(lambda: len(desk.renderers[0].rendered) == 3)
    assert desk.renderers[0].drafts == [False, True, False]
    assert desk.renderers[0].rendered[1] == desk.renderers[0].rendered[2]


def test_while_drafts_are_allowed_looking_in_another_way_makes_nothing_anew(desk: Desk):
    desk.show("a.pkl")
    desk.session.inspecting = True
    desk.session.draft_allowed = True
    desk.session.edit(view=View("w"))
    desk.run_until(lambda: len(desk.renderers[0].rendered) == 2)
    assert desk.renderers[0].drafts == [False, False]
    desk.session.edit(latent=SeedPoint(7))
    desk.run_until(lambda: len(desk.renderers[0].rendered) == 3)
    desk.session.edit(view=View())
    desk.run_until(lambda: len(desk.renderers[0].rendered) == 4)
    assert desk.renderers[0].drafts == [False, False, True, True]


def test_a_failed_picture_keeps_the_last_one_and_the_next_good_one_ends_the_message(desk: Desk):
    desk.show("a.pkl")
    frame = desk.session.frame
    desk.render_faults.append(RenderError("NaN in b4"))
    desk.session.edit(latent=SeedPoint(5))
    desk.run_until(lambda: desk.session.problem is not None)
    assert desk.session.problem is not None
    assert desk.session.problem.text == "NaN in b4"
    assert desk.session.frame is frame
    desk.go_to(6)
    assert desk.session.problem is None


def test_a_failed_picture_can_be_tried_again(desk: Desk):
    desk.show("a.pkl")
    desk.render_faults.append(RenderError("out of memory"))
    desk.session.edit(latent=SeedPoint(5))
    desk.run_until(lambda: desk.session.problem is not None)
    assert desk.session.problem is not None
    assert desk.session.problem.retry is not None
    desk.session.problem.retry()
    desk.run_until(desk.shows(latent=SeedPoint(5)))


def test_another_device_renders_the_picture_again(desk: Desk):
    desk.show("a.pkl")
    desk.session.use_device("cuda:1")
    desk.run_until(lambda: desk.session.frame is not None and desk.session.frame.device == "cuda:1")


def test_a_device_chosen_before_a_network_is_kept(desk: Desk):
    desk.session.use_device("cuda:1")
    desk.show("a.pkl")
    assert [renderer.device for renderer in desk.renderers] == ["cuda:1"]


# ----------------------------------------------------------------------------
# Undo.


def test_undo_and_redo_bring_pictures_back(desk: Desk):
    desk.show("a.pkl")
    desk.go_to(1)
    desk.go_to(2)
    desk.session.undo()
    desk.run_until(desk.shows(latent=SeedPoint(1)))
    desk.session.undo()
    desk.run_until(desk.shows(latent=SeedPoint(0)))
    assert not desk.session.document.can_undo
    desk.session.redo()
    desk.session.redo()
    desk.run_until(desk.shows(latent=SeedPoint(2)))


def test_one_gesture_is_one_step(desk: Desk):
    desk.show("a.pkl")
    for x in range(1, 20):
        desk.session.edit(latent=SeedPoint(x / 10))
        desk.session.submit()
    desk.session.commit_gesture()
    desk.session.undo()
    assert desk.session.request.latent == SeedPoint(0)


def test_undo_in_the_middle_of_a_gesture_takes_the_whole_gesture_back(desk: Desk):
    desk.show("a.pkl")
    desk.session.edit(latent=SeedPoint(1))
    assert desk.session.document.can_undo
    desk.session.undo()
    assert desk.session.request.latent == SeedPoint(0)
    desk.session.redo()
    assert desk.session.request.latent == SeedPoint(1)


def test_an_animation_is_one_step(desk: Desk):
    desk.show("a.pkl")
    desk.session.animation.latent = True
    for _ in range(10):
        desk.session.animate(0.1)
        desk.session.commit_gesture()
    desk.session.animation.latent = False
    desk.session.commit_gesture()
    desk.session.undo()
    assert desk.session.request.latent == SeedPoint(0)


def test_undo_goes_back_to_the_network_before_and_redo_to_the_one_after(desk: Desk):
    desk.show("a.pkl")
    desk.go_to(1)
    desk.show("b.pkl")
    desk.go_to(2)
    desk.session.undo()
    desk.session.undo()
    desk.run_until(desk.shows(network="a.pkl", latent=SeedPoint(1)))
    desk.session.redo()
    desk.run_until(desk.shows(network="b.pkl", latent=SeedPoint(1)))
    desk.session.redo()
    desk.run_until(desk.shows(network="b.pkl", latent=SeedPoint(2)))


def test_going_back_to_another_network_sets_no_keys_and_leaves_what_lies_under_them(desk: Desk):
    desk.show("a.pkl")
    document = desk.session.document
    document.auto_key = True
    desk.session.edit(truncation=Truncation(0.25))
    desk.session.commit_gesture()
    document.move_to(1.0)
    made = document.state
    desk.show("b.pkl")
    desk.session.undo()
    desk.run_until(desk.shows(network="a.pkl"))
    assert document.state == made
    assert (made.request.truncation.psi, desk.session.request.truncation.psi) == (1.0, 0.25)


def test_the_place_of_a_mixture_on_the_seed_map_is_that_of_what_is_most_of_it(desk: Desk):
    desk.session.edit(latent=between(SeedPoint(3.0), SeedPoint(8.0), 0.7))
    assert desk.session.point == SeedPoint(8.0)


def test_steps_made_while_a_network_is_re_opened_do_not_spoil_the_history(desk: Desk):
    desk.show("a.pkl")
    desk.show("b.pkl")
    desk.gates["a.pkl"] = threading.Event()
    desk.session.undo()
    for _ in range(3):  # the window draws on while the network is being read
        desk.step()
    desk.gates["a.pkl"].set()
    desk.run_until(desk.shows(network="a.pkl"))
    assert desk.session.history.can_redo
    desk.session.redo()
    desk.run_until(desk.shows(network="b.pkl"))


def test_undo_and_redo_at_once_stay_with_the_open_network(desk: Desk):
    desk.show("a.pkl")
    desk.show("b.pkl")
    desk.gates["a.pkl"] = threading.Event()
    desk.session.undo()
    desk.session.redo()
    desk.gates["a.pkl"].set()
    desk.run_until(lambda: desk.session.load_job is None)
    assert desk.session.loaded is not None
    assert desk.session.loaded.location == "b.pkl"
    assert desk.session.request.network == "b.pkl"


# ----------------------------------------------------------------------------
# Opening.


def test_opening_keeps_the_seed_and_says_what_the_file_says(desk: Desk):
    desk.show("a.pkl")
    desk.go_to(4)
    desk.show("b.pkl")
    assert desk.session.request == RenderRequest("b.pkl", SeedPoint(4))
    assert "note of b.pkl" in [notice.text for notice in desk.session.notices]


def test_what_is_edited_while_a_network_is_read_is_kept(desk: Desk):
    desk.show("a.pkl")
    desk.gates["b.pkl"] = threading.Event()
    desk.session.open("b.pkl")
    desk.go_to(9)
    desk.gates["b.pkl"].set()
    desk.run_until(desk.shows(network="b.pkl"))
    assert desk.session.request.latent == SeedPoint(9)


def test_a_saved_request_is_shown_whatever_was_edited_meanwhile(desk: Desk):
    desk.show("a.pkl")
    desk.gates["b.pkl"] = threading.Event()
    desk.session.open("b.pkl", RenderRequest("elsewhere", SeedPoint(3)))
    desk.go_to(9)
    desk.gates["b.pkl"].set()
    desk.run_until(desk.shows(network="b.pkl"))
    assert desk.session.request == RenderRequest("b.pkl", SeedPoint(3))


def test_a_network_that_cannot_be_opened_leaves_the_old_one_working(desk: Desk):
    desk.show("a.pkl")
    frame = desk.session.frame
    desk.load_faults.append(CheckpointError("b.pkl is cut short; copy it again"))
    desk.session.open("folder/b.pkl")
    desk.run_until(lambda: desk.session.problem is not None)
    problem = desk.session.problem
    assert problem is not None
    assert (problem.title, problem.text) == ("Cannot open b.pkl", "b.pkl is cut short; copy it again")
    assert desk.session.frame is frame
    desk.go_to(3)
    assert desk.session.problem is problem  # it is not about the picture
    assert problem.retry is not None
    problem.retry()
    desk.run_until(desk.shows(network="folder/b.pkl"))
    assert desk.session.problem is None


def test_a_retry_asks_for_what_failed_and_not_for_what_was_opened_since(desk: Desk):
    desk.load_faults.append(CheckpointError("no"))
    desk.session.open("a.pkl", RenderRequest(latent=SeedPoint(6)))
    desk.run_until(lambda: desk.session.problem is not None)
    assert desk.session.problem is not None
    retry = desk.session.problem.retry
    assert retry is not None
    desk.show("b.pkl")
    retry()
    desk.run_until(desk.shows(network="a.pkl", latent=SeedPoint(6)))


def test_a_cancelled_load_leaves_everything_as_it_was(desk: Desk):
    desk.show("a.pkl")
    desk.gates["b.pkl"] = threading.Event()
    desk.session.open("b.pkl")
    desk.session.cancel_load()
    desk.gates["b.pkl"].set()
    desk.run_until(lambda: desk.session.load_job is None)
    assert desk.session.problem is None
    assert desk.session.loaded is not None
    assert desk.session.loaded.location == "a.pkl"
    desk.go_to(2)


def test_the_network_asked_for_last_is_the_one_that_opens(desk: Desk):
    desk.gates["slow.pkl"] = threading.Event()
    desk.session.open("slow.pkl")
    desk.show("quick.pkl")
    desk.gates["slow.pkl"].set()
    desk.run_until(lambda: not desk.jobs.running)
    assert desk.session.loaded is not None
    assert desk.session.loaded.location == "quick.pkl"


def test_a_picture_of_the_network_before_is_not_shown_any_more(desk: Desk):
    desk.show("a.pkl")
    frame, gate = desk.session.frame, threading.Event()
    desk.renderers[0].gate, desk.render_gate = gate, threading.Event()
    desk.session.edit(latent=SeedPoint(5))
    desk.session.submit()
    desk.session.open("b.pkl")
    desk.run_until(lambda: desk.session.loaded is not None and desk.session.loaded.location == "b.pkl")
    gate.set()
    assert desk.made.get(timeout=WAIT_S) is desk.renderers[0]
    assert desk.made.get(timeout=WAIT_S).began.wait(WAIT_S)  # so the picture of a.pkl has arrived
    desk.step()
    assert desk.session.frame is frame
    desk.render_gate.set()
    desk.run_until(desk.shows(network="b.pkl"))


def test_a_network_that_cannot_be_re_opened_leaves_the_history_as_it_was(desk: Desk):
    desk.show("a.pkl")
    desk.show("b.pkl")
    desk.go_to(1)
    desk.go_to(2)
    desk.session.undo()
    desk.session.undo()
    desk.load_faults.append(CheckpointError("a.pkl is gone"))
    desk.session.undo()
    desk.run_until(lambda: desk.session.problem is not None)
    assert desk.session.request == RenderRequest("b.pkl")
    desk.session.redo()
    desk.session.redo()
    desk.run_until(desk.shows(latent=SeedPoint(2)))


def test_a_network_with_other_sizes_opens_with_a_request_that_it_can_take(desk: Desk):
    desk.infos["big.pkl"] = replace(INFO, c_dim=9, num_ws=18)
    desk.show("big.pkl")
    desk.session.edit(label=8, truncation=Truncation(0.7, 12))
    desk.show("a.pkl")
    assert desk.session.request == RenderRequest("a.pkl", truncation=Truncation(0.7, None))


def test_random_seeds_and_steps_of_the_seed(desk: Desk):
    desk.session.edit(latent=SeedPoint(2.4, 1))
    desk.session.move_seed(-3)
    assert desk.session.request.latent == SeedPoint(-1, 1)
    desk.session.random_seed()
    assert desk.session.point.x.is_integer()


def test_an_operation_gives_its_result_and_another_device_stops_it(desk: Desk):
    results: list[int] = []
    desk.show("a")
    desk.session.run("Counting", Say(lambda progress: 3), results.append)
    desk.run_until(lambda: bool(results) and not desk.session.operations)
    assert results == [3]

    gate = threading.Event()

    def work(progress: Progress) -> int:
        progress("counting", 0, 2)
        gate.wait(WAIT_S)
        raise RuntimeError("the weights are on another device")

    job = desk.session.run("Counting", Say(work), results.append)
    assert job is not None
    assert desk.session.operations == (job,)
    desk.session.use_device("other")
    gate.set()
    desk.run_until(lambda: not desk.session.operations)
    assert results == [3]
    assert job.state is State.CANCELLED
    assert desk.session.problem is None


def test_an_operation_that_fails_is_shown(desk: Desk):
    def work(progress: Progress) -> None:
        raise UsageError("there are no seeds")

    desk.show("a")
    desk.session.run("Averaging spectra", Say(work))
    desk.run_until(lambda: desk.session.problem is not None)
    assert desk.session.problem is not None
    assert desk.session.problem.text == "there are no seeds"


def test_a_result_that_edits_the_picture_is_dropped_when_another_network_is_shown(desk: Desk):
    results: list[str] = []
    gate = threading.Event()
    desk.show("a")
    desk.session.run("For a", Say(lambda progress: gate.wait(WAIT_S)), lambda _: results.append("edit"), for_shown=True)
    desk.session.run("Of a", Say(lambda progress: gate.wait(WAIT_S)), lambda _: results.append("keep"))
    desk.session.open("b")
    desk.run_until(lambda: desk.session.loaded is not None and desk.session.loaded.location == "b")
    gate.set()
    desk.run_until(lambda: not desk.session.operations)
    assert results == ["keep"]


def test_the_newest_job_is_cancelled_first(desk: Desk):
    gate, began = threading.Event(), threading.Event()
    desk.show("a")

    def work(progress: Progress) -> None:
        began.set()
        gate.wait(WAIT_S)

    first = desk.session.run("First", Say(work))
    assert began.wait(WAIT_S)
    second = desk.session.run("Second", Say(lambda progress: gate.wait(WAIT_S)))
    assert first is not None
    assert second is not None
    assert desk.session.newest_job is second
    second.cancel()
    assert second.state is State.CANCELLED  # it waited for the first
    assert desk.session.newest_job is first
    first.cancel()
    assert first.cancelling
    assert desk.session.newest_job is None
    gate.set()
    desk.run_until(lambda: not desk.session.operations)
    assert first.state is State.CANCELLED


def test_the_end_of_the_program_does_not_wait_for_an_operation(desk: Desk):
    gate = threading.Event()
    desk.show("a")
    desk.session.run("Counting", Say(lambda progress: gate.wait(WAIT_S)))
    desk.session.finish_started(WAIT_S)
    assert desk.session.operations
    gate.set()
