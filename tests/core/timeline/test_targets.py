"""What the path of a track names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.base.errors import UsageError
from core.request import (
    IDENTITY,
    Blend,
    ClassMean,
    Clusters,
    RenderRequest,
    SeedPoint,
    StyleEdit,
    StyleSource,
    WVector,
    ZVector,
)
from core.timeline import TargetKind, Timeline, Track, group_of, grouped, target_of, targets_of
from core.timeline.targets import with_many
from tests.core.timeline.strategies import INFO

FULL = RenderRequest(sources=(StyleSource(), StyleSource(SeedPoint(5.0))), blends=(Blend("seed:1"),),
                     styles=(StyleEdit("b8.conv0", 3, 1.0),))  # fmt: skip


@pytest.mark.parametrize(("path", "kind", "label", "group"), [
    ("truncation.psi", TargetKind.NUMBER, "Psi", "Truncation"),
    ("layers[5].noise", TargetKind.NUMBER, "Noise of layer 5", "Layer 5"),
    ("truncation.cutoff", TargetKind.WHOLE, "Cutoff", "Truncation"),
    ("transform.rotate", TargetKind.ANGLE, "Rotate", "Transform"),
    ("noise.mode", TargetKind.STEP, "Noise", "Noise"),
    ("layers[2].muted", TargetKind.STEP, "Mute of layer 2", "Layer 2"),
    ("latent", TargetKind.LATENT, "Latent", "Latent"),
    ("sources[1].latent", TargetKind.LATENT, "Latent of S2", "Source S2"),
    ("label", TargetKind.LABEL, "Class", "Latent"),
    ("sources[0].label", TargetKind.LABEL, "Class of S1", "Source S1"),
    ("truncation.centre", TargetKind.LATENT, "Centre", "Truncation"),
    ("transform", TargetKind.TRANSFORM, "Transform", "Transform"),
    ("request", TargetKind.REQUEST, "Whole picture", "Whole picture"),
    ("styles[b8.conv0,3].offset", TargetKind.NUMBER, "Offset of b8.conv0, channel 3", "Style space"),
    ("blends[0].weights[4]", TargetKind.NUMBER, "Weight of B in layer 4", "Network B"),
])  # fmt: skip
def test_a_path_names_one_thing_of_a_kind_in_words(path, kind, label, group):
    target = target_of(path)
    assert (target.path, target.kind, target.label, group_of(path)) == (path, kind, label, group)


def test_everything_that_a_network_lets_move_can_be_read_and_written_back():
    for target in targets_of(FULL, INFO):
        value = target.get(FULL)
        assert target.takes(value, INFO), target.path
        assert target.set(FULL, value) == FULL, target.path
    paths = [target.path for target in targets_of(FULL, INFO)]
    assert len(paths) == len(set(paths))
    assert {"request", "latent", "sources[1].latent", "layers[7].psi", "blends[0].weights[0]"} <= set(paths)
    assert "grid.rows" not in paths  # of networks with codes
    assert "layers[8].psi" not in paths


@pytest.mark.parametrize("path", ["psi", "layers[:].noise", "layers[-1].noise", "sources[1234].latent", "network", ""])
def test_a_path_that_names_no_single_thing_is_refused_in_a_sentence(path):
    with pytest.raises(UsageError, match=r"\w.*\."):
        target_of(path)


def test_what_a_request_or_a_network_lacks_is_told():
    assert target_of("sources[1].latent").missing(RenderRequest()) == "There is no source S2."
    assert target_of("sources[1].fraction").missing(RenderRequest()) == "There is no source S2."
    assert target_of("blends[0].mapping").missing(RenderRequest()) == "No network B is blended in."
    assert "no layer 8" in target_of("layers[8].noise").missing(RenderRequest(), INFO)
    assert target_of("transform").missing(RenderRequest(), replace(INFO, has_transform=False))
    assert not target_of("layers[8].noise").missing(RenderRequest())  # with no network open


def test_a_value_has_to_be_of_the_kind_of_its_track_and_mean_something_to_the_network():
    assert target_of("latent").takes(ZVector((0.0,) * 16), INFO)
    assert not target_of("latent").takes(ZVector((0.0,) * 8), INFO)
    assert not target_of("latent").takes(WVector(((0.0,) * 16,) * 5), INFO)
    assert not target_of("latent").takes(Clusters(3), INFO)
    assert target_of("truncation.centre").takes(Clusters(3), INFO)
    assert target_of("truncation.centre").takes(None, INFO)
    assert not target_of("truncation.centre").takes(ClassMean(), INFO)  # without classes
    assert not target_of("label").takes(3, INFO)
    assert target_of("layers[0].psi").takes(None, INFO)
    for wrong in ("0.7", None, True, float("nan"), SeedPoint()):
        assert not target_of("truncation.psi").takes(wrong, INFO)
    assert not target_of("noise.mode").takes("loud", INFO)
    assert target_of("transform").takes(IDENTITY, INFO)
    assert not target_of("request").takes(SeedPoint(), INFO)


def test_tracks_are_grouped_with_layers_by_their_numbers():
    paths = ("layers[10].noise", "truncation.psi", "layers[2].psi", "request", "layers[10].psi", "label", "latent")
    groups = grouped(Timeline(tuple(map(Track, paths))))
    assert [group.name for group in groups] == ["Whole picture", "Latent", "Truncation", "Layer 2", "Layer 10"]
    assert [track.path for track in groups[-1].tracks] == ["layers[10].noise", "layers[10].psi"]


def test_setting_many_at_once_is_as_setting_each():
    values = [(target_of(path), value) for path, value in (
        ("layers[3].noise", 2.0), ("layers[1].psi", 0.5), ("layers[3].psi", 0.1), ("layers[6].noise", 1.0),
        ("styles[b8.conv0,3].offset", 0.0), ("styles[b8.conv0,9].scale", 2.0), ("styles[b8.conv0,9].offset", 1.0),
    )]  # fmt: skip
    singly = FULL
    for target, value in values:
        singly = target.set(singly, value)
    many = with_many(FULL, values)
    assert (many.layers, set(many.styles)) == (singly.layers, set(singly.styles))
