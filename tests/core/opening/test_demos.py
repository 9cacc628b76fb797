"""The demo networks: opened by their names wherever the program lies, and missed in words."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

import resources
from core.base.errors import UsageError
from core.documents.document import from_text, to_text
from core.opening.demos import DEMOS, default_location, demo_of, demo_picture, installed_demos
from core.opening.network import describe_network, open_network
from core.request import BUILT_IN, RenderRequest

MAX_PICTURE = 20_000  # bytes


@pytest.fixture
def partial(demo_resources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the program whose demo networks a test may remove. The folder that they are in."""
    shutil.copytree(demo_resources / "demo", tmp_path / "demo")
    monkeypatch.setattr(resources, "ROOT", tmp_path)
    return tmp_path / "demo"


@pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.name)
@pytest.mark.parametrize("form", ["{}", " '{}' "])
def test_a_demo_network_is_opened_by_its_name(demo_networks, demo, form):
    source = form.format(demo.location)
    network = open_network(source)
    info, origin = describe_network(source)
    assert info == network.info
    assert origin.location == source
    assert origin.path == str(demo_networks / f"{demo.name}.safetensors")


def test_what_is_saved_names_the_demo_network_and_no_folder(demo_networks):
    source = DEMOS[1].location
    text = to_text(RenderRequest(source), describe_network(source)[1])
    assert from_text(text, "it").request.network == source
    assert "resources" not in text


def test_an_unknown_name_lists_the_demo_networks_there_are(partial):
    (partial / "styles.safetensors").unlink()
    with pytest.raises(UsageError, match=r"no demo network here; .* has demo:portraits, demo:paintings, demo:p"):
        open_network("demo:cats")


def test_a_demo_that_this_copy_lacks_is_refused_with_those_it_has(partial):
    (partial / "styles.safetensors").unlink()
    for ask in (open_network, describe_network):
        with pytest.raises(UsageError, match=r"`demo:styles` is no demo network here; .* has demo:"):
            ask("demo:styles")


def test_the_first_demo_network_that_is_installed_is_the_default(partial):
    found = []
    for demo in DEMOS:
        found.append(default_location())
        (partial / f"{demo.name}.safetensors").unlink()
    assert found == [demo.location for demo in DEMOS]
    assert installed_demos() == ()


def test_without_any_demo_network_one_from_a_seed_is_the_default(tmp_path, monkeypatch):
    monkeypatch.setattr(resources, "ROOT", tmp_path)
    assert default_location() == BUILT_IN
    with pytest.raises(UsageError, match="has none of them, install the program again"):
        open_network("demo:cats")


def test_only_the_names_of_demo_networks_are_theirs():
    assert [demo_of(demo.location) for demo in DEMOS] == list(DEMOS)
    assert [demo_of(source) for source in ("demo:", "demo:cats", "portraits", BUILT_IN, "")] == [None] * 5


def test_the_demo_networks_of_the_program_open_and_have_a_picture():
    for demo in installed_demos():
        info, origin = describe_network(demo.location)
        assert info.channels == 3
        assert origin.container == "safetensors"
        picture = demo_picture(demo)
        assert picture is not None, demo.name
        assert picture.stat().st_size < MAX_PICTURE
        with Image.open(picture) as image:
            assert image.size == (128, 128)
