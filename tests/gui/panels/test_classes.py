"""Choosing a class by number and by name, and mixing it with another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from core.opening.network import write_network
from core.request import RenderRequest, StyleSource, Truncation
from core.request.labels import soft_label
from core.request.seeds import z_of
from tests.fixtures.ports import zoo_dcgan
from tests.fixtures.samples import FOLDER
from tests.gui.conftest import SG2
from tests.gui.pilot import Pilot
from tests.sessions import save_request
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
    pilot.wait_until(lambda: pilot.has("Browser/animals.txt"))  # the folder has been read
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
    pilot.wait_until(lambda: pilot.has("Browser/few.txt"))
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


# ----------------------------------------------------------------------------
# Mixes of two classes.


def choose_other(pilot, text: str) -> None:
    pilot.click("Latent/Mix with")
    pilot.step(2)
    pilot.type_text(text)
    pilot.press("Enter")
    pilot.step(2)


def mix(part: float, first: int = 1, second: int = 9) -> tuple[float, ...]:
    return soft_label({first: 1 - part, second: part}, len(NAMES))


def test_a_second_class_is_half_of_the_mix_at_first_and_undo_takes_it_back(pilot):
    pilot.session.edit(label=1)
    pilot.step(2)
    assert not pilot.has("Latent/Share")
    choose_other(pilot, "grey hen")
    assert pilot.request.label == mix(0.5)
    assert pilot.value("Latent/Share") == "0.50"
    pilot.click("Latent/Mix with reset")
    assert pilot.request.label == 1
    pilot.press("Ctrl+Z")
    assert pilot.request.label == mix(0.5)
    pilot.press("Ctrl+Z")
    assert pilot.request.label == 1
    assert not pilot.has("Latent/Share")


def test_the_slider_leads_from_one_class_to_the_other_and_back(pilot):
    images = []
    for label in (1, 9):
        pilot.session.edit(label=label)
        images.append(pilot.wait_for_picture().image)
    pilot.session.edit(label=1)
    pilot.step(2)
    choose_other(pilot, "9")
    half = pilot.wait_for_picture().image
    pilot.drag("Latent/Share", 500, at=(0.3, 0.5))
    assert pilot.request.label == mix(1.0)
    assert torch.equal(pilot.wait_for_picture().image, images[1])
    pilot.drag("Latent/Share", -500, at=(0.3, 0.5))
    assert pilot.request.label == mix(0.0)
    assert torch.equal(pilot.wait_for_picture().image, images[0])
    pilot.right_click("Latent/Share")
    assert torch.equal(pilot.wait_for_picture().image, half)
    pilot.press("Ctrl+Z")
    pilot.press("Ctrl+Z")
    assert pilot.request.label == mix(1.0)


def test_the_slider_shows_pictures_while_it_is_dragged(pilot):
    pilot.session.edit(label=mix(0.2))
    pilot.wait_for_picture()
    x, y = pilot.move_to("Latent/Share")
    pilot.down()
    pilot.move(x + 30, y)
    frame = pilot.wait_for_picture()
    assert frame.request.label == pilot.request.label
    assert float(pilot.value("Latent/Share")) > 0.2
    pilot.up()


def test_the_picture_of_a_mix_is_that_of_the_soft_label(pilot, library, named):
    pilot.session.edit(label=mix(0.5))
    pilot.step(2)
    pilot.enter("Latent/Share", "0.3")
    assert pilot.request.label == mix(0.3)
    frame = pilot.wait_for_picture()
    generator, info = library.shelf[named].generator, library.shelf[named].info
    z = torch.from_numpy(z_of(0, info.z_dim, info.c_dim)[0])[None]
    assert torch.equal(torch.from_numpy(frame.ws), generator.map(z, torch.tensor([mix(0.3)]))[0])


def test_either_class_changes_and_the_share_stays(pilot):
    pilot.session.edit(label=mix(0.25))
    pilot.step(2)
    pilot.click("Latent/Next class")
    assert pilot.request.label == mix(0.25, 2, 9)
    pilot.click("Latent/Previous other class")
    assert pilot.request.label == mix(0.25, 2, 8)
    for _ in range(6):  # also where both are the same on the way
        pilot.click("Latent/Previous other class")
    assert pilot.request.label == soft_label({2: 1.0}, len(NAMES))
    pilot.click("Latent/Previous other class")
    assert pilot.request.label == mix(0.25, 2, 1)
    open_menu(pilot)
    pilot.click("Menu/From the seed")
    assert pilot.request.label is None
    assert "Choose a class above first" in pilot.ui.reasons["Latent/Mix with"]


def test_a_session_brings_the_mix_back(pilot, tmp_path):
    pilot.session.edit(label=mix(0.3))
    image = pilot.wait_for_picture().image
    save_request(tmp_path / "mix.json", pilot.request)
    pilot.click("Latent/Class reset")
    assert not torch.equal(pilot.wait_for_picture().image, image)
    pilot.actions.opening.open(str(tmp_path / "mix.json"))
    assert torch.equal(pilot.wait_for_picture().image, image)
    assert (pilot.request.label, pilot.value("Latent/Share")) == (mix(0.3), "0.30")


def test_a_label_of_more_classes_is_told_and_left_alone(pilot):
    label = soft_label({1: 0.5, 2: 0.25, 3: 0.25}, len(NAMES))
    pilot.session.edit(label=label)
    pilot.step(2)
    assert "weights of 3 classes" in pilot.ui.reasons["Latent/Mix with"]
    assert not pilot.has("Latent/Share")
    assert pilot.request.label == label
    open_menu(pilot)
    pilot.press("Escape")
    assert pilot.request.label == label
    pilot.click("Latent/Class reset")
    assert pilot.request.label is None


def test_a_network_without_classes_has_nothing_to_mix(pilot):
    pilot.open(SG2)
    assert pilot.ui.reasons["Latent/Class"] == "This network was trained without classes."
    assert not pilot.has("Latent/Mix with")


def test_without_names_the_number_of_the_other_class_is_changed(pilot, network):
    pilot.open(network)
    pilot.session.edit(label=mix(0.25))
    pilot.step(2)
    assert (pilot.value("Latent/Class number"), pilot.value("Latent/Other class number")) == ("1", "9")
    pilot.click("Latent/Other class number more")
    assert pilot.request.label == mix(0.25, 1, 10)


@pytest.mark.parametrize("name", ["xl_stem_cond.pkl", "biggan_hf.bin", "r3gan.pkl"])
def test_classes_of_every_family_are_mixed(pilot, name):
    pilot.open(str(FOLDER / name))
    pilot.session.edit(label=0)
    pilot.step(2)
    first = pilot.wait_for_picture().image
    pilot.click("Latent/Mix with")
    pilot.step(2)
    pilot.click("Latent/Class 2")
    assert pilot.request.label == soft_label({0: 0.5, 2: 0.5}, pilot.session.info.c_dim)
    assert not torch.equal(pilot.wait_for_picture().image, first)


def test_a_source_of_styles_has_a_mix_of_its_own(pilot):
    pilot.open_panel("Style mixing")
    pilot.session.edit(sources=(StyleSource(label=1, parts=(1.0,)),))
    pilot.step(2)
    pilot.click("Style mixing/Mix with")
    pilot.step(2)
    pilot.type_text("grey hen")
    pilot.press("Enter")
    pilot.step(2)
    assert pilot.request.sources == (StyleSource(label=mix(0.5), parts=(1.0,)),)
    pilot.enter("Style mixing/Share", "0.2")
    assert pilot.request.sources[0].label == mix(0.2)
    assert pilot.request.label is None


def test_the_command_line_of_the_window_says_how_many_classes_z_has(running, tmp_path, monkeypatch):
    monkeypatch.setenv("VISUALIZER_CACHE_DIR", str(tmp_path))
    pilot, path = running, str(tmp_path / "dcgan.pth")
    torch.save({name: torch.from_numpy(array) for name, array in zoo_dcgan().items()}, path)
    pilot.context.actions.opening.open_with_classes(path, 3)
    pilot.wait_until(lambda: pilot.session.loaded and pilot.session.loaded.location == f"{path}#classes=3")
    assert pilot.session.info.c_dim == 3
    pilot.open(path)  # it is remembered
    assert pilot.session.info.c_dim == 3
    pilot.context.actions.opening.open_with_classes(path, 99)
    pilot.wait_until(lambda: pilot.session.problem)
    assert "cannot have 99 classes" in pilot.session.problem.text


def test_how_many_classes_z_has_is_set_where_no_file_tells(running, tmp_path, monkeypatch):
    monkeypatch.setenv("VISUALIZER_CACHE_DIR", str(tmp_path))
    pilot, path = running, str(tmp_path / "dcgan.pth")
    torch.save({name: torch.from_numpy(array) for name, array in zoo_dcgan().items()}, path)
    plain = pilot.open(path).image
    assert "set how many in the Network panel" in pilot.ui.reasons["Latent/Class"]
    pilot.enter("Network/Classes", "2")
    pilot.wait_until(lambda: pilot.session.info.c_dim == 2)
    pilot.wait_for_picture()
    assert pilot.request.network == f"{path}#classes=2"
    assert pilot.value("Network/Classes") == "2"
    pilot.session.edit(label=1)
    assert not torch.equal(pilot.wait_for_picture().image, plain)
    save_request(tmp_path / "s.json", pilot.request, pilot.session.loaded.origin)
    pilot.click("Network/Classes reset")
    pilot.wait_until(lambda: pilot.session.info.c_dim == 0)
    assert torch.equal(pilot.wait_for_picture().image, plain)
    pilot.open(str(tmp_path / "s.json"))  # which knows better than what is remembered
    pilot.wait_until(lambda: pilot.session.info.c_dim == 2)
    assert pilot.wait_for_picture().request.label == 1
