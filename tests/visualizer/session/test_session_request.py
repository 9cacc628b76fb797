"""What a session makes of a request: fitted to another network, moved by an animation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.parameters.adaptation import fitted, used
from core.request import (
    Blend,
    Centroids,
    CodeGrid,
    Codes,
    Grid,
    LayerEdit,
    ModelInfo,
    Noise,
    NoiseMode,
    RenderRequest,
    SeedPoint,
    StepInfo,
    StyleEdit,
    StyleSource,
    Truncates,
    Truncation,
    WVector,
    ZVector,
)
from core.request.mixtures import between
from tests.small import mixed
from visualizer.session.animation import Animation
from visualizer.session.network_names import short_name

INFO = ModelInfo("Fake", "", 1, 1, 3, z_dim=4, w_dim=4, c_dim=3, num_ws=5, ws_names=("w",) * 5, max_lod=2)
TOWARDS_CENTROIDS = Truncation(0.5, 2, Centroids(((1.0,) * 4,) * 3))


# ----------------------------------------------------------------------------
# Fitting a request to another network.


def test_what_a_network_can_take_is_left_alone():
    request = RenderRequest(label=2, truncation=Truncation(0.5, 4), sources=mixed(3, frozenset({1, 4})))
    assert fitted(request, INFO) == (request, ())
    assert fitted(request, INFO, before=replace(INFO, num_ws=9)) == (request, ())


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"latent": Codes(1, 2, (0, 3))}, {"latent": SeedPoint()}),
        ({"label": 3}, {"label": None}),
        ({"label": (0.5, 0.5)}, {"label": None}),
        ({"label": (0.5, 0.5, 0.0)}, {"label": (0.5, 0.5, 0.0)}),
        ({"latent": ZVector((1.0,) * 5)}, {"latent": SeedPoint()}),
        ({"latent": between(SeedPoint(), ZVector((1.0,) * 5), 0.5)}, {"latent": SeedPoint()}),
        ({"latent": ZVector((1.0,) * 4), "label": 1}, {"latent": ZVector((1.0,) * 4), "label": 1}),
        ({"latent": WVector(((1.0,) * 4,) * 2)}, {"latent": SeedPoint()}),
        ({"latent": WVector(((1.0,) * 3,))}, {"latent": SeedPoint()}),
        ({"latent": WVector(((1.0,) * 4,))}, {"latent": WVector(((1.0,) * 4,))}),
        ({"truncation": Truncation(0.5, 5)}, {"truncation": Truncation(0.5, None)}),
        ({"truncation": Truncation(0.5, 9)}, {"truncation": Truncation(0.5, None)}),
        ({"truncation": Truncation(0.5, 2, ZVector((1.0,)))}, {"truncation": Truncation(0.5, 2)}),
        ({"truncation": Truncation(0.5, 2, Centroids(((1.0,),) * 3))}, {"truncation": Truncation(0.5, 2)}),
        ({"truncation": TOWARDS_CENTROIDS}, {"truncation": TOWARDS_CENTROIDS}),
        ({"lod": 2.5}, {"lod": None}),
        ({"lod": 2.0}, {"lod": 2.0}),
        ({"sources": (StyleSource(label=7), StyleSource(ZVector((1.0,))))}, {"sources": (StyleSource(),)}),
        ({"layers": (LayerEdit(0.5, w=(1.0,), offset=(1.0,) * 4),)}, {"layers": (LayerEdit(0.5, offset=(1.0,) * 4),)}),
    ],
)
def test_what_a_network_cannot_take_is_reset(parts: dict[str, Any], expected: dict[str, Any]):
    request = RenderRequest("a.pkl")
    assert fitted(replace(request, **parts), INFO)[0] == replace(request, **expected)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"latent": Codes(1, 2, (0, 3))}, {"latent": Codes(1, 2, (0, 3))}),
        ({"latent": Codes(1, 2, (0, 4))}, {"latent": SeedPoint()}),
        ({"latent": ZVector((1.0,) * 4)}, {"latent": SeedPoint()}),
        ({"latent": WVector(((1.0,) * 4,))}, {"latent": SeedPoint()}),
        ({"layers": (LayerEdit(0.5, w=(1.0,) * 4, jitter=0.5),)}, {"layers": (LayerEdit(0.5),)}),
    ],
)
def test_a_network_with_codes_takes_its_codes_and_no_vectors(parts: dict[str, Any], expected: dict[str, Any]):
    request, info = RenderRequest("a.ckpt"), replace(INFO, codes=CodeGrid(2, 2, 4, 16))
    assert fitted(replace(request, **parts), info)[0] == replace(request, **expected)


def test_a_command_line_leaves_out_what_means_nothing_to_the_network():
    noise = Noise(NoiseMode.RANDOM)
    request = RenderRequest("a", transform=(1, 0, 0.5, 0, 1, 0), grid=Grid(4, 4), lod=0.0, noise=noise)
    assert used(request, None) == request
    assert used(request, replace(INFO, max_lod=0)) == RenderRequest("a")
    able = replace(INFO, has_transform=True, codes=CodeGrid(4, 4, 9, 2), has_noise=True)
    assert used(request, able) == request


def test_what_was_left_out_is_told():
    request = RenderRequest(label=9, sources=(StyleSource(ZVector((1.0,))),), layers=(LayerEdit(w=(1.0,)),))
    assert fitted(request, INFO)[1] == ("the class", "a source of styles", "styles set at single layers")


def carried(parts: dict[str, Any], info: ModelInfo, **more: Any) -> tuple[RenderRequest, tuple[str, ...]]:
    """What a request made with a network of 12 layers becomes with another one."""
    request = RenderRequest("b.pkl", **parts)
    return fitted(request, info, before=replace(INFO, num_ws=12, noise_ws=tuple(range(12))), **more)


LAYERED: dict[str, Any] = {
    "sources": (StyleSource(parts=(1.0,) * 12),), "layers": (LayerEdit(0.5), *((LayerEdit(noise=0.5),) * 10)),
    "blends": (Blend("a.pkl", (0.5,) * 12),),
}  # fmt: skip


@pytest.mark.parametrize("codes", [None, CodeGrid(2, 2, 4, 16)])
def test_what_was_set_layer_by_layer_means_nothing_where_one_layer_is_all(codes: CodeGrid | None):
    info = replace(INFO, num_ws=1, codes=codes)
    request, told = carried(LAYERED, info)
    assert request == RenderRequest("b.pkl", sources=(StyleSource(),))
    assert told == ("style mixing", "edits of single layers", "the network that was blended in")
    back, told = fitted(RenderRequest("b.pkl", sources=(StyleSource(parts=(1.0,)),)), INFO, before=info)
    assert (back.sources, told) == ((StyleSource(),), ("style mixing",))


def test_layers_that_a_network_lacks_are_left_out():
    info = replace(INFO, truncates=Truncates.NONE, noise_ws=(0, 2))
    request, told = carried(LAYERED, info)
    assert request.sources == (StyleSource(parts=(1.0,) * 5),)
    assert request.layers == (LayerEdit(), LayerEdit(), LayerEdit(noise=0.5))
    assert request.blends == (Blend("a.pkl", (0.5,) * 5),)
    assert told == (
        "style mixing in layers that it lacks", "edits of single layers", "blending in layers that it lacks"
    )  # fmt: skip


def test_edits_of_channels_stay_where_the_network_has_their_layer():
    info = replace(INFO, steps=(StepInfo("b4.conv1", 0, has_styles=True), StepInfo("input", 0, has_styles=False)))
    edits = tuple(StyleEdit(layer, 1, 2.0) for layer in ("b4.conv1", "b8.conv0", "input"))
    request, told = carried({"styles": edits}, info)
    assert request.styles == edits[:1]
    assert told == ("edits in style space",)


def test_networks_that_cannot_mix_with_the_new_one_are_left_out():
    blends = (Blend("b.pkl", (1.0,)), Blend("same", (1.0,)), Blend("other", (1.0,)), Blend("closed", (1.0,)))
    others = {"same": INFO, "other": replace(INFO, family="Another"), "b.pkl": INFO}
    request, told = carried({"blends": blends}, INFO, others=others)
    assert [blend.network for blend in request.blends] == ["same", "closed"]
    assert told == ("the networks that were blended in",)
    mixed_by_features = (Blend("same", (1.0,), features=True),)
    assert carried({"blends": mixed_by_features}, replace(INFO, architecture="x"), others=others)[0].blends == ()


def test_a_transform_stays_where_the_picture_can_move():
    moved: dict[str, Any] = {"transform": (1.0, 0.0, 0.5, 0.0, 1.0, 0.0)}
    assert carried(moved, INFO) == (RenderRequest("b.pkl"), ("the transform",))
    assert carried(moved, replace(INFO, has_transform=True)) == (RenderRequest("b.pkl", **moved), ())


@pytest.mark.parametrize(
    ("source", "name"),
    [("/x/b.pkl", "b.pkl"), ("C:\\x\\b.pkl", "b.pkl"), ("run/", "run"), ("seed:0", "seed:0"), ("/", "/")],
)
def test_a_short_name_is_the_last_part(source: str, name: str):
    assert short_name(source) == name


# ----------------------------------------------------------------------------
# Animation.


def test_the_latent_moves_at_its_speed():
    moved = Animation(latent=True, latent_speed=0.5).step(RenderRequest(latent=SeedPoint(1, 3)), dt=0.5)
    assert moved.latent == SeedPoint(1.25, 3)


def test_noise_passes_smoothly_through_its_seeds_or_jumps_from_one_to_the_next():
    for smooth, expected in ((True, [0.25, 0.5, 0.75, 1.0, 1.25]), (False, [0, 0, 0, 1, 1])):
        animation = Animation(noise=True, noise_speed=2, noise_smooth=smooth)
        request, seeds = RenderRequest(noise=Noise(NoiseMode.RANDOM)), []
        for _ in range(5):
            request = animation.step(request, dt=0.125)
            seeds.append(request.noise.seed)
        assert seeds == expected


def test_one_source_moves_at_its_speed_and_the_others_stay():
    animation = Animation(mixing=True, mixing_speed=-2)
    moved = animation.step(
        RenderRequest(sources=(StyleSource(), StyleSource(), StyleSource(WVector(((1.0,),))))), dt=0.5, source=1
    )
    assert [source.latent for source in moved.sources] == [SeedPoint(1000), SeedPoint(999), WVector(((1.0,),))]


def test_speeds_may_be_negative():
    moved = Animation(latent=True, latent_speed=-1).step(RenderRequest(), dt=0.5)
    assert moved.latent == SeedPoint(-0.5)


def test_what_cannot_move_stays():
    request = RenderRequest(latent=ZVector((1.0,)), noise=Noise(NoiseMode.CONST))
    assert Animation(latent=True, noise=True).step(request, dt=10) == request
    assert Animation().step(RenderRequest(), dt=10) == RenderRequest()
