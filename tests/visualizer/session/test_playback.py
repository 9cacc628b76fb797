"""The playhead that moves by itself, and what of the ruler is seen."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from core.request import RenderRequest
from core.timeline import NO_TIMELINE, Timeline
from visualizer.session.making.document import Document
from visualizer.session.time.frames import clock_text, on_frame, played
from visualizer.session.time.playback import Playback
from visualizer.views.animate.scale import TimeScale, ruler_ticks

NTSC = Fraction(30000, 1001)


def document_of(timeline):
    document = Document(RenderRequest())
    document.begin(replace(document.state, timeline=timeline))
    return document


def test_playing_keeps_the_clock_and_leaves_frames_out():
    document, playback = document_of(Timeline(duration_s=2.0)), Playback()
    playback.toggle()
    for _ in range(10):
        playback.step(document, 0.05)  # one and a half frames
    assert document.time_s == pytest.approx(0.5)
    assert document.time_s in {frame / 30 for frame in range(60)}
    assert not document.can_undo


def test_it_goes_round_between_in_and_out():
    document, playback = document_of(Timeline(start_s=1.0, end_s=1.5)), Playback()
    document.move_to(1.4)
    playback.toggle()
    seen = []
    for _ in range(30):
        playback.step(document, 1 / 30)
        seen.append(round(document.time_s * 30))
    assert set(seen) == set(range(30, 45))
    playback.shuttle(-1)
    playback.step(document, 1 / 30)
    assert round(document.time_s * 30) == (seen[-1] - 31) % 15 + 30


def test_where_the_user_moves_it_it_goes_on():
    document, playback = document_of(Timeline()), Playback()
    playback.toggle()
    playback.step(document, 0.1)
    document.move_to(5.0)
    playback.step(document, 0.1)
    assert document.time_s == pytest.approx(5.1)


def test_j_and_l_get_faster_and_turn_round():
    playback = Playback()
    speeds = []
    for direction in (1, 1, 1, 1, 1, -1, -1):
        playback.shuttle(direction)
        speeds.append(playback.speed)
    assert speeds == [1, 2, 4, 8, 8, -1, -2]


def test_times_are_told_in_frames_of_any_rate():
    timeline = replace(NO_TIMELINE, rate=NTSC, duration_s=4.0)
    assert on_frame(timeline, 1.0) == pytest.approx(30 * 1001 / 30000)
    assert clock_text(timeline, 61.2) == "1:01:04"
    assert played(replace(timeline, start_s=1.0, end_s=1.0)) == range(30, 31)


def test_ticks_of_the_ruler_are_whole_frames_and_seconds():
    scale = TimeScale(x=100.0, w=1000.0)
    scale.fit(0.0, 10.0)
    texts = [tick.text for tick in ruler_ticks(NO_TIMELINE, scale, 74.0) if tick.text]
    assert texts == [f"0:{second:02d}" for second in range(11)]
    scale.zoom(scale.at(5.0), 30.0, NO_TIMELINE)
    near = [tick for tick in ruler_ticks(NO_TIMELINE, scale, 74.0) if tick.text]
    assert scale.time(scale.at(5.0)) == pytest.approx(5.0)
    assert "0:05:01" in [tick.text for tick in near]
    assert all(tick.time_s == pytest.approx(tick.frame / 30) for tick in near)
