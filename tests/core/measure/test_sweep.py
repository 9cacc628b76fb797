"""Scores of one picture over a pixel and over a turn."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core.base.errors import Cancelled
from core.base.progress import silent
from core.display.frame import Metric
from core.measure.sweep import SHIFTS, TURNS, Sweep, sweep
from core.render.renderer import Renderer
from core.request import RenderRequest
from core.request.placement import Move
from core.synthesis.generator import Tap
from tests.small import stylegan3


def test_every_step_is_the_score_of_its_move():
    network = stylegan3(32)
    renderer, request = Renderer(network), RenderRequest()
    found = sweep(lambda move, metric, tap: renderer.score(request, metric, tap, move), 32, silent, lambda part: None)
    assert (found.pixels[[0, -1]] == (0, 1)).all()
    assert (found.turns[[0, -1]] == (0, 1)).all()
    other = Renderer(network)
    i = SHIFTS // 3
    shift = Move.by(3 + found.pixels[i], 3 + found.pixels[i], 0)
    assert found.shift_db[i] == other.score(request, Metric.EQT_FRAC, move=shift)
    i = TURNS // 3
    assert found.turn_db[i] == other.score(request, Metric.EQR, move=Move.by(0, 0, 360 * found.turns[i]))
    assert np.isfinite(found.shift_db).all()
    assert found.turn_db[0] > found.turn_db[i]  # by nothing at all every network turns well


def test_each_step_is_told_and_those_to_come_are_not_known():
    parts: list[Sweep] = []
    told: list[tuple[int, int]] = []

    def progress(stage: str, done: int, total: int, unit: str = "") -> None:
        told.append((done, total))

    def score(move: Move, metric: Metric, tap: Tap) -> float:
        tap("layer", torch.zeros(1))
        return move.angle if metric is Metric.EQR else move.shift[0]

    whole = sweep(score, 40, progress, parts.append)
    assert told == [(i // 2, SHIFTS + TURNS) for i in range(2 * (SHIFTS + TURNS))]
    assert len(parts) == SHIFTS + TURNS
    first = parts[0]
    assert first.shift_db[0] == 4
    assert np.isnan(first.shift_db[1:]).all()
    assert np.isnan(first.turn_db).all()
    np.testing.assert_array_equal(parts[-1].turn_db, whole.turn_db)
    assert whole.turn_db[-1] == pytest.approx(2 * math.pi)


def test_it_stops_within_a_layer():
    def progress(stage: str, done: int, total: int, unit: str = "") -> None:
        if done == 2:
            raise Cancelled("sweep")

    parts: list[Sweep] = []
    with pytest.raises(Cancelled):
        sweep(lambda move, metric, tap: 1.0, 32, progress, parts.append)
    assert len(parts) == 2
