"""Blending networks in the window: opening the other one, painting its part, what does not fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.opening.network import open_network, write_network
from core.render.blend_renderer import BlendRenderer
from core.request import Blend, RenderRequest
from tests.small import stylegan2

PORTRAITS, PAINTINGS = "demo:portraits", "demo:paintings"


@pytest.fixture
def pilot(launch):
    return launch(PORTRAITS, size=(1280, 800))


def blend(pilot, name: str = PAINTINGS) -> None:
    """Choose a network to blend in, and wait until it is open."""
    pilot.session.edit(blends=(Blend(name),))
    pilot.wait_until(lambda: name in pilot.session.others.opened)
    pilot.step()


def expected(request: RenderRequest) -> np.ndarray:
    a, b = open_network(PORTRAITS), open_network(PAINTINGS)
    return BlendRenderer(a, {PORTRAITS: a, PAINTINGS: b}.get).render(request).pixels


def test_a_network_from_the_menu_is_opened_and_blended_in_by_a_drag(pilot):
    pilot.click("Network/Blend with")
    pilot.step()
    pilot.click("Menu/Paintings")
    pilot.wait_until(lambda: PAINTINGS in pilot.session.others.opened)
    pilot.step()
    pilot.drag("Layer strip/B 8", 30, 3 * 24)
    weights = pilot.request.blends[0].weights
    assert len(weights) == 12
    assert 0 == weights[8] < weights[9] < weights[10] < weights[11] == pytest.approx(0.5, abs=0.1)
    assert np.array_equal(pilot.wait_for_picture().pixels, expected(pilot.request))
    pilot.press("Ctrl+Z")
    pilot.press("Ctrl+Z")
    assert pilot.request.blends == ()


def test_all_of_it_is_the_other_network_and_changing_places_keeps_the_picture(pilot):
    blend(pilot)
    pilot.click("Network/Actions B")
    pilot.step()
    pilot.click("Menu/All of it")
    other = open_network(PAINTINGS)
    shown = pilot.wait_for_picture().pixels
    assert np.array_equal(shown, BlendRenderer(other, lambda _: None).render(RenderRequest()).pixels)
    pilot.click("Network/Actions B")
    pilot.step()
    pilot.click("Menu/Change places with A")
    pilot.wait_until(lambda: pilot.session.loaded.location == PAINTINGS)
    assert pilot.request.blends[0].network == PORTRAITS
    assert not any(pilot.request.blends[0].weights)
    assert np.array_equal(pilot.wait_for_picture().pixels, shown)


def test_a_network_that_cannot_be_opened_says_so_and_can_be_tried_again(pilot, tmp_path):
    path, shown = tmp_path / "b.safetensors", pilot.session.frame.pixels
    pilot.session.edit(blends=(Blend(str(path), (1.0,) * 12),))
    pilot.wait_until(lambda: pilot.session.problem)
    assert pilot.session.problem.title == "Cannot open b.safetensors"
    frame = pilot.session.frame
    pilot.wait_until(lambda: pilot.session.frame.notes)
    assert "b.safetensors is not open" in pilot.session.frame.notes[0]
    assert np.array_equal(frame.pixels, shown)
    path.write_bytes(open_file(PAINTINGS))
    pilot.step(2)
    pilot.click("Retry")
    pilot.wait_until(lambda: str(path) in pilot.session.others.opened)
    pilot.wait_until(lambda: not pilot.session.frame.notes)
    assert not np.array_equal(pilot.session.frame.pixels, shown)


def open_file(source: str) -> bytes:
    with open(open_network(source).origin.path, "rb") as file:
        return file.read()


def test_layers_that_do_not_fit_are_disabled_with_the_reason(launch, tmp_path):
    for resolution in (32, 64):
        write_network(stylegan2(resolution).generator, tmp_path / f"{resolution}.safetensors")
    pilot = launch(str(tmp_path / "64.safetensors"), size=(1280, 800))
    blend(pilot, str(tmp_path / "32.safetensors"))
    pilot.wait_until(lambda: "Layer strip/B 7" in pilot.ui.reasons)  # the layers are compared in the background
    assert "does not fit here: it has no b64.conv0" in pilot.ui.reasons["Layer strip/B 7"]
    pilot.drag("Layer strip/B 7", 40)
    assert not any(pilot.request.blends[0].weights)
    pilot.drag("Layer strip/B 1", 40)
    assert pilot.request.blends[0].weights[1] > 0


def test_a_saved_picture_brings_its_second_network_along(pilot):
    blend(pilot)
    pilot.session.edit(blends=(Blend(PAINTINGS, (0.0,) * 6 + (1.0,) * 6),))
    shown = pilot.wait_for_picture()
    pilot.press("Ctrl+P")
    pilot.wait_until(lambda: list(pilot.actions.capture_folder.glob("*.png")))
    pilot.wait_until(lambda: not pilot.session.jobs.running)
    (path,) = pilot.actions.capture_folder.glob("*.png")
    pilot.session.edit(blends=())
    pilot.wait_for_picture()
    pilot.session.others.opened.clear()
    pilot.actions.opening.open(str(path))
    pilot.wait_until(lambda: PAINTINGS in pilot.session.others.opened)
    pilot.wait_until(lambda: not pilot.session.frame.notes and pilot.session.frame.request == pilot.request)
    assert np.array_equal(pilot.session.frame.pixels, shown.pixels)


@pytest.mark.parametrize(("name", "suffix"), [("safetensors", ".safetensors"), ("a snapshot", ".pkl")])
def test_the_blended_network_is_saved_and_opens_alone(pilot, name, suffix):
    blend(pilot)
    pilot.session.edit(blends=(Blend(PAINTINGS, (0.0,) * 6 + (0.75,) * 6),))
    shown = pilot.wait_for_picture().pixels
    pilot.click("Network/More")
    pilot.step()
    pilot.click(f"Menu/Save the blended network as {name}")
    pilot.wait_until(lambda: not pilot.session.jobs.running)
    (path,) = pilot.actions.capture_folder.glob(f"*{suffix}")
    opened = open_network(str(path))
    again = BlendRenderer(opened, lambda _: None).render(RenderRequest()).pixels
    assert np.array_equal(again, shown)
    said = pilot.session.notices[-1]
    assert said.text == f"Saved {path.name}"
    assert ("cannot open it" in said.detail) == (suffix == ".pkl")


def test_features_are_mixed_where_parameters_have_nothing_in_common(pilot):
    blend(pilot, "demo:styles")
    pilot.session.edit(blends=(replace(pilot.request.blends[0], weights=(1.0,) * 12),))
    pilot.wait_for_picture()
    pilot.click("Network/Actions B")
    pilot.step()
    pilot.click("Menu/Mix features")
    assert pilot.request.blends[0].features
    other = open_network("demo:styles")
    shown = pilot.wait_for_picture().pixels
    assert np.array_equal(shown, BlendRenderer(other, lambda _: None).render(RenderRequest()).pixels)
    assert "its own mapping" in pilot.ui.reasons["Layer strip/Mapping B"]
    pilot.click("Network/More")
    pilot.step()
    pilot.click("Menu/Save the blended network as safetensors")
    pilot.wait_until(lambda: pilot.session.problem)
    assert "mixed by its features" in pilot.session.problem.text


def test_reset_takes_all_blending_away(pilot):
    blend(pilot)
    pilot.session.edit(blends=(replace(pilot.request.blends[0], weights=(1.0,), mapping=0.5),))
    pilot.step()
    pilot.click("Network/Reset")
    assert pilot.request.blends == ()


def test_the_mapping_of_the_other_network_is_taken_by_parts(pilot):
    blend(pilot)
    pilot.enter("Layer strip/Mapping B", "0.5")
    assert pilot.request.blends == (Blend(PAINTINGS, mapping=0.5),)
    assert np.array_equal(pilot.wait_for_picture().pixels, expected(pilot.request))
