"""Recordings as tracks with few keys."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.request import (
    LayerEdit,
    Noise,
    NoiseMode,
    RenderRequest,
    SeedPoint,
    StyleSource,
    Truncation,
    ZVector,
)
from core.request.placement import Placement
from core.timeline import Timeline, request_at
from core.timeline.simplify import TOLERANCE, timeline_of

RATE = 30


def recorded(change, seconds: float = 4.0) -> list[tuple[float, RenderRequest]]:
    """What a function of the time says, frame by frame, from some time on."""
    return [(7.0 + i / RATE, change(i / RATE)) for i in range(round(seconds * RATE) + 1)]


def paths(made: Timeline) -> dict[str, int]:
    return {track.path: len(track.keys) for track in made.tracks}


def test_a_curve_becomes_few_keys_within_the_tolerance():
    moments = recorded(lambda t: RenderRequest(truncation=Truncation(0.5 + 0.4 * math.sin(2 * t))))
    made = timeline_of(moments, rate=Fraction(RATE))
    assert paths(made).keys() == {"truncation.psi"}
    assert 6 < len(made.tracks[0].keys) < 40
    assert made.frames == len(moments)
    for time_s, request in moments:
        again = request_at(made, moments[0][1], time_s - 7.0).truncation.psi
        assert abs(again - request.truncation.psi) <= TOLERANCE * 3 + 1e-9  # the range of psi is 3


@given(st.lists(st.tuples(st.floats(-1, 2), st.floats(0, 4), st.sampled_from(NoiseMode)), min_size=1, max_size=30))
def test_any_recording_is_played_back_within_the_tolerance(states):
    moments = [(i / RATE, RenderRequest(truncation=Truncation(psi), noise=Noise(mode, strength=strength)))
               for i, (psi, strength, mode) in enumerate(states)]  # fmt: skip
    made = timeline_of(moments)
    for time_s, request in moments:
        again = request_at(made, moments[0][1], time_s + 1e-9)
        assert abs(again.truncation.psi - request.truncation.psi) < TOLERANCE * 3 + 1e-5
        assert abs(again.noise.strength - request.noise.strength) < TOLERANCE * 4 + 1e-5
        assert again.noise.mode is request.noise.mode


def test_a_straight_way_has_two_keys_and_what_rests_has_none():
    made = timeline_of(recorded(lambda t: RenderRequest(truncation=Truncation(t / 8), noise=Noise(strength=2.0))))
    assert paths(made) == {"truncation.psi": 2}
    assert timeline_of([]).tracks == timeline_of(recorded(lambda t: RenderRequest())).tracks == ()


def test_steps_have_a_key_each():
    made = timeline_of(recorded(lambda t: RenderRequest(noise=Noise(list(NoiseMode)[int(t) % 3]))))
    assert paths(made) == {"noise.mode": 5}


def test_walks_on_the_seed_map_are_walks_and_leaps_are_leaps():
    def walk(t: float) -> RenderRequest:
        return RenderRequest(latent=SeedPoint(t, 0.0) if t < 2 else SeedPoint(500 + 2 * t, 3.0))

    moments = recorded(walk)
    made = timeline_of(moments)
    assert paths(made) == {"latent.x": 4, "latent.y": 4}
    for time_s, request in moments:
        assert isinstance(request.latent, SeedPoint)
        again = request_at(made, moments[0][1], time_s - 7.0).latent
        assert isinstance(again, SeedPoint)
        assert (again.x, again.y) == pytest.approx((request.latent.x, request.latent.y), abs=2.6)
    between = request_at(made, moments[0][1], 2 - 0.5 / RATE).latent
    assert between == SeedPoint(moments[59][1].latent.x, 0.0)  # type: ignore[union-attr]


def test_other_latents_and_classes_hold():
    made = timeline_of(recorded(lambda t: RenderRequest(latent=SeedPoint() if t < 1 else ZVector((float(t > 2),)))))
    assert paths(made) == {"latent": 3}


def test_a_turn_goes_the_way_that_it_went():
    def turning(t: float) -> RenderRequest:
        return RenderRequest(transform=Placement(degrees=(150 + 20 * t + 180) % 360 - 180).matrix)

    moments = recorded(turning)
    made = timeline_of(moments)
    assert paths(made) == {"transform.rotate": 2}
    for time_s, request in moments:
        a = Placement.of(request_at(made, moments[0][1], time_s - 7.0).transform)
        b = Placement.of(request.transform)
        assert a is not None
        assert b is not None
        assert abs((a.degrees - b.degrees + 180) % 360 - 180) < TOLERANCE * 360


def test_what_no_single_track_tells_is_a_whole_that_holds():
    def growing(t: float) -> RenderRequest:
        sources = (StyleSource(), StyleSource(fraction=t / 8))[: 1 + (t >= 2)]
        layers = (LayerEdit(offset=(1.0,)),) if t >= 3 else ()
        return RenderRequest(sources=sources, layers=layers, truncation=Truncation(t / 8))

    moments = recorded(growing)
    made = timeline_of(moments)
    assert paths(made) == {"request": 3, "truncation.psi": 2, "sources[1].fraction": 2}
    for time_s, request in moments:
        again = request_at(made, moments[0][1], time_s - 7.0 + 1e-9)
        assert len(again.sources) == len(request.sources)
        assert replace(again, truncation=Truncation(), sources=()) == replace(
            request, truncation=Truncation(), sources=()
        )
        assert again.truncation.psi == pytest.approx(request.truncation.psi, abs=TOLERANCE * 3)
