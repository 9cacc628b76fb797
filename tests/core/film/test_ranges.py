"""Ranges of frames: handed out, lost, and given back in order."""

from __future__ import annotations

import random

import pytest

from core.base.errors import RenderError
from core.film.frames import PackedFrame
from core.film.ranges import Range, Ranges


def arrive(ranges: Ranges, some: Range) -> None:
    for index in some:
        ranges.arrived(PackedFrame(index, b""))


def taken(ranges: Ranges) -> list[Range]:
    found = []
    while (some := ranges.take()) is not None:
        found.append(some)
    return found


@pytest.mark.parametrize("seed", range(20))
def test_every_frame_comes_once_in_order_whoever_dies(seed: int) -> None:
    choose = random.Random(seed)
    indices = sorted(choose.sample(range(500), choose.randint(1, 200)))
    ranges, busy, came, most = Ranges(indices, 3), list[Range](), list[int](), 0
    while not ranges.finished:
        while len(busy) < 3 and (some := ranges.take()) is not None:
            busy.append(some)
        some = busy.pop(choose.randrange(len(busy)))
        arrive(ranges, some[: choose.randint(0, len(some))] if (died := choose.random() < 0.1) else some)
        if died and not any(index in ranges._lost for index in some):
            ranges.lost(some, "signal 9")
        elif died:
            arrive(ranges, some)
        came += [frame.index for frame in ranges.ready()]
        most = max(most, len(ranges._arrived))
    assert came == indices
    assert most <= 3 * 8 * 3  # however long the film is


def test_no_worker_runs_far_ahead() -> None:
    ranges = Ranges(range(1000), 2)
    assert sum(len(some) for some in taken(ranges)) == 4 * 8
    assert taken(ranges) == []
    arrive(ranges, tuple(range(8)))
    assert list(ranges.ready())
    assert taken(ranges) == [tuple(range(32, 40))]


def test_a_frame_that_ends_every_worker_ends_the_film() -> None:
    ranges = Ranges(range(40), 4)
    first = taken(ranges)[0]
    ranges.lost(first, "signal 9")
    ranges.arrived(PackedFrame(39, b""))
    assert ranges.take() == first
    ranges.lost(first, "signal 9")
    ranges.arrived(PackedFrame(38, b""))
    with pytest.raises(RenderError, match=r"again and again over frame 0 \(signal 9\); take fewer, as memory"):
        ranges.lost(first, "signal 9")


def test_workers_that_never_begin_end_the_film() -> None:
    ranges = Ranges(range(40), 2)
    for _ in range(5):
        ranges.lost((), "exit code 1")
    with pytest.raises(RenderError, match="before a frame was made"):
        ranges.lost((), "exit code 1")
