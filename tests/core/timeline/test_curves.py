"""What lies between keys: easings, curves, tangents, loops."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.request import RenderRequest
from core.timeline import Between, Key, Tangent, Timeline, Track, request_at
from core.timeline.curves import eased
from tests.core.timeline.strategies import times, tracks, values

PSI = "truncation.psi"
SMOOTH = st.sampled_from((Between.SMOOTH, Between.CUBIC))
GOING_ON = [between for between in Between if between is not Between.HOLD]


def track(*keys: tuple[float, float], between: Between = Between.CUBIC) -> Track:
    return Track(PSI, tuple(Key(time_s, value, between) for time_s, value in keys))


def psi(of: Track, time_s: float, *, loop: bool = False) -> float:
    return request_at(Timeline((of,), loop=loop), RenderRequest(), time_s).truncation.psi


def slopes(of: Track, time_s: float, *, loop: bool = False, step: float = 1e-6) -> tuple[float, float]:
    """Before a time and after it."""
    at = psi(of, time_s, loop=loop)
    before, after = (psi(of, time_s + by, loop=loop) for by in (-step, step))
    return (at - before) / step, (after - at) / step


@pytest.mark.parametrize("between", Between)
def test_every_easing_begins_and_ends_where_it_should(between):
    assert (eased(between, 0.0), eased(between, 1.0)) == (0, 1)
    ways = [eased(between, part) for part in np.linspace(0, 1, 2001)[1:-1]]
    assert all(-0.5 < way < 1.5 for way in ways)
    if between is not Between.HOLD:
        assert max(abs(a - b) for a, b in pairwise(ways)) < 0.02  # no leaps


def test_easings_are_what_their_names_say():
    assert eased(Between.EASE_IN, 0.3) < 0.3 < eased(Between.EASE_OUT, 0.3)
    assert min(eased(Between.BACK_IN, part) for part in (0.2, 0.4)) < 0
    assert max(eased(Between.BACK, part) for part in (0.6, 0.8)) > 1
    assert max(eased(Between.BOUNCE, part / 100) for part in range(100)) <= 1
    assert [round(eased(Between.BOUNCE, touch / 2.75), 9) for touch in (1.0, 2.0, 2.5)] == [1, 1, 1]
    crossings = np.diff(np.sign([eased(Between.ELASTIC, part) - 1 for part in np.linspace(0.05, 0.99, 500)]))
    assert np.count_nonzero(crossings) >= 4
    for both in (Between.SMOOTH, Between.EASE_IN_OUT, Between.BACK_IN_OUT, Between.BOUNCE_IN_OUT,
                 Between.ELASTIC_IN_OUT):  # fmt: skip
        assert eased(both, 0.3) == pytest.approx(1 - eased(both, 0.7))
    for out, into in ((Between.EASE_OUT, Between.EASE_IN), (Between.BACK, Between.BACK_IN),
                      (Between.BOUNCE, Between.BOUNCE_IN), (Between.ELASTIC, Between.ELASTIC_IN)):  # fmt: skip
        assert eased(out, 0.3) == pytest.approx(1 - eased(into, 0.7))


@given(tracks(PSI), st.booleans())
def test_at_its_keys_a_track_is_what_they_say(of, loop):
    for key in of.keys:
        if not loop or key.time_s < 10:
            assert psi(of, key.time_s, loop=loop) == key.value


@given(tracks(PSI), times)
def test_before_the_first_key_and_behind_the_last_one_it_holds(of, time_s):
    if time_s <= of.keys[0].time_s:
        assert psi(of, time_s) == of.keys[0].value
    if time_s >= of.keys[-1].time_s:
        assert psi(of, time_s) == of.keys[-1].value


@given(tracks(PSI, st.builds(Key, times, values, st.sampled_from(GOING_ON))), st.booleans(), st.floats(0, 10))
def test_a_track_that_never_holds_has_no_leaps(of, loop, time_s):
    steepest = 100 * 4 * 24  # of an elastic segment of one frame, twice the range
    assert abs(psi(of, time_s, loop=loop) - psi(of, time_s + 1e-7, loop=loop)) < steepest * 1e-7 + 1e-9


@given(tracks(PSI, st.builds(Key, times, values, st.just(Between.CUBIC))), st.booleans())
def test_a_cubic_curve_is_smooth_in_slope_and_stays_between_its_keys(of, loop):
    inside = [key for key in of.keys if 0 < key.time_s < 10]
    for key in inside if loop else [key for key in inside if key not in (of.keys[0], of.keys[-1])]:
        before, after = slopes(of, key.time_s, loop=loop)
        assert before == pytest.approx(after, abs=0.3)  # second differences of curves as steep as 4 in a frame
    for a, b in pairwise(of.keys):
        low, high = sorted((a.value, b.value))
        assert low - 1e-9 <= psi(of, (a.time_s + b.time_s) / 2, loop=False) <= high + 1e-9


@given(tracks(PSI, st.builds(Key, times, values, SMOOTH)))
def test_a_loop_meets_its_start_in_value_and_slope(of):
    assert psi(of, 10.0, loop=True) == psi(of, 0.0, loop=True) == psi(of, 20.0, loop=True)
    before, after = slopes(of, 10.0, loop=True)
    assert before == pytest.approx(after, abs=0.3)
    end, start = psi(of, 10 - 1e-6, loop=True), psi(of, 1e-6, loop=True)
    assert end == pytest.approx(start, abs=1e-3)


def test_the_last_key_of_a_loop_leads_to_the_first_one():
    of = track((2, 0.0), (8, 1.0), between=Between.LINEAR)
    assert psi(of, 9.0, loop=True) == pytest.approx(0.75)
    assert psi(of, 1.0, loop=True) == pytest.approx(0.25)
    assert psi(of, 9.0) == 1.0


def test_in_a_loop_the_end_is_the_start():
    linear = Between.LINEAR
    assert psi(track((0, 0.0), (5, 1.0), (10, 0.7), between=linear), 9.999, loop=True) == pytest.approx(0, abs=1e-3)
    only_at_the_end = track((5, 1.0), (10, 0.5), between=linear)
    assert psi(only_at_the_end, 0.0, loop=True) == 0.5
    assert psi(only_at_the_end, 2.5, loop=True) == 0.75
    assert psi(track((3, 0.2), (12, 0.9), between=linear), 11.0, loop=True) == 0.2  # beyond the end does not count


def test_a_cubic_curve_through_two_keys_is_straight():
    assert psi(track((0, 0.0), (4, 1.0)), 1.0) == pytest.approx(0.25)


def test_tangents_lead_a_curve():
    straight = Track(PSI, (Key(0, 0.0, Between.BEZIER, right=Tangent(1, 0.5)), Key(2, 1.0, left=Tangent(-1, -0.5))))
    assert psi(straight, 0.4) == pytest.approx(0.2)
    flat = Track(PSI, (Key(0, 0.0, Between.BEZIER, right=Tangent(1, 0.0)), Key(2, 1.0, left=Tangent(-1, 0.0))))
    assert psi(flat, 1.0) == pytest.approx(0.5)
    assert psi(flat, 0.2) < 0.05
    assert slopes(flat, 1e-4)[1] == pytest.approx(0, abs=0.01)


@given(tracks(PSI, st.builds(Key, times, values, st.just(Between.BEZIER), st.none() | st.builds(
    Tangent, st.floats(-9, 9), st.just(0.0)), st.none() | st.builds(Tangent, st.floats(-9, 9), st.just(0.0)))),
    st.floats(0, 10))  # fmt: skip
def test_however_long_tangents_are_time_goes_on(of, time_s):
    """With level tangents, or those along the neighbours, values stay between the keys."""
    low, high = min(key.value for key in of.keys), max(key.value for key in of.keys)
    assert low - 1e-9 <= psi(of, time_s) <= high + 1e-9
