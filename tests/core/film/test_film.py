"""A film as a value: its frames and their times, rates, and what cannot be filmed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.errors import UsageError
from core.film.film import FilmSize, MotionBlur, film_of
from core.film.rates import USUAL, parse_rate, rate_text
from core.request import RenderRequest, SeedPoint
from core.timeline import Key, Timeline, Track

BASE = RenderRequest(network="seed:0")
RATES = st.one_of(st.sampled_from(USUAL), st.fractions(Fraction(1, 10), 240, max_denominator=1001))


STARTS, LENGTHS = (st.fractions(low, high, max_denominator=1000) for low, high in ((0, 50), (Fraction(1, 10), 20)))


@given(rate=RATES, start=STARTS, length=LENGTHS)
def test_frames_are_as_many_as_fit_and_evenly_spaced(rate: Fraction, start: Fraction, length: Fraction) -> None:
    if round(rate * length) < 1:
        return
    film = film_of(BASE, Timeline(), rate=rate, start_s=start, end_s=start + length)
    assert film.frames == round(rate * length)
    assert film.time(0) == start
    assert all(film.time(i + 1) - film.time(i) == 1 / rate for i in (0, film.frames // 2))
    assert abs(film.time(film.frames) - film.end_s) <= 1 / (2 * rate)


def test_a_film_is_of_what_the_timeline_plays() -> None:
    timeline = Timeline(duration_s=8.0, rate=Fraction(25), start_s=1.0, end_s=5.0)
    film = film_of(BASE, timeline)
    assert [film.start_s, film.end_s, film.rate, Fraction(film.frames)] == [1, 5, 25, 100]


def test_a_frame_shows_the_request_of_its_time() -> None:
    timeline = Timeline((Track("truncation.psi", (Key(0, 0.0), Key(4, 1.0))),), duration_s=4.0)
    film = film_of(BASE, timeline, rate=Fraction(1))
    assert [film.request_at(film.time(index), None).truncation.psi for index in (0, 2)] == [0.0, 0.5]


def test_the_shutter_is_open_around_the_time_of_a_frame() -> None:
    film = film_of(BASE, Timeline(duration_s=2.0), rate=Fraction(10), blur=MotionBlur(4, 180))
    assert film.times(5) == tuple(Fraction(1, 2) + Fraction(step, 160) for step in (-3, -1, 1, 3))
    assert min(film.times(0)) == 0  # nothing moves before the beginning
    loop = film_of(BASE, Timeline(duration_s=2.0, loop=True), rate=Fraction(10), blur=MotionBlur(2, 360))
    assert loop.times(0) == (2 - Fraction(1, 40), Fraction(1, 40))


def test_several_pictures_keep_what_makes_them_themselves() -> None:
    tracks = (
        Track("latent", (Key(0, SeedPoint(7)),)),
        Track("truncation.psi", (Key(0, 0.25),)),
    )
    cells = [RenderRequest(network="seed:0", latent=SeedPoint(seed)) for seed in range(5)]
    film = film_of(BASE, Timeline(tracks), cells=cells)
    requests = [film.request_at(Fraction(0), None, cell) for cell in range(5)]
    assert [request.latent for request in requests] == [cell.latent for cell in cells]
    assert {request.truncation.psi for request in requests} == {0.25}
    assert film.shape == (2, 3)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rate": Fraction(0)}, "0 frames a second"),
        ({"rate": Fraction(10**6)}, "1e+06 frames a second"),
        ({"start_s": Fraction(5), "end_s": Fraction(5)}, "has no length"),
        ({"start_s": Fraction(-1)}, "from -1 s"),
        ({"end_s": Fraction(1, 1000)}, "0 frames cannot be filmed"),
        ({"end_s": Fraction(10**6)}, "30,000,000 frames"),
        ({"blur": MotionBlur(65)}, "Motion blur takes 1 to 64"),
        ({"blur": MotionBlur(4, 361.0)}, "360 degrees"),
        ({"size": FilmSize(1, 100_000, 10)}, "16,384 pixels"),
        ({"size": FilmSize(0)}, "16 times"),
        ({"quality": 1.5}, "1.5 is no quality"),
        ({"cells": [RenderRequest(network="other.pkl")]}, "of one network"),
        ({"cells": [BASE] * 101}, "101 pictures are too many"),
    ],
)
def test_what_cannot_be_filmed_is_said(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as refused:
        film_of(BASE, Timeline(), **changes)
    assert said in str(refused.value)


@pytest.mark.parametrize("rate", USUAL)
def test_a_rate_is_read_as_it_is_written(rate: Fraction) -> None:
    assert parse_rate(rate_text(rate)) == parse_rate(f"{rate.numerator}/{rate.denominator}") == rate


@pytest.mark.parametrize("text", ["", "-3", "1/0", "nan", "1e9", "25 fps", "9" * 30, "24000/1001/2", "٣"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"is no frame rate; write 25, 12\.5 or 24000/1001"):
        parse_rate(text)
