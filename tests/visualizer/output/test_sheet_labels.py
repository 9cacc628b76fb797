"""The labels of saved sheets: beside and above the pictures, whole and apart from each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageFont

import resources
from core.request import RenderRequest, SeedPoint
from core.request.tables import GAP, Named, Table, gallery, mixing, sheet, truncations
from visualizer.output.sheet_labels import FONT, labelled

BASE = RenderRequest("a")


def sheet_of(table: Table, edge: int = 64, channels: int = 3, background: int = 255) -> npt.NDArray[np.uint8]:
    shade = np.full((edge, edge, channels), 128, np.uint8)
    return sheet(table, lambda cell: shade, background=background)


def table(*columns: str) -> Table:
    return mixing(BASE, [Named.seed(3), Named.seed(12345)], [Named(SeedPoint(), name) for name in columns], [0])


def written(text: str, em: int) -> npt.NDArray[np.uint8]:
    """The dark pixels of a text, as closely as they lie."""
    font = ImageFont.truetype(str(resources.path(FONT)), em, layout_engine=ImageFont.Layout.BASIC)
    image = Image.new("L", (4 * em * len(text), 3 * em), 255)
    ImageDraw.Draw(image).text((em, em), text, 32, font)
    return closely(np.asarray(image))


def closely(grey: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    rows, columns = (np.flatnonzero((grey < 255).any(axis=axis)) for axis in (1, 0))
    return grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def like(got: npt.NDArray[np.uint8], expected: npt.NDArray[np.uint8]) -> bool:
    """Whether two texts show the same, wherever between two pixels they begin."""
    if abs(np.subtract(got.shape, expected.shape)).max() > 1:
        return False
    height, width = np.minimum(got.shape, expected.shape)
    a, b = (255.0 - part[:height, :width] for part in (got, expected))
    return bool((a * b).sum() > 0.85 * np.sqrt((a * a).sum() * (b * b).sum()))


def test_labels_are_legible_beside_and_above_cells_that_stay_as_they_were():
    chosen = table("7", "888")
    bare = sheet_of(chosen, 150)
    whole = labelled(bare, chosen)
    top, left = np.subtract(whole.shape, bare.shape)[:2]
    assert np.array_equal(whole[top:, left:], bare)
    assert (whole[:top, :left] == 255).all()
    pitch = 150 + GAP
    above, beside = whole[:top, left:, 0], whole[top:, :left, 0]
    assert (above[:, :pitch] == 255).all()  # the corner has no label
    for i, text in enumerate(("7", "888"), 1):
        assert like(closely(above[:, i * pitch : (i + 1) * pitch]), written(text, 15)), text
    for i, text in enumerate(("3", "12345"), 1):
        assert like(closely(beside[i * pitch : (i + 1) * pitch]), written(text, 15)), text


def test_labels_wider_than_a_column_are_set_smaller_and_then_turned():
    beside = {name: table(*names) for name, names in {
        "short": ("7", "8"), "smaller": ("a projected face", "8"), "turned": ("the projected face of somebody", "8"),
    }.items()}  # fmt: skip
    tops = {name: labelled(sheet_of(one, 160), one).shape[0] - sheet_of(one, 160).shape[0]
            for name, one in beside.items()}  # fmt: skip
    assert tops["smaller"] <= tops["short"]
    assert tops["turned"] > 3 * tops["short"]
    whole = labelled(sheet_of(beside["turned"], 160), beside["turned"])
    start = whole.shape[1] - 2 * (160 + GAP) + GAP
    words = whole[: tops["turned"], start : start + 160, 0]
    assert like(closely(np.rot90(words, -1)), written("the projected face of somebody", 16))


@pytest.mark.parametrize("name", ["one" * 80, "line\nline", "\udcff.npy", "日本"])
def test_any_name_is_drawn_on_one_line_of_limited_length(name):
    one = gallery(BASE, [Named(SeedPoint(), name)])
    whole = labelled(sheet_of(one), one)
    assert whole.shape[0] == 64
    assert 64 < whole.shape[1] < 64 + 22 * 12
    assert (closely(whole[:, : whole.shape[1] - 64, 0]).shape[0]) < 1.3 * 12


def test_cells_lower_than_a_line_share_labels_that_do_not_touch():
    one = mixing(BASE, [Named.seed(seed) for seed in range(20, 50)], [Named.seed(1)], [0])
    whole = labelled(sheet_of(one, 5), one)
    side = whole.shape[1] - (2 * 5 + GAP)
    inked = whole[:, :side, 0].min(axis=1) < 255
    lines = int((np.diff(inked.astype(int)) == 1).sum())
    assert 8 <= lines <= 16
    assert not inked[-1]


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("background", [255, 24])
def test_labels_stand_out_on_any_background(channels, background):
    one = truncations(BASE, -1, 1, 3)
    whole = labelled(sheet_of(one, 64, channels, background), one, background=background)
    strip = whole[: whole.shape[0] - 64, whole.shape[1] - 3 * 64 - 2 * GAP :]
    colours = channels - 1 if channels in (2, 4) else channels
    assert abs(strip[:, :, :colours].astype(int) - background).max() > 150
    assert (strip[:, :, colours:] == background).all()


def test_a_table_without_labels_stays_as_it_is():
    one = Table(1, 1, gallery(BASE, [Named.seed(1)]).cells)
    assert np.array_equal(labelled(sheet_of(one), one), sheet_of(one))
