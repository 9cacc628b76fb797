"""Painting grids of codes, pictures as codes, and the panel for networks that take none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.request import Codes, Grid, LayerEdit, RenderRequest, SeedPoint, StyleSource
from core.request.grids import array_of
from tests.core.vqgans import small, state_dict_of, written
from tests.gui.conftest import SG2
from tests.gui.pilot import Pilot
from visualizer.settings import Theme
from visualizer.views.workspaces import PANELS

ROWS, COLUMNS = 4, 6


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    """Files of a network with an encoder and of one without."""
    folder = tmp_path_factory.mktemp("vqgan")
    network = small(attention=False)
    tensors = state_dict_of(network)
    decoder = {name: tensor for name, tensor in tensors.items() if not name.startswith(("encoder.", "quant_conv."))}
    return written(folder / "whole.ckpt", tensors), written(folder / "decoder.ckpt", decoder)


@pytest.fixture(scope="module")
def program(networks, library, headless):
    with Pilot(library, size=(960, 760)) as pilot:
        pilot.actions.opening.open(networks[0])
        pilot.wait_until(lambda: pilot.session.loaded is not None)
        yield pilot


@pytest.fixture
def pilot(program, networks, tmp_path):
    """A VQGAN with a small grid, and the brush in hand."""
    if program.session.loaded.location != networks[0]:
        program.open(networks[0])
    program.start_anew(RenderRequest(networks[0], latent=SeedPoint(2), grid=Grid(ROWS, COLUMNS)))
    program.context.prefer(capture_folder=str(tmp_path))
    program.click("Codes/Brush")
    return program


def grid(pilot) -> np.ndarray:
    assert isinstance(pilot.request.latent, Codes)
    return array_of(pilot.request.latent)


def middle(row: int, column: int) -> tuple[float, float]:
    """Of a cell, in the item Grid."""
    return (column + 0.5) / COLUMNS, (row + 0.5) / ROWS


def from_cell_to_cell(pilot, a: tuple[int, int], b: tuple[int, int], item: str = "Codes/Grid", **how) -> None:
    r = pilot.app.shell.picture.rect if item == "Picture" else pilot.item(item)
    dx, dy = (b[1] - a[1]) * r.w / COLUMNS, (b[0] - a[0]) * r.h / ROWS
    at = middle(*a)
    if item == "Picture":
        whole = pilot.item("Picture")
        at = (r.x + at[0] * r.w - whole.x) / whole.w, (r.y + at[1] * r.h - whole.y) / whole.h
    pilot.drag(item, dx, dy, at=at, **how)


def test_the_brush_paints_the_cells_it_comes_over_as_one_step(pilot):
    before = array_of(pilot.session.frame.codes)
    pilot.enter("Codes/Code", "9")
    from_cell_to_cell(pilot, (1, 0), (1, 4))
    expected = before.copy()
    expected[1, :5] = 9
    assert (grid(pilot) == expected).all()
    assert (array_of(pilot.wait_for_picture().codes) == expected).all()
    pilot.press("Ctrl+Z")
    assert pilot.request.latent == SeedPoint(2)
    pilot.press("Ctrl+Shift+Z")
    assert (grid(pilot) == expected).all()


def test_a_fast_stroke_leaves_no_cell_out(pilot):
    pilot.enter("Codes/Code", "9")
    from_cell_to_cell(pilot, (0, 0), (3, 3), steps=1)
    assert (np.diag(grid(pilot)[:, :4]) == 9).all()


def test_a_box_is_filled_when_it_is_let_go(pilot):
    before = array_of(pilot.session.frame.codes)
    pilot.enter("Codes/Code", "9")
    pilot.click("Codes/Rectangle")
    from_cell_to_cell(pilot, (3, 4), (1, 2))
    expected = before.copy()
    expected[1:4, 2:5] = 9
    assert (grid(pilot) == expected).all()
    assert pilot.session.document.can_undo
    from_cell_to_cell(pilot, (0, 0), (3, 5), held="Shift")
    assert len(np.unique(grid(pilot))) > 2


def test_what_was_set_layer_by_layer_stays_behind_and_comes_back_by_undo(pilot, networks):
    pilot.open(SG2)
    pilot.session.edit(sources=(StyleSource(parts=(1.0,) * 8),), layers=(LayerEdit(noise=0.5),) * 7)
    pilot.step()
    layered = pilot.request
    pilot.open(networks[0])
    assert (pilot.request.sources, pilot.request.layers) == ((StyleSource(),), ())
    assert "style mixing, edits of single layers" in " ".join(notice.detail for notice in pilot.session.notices)
    assert not pilot.has("Codes/Hidden")
    pilot.session.edit(sources=(StyleSource(parts=(1.0,)),))
    pilot.step()
    assert "Style mixing takes all of it" in pilot.value("Codes/Hidden")
    assert "Style mixing takes all of it" in pilot.value("Latent/Hidden")
    pilot.press("Ctrl+Z")
    pilot.press("Ctrl+Z")
    pilot.wait_until(lambda: pilot.session.loaded.location == SG2)
    assert pilot.request == layered


def test_random_codes_are_scattered(pilot):
    pilot.click("Codes/Scatter")
    before = array_of(pilot.session.frame.codes)
    from_cell_to_cell(pilot, (2, 0), (2, 5))
    assert (grid(pilot)[[0, 1, 3]] == before[[0, 1, 3]]).all()
    assert (grid(pilot)[2] != before[2]).any()


def test_a_code_is_chosen_from_a_cell_and_from_the_codebook(pilot):
    codes = array_of(pilot.session.frame.codes)
    pilot.click("Codes/Pick")
    pilot.click("Codes/Grid", at=middle(2, 3))
    assert pilot.value("Codes/Code") == str(codes[2, 3])
    pilot.click("Codes/Brush")
    pilot.click("Codes/Grid", 1, at=middle(0, 5))
    assert pilot.value("Codes/Code") == str(codes[0, 5])
    assert pilot.request.latent == SeedPoint(2)  # nothing was painted
    pilot.click("Codes/Order/Number")
    r = pilot.item("Codes/Palette")
    pilot.click("Codes/Palette", at=(pilot.ui.px(13) * 7.5 / r.w, 0.5))
    assert pilot.value("Codes/Code") == "7"


def test_the_picture_is_painted_on_and_walks_no_more(pilot):
    pilot.enter("Codes/Code", "9")
    pilot.click("Codes/In the picture")
    pilot.wait_for_picture()
    from_cell_to_cell(pilot, (0, 1), (2, 1), "Picture")
    assert (grid(pilot)[:3, 1] == 9).all()
    pilot.click("Codes/In the picture")
    pilot.drag("Picture", 40)
    assert isinstance(pilot.request.latent, SeedPoint)


def test_a_cell_under_the_pointer_is_outlined_in_the_picture(pilot):
    pilot.leave()
    pilot.step(2)
    before = pilot.picture_pixels()
    pilot.move_to("Codes/Grid", middle(1, 2))
    pilot.step(2)
    changed = np.argwhere((pilot.picture_pixels() != before).any(axis=2))
    h, w = before.shape[:2]
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    for found, expected in zip((top, bottom), (h / ROWS, 2 * h / ROWS), strict=True):
        assert abs(found - expected) < 5
    for found, expected in zip((left, right), (2 * w / COLUMNS, 3 * w / COLUMNS), strict=True):
        assert abs(found - expected) < 5


def test_the_grid_of_seeds_and_of_codes_is_resized(pilot):
    pilot.enter("Codes/Rows", "5")
    assert pilot.request.grid == Grid(5, COLUMNS)
    assert pilot.wait_for_picture().pixels.shape == (10, 12, 3)
    pilot.click("Codes/Grid", at=(0.01, 0.99))
    pilot.enter("Codes/Columns", "7")
    assert grid(pilot).shape == (5, 7)
    assert (grid(pilot)[:, 6] == grid(pilot)[:, 5]).all()
    pilot.click("Codes/Between/Nearest code")
    assert pilot.request.grid.snap
    pilot.click("Codes/Reset")
    assert (pilot.request.latent, pilot.request.grid) == (SeedPoint(), Grid())


def test_a_picture_that_is_opened_is_encoded(pilot, tmp_path: Path):
    Image.new("RGB", (15, 9), (200, 60, 30)).save(tmp_path / "photo.jpg")
    pilot.actions.opening.open(str(tmp_path / "photo.jpg"))
    pilot.wait_until(lambda: isinstance(pilot.request.latent, Codes))
    assert pilot.wait_for_picture().pixels.shape == (8, 14, 3)
    assert pilot.session.notices[-1].text == "Encoded photo.jpg"
    pilot.press("Ctrl+Z")
    assert pilot.request.latent == SeedPoint(2)


def test_codes_are_saved_and_opened_again(pilot, tmp_path: Path):
    codes = pilot.session.frame.codes
    pilot.actions.latents.save()
    (path,) = tmp_path.glob("*.npz")
    pilot.press("R")
    pilot.wait_for_picture()
    pilot.actions.opening.open(str(path))
    assert pilot.request.latent == codes


def test_a_picture_that_cannot_be_encoded_says_why(pilot, networks, tmp_path: Path):
    Image.new("RGB", (15, 9)).save(tmp_path / "photo.png")
    pilot.open(networks[1])
    assert "no encoder" in pilot.ui.reasons["Codes/Encode a picture"]
    pilot.actions.opening.open(str(tmp_path / "photo.png"))
    assert (pilot.session.notices[-1].text, "no encoder" in pilot.session.notices[-1].detail) == (
        "photo.png cannot be encoded", True,
    )  # fmt: skip
    pilot.open(SG2)
    pilot.actions.opening.open(str(tmp_path / "photo.png"))
    assert pilot.session.notices[-1].text == "photo.png holds no settings"


def test_the_panel_is_folded_where_it_is_of_no_use(pilot):
    assert pilot.has("Codes/Grid")
    assert not pilot.has("Layer strip/Row 0")
    pilot.open(SG2)
    assert pilot.has("Layer strip/Row 0")
    assert not pilot.has("Codes/Grid")
    pilot.click("Codes/Header")
    assert not pilot.has("Codes/Grid")


def test_no_word_of_a_network_with_codes_is_cut(pilot):
    pilot.context.prefer(panels={panel.title: True for panel in PANELS})
    pilot.session.edit(latent=Codes(4, 60, (11,) * 240))
    pilot.wait_for_picture()
    for scale, theme in ((1.0, Theme.DARK), (1.5, Theme.LIGHT), (0.75, Theme.DARK)):
        pilot.context.prefer(ui_scale=scale, theme=theme)
        pilot.step(3)
        assert not set(pilot.ui.paint.shortened) - {str(pilot.actions.capture_folder), pilot.request.network}
