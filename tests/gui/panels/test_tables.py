"""The workspace Tables: pictures side by side, made while one watches."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.base.progress import silent
from core.render.renderer import Renderer
from core.request import SeedPoint, Truncation
from tests.gui.conftest import SG2
from visualizer.settings import Theme


@pytest.fixture
def pilot(launch):
    return launch(workspace="Tables")


def make(pilot) -> None:
    pilot.click("Table/Make the table")
    pilot.step()
    pilot.wait_until(lambda: not pilot.session.operations)
    pilot.step(2)


def kind(pilot, name: str) -> None:
    pilot.click("Table/Kind")
    pilot.step()
    pilot.click(f"Menu/{name}")
    pilot.step()


def cell_at(pilot, row: int, column: int) -> tuple[float, float]:
    """Where on the screen the middle of a cell is."""
    r, table = pilot.app.shell.view.rect, pilot.context.tables.table
    return r.x + (column + 0.5) * r.w / table.columns, r.y + (row + 0.5) * r.h / table.rows


def test_a_mixing_table_is_made_and_a_click_makes_a_cell_current(pilot):
    make(pilot)
    tables = pilot.context.tables
    assert (tables.table.rows, tables.table.columns, len(tables.pictures)) == (5, 5, 24)
    pilot.move(*cell_at(pilot, 2, 3))
    pilot.down()
    pilot.up()
    pilot.step()
    (cell,) = [cell for cell in tables.table.cells if (cell.row, cell.column) == (2, 3)]
    assert cell.name == "1-6"
    assert pilot.request == cell.request
    assert np.array_equal(pilot.wait_for_picture().pixels, tables.pictures[cell])
    pilot.press("Ctrl+Z")
    assert pilot.session.point == SeedPoint()


def test_what_a_table_has_no_picture_for_is_as_dark_as_the_canvas(pilot):
    make(pilot)
    for theme in Theme:
        pilot.context.prefer(theme=theme)
        pilot.leave()
        pilot.step()
        (x, y), area = cell_at(pilot, 0, 0), pilot.item("Sheet")
        corner, canvas = (pilot.pixels()[int(at[1]), int(at[0])].astype(int)
                          for at in ((x, y), (area.right - 3, area.bottom - 3)))  # fmt: skip
        assert abs(corner - canvas).max() < 6, theme


def test_the_pictures_are_those_of_the_renderer(pilot, library):
    kind(pilot, "Truncation")
    pilot.enter("Table/Pictures", "3")
    make(pilot)
    renderer = Renderer(library(SG2, silent))
    for cell, psi in zip(pilot.context.tables.table.cells, (-1, 0, 1), strict=True):
        assert cell.request.truncation == Truncation(psi)
        assert np.array_equal(pilot.context.tables.pictures[cell], renderer.render(cell.request).pixels)


@pytest.mark.parametrize(("name", "count"), [("Neighbours", 15), ("Between", 9)])
def test_other_tables_are_made(pilot, name, count):
    kind(pilot, name)
    make(pilot)
    assert len(pilot.context.tables.pictures) == count


def test_a_box_on_the_seed_map_becomes_a_table_of_its_seeds(launch):
    pilot = launch()
    pilot.drag("Latent/Seed map", 60, 40, held="Ctrl")
    assert pilot.context.settings.workspace == "Tables"
    pilot.wait_until(lambda: not pilot.session.operations)
    table = pilot.context.tables.table
    assert (table.rows, table.columns) == (2, 2)
    assert [cell.request.latent for cell in table.cells] == [SeedPoint(x, y) for y in (0, 1) for x in (0, 1)]
    assert pilot.session.point == SeedPoint()


def test_a_table_that_is_stopped_keeps_what_is_there(pilot):
    kind(pilot, "Neighbours")
    pilot.enter("Table/Rows", "50")
    pilot.enter("Table/Columns", "50")
    pilot.click("Table/Make the table")
    pilot.wait_until(lambda: len(pilot.context.tables.pictures) > 2)
    pilot.click("Table/Cancel")
    pilot.wait_until(lambda: not pilot.session.operations)
    assert 2 < len(pilot.context.tables.pictures) < 2500
    assert pilot.session.problem is None


def test_a_table_is_saved_whole_with_labels_or_without_and_singly(pilot):
    assert "no table yet" in pilot.ui.reasons["Table/Save as one"]
    kind(pilot, "Truncation")
    pilot.enter("Table/Pictures", "2")
    make(pilot)
    pilot.click("Table/Save singly")
    pilot.wait_until(lambda: not pilot.session.jobs.running)
    names = sorted(path.name for path in pilot.actions.capture_folder.iterdir())
    assert names == ["00000-0.png", "00000-1.png", "00000.png"]
    pilot.click("Table/Labels")
    pilot.click("Table/Save as one")
    pilot.wait_until(lambda: not pilot.session.jobs.running)
    with Image.open(pilot.actions.capture_folder / "00000.png") as labelled:
        with Image.open(pilot.actions.capture_folder / "00001.png") as bare:
            assert bare.size == (2 * 32 + 2, 32)
            pictures = labelled.crop((labelled.width - 66, labelled.height - 32, *labelled.size))
            assert pictures.tobytes() == bare.tobytes()
        assert labelled.height > 32 + 12  # a line of text
        assert labelled.width > 66 + 12
    pilot.actions.opening.open(str(pilot.actions.capture_folder / "00000-1.png"))
    assert pilot.request.truncation == Truncation(1)


def test_a_list_that_makes_no_sense_is_said_below(pilot):
    pilot.click("Table/Rows")
    pilot.step()
    pilot.press("Ctrl+A")
    pilot.type_text("one")
    pilot.press("Enter")
    pilot.click("Table/Make the table")
    pilot.step()
    assert pilot.context.tables.table is None
    panel = next(panel for panel in pilot.app.shell.docks[0].panels if panel.title == "Table")
    assert "one is no file of latents" in panel._error
