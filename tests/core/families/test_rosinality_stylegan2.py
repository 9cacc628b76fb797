"""StyleGAN2 networks in rosinality's layout, alone and inside of pSp and e4e."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from core.base.errors import CheckpointError, UnsupportedFile, UsageError
from core.families.common.mapping import ESTIMATED
from core.families.layouts.stylegan2.basicsr import REWRITTEN
from core.families.layouts.stylegan2.rosinality import ENCODER, ONLY_TRAINING
from core.families.layouts.stylegan2.stylegan2_layout import NO_NOISE
from core.networks.parts.config import NO_EMBEDDING, StyleGan2Config
from core.networks.stylegan2 import StyleGan2
from core.opening.network import Network, convert, describe_network, open_network
from core.render.renderer import Renderer
from core.request import RenderRequest, SeedPoint, Truncation, WVector
from core.synthesis.generator import SynthesisInputs, synthesize
from tests.core import reference64
from tests.core.trees import network_of, picture

Tensors = dict[str, Tensor]

KERNEL = torch.tensor([1.0, 3.0, 3.0, 1.0]).outer(torch.tensor([1.0, 3.0, 3.0, 1.0])) / 16


@pytest.fixture(scope="module")
def network() -> StyleGan2:
    """A network with channels that narrow, and a picture of one channel."""
    config = StyleGan2Config.official(
        16, channel_base=192, channel_max=16, z_dim=10, w_dim=14, mapping_layers=3, image_channels=1,
        num_fp16_res=0, conv_clamp=None,
    )  # fmt: skip
    made: StyleGan2 = network_of(config)
    return made


@pytest.fixture
def tensors(network: StyleGan2) -> Tensors:
    """The same network under rosinality's names."""
    own = network.state_dict()
    found: Tensors = {"input.input": own["synthesis.b4.const"][None]}
    for i in range(3):
        for name in ("weight", "bias"):
            found[f"style.{i + 1}.{name}"] = own[f"mapping.fc{i}.{name}"]
    layers = {"conv1": "b4.conv1", "to_rgb1": "b4.torgb"}
    noises = ["b4.conv1"]
    for i, r in enumerate((8, 16)):
        layers |= {f"convs.{2 * i}": f"b{r}.conv0", f"convs.{2 * i + 1}": f"b{r}.conv1", f"to_rgbs.{i}": f"b{r}.torgb"}
        noises += [f"b{r}.conv0", f"b{r}.conv1"]
        found |= {f"convs.{2 * i}.conv.blur.kernel": KERNEL, f"to_rgbs.{i}.upsample.kernel": KERNEL}
    for theirs, ours in layers.items():
        layer = {name: own[f"synthesis.{ours}.{name}"] for name in ("weight", "bias", "affine.weight", "affine.bias")}
        found[f"{theirs}.conv.weight"] = layer["weight"][None]
        found[f"{theirs}.conv.modulation.weight"] = layer["affine.weight"]
        found[f"{theirs}.conv.modulation.bias"] = layer["affine.bias"]
        if "rgb" in theirs:
            found[f"{theirs}.bias"] = layer["bias"].reshape(1, -1, 1, 1)
        else:
            found[f"{theirs}.activate.bias"] = layer["bias"]
            found[f"{theirs}.noise.weight"] = own[f"synthesis.{ours}.noise_strength"].reshape(1)
    for i, ours in enumerate(noises):
        found[f"noises.noise_{i}"] = own[f"synthesis.{ours}.noise_const"][None, None]
    return found


def opened(file: Any, folder: Path, **how: Any) -> Network:
    torch.save(file, folder / "network.pt", **how)
    return open_network(str(folder / "network.pt"))


def same_picture(network: Network, wanted: StyleGan2) -> bool:
    return torch.allclose(picture(network.generator), picture(wanted), rtol=0, atol=1e-6)


@pytest.mark.parametrize("zipped", [True, False])
def test_every_width_comes_from_shapes(network: StyleGan2, tensors: Tensors, tmp_path: Path, zipped: bool) -> None:
    file = {"g_ema": tensors, "latent_avg": network.w_avg}
    found = opened(file, tmp_path, _use_new_zipfile_serialization=zipped)
    assert found.info == network.info
    assert found.origin.notes == ()
    assert same_picture(found, network)
    assert torch.equal(found.generator.w_avg, network.w_avg)
    assert describe_network(str(tmp_path / "network.pt"))[0] == network.info


@pytest.mark.parametrize("shape", [(14,), (1, 14), (6, 14)])
def test_the_average_w_has_one_row_or_many(network: StyleGan2, tensors: Tensors, tmp_path: Path, shape: Any) -> None:
    found = opened({"g_ema": tensors, "latent_avg": network.w_avg.expand(shape).clone()}, tmp_path)
    assert torch.equal(found.generator.w_avg, network.w_avg)


def test_without_an_average_w_it_is_estimated_and_said_so(tensors: Tensors, tmp_path: Path) -> None:
    found = opened({"g_ema": tensors}, tmp_path)
    assert found.origin.notes == (ESTIMATED,)
    assert found.generator.w_avg.abs().sum() > 0


def test_the_training_generator_alone_is_taken_and_said_so(
    network: StyleGan2, tensors: Tensors, tmp_path: Path
) -> None:
    parallel = {f"module.{name}": tensor for name, tensor in tensors.items()}
    found = opened({"g": parallel, "g_optim": {"state": {}}, "latent_avg": network.w_avg}, tmp_path)
    assert found.origin.notes == (ONLY_TRAINING,)
    assert same_picture(found, network)


def test_a_bare_state_dict_is_opened(network: StyleGan2, tensors: Tensors, tmp_path: Path) -> None:
    found = opened({**tensors, "latent_avg": network.w_avg}, tmp_path)
    assert found.origin.notes == ()
    assert same_picture(found, network)


def test_of_an_encoder_only_the_decoder_is_used_and_said_so(
    network: StyleGan2, tensors: Tensors, tmp_path: Path
) -> None:
    inside = {"encoder.body.attention.weight": torch.ones(3)} | {f"decoder.{n}": t for n, t in tensors.items()}
    found = opened({"state_dict": inside, "latent_avg": network.w_avg[None]}, tmp_path)
    assert found.origin.notes == (ENCODER,)
    assert same_picture(found, network)


def test_noise_maps_that_an_old_file_lacks_are_drawn_alike_each_time(tensors: Tensors, tmp_path: Path) -> None:
    old = {name: tensor for name, tensor in tensors.items() if "noises." not in name and "kernel" not in name}
    first, second = (opened({"g_ema": old, "latent_avg": torch.zeros(14)}, tmp_path) for _ in range(2))
    assert first.origin.notes == (NO_NOISE,)
    maps = first.generator.stored_noise
    assert [tuple(m.shape) for m in maps] == [(4, 4), (8, 8), (8, 8), (16, 16), (16, 16)]
    assert all(torch.equal(a, b) for a, b in zip(maps, second.generator.stored_noise, strict=True))
    assert 0.8 < float(torch.cat([m.flatten() for m in maps]).std()) < 1.2
    convert(str(tmp_path / "network.pt"), tmp_path / "n.safetensors")
    again = open_network(str(tmp_path / "n.safetensors")).generator
    assert torch.equal(picture(again), picture(first.generator))


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"convs.1.conv.weight": None}, CheckpointError, "lacks its tensor `convs.1.conv.weight`"),
        ({"convs.2.activate.bias": None}, CheckpointError, "`convs.2.activate.bias` is missing"),
        ({"style.1.weight": None}, CheckpointError, "lacks its tensor `style.1.weight`"),
        ({"noises.noise_3": None}, CheckpointError, "`noises.noise_3` is missing"),
        ({"conv1.noise.weight": torch.ones(3)}, CheckpointError, r"`conv1.noise.weight` has the shape \(3,\)"),
        ({"input.input": torch.ones(16, 4)}, CheckpointError, "`input.input` has 2 dimensions instead of 4"),
        ({"input.input": torch.ones(1, 16, 9000, 4)}, CheckpointError, "img_resolution"),
        ({"style.2.weight": torch.ones(14, 15)}, CheckpointError, r"`style.2.weight` has the shape \(14, 15\) instead"),
        ({"latent_avg": torch.zeros(9)}, CheckpointError, r"`latent_avg`, has the shape \(9,\)"),
        ({"convs.0.conv.blur.kernel": torch.ones(4, 4)}, UnsupportedFile, r"`convs.0.conv.blur.kernel` is not the \[1"),
        ({"attns.0.query.weight": torch.ones(2)}, UnsupportedFile, r"self-attention \(a fork"),
        ({"iwt.ll": torch.ones(2)}, UnsupportedFile, "wavelets"),
    ],
)
def test_what_does_not_fit_is_named(
    tensors: Tensors, tmp_path: Path, change: dict[str, Tensor | None], kind: type[CheckpointError], words: str
) -> None:
    file = {name: tensor for name, tensor in (tensors | change).items() if tensor is not None}
    with pytest.raises(kind, match=words) as caught:
        opened(file, tmp_path)
    assert str(caught.value).isprintable()


def test_a_tensor_that_no_network_uses_is_noted(network: StyleGan2, tensors: Tensors, tmp_path: Path) -> None:
    found = opened({"g_ema": tensors | {"steps": torch.ones(1)}, "latent_avg": network.w_avg}, tmp_path)
    assert found.origin.notes == ("Tensors that this network does not use were left out: `steps`.",)


def test_a_network_is_oblong_where_its_constant_is(network: StyleGan2, tensors: Tensors, tmp_path: Path) -> None:
    oblong = network_of(replace(network.config, const_size=(4, 6)))
    own = oblong.state_dict()
    maps = [own[name][None, None] for name in own if name.endswith("noise_const")]
    tensors |= {"input.input": own["synthesis.b4.const"][None]} | {f"noises.noise_{i}": m for i, m in enumerate(maps)}
    found = opened({"g_ema": tensors, "latent_avg": network.w_avg}, tmp_path)
    assert (found.info.width, found.info.height, found.origin.notes) == (24, 16, ())
    ws = torch.randn(1, found.info.num_ws, 14, generator=torch.Generator().manual_seed(1))
    changed = reference64.tensors_of(network) | {n: t.double() for n, t in own.items() if "const" in n}
    wanted = reference64.stylegan2(oblong.config, changed, ws)
    assert torch.allclose(synthesize(found.generator, SynthesisInputs(ws)).double(), wanted, rtol=0, atol=1e-5)


# ----------------------------------------------------------------------------
# Noise maps of other sizes, as tools that change a network's size leave them.


def test_noise_maps_of_other_sizes_are_left_out_and_said_so(tensors: Tensors, tmp_path: Path) -> None:
    odd = tensors | {"noises.noise_1": torch.ones(1, 1, 5, 8), "noises.noise_4": torch.ones(1, 1, 32, 32)}
    found = opened({"g_ema": odd, "latent_avg": torch.zeros(14)}, tmp_path)
    assert found.origin.notes == (
        "2 of its 5 noise maps have other sizes than its pictures need and were left out; they are drawn from a seed.",
    )
    maps = found.generator.stored_noise
    assert [tuple(m.shape) for m in maps] == [(4, 4), (8, 8), (8, 8), (16, 16), (16, 16)]
    assert torch.equal(maps[2], tensors["noises.noise_2"][0, 0])
    without = {name: tensor for name, tensor in tensors.items() if "noises." not in name}
    drawn = opened({"g_ema": without, "latent_avg": torch.zeros(14)}, tmp_path).generator.stored_noise
    assert torch.equal(maps[1], drawn[1])
    assert torch.equal(maps[4], drawn[4])


# ----------------------------------------------------------------------------
# Conditional networks whose exporter left out how they embed their classes.


@pytest.fixture
def conditional(tensors: Tensors) -> Tensors:
    return tensors | {"style.1.weight": torch.randn(14, 24, generator=torch.Generator().manual_seed(4))}


def test_without_the_embedding_of_classes_seeds_give_the_average_w_and_say_so(
    network: StyleGan2, conditional: Tensors, tmp_path: Path
) -> None:
    found = opened({"g_ema": conditional, "latent_avg": network.w_avg}, tmp_path)
    assert (found.info.z_dim, found.info.w_dim, found.info.c_dim) == (10, 14, 0)
    assert found.origin.notes == (NO_EMBEDDING,)
    assert describe_network(str(tmp_path / "network.pt"))[1].notes == (NO_EMBEDDING,)
    average = network.w_avg.expand(1, 6, 14)
    renderer = Renderer(found, device="cpu")
    for psi in (0.0, 0.7, 1.0):
        frame = renderer.render(RenderRequest("x", latent=SeedPoint(3), truncation=Truncation(psi=psi)))
        assert frame.notes == ("This is the average w: no seed and no z tells this network a w.",)
        assert torch.allclose(frame.image, synthesize(network, SynthesisInputs(average))[0], rtol=0, atol=1e-5)


def test_without_the_embedding_of_classes_a_w_works_as_ever(
    network: StyleGan2, conditional: Tensors, tmp_path: Path
) -> None:
    opened({"g_ema": conditional, "latent_avg": network.w_avg}, tmp_path)
    convert(str(tmp_path / "network.pt"), tmp_path / "n.safetensors")
    w = torch.randn(14, generator=torch.Generator().manual_seed(5))
    wanted = synthesize(network, SynthesisInputs(w.expand(1, 6, 14)))[0]
    for name in ("network.pt", "n.safetensors"):
        again = open_network(str(tmp_path / name))
        assert again.origin.notes == (NO_EMBEDDING,)
        request = RenderRequest("x", latent=WVector((tuple(w.tolist()),)), truncation=Truncation(psi=1.0))
        frame = Renderer(again, device="cpu").render(request)
        assert frame.notes == ()
        assert torch.allclose(frame.image, wanted, rtol=0, atol=1e-5)
    with pytest.raises(UsageError, match=r"no snapshot of one; use \.safetensors"):
        convert(str(tmp_path / "network.pt"), tmp_path / "n.pkl")


def test_without_embedding_and_average_w_it_is_estimated_over_all_classes(conditional: Tensors, tmp_path: Path) -> None:
    found = opened({"g_ema": conditional}, tmp_path)
    assert found.origin.notes == (ESTIMATED, NO_EMBEDDING)
    assert found.generator.w_avg.abs().sum() > 0


# ----------------------------------------------------------------------------
# The same network in the files of programs that restore faces.


@pytest.fixture
def restoring(tensors: Tensors) -> Tensors:
    names = [
        (r"^style\.", "style_mlp."), (r"^input\.input$", "constant_input.weight"), (r"^conv1\.", "style_conv1."),
        (r"^convs\.", "style_convs."), (r"\.conv\.(weight|modulation)", r".modulated_conv.\1"),
        (r"\.noise\.weight$", ".weight"), (r"^noises\.noise_", "noises.noise"),
    ]  # fmt: skip
    found: Tensors = {}
    for name, tensor in tensors.items():
        for pattern, theirs in names:
            name = re.sub(pattern, theirs, name)
        if not name.endswith("kernel"):
            found[name] = tensor
    return found


def test_the_network_of_programs_that_restore_faces_is_opened(
    network: StyleGan2, restoring: Tensors, tmp_path: Path
) -> None:
    assert "style_convs.0.modulated_conv.modulation.bias" in restoring
    found = opened({"params_ema": restoring, "latent_avg": network.w_avg}, tmp_path)
    assert found.info == network.info
    assert found.origin.notes == ()
    assert same_picture(found, network)
    for out in ("n.safetensors", "n.pkl"):
        convert(str(tmp_path / "network.pt"), tmp_path / out)
        assert same_picture(open_network(str(tmp_path / out)), network)


def test_its_rewritten_variant_is_named(restoring: Tensors, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFile, match=re.escape(REWRITTEN)):
        opened({"params_ema": restoring | {"style_conv1.bias": torch.zeros(1, 16, 1, 1)}}, tmp_path)
