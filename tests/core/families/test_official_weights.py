"""State dicts of NVIDIA's StyleGAN2 and StyleGAN3 modules without the modules, and the early re-implementation."""

from __future__ import annotations

import pickle
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from core.base.errors import CheckpointError, UnsupportedFile
from core.families import recognise
from core.families.common.mapping import ESTIMATED
from core.families.layouts.stylegan2.stylegan2_layout import NO_NOISE
from core.families.layouts.stylegan3 import alias_free, official
from core.loading.common.checkpoint import Plain, StateDict, StoredTensor
from core.networks.parts.config import MappingConfig, StyleGan2Config, StyleGan3Config
from core.networks.stylegan3 import StyleGan3
from core.opening.network import convert, open_network
from core.synthesis.generator import Generator
from tests.core.trees import CONFIGS, SMALL, network_of, picture

Tensors = dict[str, Tensor]

KNOWN = {name: CONFIGS[name] for name in ("skip", "resnet", "orig", "tall", "T", "R")}
KNOWN["oblong"] = StyleGan2Config.official(16, const_size=(4, 6), **SMALL)


def built(tensors: Mapping[str, Tensor], **beside: Plain | StoredTensor) -> tuple[Generator, tuple[str, ...]]:
    content = StateDict({name: stored(tensor) for name, tensor in tensors.items()}, beside=beside)
    recognised = recognise(content)
    generator, notes = recognised.build()
    assert recognised.describe() == generator.info
    return generator, notes


def stored(tensor: Tensor) -> StoredTensor:
    return StoredTensor(tensor.numpy(), str(tensor.dtype).removeprefix("torch."))


def state_of(name: str) -> tuple[Any, Tensors]:
    network = network_of(KNOWN[name])
    return network, dict(network.state_dict())


@pytest.mark.parametrize("name", KNOWN)
def test_names_and_shapes_tell_the_network(name: str) -> None:
    network, tensors = state_of(name)
    generator, notes = built(tensors)
    is_third = isinstance(network, StyleGan3)
    assert notes == ((official.ASSUMED,) if is_third else ())
    assert replace(generator.info, fp16_layers=()) == replace(network.info, fp16_layers=())
    assert torch.equal(picture(generator), picture(network))
    assert torch.equal(generator.w_avg, network.w_avg)


@pytest.mark.parametrize("name", ["skip", "R"])
def test_a_file_of_weights_alone_is_opened_and_converted(name: str, tmp_path: Path) -> None:
    network, tensors = state_of(name)
    torch.save({"G_ema": tensors}, tmp_path / "n.pt")
    (tmp_path / "n.pkl").write_bytes(pickle.dumps({"G_ema": tensors}))
    wanted = picture(network)
    for file, out in (("n.pt", "again.safetensors"), ("n.pkl", "again.pkl")):
        assert torch.equal(picture(open_network(str(tmp_path / file)).generator), wanted)
        convert(str(tmp_path / file), tmp_path / out)
        assert torch.equal(picture(open_network(str(tmp_path / out)).generator), wanted)


@pytest.mark.parametrize("name", ["skip", "T"])
def test_the_average_w_may_lie_beside_the_decoder_of_an_encoder(name: str) -> None:
    network, tensors = state_of(name)
    average = tensors.pop("mapping.w_avg")
    generator, _ = built(tensors, latent_avg=stored(average.expand(6, -1)))
    assert torch.equal(generator.w_avg, network.w_avg)
    assert ESTIMATED in built(tensors)[1]
    with pytest.raises(CheckpointError, match=r"`latent_avg`, has the shape \(3,\)"):
        built(tensors, latent_avg=stored(torch.zeros(3)))


def test_parameters_without_buffers_get_noise_maps_and_filters() -> None:
    network, tensors = state_of("skip")
    generator, notes = built({name: tensors[name] for name, _ in network.named_parameters()})
    assert notes == (NO_NOISE, ESTIMATED)
    for layer in (n for n in network.state_dict() if n.endswith("resample_filter")):
        assert torch.equal(generator.tensors()[layer], tensors[layer])


def test_a_table_of_classes_that_nothing_reads_makes_no_network_conditional() -> None:
    network, tensors = state_of("skip")
    generator, notes = built(tensors | {"mapping.embed.weight": torch.zeros(10, 6)})
    assert generator.info.c_dim == 0
    assert any("`mapping.embed.weight`" in note for note in notes)
    assert torch.equal(picture(generator), picture(network))


def test_a_synthesis_without_its_mapping_is_named() -> None:
    for name, kind in (("skip", "StyleGAN2"), ("T", "StyleGAN3")):
        tensors = {n: t for n, t in state_of(name)[1].items() if n.startswith("synthesis.")}
        with pytest.raises(UnsupportedFile, match=f"the synthesis of a {kind} network without its mapping"):
            built(tensors)


# ----------------------------------------------------------------------------
# StyleGAN3: what the published rules do not give is named.


USUAL = StyleGan3Config.official(16, num_layers=4, **SMALL)
OTHER = {
    "another margin": StyleGan3Config.official(16, num_layers=4, margin=6, **SMALL),
    "another cutoff": StyleGan3Config.official(16, num_layers=4, first_cutoff=1.5, **SMALL),
    "three critical layers": StyleGan3Config.official(16, num_layers=5, num_critical=3, **SMALL),
    "longer filters": StyleGan3Config.official(16, num_layers=4, filter_size=8, **SMALL),
    "no such size": replace(USUAL, layers=tuple(replace(la, name=f"{la.name}0") for la in USUAL.layers)),
    "a layer left out": replace(
        USUAL, layers=tuple(replace(la, name=la.name.replace("L3", "L5")) for la in USUAL.layers)
    ),
    "few layers": StyleGan3Config.official(16, num_layers=3, **SMALL),
}


@pytest.mark.parametrize("name", OTHER)
def test_a_stylegan3_of_other_layers_is_named_with_the_way_out(name: str) -> None:
    with pytest.raises(UnsupportedFile, match=r"not those of the published ones \(.*\).*open its \.pkl"):
        built(network_of(OTHER[name]).state_dict())


def test_filters_in_half_precision_are_those_of_the_published_network() -> None:
    network, tensors = state_of("T")
    generator, notes = built({name: tensor.half() for name, tensor in tensors.items()})
    assert notes == (official.ASSUMED,)
    assert torch.allclose(picture(generator), picture(network), rtol=0, atol=0.05)


# ----------------------------------------------------------------------------
# The re-implementation of StyleGAN3 from before the published code.


def alias_free_names(tensors: Tensors, layers: int) -> Tensors:
    found: Tensors = {}
    names = [
        (r"^mapping\.fc0", "style.1"), (r"^mapping\.fc1", "style.2"), (r"^synthesis\.input\.weight", "conv1.weight"),
        (r"^synthesis\.input\.affine", "affine_fourier"), (r"^synthesis\.input", "input"),
        (rf"^synthesis\.L{layers}_\d+_\d+", "to_rgb"), (r"^synthesis\.L(\d+)_\d+_\d+", r"convs.\1"),
        (r"\.affine", ".conv.modulation"), (r"(convs\.\d+|to_rgb)\.weight", r"\1.conv.weight"),
        (r"\.(up|down)_filter", r".activation.\1sample_filter"), (r"magnitude_ema", "ema_var"),
    ]  # fmt: skip
    for name, tensor in tensors.items():
        for pattern, theirs in names:
            name = re.sub(pattern, theirs, name)
        if re.search(r"(convs\.\d+|to_rgb)\.conv\.weight", name):
            tensor = tensor[None]
        found[name] = tensor[..., None, None] if name == "conv1.weight" else tensor
    return {name: tensor for name, tensor in found.items() if name not in ("mapping.w_avg", "input.transform")}


@pytest.mark.parametrize("kernel", [3, 1])
def test_the_early_stylegan3_has_the_published_mathematics(kernel: int) -> None:
    config = StyleGan3Config.official(
        32, num_layers=5, margin=4, kernel=kernel, radial=kernel == 1, conv_clamp=None, num_fp16_res=0, **SMALL
    )
    network = network_of(replace(config, mapping=MappingConfig(16, 0, (16, 16))))
    theirs = alias_free_names(network.state_dict(), layers=5)
    generator, notes = built(theirs)
    assert notes == (alias_free.ASSUMED, ESTIMATED)
    assert generator.info.num_ws == network.info.num_ws
    assert torch.equal(picture(generator), picture(network))
    told = {"generator": {"style_dim": 16, "margin": 4}}
    assert built(theirs, conf=told)[1] == (ESTIMATED,)
    with pytest.raises(UnsupportedFile, match="filters are not those of the published networks"):
        built(theirs | {"convs.1.activation.upsample_filter": torch.ones(12)})
    with pytest.raises(CheckpointError, match="margin"):
        built(theirs, conf={"generator": {"margin": 10**9}})
