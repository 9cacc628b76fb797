"""Undo and redo over what is made in a session, and the branches that an undo left."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.project import Project

MAX_STEPS = 1000


class Step:
    """A settled state, and what was made of it."""

    def __init__(self, state: Project, before: Step | None) -> None:
        self.state = state
        self.before = before
        self.after: list[Step] = []  # the one that redo goes to last


class History:
    """The settled states as a tree, and where the user stands in it."""

    def __init__(self, first: Project) -> None:
        self._root = self._step = Step(first, None)
        self._count = 1

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
        steps = [self._root]
        while steps[-1].after:
            steps.append(steps[-1].after[-1])
        return tuple(steps)

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
        self._step = step
        self._count += 1
        while self._count > MAX_STEPS:
            self._forget_oldest()

    def undo(self) -> Project:
        self._step = self._step.before or self._step
        return self.current

    def redo(self) -> Project:
        if self._step.after:
            self._step = self._step.after[-1]
        return self.current

    def go(self, step: Step) -> Project:
        """To any step, as long as it is not forgotten; redo leads along its branch from now on."""
        self._step = step
        while step.before is not None:
            siblings = step.before.after
            siblings.append(siblings.pop(siblings.index(step)))
            step = step.before
        return self.current

    def amend(self, change: Callable[[Project], Project]) -> None:
        """Put something else in place of the state of each step."""
        for step in _branch(self._root):
            step.state = change(step.state)

    def _forget_oldest(self) -> None:
        """The first step of the line, and the branches that began there."""
        kept = self.line[1]
        gone = [step for branch in self._root.after[:-1] for step in _branch(branch)]
        self._count -= 1 + len(gone)
        self._root, kept.before = kept, None


def _branch(step: Step) -> Iterator[Step]:
    """A step and all that were made of it."""
    rest = [step]
    while rest:
        step = rest.pop()
        yield step
        rest += step.after
