"""Clips: seeded, and seamless over their way in value and slope."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.request import CodeGrid, Mixture, RenderRequest, SeedPoint, Share, Space, WVector, ZVector
from core.request.placement import Placement
from core.request.seeds import z_of
from core.timeline import (
    Circle,
    Clip,
    Generator,
    LatentWalk,
    NoiseLoop,
    Orbit,
    Pulse,
    RandomWalk,
    Timeline,
    Track,
    request_at,
    target_of,
)
from core.timeline.generators import generators_for, why_not
from core.timeline.simplex import DEVIATION, simplex
from tests.core.timeline.strategies import INFO

BASE = RenderRequest()
SEEDS = tuple(SeedPoint(float(seed)) for seed in (3, 8, 5))
OF_Z = (Circle(1, 2, 3), NoiseLoop(4), RandomWalk(4, 0.5))
every_z = pytest.mark.parametrize("generator", OF_Z, ids=lambda generator: type(generator).__name__)


def latent(generator: Generator, time_s: float, *, rounds: int = 1, info=INFO, request=BASE, space=Space.W):
    made = Timeline((Track("latent", clips=(Clip(0.0, 4.0, generator, rounds),), space=space),))
    return request_at(made, request, time_s, info).latent


def numbers(generator: Generator, time_s: float, rounds: int = 1) -> np.ndarray:
    found = latent(generator, time_s, rounds=rounds)
    assert isinstance(found, ZVector)
    return np.array(found.values, np.float64)


@every_z
@pytest.mark.parametrize("rounds", [1, 3])
def test_the_end_of_a_clip_meets_its_start_in_value_and_slope(generator, rounds):
    step = 5e-3

    def bend(time_s: float) -> float:
        before, at, after = (numbers(generator, (time_s + by) % 4, rounds) for by in (-step, 0.0, step))
        return float(np.abs(before - 2 * at + after).max())

    assert bend(0.0) < 1.2 * max(bend(time_s) for time_s in np.arange(0.01, 3.98, 0.02))


@every_z
def test_a_clip_is_the_same_each_time_another_with_another_seed_and_comes_round(generator):
    assert np.array_equal(numbers(generator, 1.3), numbers(generator, 1.3))
    other = replace(generator, **{"centre" if isinstance(generator, Circle) else "seed": 9})
    assert not np.allclose(numbers(generator, 1.3), numbers(other, 1.3))
    assert np.allclose(numbers(generator, 0.5, 2), numbers(generator, 2.5, 2), atol=1e-5)
    assert np.abs(numbers(generator, 1.0) - numbers(generator, 2.0)).max() > 0.1


def test_a_circle_lies_around_the_z_of_a_seed_in_the_plane_to_two_others():
    a, b, c = (z_of(seed, INFO.z_dim, 0)[0] for seed in (1, 2, 3))
    u, v = ((other - a) / np.linalg.norm(other - a) for other in (b, c))
    assert np.allclose(numbers(OF_Z[0], 0.0), a + 50 * v, atol=1e-4)
    assert np.allclose(numbers(OF_Z[0], 1.0), a + 50 * u, atol=1e-4)
    assert np.allclose(numbers(Circle(1, 1, 1), 1.0), a)  # of no plane


def test_simplex_noise_is_smooth_and_has_the_size_that_it_should():
    random = np.random.RandomState(0)
    x, y = random.uniform(-500, 500, (2, 200_000))
    noise = simplex(x, y, 3)
    assert abs(noise.mean()) < 0.01
    assert noise.std() == pytest.approx(DEVIATION, abs=0.01)
    assert np.abs(noise).max() == pytest.approx(1, abs=0.02)
    step = simplex(x + 1e-6, y, 3) - noise
    assert np.abs(step).max() < 1e-5  # also where one triangle ends and the next one begins
    assert not np.allclose(noise, simplex(x, y, 4))


@pytest.mark.parametrize("generator", OF_Z[1:], ids=lambda generator: type(generator).__name__)
def test_what_is_drawn_is_of_the_variance_of_z(generator):
    z = np.array([numbers(replace(generator, seed=seed), 1.0) for seed in range(200)])
    assert z.std() == pytest.approx(1, abs=0.06)


def test_a_random_walk_is_as_smooth_as_it_is_asked_to_be():
    """Its covariance is that of white noise smoothed by a Gaussian around a circle."""
    info, smoothing_s, length_s = replace(INFO, z_dim=20_000), 0.4, 4.0
    walk = RandomWalk(1, smoothing_s)
    at = [np.array(latent(walk, time_s, info=info).values) for time_s in (0.0, 0.3, 3.9)]
    k = np.arange(1, 60)
    sizes = np.exp(-((2 * np.pi * k * smoothing_s / length_s) ** 2))
    for z, lag in ((at[1], 0.3), (at[2], 0.1)):
        expected = (0.5 + (sizes * np.cos(2 * np.pi * k * lag / length_s)).sum()) / (0.5 + sizes.sum())
        assert (at[0] * z).mean() == pytest.approx(expected, abs=0.03)
    assert np.isfinite(latent(RandomWalk(1, 0.0), 0.0).values).all()


def test_a_pulse_goes_between_its_values_by_a_cosine():
    made = Timeline((Track("truncation.psi", clips=(Clip(1.0, 4.0, Pulse(0.3, 1.0, 2)),)),))
    psis = [request_at(made, BASE, 1 + time_s).truncation.psi for time_s in (0, 0.5, 1, 2, 3)]
    a, b = (0.3 + 1.0) / (0.3 - 1.0), 2 / (0.3 - 1.0)
    assert psis == pytest.approx([(np.cos(2 * np.pi * 2 * t / 4) + a) / b for t in (0, 0.5, 1, 2, 3)])
    assert psis[:3] == pytest.approx([0.3, 0.65, 1.0])


def test_an_orbit_goes_around_where_the_picture_is_and_itself():
    base = replace(BASE, transform=Placement(x=0.1, degrees=10).matrix)
    made = Timeline((Track("transform", clips=(Clip(0.0, 4.0, Orbit(0.2, 1, 2)),)),))
    found = [Placement.of(request_at(made, base, time_s, INFO).transform) for time_s in (0.0, 1.0, 3.999999)]
    assert [(p.x, p.y) for p in found if p] == [pytest.approx(xy, abs=1e-5) for xy in ((0.3, 0), (0.1, 0.2), (0.3, 0))]
    assert [p.degrees for p in found if p] == [pytest.approx(angle, abs=1e-3) for angle in (10, -170, 10)]


@given(st.floats(0, 3.999))
def test_a_walk_closes_through_all_of_its_latents(time_s):
    walk = LatentWalk(SEEDS)
    assert [latent(walk, 4 * i / 3) for i in range(3)] == list(SEEDS)
    found = latent(walk, time_s)
    assert set(SEEDS) >= {share.latent for share in found.shares} if isinstance(found, Mixture) else found in SEEDS

    def weight(at_s: float) -> float:
        mixed = latent(walk, at_s % 4)
        shares = mixed.shares if isinstance(mixed, Mixture) else (Share(mixed, 1.0),)
        return sum(share.weight for share in shares if share.latent == SEEDS[0])

    assert weight(time_s) == pytest.approx(weight(time_s + 1e-6), abs=1e-5)
    assert weight(4 - 1e-4) - weight(0) == pytest.approx(weight(0) - weight(1e-4), abs=1e-4)


def test_a_walk_has_its_classes_and_leaves_out_what_the_network_does_not_take():
    conditional = replace(INFO, c_dim=4)
    walk = LatentWalk((*SEEDS, WVector(((0.0,) * 99,))), (2, None, 9))
    assert latent(walk, 0.0, info=conditional) == Mixture((Share(SEEDS[0], 1.0, 2),))
    assert latent(walk, 4 / 3, info=conditional) == SEEDS[1]
    assert latent(walk, 8 / 3, info=conditional) == SEEDS[2]
    assert latent(LatentWalk(()), 1.0) == BASE.latent
    assert latent(LatentWalk(SEEDS), 1.0, space=Space.Z).space is Space.Z


def test_where_seeds_draw_classes_a_z_has_that_of_its_seed():
    conditional = replace(INFO, c_dim=4)
    found = latent(NoiseLoop(7), 1.0, info=conditional)
    assert isinstance(found, Mixture)
    assert found.shares[0].label == z_of(7, INFO.z_dim, 4)[1]
    assert isinstance(latent(NoiseLoop(7), 1.0, info=conditional, request=replace(BASE, label=1)), ZVector)


def test_a_clip_that_does_not_belong_there_is_told_and_left_out():
    made = Timeline((Track("truncation.psi", clips=(Clip(0.0, 4.0, NoiseLoop()),)),))
    assert request_at(made, BASE, 1.0, INFO) == BASE
    codes = replace(INFO, codes=CodeGrid(4, 4, 12, 8))
    assert latent(NoiseLoop(), 1.0, info=codes) == latent(NoiseLoop(), 1.0, info=None) == BASE.latent
    target = target_of("latent")
    assert why_not(Clip(0, 1, NoiseLoop()), target, INFO) == ""
    assert "codes" in why_not(Clip(0, 1, NoiseLoop()), target, codes)
    assert "no such clip" in why_not(Clip(0, 1, Pulse()), target, INFO)
    assert "no latents" in why_not(Clip(0, 1, LatentWalk(())), target, INFO)
    assert generators_for(target_of("truncation.psi")) == (Pulse,)
    assert generators_for(target_of("noise.mode")) == ()
