"""Keys as they are edited: none is lost, none lies over another."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.request import RenderRequest, Truncation
from core.timeline import Between, Key, Tangent, Timeline, Track
from core.timeline.editing import (
    KeyAt,
    changed_keys,
    copied,
    duplicated,
    in_order,
    key_after,
    key_at,
    key_before,
    keys_between,
    moved_keys,
    moved_to,
    pasted,
    pasted_at,
    scaled_keys,
    with_key,
    with_track,
    with_value,
    with_values,
    without_keys,
    without_track,
)
from tests.core.timeline.strategies import numbers, timelines

PSI, NOISE = "truncation.psi", "noise.strength"


def timeline(*times: float, path: str = PSI) -> Timeline:
    return Timeline((Track(path, tuple(Key(t, t) for t in times)),))


def all_keys(made: Timeline) -> list[KeyAt]:
    return [KeyAt(track.path, key.time_s) for track in made.tracks for key in track.keys]


def times_of(made: Timeline, path: str = PSI) -> list[float]:
    track = made.track(path)
    return [key.time_s for key in track.keys] if track is not None else []


def are_in_order(made: Timeline) -> bool:
    return all(a.time_s < b.time_s for track in made.tracks for a, b in pairwise(track.keys))


@given(st.lists(numbers, max_size=12))
def test_keys_in_order_are_all_there_but_those_at_one_time(keys):
    found = in_order(keys)
    assert are_in_order(Timeline((Track(PSI, found),)))
    assert {key.time_s for key in found} == {key.time_s for key in keys}
    for key in found:  # the last one given of each time
        assert key == [other for other in keys if other.time_s == key.time_s][-1]


@given(timelines(), st.data())
def test_moving_keys_loses_none_that_nothing_moved_onto(made, data):
    chosen = data.draw(st.sets(st.sampled_from(all_keys(made))))
    seconds = data.draw(st.floats(-12, 12))
    moved = moved_keys(made, chosen, seconds)
    assert are_in_order(moved)
    after = set(all_keys(moved))
    assert moved_to(chosen, seconds) <= after
    stayed = set(all_keys(made)) - chosen
    for key in stayed - after:
        assert any(path == key.path and abs(time_s - key.time_s) < 1e-3
                   for path, time_s in ((k.path, k.time_s) for k in moved_to(chosen, seconds)))  # fmt: skip
    assert all(key.time_s >= 0 for key in after)


@given(timelines(), st.data())
def test_removing_and_pasting_keys_gives_them_back(made, data):
    chosen = data.draw(st.sets(st.sampled_from(all_keys(made)), min_size=1))
    what, start_s = copied(made, chosen), min(key.time_s for key in chosen)
    back = pasted(without_keys(made, chosen), what, start_s)
    for track in made.tracks:
        again = back.track(track.path)
        assert again is not None
        assert times_of(back, track.path) == pytest.approx(times_of(made, track.path))
        assert [key.value for key in again.keys] == [key.value for key in track.keys]
    assert {key.path for key in pasted_at(what, start_s)} == {key.path for key in chosen}


@given(timelines(), st.data())
def test_scaling_keys_apart_and_back_leaves_them(made, data):
    chosen = data.draw(st.sets(st.sampled_from(all_keys(made)), min_size=1))
    apart = scaled_keys(made, all_keys(made), 4.0, 0.0)
    assert times_of(scaled_keys(apart, all_keys(apart), 0.25, 0.0), made.tracks[0].path) == pytest.approx(
        times_of(made, made.tracks[0].path)
    )
    assert are_in_order(scaled_keys(made, chosen, 0.5, 3.0))


def test_a_moved_key_takes_the_place_of_one_that_it_meets():
    moved = moved_keys(timeline(0, 1, 2, 3), [KeyAt(PSI, 1.0)], 1.0)
    assert [(key.time_s, key.value) for key in moved.tracks[0].keys] == [(0, 0), (2, 1), (3, 3)]


def test_keys_of_several_tracks_move_together_and_the_first_stops_at_zero():
    made = with_key(with_key(timeline(1, 2), NOISE, Key(0.5, 2.0)), NOISE, Key(3.0, 1.0))
    moved = moved_keys(made, [KeyAt(PSI, 1.0), KeyAt(NOISE, 0.5), KeyAt(NOISE, 3.0)], -4.0, 1.0)
    assert (times_of(moved), times_of(moved, NOISE)) == ([0.5, 2], [0.0, 2.5])
    assert [key.value for key in moved.tracks[1].keys] == [3.0, 2.0]


def test_a_value_at_a_key_leaves_its_curve_and_a_new_key_goes_on_as_the_one_before():
    made = Timeline((Track(PSI, (Key(1.0, 0.5, Between.BACK, right=Tangent(1, 1)),)),))
    again = with_value(made, PSI, 1.0, 0.7)
    assert again.tracks[0].keys == (Key(1.0, 0.7, Between.BACK, right=Tangent(1, 1)),)
    assert with_value(made, PSI, 2.0, 0.7).tracks[0].keys[1] == Key(2.0, 0.7, Between.BACK)
    assert with_value(made, PSI, 0.0, 0.7).tracks[0].keys[0] == Key(0.0, 0.7, Between.SMOOTH)


def test_keys_of_what_a_request_says():
    made = with_values(Timeline(), (PSI, "latent", "sources[7].latent"), 2.0, RenderRequest(truncation=Truncation(0.3)))
    assert made.tracks[0].keys == (Key(2.0, 0.3),)
    assert [track.path for track in made.tracks] == [PSI, "latent"]  # there is no eighth source


def test_the_last_key_takes_its_track_along_unless_that_has_more():
    assert without_keys(timeline(1), [KeyAt(PSI, 1.0)]) == Timeline()
    assert times_of(without_keys(timeline(1, 2), [KeyAt(PSI, 1.0)])) == [2]
    assert without_track(timeline(1), PSI) == Timeline()


def test_copies_of_keys_lie_where_they_are_wanted_on_a_track_that_takes_them():
    made = duplicated(timeline(1, 2), [KeyAt(PSI, 1.0), KeyAt(PSI, 2.0)], 0.5)
    assert times_of(made) == [1, 1.5, 2, 2.5]
    what = copied(made, [KeyAt(PSI, 1.5), KeyAt(PSI, 2.0)])
    assert times_of(pasted(made, what, 5.0, NOISE), NOISE) == [5, 5.5]
    assert times_of(pasted(made, what, 5.0, "latent")) == [1, 1.5, 2, 2.5, 5, 5.5]  # a latent is no number


def test_keys_are_found_by_time():
    made = with_key(timeline(1, 2, 3), NOISE, Key(2.5, 1.0))
    track = made.tracks[0]
    assert key_at(track, 2.00001) is track.keys[1]
    assert key_at(track, 2.2) is None
    assert key_at(track, 2.2, 0.3) is track.keys[1]
    assert key_at(None, 2.0) is None
    assert (key_before(made, 2.0), key_after(made, 2.0)) == (1, 2.5)
    assert key_after(made, 2.0, [PSI]) == 3
    assert (key_before(made, 1.0), key_after(made, 3.0)) == (None, None)
    assert keys_between(made, 2.0, 2.5) == [KeyAt(PSI, 2), KeyAt(NOISE, 2.5)]


def test_a_track_is_put_in_place_of_its_path_with_its_keys_in_order():
    made = with_track(timeline(1), Track(PSI, (Key(3, 3.0), Key(1, 1.0), Key(2, 2.0))))
    assert len(made.tracks) == 1
    assert times_of(made) == [1, 2, 3]
    assert times_of(changed_keys(made, [KeyAt(PSI, 3.0)], lambda key: Key(0.0, key.value))) == [0, 1, 2]
