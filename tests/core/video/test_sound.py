"""The sound of a film lasts as long as its frames, and is in sync with them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from core.display.analysis import Pixels
from core.video.formats import CODINGS, Format
from core.video.sound import RATE, Samples
from core.video.video import Video
from tests.core.video.films import decoded, rate_of

NTSC = Fraction(30000, 1001)
FRAMES, FLASH = 45, 20  # of the film; when it is white and loud
FILMS = [(Format.H264, ".mp4"), (Format.H264_RGB, ".mkv"), (Format.VP9, ".webm"), (Format.PRORES, ".mov")]


def clap(blocks: int, at: Fraction) -> Iterator[Samples]:
    """Blocks of silence with a click at a time."""
    sound = np.zeros((2, 2 * RATE), np.float32)
    sound[:, round(at * RATE) : round(at * RATE) + 480] = 0.8
    yield from np.array_split(sound, blocks, axis=1)


def heard(path: Path) -> tuple[float, npt.NDArray[np.float64]]:
    """When the sound begins, and its samples."""
    with av.open(path) as container:
        resampler = av.AudioResampler("fltp", "mono", RATE)
        frames = [one for frame in [*container.decode(audio=0), None] for one in resampler.resample(frame)]
    assert frames[0].time is not None
    return frames[0].time, np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(float)


@pytest.mark.parametrize(("kind", "suffix"), FILMS)
def test_sound_is_in_sync_to_a_frame_and_ends_with_the_film(tmp_path: Path, kind: Format, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    sound = clap(37, FLASH / NTSC)
    video = Video(path.open("w+b"), (32, 32), NTSC, kind=kind, suffix=suffix, sound=sound)
    for index in range(FRAMES):
        video.write(index, np.full((32, 32, 3), 255 if index == FLASH else 30, np.uint8))
    video.close()
    frames, (start_s, samples) = decoded(path), heard(path)
    assert rate_of(path) == NTSC
    assert [index for index, frame in enumerate(frames) if frame.mean() > 150] == [FLASH]
    loud_s = start_s + float(np.argmax(np.abs(samples) > 0.3)) / RATE
    assert loud_s == pytest.approx(float(FLASH / NTSC), abs=float(1 / NTSC) / 4)
    assert len(samples) / RATE == pytest.approx(float(FRAMES / NTSC), abs=0.03)  # AAC fills its last packet
    with av.open(path) as container:
        assert len(container.streams.audio) == 1


def test_sound_that_ends_early_is_followed_by_silence(tmp_path: Path) -> None:
    short = iter([np.full((2, RATE // 10), 0.5, np.float32)])
    video = Video((tmp_path / "film.mkv").open("w+b"), (32, 32), 30, kind=Format.FFV1, suffix=".mkv", sound=short)
    for index in range(30):
        video.write(index, picture())
    video.close()
    _, samples = heard(tmp_path / "film.mkv")
    assert len(samples) == RATE
    assert np.abs(samples[RATE // 5 :]).max() < 1e-4
    assert np.abs(samples[: RATE // 20]).min() > 0.4


def test_formats_without_sound_leave_it_out(tmp_path: Path) -> None:
    video = Video((tmp_path / "film.apng").open("w+b"), (32, 32), 30, kind=Format.APNG, sound=clap(3, Fraction(0)))
    video.write(0, picture())
    video.close()
    assert not CODINGS[Format.APNG].has_sound
    assert len(decoded(tmp_path / "film.apng")) == 1


def picture() -> Pixels:
    return np.full((32, 32, 3), 90, np.uint8)
