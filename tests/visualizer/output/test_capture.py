"""Pictures on disk: names, contents, failures."""

from __future__ import annotations

import errno
import os
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.base.errors import CaptureError, UsageError
from core.base.files import why
from core.documents.document import from_text, to_text
from core.request import RenderRequest, WVector
from core.video.pictures import over_black
from tests.disk import mode, umask
from visualizer.output.capture import read_picture_text, save_picture, save_together, write_picture
from visualizer.toolkit.pixels import Pixels


def noise(height: int = 5, width: int = 7, channels: int = 3) -> Pixels:
    return np.random.RandomState(0).randint(0, 256, (height, width, channels)).astype(np.uint8)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (2, "LA"), (3, "RGB"), (4, "RGBA")])
def test_a_saved_picture_has_the_pixels(tmp_path: Path, channels: int, mode: str):
    pixels = noise(channels=channels)
    with Image.open(save_picture(pixels, tmp_path)) as image:
        assert image.mode == mode
        assert np.array_equal(np.asarray(image).reshape(pixels.shape), pixels)


def test_a_picture_that_is_not_contiguous_is_saved(tmp_path: Path):
    pixels = noise()[::-1, ::2]
    with Image.open(save_picture(pixels, tmp_path)) as image:
        assert np.array_equal(np.asarray(image), pixels)


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_pictures_have_the_mode_that_the_umask_says(tmp_path: Path):
    with umask(0o026):
        written = [*save_together(tmp_path, {".png": b"1", "-1.png": b"2"}), tmp_path / "x.webp"]
        write_picture(written[-1], noise())
    assert [mode(path) for path in written] == [0o640] * 3


def test_names_count_up_in_a_folder_that_is_made(tmp_path: Path):
    folder = tmp_path / "a" / "b"
    saved = [save_picture(noise(), folder).name for _ in range(3)]
    assert saved == names(folder) == ["00000.png", "00001.png", "00002.png"]


def test_counting_goes_on_after_the_highest_leading_number_of_any_file(tmp_path: Path):
    for name in ("00007-cat.txt", "3.png", "x99.png", "٤٢.png"):
        (tmp_path / name).touch()
    assert save_picture(noise(), tmp_path).name == "00008.png"


def test_counting_goes_on_after_99999(tmp_path: Path):
    (tmp_path / "99999.png").touch()
    assert save_picture(noise(), tmp_path).name == "100000.png"


def test_pictures_saved_at_once_get_names_of_their_own(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(lambda value: save_picture(np.full((4, 4, 1), value, np.uint8), tmp_path), range(40)))
    assert names(tmp_path) == [f"{number:05d}.png" for number in range(40)]
    for value, path in enumerate(paths):
        with Image.open(path) as image:
            assert image.getpixel((0, 0)) == value


def test_the_request_comes_back_from_the_picture(tmp_path: Path):
    request = RenderRequest("ü.pkl", latent=WVector(((1 / 3,) * 512,) * 18))
    path = save_picture(noise(), tmp_path, to_text(request))
    text = read_picture_text(path)
    assert text is not None
    assert from_text(text, "the request in it").request == request


def test_text_beyond_latin_1_comes_back_too(tmp_path: Path):
    write_picture(tmp_path / "x.png", noise(), "Ω 猫")
    assert read_picture_text(tmp_path / "x.png") == "Ω 猫"


def test_a_picture_without_our_text_has_none(tmp_path: Path):
    Image.fromarray(noise()).save(tmp_path / "other.png")
    assert read_picture_text(tmp_path / "other.png") is None


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n\0\0\0"])
def test_a_file_that_is_no_picture_has_no_text(tmp_path: Path, content: bytes):
    (tmp_path / "x").write_bytes(content)
    assert read_picture_text(tmp_path / "x") is None


def test_a_text_larger_than_any_of_ours_is_not_read(tmp_path: Path):
    head = struct.pack(">I4s", 2**31 - 1, b"tEXt")
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + head + b"stylegan-visualizer\0x")
    assert read_picture_text(tmp_path / "bomb.png") is None


def test_a_picture_that_claims_a_huge_size_is_not_decoded(tmp_path: Path):
    header = b"IHDR" + struct.pack(">IIBBBBB", 2**30, 2**30, 8, 2, 0, 0, 0)
    text = b"tEXtstylegan-visualizer\0{}"
    chunks = [struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part)) for part in (header, text)]
    (tmp_path / "huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    assert read_picture_text(tmp_path / "huge.png") == "{}"


@pytest.mark.parametrize("name", ["missing.png", "."])
def test_a_picture_that_cannot_be_read_says_so(tmp_path: Path, name: str):
    with pytest.raises(UsageError, match="cannot be read"):
        read_picture_text(tmp_path / name)


# ----------------------------------------------------------------------------
# Several files at once.


def test_files_saved_together_have_one_number(tmp_path: Path):
    (tmp_path / "00003.png").touch()
    paths = save_together(tmp_path, {"-a.png": b"one", "-b.csv": b"two"})
    assert [path.name for path in paths] == ["00004-a.png", "00004-b.csv"]
    assert [path.read_bytes() for path in paths] == [b"one", b"two"]
    assert names(tmp_path) == ["00003.png", "00004-a.png", "00004-b.csv"]


def test_if_one_of_the_files_cannot_be_written_there_is_none(tmp_path: Path):
    with pytest.raises(CaptureError, match="cannot be written"):
        save_together(tmp_path, {"-a.png": b"one", "-b/c.csv": b"two"})
    assert names(tmp_path) == []


# ----------------------------------------------------------------------------
# An exact name.


def test_an_exact_name_is_replaced(tmp_path: Path):
    path = tmp_path / "sub" / "x.png"
    write_picture(path, noise(), "old")
    write_picture(path, noise(), "new")
    assert read_picture_text(path) == "new"
    assert names(path.parent) == ["x.png"]


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_webp_keeps_every_pixel(tmp_path: Path, channels: int):
    pixels = noise(channels=channels)
    write_picture(tmp_path / "x.WebP", pixels)
    with Image.open(tmp_path / "x.WebP") as image:
        colours = image.convert({1: "RGB", 2: "RGBA", 3: "RGB", 4: "RGBA"}[channels])
        expected = pixels if channels > 2 else np.concatenate([pixels[:, :, :1]] * 3 + [pixels[:, :, 1:]], axis=2)
        assert np.array_equal(np.asarray(colours), expected)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (2, "L"), (3, "RGB"), (4, "RGB")])
def test_jpeg_has_no_alpha(tmp_path: Path, channels: int, mode: str):
    write_picture(tmp_path / "x.jpg", noise(channels=channels))
    with Image.open(tmp_path / "x.jpg") as image:
        assert (image.format, image.mode, image.size) == ("JPEG", mode, (7, 5))


def test_alpha_is_laid_over_black():
    pixels = np.array([[[200, 100, 50, 255], [200, 100, 50, 128], [200, 100, 50, 0]]], np.uint8)
    assert over_black(pixels).tolist() == [[[200, 100, 50], [100, 50, 25], [0, 0, 0]]]


def test_another_suffix_is_refused_with_those_that_work(tmp_path: Path):
    with pytest.raises(UsageError, match=r"x\.bmp cannot be written: pictures end in \.png"):
        write_picture(tmp_path / "x.bmp", noise())


# ----------------------------------------------------------------------------
# Failures.


def test_a_folder_that_is_a_file_says_so(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(CaptureError, match="its folder is a file; choose another folder"):
        save_picture(noise(), tmp_path / "file")


def test_a_name_that_is_a_folder_says_so(tmp_path: Path):
    (tmp_path / "x.png").mkdir()
    with pytest.raises(CaptureError, match="it is a folder; choose another name"):
        write_picture(tmp_path / "x.png", noise())
    assert names(tmp_path) == ["x.png"]


def test_a_picture_too_large_for_its_file_type_says_so(tmp_path: Path):
    with pytest.raises(CaptureError, match=r"x\.webp cannot be written"):
        write_picture(tmp_path / "x.webp", np.zeros((1, 20000, 3), np.uint8))


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 5), (0, 4, 3)])
def test_an_array_that_is_no_picture_is_refused(tmp_path: Path, shape: tuple[int, ...]):
    with pytest.raises(CaptureError, match="is not a picture"):
        save_picture(np.zeros(shape, np.uint8), tmp_path)


def test_nothing_remains_of_a_picture_that_could_not_be_finished(tmp_path: Path):
    resource = pytest.importorskip("resource")  # limits of a process, which Windows has not
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(CaptureError, match="larger than a file may be"):
            save_picture(noise(64, 64), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("code", "meaning"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "read-only"), (errno.EACCES, "may not write there")],
)
def test_a_system_error_is_told_in_words(code: int, meaning: str):
    sentence = why(OSError(code, os.strerror(code)))
    assert meaning in sentence
    assert "choose another folder" in sentence
