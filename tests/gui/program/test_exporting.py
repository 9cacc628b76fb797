"""Films made in the window: beside the live view, paused, cancelled, refused, told."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from core.base.progress import silent
from core.film.choices import Cells
from core.film.film import FilmSize
from core.project import Kept
from core.render.renderer import Renderer
from core.request import Noise, SeedPoint
from core.timeline import Key, Timeline, Track
from core.video.formats import Format
from tests.core.video.films import decoded
from tests.disk import no_larger_files
from tests.gui.conftest import SG2

FRAMES = 12


def moving(pilot, seconds: float = 2.0) -> None:
    tracks = (
        Track("truncation.psi", (Key(0, 0.4), Key(seconds, 1.0))),
        Track("latent", (Key(0, SeedPoint(0)), Key(seconds, SeedPoint(3)))),
    )
    pilot.session.document.change(timeline=Timeline(tracks, duration_s=seconds, rate=Fraction(6)))


def settled(pilot) -> None:
    pilot.wait_until(lambda: not pilot.session.jobs.running)
    pilot.step()


@pytest.fixture
def pilot(launch):
    closed = dict.fromkeys(("Network", "Latent", "Style mixing", "Truncation & noise", "Transform", "Capture"), False)
    pilot = launch(workspace="Animate", panels={"Export": True, **closed})
    moving(pilot)
    pilot.step()
    return pilot


def test_a_film_is_made_while_the_picture_stays_live(pilot, library):
    filming, folder = pilot.actions.filming, pilot.actions.capture_folder
    pilot.wait_until(lambda: filming.unusable == {})
    filming.choose(format=Format.FFV1)
    pilot.step()
    assert pilot.value("Export/Film") == "12 frames · 2 s · 32 × 32"
    assert pilot.value("Export/Bytes").startswith("about ")
    film = filming.film()
    pilot.click("Export/Start")
    filming.pause()
    pilot.step()
    pilot.session.edit(noise=Noise(strength=0.3))
    pilot.wait_for_picture()
    filming.pause()
    settled(pilot)
    path = folder / "00000.mkv"
    assert pilot.session.notices[-1].path == path
    assert pilot.value("Export/Last film").startswith("00000.mkv · ")
    found = decoded(path)
    assert len(found) == FRAMES
    renderer = Renderer(library(SG2, silent))
    for index in (0, 5, 11):  # what is seen and changed meanwhile does not count
        request = film.request_at(film.time(index), pilot.session.info)
        assert np.array_equal(found[index], renderer.render(request).pixels)


def test_it_is_paused_and_cancelled_and_its_part_stays(pilot):
    moving(pilot, 200.0)
    filming = pilot.actions.filming
    pilot.step()
    pilot.click("Export/Start")
    pilot.wait_until(lambda: filming.run.encoded > 3)
    pilot.click("Export/Pause")
    pilot.wait_until(lambda: filming.run.paused and pilot.session.service.busy is False)
    pilot.step(20)
    held = filming.run.encoded
    pilot.window.wait(0.2)
    pilot.step()
    assert filming.run.encoded <= held + 2  # what was on its way
    assert "of 1,200" in pilot.value("Export/Progress")
    pilot.actions.window.quit()
    pilot.step(2)
    assert pilot.app.running
    pilot.click("Stay")
    pilot.click("Export/Go on")
    pilot.wait_until(lambda: filming.run.encoded > held + 3)
    pilot.press("Ctrl+.")
    settled(pilot)
    made = filming.run.made
    assert made.path.name == "00000.unfinished.mp4"
    assert made.path == pilot.session.notices[-1].path
    assert len(decoded(made.path)) == made.frames == filming.run.encoded
    pilot.actions.saving.tidy_up()  # as the next start does
    settled(pilot)
    assert pilot.session.notices[-1].text == "1 film has ended early"
    assert made.path.name in pilot.session.notices[-1].detail
    told = len(pilot.session.notices)
    pilot.actions.saving.tidy_up()
    settled(pilot)
    assert len(pilot.session.notices) == told  # once is enough
    assert made.path.exists()
    assert pilot.session.problem is None


def test_a_name_that_is_taken_is_asked_about_and_pictures_are_gone_on_with(pilot):
    filming, folder = pilot.actions.filming, pilot.actions.capture_folder
    (folder / "film.mp4").write_bytes(b"holiday")
    filming.choose(name="film", size=FilmSize(2))
    pilot.step()
    pilot.click("Export/Start")
    pilot.step()
    assert pilot.has("Export/Replace film.mp4")
    assert (folder / "film.mp4").read_bytes() == b"holiday"
    pilot.click("Export/Replace film.mp4")
    settled(pilot)
    assert decoded(folder / "film.mp4")[0].shape == (64, 64, 3)
    filming.choose(format=Format.PNG)
    for missing in (FRAMES, 1):
        pilot.step()
        pilot.click("Export/Start")
        settled(pilot)
        assert (filming.run.encoded, len(list((folder / "film").iterdir()))) == (missing, FRAMES)
        (folder / "film" / "00004.png").unlink()
    moving(pilot, 3.0)
    pilot.click("Export/Start")
    settled(pilot)
    assert "holds pictures of another film" in pilot.session.problem.text


def test_what_cannot_be_made_is_said_and_nothing_else_is_harmed(pilot):
    filming = pilot.actions.filming
    filming.choose(start_s=1.5, end_s=0.5)
    pilot.step()
    assert "has no length" in pilot.ui.reasons["Export/Start"]
    filming.choose(start_s=None, end_s=None, cells=Cells.STARRED)
    pilot.step()
    assert "No picture has a star" in pilot.ui.reasons["Export/Start"]
    filming.choose(cells=Cells.SHOWN, format=Format.H265)
    pilot.step()
    pilot.click("Export/Start")
    settled(pilot)
    assert "at least 64 pixels" in pilot.session.problem.text
    filming.choose(format=Format.FFV1, size=FilmSize(8))
    with no_larger_files(20_000):
        pilot.click("Export/Start")
        settled(pilot)
    assert "cannot be written: it is larger than a file may be there" in pilot.session.problem.text
    pilot.press("R")
    pilot.wait_for_picture()
    assert [path.name for path in pilot.actions.capture_folder.iterdir()] in ([], ["00000.unfinished.mkv"])


def test_what_is_kept_on_the_shelf_is_filmed_side_by_side(pilot, library):
    filming = pilot.actions.filming
    assert "on the shelf" in pilot.ui.reasons["Export/Pictures"]
    kept = [Kept(str(seed), replace(pilot.request, latent=SeedPoint(seed)), starred=seed < 2) for seed in range(3)]
    pilot.session.document.change(shelf=tuple(kept))
    filming.choose(format=Format.FFV1, cells=Cells.STARRED)
    pilot.step()
    pilot.click("Export/Start")
    settled(pilot)
    found, film = decoded(filming.run.made.path), filming.film()
    assert found[0].shape == (32, 64, 3)
    renderer = Renderer(library(SG2, silent))
    for cell in (0, 1):
        request = film.request_at(film.time(7), pilot.session.info, cell)
        assert np.array_equal(found[7][:, 32 * cell :][:, :32], renderer.render(request).pixels)
    assert filming.run.made.path.name == "00000.mkv"


def test_a_program_that_ends_keeps_the_part_that_is_there(pilot):
    moving(pilot, 200.0)
    pilot.step()
    pilot.click("Export/Start")
    pilot.wait_until(lambda: pilot.actions.filming.run.encoded > 3)
    pilot.close()
    (path,) = pilot.actions.capture_folder.iterdir()
    assert path.name == "00000.unfinished.mp4"
    assert len(decoded(path)) >= 4
