"""Requests written as text and read back; hostile and old text."""

from __future__ import annotations

import json
import shlex
from dataclasses import fields, is_dataclass, replace

import pytest

from core.base.errors import UsageError
from core.documents.document import command_line, from_text, to_text
from core.request import (
    UNEDITED,
    Blend,
    Centroids,
    ClassMean,
    Clusters,
    Codes,
    Colours,
    Compare,
    Grid,
    Latent,
    LayerEdit,
    Mixture,
    Noise,
    NoiseMode,
    Origin,
    Precision,
    RenderRequest,
    SeedPoint,
    Share,
    Show,
    Space,
    StyleEdit,
    StyleSource,
    Truncation,
    View,
    WVector,
    ZVector,
)
from tests.small import mixed

EVERYTHING = RenderRequest(
    network="/nets/Gesichter ü \udc80.pkl",
    latent=SeedPoint(3.25, -7.5),
    label=(0.1, 0.9),
    sources=(StyleSource(ZVector((1.5,)), 3, "face.npz", 0.25, (0.0, 0.5), False), StyleSource(SeedPoint(-4.5, 2))),
    truncation=Truncation(psi=-0.7, cutoff=8, centre=WVector(((0.5, -1.0),))),
    blends=(Blend("demo:paintings", (0.0, 0.5), 0.25), Blend("c.pkl")),
    styles=(StyleEdit("b64.conv0", 7, -2.5, 0.5), StyleEdit("L3")),
    layers=(UNEDITED, LayerEdit(0.25, 2.5, (1.0, 2.0), (0.0, -1.0), 0.5, -3, True)),
    noise=Noise(NoiseMode.RANDOM, seed=77.5, strength=0.5, shift=(0.25, -0.5)),
    transform=(0.0, -1.0, 0.1, 1.0, 0.0, 1 / 3),
    grid=Grid(3, 4, True),
    lod=1.25,
    precision=Precision.EXACT,
    view=View(
        "b16.conv0", Show.ONE, 5, True, -6.5, Colours.SIGNED, True, Compare.DIFFERENCE, 12.5, False, 1.5, 0.5, True
    ),
)
ORIGIN = Origin(location="https://host/path/ffhq.pkl", digest="ab" * 32, container="pickle, protocol 4", size=17)
WHERE = "the request in x.png"


def changed(**members: object) -> str:
    """The text of a default request with these members of it replaced; without sources, as early versions wrote it."""
    document = json.loads(to_text(RenderRequest()))
    del document["request"]["sources"]
    document["request"].update(members)
    return json.dumps(document)


@pytest.mark.parametrize(
    "latent",
    [
        SeedPoint(0.5, -2.0),
        ZVector((0.1, -1e-9, 3.0)),
        WVector(((0.1, 0.2),)),
        WVector(((1.0, 2.0), (3.0, 1 / 3))),
        Codes(1, 2, (3, 0)),
        Mixture((Share(SeedPoint(1.0), 1 / 3, 2), Share(ZVector((0.5,)), 2 / 3, (0.5, 0.5))), Space.Z),
        Mixture((Share(WVector(((0.1,),)), -0.5), Share(Codes(1, 1, (2,)), 1.5))),
    ],
)
@pytest.mark.parametrize("label", [None, 0, 999, (0.25, 0.75)])
def test_a_request_comes_back_equal(latent: Latent, label: int | tuple[float, ...] | None):
    request = replace(EVERYTHING, latent=latent, label=label)
    assert from_text(to_text(request), WHERE).request == request


def same_fields(request: object, other: object) -> list[str]:
    """The names of all fields, of records within records too, that are equal in both."""
    if not is_dataclass(request) or type(request) is not type(other):
        return [""] if request == other else []
    parts = [(f.name, getattr(request, f.name), getattr(other, f.name)) for f in fields(request)]
    return [f"{name}.{inner}" for name, value, another in parts for inner in same_fields(value, another)]


def test_every_field_of_a_request_and_of_its_parts_is_written_and_read_back():
    assert same_fields(EVERYTHING, RenderRequest()) == []  # or this test says nothing
    assert from_text(to_text(EVERYTHING), WHERE).request == EVERYTHING


def test_the_text_is_ascii():
    assert to_text(EVERYTHING).isascii()


def test_the_network_it_was_made_with_is_told():
    document = from_text(to_text(EVERYTHING, ORIGIN, family="StyleGAN2"), WHERE)
    assert (document.name, document.digest, document.family) == ("ffhq.pkl", "ab" * 32, "StyleGAN2")
    assert document.notes == ()


def test_missing_fields_take_their_defaults():
    document = from_text('{"format": "stylegan-visualizer request", "version": 1, "request": {"label": 3}}', WHERE)
    assert document.request == RenderRequest(label=3)


GIVEN = Centroids(((1.0, 2.0),) * 3, "a.npy")


@pytest.mark.parametrize("centre", [Clusters(16), ClassMean(), GIVEN, SeedPoint(3.0), None])
def test_every_centre_of_the_truncation_comes_back_equal(centre):
    request = RenderRequest(truncation=Truncation(0.5, centre=centre))
    assert from_text(to_text(request), WHERE).request == request


@pytest.mark.parametrize("rows", [[], [[1, 2], [3]], [[1, "2"]], [[0] * 8192] * 65])
def test_centroids_that_are_none_are_refused(rows: object):
    text = changed(truncation={"centre": {"kind": "centroids", "rows": rows}})
    with pytest.raises(UsageError, match="rows"):
        from_text(text, WHERE)


def test_the_style_mixing_of_early_versions_becomes_a_source():
    request = from_text(changed(mixing={"seed": 7, "layers": [1, 3]}), WHERE).request
    assert request == RenderRequest(sources=(StyleSource(SeedPoint(7), parts=(0.0, 1.0, 0.0, 1.0)),))
    assert from_text(changed(), WHERE).request == RenderRequest()


@pytest.mark.parametrize(("flag", "precision"), [("true", Precision.EXACT), ("false", Precision.AUTO)])
def test_the_precision_of_early_versions_is_understood(flag: str, precision: Precision):
    text = f'{{"format": "stylegan-visualizer request", "version": 1, "request": {{"force_fp32": {flag}}}}}'
    document = from_text(text, WHERE)
    assert document.request == RenderRequest(precision=precision)
    assert document.notes == ()


def test_an_unknown_field_is_left_out_with_a_note():
    document = from_text(changed(zoom=2, noise={"mode": "none", "gain": 1}), WHERE)
    assert document.request == RenderRequest(noise=Noise(NoiseMode.NONE))
    assert len(document.notes) == 2
    assert "request.zoom" in document.notes[0]
    assert "request.noise.gain" in document.notes[1]


def test_a_newer_version_is_read_with_a_note():
    text = to_text(EVERYTHING).replace('"version":1', '"version":2')
    document = from_text(text, WHERE)
    assert document.request == EVERYTHING
    assert "newer version" in document.notes[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("network", 3),
        ("network", None),
        ("latent", []),
        ("latent", {"kind": "q"}),
        ("latent", {"kind": "seed", "x": "1"}),
        ("latent", {"kind": "seed", "x": True}),
        ("latent", {"kind": "z"}),
        ("latent", {"kind": "z", "values": []}),
        ("latent", {"kind": "z", "values": [1, "2"]}),
        ("latent", {"kind": "z", "values": [0] * 8193}),
        ("latent", {"kind": "w", "rows": [1, 2]}),
        ("latent", {"kind": "w", "rows": [[1, 2], [3]]}),
        ("latent", {"kind": "w", "rows": [[0]] * 65}),
        ("latent", {"kind": "w", "rows": [[0] * 8193]}),
        ("latent", {"kind": "mixture"}),
        ("latent", {"kind": "mixture", "shares": 3}),
        ("latent", {"kind": "mixture", "shares": []}),
        ("latent", {"kind": "mixture", "shares": [{"weight": 0.5}, {"weight": 0.4}]}),
        ("latent", {"kind": "mixture", "shares": [{"weight": 1}], "space": "v"}),
        ("latent", {"kind": "mixture", "shares": [{"weight": 1e9}]}),
        ("latent", {"kind": "mixture", "shares": [{"weight": 0.01}] * 100}),
        ("latent", {"kind": "mixture", "shares": [{"weight": 1, "label": "cat"}]}),
        ("latent", {"kind": "mixture", "shares": [{"weight": 1, "latent": {"kind": "mixture"}}]}),
        ("label", "cat"),
        ("label", -1),
        ("label", 1.5),
        ("label", []),
        ("label", True),
        ("mixing", {"seed": 1.5}),
        ("mixing", {"seed": 10**50}),
        ("mixing", {"layers": 3}),
        ("mixing", {"layers": [-1]}),
        ("sources", {}),
        ("sources", [3]),
        ("sources", [{}] * 65),
        ("sources", [{"parts": [0.5, 2]}]),
        ("sources", [{"latent": {"kind": "z"}}]),
        ("layers", [{"psi": "1"}]),
        ("layers", [{"offset": 1}]),
        ("truncation", {"centre": 3}),
        ("truncation", {"psi": None}),
        ("truncation", {"psi": 10**400}),
        ("truncation", {"cutoff": 1.0}),
        ("noise", {"mode": "loud"}),
        ("noise", {"mode": ["const"]}),
        ("transform", [1, 0, 0, 0, 1]),
        ("transform", {}),
        ("lod", -0.5),
        ("lod", 17),
        ("lod", "1"),
        ("precision", "quick"),
    ],
)
def test_a_wrong_field_is_refused_by_name(name: str, value: object):
    text = changed(**{name: value})
    with pytest.raises(
        UsageError, match=rf"the request in x\.png cannot be used: request\.{name}.* (must be|is missing)"
    ):
        from_text(text, WHERE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "null",
        "{}",
        '{"format": "something else"}',
        '{"format": "stylegan-visualizer request", "version": "1"}',
        '{"format": "stylegan-visualizer request", "version": 0}',
        '{"format": "stylegan-visualizer request", "request": []}',
        '{"format": "stylegan-visualizer request", "request": {"force_fp32": true}',
        "[" * 100_000,
        "9" * 5000,
    ],
)
def test_text_that_is_no_request_is_refused(text: str):
    with pytest.raises(UsageError, match=r"^the request in x\.png cannot be"):
        from_text(text, WHERE)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_not_finite_is_refused(number: str):
    text = to_text(RenderRequest()).replace('"psi":1.0', f'"psi":{number}')
    with pytest.raises(UsageError, match="the request in x"):
        from_text(text, WHERE)


def test_a_request_with_a_number_that_is_not_finite_is_not_written():
    with pytest.raises(UsageError, match="not finite"):
        to_text(RenderRequest(truncation=Truncation(float("nan"))))


def test_the_largest_w_comes_back_equal():
    request = RenderRequest(latent=WVector(tuple((-1 / (3 + i),) * 8192 for i in range(64))))
    assert from_text(to_text(request), WHERE).request == request


# ----------------------------------------------------------------------------
# The command line.


@pytest.mark.parametrize(
    ("request_", "arguments"),
    [
        (RenderRequest("a.pkl"), "a.pkl -o picture.png --seeds 0"),
        (RenderRequest("my net.pkl", SeedPoint(5, 2)), "'my net.pkl' -o picture.png --seeds 205"),
        (RenderRequest("-x.pkl", SeedPoint(-1, 0)), "./-x.pkl -o picture.png --seeds 4294967295"),
        (RenderRequest("a", label=3), "a -o picture.png --seeds 0 --class 3"),
        (RenderRequest("a", label=(0.0, 0.3, 0.0, 0.7)), "a -o picture.png --seeds 0 --class 1:0.3,3:0.7"),
        (RenderRequest("a", label=(0.0, 1.0)), "a -o picture.png --seeds 0 --class 1:1.0"),
        (RenderRequest("a", truncation=Truncation(-0.5, 4)), "a -o picture.png --seeds 0 --psi=-0.5 --cutoff 4"),
        (RenderRequest("a", truncation=Truncation(1, 4)), "a -o picture.png --seeds 0"),
        (RenderRequest("a", noise=Noise(NoiseMode.CONST, 4)), "a -o picture.png --seeds 0"),
        (RenderRequest("a", noise=Noise(NoiseMode.RANDOM, 4)), "a -o picture.png --seeds 0 --noise=random:4"),
        (RenderRequest("a", noise=Noise(NoiseMode.NONE)), "a -o picture.png --seeds 0 --noise=none"),
        (RenderRequest("a", sources=mixed(7)), "a -o picture.png --seeds 0"),
        (RenderRequest("a", lod=0), "a -o picture.png --seeds 0 --lod 0.0"),
        (RenderRequest("a", lod=1.5), "a -o picture.png --seeds 0 --lod 1.5"),
        (
            RenderRequest("a", transform=(0, -1, 0.1, 1, 0, 0), precision=Precision.EXACT),
            "a -o picture.png --seeds 0 --transform=0.0,-1.0,0.1,1.0,0.0,0.0 --precision exact",
        ),
    ],
)
def test_flags_express_the_request(request_: RenderRequest, arguments: str):
    assert command_line(request_) == f"python -m visualizer render {arguments}"


@pytest.mark.parametrize(
    "request_",
    [
        EVERYTHING,
        RenderRequest("it's", SeedPoint(0.5, 0)),
        RenderRequest("a", ZVector((1.0, 2.0))),
        RenderRequest("a", label=(0.1,) * 10),
        RenderRequest("a", label=(0.0, 0.0)),
        RenderRequest("a", sources=mixed(7, frozenset({1}))),
    ],
)
def test_what_flags_cannot_express_is_given_as_json(request_: RenderRequest):
    command = shlex.split(command_line(request_))
    assert command[:5] == ["python", "-m", "visualizer", "render", "--request"]
    assert from_text(command[5], "--request").request == request_
    assert command[6:] == ["-o", "picture.png"]


def test_a_request_too_long_for_a_command_line_says_to_save_a_session():
    with pytest.raises(UsageError, match=r"render session\.json -o picture\.png"):
        command_line(RenderRequest("a", WVector(((1 / 3,) * 512,))))
