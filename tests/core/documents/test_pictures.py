"""Pictures of other programs: how they are read, brought to a size, and encoded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from core.base.errors import Cancelled, OutOfMemory, UsageError
from core.base.progress import silent
from core.documents import pictures
from core.documents.pictures import Fit, fitted_pixels, read_pixels
from core.request import CodeGrid
from core.request.grids import array_of
from core.synthesis.encoding import encode_file
from tests.core.vqgans import small
from tests.small import stylegan2

F16 = CodeGrid(16, 16, 1024, 16)
RGB = np.random.RandomState(0).randint(256, size=(6, 9, 3)).astype(np.uint8)


def saved(path: Path, image: Image.Image, **options: Any) -> Path:
    image.save(path, **options)
    return path


def test_colours_are_read_without_what_is_transparent(tmp_path: Path):
    alpha = np.concatenate([RGB, np.full((6, 9, 1), 40, np.uint8)], axis=2)
    assert (read_pixels(saved(tmp_path / "a.png", Image.fromarray(alpha))) == RGB).all()
    gray = read_pixels(saved(tmp_path / "g.png", Image.fromarray(RGB[..., 0])))
    assert (gray == RGB[..., :1]).all()
    assert gray.shape == (6, 9, 3)


def test_gray_pictures_of_16_bits_keep_their_tones(tmp_path: Path):
    deep = RGB[..., 0].astype(np.uint16) * 257
    assert (read_pixels(saved(tmp_path / "d.png", Image.fromarray(deep))) == RGB[..., :1]).all()


def test_a_photograph_stands_upright(tmp_path: Path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    path = saved(tmp_path / "p.jpg", Image.fromarray(np.zeros((4, 10, 3), np.uint8)), exif=exif)
    assert read_pixels(path).shape == (10, 4, 3)


def test_what_is_no_picture_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "t.png").write_text("hello")
    with pytest.raises(UsageError, match=r"t\.png is no picture"):
        read_pixels(tmp_path / "t.png")
    with pytest.raises(UsageError, match=r"missing\.png cannot be read"):
        read_pixels(tmp_path / "missing.png")
    path = saved(tmp_path / "a.png", Image.fromarray(RGB))
    path.write_bytes(path.read_bytes()[:90])
    with pytest.raises(UsageError, match=r"a\.png cannot be read"):
        read_pixels(path)
    monkeypatch.setattr(pictures, "MAX_PIXELS", 53)
    with pytest.raises(UsageError, match="more than 53 pixels"):
        read_pixels(saved(tmp_path / "b.png", Image.fromarray(RGB)))


@pytest.mark.parametrize(
    ("size", "fit", "expected"),
    [
        ((256, 300), Fit.AUTO, (256, 300)),
        ((1024, 1024), Fit.AUTO, (512, 512)),
        ((3000, 4000), Fit.AUTO, (448, 592)),
        ((3000, 4000), Fit.SQUARE, (256, 256)),
        ((40, 60), Fit.SQUARE, (256, 256)),
        ((1000, 1100), Fit.OWN, (1000, 1100)),
    ],
)
def test_a_picture_is_brought_to_a_size(size: tuple[int, int], fit: Fit, expected: tuple[int, int]):
    found = fitted_pixels(np.zeros((*size, 3), np.uint8), F16, fit)
    assert found.shape == (*expected, 3)
    assert found.flags.writeable  # or torch warns of it


def test_the_square_is_that_in_the_middle():
    picture = np.zeros((256, 512, 3), np.uint8)
    picture[:, 128:384] = 200
    assert (fitted_pixels(picture, F16, Fit.SQUARE) == 200).all()


@pytest.mark.parametrize(
    ("size", "words"), [((15, 400), "400 x 15 pixels, less than the 16 x 16"), ((16, 9000), "1 x 562 codes, more")]
)
def test_a_picture_without_codes_or_with_too_many_is_refused(size: tuple[int, int], words: str):
    with pytest.raises(UsageError, match=words):
        fitted_pixels(np.zeros((*size, 3), np.uint8), F16, Fit.OWN)


# ----------------------------------------------------------------------------
# Encoding.


def test_a_picture_file_is_encoded(tmp_path: Path):
    network = small()
    path = saved(tmp_path / "a.png", Image.fromarray(RGB))
    stages: list[tuple[str, int, int]] = []
    codes = encode_file(
        network, path, progress=lambda stage, done, total, unit="": stages.append((stage, done, total))
    )
    x = torch.from_numpy(RGB).permute(2, 0, 1)[None] / 127.5 - 1
    with torch.no_grad():
        assert (array_of(codes) == network.encode(x, silent).numpy()).all()
    assert (codes.rows, codes.columns) == (3, 4)
    assert stages[0] == ("encoding", 0, stages[-1][2])
    assert stages[-1][1] == stages[-1][2]


def test_a_network_that_cannot_encode_says_why(tmp_path: Path):
    path = saved(tmp_path / "a.png", Image.fromarray(RGB))
    for network, words in (
        (small(encoder=False), "has no encoder"),
        (small(channels=1), "not on photographs"),
        (stylegan2().generator, "takes no codes"),
    ):
        with pytest.raises(UsageError, match=words):
            encode_file(network, path)


def test_encoding_can_be_cancelled_and_may_lack_memory(tmp_path: Path):
    path = saved(tmp_path / "a.png", Image.fromarray(RGB))

    def stop(stage: str, done: int, total: int, unit: str = "") -> None:
        if done == 2:
            raise Cancelled

    def fail(stage: str, done: int, total: int, unit: str = "") -> None:
        raise torch.OutOfMemoryError("out of memory")

    with pytest.raises(Cancelled):
        encode_file(small(), path, progress=stop)
    with pytest.raises(OutOfMemory, match="too little memory to encode"):
        encode_file(small(), path, progress=fail)
