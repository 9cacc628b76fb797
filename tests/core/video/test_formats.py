"""Every format: its frames come back, in number and in colour, at their rate, with their alpha."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from core.base.errors import CaptureError, UsageError
from core.display.analysis import Pixels
from core.video.formats import CODINGS, SUFFIXES, Encoder, Format, format_of
from core.video.gif import Gif
from core.video.probe import unusable
from core.video.quality import estimated_bytes
from core.video.video import Video
from tests.core.video.films import HEIGHT, WIDTH, decoded, drift, luma, psnr, rate_of

NTSC = Fraction(24000, 1001)
FILES = [(kind, suffix) for kind, coding in CODINGS.items() if coding.encoders for suffix in coding.suffixes]
MOVIES = [(kind, suffix) for kind, suffix in FILES if suffix in (".mp4", ".mkv", ".webm", ".mov")]


def written(path: Path, frames: list[Pixels], kind: Format, *, quality: float = 0.5, rate: Fraction = NTSC) -> Path:
    height, width, channels = frames[0].shape
    video = Video(path.open("w+b"), (width, height), rate, kind=kind, suffix=path.suffix, quality=quality,
                  alpha=channels == 4)  # fmt: skip
    for index, frame in enumerate(frames):
        video.write(index, frame)
    video.close()
    assert video.bytes_written == path.stat().st_size
    return path


def pillow_frames(path: Path, mode: str = "RGB") -> list[Pixels]:
    with Image.open(path) as image:
        frames = []
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            frames.append(np.asarray(image.convert(mode)))
        return frames


@pytest.mark.parametrize(("kind", "suffix"), MOVIES)
def test_a_film_has_its_frames_at_its_rate_in_its_colours(tmp_path: Path, kind: Format, suffix: str) -> None:
    frames = drift()
    path = written(tmp_path / f"film{suffix}", frames, kind)
    found = decoded(path)
    assert len(found) == len(frames)
    assert rate_of(path) == NTSC
    lossless, layout = CODINGS[kind].lossless, CODINGS[kind].layout
    assert psnr(luma(found), luma(frames)) > 30
    assert (psnr(found, frames) == float("inf")) is lossless
    with av.open(path) as container:
        context = container.streams.video[0].codec_context
        assert (context.color_range, context.colorspace) == ((2, 0) if layout.rgb else (1, 1))


@pytest.mark.parametrize("kind", [Format.WEBP, Format.APNG])
def test_films_of_browsers_are_lossless_and_loop(tmp_path: Path, kind: Format) -> None:
    frames = drift()
    path = written(tmp_path / f"film{CODINGS[kind].suffixes[0]}", frames, kind, quality=1)
    assert psnr(pillow_frames(path), frames) == float("inf")
    with Image.open(path) as image:
        assert image.info["loop"] == 0
        image.seek(1)
        image.load()
        assert image.info["duration"] == pytest.approx(1000 / NTSC, abs=1)


def test_quality_below_1_makes_a_webp_small(tmp_path: Path) -> None:
    frames = drift(width=128, height=128)
    sizes = [written(tmp_path / "film.webp", frames, Format.WEBP, quality=q).stat().st_size for q in (0.2, 0.9)]
    assert sizes[0] < sizes[1]
    assert psnr(pillow_frames(tmp_path / "film.webp"), frames) > 30


def test_a_gif_lasts_as_long_as_its_frames(tmp_path: Path) -> None:
    gif = Gif((tmp_path / "film.gif").open("w+b"), (WIDTH, HEIGHT), Fraction(30))
    frames = drift(30)
    for index, frame in enumerate(frames):
        gif.write(index, frame)
    gif.close()
    found, lasted = pillow_frames(tmp_path / "film.gif"), 0
    with Image.open(tmp_path / "film.gif") as image:
        for index in range(len(found)):
            image.seek(index)
            lasted += image.info["duration"]
    assert (len(found), lasted) == (30, 1000)
    assert psnr(found, frames) > 27


@pytest.mark.parametrize(
    ("kind", "least"), [(Format.PRORES_4444, 45), (Format.FFV1, 300), (Format.APNG, 300), (Format.WEBP, 300)]
)
def test_transparency_is_kept_where_a_format_has_it(tmp_path: Path, kind: Format, least: float) -> None:
    frames = drift(4, alpha=True)
    path = written(tmp_path / f"film{CODINGS[kind].suffixes[0]}", frames, kind, quality=1)
    found = pillow_frames(path, "RGBA") if kind is Format.WEBP else decoded(path, "rgba")
    seen = [np.where(frame[..., 3:] > 0, frame, 0) for frame in frames]  # what is seen of it
    assert psnr([np.where(frame[..., 3:] > 0, frame, 0) for frame in found], seen) > least


@pytest.mark.parametrize(
    ("kind", "size"), [(Format.H264, (34, 18)), (Format.PRORES, (34, 17)), (Format.FFV1, (33, 17))]
)
def test_odd_sizes_are_padded_where_they_have_to_be(tmp_path: Path, kind: Format, size: tuple[int, int]) -> None:
    path = written(tmp_path / f"film{CODINGS[kind].suffixes[0]}", drift(2, width=33, height=17), kind)
    assert decoded(path)[0].shape[1::-1] == size


def test_colour_at_full_resolution_is_exact_to_the_eye(tmp_path: Path) -> None:
    frames = drift(12, width=128, height=128)
    full = decoded(written(tmp_path / "full.mp4", frames, Format.H264_444, quality=0.9))
    half = decoded(written(tmp_path / "half.mp4", frames, Format.H264, quality=0.9))
    assert psnr(full, frames) > 44
    assert psnr(luma(half), luma(frames)) > 44
    assert psnr(half, frames) < psnr(full, frames)


def test_sizes_that_an_encoder_cannot_take_are_refused() -> None:
    with pytest.raises(CaptureError, match=r"H\.265 has at least 64 pixels along an edge, not 80 × 48"):
        Video(io.BytesIO(), (80, 48), 30, kind=Format.H265)


def test_everything_can_be_written_here() -> None:
    assert unusable() == {}


def test_an_encoder_that_is_missing_says_so() -> None:
    with pytest.raises(CaptureError, match="no video encoder works here \\(no_such_encoder"):
        Video(io.BytesIO(), (64, 64), 30, encoders=(Encoder("no_such_encoder"),))


def test_the_ending_of_a_name_says_the_format() -> None:
    assert [format_of(suffix) for suffix in (".mp4", ".MOV", ".webm", ".mkv", ".gif")] == [
        Format.H264, Format.PRORES, Format.VP9, Format.FFV1, Format.GIF,
    ]  # fmt: skip
    with pytest.raises(UsageError, match=r"use one of \.mp4"):
        format_of(".wmv")
    assert all(format_of(suffix) for suffix in SUFFIXES)


@pytest.mark.parametrize("kind", Format)
def test_better_films_are_said_to_be_larger(kind: Format) -> None:
    sizes = [estimated_bytes(kind, step / 10, (256, 256), 100) for step in range(11)]
    assert sizes == sorted(sizes)
    assert estimated_bytes(kind, 0.5, (256, 256), 200) == pytest.approx(2 * sizes[5])
    assert estimated_bytes(kind, 0.5, (256, 256), 100, sound_s=60) >= sizes[5]
