"""What a session makes of a request: fitted to another network, moved by an animation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.request import Mixing, ModelInfo, Noise, NoiseMode, RenderRequest, SeedPoint, Truncation, WVector, ZVector
from visualizer.animation import Animation
from visualizer.fitting import fitted
from visualizer.session import short_name

INFO = ModelInfo("Fake", "", 1, 1, 3, z_dim=4, w_dim=4, c_dim=3, num_ws=5, ws_names=("w",) * 5)


# ----------------------------------------------------------------------------
# Fitting a request to another network.


def test_what_a_network_can_take_is_left_alone():
    request = RenderRequest(label=2, truncation=Truncation(0.5, 4), mixing=Mixing(3, frozenset({1, 40})))
    assert fitted(request, INFO) == request


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"label": 3}, {"label": None}),
        ({"label": (0.5, 0.5)}, {"label": None}),
        ({"label": (0.5, 0.5, 0.0)}, {"label": (0.5, 0.5, 0.0)}),
        ({"latent": ZVector((1.0,) * 5)}, {"latent": SeedPoint()}),
        ({"latent": ZVector((1.0,) * 4), "label": 1}, {"latent": ZVector((1.0,) * 4), "label": 1}),
        ({"latent": WVector(((1.0,) * 4,) * 2)}, {"latent": SeedPoint()}),
        ({"latent": WVector(((1.0,) * 3,))}, {"latent": SeedPoint()}),
        ({"latent": WVector(((1.0,) * 4,))}, {"latent": WVector(((1.0,) * 4,))}),
        ({"truncation": Truncation(0.5, 5)}, {"truncation": Truncation(0.5, None)}),
        ({"truncation": Truncation(0.5, 9)}, {"truncation": Truncation(0.5, None)}),
    ],
)
def test_what_a_network_cannot_take_is_reset(parts: dict[str, Any], expected: dict[str, Any]):
    request = RenderRequest("a.pkl")
    assert fitted(replace(request, **parts), INFO) == replace(request, **expected)


@pytest.mark.parametrize(
    ("source", "name"),
    [("/x/b.pkl", "b.pkl"), ("C:\\x\\b.pkl", "b.pkl"), ("run/", "run"), ("seed:0", "seed:0"), ("/", "/")],
)
def test_a_short_name_is_the_last_part(source: str, name: str):
    assert short_name(source) == name


# ----------------------------------------------------------------------------
# Animation.


def test_the_latent_moves_at_its_speed():
    moved = Animation(latent=True, latent_speed=0.5).step(RenderRequest(latent=SeedPoint(1, 3)), dt=0.5)
    assert moved.latent == SeedPoint(1.25, 3)


def test_seeds_of_mixing_and_noise_change_a_whole_number_at_a_time():
    animation = Animation(mixing=True, mixing_speed=4, noise=True, noise_speed=2)
    request = RenderRequest(noise=Noise(NoiseMode.RANDOM))
    mixing, noise = [], []
    for _ in range(8):
        request = animation.step(request, dt=0.125)
        mixing.append(request.mixing.seed - 1000)
        noise.append(request.noise.seed)
    assert mixing == [0, 1, 1, 2, 2, 3, 3, 4]
    assert noise == [0, 0, 0, 1, 1, 1, 1, 2]


def test_speeds_may_be_negative():
    animation = Animation(latent=True, latent_speed=-1, mixing=True, mixing_speed=-2)
    moved = animation.step(RenderRequest(), dt=0.5)
    assert (moved.latent, moved.mixing.seed) == (SeedPoint(-0.5), 999)


def test_what_cannot_move_stays():
    request = RenderRequest(latent=ZVector((1.0,)), noise=Noise(NoiseMode.CONST))
    assert Animation(latent=True, noise=True).step(request, dt=10) == request
    assert Animation().step(RenderRequest(), dt=10) == RenderRequest()
