"""How a frame is put together: averaged in linear light, side by side, at its size; what is kept inside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.documents.document import from_text
from core.film.film import FilmSize, Fitting, MotionBlur
from core.film.frames import MARK, PackedFrame, averaged, resized, tiled
from core.request import SeedPoint
from core.video.formats import Format
from core.video.png import REQUEST
from tests.core.film.scenes import maker_of, opened, scene


def gray(value: int, height: int = 8, width: int = 8, channels: int = 3) -> np.ndarray:
    return np.full((height, width, channels), value, np.uint8)


def test_black_and_white_average_as_light_does() -> None:
    assert set(averaged([gray(0), gray(255)]).flat) == {188}  # half of the light, in sRGB
    assert np.array_equal(averaged([gray(77)] * 3), gray(77))


def test_the_average_of_equal_light_is_exact() -> None:
    every = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    other = every.copy()
    other[0, 0] = 200
    assert np.array_equal(averaged([every, other]).flat[1:], every.flat[1:])


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(
    ("fitting", "rows"),
    [(Fitting.CONTAIN, (0, 255, 255, 0)), (Fitting.COVER, (255,) * 4), (Fitting.STRETCH, (255,) * 4)],
)
def test_a_picture_comes_into_a_frame_of_another_shape(channels: int, fitting: Fitting, rows: tuple[int, ...]) -> None:
    frame = resized(gray(255, 4, 8, channels), FilmSize(1, 16, 16, fitting))
    assert frame.shape == (16, 16, channels)
    assert tuple(frame[y, 8, 0] for y in (1, 6, 9, 14)) == rows


def test_multiples_of_the_size_are_exact() -> None:
    assert resized(gray(9, 5, 7), FilmSize(3)).shape == (15, 21, 3)
    picture = gray(9, 5, 7)
    assert resized(picture, FilmSize()) is picture


def test_pictures_lie_side_by_side_row_by_row() -> None:
    sheet = tiled([gray(value) for value in (10, 20, 30)], 2, 2)
    assert sheet.shape == (16, 16, 3)
    assert [sheet[y, x, 0] for y, x in ((0, 0), (0, 8), (8, 0), (8, 8))] == [10, 20, 30, 0]


def test_a_frame_has_its_settings_inside_and_comes_back_from_its_file() -> None:
    network, renderer = opened()
    film = scene(format=Format.PNG)
    frame = maker_of(film, network).make(9, renderer.render)
    packed = PackedFrame(frame.index, frame.png)
    assert np.array_equal(packed.pixels, frame.pixels)
    assert from_text(frame.texts[REQUEST], "it").request == film.request_at(film.time(9), network.info)


def test_the_mark_of_a_frame_tells_what_looks_different() -> None:
    network, _ = opened()
    film = scene()
    others = [
        film,
        replace(film, size=FilmSize(2)),
        replace(film, blur=MotionBlur(2)),
        replace(film, request=replace(film.request, latent=SeedPoint(3))),
        replace(film, timeline=replace(film.timeline, tracks=film.timeline.tracks[1:])),
        replace(film, cells=(film.request,) * 2),
    ]
    marks = [maker_of(other, network).mark(6) for other in others]
    assert len(set(marks)) == len(others) - 1  # the latent has a track, so that of the request does not count
    assert marks[0] == marks[3]
    same = [replace(film, format=Format.FFV1), replace(film, quality=0.1)]
    assert {maker_of(other, network).mark(6) for other in same} == {marks[0]}
    assert maker_of(film, network).texts(6)[MARK] == marks[0]


def test_motion_blur_is_the_average_of_single_pictures() -> None:
    network, renderer = opened()
    film = scene(blur=MotionBlur(3, 360.0))
    frame = maker_of(film, network).make(9, renderer.render)
    singles = [renderer.render(film.request_at(time_s, network.info)).pixels for time_s in film.times(9)]
    assert np.array_equal(frame.pixels, averaged(singles))
    assert not np.array_equal(frame.pixels, singles[1])
