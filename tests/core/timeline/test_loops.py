"""Loops as a network sees them: w meets itself in value and slope, and at a key it is that of the key alone."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from core.request import RenderRequest, SeedPoint, Truncation
from core.synthesis.mapper import Mapper
from core.timeline import (
    Between,
    Circle,
    Clip,
    Key,
    LatentWalk,
    NoiseLoop,
    RandomWalk,
    Space,
    Timeline,
    Track,
    request_at,
)
from tests.small import stylegan2

NETWORK = stylegan2()
MAPPER = Mapper(NETWORK.generator, NETWORK.info, torch.device("cpu"))
SEEDS = tuple(SeedPoint(float(seed)) for seed in (3, 8, 5, 2))
DURATION_S, STEP_S = 4.0, 1 / 240


def keyed(between: Between, space: Space) -> Track:
    return Track("latent", tuple(Key(0.9 * i, seed, between) for i, seed in enumerate(SEEDS)), space=space)


def clip(generator: object) -> Track:
    return Track("latent", clips=(Clip(0.0, DURATION_S, generator),))  # type: ignore[arg-type]


MOVING = {
    "cubic in w": keyed(Between.CUBIC, Space.W), "cubic in z": keyed(Between.CUBIC, Space.Z),
    "smooth in z": keyed(Between.SMOOTH, Space.Z), "walk": clip(LatentWalk(SEEDS)), "circle": clip(Circle()),
    "noise": clip(NoiseLoop()), "random walk": clip(RandomWalk()),
}  # fmt: skip


@pytest.mark.parametrize("name", MOVING)
def test_a_loop_meets_itself(name):
    psi = Track("truncation.psi", (Key(0.5, 0.4, Between.CUBIC), Key(2.0, 1.0, Between.CUBIC), Key(3.0, 0.8)))
    timeline = Timeline((MOVING[name], psi), DURATION_S, loop=True)

    def w(time_s: float) -> Tensor:
        with torch.inference_mode():
            return MAPPER.ws_of(request_at(timeline, RenderRequest(), time_s, NETWORK.info))[0, 0].double()

    def bend(time_s: float) -> float:
        before, at, after = (w(time_s + by) for by in (-STEP_S, 0.0, STEP_S))
        return float((before - 2 * at + after).norm())

    assert torch.equal(w(DURATION_S), w(0.0))
    ways = [float((w(i / 30 + STEP_S) - w(i / 30)).norm()) for i in range(0, 120, 5)]
    assert float((w(0.0) - w(-STEP_S)).norm()) < 1.5 * max(ways)
    assert bend(0.0) < 0.25 * max(ways) + 1e-5  # a corner would bend it by as much as it goes


@pytest.mark.parametrize("space", Space)
def test_at_its_key_a_latent_is_what_it_is_alone(space):
    timeline = Timeline((keyed(Between.CUBIC, space),), DURATION_S, loop=True)
    for i, seed in enumerate(SEEDS):
        alone = RenderRequest(latent=seed, truncation=Truncation(0.7))
        there = request_at(timeline, RenderRequest(truncation=Truncation(0.7)), 0.9 * i, NETWORK.info)
        assert there == alone
