"""Clips, markers, time that is put in or taken out, and what times snap to."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.request import RenderRequest
from core.timeline import Clip, Key, Marker, Pulse, SoundTrack, Timeline, Track, request_at
from core.timeline.arranging import (
    changed_clip,
    changed_marker,
    clip_at,
    moved_clip,
    resized_clip,
    split_clip,
    with_clip,
    with_marker,
    with_time,
    without_clips,
    without_marker,
    without_time,
)
from core.timeline.editing import KeyAt
from core.timeline.snapping import beats_of, frame_at, nearest, places_of, snapped, to_frame
from tests.core.timeline.strategies import timelines

PSI = "truncation.psi"
CLIP = Clip(2.0, 4.0, Pulse())
MADE = Timeline((Track(PSI, (Key(0.0, 0.0), Key(9.0, 9.0)), (CLIP,)),), markers=(Marker(5.0, "drop"),), end_s=8.0)


def clips_of(made: Timeline) -> list[tuple[float, float]]:
    return [(clip.start_s, clip.end_s) for clip in made.tracks[0].clips]


def psi_at(made: Timeline, time_s: float) -> float:
    return request_at(made, RenderRequest(), time_s).truncation.psi


def test_a_clip_takes_the_place_of_what_lies_under_it():
    assert clips_of(with_clip(MADE, PSI, Clip(3.0, 1.0, Pulse()))) == [(2, 3), (3, 4), (4, 6)]
    assert clips_of(with_clip(MADE, PSI, Clip(1.0, 9.0, Pulse()))) == [(1, 10)]
    assert clips_of(with_clip(Timeline(), PSI, CLIP)) == [(2, 6)]


@given(st.lists(st.tuples(st.floats(0, 20), st.floats(0.01, 8)), min_size=1, max_size=8))
def test_clips_never_lie_over_each_other_and_the_newest_is_whole(places):
    made = Timeline()
    for start_s, duration_s in places:
        made = with_clip(made, PSI, Clip(start_s, duration_s, Pulse()))
        assert any(clip.start_s == start_s and clip.duration_s == duration_s for clip in made.tracks[0].clips)
    assert all(a.end_s <= b.start_s + 1e-9 for a, b in pairwise(made.tracks[0].clips))


@given(st.floats(2.1, 5.9), st.floats(2, 5.99))
def test_the_parts_of_a_split_clip_move_as_it_did(at_s, time_s):
    assert psi_at(split_clip(MADE, PSI, at_s), time_s) == pytest.approx(psi_at(MADE, time_s), abs=1e-9)


def test_clips_are_moved_resized_changed_and_removed():
    assert clips_of(moved_clip(MADE, PSI, CLIP, -1.0)) == [(0, 4)]
    assert clips_of(resized_clip(MADE, PSI, CLIP, end_s=7.0)) == [(2, 7)]
    assert clips_of(resized_clip(MADE, PSI, CLIP, start_s=5.0, end_s=1.0))[0][0] == 5
    changed = changed_clip(MADE, PSI, CLIP, replace(CLIP, generator=Pulse(0.0, 2.0)))
    assert changed.tracks[0].clips[0].generator == Pulse(0.0, 2.0)
    assert without_clips(MADE, PSI, CLIP).tracks[0].clips == ()
    assert without_clips(with_clip(Timeline(), PSI, CLIP), PSI, CLIP) == Timeline()
    assert clip_at(MADE.tracks[0], 6.0) is None


def test_time_that_is_put_in_moves_what_comes_later():
    made = with_time(MADE, 4.0, 2.0)
    assert [key.time_s for key in made.tracks[0].keys] == [0, 11]
    assert clips_of(made) == [(2, 4), (6, 8)]
    assert (made.markers[0].time_s, made.duration_s, made.end_s) == (7, 12, 10)


def test_time_that_is_taken_out_goes_with_what_lies_in_it():
    made = without_time(MADE, 4.0, 5.5)
    assert [key.time_s for key in made.tracks[0].keys] == [0, 7.5]
    assert clips_of(made) == [(2, 4), (4, 4.5)]
    assert (made.markers, made.duration_s, made.end_s) == ((), 8.5, 6.5)
    assert without_time(MADE, 0.0, 99.0).duration_s > 0


@given(timelines(), st.floats(0, 10), st.floats(0.1, 5))
def test_putting_time_in_and_taking_it_out_gives_the_same_keys(made, at_s, seconds):
    there = with_time(made, at_s, seconds)
    assert sum(len(track.keys) for track in there.tracks) == sum(len(track.keys) for track in made.tracks)
    back = without_time(there, at_s, at_s + seconds)
    assert back.duration_s == pytest.approx(made.duration_s)
    for a, b in zip(back.tracks, made.tracks, strict=True):
        assert a.times == pytest.approx(b.times)
        assert [key.value for key in a.keys] == [key.value for key in b.keys]


def test_markers_are_set_renamed_and_removed_in_order():
    made = with_marker(MADE, Marker(1.0, "in"))
    assert [marker.name for marker in made.markers] == ["in", "drop"]
    made = changed_marker(made, made.markers[0], Marker(6.0, "later"))
    assert [marker.name for marker in made.markers] == ["drop", "later"]
    assert without_marker(made, made.markers[1]).markers == MADE.markers


def test_times_snap_to_frames_beats_keys_and_markers():
    rate = Fraction(24000, 1001)
    assert frame_at(1.0, rate) == 24
    assert to_frame(1.0, rate) == 24 * 1001 / 24000
    beats = beats_of(SoundTrack("a.wav", offset_s=-0.25, bpm=120, first_beat_s=0.1), 2.0)
    assert beats == pytest.approx((0.35, 0.85, 1.35, 1.85))
    assert beats_of(SoundTrack("a.wav"), 2.0) == beats_of(None, 2.0) == ()
    places = places_of(MADE, without={KeyAt(PSI, 9.0)}, beats=beats)
    assert {0.0, 2.0, 5.0, 6.0, 8.0} <= set(places)
    assert 9.0 not in places
    assert snapped(4.9, places, 0.2) == 5.0
    assert snapped(4.51, places, 0.2, Fraction(10)) == 4.5
    assert snapped(4.51, places, 0.2) == 4.51
    assert nearest(3.0, ()) is None
