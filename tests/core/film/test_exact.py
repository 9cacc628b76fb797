"""A film of six parameters has exactly its frames, each equal to the bit to a picture that is rendered alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.base.progress import silent
from core.display.analysis import Pixels
from core.documents.document import from_text
from core.film.export import export
from core.film.files import film_writer
from core.film.frames import MadeFrame
from core.render.renderer import Renderer
from core.video.formats import Format
from core.video.pictures import in_colour
from core.video.png import REQUEST, png_pixels, png_text
from tests.core.film.scenes import maker_of, opened, pixels, scene
from tests.core.video.films import decoded, luma, psnr, rate_of


@pytest.fixture(scope="module")
def made() -> list[MadeFrame]:
    network, renderer = opened()
    film = scene()
    return [maker_of(film, network).make(index, renderer.render) for index in range(film.frames)]


def in_a_file(path: Path, kind: Format, frames: list[MadeFrame], quality: float = 0.5) -> list[Pixels]:
    network, _ = opened()
    film = replace(scene(), format=kind, quality=quality)
    done = export(film_writer(film, path, maker_of(film, network)), lambda indices: iter(frames), silent)
    assert (done.path, done.frames) == (path, 24)
    assert rate_of(path) == 6
    return decoded(path)


def test_a_film_has_its_frames_and_each_is_that_of_a_single_render(made: list[MadeFrame]) -> None:
    network, _ = opened()
    film = scene()
    assert len(made) == film.frames == 24
    assert len({frame.pixels.tobytes() for frame in made}) == 24  # all of it moves
    for frame in made[::5]:
        alone = Renderer(network).render(film.request_at(film.time(frame.index), network.info))
        assert np.array_equal(frame.pixels, alone.pixels)


def test_pictures_of_a_film_are_those_frames_to_the_bit(tmp_path: Path, made: list[MadeFrame]) -> None:
    network, renderer = opened()
    film = replace(scene(), format=Format.PNG)
    export(film_writer(film, tmp_path / "film", maker_of(film, network)), lambda indices: iter(made), silent)
    paths = sorted((tmp_path / "film").iterdir())
    assert [path.name for path in paths] == [f"{index:05d}.png" for index in range(24)]
    assert [png_pixels(path.read_bytes()).tobytes() for path in paths] == [frame.pixels.tobytes() for frame in made]
    again = from_text(png_text(paths[7], REQUEST) or "", "it").request
    assert np.array_equal(renderer.render(again).pixels, made[7].pixels)


@pytest.mark.parametrize(("kind", "suffix"), [(Format.FFV1, ".mkv"), (Format.H264_RGB, ".mkv"), (Format.APNG, ".apng")])
def test_lossless_films_give_them_back_to_the_bit(
    tmp_path: Path, made: list[MadeFrame], kind: Format, suffix: str
) -> None:
    found = in_a_file(tmp_path / f"film{suffix}", kind, made)
    assert [frame.tobytes() for frame in found] == [in_colour(frame.pixels).tobytes() for frame in made]


def test_colour_at_full_resolution_has_over_44_db(tmp_path: Path, made: list[MadeFrame]) -> None:
    wanted = [in_colour(frame) for frame in pixels(made)]
    assert psnr(in_a_file(tmp_path / "full.mp4", Format.H264_444, made, 0.9), wanted) > 44
    assert psnr(luma(in_a_file(tmp_path / "half.mp4", Format.H264, made, 0.9)), luma(wanted)) > 40
