"""Undo and redo over requests."""

from __future__ import annotations

from random import Random

from core.project import Kept, Project
from core.request import Latent, RenderRequest, SeedPoint, Truncation, WVector
from visualizer.session.making.history import MAX_STEPS, NEAREST, History, Step
from visualizer.session.making.history_rows import branches_of, rows_of
from visualizer.session.making.weight import Weight


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


def test_a_forgotten_step_takes_no_branch_with_it():
    made = history(*range(NEAREST + 3))
    tip = made.step
    while made.can_undo:
        made.undo()
    for seed in range(MAX_STEPS - 10):
        made.commit(request(5000 + seed))
    assert len(made) == MAX_STEPS
    assert made.forgotten == NEAREST - 7
    assert made.root.state == request(0)
    assert made.go(tip) == request(NEAREST + 2)
    while made.can_undo:
        made.undo()
    assert made.current == request(0)


def test_large_steps_are_forgotten_by_their_memory_but_not_the_nearest():
    def large(seed: int) -> Project:
        return Project(RenderRequest(latent=WVector(((float(seed),) * 5000,))))

    made = History(large(0), max_bytes=80 * 5000 * 32)
    for seed in range(1, 200):
        made.commit(large(seed))
    assert NEAREST < len(made) < 90
    assert made.bytes <= 80 * 5000 * 32
    tight = History(large(0), max_bytes=1)
    for seed in range(1, 100):
        tight.commit(large(seed))
    assert len(tight) == NEAREST + 1


def test_what_steps_share_is_counted_once():
    shared = WVector(((1.0,) * 100_000,))
    made = History(Project(RenderRequest(latent=shared)))
    once = made.bytes
    for psi in range(20):
        made.commit(Project(RenderRequest(latent=shared, truncation=Truncation(psi / 20))))
    assert once > 3_000_000
    assert made.bytes < once + 200_000


def test_memory_that_is_forgotten_is_no_longer_counted():
    weight = Weight()
    project = Project(shelf=(Kept("a", RenderRequest(), picture=b"x" * 1000),))
    weight.add(project)
    assert weight.bytes > 1000
    weight.add(project)
    weight.remove(project)
    weight.remove(project)
    assert weight.bytes == 0


def test_random_walks_keep_a_tree_in_which_every_step_can_be_returned_to():
    random = Random(5)
    shared: list[Latent] = [WVector(((float(n),) * 300,)) for n in range(6)]
    made, most = History(request(0), max_bytes=120_000), 0
    for seed in range(1, 1500):
        match random.randrange(6):
            case 0 | 1:
                made.undo()
            case 2:
                made.redo()
            case 3:
                step = random.choice(all_steps(made))
                assert made.go(step) is step.state
            case _:
                latents: list[Latent] = [SeedPoint(float(seed)), *shared]
                made.commit(Project(RenderRequest(latent=random.choice(latents), truncation=Truncation(seed / 1500))))
        steps = all_steps(made)
        most = max(most, len(branches_of(made)))
        assert len(steps) == len(made)
        assert made.step in steps
        assert all(after.before is step for step in steps for after in step.after)
        assert made.step in made.line
        assert [row.step for row in rows_of(made) if not row.count and not row.depth][::-1] == list(made.line)
        assert sum(row.count for row in rows_of(made)) + len(made.line) == len(made)
    whole = Weight()
    for step in all_steps(made):
        whole.add(step.state)
    assert whole.bytes == made.bytes
    assert made.forgotten > 100
    assert most > 5


def all_steps(history: History) -> list[Step]:
    rest, found = [history.root], list[Step]()
    while rest:
        found.append(rest.pop())
        rest += found[-1].after
    return found
