"""R3GAN: pickled ordinary modules, and what the loader refuses of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core.base.errors import CheckpointError, RefusedFile, UnsupportedFile
from core.families import family_of
from core.families.architectures.r3gan import R3GanFamily
from core.loading.common.checkpoint import Node, SavedNetwork, StoredTensor
from core.networks.r3gan import R3Gan, R3GanConfig, StageConfig
from core.opening.network import convert, describe_network, open_network
from core.render.renderer import Renderer
from core.request import RenderRequest, SeedPoint, Truncation
from core.synthesis.generator import SynthesisInputs, synthesize
from tests.fixtures import samples
from tests.fixtures.samples import FOLDER, Made, Name
from tests.small import Opened

FILE = str(FOLDER / "r3gan.pkl")
STAGES = (StageConfig(12, 2, 24, 3), StageConfig(12, 1, 24, 6), StageConfig(8, 1, 16, 2))


def network_of(*, c_dim: int = 0, **changes: Any) -> R3Gan:
    config = R3GanConfig(z_dim=6, c_dim=c_dim, embed_width=5 if c_dim else 0, size=(4, 4), stages=STAGES)
    network = R3Gan(replace(config, **changes)).eval().requires_grad_(False)
    random = torch.Generator().manual_seed(2)
    for name, tensor in network.state_dict().items():
        tensor.normal_(generator=random).mul_(0.3)
        if name.endswith("filter"):
            tensor.copy_(torch.outer(*(torch.tensor([1.0, 3.0, 3.0, 1.0]),) * 2) / 64)
    return network


def names_of(network: R3Gan) -> dict[str, Tensor]:
    """The tensors under the names that a snapshot has."""
    own, config, stages = network.state_dict(), network.config, "Model.MainLayers."
    made = {
        f"{stages}0.Layers.0.Basis": own["synthesis.input.basis"],
        f"{stages}0.Layers.0.LinearLayer.weight": own["synthesis.input.weight"],
        "Model.AggregationLayer.Layer.weight": own["synthesis.torgb"],
    }
    if config.c_dim:
        made["Model.EmbeddingLayer.weight"] = own["mapping.embed"].t()
    for i, stage in enumerate(config.stages):
        prefix, place = f"{stages}{i}.Layers.", f"synthesis.stages.{i}."
        if i:
            made[f"{prefix}0.Resampler.Kernel"] = own[f"{place}up.filter"]
            if f"{place}up.weight" in own:
                made[f"{prefix}0.LinearLayer.Layer.weight"] = own[f"{place}up.weight"]
        for j in range(stage.blocks):
            block = f"{place}blocks.{j}."
            for k, name in enumerate(("widen", "blend", "narrow"), 1):
                made[f"{prefix}{j + 1}.LinearLayer{k}.Layer.weight"] = own[block + name]
            for k in (1, 2):
                made[f"{prefix}{j + 1}.NonLinearity{k}.Bias"] = own[f"{block}bias{k}"]
    return made


def node_of(tensors: dict[str, Tensor], **attributes: Any) -> Node:
    """A tree of modules with these tensors."""
    own = {name: StoredTensor(t.contiguous().numpy(), "float32") for name, t in tensors.items() if "." not in name}
    parts = dict.fromkeys(name.partition(".")[0] for name in tensors if "." in name)
    children = {
        part: node_of({name.removeprefix(f"{part}."): t for name, t in tensors.items() if name.startswith(f"{part}.")})
        for part in parts
    }
    return Node("Generator", attributes, own, children)


def picture(network: Any) -> Tensor:
    info = network.info
    z = torch.randn(2, info.z_dim, generator=torch.Generator().manual_seed(4))
    return synthesize(network, SynthesisInputs(network.map(z, torch.eye(info.c_dim)[:2] if info.c_dim else None)))


def test_the_recorded_pictures_are_made() -> None:
    network = open_network(FILE)
    assert network.origin.notes == ()
    assert (network.info.family, network.info.has_w, network.info.c_dim) == ("R3GAN", False, 3)
    assert describe_network(FILE)[0] == network.info
    with np.load(f"{FILE}.expected.npz") as recorded:
        ws = network.generator.map(torch.from_numpy(recorded["z"]), torch.from_numpy(recorded["c"]))
        wanted = torch.from_numpy(recorded["img"])
    image = synthesize(network.generator, SynthesisInputs(ws))
    assert float((image - wanted).abs().max()) <= 1e-5 * float(wanted.abs().max())


def test_what_convert_wrote_gives_the_same_picture(tmp_path: Path) -> None:
    convert(FILE, tmp_path / "x.safetensors")
    again = open_network(str(tmp_path / "x.safetensors"))
    assert again.origin.notes == ()
    assert torch.equal(picture(again.generator), picture(open_network(FILE).generator))


@pytest.mark.parametrize("c_dim", [0, 4])
def test_a_snapshot_gives_the_network_that_it_was_made_of(c_dim: int) -> None:
    network = network_of(c_dim=c_dim)
    content = node_of(names_of(network), z_dim=6, c_dim=c_dim, img_resolution=16)
    family = family_of(content)
    assert family.describe(content) == network.info
    built, notes = family.build(content)
    assert notes == ()
    assert torch.equal(picture(built), picture(network))
    saved = R3GanFamily().save(built)
    assert saved is not None
    assert torch.equal(picture(R3GanFamily().build(saved)[0]), picture(network))


def test_psi_scales_the_z_of_seeds_alone() -> None:
    network = network_of(c_dim=4)
    renderer = Renderer(Opened(network, network.info))
    whole, half = (
        renderer.render(RenderRequest(latent=SeedPoint(3.0), label=1, truncation=Truncation(psi))).ws
        for psi in (1.0, 0.5)
    )
    assert whole is not None
    assert half is not None
    assert np.array_equal(whole[0, :6], np.random.RandomState(3).randn(6).astype(np.float32))
    assert np.array_equal(half[0, :6], whole[0, :6] / 2)
    assert np.array_equal(half[0, 6:], whole[0, 6:])


def test_tensors_that_are_not_used_are_noted() -> None:
    tensors = names_of(network_of()) | {"Model.Extra.weight": torch.ones(2)}
    _, notes = R3GanFamily().build(node_of(tensors))
    assert notes == ("Tensors that this network does not use were left out: `Model.Extra.weight`.",)


@pytest.mark.parametrize(
    ("name", "tensor", "attributes", "words"),
    [
        ("Model.MainLayers.1.Layers.1.NonLinearity2.Bias", None, {}, "lacks its tensor .*NonLinearity2.Bias"),
        ("Model.MainLayers.1.Layers.1.NonLinearity2.Bias", (3,), {}, r"shape \(3,\) instead of \(24,\)"),
        ("Model.MainLayers.2.Layers.0.LinearLayer.Layer.weight", None, {}, "LinearLayer.Layer.weight"),
        ("Model.MainLayers.9.Layers.0.Basis", (1,), {}, "not numbered"),
        ("Model.AggregationLayer.Layer.weight", (5, 8, 1, 1), {}, "Unreasonable"),
        ("", None, {"img_resolution": 256}, "resolution: 256 and 16"),
        ("", None, {"z_dim": 64}, "`z_dim`: 64 and 6"),
        ("", None, {"c_dim": 10}, "`c_dim`: 10 and 0"),
        ("", None, {"z_dim": "many"}, "whole number"),
    ],
)
def test_a_damaged_snapshot_is_refused_in_words(name: str, tensor: Any, attributes: Any, words: str) -> None:
    tensors = names_of(network_of())
    tensors.pop(name, None)
    if tensor is not None:
        tensors[name] = torch.zeros(tensor)
    with pytest.raises(CheckpointError, match=words):
        R3GanFamily().build(node_of(tensors, **attributes))


def test_groups_that_are_none_of_its_shape_are_refused() -> None:
    content = node_of(names_of(network_of()))
    node = content
    for part in ["Model", "MainLayers", "0", "Layers", "1", "LinearLayer2", "Layer"]:
        node = node.children[part]
    node.attributes["groups"] = 4  # type: ignore[index]
    with pytest.raises(CheckpointError, match="groups of stage 0"):
        R3GanFamily().build(content)


def test_a_saved_network_with_a_wrong_member_is_refused() -> None:
    saved = R3GanFamily().save(network_of(c_dim=4))
    assert saved is not None
    for member in saved.config:
        for value in (None, "odd", -(10**12), [10**12], {"odd": 1}):
            with pytest.raises(CheckpointError):
                R3GanFamily().build(SavedNetwork(saved.family, {**saved.config, member: value}, saved.tensors))
    stages = [{"channels": 12, "blocks": 1, "hidden": 24, "groups": 5}]
    with pytest.raises(CheckpointError, match="groups of one size"):
        R3GanFamily().build(SavedNetwork(saved.family, {**saved.config, "stages": stages}, saved.tensors))
    with pytest.raises(RefusedFile):
        R3GanFamily().build(SavedNetwork(saved.family, {**saved.config, "stages": []}, saved.tensors))


@pytest.mark.parametrize("module", ["R3GAN.Networks", "BaselineGAN.Networks", "os", "somebody.Networks"])
def test_only_modules_of_known_names_are_parts_of_it(tmp_path: Path, module: str) -> None:
    model = Made(Name(module, "Generator"), (), samples.state_of())
    root = {"G_ema": Made(Name("training.networks", "Generator"), (), samples.state_of(children={"Model": model}))}
    path = tmp_path / "x.pkl"
    path.write_bytes(samples.dump(root))
    words = {"os": "Refused", "somebody.Networks": "contains `somebody.Networks.Generator` at `Model`"}
    kind = UnsupportedFile if module != "os" else RefusedFile
    with pytest.raises(kind, match=words.get(module, "class `Generator`")):
        open_network(str(path))
