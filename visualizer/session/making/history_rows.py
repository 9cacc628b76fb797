"""The history as rows, the newest first: the steps of the line, and the branches that leave it."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass

from visualizer.session.making.history import History, Step, count_from, line_from


@dataclass(frozen=True)
class Row:
    """A step, or the head of a branch, whose steps follow it where it is unfolded."""

    step: Step  # of a branch, its first
    depth: int = 0  # in how many branches it lies
    count: int = 0  # steps of the branch; 0: it is a step


def rows_of(history: History, unfolded: Set[Step] = frozenset()) -> tuple[Row, ...]:
    """unfolded: the first steps of the branches whose steps are listed too."""
    return tuple(_rows(history.root, 0, unfolded))


def _rows(first: Step, depth: int, unfolded: Set[Step]) -> Iterator[Row]:
    """A branch is listed over the step that it begins at, for it is newer."""
    for step in reversed(tuple(line_from(first))):
        for branch in reversed(step.after[:-1]):
            yield Row(branch, depth + 1, count_from(branch))
            if branch in unfolded:
                yield from _rows(branch, depth + 1, unfolded)
        yield Row(step, depth)


def branches_of(history: History) -> tuple[Step, ...]:
    """The first steps of all branches that the line, or another branch, leaves aside."""
    rest, found = [history.root], list[Step]()
    while rest:
        for step in line_from(rest.pop()):
            found += step.after[:-1]
            rest += step.after[:-1]
    return tuple(found)
