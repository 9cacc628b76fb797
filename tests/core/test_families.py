"""The families: recognising, describing, building and saving networks, and refusing what does not fit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.errors import CheckpointError, RefusedFile, UnsupportedFile
from core.families import FAMILIES, family_of
from core.generator import Generator, SynthesisInputs, synthesize
from core.loading.checkpoint import Node, Plain, SavedNetwork, StoredTensor
from core.networks.config import StyleGan2Config, StyleGan3Config
from core.networks.stylegan2 import StyleGan2
from core.networks.stylegan3 import StyleGan3
from tests.core import reference64

SMALL: dict[str, Any] = {"channel_base": 256, "channel_max": 12, "z_dim": 16, "w_dim": 16}
CONFIGS: dict[str, StyleGan2Config | StyleGan3Config] = {
    "skip": StyleGan2Config.official(16, **SMALL),
    "resnet": StyleGan2Config.official(16, architecture="resnet", conv_clamp=None, num_fp16_res=0, **SMALL),
    "orig": StyleGan2Config.official(16, architecture="orig", image_channels=1, c_dim=3, **SMALL),
    "tall": StyleGan2Config.official(16, const_size=(4, 2), image_channels=4, **SMALL),
    "no noise": replace(StyleGan2Config.official(8, **SMALL), use_noise=False, activation="swish"),
    "T": StyleGan3Config.official(16, num_layers=4, c_dim=2, **SMALL),
    "R": StyleGan3Config.official(16, num_layers=4, kernel=1, radial=True, conv_clamp=None, **SMALL),
    "tall T": StyleGan3Config.official(32, num_layers=4, half_width=True, **SMALL),
}


def network_of(config: StyleGan2Config | StyleGan3Config) -> Any:
    return reference64.scrambled(StyleGan2(config) if isinstance(config, StyleGan2Config) else StyleGan3(config))


def picture(generator: Generator) -> Tensor:
    z = torch.randn(2, generator.info.z_dim, generator=torch.Generator().manual_seed(0))
    c = torch.eye(generator.info.c_dim)[:2] if generator.info.c_dim else None
    return synthesize(generator, SynthesisInputs(generator.map(z, c)))


# ----------------------------------------------------------------------------
# Networks as a snapshot holds them.


def node_of(module: nn.Module, class_name: str, **attributes: Plain) -> Node:
    own = [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]
    tensors = {name: StoredTensor(t.detach().numpy().copy(), "float32") for name, t in own}
    children = {name: node_of(sub, type(sub).__name__) for name, sub in module.named_children()}
    return Node(class_name, attributes, tensors, children)


def snapshot(network: Any) -> Node:
    """The tree of a network with the attributes that snapshots have and shapes do not tell."""
    config = network.config
    root = node_of(network, "Generator", z_dim=config.mapping.z_dim, c_dim=config.mapping.c_dim, num_ws=config.num_ws)
    if isinstance(config, StyleGan2Config):
        return replace(root, children={**root.children, "synthesis": stylegan2_synthesis(root, config)})
    return replace(root, children={**root.children, "synthesis": stylegan3_synthesis(root, config)})


def stylegan2_synthesis(root: Node, config: StyleGan2Config) -> Node:
    synthesis = root.children["synthesis"]
    blocks = {}
    for i, (name, block) in enumerate(synthesis.children.items()):
        layer = {"conv_clamp": config.conv_clamp, "activation": config.activation}
        children = {n: with_attributes(c, **layer) if n != "skip" else c for n, c in block.children.items()}
        attributes = {"architecture": config.architecture, "use_fp16": config.is_half(i)}
        blocks[name] = replace(block, attributes=attributes, children=children)
    return replace(synthesis, attributes={"img_resolution": config.resolutions[-1]}, children=blocks)


def stylegan3_synthesis(root: Node, config: StyleGan3Config) -> Node:
    synthesis = root.children["synthesis"]
    source = {"size": config.input_size, "sampling_rate": config.input_rate, "bandwidth": config.bandwidth}
    children = {"input": with_attributes(synthesis.children["input"], **source)}
    for layer in config.layers:
        children[layer.name] = with_attributes(
            synthesis.children[layer.name],
            in_size=layer.in_size,
            out_size=layer.out_size,
            in_sampling_rate=layer.in_rate,
            out_sampling_rate=layer.out_rate,
            in_cutoff=layer.up_design.cutoff,
            in_half_width=layer.up_design.half_width,
            out_cutoff=layer.down_design.cutoff,
            out_half_width=layer.down_design.half_width,
            up_factor=layer.up,
            down_factor=layer.down,
            padding=list(layer.padding),
            is_torgb=layer.is_torgb,
            use_fp16=layer.half,
            conv_clamp=layer.clamp,
        )
    attributes = {"output_scale": config.output_scale, "layer_names": [layer.name for layer in config.layers]}
    return replace(synthesis, attributes=attributes, children=children)


def with_attributes(node: Node, **attributes: Plain) -> Node:
    return replace(node, attributes={**node.attributes, **attributes})


def changed(
    node: Node, path: str, *, tensors: Mapping[str, StoredTensor | None] | None = None, **attributes: Any
) -> Node:
    """A copy of the tree with other tensors (None: without it) or attributes at a path such as "synthesis.b4"."""
    if path:
        head, _, rest = path.partition(".")
        sub = changed(node.children[head], rest, tensors=tensors, **attributes)
        return replace(node, children={**node.children, head: sub})
    merged = {**node.tensors, **(tensors or {})}
    kept = {name: tensor for name, tensor in merged.items() if tensor is not None}
    return replace(node, attributes={**node.attributes, **attributes}, tensors=kept)


@pytest.fixture(scope="module")
def skip() -> Node:
    return snapshot(network_of(CONFIGS["skip"]))


@pytest.fixture(scope="module")
def alias_free() -> Node:
    return snapshot(network_of(CONFIGS["T"]))


# ----------------------------------------------------------------------------
# What is opened.


@pytest.mark.parametrize("name", CONFIGS)
def test_a_snapshot_gives_the_network_that_it_was_made_of(name: str) -> None:
    network = network_of(CONFIGS[name])
    content = snapshot(network)
    family = family_of(content)
    assert family.describe(content) == network.info
    built, notes = family.build(content)
    assert notes == ()
    assert built.info == network.info
    assert isinstance(built, nn.Module)
    assert not any(parameter.requires_grad for parameter in built.parameters())
    assert torch.equal(picture(built), picture(network))


@pytest.mark.parametrize("name", CONFIGS)
def test_a_saved_network_gives_the_same_picture(name: str) -> None:
    network = network_of(CONFIGS[name])
    (saved,) = (s for family in FAMILIES if (s := family.save(network)) is not None)
    config = json.loads(json.dumps(saved.config))
    content = SavedNetwork(saved.family, config, saved.tensors)
    family = family_of(content)
    assert family.describe(content) == network.info
    built, notes = family.build(content)
    assert notes == ()
    assert torch.equal(picture(built), picture(network))


def test_half_precision_and_transposed_tensors_are_read(skip: Node) -> None:
    weight = skip.children["mapping"].children["fc0"].tensors["weight"].array.astype(np.float32)
    as_half = {"weight": StoredTensor((weight / 64).astype(np.float16), "float16")}
    turned = {"weight": StoredTensor(np.ascontiguousarray(weight.T).T, "float32")}
    as_bfloat = {"weight": StoredTensor((weight.view(np.uint32) >> 16).astype(np.uint16), "bfloat16")}
    for tensors, expected in ((as_half, weight / 64), (turned, weight), (as_bfloat, weight)):
        content = changed(skip, "mapping.fc0", tensors=tensors)
        built, _ = family_of(content).build(content)
        assert isinstance(built, nn.Module)
        found = built.state_dict()["mapping.fc0.weight"]
        assert found.dtype == torch.float32
        assert found.is_contiguous()
        assert np.allclose(found.numpy(), expected, rtol=1e-2, atol=1e-3)


def test_a_missing_average_w_is_estimated(skip: Node) -> None:
    content = changed(skip, "mapping", tensors={"w_avg": None})
    built, notes = family_of(content).build(content)
    assert any("average w" in note for note in notes)
    z = torch.randn(5000, 16, generator=torch.Generator().manual_seed(9))
    w = built.map(z, None)[:, 0]
    assert (built.w_avg - w.mean(dim=0)).abs().max() < 0.1 * w.std()


def test_numbers_that_are_not_finite_and_tensors_that_are_not_used_are_noted(skip: Node) -> None:
    bad = StoredTensor(np.full(12, np.nan, np.float32), "float32")
    content = changed(skip, "synthesis.b8.conv1", tensors={"bias": bad, "stray\x1b[31m": bad})
    _, notes = family_of(content).build(content)
    assert any("`synthesis.b8.conv1.bias`" in note and "NaN" in note for note in notes)
    assert any("stray" in note for note in notes)
    assert not any("\x1b" in note for note in notes)


def test_a_wrong_number_of_ws_is_noted(skip: Node) -> None:
    content = changed(skip, "", num_ws=99)
    _, notes = family_of(content).build(content)
    assert notes == ("The file says that its w has 99 entries; its layers need 6.",)


# ----------------------------------------------------------------------------
# What is refused.


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


def test_relatives_are_recognised_and_named(alias_free: Node, skip: Node) -> None:
    mapping = alias_free.children["mapping"]
    per_class = {"w_avg": StoredTensor(np.zeros((7, 16), np.float32), "float32")}
    projected = replace(mapping, children={**mapping.children, "embed_proj": Node("FullyConnectedLayer")})
    for content in (
        changed(alias_free, "mapping", tensors=per_class),
        replace(alias_free, children={**alias_free.children, "mapping": projected}),
        replace(alias_free, class_name="SuperresGenerator"),
    ):
        assert_refused(content, UnsupportedFile, "This is a StyleGAN-XL network; it cannot be opened yet")
        with pytest.raises(UnsupportedFile):
            family_of(content).describe(content)
    assert_refused(Node("TriPlaneGenerator", children={"backbone": skip}), UnsupportedFile, "EG3D")
    assert_refused(Node("Generator", children={"Model": Node("Model")}), UnsupportedFile, "R3GAN")


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
