"""Tables of pictures: which request is where, and the sheet that they make."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.base.errors import UsageError
from core.documents.latents.lists import named_latents
from core.render.renderer import Renderer
from core.request import RenderRequest, SeedPoint, StyleSource, Truncation, WVector
from core.request.edits import shares
from core.request.tables import GAP, Cell, Named, between, gallery, mixing, neighbours, sheet, truncations
from tests.small import stylegan2

BASE = RenderRequest("a", truncation=Truncation(0.7))


def test_a_cell_of_a_mixing_table_is_its_row_with_layers_of_its_column():
    table = mixing(BASE, [Named.seed(1), Named.seed(2)], [Named.seed(7), Named.seed(8), Named.seed(9)], range(3))
    assert (table.rows, table.columns, len(table.cells)) == (3, 4, 11)
    heads = [cell for cell in table.cells if cell.is_header]
    assert [cell.name for cell in heads] == ["column-7", "column-8", "column-9", "row-1", "row-2"]
    cell = next(cell for cell in table.cells if (cell.row, cell.column) == (2, 1))
    assert cell.name == "2-7"
    assert cell.request == replace(
        BASE, latent=SeedPoint(2), sources=(StyleSource(SeedPoint(7), parts=(1.0, 1.0, 1.0)),)
    )


def test_the_cells_are_what_mixing_by_hand_gives():
    network = stylegan2()
    renderer = Renderer(network)
    (cell,) = [c for c in mixing(BASE, [Named.seed(1)], [Named.seed(7)], {2, 5}).cells if not c.is_header]
    row, column = (renderer.render(replace(BASE, latent=SeedPoint(seed))).ws for seed in (1, 7))
    got = renderer.render(cell.request).ws
    assert got is not None and row is not None and column is not None  # noqa: PT018
    expected = row.copy()
    expected[[2, 5]] = column[[2, 5]]
    assert np.array_equal(got, expected)


def test_a_sweep_goes_from_one_psi_to_the_other():
    psis = [cell.request.truncation.psi for cell in truncations(BASE, -1, 1, 5).cells]
    assert psis == [-1, -0.5, 0, 0.5, 1]
    assert truncations(BASE, 0.5, 1, 1).cells[0].request.truncation.psi == 0.5


def test_steps_between_latents_begin_at_the_one_and_end_at_the_other():
    table = between(replace(BASE, latent=SeedPoint(1)), SeedPoint(7), 3)
    renderer = Renderer(stylegan2())
    pictures = [renderer.render(cell.request).image for cell in table.cells]
    assert (pictures[0] - renderer.render(replace(BASE, latent=SeedPoint(1))).image).abs().max() < 1e-5
    assert (pictures[2] - renderer.render(replace(BASE, latent=SeedPoint(7))).image).abs().max() < 1e-5
    assert shares(table.cells[1].request, 4)[-1] == (0.5,) * 4


def test_neighbours_lie_around_the_point_in_the_middle():
    table = neighbours(replace(BASE, latent=SeedPoint(10, 2)), 3, 5, 0.5)
    points = {(cell.row, cell.column): cell.request.latent for cell in table.cells}
    assert points[1, 2] == SeedPoint(10, 2)
    assert points[0, 0] == SeedPoint(9, 1.5)
    assert points[2, 4] == SeedPoint(11, 2.5)


def test_a_sheet_has_every_picture_in_its_place_and_leaves_the_corner_empty():
    table = mixing(BASE, [Named.seed(1)], [Named.seed(7), Named.seed(8)], {0})
    values = {cell: 10 * i for i, cell in enumerate(table.cells)}

    def picture(cell: Cell) -> np.ndarray | None:
        return None if cell.name == "1-8" else np.full((4, 6, 3), values[cell], np.uint8)

    whole = sheet(table, picture)
    assert whole.shape == (2 * 4 + GAP, 3 * 6 + 2 * GAP, 3)
    assert (whole[:4, :6] == 255).all()
    for cell in table.cells:
        y, x = cell.row * (4 + GAP), cell.column * (6 + GAP)
        assert (whole[y : y + 4, x : x + 6] == (255 if cell.name == "1-8" else values[cell])).all()


def test_pictures_of_several_sizes_lie_in_the_middle_of_their_cells():
    table = gallery(BASE, [Named.seed(1), Named.seed(2)], 2)
    sizes = {table.cells[0]: (4, 2), table.cells[1]: (2, 6)}
    whole = sheet(table, lambda cell: np.zeros((*sizes[cell], 3), np.uint8))
    assert whole.shape == (4, 2 * 6 + GAP, 3)
    assert (whole[:, 2:4] == 0).all()
    assert (whole[1:3, 6 + GAP :] == 0).all()
    assert (whole == 0).all(axis=2).sum() == 8 + 12


def test_latents_fill_a_grid_row_by_row():
    table = gallery(BASE, [Named.seed(seed) for seed in (5, 3, 8, 1, 9)], 2)
    assert (table.rows, table.columns) == (3, 2)
    assert [(cell.row, cell.column, cell.name) for cell in table.cells][2:] == [(1, 0, "8"), (1, 1, "1"), (2, 0, "9")]
    assert table.cells[3].request == replace(BASE, latent=SeedPoint(1))
    square = gallery(BASE, [Named.seed(seed) for seed in range(9)])
    assert (square.rows, square.columns) == (3, 3)


def test_a_folder_stands_for_the_latents_that_it_holds(tmp_path):
    info = stylegan2().info
    with pytest.raises(UsageError, match=r"holds no \.npy"):
        named_latents(f"1,{tmp_path}", info)
    for name, count in (("b", 2), ("a", 1)):
        np.save(tmp_path / f"{name}.npy", np.zeros((count, info.w_dim), np.float32))
    (tmp_path / "notes.txt").write_text("no latent")
    assert [named.name for named in named_latents(f"1,{tmp_path}", info)] == ["1", "a", "b.0", "b.1"]


def test_rows_and_columns_are_labelled():
    base = RenderRequest()
    tables = {
        "mixing": mixing(base, [Named.seed(1)], [Named.seed(5), Named(WVector(((0.0,),)), "me")], [0]),
        "truncations": truncations(base, -1, 1, 3),
        "neighbours": neighbours(base, 1, 3, 0.5),
        "gallery": gallery(base, [Named.seed(i) for i in range(3)], columns=2),
    }
    labels = {name: (table.row_labels, table.column_labels) for name, table in tables.items()}
    assert labels == {
        "mixing": (("", "1"), ("", "5", "me")),
        "truncations": (("Psi",), ("−1.00", "0.00", "1.00")),
        "neighbours": (("0",), ("−0.5", "0", "0.5")),
        "gallery": (("0 … 1", "2"), ()),
    }
