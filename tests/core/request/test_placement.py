"""Placements and the matrices of networks."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from core.request import IDENTITY, Matrix
from core.request.placement import ORBIT, Placement, inverse

PLACEMENTS = [
    Placement(),
    Placement(0.1, -0.23),
    Placement(degrees=33.2),
    Placement(0.3, 0.2, -170.0, 0.5, 2.0, 0.25),
    Placement(-0.1, 0.4, 90.0, 3.0, 0.7, -1.5, mirrored=True),
]


def full(matrix: Matrix) -> np.ndarray:
    return np.array([matrix[:3], matrix[3:], (0, 0, 1)])


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_the_network_gets_the_inverse(placement: Placement):
    np.testing.assert_allclose(full(placement.matrix) @ full(placement.forward), np.eye(3), atol=1e-12)


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_a_placement_is_found_again_in_its_matrix(placement: Placement):
    found = Placement.of(placement.matrix)
    assert found is not None
    np.testing.assert_allclose(full(found.forward), full(placement.forward), atol=1e-9)
    assert found.mirrored == placement.mirrored
    assert (found.x, found.degrees, found.shear) == pytest.approx((placement.x, placement.degrees, placement.shear))


def test_any_matrix_with_an_inverse_is_a_placement():
    random = np.random.default_rng(0)
    for numbers in random.standard_normal((200, 6)):
        matrix = tuple(numbers.tolist())
        placement = Placement.of(matrix)
        assert placement is not None
        expected = np.linalg.inv(full(matrix))
        np.testing.assert_allclose(full(placement.forward), expected, rtol=1e-6, atol=1e-8)
        assert min(placement.scale_x, placement.scale_y) > 0


@pytest.mark.parametrize(
    "matrix", [(0, 0, 0, 0, 0, 0), (1, 2, 0, 2, 4, 0), (1, 0, 0, 0, math.nan, 0), (math.inf, 0, 0, 0, 1, 0)]
)
def test_a_matrix_without_an_inverse_is_none(matrix: Matrix):
    assert inverse(matrix) is None
    assert Placement.of(matrix) is None


def test_a_turn_is_anticlockwise_on_the_screen():
    a, _, _, c, _, _ = Placement(degrees=90).forward
    assert (a, c) == pytest.approx((0, -1))  # what pointed to the right points up


def test_turning_goes_round():
    assert Placement(degrees=170).turned(20).degrees == pytest.approx(-170)


def test_what_was_not_changed_is_found_unchanged():
    for degrees in range(-180, 180, 7):
        found = Placement.of(Placement(0.1, 0.0, degrees).matrix)
        assert found is not None
        assert (found.y, found.scale_x, found.scale_y, found.shear) == (0, 1, 1, 0)


def test_whole_pixels():
    assert Placement(0.101, -0.019).rounded(64) == Placement(6 / 64, -1 / 64)
    assert Placement().rounded(64).matrix == IDENTITY


def test_an_orbit_ends_on_a_circle_and_moves_evenly():
    path = [Placement()]
    for _ in range(4000):
        path.append(path[-1].orbited(0.002))
    radii = [math.hypot(p.x, p.y) for p in path[-500:]]
    assert max(radii) - min(radii) < 1e-3
    assert sum(radii) / len(radii) == pytest.approx(ORBIT, rel=0.05)
    ways = [math.hypot(b.x - a.x, b.y - a.y) for a, b in pairwise(path)]
    assert ways == pytest.approx([0.002] * len(ways))
