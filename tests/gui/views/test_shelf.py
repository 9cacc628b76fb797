"""The shelf below the picture: keeping, going back, reordering, dropping, importing."""

from __future__ import annotations

import numpy as np
import pytest

from core.project.shelf import title_of
from core.request import SeedPoint
from tests.gui.conftest import SG2


@pytest.fixture
def pilot(launch):
    return launch(size=(1100, 700), panels={"Shelf": True})


def kept(pilot) -> list[str]:
    return [title_of(one) for one in pilot.session.document.state.shelf]


def item(pilot, index: int) -> str:
    return f"Shelf/Kept {pilot.session.document.state.shelf[index].id}"


def keep(pilot, *seeds: int) -> None:
    for seed in seeds:
        pilot.session.edit(latent=SeedPoint(float(seed)))
        pilot.wait_for_picture()
        pilot.press("K")
    pilot.step()


def drop(pilot, name: str, place: str, at: tuple[float, float] = (0.5, 0.5)) -> None:
    """Drag an item to a place, and let it go there."""
    pilot.show(place)
    pilot.move_to(name)
    pilot.down()
    r = pilot.item(place)
    x, y = r.x + r.w * at[0], r.y + r.h * at[1]
    pilot.move(x - 20, y)
    pilot.move(x, y)
    pilot.up()
    pilot.step()


def test_a_kept_picture_is_gone_back_to_and_undo_takes_each_step_back(pilot):
    keep(pilot, 3)
    picture = pilot.wait_for_picture().pixels
    keep(pilot, 8)
    assert kept(pilot) == ["Seed 3", "Seed 8"]
    assert all(one.picture for one in pilot.session.document.state.shelf)
    pilot.press("K")
    assert len(kept(pilot)) == 2  # it is there already
    pilot.click(item(pilot, 0))
    assert np.array_equal(pilot.wait_for_picture().pixels, picture)
    pilot.press("Right")  # the shelf has the keyboard
    pilot.press("Enter")
    assert pilot.request.latent == SeedPoint(8.0)
    pilot.press("Delete")
    assert kept(pilot) == ["Seed 3"]
    assert pilot.session.document.undone == "Removed Seed 8"
    pilot.press("Ctrl+Z")
    assert kept(pilot) == ["Seed 3", "Seed 8"]
    pilot.click("Shelf/Title")
    pilot.step()
    assert not pilot.has(item(pilot, 0))
    assert pilot.app.shell.picture.rect.bottom < pilot.item("Shelf/Title").y


def test_what_is_dragged_goes_where_it_is_let_go(pilot):
    keep(pilot, 1, 2, 3)
    drop(pilot, item(pilot, 2), item(pilot, 0), at=(0.1, 0.5))
    assert kept(pilot) == ["Seed 3", "Seed 1", "Seed 2"]
    assert pilot.session.document.undone == "Moved Seed 3"
    assert pilot.request.latent == SeedPoint(3.0)  # a drag is no click
    drop(pilot, item(pilot, 2), "Picture")
    assert pilot.request.latent == SeedPoint(2.0)
    parts = pilot.request.sources[0].parts
    drop(pilot, item(pilot, 1), "Style mixing/Source S1", at=(0.3, 0.5))
    assert pilot.request.sources[0].latent == SeedPoint(1.0)
    assert pilot.request.sources[0].parts == parts
    assert pilot.actions.shelf.choice.dragged == ()


def test_several_are_chosen_named_tagged_and_found(pilot):
    keep(pilot, 1, 2, 3)
    pilot.click(item(pilot, 0))
    pilot.click(item(pilot, 2), held="Shift")
    assert len(pilot.actions.shelf.chosen) == 3
    pilot.click(item(pilot, 1), held="Ctrl")
    pilot.right_click(item(pilot, 0))
    pilot.click("Menu/Tags…")
    pilot.step()
    pilot.type_text("hats, red")
    pilot.press("Enter")
    assert [one.tags for one in pilot.session.document.state.shelf] == [("hats", "red"), (), ("hats", "red")]
    pilot.double_click(item(pilot, 1))
    pilot.step()
    pilot.type_text("Anna")
    pilot.press("Enter")
    assert kept(pilot) == ["Seed 1", "Anna", "Seed 3"]
    pilot.actions.shelf.choice.search = "#hat"
    pilot.step()
    assert not pilot.has(item(pilot, 1))
    assert pilot.has(item(pilot, 2))


def test_a_list_is_imported_in_one_step_and_its_pictures_are_made(pilot, tmp_path):
    path = tmp_path / "seeds.csv"
    path.write_text("seed,name\n5,Anna\n6,\n")
    pilot.actions.shelf.imports.read([path, tmp_path / "gone.npy"])
    pilot.wait_until(lambda: len(kept(pilot)) == 2)
    assert kept(pilot) == ["Anna", "Seed 6"]
    assert any("gone.npy" in notice.text for notice in pilot.session.notices)
    pilot.leave()
    pilot.wait_until(lambda: all(one.picture for one in pilot.session.document.state.shelf))
    pilot.press("Ctrl+Z")  # the pictures were no steps
    assert kept(pilot) == []
    pilot.press("Ctrl+Shift+Z")
    assert all(one.picture for one in pilot.session.document.state.shelf)


def test_the_way_to_a_kept_picture_is_one_step(pilot):
    keep(pilot, 1, 4)
    shelf = pilot.actions.shelf
    before = pilot.request
    shelf.animate_to(shelf.shelf[0], 0.05)
    pilot.step()
    pilot.wait_until(lambda: pilot.session.animation.transition is None)
    pilot.step()
    assert pilot.request == shelf.shelf[0].request
    pilot.press("Ctrl+Z")
    assert pilot.request == before
    shelf.animate_to(shelf.shelf[0], 1000.0)
    pilot.step(3)
    assert pilot.request not in (before, shelf.shelf[0].request)
    pilot.press("Ctrl+Z")  # it ends, and is taken back
    assert pilot.request == before
    assert not pilot.session.animation.running


def test_what_is_kept_is_exported(pilot, tmp_path):
    keep(pilot, 1, 4)
    shelf = pilot.actions.shelf
    shelf.exports.latents(shelf.shelf, ".npz")
    shelf.exports.zs(shelf.shelf, ".npy")
    shelf.exports.sheet(shelf.shelf)
    folder = tmp_path / "captures"
    pilot.wait_until(lambda: len([*folder.glob("0*")]) == 3)
    with np.load(next(folder.glob("*.npz"))) as archive:
        assert archive["names"].tolist() == ["Seed 1", "Seed 4"]
        assert np.allclose(archive["w"][1], pilot.wait_for_picture().ws, atol=1e-6)
    assert np.load(next(folder.glob("*-z.npy"))).shape == (2, pilot.session.info.z_dim)
    shelf.keep_as_a(shelf.shelf[0], pilot.context.comparison)
    pilot.wait_until(lambda: pilot.context.comparison.kept is not None)
    assert pilot.context.comparison.kept.request == shelf.shelf[0].request


def test_a_picture_of_another_network_is_gone_to_with_it(pilot):
    keep(pilot, 1)
    pilot.open("seed:0")
    pilot.step()
    assert pilot.actions.shelf.why_not_mix(pilot.actions.shelf.shelf[0])
    pilot.click(item(pilot, 0))
    pilot.wait_for_picture()
    assert (pilot.session.loaded.location, pilot.request.latent) == (SG2, SeedPoint(1.0))


def test_what_is_dropped_on_the_timeline_becomes_keys(pilot):
    keep(pilot, 1, 2)
    pilot.actions.shelf.choice.choose([])
    pilot.choose_workspace("Animate")
    drop(pilot, item(pilot, 1), "Timeline/Ruler", at=(0.25, 3.0))  # below the ruler
    track = pilot.session.document.state.timeline.track("latent")
    assert [key.value for key in track.keys] == [SeedPoint(2.0)]
    assert 0 < track.keys[0].time_s < pilot.session.document.state.timeline.duration_s / 2
    pilot.press("Ctrl+Z")
    assert pilot.session.document.state.timeline.tracks == ()
