"""The request at a time."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.request import (
    IDENTITY,
    ClassMean,
    Mixture,
    NoiseMode,
    RenderRequest,
    SeedPoint,
    Share,
    StyleSource,
    Truncates,
    Truncation,
    WVector,
)
from core.request.placement import Placement
from core.timeline import Between, Clip, Drive, Key, KeyValue, Pulse, Space, Timeline, Track, request_at
from core.timeline.evaluate import why_still
from tests.core.timeline.strategies import INFO, timelines

BASE = RenderRequest()
LINEAR = Between.LINEAR
CONDITIONAL = replace(INFO, c_dim=4)


def of(path: str, *keys: tuple[float, KeyValue], between: Between = LINEAR, **fields: object) -> Timeline:
    track = Track(path, tuple(Key(time_s, value, between) for time_s, value in keys))
    return Timeline((replace(track, **fields),))  # type: ignore[arg-type]


def test_without_tracks_it_is_the_base():
    assert request_at(Timeline(), BASE, 3.0) is BASE


def test_tracks_say_what_is_at_a_time():
    made = of("truncation.psi", (0, 0.0), (4, 1.0))
    assert request_at(made, BASE, 1.0).truncation.psi == 0.25
    made = of("layers[5].noise", (0, 0.0), (4, 1.0))
    assert request_at(made, BASE, 1.0, INFO).layers[5].noise == 0.25


@given(timelines(), st.floats(0, 12))
def test_a_loop_comes_round_and_limits_hold(made, time_s):
    request = request_at(made, BASE, time_s, INFO)
    assert request.truncation.cutoff is None or 0 <= request.truncation.cutoff <= INFO.num_ws
    if made.loop:
        again = request_at(made, BASE, time_s + made.duration_s, INFO)
        assert again.truncation.psi == pytest.approx(request.truncation.psi, abs=1e-6)


def test_whole_numbers_are_rounded_and_angles_turn_the_shorter_way():
    cutoffs = of("truncation.cutoff", (0, 2), (4, 6))
    assert [request_at(cutoffs, BASE, time_s, INFO).truncation.cutoff for time_s in (0.4, 0.6, 2.0)] == [2, 3, 4]
    turning = of("transform.rotate", (0, 170.0), (2, -170.0))
    angle = Placement.of(request_at(turning, BASE, 0.5, INFO).transform)
    assert angle is not None
    assert angle.degrees == pytest.approx(175)
    half = Placement.of(request_at(turning, BASE, 1.5, INFO).transform)
    assert half is not None
    assert half.degrees == pytest.approx(-175)


def test_steps_hold_whatever_lies_between():
    made = of("noise.mode", (0, NoiseMode.CONST), (2, NoiseMode.RANDOM), between=Between.SMOOTH)
    assert [request_at(made, BASE, t).noise.mode for t in (1.99, 2.0)] == [NoiseMode.CONST, NoiseMode.RANDOM]


def test_none_counts_as_what_it_comes_to():
    layers = of("layers[1].psi", (0, None), (2, 0.0))
    base = replace(BASE, truncation=Truncation(0.8))
    assert request_at(layers, base, 0.0, INFO) == base
    assert request_at(layers, base, 1.0, INFO).layers[1].psi == pytest.approx(0.4)
    cutoff = of("truncation.cutoff", (0, 0), (2, None))
    assert request_at(cutoff, BASE, 1.0, INFO).truncation.cutoff == INFO.num_ws // 2
    assert request_at(cutoff, BASE, 2.0, INFO).truncation.cutoff is None


def test_latents_are_mixed_and_at_their_keys_themselves():
    made = of("latent", (0, SeedPoint(3.0)), (2, SeedPoint(7.0)))
    assert request_at(made, BASE, 0.0).latent == SeedPoint(3.0)
    assert request_at(made, BASE, 5.0).latent == SeedPoint(7.0)
    halfway = Mixture((Share(SeedPoint(3.0), 0.5), Share(SeedPoint(7.0), 0.5)))
    assert request_at(made, BASE, 1.0).latent == halfway
    in_z = of("latent", (0, SeedPoint(3.0)), (2, SeedPoint(7.0)), space=Space.Z)
    assert request_at(in_z, BASE, 1.0).latent == replace(halfway, space=Space.Z)
    source = of("sources[0].latent", (0, SeedPoint(3.0)), (2, SeedPoint(7.0)))
    assert request_at(source, BASE, 1.0).sources[0].latent == halfway
    centre = of("truncation.centre", (0, SeedPoint(3.0)), (2, SeedPoint(7.0)), (4, None))
    assert request_at(centre, BASE, 1.0, INFO).truncation.centre == halfway
    assert request_at(centre, BASE, 3.0, INFO).truncation.centre == SeedPoint(7.0)  # w_avg is no latent


@given(st.floats(0, 10), st.booleans())
def test_a_curve_through_latents_has_weights_that_add_up_to_one(time_s, loop):
    seeds = [(float(t), SeedPoint(float(t))) for t in range(0, 9, 2)]
    latent = request_at(replace(of("latent", *seeds, between=Between.CUBIC), loop=loop), BASE, time_s).latent
    if isinstance(latent, Mixture):
        assert sum(share.weight for share in latent.shares) == pytest.approx(1)
        assert len(latent.shares) <= 4


def test_a_curve_through_latents_is_smooth_in_slope():
    seeds = [(t, SeedPoint(t)) for t in (0.0, 1.0, 3.0, 4.0)]
    made = replace(of("latent", *seeds, between=Between.CUBIC), duration_s=6.0, loop=True)

    def weight(seed: float, time_s: float) -> float:
        latent = request_at(made, BASE, time_s).latent
        shares = latent.shares if isinstance(latent, Mixture) else (Share(latent, 1.0),)
        return sum(share.weight for share in shares if share.latent == SeedPoint(seed))

    step = 1e-5
    for time_s, _ in seeds:
        for seed, _ in seeds:
            before, at, after = (weight(seed, time_s + by) for by in (-step, 0, step))
            assert (at - before) / step == pytest.approx((after - at) / step, abs=1e-3)


def test_classes_become_soft_labels():
    made = of("label", (0, 1), (2, 3), (4, None))
    assert request_at(made, BASE, 0.5, CONDITIONAL).label == (0.0, 0.75, 0.0, 0.25)
    assert request_at(made, BASE, 2.0, CONDITIONAL).label == 3
    assert request_at(made, BASE, 3.0, CONDITIONAL).label == 3  # there is nothing between a class and none
    assert request_at(made, BASE, 4.0, CONDITIONAL).label is None
    assert request_at(made, BASE, 0.5, INFO) == BASE  # without classes


def test_the_transform_moves_as_what_it_does():
    made = of("transform", (0, IDENTITY), (2, Placement(x=0.5, degrees=90, scale_x=4, scale_y=4).matrix))
    placement = Placement.of(request_at(made, BASE, 1.0, INFO).transform)
    assert placement is not None
    found = (placement.x, placement.degrees, placement.scale_x)
    assert found == pytest.approx((0.25, 45, 2))


def test_whole_requests_come_first_and_single_tracks_count_over_them():
    kept = replace(BASE, latent=SeedPoint(5.0), truncation=Truncation(0.0), network="another")
    tracks = of("truncation.psi", (0, 0.7)).tracks + of("request", (0, BASE), (2, kept)).tracks
    request = request_at(Timeline(tracks), replace(BASE, network="seed:0"), 1.0, INFO)
    assert request.truncation.psi == 0.7
    assert isinstance(request.latent, Mixture)
    assert request.network == "seed:0"


def test_what_the_request_or_the_network_lacks_is_left_out():
    assert request_at(of("sources[3].fraction", (0, 0.5)), BASE, 0.0, INFO) == BASE
    assert request_at(of("layers[12].noise", (0, 0.5)), BASE, 0.0, INFO) == BASE
    assert request_at(of("truncation.psi", (0, 0.5)), BASE, 0.0, replace(INFO, truncates=Truncates.NONE)) == BASE
    assert request_at(of("latent", (0, WVector(((0.0,) * 99,)))), BASE, 0.0, INFO) == BASE
    assert request_at(of("no.such[thing]", (0, 0.5)), BASE, 0.0, INFO) == BASE
    assert request_at(of("truncation.psi", (0, "text")), BASE, 0.0, INFO) == BASE
    foreign = of("latent", (0, SeedPoint(1.0)), (2, WVector(((0.0,) * 99,))))
    assert request_at(foreign, BASE, 1.0, INFO).latent == SeedPoint(1.0)


def test_why_a_track_moves_nothing_is_told():
    assert why_still(of("truncation.psi", (0, 0.5)), "truncation.psi", BASE, INFO) == ""
    for made, path, words in (
        (of("truncation.psi", (0, 0.5), muted=True), "truncation.psi", "muted"),
        (of("truncation.psi"), "truncation.psi", "no keys"),
        (of("sources[3].fraction", (0, 0.5)), "sources[3].fraction", "no source S4"),
        (of("latent", (0, WVector(((0.0,) * 99,)))), "latent", "mean nothing"),
        (of("latent", drive=Drive()), "latent", "numbers only"),
        (of("no.such[thing]", (0, 0.5)), "no.such[thing]", "no parameter"),
        (of("noise.seed", (0, 0.5)), "noise.seed", "Random"),
    ):
        assert words in why_still(made, path, BASE, INFO)


def test_muted_tracks_and_those_left_out_do_not_count():
    assert request_at(of("truncation.psi", (0, 0.5), muted=True), BASE, 0.0) == BASE
    assert request_at(of("truncation.psi", (0, 0.5)), BASE, 0.0, without={"truncation.psi"}) == BASE


def test_a_clip_counts_where_it_lies_and_the_base_where_nothing_does():
    clip = Clip(2.0, 4.0, Pulse(0.2, 0.8))
    made = of("truncation.psi", (0, 0.5), clips=(clip,))
    assert request_at(made, BASE, 1.9).truncation.psi == 0.5
    assert request_at(made, BASE, 4.0).truncation.psi == pytest.approx(0.8)
    assert request_at(made, BASE, 6.0).truncation.psi == 0.5
    assert request_at(of("truncation.psi", clips=(clip,)), BASE, 1.0).truncation.psi == 1.0


def test_sound_drives_numbers_within_their_limits():
    def loud(drive: Drive):
        return lambda time_s: 0.5 if time_s > 1 else 0.0

    driven = of("truncation.psi", (0, 0.2), drive=Drive(amount=0.6))
    assert request_at(driven, BASE, 2.0, envelope_of=loud).truncation.psi == pytest.approx(0.5)
    assert request_at(driven, BASE, 0.5, envelope_of=loud).truncation.psi == 0.2
    assert request_at(driven, BASE, 2.0).truncation.psi == 0.2  # without sound
    alone = of("sources[0].fraction", drive=Drive(amount=5.0))
    base = replace(BASE, sources=(StyleSource(fraction=0.25),))
    assert request_at(alone, base, 0.0, envelope_of=loud).sources[0].fraction == 0.25
    assert request_at(alone, base, 2.0, envelope_of=loud).sources[0].fraction == 1.0


def test_what_elastic_curves_reach_stays_within_the_limits():
    made = of("sources[0].fraction", (0, 0.0), (1, 1.0), between=Between.ELASTIC)
    assert {request_at(made, BASE, t / 50).sources[0].fraction <= 1 for t in range(50)} == {True}


def test_other_centres_hold():
    made = of("truncation.centre", (0, ClassMean()), (2, SeedPoint(1.0)))
    assert request_at(made, BASE, 1.0, CONDITIONAL).truncation.centre == ClassMean()


class Untouchable(tuple[Key, ...]):
    """Keys that nobody may go through one by one."""

    def __iter__(self):
        raise AssertionError("all keys were looked at")


def test_the_work_at_a_time_does_not_grow_with_the_keys():
    track = Track("truncation.psi", tuple(Key(i / 100, math.sin(i), Between.CUBIC) for i in range(10_000)))
    assert len(track.times) == 10_000  # found once
    object.__setattr__(track, "keys", Untouchable(track.keys))
    for loop in (False, True):
        made = Timeline((track,), 100.0, loop=loop)
        assert request_at(made, BASE, 50.004).truncation.psi == pytest.approx(math.sin(5000), abs=1)
