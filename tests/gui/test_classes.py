"""Choosing a class by number and by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from core.network import write_network
from core.request import RenderRequest, Truncation
from tests.fixtures.samples import FOLDER
from tests.gui.pilot import Pilot
from tests.small import stylegan2

NAMES = [f"{colour} {animal}" for animal in ("cat", "dog", "hen", "owl") for colour in ("red", "grey", "wild", "old")]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A network with sixteen classes; their names lie elsewhere."""
    folder = tmp_path_factory.mktemp("networks")
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "animals.txt").write_text("\n".join(NAMES))
    write_network(stylegan2(8, c_dim=len(NAMES)).generator, folder / "animals.safetensors")
    return str(folder / "animals.safetensors")


@pytest.fixture(scope="module")
def named(network: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same with its names beside it."""
    folder = tmp_path_factory.mktemp("named")
    path = folder / "animals.safetensors"
    path.write_bytes(Path(network).read_bytes())
    (folder / "animals.classes.txt").write_text("\n".join(NAMES))
    return str(path)


@pytest.fixture(scope="module")
def running(library, display, headless, named) -> Iterator[Pilot]:
    with Pilot(library) as pilot:
        pilot.open(named)
        yield pilot


@pytest.fixture
def pilot(running, named):
    """The program with the network that has names."""
    running.open(named)
    running.start_anew(RenderRequest(network=named))
    return running


def lines(pilot):
    """The classes that the menu shows."""
    prefix = "Latent/Class "
    return [int(rest) for name in pilot.ui.items if (rest := name.removeprefix(prefix)).isdecimal()]


def open_menu(pilot):
    pilot.click("Latent/Class")
    pilot.step(2)


def test_without_names_a_class_is_chosen_by_its_number(pilot, network):
    pilot.open(network)
    open_menu(pilot)
    assert lines(pilot) == list(range(9))
    pilot.type_text("15")
    assert lines(pilot) == [15]
    pilot.click("Latent/Class 15")
    assert pilot.request.label == 15
    assert lines(pilot) == []  # the menu has closed
    assert pilot.value("Latent/Class number") == "15"
    pilot.click("Latent/Class number more")
    assert pilot.request.label == 15
    pilot.click("Latent/Class reset")
    assert pilot.request.label is None


def test_a_class_is_found_by_its_name_and_undo_takes_it_back(pilot):
    before = pilot.wait_for_picture().image
    open_menu(pilot)
    pilot.type_text("hen gre")
    assert lines(pilot) == [NAMES.index("grey hen")]
    pilot.press("Enter")
    assert pilot.request.label == NAMES.index("grey hen")
    assert not (pilot.wait_for_picture().image == before).all()
    pilot.step(2)
    pilot.press("Ctrl+Z")
    assert pilot.request.label is None


def test_a_name_that_no_class_has_finds_nothing(pilot):
    open_menu(pilot)
    pilot.type_text("submarine")
    assert lines(pilot) == []
    pilot.press("Enter")
    assert pilot.request.label is None
    pilot.press("Escape")


def test_escape_closes_the_menu_from_the_search(pilot):
    open_menu(pilot)
    pilot.type_text("red")
    pilot.press("Escape")
    pilot.step()
    assert lines(pilot) == []
    assert not pilot.has("Stay")  # the question whether to quit


def test_the_menu_opens_at_the_chosen_class(pilot):
    pilot.session.edit(label=12)
    pilot.wait_for_picture()
    open_menu(pilot)
    assert lines(pilot)[0] > 4
    assert 12 in lines(pilot)
    pilot.press("Escape")


def test_buttons_beside_a_name_go_round_the_classes(pilot):
    pilot.session.edit(label=0)
    pilot.step(2)
    pilot.click("Latent/Previous class")
    assert pilot.request.label == 15
    pilot.click("Latent/Next class")
    pilot.click("Latent/Next class")
    assert pilot.request.label == 1


def test_names_from_a_file_are_shown_and_remembered(pilot, named, network):
    folder = Path(network).parent / "elsewhere"
    pilot.context.prefer(browse_folder=str(folder))
    pilot.open(network)
    assert pilot.session.info.class_names == ()
    open_menu(pilot)
    pilot.click("Menu/Names from a file…")
    pilot.step(2)
    pilot.click("Browser/animals.txt")
    pilot.step(2)
    assert pilot.session.info.class_names == tuple(NAMES)
    assert pilot.context.settings.class_files == {network: str(folder / "animals.txt")}
    pilot.open(named)
    pilot.open(network)
    assert pilot.session.info.class_names == tuple(NAMES)


def test_a_file_that_names_other_classes_is_refused(pilot, network, tmp_path):
    (tmp_path / "few.txt").write_text("a\nb")
    pilot.context.prefer(browse_folder=str(tmp_path))
    pilot.open(network)
    open_menu(pilot)
    pilot.click("Menu/Names from a file…")
    pilot.step(2)
    pilot.click("Browser/few.txt")
    pilot.step(2)
    assert "names of 2 classes; this network has 16" in pilot.session.problem.text
    assert pilot.session.info.class_names == ()
    assert pilot.context.settings.class_files == {}


def test_where_each_class_has_its_own_average_the_centre_says_so(pilot, library):
    first = pilot.open(str(FOLDER / "xl_stem_cond.pkl"))
    pilot.session.edit(label=3, truncation=Truncation(0.0))
    frame = pilot.wait_for_picture()
    centres = library.shelf[pilot.request.network].generator.mapping.w_avg
    assert torch.equal(torch.from_numpy(frame.ws[0]), centres[3])
    assert not (first.ws == frame.ws).all()
    pilot.click("Truncation & noise/Centre")
    pilot.step()
    assert pilot.has("Menu/Average of the class")
    pilot.press("Escape")
