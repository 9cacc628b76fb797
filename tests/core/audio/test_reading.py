"""Files of many kinds are read as sound, whole and in parts."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from core.audio import read_audio, read_blocks
from core.audio.audio_file import AudioFile
from core.base.errors import Cancelled, UsageError
from tests.core.audio.sounds import KINDS, Samples, sweep, write

RATE = 48_000
SECONDS = 4.0


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A file of each kind, by its name."""
    folder, samples = tmp_path_factory.mktemp("sounds"), sweep(SECONDS, RATE)
    return {name: write(folder / name, codec, samples, RATE) for name, codec, _ in KINDS}


def whole(path: Path, start_s: float, end_s: float, *, rate: int | None = None) -> Samples:
    return np.concatenate(list(read_blocks(path, start_s, end_s, rate=rate)), axis=1)


def difference(one: Samples, other: Samples) -> float:
    return float(np.abs(one - other).max())


@pytest.mark.parametrize(("name", "codec", "lossless"), KINDS)
def test_every_kind_of_file_is_read(files: dict[str, Path], name: str, codec: str, lossless: bool):
    path = files[name]
    sound = read_audio(path)
    assert (sound.rate, sound.channels, sound.original_rate, sound.notes) == (22_050, 2, RATE, ())
    assert sound.duration_s == pytest.approx(SECONDS, abs=0 if lossless else 0.05)
    assert len(sound.samples) == round(sound.duration_s * 22_050)
    assert sound.samples.dtype == np.float32
    assert sound.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    if lossless:
        assert difference(whole(path, 0, SECONDS), sweep(SECONDS, RATE)) < 2**-15
        t = np.arange(len(sound.samples)) / 22_050
        true = 0.2 * (np.sin(2 * np.pi * (100 * t + 40 * t**2)) + np.sin(2 * np.pi * (200 * t + 40 * t**2)))
        assert np.abs(sound.samples - true)[100:-100].max() < 1e-3  # nothing is shifted


@pytest.mark.parametrize("name", [name for name, _, _ in KINDS])
def test_a_part_is_that_part_of_the_whole_to_the_sample(files: dict[str, Path], name: str):
    everything = whole(files[name], 0, SECONDS)
    for start_s in (0.2503, 2.3337, 3.000011):
        part = whole(files[name], start_s, start_s + 0.9)
        first = round(start_s * RATE)
        assert part.shape == (2, 43_200)
        assert difference(part, everything[:, first : first + 43_200]) < 1e-4  # one sample off is 0.02


def test_what_is_damaged_is_silent_and_what_lies_before_a_part_is_not_decoded(tmp_path: Path):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (1, 8000 * 60)).astype(np.float32)
    path = write(tmp_path / "sound.flac", "flac", noise, 8000, "mono")
    data = bytearray(path.read_bytes())
    data[len(data) // 4 : len(data) // 2] = bytes(len(data) // 4)
    path.write_bytes(data)
    stereo = np.repeat(noise, 2, axis=0)
    with AudioFile(path) as file:
        everything = np.concatenate(list(file.blocks()), axis=1)
        assert file.damaged
    assert difference(everything[:, 8000 * 40 :], stereo[:, 8000 * 40 :]) < 2**-15  # it is not shifted
    with AudioFile(path) as file:
        end = np.concatenate(list(file.blocks(8000 * 50)), axis=1)
        assert not file.damaged
    assert difference(end, stereo[:, 8000 * 50 :]) < 2**-15


def test_a_part_can_have_another_rate(tmp_path: Path):
    path = write(tmp_path / "sound.wav", "pcm_f32le", sweep(SECONDS, 44_100), 44_100)
    everything = whole(path, 0, SECONDS, rate=RATE)
    assert everything.shape == (2, 192_000)
    assert difference(everything[:, 100:-100], sweep(SECONDS, RATE)[:, 100:-100]) < 1e-3
    part = whole(path, 2.12345, 3.12345, rate=RATE)
    assert difference(part, everything[:, round(2.12345 * RATE) :][:, :RATE]) < 1e-6


def test_there_is_silence_before_and_behind_a_sound(tmp_path: Path):
    samples = sweep(0.5, 8000)
    path = write(tmp_path / "sound.wav", "pcm_f32le", samples, 8000)
    got = whole(path, -0.25, 20.0001)
    assert got.shape == (2, 162_001)
    assert difference(got[:, 2000:6000], samples) == 0
    assert not got[:, :2000].any()
    assert not got[:, 6000:].any()
    assert not whole(path, 5, 6).any()
    assert whole(path, 0.1, 0.1 + 1 / 8000).shape == (2, 1)
    assert list(read_blocks(path, 0.2, 0.2)) == []


@pytest.mark.parametrize(
    ("start_s", "end_s", "rate"), [(1, 0, None), (float("nan"), 1, None), (0, float("inf"), None), (0, 1, 3)]
)
def test_a_part_that_cannot_be_is_refused_at_once(tmp_path: Path, start_s: float, end_s: float, rate: int | None):
    with pytest.raises(UsageError, match="cannot be"):
        read_blocks(tmp_path / "sound.wav", start_s, end_s, rate=rate)


@pytest.mark.parametrize(("rate", "layout", "channels"), [(8000, "mono", 1), (96_000, "5.1", 6)])
def test_all_rates_and_channels_become_two_ears(tmp_path: Path, rate: int, layout: str, channels: int):
    samples = np.zeros((channels, rate), np.float32)
    samples[0] = sweep(1, rate, 1)  # of six: the left one
    path = write(tmp_path / "sound.wav", "pcm_f32le", samples, rate, layout)
    sound = read_audio(path)
    assert (sound.channels, sound.original_rate, len(sound.samples)) == (channels, rate, 22_050)
    left, right = whole(path, 0, 1)
    np.testing.assert_allclose(left * abs(samples[0]).max() / abs(left).max(), samples[0], atol=1e-6)
    np.testing.assert_array_equal(right, left if channels == 1 else np.zeros(rate))


def test_six_loud_channels_stay_within_full_scale(tmp_path: Path):
    path = write(tmp_path / "loud.wav", "pcm_f32le", np.ones((6, 4000), np.float32), 8000, "5.1")
    assert whole(path, 0, 0.5).max() == pytest.approx(1)


def test_the_sound_of_a_video_is_read(tmp_path: Path):
    path = write(tmp_path / "film.mp4", "aac", sweep(1, RATE), RATE, video=True)
    assert read_audio(path).duration_s == pytest.approx(1, abs=0.05)


def test_one_sample_is_a_sound(tmp_path: Path):
    sound = read_audio(write(tmp_path / "one.wav", "pcm_s16le", np.full((1, 1), 0.5, np.float32), 22_050, "mono"))
    assert sound.samples.tolist() == [0.5]


def test_reading_tells_how_far_it_is_and_can_be_cancelled(files: dict[str, Path]):
    path, told = files["float.wav"], []
    read_audio(path, lambda *step: told.append(step))
    reading = [done for stage, done, _, _ in told if stage == "reading the sound"]
    assert reading == sorted(reading)
    assert len(reading) > 3
    assert told[-1] == ("reading the sound", path.stat().st_size, path.stat().st_size, "bytes")

    def cancel(stage: str, done: int, total: int, unit: str = "") -> None:
        if stage == "reading the sound" and done:
            raise Cancelled

    with pytest.raises(Cancelled):
        read_audio(path, cancel)
