"""Undo and redo over requests."""

from __future__ import annotations

from core.project import Project
from core.request import RenderRequest, SeedPoint
from visualizer.session.making.history import MAX_STEPS, History


def request(seed: int) -> Project:
    return Project(RenderRequest(latent=SeedPoint(seed)))


def history(*seeds: int) -> History:
    made = History(request(seeds[0]))
    for seed in seeds[1:]:
        made.commit(request(seed))
    return made


def test_a_new_history_has_one_step():
    made = history(1)
    assert not made.can_undo
    assert not made.can_redo
    assert made.undo() == made.redo() == made.current == request(1)


def test_undo_and_redo_walk_the_steps():
    made = history(1, 2, 3)
    assert [made.undo(), made.undo(), made.undo()] == [request(2), request(1), request(1)]
    assert [made.redo(), made.redo(), made.redo()] == [request(2), request(3), request(3)]


def test_an_equal_request_is_no_new_step():
    made = history(1, 2, 2, 2)
    assert made.undo() == request(1)
    assert not made.can_undo


def test_a_new_step_leaves_what_was_undone_as_a_branch():
    made = history(1, 2, 3)
    left = made.step
    made.undo()
    made.commit(request(9))
    assert not made.can_redo
    assert made.undo() == request(2)
    assert made.redo() == request(9)
    assert made.go(left) == request(3)
    assert [made.undo(), made.redo()] == [request(2), request(3)]
    assert [step.state for step in made.line] == [request(1), request(2), request(3)]


def test_committing_what_is_there_keeps_what_was_undone():
    made = history(1, 2)
    made.commit(made.undo())
    assert made.can_redo


def test_the_oldest_steps_are_forgotten():
    made = history(*range(MAX_STEPS + 10))
    while made.can_undo:
        made.undo()
    assert made.current == request(10)
