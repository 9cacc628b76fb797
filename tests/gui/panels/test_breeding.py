"""Breeding: parents of the shelf, a table of children, stars that keep them, and the next generation."""

from __future__ import annotations

import numpy as np

from core.project.shelf import new_kept
from core.request import RenderRequest, SeedPoint
from tests.gui.conftest import SG2


def test_children_are_bred_starred_and_bred_again(launch):
    pilot = launch(workspace="Tables", size=(1280, 800), panels={"Table": False, "Network": False, "Latent": False})
    assert "Choose 2 to 8 parents" in pilot.ui.reasons["Breeding/Breed"]
    parents = [RenderRequest(SG2, SeedPoint(seed)) for seed in (3.0, 4.0, 5.0)]
    other = new_kept(RenderRequest("elsewhere.pkl"))
    pilot.session.document.change(shelf=(*(new_kept(parent) for parent in parents), other))
    pilot.step(2)
    assert not pilot.has("Breeding/Parent 3")  # of another network
    pilot.click("Breeding/Parent 0")
    pilot.click("Breeding/Parent 2")
    pilot.enter("Breeding/Children", "4")
    pilot.click("Breeding/Breed")
    pilot.step()
    pilot.wait_until(lambda: not pilot.session.operations)
    pilot.step(2)
    table, view = pilot.context.tables.table, pilot.app.shell.view
    assert [cell.title for cell in table.cells] == ["Child 1", "Child 2", "Child 3", "Child 4"]
    assert len({cell.request for cell in table.cells}) == 4
    assert {cell.request.latent for cell in table.cells} <= {parents[0].latent, parents[2].latent}
    for cell in table.cells[:2]:
        place = view._place(table, cell)
        pilot.move(place.right - pilot.ui.px(10), place.y + pilot.ui.px(10))
        pilot.down()
        pilot.up()
        pilot.step()
    kept = pilot.session.document.state.shelf[-2:]
    assert [(one.name, one.starred, one.request) for one in kept] == [
        (cell.title, True, cell.request) for cell in table.cells[:2]
    ]
    assert all(one.picture for one in kept)
    before = pilot.request
    place = view._place(table, table.cells[3])
    pilot.move(place.x + 4, place.bottom - 4)
    pilot.down()
    pilot.up()
    assert before != pilot.request == table.cells[3].request
    assert np.array_equal(pilot.wait_for_picture().pixels, pilot.context.tables.pictures[table.cells[3]])
    pilot.click("Breeding/Breed from the starred")
    pilot.step()
    pilot.wait_until(lambda: not pilot.session.operations)
    assert pilot.context.tables.table != table
    pilot.step()
    pilot.press("Ctrl+Z")
    pilot.press("Ctrl+Z")
    assert pilot.session.document.state.shelf[-1].name == "Child 1"
