"""Paths and values of parameters as users write them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.base.errors import UsageError
from core.parameters import positions, setting_of, with_setting
from core.parameters.paths import place_of
from core.request import (
    Blend,
    Clusters,
    LayerEdit,
    ModelInfo,
    NoiseMode,
    RenderRequest,
    SeedPoint,
    StyleEdit,
    StyleSource,
)
from core.request.edits import edit_at

INFO = ModelInfo(
    "StyleGAN2", "skip", 32, 32, 3, 64, 64, 0, 8, tuple(map(str, range(8))), has_noise=True, noise_ws=(0, 1, 2, 3, 4, 5)
)


def given(text: str, request: RenderRequest | None = None, info: ModelInfo = INFO) -> RenderRequest:
    return with_setting(request or RenderRequest(), setting_of(text), info)


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("truncation.psi=0.7", "truncation.psi", 0.7),
        ("truncation.psi = -3e2", "truncation.psi", -300.0),
        ("truncation.cutoff=4", "truncation.cutoff", 4),
        ("truncation.cutoff=none", "truncation.cutoff", None),
        ("noise.mode=random", "noise.mode", NoiseMode.RANDOM),
        ("grid.snap=true", "grid.snap", True),
        ("view.layer=b8.conv0", "view.layer", "b8.conv0"),
        ("layers[1:3].psi=none", "layers[].psi", None),
    ],
)
def test_values_are_read_by_their_kind(text, path, value):
    setting = setting_of(text)
    assert (setting.place.parameter.path, setting.value) == (path, value)


@pytest.mark.parametrize(
    ("brackets", "entries"),
    [("5", [5]), ("2:4", [2, 3]), (":2", [0, 1]), ("6:", [6, 7]), (":", list(range(8))), ("-1", [7]), ("-2:", [6, 7])],
)
def test_ranges_are_half_open_as_in_python(brackets, entries):
    assert [at for (at,) in positions(place_of(f"layers[{brackets}].noise"), RenderRequest(), INFO)] == entries


def test_single_layers_are_set():
    request = given("layers[2:4].noise=0.3")
    assert [edit_at(request.layers, entry).noise for entry in range(8)] == [1, 1, 0.3, 0.3, 1, 1, 1, 1]


def test_parts_of_a_source_and_weights_of_a_network_are_set():
    request = given("sources[0].parts[4:]=0.5")
    assert request.sources == (StyleSource(parts=(0, 0, 0, 0, 0.5, 0.5, 0.5, 0.5)),)
    blended = RenderRequest(blends=(Blend("other.pkl"),))
    assert given("blends[0].weights[7]=0.5", blended).blends[0].weights == (0, 0, 0, 0, 0, 0, 0, 0.5)


def test_a_channel_of_a_layer_is_set():
    assert given("styles[b64.conv0,12].offset=2").styles == (StyleEdit("b64.conv0", 12, 2.0),)


def test_what_has_no_field_of_its_own_is_set():
    assert given("latent.x=4.5").latent == SeedPoint(4.5)
    assert given("truncation.centre.count=8").truncation.centre == Clusters(8)
    assert given("truncation.centre.x=3").truncation.centre == SeedPoint(3)
    movable = replace(INFO, has_transform=True)
    turned = given("transform.rotate=90", info=movable).transform
    assert turned == pytest.approx((0, -1, 0, 1, 0, 0), abs=1e-9)


def test_a_range_leaves_out_the_layers_that_have_none_of_it():
    assert given("layers[:].noise=0").layers == (LayerEdit(noise=0.0),) * 6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("psi=0.7", "There is no parameter 'psi'; close to it: truncation.psi, layers[].psi."),
        ("truncaton.psi=1",
         "There is no parameter 'truncaton.psi'; close to it: truncation.psi, layers[].psi, truncation.cutoff."),
        ("abacus=1", "There is no parameter 'abacus'; `python -m visualizer parameters` lists all there are."),
        ("layers.noise=1", "There is no parameter 'layers.noise'; close to it: layers[].noise."),
        ("truncation.psi", "'truncation.psi' sets nothing; write a path and its value, such as truncation.psi=0.7."),
        ("truncation.psi=", "truncation.psi cannot be ''; it is a number."),
        ("truncation.psi=nan", "truncation.psi cannot be 'nan'; it is a number."),
        ("truncation.cutoff=1.5",
         "truncation.cutoff cannot be '1.5'; it is a whole number from 0 to 1024, or none."),
        ("sources[0].fraction=1.5", "sources[].fraction cannot be '1.5'; it is a number from 0 to 1."),
        ("lod=-1", "lod cannot be '-1', which is finer than there is; it is a number from 0 to 16, or none."),
        ("noise.mode=loud", "noise.mode cannot be 'loud'; it is one of const, random, none."),
        ("grid.snap=1", "grid.snap cannot be '1'; it is true or false."),
        ("layers[a].noise=1",
         "'layers[a].noise' has 'a' in brackets; write a number or a range such as [8:12], [:8] or [:]."),
        ("layers[].noise=1",
         "'layers[].noise' has '' in brackets; write a number or a range such as [8:12], [:8] or [:]."),
        ("styles[b64.conv0].scale=1",
         "'styles[b64.conv0].scale' names no channel; write a layer and a channel: [b64.conv0,12]."),
    ],
)  # fmt: skip
def test_what_cannot_be_set_is_said_before_a_network_is_opened(text, message):
    with pytest.raises(UsageError) as error:
        setting_of(text)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("layers[8].noise=1", "'layers[8].noise' names layer 8, but there are 8, 0 to 7."),
        ("layers[8:].noise=1", "'layers[8:].noise' names no layer; there are 8, 0 to 7."),
        ("sources[1].fraction=1", "'sources[1].fraction' names source 1, but there is only 0."),
        ("blends[0].mapping=1", "'blends[0].mapping' names network that is blended in 0, but there is none."),
        ("layers[7].noise=1", "layers[7].noise cannot be set: this layer has no noise input."),
        ("truncation.cutoff=9",
         "truncation.cutoff cannot be 9 with this network; it is a whole number from 0 to 8, or none."),
        ("grid.rows=4", "grid.rows cannot be set: this network has no codes."),
        ("label=3", "label cannot be set: this network has no classes."),
        ("lod=1", "lod cannot be set: this network has one level of detail only."),
        ("transform.rotate=3",
         "transform.rotate cannot be set: only networks with an input transform, such as StyleGAN3, can move their "
         "picture."),
    ],
)  # fmt: skip
def test_what_a_network_has_not_is_said(text, message):
    with pytest.raises(UsageError) as error:
        given(text)
    assert str(error.value) == message
