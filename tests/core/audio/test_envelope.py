"""Bands of a sound and pulses at moments, as values from 0 to 1 over time."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio import (
    ALL,
    BASS,
    MIDDLE,
    PRESETS,
    TREBLE,
    Band,
    Envelope,
    Sound,
    envelope,
    loudness,
    onset_envelope,
)
from core.base.errors import Cancelled, UsageError
from tests.core.audio.sounds import heard

RATE = 22_050
T = np.arange(RATE * 4) / RATE


def bursts(hz: float) -> Sound:
    """A tone from 1 to 2 s and from 3 to 3.5 s, the second half as loud."""
    return heard(np.sin(2 * np.pi * hz * T) * (((T >= 1) & (T < 2)) + 0.5 * ((T >= 3) & (T < 3.5))))


@pytest.mark.parametrize(("hz", "band"), [(60, BASS), (800, MIDDLE), (5000, TREBLE)])
def test_a_tone_is_in_its_band_and_in_no_other(hz: float, band: Band):
    quiet = 0.02 * (np.sin(2 * np.pi * 60 * T) + np.sin(2 * np.pi * 800 * T) + np.sin(2 * np.pi * 5000 * T))
    sound = heard(bursts(hz).samples + quiet)
    for _, other in PRESETS:
        values = envelope(sound, other)
        loud, silent = values.at(1.5), values.at(0.5)
        assert 0 <= silent <= loud + 0.001
        assert loud <= 1
        assert (loud - silent > 0.9) == (other in (band, ALL))


def test_values_are_relative_to_the_loud_parts_of_the_file():
    for gain in (1, 0.001):
        values = loudness(heard(bursts(500).samples * gain), ALL)
        assert values.at(1.5) == pytest.approx(1, abs=0.01)
        assert values.at(3.25) == pytest.approx(0.5, abs=0.01)
        assert values.at(0.5) == pytest.approx(0, abs=0.01)


def test_one_bang_does_not_make_everything_else_small():
    samples = 0.1 * np.sin(2 * np.pi * 500 * T)
    samples[5000:5100] = 1
    assert loudness(heard(samples), ALL).at(2) == pytest.approx(1, abs=0.02)


def test_rare_sounds_in_silence_reach_1():
    samples = np.where(T < 0.05, np.sin(2 * np.pi * 500 * T), 0)
    assert loudness(heard(samples), ALL).values.max() == 1


def test_attack_and_release_take_their_time():
    raw = Envelope(np.repeat([0, 1, 0], 200).astype(np.float32), 0.01, 6.0)
    slow = raw.followed(attack_s=0.1, release_s=0.5)
    rise, fall = 1.99 + 0.1, 3.99 + 0.5
    assert slow.at(rise) == pytest.approx(1 - np.exp(-1), abs=0.01)
    assert slow.at(fall) == pytest.approx(np.exp(-1), abs=0.01)
    at_once = raw.followed()
    np.testing.assert_array_equal(at_once.values, raw.values)


def test_a_gate_closes_for_what_is_quiet_and_keeps_the_whole_range():
    raw = Envelope(np.array([0.1, 0.2, 0.6, 1], np.float32), 0.01, 0.04)
    np.testing.assert_allclose(raw.followed(gate=0.2).values, [0, 0, 0.5, 1], atol=1e-6)


def test_between_its_values_an_envelope_is_a_line_and_outside_it_is_0():
    values = Envelope(np.array([0, 1, 0.5], np.float32), 0.1, 0.25)
    assert [values.at(t) for t in (0, 0.05, 0.1, 0.15, 0.2)] == pytest.approx([0, 0.5, 1, 0.75, 0.5])
    assert [values.at(t) for t in (-0.01, 0.26, float("nan"), float("inf"))] == [0, 0, 0, 0]
    assert values.at(0.25) == 0.5


def test_an_envelope_is_the_same_to_the_bit():
    sound = heard(np.random.default_rng(0).standard_normal(RATE * 30))
    one, other = envelope(sound, MIDDLE), envelope(sound, MIDDLE)
    assert one.values.tobytes() == other.values.tobytes()
    # Nor does it depend on what comes long before or after.
    half = loudness(heard(sound.samples[: RATE * 25]), MIDDLE)
    ratio = half.values[:2000] / loudness(sound, MIDDLE).values[:2000]
    middle = (half.values[:2000] < 1) & (ratio > 0)
    assert np.ptp(ratio[middle]) < 1e-2


@pytest.mark.parametrize("samples", [np.zeros(5000), np.ones(1), np.full(100, 0.25)])
def test_silence_and_the_shortest_sounds_have_envelopes(samples: np.ndarray):
    for _, band in PRESETS:
        values = envelope(heard(samples), band)
        assert len(values.values)
        assert ((values.values >= 0) & (values.values <= 1)).all()
    assert samples.any() or not envelope(heard(samples)).values.any()


def test_bands_and_times_that_cannot_be_are_refused():
    sound = heard(np.ones(100))
    for band in (Band(100, 100), Band(200, 100), Band(-5, 100), Band(float("nan"), 100)):
        with pytest.raises(UsageError, match="band"):
            loudness(sound, band)
    raw = Envelope(np.zeros(3, np.float32), 0.01, 0.03)
    for attack_s, release_s, gate in [(-1, 0, 0), (0, float("nan"), 0), (0, 1e9, 0), (0, 0, 1), (0, 0, -0.1)]:
        with pytest.raises(UsageError):
            raw.followed(attack_s=attack_s, release_s=release_s, gate=gate)
    with pytest.raises(UsageError, match="pulse"):
        onset_envelope(np.zeros(1), 1, release_s=0)
    with pytest.raises(UsageError, match="pulse"):
        onset_envelope(np.zeros(1), float("nan"))


def test_a_band_beyond_what_the_sound_has_is_its_highest_part():
    assert loudness(heard(np.ones(5000)), Band(15_000, 20_000)).at(0.1) <= 1


def test_measuring_can_be_cancelled():
    def cancel(stage: str, done: int, total: int, unit: str = "") -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        envelope(heard(np.ones(100)), progress=cancel)


def test_pulses_rise_at_once_and_fall():
    pulses = onset_envelope(np.array([0.5, 1.0, 7.0, -1.0]), 2.0, release_s=0.2)
    assert pulses.at(0.49) == 0
    assert pulses.at(0.5) == pytest.approx(1)
    assert pulses.at(0.7) == pytest.approx(np.exp(-1), abs=1e-3)
    assert pulses.at(1.0) == pytest.approx(1)
    assert pulses.at(2.0) == pytest.approx(np.exp(-5), abs=1e-3)
    assert pulses.at(2.01) == 0
    assert not onset_envelope(np.zeros(0), 1.0).values.any()
