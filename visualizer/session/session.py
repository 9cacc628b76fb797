"""What the user is doing: the request and its history, the shown frame, what went wrong, the work in progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from core.display.analysis import NOTHING
from core.display.frame import Failure, Frame, LiveScore, Metric
from core.project import Project
from core.render.execution import Execution
from core.render.operations import Operation
from core.render.service import RenderService
from core.render.tasks import Loaded, Task
from core.request import BUILT_IN, Mixture, ModelInfo, RenderRequest, SeedPoint, lit
from visualizer.session.animation import Animation
from visualizer.session.blend_networks import BlendNetworks
from visualizer.session.layer_views import LayerViews
from visualizer.session.making.document import Document
from visualizer.session.making.history import History, Step
from visualizer.session.messages import Kind, Messages, Notice, Problem
from visualizer.session.network_names import short_name
from visualizer.session.network_opening import NetworkOpening
from visualizer.session.seeds import random_seed
from visualizer.session.selection import Selection
from visualizer.session.work.follow_ups import FollowUp, FollowUps
from visualizer.session.work.jobs import Job, Jobs, State
from visualizer.toolkit.pixels import Pixels

T = TypeVar("T")


class Session:
    """The state behind the window; panels read it and call `edit`. UI thread only."""

    def __init__(self, jobs: Jobs, service: RenderService, *, device: str = "auto") -> None:
        self.jobs = jobs
        self.service = service
        self.device = device
        self.document = Document(RenderRequest(network=BUILT_IN))
        self.messages = Messages()
        self.selection = Selection()
        self.layer_views = LayerViews()
        self.analysis = NOTHING  # of the next frame besides its picture
        self.inspecting = False  # whether the request's view is shown
        self.draft_allowed = False  # whether a picture in less precision will do
        self.animation = Animation()
        self.frame: Frame | None = None
        self.frames = 0  # frames that arrived
        self._submitted: Task | None = None
        self.follow_ups = FollowUps(self.messages)
        self.opening = NetworkOpening(jobs, service, self.document, self.messages, self.run)

    # -- The request ----------------------------------------------------------

    @property
    def request(self) -> RenderRequest:
        return self.document.request

    @property
    def history(self) -> History:
        return self.document.history

    @property
    def loaded(self) -> Loaded | None:
        """The network that is open."""
        return self.opening.loaded

    @property
    def load_job(self) -> Job[Loaded] | None:
        """It opens the next one."""
        return self.opening.load_job

    @property
    def others(self) -> BlendNetworks:
        """The networks that are blended in."""
        return self.opening.others

    @property
    def info(self) -> ModelInfo | None:
        return self.loaded.info if self.loaded else None

    @property
    def shown_request(self) -> RenderRequest:
        """The request with no more of its view than the light, unless that is looked at."""
        return self.request if self.inspecting else replace(self.request, view=lit(self.request.view))

    @property
    def scores(self) -> Mapping[Metric, LiveScore]:
        """Of pictures of this network: the newest of each metric."""
        scores = self.service.scores
        return {metric: score for metric, score in scores.items() if score.request.network == self.request.network}

    @property
    def point(self) -> SeedPoint:
        """Where on the seed map the picture is, of a mixture what is most of it; the origin for explicit latents."""
        latent = self.request.latent
        most = max(latent.shares, key=lambda share: share.weight).latent if isinstance(latent, Mixture) else latent
        return most if isinstance(most, SeedPoint) else SeedPoint()

    def edit(self, request: RenderRequest | None = None, /, **changes: Any) -> None:
        """Replace the request, or fields of it: see `Document.edit`."""
        self.document.edit(request, **changes)

    def commit_gesture(self) -> None:
        """Called when no gesture is going on: what has changed since the last call is one undo step."""
        if not (self.animation.running or self.opening.travelling):
            self.document.commit()

    def want(self, **more: Any) -> None:
        """Called by what is being drawn: the next frame is to come with this too."""
        self.analysis = replace(self.analysis, **more)

    def _settle(self) -> None:
        """A way to a kept request ends here: as far as it came, it is a step."""
        self.animation.transition = None
        self.commit_gesture()

    def undo(self) -> None:
        self._settle()
        self.opening.travel(self.history.undo)

    def redo(self) -> None:
        self.opening.travel(self.history.redo)

    def go_to(self, step: Step) -> None:
        """To any step of the history."""
        self._settle()
        self.opening.travel(lambda: self.history.go(step))

    def show_layer(self, name: str) -> None:
        """Look at a layer, with the channel settings that it was left with; "": at the picture."""
        layers = self.frame.layers if self.frame is not None else ()
        channels = {layer.name: layer.shape[1] for layer in layers if len(layer.shape) > 1}
        self.edit(view=self.layer_views.change(self.request.view, name, channels.get(name, 0)))

    def random_seed(self) -> None:
        self.edit(latent=SeedPoint(float(random_seed()), 0.0))

    def move_seed(self, by: int) -> None:
        point = self.point
        self.edit(latent=SeedPoint(round(point.x) + by, point.y))

    def animate(self, dt: float) -> None:
        if self.animation.running and self.loaded is not None:
            self.edit(self.animation.step(self.request, dt, source=self.selection.source))

    # -- Networks -------------------------------------------------------------

    def open(
        self, location: str, request: RenderRequest | None = None, *, state: Project | None = None,
        begin: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        """See `NetworkOpening.open`."""
        self.opening.open(location, request, state=state, begin=begin)

    def begin(self, state: Project) -> None:
        """Go on with another session, with a history of its own. Its network is the open one."""
        self.opening.begin(state)

    def cancel_load(self) -> None:
        self.opening.cancel()

    def use_device(self, name: str) -> None:
        """Render on another device from now on."""
        if name == self.device:
            return
        self.device = name
        self.follow_ups.stop_on_network()

    # -- Once a frame ---------------------------------------------------------

    def receive(self) -> None:
        """Take in what the threads have done."""
        for job in self.jobs.poll():
            with self.attempt(f"{job.name} could not be finished"):
                self._take_job(job)
        outcome = self.service.take_outcome()
        if outcome is None or self.loaded is None or outcome.request.network != self.loaded.location:
            return
        match outcome:
            case Frame() as frame:
                self.frame = frame
                self.frames += 1
                self.messages.end_problem(of_render=True)
            case Failure() as failure:
                self.messages.fail("Cannot render this", failure.error, failure.details, self._force_resubmit,
                                   file=failure.request.network, of_render=True)  # fmt: skip

    def show(self, frame: Frame) -> None:
        """A frame that was made before, in place of what is being rendered."""
        if self.service.busy:
            self.service.cancel()
        if self.frame is not frame:
            self.frame, self._submitted = frame, None
            self.frames += 1

    def submit(self) -> None:
        """Hand the request to the render thread if it is new."""
        if self.loaded is None:
            return
        self.others.want([blend.network for blend in self.request.blends], self.loaded)
        request, before = self.shown_request, self._submitted
        # Looking in another way at what is known takes no draft, which would make it anew.
        exact = before is not None and not before.execution.draft
        same = before is not None and exact and replace(before.request, view=request.view) == request
        execution = Execution(draft=self.draft_allowed and not same)
        task = Task(self.loaded.key, self.device, request, self.analysis, execution)
        if self.request.network == self.loaded.location and task != self._submitted:
            self._submitted = task
            self.service.submit(task)

    def _take_job(self, job: Job[Any]) -> None:
        if self.follow_ups.take(job):
            return
        if self.others.owns(job):
            self._take_other(job)
        else:
            self.opening.take(job)

    def _take_other(self, job: Job[Loaded]) -> None:
        """A network that is blended in has been opened, or cannot be."""
        name = self.others.take(job, job.result if job.state is State.DONE else None)
        self._force_resubmit()
        if job.state is State.FAILED:
            again = partial(self.others.failed.discard, name)
            self.messages.fail(f"Cannot open {short_name(name)}", job.error, job.details, again, file=name)

    def start(
        self, failure: str, work: Callable[[], Any], then: Callable[[Any], None], *, awaited: bool = True
    ) -> None:  # fmt: skip
        """Do something in the background and then something with its result. failure: the title if it fails; awaited:
        the end of the program waits for it a moment."""
        job = self.jobs.start(failure, lambda _progress: work())
        self.follow_ups.add(job, FollowUp(failure, then, awaited=awaited))

    def run(
        self, name: str, operation: Operation[T], then: Callable[[T], None] | None = None, *,
        otherwise: Callable[[], object] = lambda: None, for_shown: bool = False, quiet: bool = False,
        awaited: bool = False, failure: str = "",
    ) -> Job[T] | None:  # fmt: skip
        """Have something done with the shown network in the background, for as long as the user wants it.

        It can be cancelled, the status bar shows how far it is, and its failure is shown. It goes on while another
        network is shown, and ends when its network goes to another device.

        then: is given the result; for_shown: only while its network is shown, for what edits the request. otherwise: is
        called when there is none. quiet: it is no work that a user would watch. awaited: the end of the program waits
        for it a moment. failure: what is said if it fails, in place of the name. Returns None if no network is open.
        """
        loaded = self.loaded
        if loaded is None:
            return None

        def take(result: T) -> None:
            if then is not None and not (for_shown and not self.shows(loaded)):
                then(result)

        job = self.jobs.carry_out(name, operation, loaded, self.service, device=self.device)
        self.follow_ups.add(
            job, FollowUp(failure or name, take, otherwise, watched=not quiet, awaited=awaited, on_network=True)
        )
        return job

    def shows(self, loaded: Loaded) -> bool:
        return self.loaded is not None and self.loaded.key == loaded.key

    @property
    def operations(self) -> tuple[Job[Any], ...]:
        """Those that are running and can be watched, in the order they were started."""
        return self.follow_ups.watched

    @property
    def newest_job(self) -> Job[Any] | None:
        """What was started last and can be cancelled: an operation, else the opening of a network."""
        jobs = (*reversed(self.operations), self.load_job)
        return next((job for job in jobs if job and job.state is State.RUNNING and not job.cancelling), None)

    def finish_started(self, timeout_s: float) -> None:
        """Before the program ends: let pictures and videos that are being written get to the disk."""
        self.follow_ups.finish(timeout_s)

    def _force_resubmit(self) -> None:
        self._submitted = None

    # -- Messages -------------------------------------------------------------

    @property
    def notices(self) -> list[Notice]:
        return self.messages.notices

    @property
    def problem(self) -> Problem | None:
        return self.messages.problem

    def say(self, text: str, detail: str = "", *, kind: Kind = Kind.DONE) -> None:
        self.messages.say(text, detail, kind=kind)

    def say_saved(self, *paths: Path, detail: str, picture: Pixels | None = None) -> None:
        """Files were written to one folder; picture: what stands for them, else what is shown."""
        if picture is None and self.frame is not None and self.frame.thumbnail.size:
            picture = self.frame.thumbnail
        names = " and ".join(path.name for path in paths)
        self.messages.say(f"Saved {names}", detail, path=paths[0], picture=picture)

    def fail(self, title: str, error: BaseException) -> None:
        self.messages.fail(title, error)

    def attempt(self, title: str, *, file: str = "") -> AbstractContextManager[None]:
        """Around actions: see `Messages.attempt`."""
        return self.messages.attempt(title, file=file)
