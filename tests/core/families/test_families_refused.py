"""What the families refuse, and how they say so."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from core.base.errors import CheckpointError, RefusedFile, UnsupportedFile
from core.families import FAMILIES, family_of
from core.loading.common.checkpoint import Node, SavedNetwork, StoredTensor
from tests.core.trees import CONFIGS, changed, network_of, snapshot


@pytest.fixture(scope="module")
def skip() -> Node:
    return snapshot(network_of(CONFIGS["skip"]))


@pytest.fixture(scope="module")
def alias_free() -> Node:
    return snapshot(network_of(CONFIGS["T"]))


def assert_refused(content: Node | SavedNetwork, kind: type[CheckpointError], words: str) -> None:
    family = family_of(content)
    with pytest.raises(kind, match=words) as caught:
        family.build(content)
    message = str(caught.value)
    assert len(message) < 700
    assert message.isprintable()


def test_missing_tensors_are_named_up_to_five(skip: Node) -> None:
    content = changed(skip, "synthesis.b16.conv1", tensors={"noise_strength": None})
    assert_refused(content, CheckpointError, "`synthesis.b16.conv1.noise_strength` is missing")
    for layer in ("b4.conv1", "b8.conv0", "b8.conv1", "b16.conv0"):
        content = changed(content, f"synthesis.{layer}", tensors={"bias": None, "noise_const": None})
    assert_refused(content, CheckpointError, "and 4 more")


def test_a_tensor_of_another_shape_or_kind_is_named(skip: Node) -> None:
    wrong = StoredTensor(np.zeros(11, np.float32), "float32")
    content = changed(skip, "synthesis.b8.conv1", tensors={"bias": wrong})
    assert_refused(content, CheckpointError, r"conv1.bias` has the shape \(11,\) instead of \(12,\)")
    whole = StoredTensor(np.zeros(12, np.int64), "int64")
    assert_refused(changed(skip, "synthesis.b8.conv1", tensors={"bias": whole}), CheckpointError, "int64")


@pytest.mark.parametrize(
    ("path", "attributes", "kind", "words"),
    [
        ("synthesis", {"img_resolution": 2**30}, RefusedFile, "`img_resolution` = 1073741824"),
        ("synthesis", {"img_resolution": 32}, CheckpointError, "resolution: 32 and 16"),
        ("", {"z_dim": 10**9}, RefusedFile, "Unreasonable setting `z_dim`"),
        ("", {"z_dim": "many\x1b[0m"}, CheckpointError, "must be a whole number"),
        ("", {"c_dim": 5}, CheckpointError, "classes"),
        ("synthesis.b8", {"architecture": "resnet"}, CheckpointError, "architecture|contradicts"),
        ("synthesis.b8.conv1", {"conv_clamp": 1.0}, CheckpointError, "conv_clamp"),
        ("synthesis.b8.conv1", {"activation": "relu"}, CheckpointError, "activation"),
        ("mapping.fc0", {"weight_gain": 1.0}, UnsupportedFile, "scales its weights"),
        ("mapping.fc0", {"bias_gain": float("nan")}, RefusedFile, "Unreasonable"),
    ],
)
def test_unreasonable_or_contradictory_settings_of_stylegan2_are_refused(
    skip: Node, path: str, attributes: dict[str, Any], kind: type[CheckpointError], words: str
) -> None:
    content = changed(skip, path, **attributes)
    if attributes.get("architecture"):
        for block in ("b4", "b16"):
            content = changed(content, f"synthesis.{block}", **attributes)
    assert_refused(content, kind, words)


@pytest.mark.parametrize(
    ("path", "attributes", "kind", "words"),
    [
        ("synthesis", {"layer_names": ["L0_36_12"] * 100}, RefusedFile, "number of layers"),
        ("synthesis", {"layer_names": ["L0_36_12"]}, CheckpointError, "layers"),
        ("synthesis", {"layer_names": ["forward"] * 5}, RefusedFile, "name of a layer"),
        ("synthesis.input", {"size": (10**9, 36)}, RefusedFile, "`size` = 1000000000"),
        ("synthesis.input", {"bandwidth": 100.0}, RefusedFile, "bandwidth"),
        ("synthesis.L1_36_12", {"padding": [9, 8, 9, 12]}, CheckpointError, "padding of the layer"),
        ("synthesis.L1_36_12", {"in_size": (35, 36)}, CheckpointError, "the layer `L1_36_12`"),
        ("synthesis.L1_36_12", {"up_factor": 2**40}, RefusedFile, "up_factor"),
        ("synthesis.L1_36_12", {"padding": None}, CheckpointError, "lacks the setting `padding`"),
        ("synthesis.L1_36_12", {"is_torgb": True}, CheckpointError, "last layer"),
    ],
)
def test_unreasonable_or_contradictory_settings_of_stylegan3_are_refused(
    alias_free: Node, path: str, attributes: dict[str, Any], kind: type[CheckpointError], words: str
) -> None:
    assert "L1_36_12" in alias_free.children["synthesis"].children
    assert_refused(changed(alias_free, path, **attributes), kind, words)


def test_an_unknown_activation_is_named(skip: Node) -> None:
    content = skip
    for layer in ("b4.conv1", "b8.conv0", "b8.conv1", "b16.conv0", "b16.conv1"):
        content = changed(content, f"synthesis.{layer}", activation="gelu\n")
    assert_refused(content, UnsupportedFile, r"activation `gelu\\n`.*lrelu")


def test_a_block_that_is_missing_is_named(skip: Node) -> None:
    synthesis = skip.children["synthesis"]
    without = {name: block for name, block in synthesis.children.items() if name != "b8"}
    content = replace(skip, children={**skip.children, "synthesis": replace(synthesis, children=without)})
    assert_refused(content, CheckpointError, "blocks: b4 b16 and b4 b8")


def test_a_relative_is_recognised_and_named(skip: Node) -> None:
    content = Node("TriPlaneGenerator", children={"backbone": skip})
    assert_refused(content, UnsupportedFile, "EG3D")
    with pytest.raises(UnsupportedFile):
        family_of(content).describe(content)


def test_networks_of_no_family_are_named() -> None:
    with pytest.raises(UnsupportedFile, match=r"class `Odd\\x1b` *, which"):
        family_of(Node("Odd\x1b"))
    with pytest.raises(UnsupportedFile, match="family `stylegan9`"):
        family_of(SavedNetwork("stylegan9", {}, {}))


@pytest.mark.parametrize("name", ["skip", "T"])
def test_a_saved_network_with_a_wrong_member_is_refused(name: str) -> None:
    network = network_of(CONFIGS[name])
    (saved,) = (s for family in FAMILIES if (s := family.save(network)) is not None)
    whole: dict[str, Any] = json.loads(json.dumps(asdict(network.config)))
    for member in whole:
        for value in (None, "odd", -(10**12), [10**12], {"odd": 1}):
            if member in ("conv_clamp",) and value is None:
                continue  # no clamp
            with pytest.raises(CheckpointError):
                family_of(saved).build(SavedNetwork(saved.family, {**whole, member: value}, saved.tensors))
