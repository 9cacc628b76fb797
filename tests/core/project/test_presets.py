"""Presets: taken of requests, applied by an amount, and morphed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.documents.preset_json import from_text, to_text
from core.project import Part, Preset
from core.project.built_in_presets import BUILT_IN
from core.project.presets import (
    GROUPS,
    Applied,
    applied,
    describe_presets,
    described,
    group_of,
    morphed,
    parts_of,
    unique,
    updated,
    with_preset,
)
from core.request import (
    Blend,
    LayerEdit,
    ModelInfo,
    Noise,
    NoiseMode,
    RenderRequest,
    SeedPoint,
    StyleEdit,
    StyleSource,
    Truncation,
    View,
    WVector,
)
from core.request.placement import Placement

INFO = ModelInfo(
    "StyleGAN3", "T", 64, 64, 3, 8, 8, 0, 6, tuple(f"L{i}" for i in range(6)), has_noise=True,
    noise_ws=tuple(range(6)), has_transform=True,
)  # fmt: skip
POOR = replace(INFO, has_noise=False, noise_ws=(), has_transform=False, num_ws=3, ws_names=("a", "b", "c"))
PLAIN = RenderRequest("a.pkl")
RICH = replace(
    PLAIN, latent=WVector(((0.5,) * 8,)), sources=(StyleSource(SeedPoint(4, 2), parts=(0.0, 0.5, 1.0)), StyleSource()),
    truncation=Truncation(0.5, 4, SeedPoint(3)), noise=Noise(NoiseMode.RANDOM, 7, 0.5, (0.25, 0.0)),
    layers=(LayerEdit(w=(0.25,) * 8), LayerEdit(noise=0.3, offset=(0.5,) * 8, jitter=0.2, jitter_seed=5)),
    styles=(StyleEdit("b8.conv0", 3, 1.0, 0.5),),
    transform=Placement(0.25, 0.0, 30.0).matrix, view=View(exposure=0.5, gain_db=3.0),
)  # fmt: skip


def preset_of(request: RenderRequest, *names: str, info: ModelInfo = INFO) -> Preset:
    found = parts_of(request, info)
    return Preset("mine", tuple(part for group, parts in found.items() if group.name in names for part in parts))


def test_all_that_is_changed_is_taken_by_group_and_gives_the_request_again():
    found = parts_of(RICH, INFO)
    names = [group.name for group in found]
    assert names == ["Latent", "Style mixing", "Truncation", "Noise", "Layer strip", "Style space", "Transform",
                     "Light", "View"]  # fmt: skip
    assert parts_of(PLAIN, INFO) == {}
    whole = applied(PLAIN, preset_of(RICH, *names), INFO)
    assert not whole.skipped
    assert replace(whole.request, sources=()) == replace(RICH, sources=())
    assert whole.request.sources[0] == RICH.sources[0]


@pytest.mark.parametrize("name", [group.name for group in GROUPS if group.name not in ("Codes", "Detail", "Blending")])
def test_a_part_changes_nothing_else(name):
    wanted = applied(PLAIN, preset_of(RICH, name), INFO).request
    fields = {"Latent": "latent", "Style mixing": "sources", "Truncation": "truncation", "Noise": "noise",
              "Layer strip": "layers", "Style space": "styles", "Transform": "transform", "Light": "view",
              "View": "view"}  # fmt: skip
    assert {f for f in vars(PLAIN) if getattr(wanted, f) != getattr(PLAIN, f)} == {fields[name]}


def test_the_defaults_of_a_group_can_be_taken_too():
    found = {group.name: parts for group, parts in parts_of(RICH, INFO, all_of=True).items()}
    assert Part("noise.shift.y", 0.0) in found["Noise"]
    assert "Blending" not in found
    loud = replace(PLAIN, noise=Noise(NoiseMode.CONST, 1, 4.0, (0.0, 1.0)))
    assert applied(loud, Preset("noise", found["Noise"]), INFO).request.noise == RICH.noise


def test_the_layer_strip_is_whole_with_kept_styles_and_offsets_and_through_a_file():
    strip = from_text(to_text(preset_of(RICH, "Layer strip")), "it")
    assert applied(PLAIN, strip, INFO) == Applied(replace(PLAIN, layers=RICH.layers))
    assert described(strip) == "Layer strip"
    half = applied(PLAIN, strip, INFO, 0.5).request.layers
    assert (half[1].offset, half[1].jitter, half[1].jitter_seed) == ((0.25,) * 8, 0.1, 5)
    assert updated(strip, PLAIN, INFO).parts[-2:] == (Part("layers[0].w", None), Part("layers[1].offset", None))
    resets = Preset("", parts_of(replace(PLAIN, layers=(LayerEdit(0.5),)), INFO, all_of=True)[group_of("layers[0].w")])
    assert applied(RICH, resets, INFO).request.layers == (LayerEdit(0.5),)


def test_styles_of_another_length_and_of_layers_that_a_network_lacks_are_left_out_with_a_reason():
    strip = preset_of(RICH, "Layer strip")
    found = applied(PLAIN, strip, replace(INFO, w_dim=4))
    assert [edit.w or edit.offset for edit in found.request.layers] == [(), ()]
    assert found.request.layers[1].jitter == 0.2
    assert found.told == "2 settings left out: The styles of this network have 4 numbers; the preset's have 8."
    far = Preset("", (Part("layers[5].w", (0.5,) * 8), Part("layers[0].w", (0.5,) * 8)))
    found = applied(PLAIN, far, POOR)
    assert found.skipped == ("This network has no layer 5; its last one is 2.",)
    assert found.request.layers == (LayerEdit(w=(0.5,) * 8),)


def test_an_amount_goes_part_of_the_way():
    soft = Preset("soft", (Part("truncation.psi", 0.0), Part("noise.strength", 0.5), Part("transform.rotate", 30.0)))
    half = applied(PLAIN, soft, INFO, 0.5).request
    assert (half.truncation.psi, half.noise.strength) == (0.5, 0.75)
    placement = Placement.of(half.transform)
    assert placement is not None
    assert placement.degrees == pytest.approx(15.0)
    assert applied(PLAIN, soft, INFO, 0.0).request == PLAIN


def test_a_morph_goes_from_one_preset_to_the_other():
    low, high = (Preset("", (Part("truncation.psi", psi),)) for psi in (0.0, 1.0))
    quiet = Preset("", (Part("noise.strength", 0.0),))
    request = replace(PLAIN, truncation=Truncation(0.3))
    assert [morphed(request, low, high, INFO, p).request.truncation.psi for p in (0, 0.25, 1)] == [0.0, 0.25, 1.0]
    between = morphed(request, low, quiet, INFO, 0.5).request
    assert (between.truncation.psi, between.noise.strength) == (0.15, 0.5)


def test_what_a_network_lacks_is_skipped_and_said():
    whole = Preset("mine", (
        Part("truncation.psi", 0.5), Part("noise.mode", NoiseMode.NONE), Part("layers[5].psi", 0.5),
        Part("transform", (1.0, 0.0, 0.5, 0.0, 1.0, 0.0)), Part("blends[0].mapping", 1.0), Part("no.such", 3),
        Part("latent", WVector(((0.0,) * 5,))), Part("layers[8:12].psi", 0.1),
    ))  # fmt: skip
    found = applied(PLAIN, whole, POOR)
    assert found.request == replace(PLAIN, truncation=Truncation(0.5))
    assert len(found.skipped) == 7
    assert found.told.startswith("7 settings left out: ")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("truncation.psi", "high"), ("truncation.psi", True), ("truncation.psi", float("inf")), ("noise.mode", "loud"),
        ("truncation.cutoff", 2.5), ("layers[:].muted", 1), ("view.layer", 3.0), ("sources[0].fraction", 7.0),
        ("noise.strength", None), ("request", PLAIN), ("sources[500].fraction", 0.5), ("layers[:].noise", (1.0, 2.0)),
        ("layers[0].w", "all"), ("layers[0].offset", (True,) * 8), ("layers[0].w", 1.0), ("layers[0].offset", ()),
        ("latent", "seed"), ("label", 3), ("transform", (1.0, 2.0)), ("layers[x].noise", 1.0), ("", 1.0),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_skipped_with_a_reason(path, value):
    found = applied(PLAIN, Preset("bad", (Part(path, value),)), INFO)
    assert found.request == PLAIN
    assert found.skipped[0].endswith(".")


def test_sources_that_a_preset_needs_are_added():
    found = applied(replace(PLAIN, sources=()), Preset("mix", (Part("sources[1].parts[:2]", 1.0),)), INFO)
    assert not found.skipped
    assert [source.parts for source in found.request.sources] == [(), (1.0, 1.0)]


def test_a_preset_is_brought_up_to_date():
    preset = Preset("mine", (Part("truncation.psi", 0.1), Part("layers[:2].noise", 2.0), Part("later.one", 3.0)))
    new = updated(preset, RICH, INFO)
    assert new.parts == (
        Part("truncation.psi", 0.5), Part("layers[0].noise", 1.0), Part("layers[1].noise", 0.3), Part("later.one", 3.0)
    )  # fmt: skip


def test_the_presets_of_the_program_are_of_parameters_that_there_are():
    request = replace(PLAIN, blends=(Blend("b.pkl"),))
    for preset in BUILT_IN:
        found = applied(request, preset, replace(INFO, num_ws=12, ws_names=("a",) * 12))
        assert found.skipped == (), preset.name
    assert len({preset.name for preset in BUILT_IN}) == len(BUILT_IN)
    coarse = next(preset for preset in BUILT_IN if preset.name == "Coarse from source")
    assert applied(PLAIN, coarse, INFO).request.sources[0].parts == (1.0,) * 4
    assert described(coarse) == "Style mixing"


def test_each_parameter_belongs_to_a_group():
    assert group_of("view.exposure").name == "Light"
    assert group_of("view.layer").name == "View"
    assert group_of("layers[5].noise").name == "Layer strip"
    assert group_of("label").name == "Latent"


def test_names_are_unique():
    assert unique("  Soft   light ", ["soft light", "Soft light 2"]) == "Soft light 3"
    assert unique("", []) == "Preset"
    assert [one.name for one in with_preset((Preset("A"),), Preset("a"))] == ["A", "a 2"]


SOFT, HARD = Preset("Soft", (Part("noise.strength", 0.5),)), Preset("Hard")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ((SOFT,), (SOFT,), ""),
        ((), (SOFT,), "Preset “Soft” added"),
        ((), (SOFT, HARD), "2 presets added"),
        ((SOFT,), (), "Preset “Soft” removed"),
        ((SOFT, HARD), (HARD, SOFT), "Presets in another order"),
        ((SOFT,), (replace(SOFT, name="Mild"),), "Preset “Soft” named “Mild”"),
        ((SOFT,), (replace(SOFT, parts=()),), "Preset “Soft” changed"),
    ],
)
def test_a_step_of_the_presets_is_told_in_a_few_words(before, after, words):
    assert describe_presets(before, after) == words
