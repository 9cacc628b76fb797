"""What differs between two requests, and the words for one step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.base.control import Value
from core.parameters import PARAMETERS, describe_change, diff
from core.request import (
    Blend,
    ClassMean,
    Codes,
    LayerEdit,
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
from core.request.render_request import Colours

PLAIN = RenderRequest("a.pkl")
B = StyleSource(SeedPoint(7), parts=(1.0,))


def test_equal_requests_do_not_differ():
    assert diff(PLAIN, replace(PLAIN)) == ()
    assert describe_change(PLAIN, replace(PLAIN)) == ""


def test_a_change_tells_its_path_and_both_values():
    (change,) = diff(PLAIN, replace(PLAIN, layers=(LayerEdit(), LayerEdit(noise=0.5))))
    assert (change.path, change.before, change.after) == ("layers[1].noise", 1.0, 0.5)


def test_what_differs_set_to_the_other_request_gives_it():
    after = replace(
        PLAIN,
        latent=SeedPoint(3, 2),
        sources=(replace(StyleSource(), fraction=0.5, parts=(0, 1)),),
        truncation=Truncation(0.5, 4),
        noise=Noise(NoiseMode.RANDOM, 3, 0.5, (0.1, 0)),
        layers=(LayerEdit(psi=0.2), LayerEdit(muted=True)),
        styles=(StyleEdit("b8.conv0", 3, 1.0),),
        transform=Placement(0.1, 0, 30).matrix,
        view=View("b8.conv0", gain_db=6),
    )
    request = PLAIN
    for change in diff(PLAIN, after):
        request = change.parameter.set(request, change.after, change.at)
    assert replace(request, transform=after.transform) == after
    assert request.transform == pytest.approx(after.transform)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"truncation": Truncation(0.55)}, "Psi 1.00 → 0.55"),
        ({"truncation": Truncation(cutoff=4)}, "Cutoff all layers → 4"),
        ({"truncation": Truncation(centre=ClassMean())}, "Centre: the mean of the class"),
        ({"latent": SeedPoint(7)}, "Seed 0 → 7"),
        ({"latent": SeedPoint(0.5)}, "Latent moved"),
        ({"latent": WVector(((1.0, 2.0),))}, "Latent: a w"),
        ({"label": 3}, "Class from the seed → 3"),
        ({"label": (0.0, 0.3, 0.7)}, "Class from the seed → 1:0.30, 2:0.70"),
        ({"sources": (StyleSource(), B)}, "Source S2 added"),
        ({"sources": ()}, "Source S1 removed"),
        ({"sources": (B,)}, "Seed of S1 1000 → 7, Style of S1 in layer 0 0.00 → 1.00"),
        ({"sources": (replace(StyleSource(), fraction=0.5),)}, "Fraction of S1 100 → 50 %"),
        ({"sources": (replace(StyleSource(), on=False),)}, "Source S1 off"),
        ({"sources": (replace(StyleSource(), parts=(0.5, 0.5)),)}, "Style of S1 in 2 layers"),
        ({"layers": (LayerEdit(noise=0.5),)}, "Noise of layer 0 1.00 → 0.50"),
        ({"layers": (LayerEdit(noise=0.5),) * 4}, "Noise of 4 layers"),
        ({"layers": (LayerEdit(), LayerEdit(muted=True))}, "Layer 1 muted"),
        ({"layers": (LayerEdit(w=(0.0, 1.0)),)}, "Kept style of layer 0"),
        ({"layers": (LayerEdit(offset=(0.0, 1.0)),)}, "Style vector of layer 0"),
        ({"styles": (StyleEdit("b8.conv0", 3, 1.0),)}, "Offset of b8.conv0, channel 3 +0.0 → +1.0 σ"),
        ({"blends": (Blend("/nets/other.pkl"),)}, "other.pkl blended in"),
        ({"noise": Noise(NoiseMode.RANDOM)}, "Noise Const → Random"),
        ({"noise": Noise(shift=(0.5, 0.25))}, "Noise shifted"),
        ({"transform": Placement(degrees=30).matrix}, "Rotate 0.0 → 30.0 °"),
        ({"lod": 1.5}, "Detail as trained → 1.50"),
        ({"view": View(colours=Colours.SIGNED)}, "Colours Gray → Signed"),
        ({"view": View("b8.conv0", base=3, gain_db=6)}, "Layer b8.conv0 shown"),
        ({"transform": Placement(0.1, 0.2).matrix}, "Picture moved"),
        ({"transform": Placement(0.1, 0.2, 30).matrix}, "Transform"),
        ({"layers": (LayerEdit(jitter=0.5, jitter_seed=7),)}, "Gaussian of layer 0 0.00 → 0.50 σ"),
        ({"sources": (replace(StyleSource(), name="face"),)}, "Source S1 named face"),
        ({"network": "/nets/b.pkl", "label": 3}, "Network b.pkl"),
        ({"truncation": Truncation(0.5, 3), "lod": 1.0, "label": 3}, "Class from the seed → 3 and 3 more"),
    ],
)
def test_a_step_is_told_in_a_few_words(changes, words):
    assert describe_change(PLAIN, replace(PLAIN, **changes)) == words


def test_codes_that_are_painted_are_counted():
    before = replace(PLAIN, latent=Codes(1, 3, (0, 0, 0)))
    assert describe_change(before, replace(PLAIN, latent=Codes(1, 3, (0, 4, 4)))) == "2 codes painted"


def test_a_network_that_is_taken_out_is_named():
    before = replace(PLAIN, blends=(Blend("/nets/other.pkl"), Blend("third.pkl")))
    assert describe_change(before, replace(PLAIN, blends=before.blends[1:])) == "other.pkl taken out"


def test_every_parameter_that_changes_is_told():
    for parameter in PARAMETERS:
        before = parameter.get(PLAIN) if not parameter.axes else None
        if before is None:
            continue
        value: Value = 0.25
        if isinstance(before, str):
            value = parameter.choices[-1].value if parameter.choices else "b8"
        elif isinstance(before, bool):
            value = not before
        assert describe_change(PLAIN, parameter.set(PLAIN, value)), parameter.path


def test_a_reset_of_several_things_is_told_as_one():
    edited = replace(PLAIN, latent=SeedPoint(3), truncation=Truncation(0.5), noise=Noise(NoiseMode.NONE))
    assert describe_change(edited, PLAIN) == "Everything reset"
    assert describe_change(replace(PLAIN, latent=SeedPoint(3)), PLAIN) == "Seed 3 → 0"
    assert describe_change(replace(PLAIN, latent=SeedPoint(0.5)), PLAIN) == "Seed 0"
