"""Files that are no sound, or damaged: one sentence each, and what is there is kept."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.audio import envelope, find_rhythm, read_audio, read_blocks, sound, waveform
from core.base.errors import UsageError
from tests.core.audio.sounds import KINDS, sweep, write

RATE = 22_050


def sentence_about(path: Path) -> str:
    with pytest.raises(UsageError) as error:
        read_audio(path)
    with pytest.raises(UsageError):
        list(read_blocks(path, 0, 1))
    text = str(error.value)
    assert path.name in text
    assert text.endswith(".")
    return text


def test_a_file_that_is_not_there(tmp_path: Path):
    assert "check the path" in sentence_about(tmp_path / "none.wav")


def test_a_folder_and_an_empty_file(tmp_path: Path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.wav").touch()
    assert "folder" in sentence_about(tmp_path / "folder")
    assert "empty" in sentence_about(tmp_path / "empty.wav")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.wav")
    assert "no ordinary file" in sentence_about(tmp_path / "pipe.wav")


@pytest.mark.parametrize("data", [b"hello " * 500, b"\0" * 5000, np.random.default_rng(0).bytes(5000), b"R", b"RIFF"])
def test_what_is_no_sound_at_all(tmp_path: Path, data: bytes):
    (tmp_path / "sound.wav").write_bytes(data)
    assert "cannot be read as sound" in sentence_about(tmp_path / "sound.wav")


def test_a_picture_and_a_silent_film(tmp_path: Path):
    Image.new("RGB", (32, 32)).save(tmp_path / "picture.png")
    assert "holds no sound" in sentence_about(tmp_path / "picture.png")
    film = write(tmp_path / "film.mp4", "aac", np.zeros((2, 0), np.float32), RATE, video=True)
    assert "holds no sound" in sentence_about(film)


def test_a_sound_without_samples(tmp_path: Path):
    sentence_about(write(tmp_path / "none.wav", "pcm_s16le", np.zeros((1, 0), np.float32), RATE, "mono"))


@pytest.mark.parametrize(("rate", "text"), [(1, "1 samples a second"), (2_000_000_000, "2,000,000,000 samples a second")])
def test_rates_that_nobody_means(tmp_path: Path, rate: int, text: str):
    path = write(tmp_path / "sound.wav", "pcm_s16le", np.ones((1, 5000), np.float32), RATE, "mono")
    data = bytearray(path.read_bytes())
    data[24:28] = rate.to_bytes(4, "little")
    path.write_bytes(data)
    assert text in sentence_about(path)


def test_what_is_too_long_is_refused_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sound, "LONGEST_S", 1.0)
    told = write(tmp_path / "told.wav", "pcm_s16le", sweep(1.5, RATE), RATE)
    untold = write(tmp_path / "untold.mp3", "libmp3lame", sweep(3, RATE), RATE)
    for path in (told, untold):
        with pytest.raises(UsageError, match="longer than"):
            read_audio(path)


# ----------------------------------------------------------------------------
# Files that name others.


def test_no_file_makes_the_program_open_another_one_or_an_address(tmp_path: Path):
    write(tmp_path / "other.wav", "pcm_s16le", sweep(1, RATE), RATE)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/a.ts"
        playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n"
        files = {
            "list.ffconcat": "ffconcat version 1.0\nfile other.wav\n",
            "near.m3u8": playlist.format("other.wav"),
            "far.m3u8": playlist.format(address),
            "call.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
        }
        for name, text in files.items():
            (tmp_path / name).write_text(text)
            assert "cannot be read as sound" in sentence_about(tmp_path / name)
        with pytest.raises(TimeoutError):
            server.accept()


# ----------------------------------------------------------------------------
# Damaged files.


def test_of_a_file_that_is_cut_short_what_is_there_is_used(tmp_path: Path):
    path = write(tmp_path / "sound.wav", "pcm_f32le", sweep(5, RATE), RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    heard = read_audio(path)
    assert heard.duration_s == pytest.approx(2.5, abs=0.01)
    assert heard.notes == ("sound.wav says that it is 5.0 s long, and ends after 2.5 s; what is there is used",)
    path = write(tmp_path / "sound.flac", "flac", sweep(5, RATE), RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert read_audio(path).notes[0] == "sound.flac is damaged in 1 place, where it is silent"


@pytest.mark.parametrize(("name", "codec", "lossless"), KINDS)
def test_any_damage_gives_a_sound_or_a_sentence(tmp_path: Path, name: str, codec: str, lossless: bool):
    data = write(tmp_path / name, codec, sweep(0.7, 48_000), 48_000).read_bytes()
    random = np.random.default_rng(0)
    for _ in range(12):
        broken = bytearray(data)
        for place in random.integers(0, len(data), 20):
            broken[place] = random.integers(256)
        del broken[random.integers(len(data) // 8, len(data)) :]
        (tmp_path / name).write_bytes(broken)
        try:
            heard = read_audio(tmp_path / name)
        except UsageError as error:
            assert name in str(error)
        else:
            assert np.isfinite(heard.samples).all()
            assert len(heard.samples)


@pytest.mark.parametrize("codec", ["pcm_f32le", "pcm_f64le"])
def test_what_is_no_number_is_silent(tmp_path: Path, codec: str):
    path = write(tmp_path / "sound.wav", codec, sweep(1, RATE), RATE)
    kind = np.float32 if codec == "pcm_f32le" else np.float64
    data = bytearray(path.read_bytes())
    bad = np.array([np.nan, np.inf, -np.inf, np.finfo(kind).max, np.finfo(kind).tiny / 4], kind).tobytes()
    data[-len(bad) * 400 : -len(bad) * 300] = bad * 100
    path.write_bytes(data)
    heard = read_audio(path)
    assert np.isfinite(heard.samples).all()
    assert np.abs(heard.samples).max() <= 8
    for values in (waveform(heard, 10, 0, 1), envelope(heard).values, find_rhythm(heard).onsets_s):
        assert np.isfinite(values).all()


def test_a_name_with_control_characters_is_shown_harmlessly(tmp_path: Path):
    path = tmp_path / "bell\x07.wav"
    path.write_bytes(b"no sound" * 100)
    with pytest.raises(UsageError, match=r"bell\\x07.wav cannot be read as sound"):
        read_audio(path)
