"""What lies between whole requests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.request import (
    UNEDITED,
    Blend,
    Clusters,
    LayerEdit,
    Mixture,
    Noise,
    NoiseMode,
    RenderRequest,
    SeedPoint,
    Share,
    Space,
    StyleEdit,
    StyleSource,
    Truncation,
    View,
)
from core.request.placement import Placement
from core.timeline.between import mixed_requests
from tests.core.timeline.strategies import INFO

A = RenderRequest(
    "seed:0", SeedPoint(1.0), sources=(StyleSource(SeedPoint(5.0), fraction=0.4, parts=(1.0, 0.5)),),
    truncation=Truncation(0.2, 2), noise=Noise(NoiseMode.RANDOM, 4, 1.0), styles=(StyleEdit("b8.conv0", 1, 2.0),),
    layers=(UNEDITED, LayerEdit(psi=0.5, offset=(1.0, 2.0), w=(0.0, 2.0))), blends=(Blend("seed:1", (1.0,)),),
    transform=Placement(x=0.2, degrees=170).matrix, view=View(gain_db=0.0),
)  # fmt: skip
B = RenderRequest(
    "seed:0", SeedPoint(2.0),
    sources=(StyleSource(SeedPoint(6.0), fraction=0.8), StyleSource(SeedPoint(9.0), name="face", parts=(0.5,))),
    truncation=Truncation(1.0, None), noise=Noise(NoiseMode.NONE, 90, 2.0),
    styles=(StyleEdit("b8.conv0", 2, 0.0, 3.0),), blends=(Blend("seed:2", mapping=1),),
    layers=(LayerEdit(noise=3.0), LayerEdit(w=(1.0, 0.0)), LayerEdit(offset=(4.0,))),
    transform=Placement(x=0.4, degrees=-170).matrix, view=View(gain_db=10.0, exposure=1.0),
)  # fmt: skip
CONDITIONAL = replace(INFO, c_dim=3)


def mixed(part: float, a: RenderRequest = A, b: RenderRequest = B, **more: Any) -> RenderRequest:
    return mixed_requests(a, b, part, info=INFO, **more)


def test_its_ends_are_the_requests_themselves_with_the_network_of_the_first():
    assert mixed(0.0) is A
    assert mixed(1.0) == B
    assert mixed(1.0, b=replace(B, network="other")).network == "seed:0"
    assert mixed(0.3, A, A) is A


def test_parameters_are_interpolated_as_the_table_says():
    half = mixed(0.5)
    assert half.truncation.psi == pytest.approx(0.6)
    assert half.truncation.cutoff == (2 + INFO.num_ws) // 2
    assert half.noise == Noise(NoiseMode.RANDOM, 4, 1.5)  # seeds that are no neighbours would flicker
    assert half.view == View(gain_db=5.0, exposure=0.5)
    assert half.layers[0] == LayerEdit(noise=2.0)
    assert mixed(0.5, b=replace(B, noise=replace(B.noise, seed=5))).noise.seed == 4.5


def test_the_transform_turns_the_shorter_way():
    placement = Placement.of(mixed(0.5).transform)
    assert placement is not None
    assert placement.x == pytest.approx(0.3)
    assert abs(placement.degrees) == pytest.approx(180)


def test_latents_lie_between_in_their_space():
    shares = (Share(SeedPoint(1.0), 0.75), Share(SeedPoint(2.0), 0.25))
    assert mixed(0.25).latent == Mixture(shares)
    assert mixed(0.25, space=Space.Z).latent == Mixture(shares, Space.Z)


def test_kept_styles_and_offsets_are_mixed_and_what_only_one_has_of_them():
    half = mixed(0.5)
    assert half.layers[1].w == (0.5, 1.0)
    assert half.layers[1].offset == (0.5, 1.0)
    assert half.layers[2].offset == (2.0,)
    alone = mixed(0.5, b=replace(B, layers=()))
    assert alone.layers[1].w == (0.0, 2.0)  # there is nothing to mix it with


def test_what_only_one_has_fades():
    half = mixed(0.5)
    assert [source.fraction for source in half.sources] == pytest.approx([0.6, 0.5])
    assert half.sources[1].latent == SeedPoint(9.0)
    assert half.sources[1].parts == (0.5,)
    assert half.sources[1].name == "face"
    assert half.sources[0].parts == (0.5, 0.25)
    assert {(blend.network, blend.weights, blend.mapping) for blend in half.blends} == {
        ("seed:1", (0.5,), 0.0), ("seed:2", (), 0.5),
    }  # fmt: skip
    assert set(half.styles) == {StyleEdit("b8.conv0", 1, 1.0), StyleEdit("b8.conv0", 2, 0.0, 2.0)}


def test_a_source_that_is_off_fades_in():
    off = replace(A, sources=(replace(A.sources[0], on=False),))
    source = mixed(0.25, off, A).sources[0]
    assert source.on
    assert source.fraction == pytest.approx(0.1)


def test_classes_are_soft_labels_or_each_latent_keeps_its_own():
    a, b = replace(A, label=0), replace(B, label=2)
    half = mixed_requests(a, b, 0.5, info=CONDITIONAL)
    assert half.label == (0.5, 0.0, 0.5)
    drawn = mixed_requests(a, replace(B, label=None), 0.5, info=CONDITIONAL)
    assert drawn.label is None
    assert drawn.latent == Mixture((Share(SeedPoint(1.0), 0.5, 0), Share(SeedPoint(2.0), 0.5)))
    unknown = mixed_requests(a, b, 0.5)
    assert unknown.latent == Mixture((Share(SeedPoint(1.0), 0.5, 0), Share(SeedPoint(2.0), 0.5, 2)))


def test_centres_that_are_no_latents_hold():
    a, b = (replace(A, truncation=replace(A.truncation, centre=centre)) for centre in (Clusters(2), SeedPoint(3.0)))
    assert mixed(0.9, a, b).truncation.centre == Clusters(2)
    assert mixed(0.5, b, replace(b, truncation=Truncation(centre=SeedPoint(4.0)))).truncation.centre == Mixture(
        (Share(SeedPoint(3.0), 0.5), Share(SeedPoint(4.0), 0.5))
    )


@given(st.floats(0, 1))
def test_near_its_ends_it_is_near_them(part):
    for made, end, distance in ((mixed(part), A, part), (mixed(1 - part), B, part)):
        assert abs(made.truncation.psi - end.truncation.psi) <= 0.8 * distance + 1e-9
        assert abs(made.noise.strength - end.noise.strength) <= distance + 1e-9
        for number, source in enumerate(made.sources):
            there = end.sources[number].fraction if number < len(end.sources) else 0.0
            assert abs(source.fraction - there) <= distance + 1e-9


def test_beyond_the_ends_it_goes_as_far_as_limits_let():
    beyond = mixed(1.5)
    assert beyond.truncation.psi == pytest.approx(1.4)
    assert beyond.sources[0].fraction == 1.0
    assert isinstance(beyond.latent, Mixture)
    assert [share.weight for share in beyond.latent.shares] == [-0.5, 1.5]
