"""The network that is open, the one that is being opened, and what is shown once it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from core.parameters.adaptation import fitted
from core.project import Project
from core.render.service import RenderService
from core.render.tasks import Loaded
from core.request import ModelInfo, RenderRequest
from visualizer.session.blend_networks import BlendNetworks, Run
from visualizer.session.making.after_load import AfterLoad
from visualizer.session.making.document import Document
from visualizer.session.making.history import Step
from visualizer.session.messages import Kind, Messages
from visualizer.session.network_names import short_name
from visualizer.session.work.fetching import fetched
from visualizer.session.work.jobs import Job, Jobs, State


class NetworkOpening:
    """Opens networks for a document, of which steps of the history may need others. UI thread only."""

    def __init__(self, jobs: Jobs, service: RenderService, document: Document, messages: Messages, run: Run) -> None:
        self._jobs = jobs
        self._service = service
        self._document = document
        self._messages = messages
        self.loaded: Loaded | None = None
        self.load_job: Job[Loaded] | None = None
        self.on_opened: Callable[[Loaded], None] = lambda loaded: None
        self.others = BlendNetworks(self._start, run)
        self._after_load = AfterLoad()
        self._left: Step | None = None  # where in the history undo or redo began, while they re-open a network

    def open(
        self, location: str, request: RenderRequest | None = None, *, state: Project | None = None,
        begin: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        """Load a network in the background, and then show a request with it (default: the one that is shown then).

        state: what is gone on with then. begin: called then, if that is another session with a history of its own.
        """
        self._end_travel()
        self.cancel()
        self._after_load = AfterLoad(request, state, begin)
        self.load_job = self._start(location)
        self._messages.end_problem(of_render=False)

    def fetch_again(self) -> None:
        """Fetch the shown network from the web, and show it anew if it has changed there."""
        if (loaded := self.loaded) is not None:
            self._end_travel()
            self.cancel()
            self._after_load = AfterLoad()
            self.load_job = self._jobs.start(
                loaded.location, lambda progress: fetched(loaded, self._service, progress)
            )  # fmt: skip
            self._messages.end_problem(of_render=False)

    def cancel(self) -> None:
        if self.load_job is not None:
            self.load_job.cancel()

    def name_classes(self, names: tuple[str, ...]) -> None:
        """Call the classes of the shown network so."""
        if self.loaded is not None:
            self.loaded = replace(self.loaded, info=replace(self.loaded.info, class_names=names))
            self._document.info = self.loaded.info

    def begin(self, state: Project) -> None:
        """Go on with another session, with a history of its own. Its network is the open one."""
        self._end_travel()
        self.cancel()
        self._document.begin(replace(state, request=self._fitted(state.request)))

    def take(self, job: Job[Any]) -> bool:
        """Show the network that a job has opened, or say why it has not. Returns whether it is such a job."""
        if job is not self.load_job:
            return False
        self.load_job = None
        if job.state is State.DONE:
            self._opened(job.result)
            return True
        self._end_travel()
        if job.state is State.FAILED:
            after = self._after_load
            again = partial(self.open, job.name, after.request, state=after.state, begin=after.begin)
            title = f"Cannot open {short_name(job.name)}"
            self._messages.fail(title, job.error, job.details, again, file=job.name)
        return True

    def _start(self, location: str) -> Job[Loaded]:
        return self._jobs.start(location, lambda progress: self._service.open(location, progress))

    def _opened(self, loaded: Loaded) -> None:
        same = self.loaded is not None and self.loaded.key == loaded.key
        if same and loaded.origin.fetched_s and self._after_load.request is None:  # it was fetched again
            self.loaded = loaded
            said = f"{short_name(loaded.location)} has not changed"
            self._messages.say(said, "The copy in the cache is the newest")
            return
        first, after, document = self.loaded is None, self._after_load, self._document
        foreign = after.request is None and document.request.network != loaded.location
        before = self.loaded.info if self.loaded is not None and foreign else None
        self.loaded, document.info, self._left = loaded, loaded.info, None
        self._service.cancel()  # pictures of the network before are not wanted any more
        wanted = replace(after.request or document.request, network=loaded.location)
        if after.state is not None and after.begin is not None:
            self.begin(replace(after.state, request=wanted))
            after.begin()
        else:
            request = self._fitted(wanted, before, quiet=first)
            if after.state is not None:
                document.travel(after.state)
                document.change(request=request)
            else:
                document.edit(request)
            if first:
                document.begin(document.state)
        self._messages.dismiss()
        for note in loaded.origin.notes:
            self._messages.say(note, kind=Kind.NOTE)
        self.on_opened(loaded)

    def _fitted(self, request: RenderRequest, before: ModelInfo | None = None, *, quiet: bool = False) -> RenderRequest:
        """A request without what means nothing to the open network; it is said what that was, unless quiet."""
        assert self.loaded is not None
        known, name = {other: opened.info for other, opened in self.others.opened.items()}, self.loaded.location
        request, dropped = fitted(request, self.loaded.info, before=before, others=known)
        if dropped and not quiet:
            told = f"Left out: {', '.join(dropped)}"
            self._messages.say(f"{short_name(name)} cannot take all", told, kind=Kind.NOTE)
        return request

    # -- Through the history --------------------------------------------------

    @property
    def travelling(self) -> bool:
        """Whether the network of another step is being opened."""
        return self._left is not None

    def travel(self, move: Callable[[], Project]) -> None:
        """Go on with another step of the history, opening its network if that is another one."""
        document = self._document
        re_opening, left = self._left is not None, document.history.step if self._left is None else self._left
        self._left = None
        state = move()
        if self.loaded is None or state.request.network != self.loaded.location:
            self.open(state.request.network, state.request, state=state)
            self._left = left
            return
        if re_opening:
            self.cancel()
        document.travel(state)

    def _end_travel(self) -> None:
        """The network of another step was not re-opened: back to the step whose picture is shown."""
        if self._left is not None:
            self._document.history.go(self._left)
            self._left = None
