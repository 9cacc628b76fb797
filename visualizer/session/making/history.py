"""Undo and redo over what is made in a session, and the branches that an undo left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import time

from core.project import Project
from visualizer.session.making.weight import Weight
from visualizer.toolkit.pixels import Pixels

MAX_STEPS = 1000
MAX_BYTES = 256 * 2**20  # about, of all steps together
NEAREST = 50  # steps before and after the current one that are never forgotten for want of memory


class Step:
    """A settled state, and what was made of it."""

    def __init__(self, state: Project, before: Step | None) -> None:
        self.state = state
        self.before = before
        self.after: list[Step] = []  # the one that redo goes to last
        self.made_s = time()
        self.picture: Pixels | None = None  # a small one, once it has been shown
        self.words: str | None = None  # what made it of the one before, once that has been asked for


class History:
    """The settled states as a tree, and where the user stands in it. Of too many, the oldest are forgotten."""

    def __init__(self, first: Project, *, max_bytes: int = MAX_BYTES) -> None:
        self._root = self._step = Step(first, None)
        self._steps = {self._root: None}  # all, in the order in which they were made
        self._weight, self._max_bytes = Weight(), max_bytes
        self._weight.add(first)
        self.changes = 0  # how often the tree, or the place in it, has changed
        self.forgotten = 0  # steps

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def bytes(self) -> int:
        """About how much memory the steps take."""
        return self._weight.bytes

    @property
    def root(self) -> Step:
        """The oldest step that is kept."""
        return self._root

    @property
    def step(self) -> Step:
        """Where the user stands."""
        return self._step

    @property
    def current(self) -> Project:
        return self._step.state

    @property
    def line(self) -> tuple[Step, ...]:
        """From the oldest step over the current one to where redo leads in the end."""
        return tuple(line_from(self._root))

    @property
    def can_undo(self) -> bool:
        return self._step.before is not None

    @property
    def can_redo(self) -> bool:
        return bool(self._step.after)

    @property
    def before(self) -> Project:
        """The step before the current one; without one, the current one."""
        return (self._step.before or self._step).state

    @property
    def after(self) -> Project:
        """The step after the current one; without one, the current one."""
        return (self._step.after[-1] if self._step.after else self._step).state

    def commit(self, state: Project) -> None:
        """Make a state the newest step, if it differs from the current one; what was undone stays as a branch."""
        if state == self.current:
            return
        step = Step(state, self._step)
        self._step.after.append(step)
        self._steps[step] = None
        self._weight.add(state)
        self._stand(step)
        self._forget()

    def undo(self) -> Project:
        return self._stand(self._step.before or self._step)

    def redo(self) -> Project:
        return self._stand(self._step.after[-1] if self._step.after else self._step)

    def go(self, step: Step) -> Project:
        """To any step, as long as it is not forgotten; redo leads along its branch from now on."""
        state = self._stand(step)
        while step.before is not None:
            siblings = step.before.after
            siblings.append(siblings.pop(siblings.index(step)))
            step = step.before
        return state

    def take_picture(self, picture: Pixels, step: Step | None = None) -> None:
        """The small picture of a step (None: of the current one), if that is not forgotten."""
        step = step or self._step
        if step in self._steps:
            if step.picture is not None:
                self._weight.remove(step.picture)
            step.picture = picture
            self._weight.add(picture)

    def amend(self, change: Callable[[Project], Project]) -> None:
        """Put something else in place of the state of each step."""
        for step in self._steps:
            before, step.state = step.state, change(step.state)
            self._weight.add(step.state)
            self._weight.remove(before)
        self.changes += 1

    def _stand(self, step: Step) -> Project:
        self._step = step
        self.changes += 1
        return step.state

    # -- Forgetting -----------------------------------------------------------

    def _forget(self) -> None:
        """The oldest steps, as long as there are too many, but none near the current one."""
        if not self._is_too_much:
            return
        near = set(self._near())
        for step in tuple(self._steps):
            if step not in near and (step is not self._root or len(step.after) == 1):
                self._drop(step)
                if not self._is_too_much:
                    return

    @property
    def _is_too_much(self) -> bool:
        return len(self._steps) > MAX_STEPS or self._weight.bytes > self._max_bytes

    def _near(self) -> Iterator[Step]:
        step: Step | None = self._step
        for _ in range(NEAREST + 1):
            if step is not None:
                yield step
                step = step.before
        for _, step in zip(range(NEAREST + 1), line_from(self._step), strict=False):
            yield step

    def _drop(self, step: Step) -> None:
        """Each step is a whole state: those after it follow on the one before it."""
        before = step.before
        for after in step.after:
            after.before, after.words = before, None
        if before is None:
            (self._root,) = step.after
        else:
            at = before.after.index(step)
            before.after[at : at + 1] = step.after
        del self._steps[step]
        self._weight.remove(step.state)
        if step.picture is not None:
            self._weight.remove(step.picture)
        self.forgotten += 1


def line_from(step: Step) -> Iterator[Step]:
    """A step, and where redo leads from it."""
    yield step
    while step.after:
        step = step.after[-1]
        yield step


def count_from(step: Step) -> int:
    """How many steps there are in a branch, with those that branch off from it."""
    rest, count = [step], 0
    while rest:
        count += 1
        rest += rest.pop().after
    return count
