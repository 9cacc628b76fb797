"""Onsets, tempo and beats are found in music of drums, typed and tapped."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio import Rhythm, Taps, beats_of, find_rhythm, steady_rhythm
from core.audio.sound import ANALYSIS_RATE
from core.base.errors import Cancelled, UsageError
from tests.core.audio.sounds import PATTERNS, f_measure, heard, music

TEMPOS = (72, 90, 110, 128, 130, 174)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("bpm", TEMPOS)
def test_onsets_tempo_and_beats_are_found_in_music(bpm: float, pattern: str):
    sound, strokes, beats = music(bpm, pattern, 12)
    rhythm = find_rhythm(sound)
    assert f_measure(rhythm.onsets_s, strokes) >= 0.85
    octave = round(np.log2(rhythm.bpm / bpm))
    assert octave in (-1, 0, 1)
    assert rhythm.bpm == pytest.approx(bpm * 2.0**octave, rel=2e-3)
    assert 0.5 < rhythm.confidence <= 1
    if 90 <= bpm <= 130:
        assert octave == 0
        # At the very ends a beat may be missing.
        assert f_measure(rhythm.beats_s, beats) > 0.95
        assert all(np.abs(rhythm.beats_s - beat).min() < 0.05 for beat in beats[1:-1])


def test_beats_follow_a_tempo_that_drifts():
    random = np.random.default_rng(0)
    samples = 0.01 * random.standard_normal(ANALYSIS_RATE * 24)
    moments, moment = [], 0.5
    while moment < 23.5:
        moments.append(moment)
        place = round(moment * ANALYSIS_RATE)
        samples[place : place + 400] += np.hanning(400) * random.standard_normal(400)
        moment += 0.5 + 0.04 * np.sin(moment / 4)
    rhythm = find_rhythm(heard(samples))
    assert f_measure(rhythm.beats_s, np.array(moments)) > 0.95


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(ANALYSIS_RATE * 4),
        np.ones(1),
        np.full(300, 0.5),
        np.zeros(ANALYSIS_RATE),
        0.5 * np.sin(np.arange(ANALYSIS_RATE * 4) * 0.1),
        1e-6 * np.random.default_rng(0).standard_normal(ANALYSIS_RATE * 4),
    ],
    ids=["silence", "one sample", "less than a window", "a second", "a tone", "next to silence"],
)
def test_where_nothing_beats_there_is_no_tempo(samples: np.ndarray):
    rhythm = find_rhythm(heard(samples))
    assert (rhythm.bpm, rhythm.confidence, len(rhythm.beats_s), rhythm.offset_s) == (0, 0, 0, 0)
    assert len(rhythm.onsets_s) <= 2  # of a tone, where it begins and breaks off


def test_steady_noise_has_hardly_any_onsets():
    rhythm = find_rhythm(heard(0.3 * np.random.default_rng(0).standard_normal(ANALYSIS_RATE * 10)))
    assert len(rhythm.onsets_s) < 15
    assert rhythm.confidence < 0.3


def test_what_is_found_is_the_same_each_time():
    sound, _, _ = music(110, "rock", 6)
    one, other = find_rhythm(sound), find_rhythm(sound)
    assert one.onsets_s.tobytes() == other.onsets_s.tobytes()
    assert one.beats_s.tobytes() == other.beats_s.tobytes()


def test_the_loudness_of_a_recording_changes_nothing():
    sound, _, _ = music(110, "rock", 6)
    one, other = find_rhythm(sound), find_rhythm(heard(sound.samples * 0.01))
    np.testing.assert_allclose(one.beats_s, other.beats_s)


def test_looking_for_rhythm_can_be_cancelled():
    def cancel(stage: str, done: int, total: int, unit: str = "") -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        find_rhythm(music(110, "rock", 2)[0], cancel)


# ----------------------------------------------------------------------------
# Typed and corrected.


def test_typed_beats_lie_on_an_even_row_through_the_offset():
    np.testing.assert_allclose(beats_of(120, 0.25, 2), [0.25, 0.75, 1.25, 1.75])
    np.testing.assert_allclose(beats_of(120, 10.25, 1), [0.25, 0.75])
    np.testing.assert_allclose(beats_of(120, -3, 1), [0, 0.5, 1])
    assert len(beats_of(120, 0, 0)) == 1
    assert len(beats_of(128, 0.1, 3600)) == 7680


@pytest.mark.parametrize(
    ("bpm", "offset_s", "duration_s"),
    [(0, 0, 1), (-120, 0, 1), (float("nan"), 0, 1), (1e9, 0, 1), (120, float("inf"), 1), (120, 0, -1), (120, 0, 1e12)],
)
def test_a_tempo_that_is_none_is_refused(bpm: float, offset_s: float, duration_s: float):
    with pytest.raises(UsageError):
        beats_of(bpm, offset_s, duration_s)


def test_a_found_rhythm_can_be_made_even():
    sound, _, beats = music(110, "rock")
    found = find_rhythm(sound)
    even = steady_rhythm(found.bpm, found.offset_s, sound.duration_s, found.onsets_s)
    assert np.abs(even.beats_s[:, None] - beats).min(axis=0).max() < 0.02
    assert np.ptp(np.diff(even.beats_s)) < 1e-9
    assert even.onsets_s is found.onsets_s


def test_a_tempo_is_doubled_and_halved():
    rhythm = steady_rhythm(100, 0.2, 10)
    twice = rhythm.doubled()
    assert twice.bpm == 200
    np.testing.assert_allclose(twice.beats_s, beats_of(200, 0.2, 10)[: len(twice.beats_s)])
    again = twice.halved()
    assert again.bpm == 100
    np.testing.assert_allclose(again.beats_s, rhythm.beats_s)


def test_of_twice_the_beats_those_with_onsets_stay():
    beats = beats_of(120, 0.1, 10)
    rhythm = Rhythm(beats[1::2] + 0.01, beats, 120, 0.5)
    np.testing.assert_allclose(rhythm.halved().beats_s, beats[1::2])


def test_a_tempo_is_not_doubled_without_end():
    with pytest.raises(UsageError, match="beats a minute"):
        steady_rhythm(600, 0, 1).doubled()
    with pytest.raises(UsageError, match="beats a minute"):
        Rhythm(np.zeros(0), np.zeros(0), 0, 0).halved()


# ----------------------------------------------------------------------------
# Tapped.


def tapped(*times_s: float) -> Taps:
    taps = Taps()
    for time_s in times_s:
        taps = taps.tapped(time_s)
    return taps


def test_taps_are_a_tempo():
    assert tapped().bpm is None
    assert tapped(3).bpm is None
    assert tapped(3, 3.5).bpm == pytest.approx(120)
    taps = tapped(*(10.2 + 0.5 * np.arange(40)))
    assert taps.bpm == pytest.approx(120)
    assert taps.offset_s is not None
    assert taps.offset_s % 0.5 == pytest.approx(0.2)


def test_uneven_taps_and_left_out_ones_and_bounces_do_little():
    random = np.random.default_rng(0)
    times = 5 + 60 / 97 * np.arange(16) + random.normal(0, 0.02, 16)
    assert tapped(*times).bpm == pytest.approx(97, rel=0.01)
    missing = np.delete(times, [4, 9])
    assert tapped(*missing).bpm == pytest.approx(97, rel=0.01)
    bounced = np.sort(np.append(times, [times[3] + 0.02, times[7] + 0.12]))
    assert tapped(*bounced).bpm == pytest.approx(97, rel=0.01)
    late = times.copy()
    late[8] += 0.3
    assert tapped(*late).bpm == pytest.approx(97, rel=0.01)


def test_after_a_pause_or_backwards_taps_begin_anew():
    assert tapped(1, 1.5, 2, 7, 8).bpm == pytest.approx(60)
    assert tapped(5, 5.5, 6, 1, 2).bpm == pytest.approx(60)
    assert tapped(1, 1.01, 1.02).bpm is None
