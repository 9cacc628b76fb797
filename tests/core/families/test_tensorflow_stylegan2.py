"""StyleGAN2 networks of NVIDIA's TensorFlow code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core.base.errors import CheckpointError, UnsupportedFile
from core.families import recognise
from core.families.common.mapping import ESTIMATED
from core.families.common.tensorflow_arguments import ONLY_TRAINING
from core.families.layouts.stylegan2.tensorflow import NO_MAPPING
from core.loading.common.checkpoint import StoredTensor, TensorFlowNetwork
from core.networks.parts.config import CONCATENATED, StyleGan2Config
from core.networks.stylegan2 import StyleGan2
from core.opening.network import open_network, write_network
from core.synthesis.generator import Generator
from tests.core.trees import SMALL, network_of, picture

PLAIN: dict[str, Any] = SMALL | {"num_fp16_res": 0, "conv_clamp": None, "mapping_layers": 2}

USUAL = "Its own pictures are made with psi 0.5."


def as_tensorflow(
    network: StyleGan2, *, grown: bool = False, square_names: bool = False, **arguments: Any
) -> TensorFlowNetwork:
    """The network as TensorFlow's variables. grown: with the names of configurations B to D."""
    config, own = network.config, network.state_dict()
    mapping: dict[str, Tensor] = {}
    for i in range(len(config.mapping.widths)):
        mapping[f"Dense{i}/weight"] = own[f"mapping.fc{i}.weight"].t()
        mapping[f"Dense{i}/bias"] = own[f"mapping.fc{i}.bias"]
    if config.mapping.label == CONCATENATED:
        mapping["LabelConcat/weight"] = own["mapping.embed.weight"].t()
    elif config.mapping.c_dim:
        mapping["LabelEmbed/weight"] = own["mapping.embed.weight"].t()
        mapping["LabelEmbed/bias"] = own["mapping.embed.bias"]

    height, width = (4, 4) if square_names else config.const_size
    synthesis: dict[str, Tensor] = {f"{height}x{width}/Const/const": own["synthesis.b4.const"][None]}
    for i, r in enumerate(config.resolutions):
        scope, size = f"{height << i}x{width << i}", len(config.resolutions) - 1
        names = {"conv0": f"{scope}/Conv0_up", "conv1": f"{scope}/{'Conv1' if i else 'Conv'}"}
        names |= {"skip": f"{scope}/Skip", "torgb": f"ToRGB_lod{size - i}" if grown else f"{scope}/ToRGB"}
        for ours, theirs in names.items():
            layer = {k.removeprefix(f"synthesis.b{r}.{ours}."): v for k, v in own.items() if f".b{r}.{ours}." in k}
            if not layer:
                continue
            turned = layer["weight"].flip(2, 3) if ours == "conv0" else layer["weight"]
            synthesis[f"{theirs}/weight"] = turned.permute(2, 3, 1, 0)
            if "bias" in layer:
                synthesis[f"{theirs}/bias"] = layer["bias"]
                synthesis[f"{theirs}/mod_weight"] = layer["affine.weight"].t()
                synthesis[f"{theirs}/mod_bias"] = layer["affine.bias"] - 1
            if "noise_strength" in layer:
                synthesis[f"{theirs}/noise_strength"] = layer["noise_strength"]
                index = 2 * i - 1 + (ours == "conv1") if i else 0
                synthesis[f"noise{index}"] = layer["noise_const"][None, None]
    parts = {
        "mapping": TensorFlowNetwork("G_mapping", 4, "G_mapping", arguments, stored(mapping)),
        "synthesis": TensorFlowNetwork("G_synthesis", 4, "G_synthesis_stylegan2", arguments, stored(synthesis)),
    }
    variables = stored({"dlatent_avg": own["mapping.w_avg"], "lod": torch.zeros([])})
    return TensorFlowNetwork("Gs", 4, "G_main", arguments, variables, parts)


def stored(tensors: dict[str, Tensor]) -> dict[str, StoredTensor]:
    return {name: StoredTensor(tensor.numpy().copy(), "float32") for name, tensor in tensors.items()}


def varied(network: TensorFlowNetwork, part: str, **tensors: Tensor | None) -> TensorFlowNetwork:
    """With other variables (None: without it) in a component, or at the top; two underscores are a slash."""
    own = network.components[part] if part else network
    changed = {name.replace("__", "/"): tensor for name, tensor in tensors.items()}
    kept = {name: tensor for name, tensor in own.variables.items() if name not in changed}
    kept |= stored({name: tensor for name, tensor in changed.items() if tensor is not None})
    if not part:
        return replace(network, variables=kept)
    return replace(network, components={**network.components, part: replace(own, variables=kept)})


def build(content: TensorFlowNetwork) -> tuple[Generator, tuple[str, ...]]:
    found = recognise(content)
    generator, notes = found.build()
    assert found.describe() == generator.info
    return generator, notes


def same_picture(generator: Generator, wanted: StyleGan2) -> bool:
    expected = picture(wanted)
    return torch.allclose(picture(generator), expected, rtol=0, atol=1e-5 * float(expected.abs().max()))


def concatenated(config: StyleGan2Config) -> StyleGan2Config:
    return replace(config, mapping=replace(config.mapping, label=CONCATENATED))


CONFIGS = {
    "skip": StyleGan2Config.official(16, **PLAIN),
    "resnet": StyleGan2Config.official(16, architecture="resnet", **PLAIN),
    "orig": StyleGan2Config.official(16, architecture="orig", image_channels=1, **PLAIN),
    "label": StyleGan2Config.official(8, c_dim=3, **PLAIN),
    "matrix": concatenated(StyleGan2Config.official(8, c_dim=3, **PLAIN)),
    "wide": StyleGan2Config.official(16, const_size=(2, 6), **PLAIN),
    "no noise": replace(StyleGan2Config.official(8, **PLAIN), use_noise=False),
    "oblong": StyleGan2Config.official(16, const_size=(4, 6), **PLAIN),
    "one block": StyleGan2Config.official(4, **PLAIN),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_the_variables_give_the_network_that_they_were_made_of(name: str, tmp_path: Path) -> None:
    network = network_of(CONFIGS[name])
    generator, notes = build(as_tensorflow(network))
    assert notes == (USUAL,)
    assert generator.info == network.info
    assert same_picture(generator, network)
    write_network(generator, tmp_path / "n.safetensors")
    again = open_network(str(tmp_path / "n.safetensors")).generator
    assert torch.equal(picture(again), picture(generator))


def test_a_label_that_is_concatenated_is_normalised_together_with_z() -> None:
    network = network_of(CONFIGS["matrix"])
    z, c = torch.randn(2, 16, generator=torch.Generator().manual_seed(1)), torch.eye(3)[1:]
    x = torch.cat([z, c @ network.mapping.embed.weight.t()], dim=1).double()
    x = x / (x.square().mean(dim=1, keepdim=True) + 1e-8).sqrt()
    for layer in (network.mapping.fc0, network.mapping.fc1):
        y = x @ layer.weight.double().t() * (0.01 / layer.weight.shape[1] ** 0.5) + layer.bias.double() * 0.01
        x = torch.where(y > 0, y, 0.2 * y) * 2**0.5
    assert torch.allclose(network.map(z, c)[:, 0].double(), x, rtol=0, atol=1e-5)


def test_configurations_b_to_d_have_one_layer_for_the_picture_that_counts() -> None:
    network = network_of(CONFIGS["orig"])
    content = as_tensorflow(network, grown=True, architecture="skip")  # what these ignore
    earlier = {"ToRGB_lod1/weight": torch.zeros(1, 1, 12, 1), "ToRGB_lod1/mod_weight": torch.zeros(16, 12)}
    content = varied(content, "synthesis", lod=torch.zeros([]), **earlier)
    generator, notes = build(content)
    assert notes == (USUAL,)
    assert generator.info.architecture == "orig"
    assert same_picture(generator, network)
    with pytest.raises(UnsupportedFile, match=r"before it had grown to its full size \(lod 1.5\)"):
        build(varied(content, "synthesis", lod=torch.tensor(1.5)))


def test_the_arguments_say_what_shapes_do_not() -> None:
    config = StyleGan2Config.official(16, **PLAIN | {"num_fp16_res": 1, "conv_clamp": 0.5})
    config = replace(config, activation="relu")
    config = replace(config, mapping=replace(config.mapping, activation="linear", lr=0.02))
    network = network_of(config)
    for name, tensor in network.state_dict().items():
        if name.endswith("resample_filter"):
            tensor.copy_(torch.tensor([1.0, 2.0, 2.0, 1.0]).outer(torch.tensor([1.0, 2.0, 2.0, 1.0])) / 36)
    arguments: dict[str, Any] = {"num_fp16_res": 1, "conv_clamp": 0.5, "nonlinearity": "relu"}
    arguments |= {"mapping_nonlinearity": "linear", "mapping_lrmul": 0.02, "resample_kernel": [1, 2, 2, 1]}
    arguments |= {"truncation_psi": 0.5, "is_training": True}
    generator, notes = build(as_tensorflow(network, **arguments))
    assert notes == (USUAL,)
    assert generator.info == network.info
    assert generator.info.fp16_layers == ("b16.conv0", "b16.conv1", "b16.torgb")
    assert same_picture(generator, network)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"truncation_psi": 0.7}, "with psi 0.7."),
        ({"truncation_psi": 0.7, "truncation_cutoff": 2}, "with psi 0.7 on the first 2 of its 4 layers."),
        ({"truncation_psi": 0.5, "truncation_cutoff": None}, "with psi 0.5."),
        ({"truncation_psi": None}, "without truncation."),
    ],
)
def test_how_its_own_code_shows_it_is_said(arguments: dict[str, Any], words: str) -> None:
    _, notes = build(as_tensorflow(network_of(CONFIGS["label"]), **arguments))
    assert notes == (f"Its own pictures are made {words}",)


def test_what_is_missing_or_unknown_is_said() -> None:
    content = as_tensorflow(network_of(CONFIGS["skip"]), odd_setting=1)
    _, notes = build(varied(replace(content, name="G"), "", dlatent_avg=None, stray=torch.ones(2)))
    assert notes == (
        ONLY_TRAINING,
        USUAL,
        "It was made with settings that this program does not know: `odd_setting`.",
        "Tensors that this network does not use were left out: `stray`.",
        ESTIMATED,
    )


@pytest.mark.parametrize(
    ("part", "tensors", "arguments", "kind", "words"),
    [
        ("synthesis", {"8x8__Conv1__bias": None}, {}, CheckpointError, "`synthesis/8x8/Conv1/bias` is missing"),
        ("synthesis", {"noise3": None}, {}, CheckpointError, "`synthesis/noise3` is missing"),
        ("synthesis", {"noise3": torch.ones(2)}, {}, CheckpointError, r"`synthesis/noise3` has the shape \(2,\)"),
        ("synthesis", {"4x4__Const__const": None}, {}, CheckpointError, "lacks its constant"),
        ("", {}, {"init_res": [4, 8]}, CheckpointError, r"size of its constant: \(4, 4\) and \(4, 8\)"),
        ("synthesis", {"8x8__Conv1__weight": None}, {}, CheckpointError, "lacks its tensor `synthesis/8x8/Conv1/w"),
        ("mapping", {"Dense0__weight": None}, {}, CheckpointError, "lacks its tensor `mapping/Dense0/weight"),
        ("mapping", {"LabelConcat__weight": torch.ones(3, 4)}, {}, CheckpointError, "`label_size`: 0 and 3"),
        ("", {"dlatent_avg": torch.ones(5)}, {}, CheckpointError, r"`dlatent_avg`, has the shape \(5,\)"),
        ("", {}, {"resolution": 2**40}, CheckpointError, "Unreasonable setting `resolution`"),
        ("", {}, {"resolution": 32}, CheckpointError, "resolution: 32 and 16"),
        ("", {}, {"architecture": "resnet"}, CheckpointError, "architecture: resnet and skip"),
        ("", {}, {"nonlinearity": "gelu\n"}, UnsupportedFile, r"activation `gelu\\n`"),
        ("", {}, {"resample_kernel": [1, 2, 3]}, UnsupportedFile, "resampling filter"),
        ("", {}, {"resample_kernel": "wide"}, CheckpointError, "`resample_kernel`"),
        ("", {}, {"normalize_latents": False}, UnsupportedFile, "does not normalise z"),
        ("synthesis", {"8x8__SelfAttention__f": torch.ones(1)}, {}, UnsupportedFile, r"self-attention \(a fork"),
        ("synthesis", {"8x8__Conv1__weight_sn": torch.ones(1)}, {}, UnsupportedFile, "spectral normalisation"),
    ],
)
def test_what_does_not_fit_is_named(
    part: str, tensors: dict[str, Tensor | None], arguments: dict[str, Any], kind: type[CheckpointError], words: str
) -> None:
    content = as_tensorflow(network_of(CONFIGS["skip"]), **{"label_size": 0, **arguments})
    with pytest.raises(kind, match=words) as caught:
        build(varied(content, part, **tensors))
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("told", [True, False])
def test_blocks_may_keep_square_names_where_the_constant_is_oblong(told: bool) -> None:
    network = network_of(CONFIGS["oblong"])
    arguments: dict[str, Any] = {"resolution": 16} | ({"init_res": [4, 6]} if told else {})
    content = as_tensorflow(network, square_names=True, **arguments)
    assert "8x8/Conv1/weight" in content.components["synthesis"].variables
    generator, notes = build(content)
    assert notes == (USUAL,)
    assert (generator.info.width, generator.info.height) == (24, 16)
    assert same_picture(generator, network)
    _, notes = build(varied(content, "synthesis", noise1=torch.ones(1, 1, 8, 8)))
    assert notes[1].startswith("1 of its 5 noise maps have other sizes")


def test_a_synthesis_alone_is_named() -> None:
    content = as_tensorflow(network_of(CONFIGS["skip"]))
    with pytest.raises(UnsupportedFile, match=NO_MAPPING):
        recognise(content.components["synthesis"])


def test_sizes_in_names_are_no_trap() -> None:
    content = as_tensorflow(network_of(CONFIGS["skip"]))
    odd = {f"{n}x{n}/{layer}": np.ones(1) for n in (0, 10**9) for layer in ("Const/const", "Conv1/weight")}
    tensors = {name: torch.from_numpy(array) for name, array in odd.items()}
    with pytest.raises(CheckpointError, match="its blocks: 0x0 4x4"):
        build(varied(content, "synthesis", **{"4x4/Const/const": None}, **tensors))
