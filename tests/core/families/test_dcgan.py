"""DCGAN: state dicts of rows of transposed convolutions, however they are called, and what is unclear in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from core.base.errors import CheckpointError, UnsupportedFile
from core.families.architectures.dcgan import ASSUMED, DcGanFamily
from core.loading.common.checkpoint import SavedNetwork
from core.opening.network import convert, describe_network, open_network
from core.render.renderer import Renderer
from core.request import RenderRequest, SeedPoint, Truncates, Truncation, View
from core.synthesis.generator import SynthesisInputs, synthesize

Z_DIM = 5
Tensors = dict[str, Tensor]


def sequence(*channels: int, first: int = 4, norms: bool = True, bias: bool = False) -> nn.Sequential:
    """The generator of torch's tutorial."""
    layers: list[nn.Module] = []
    for i, (before, after) in enumerate(pairwise(channels)):
        kernel, stride, padding = (first, 1, 0) if i == 0 else (4, 2, 1)
        layers.append(nn.ConvTranspose2d(before, after, kernel, stride, padding, bias=bias))
        if i < len(channels) - 2:
            layers += [nn.BatchNorm2d(after)] if norms else []
            layers.append(nn.ReLU())
    network = nn.Sequential(*layers, nn.Tanh()).eval().requires_grad_(False)
    random = torch.Generator().manual_seed(0)
    for name, tensor in network.state_dict().items():
        if tensor.is_floating_point():
            tensor.normal_(generator=random).mul_(0.5)
        if name.endswith("running_var"):
            tensor.abs_().add_(0.5)
    return network


def renamed(network: nn.Module, name: Callable[[int], str]) -> Tensors:
    """The state dict with the modules called otherwise. name: of a module by its number"""
    return {re.sub(r"^(\d+)", lambda m: name(int(m[1])), key): t for key, t in network.state_dict().items()}


def save(path: Path, content: Any) -> str:
    torch.save(content, path)
    return str(path)


NAMES: dict[str, Callable[[int], str]] = {
    "bare": str,
    "tutorial": lambda i: f"main.{i}",
    "parallel": lambda i: f"module.main.{i}",
    "blocks": lambda i: f"generator.net.{i // 3}.{i % 3}",
    "named": lambda i: f"blocks.{i // 3}.{('conv', 'norm', 'act')[i % 3]}",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wrapper", ["", "state_dict", "netG", "generator"])
def test_a_row_of_layers_is_opened_however_it_is_called(tmp_path: Path, name: str, wrapper: str) -> None:
    network = sequence(Z_DIM, 16, 12, 8, 3)
    tensors = renamed(network, NAMES[name])
    content = {wrapper: tensors, "epoch": 3, "netD": {"main.0.weight": torch.ones(4, 3, 4, 4)}} if wrapper else tensors
    opened = open_network(save(tmp_path / "x.pth", content))
    assert opened.origin.notes == (ASSUMED,)
    z = torch.randn(3, Z_DIM, generator=torch.Generator().manual_seed(1))
    image = synthesize(opened.generator, SynthesisInputs(opened.generator.map(z, None)))
    wanted = network(z[:, :, None, None])
    assert image.shape == wanted.shape == (3, 3, 32, 32)
    assert float((image - wanted).abs().max()) <= 1e-5 * float(wanted.abs().max())


@pytest.mark.parametrize(
    ("first", "norms", "bias", "colours"), [(7, True, True, 1), (4, False, True, 3), (2, False, False, 4)]
)
def test_kernels_norms_biases_and_colours_follow_from_the_shapes(
    tmp_path: Path, first: int, norms: bool, bias: bool, colours: int
) -> None:
    network = sequence(Z_DIM, 9, 6, colours, first=first, norms=norms, bias=bias)
    source = save(tmp_path / "x.pth", network.state_dict())
    info = describe_network(source)[0]
    assert (info.width, info.channels, info.z_dim, info.c_dim) == (4 * first, colours, Z_DIM, 0)
    assert (info.family, info.has_w, info.truncates) == ("DCGAN", False, Truncates.Z)
    z = torch.randn(1, Z_DIM, generator=torch.Generator().manual_seed(1))
    generator = open_network(source).generator
    wanted = network(z[:, :, None, None])
    assert torch.allclose(synthesize(generator, SynthesisInputs(generator.map(z, None))), wanted, atol=1e-6)


@pytest.mark.parametrize("grouped", [False, True])
def test_layers_without_numbers_of_their_own_are_taken_in_the_order_of_the_file(tmp_path: Path, grouped: bool) -> None:
    network = sequence(Z_DIM, 9, 8, 6, 3)
    tensors = renamed(network, lambda i: f"{('deconv', 'bn', 'relu')[i % 3]}{i // 3 + 1}")
    if grouped:
        tensors = dict(sorted(tensors.items(), key=lambda item: item[0].startswith("bn")))
    generator = open_network(save(tmp_path / "x.pth", tensors)).generator
    z = torch.randn(1, Z_DIM, generator=torch.Generator().manual_seed(1))
    wanted = network(z[:, :, None, None])
    assert torch.allclose(synthesize(generator, SynthesisInputs(generator.map(z, None))), wanted, atol=1e-6)
    for name, shape in (("deconv2.weight", (9, 8, 3, 3)), ("deconv4.weight", (6, 5, 4, 4)), ("fc.weight", (3, 3))):
        with pytest.raises(UnsupportedFile, match="does not know"):
            open_network(save(tmp_path / "y.pth", {**tensors, name: torch.zeros(shape)}))


def test_what_convert_wrote_gives_the_same_picture(tmp_path: Path) -> None:
    source = save(tmp_path / "x.pth", sequence(Z_DIM, 8, 6, 3).state_dict())
    convert(source, tmp_path / "x.safetensors")
    first, again = open_network(source), open_network(str(tmp_path / "x.safetensors"))
    assert again.origin.notes == ()
    z = torch.randn(2, Z_DIM)
    images = [synthesize(n.generator, SynthesisInputs(n.generator.map(z, None))) for n in (first, again)]
    assert torch.equal(*images)


def test_it_renders_its_layers_and_psi(tmp_path: Path) -> None:
    network = open_network(save(tmp_path / "x.pth", sequence(Z_DIM, 8, 6, 3).state_dict()))
    renderer = Renderer(network)
    request = RenderRequest(latent=SeedPoint(2.5))
    frame = renderer.render(request)
    assert [layer.name for layer in frame.layers] == ["b4", "b8", "b16", "output"]
    assert not torch.equal(frame.image, renderer.render(RenderRequest(truncation=Truncation(0.5))).image)
    assert renderer.render(RenderRequest(view=View("b8"))).image.shape == (6, 8, 8)


def test_a_generator_is_found_beside_its_discriminator(tmp_path: Path) -> None:
    network = sequence(Z_DIM, 8, 6, 3)
    ordinary = nn.Sequential(nn.Conv2d(3, 6, 4), nn.Conv2d(6, 8, 4))
    both = renamed(ordinary, lambda i: f"discriminator.{i}") | renamed(network, lambda i: f"generator.{i}")
    notes = open_network(save(tmp_path / "x.pth", both)).origin.notes
    assert len(notes) == 2
    assert "`discriminator.0.weight`" in notes[1]


def changed(**tensors: Any) -> Tensors:
    """A good state dict with some tensors replaced; None takes one away."""
    whole = renamed(sequence(Z_DIM, 8, 6, 3), lambda i: f"main.{i}")
    for name, tensor in tensors.items():
        key = "main." + name[1:].replace("_", ".", 1)
        whole.pop(key, None)
        if tensor is not None:
            whole[key] = torch.zeros(tensor)
    return whole


@pytest.mark.parametrize(
    ("tensors", "words"),
    [
        (renamed(nn.Sequential(nn.Conv2d(3, 6, 4), nn.Conv2d(6, 8, 4)), lambda i: f"main.{i}"), "a discriminator"),
        (changed(_3_weight=(7, 6, 4, 4)), "do not follow each other"),
        (changed(_3_weight=(8, 6, 3, 3)), "its kernels are 4x4, 3x3, 4x4"),
        (changed(_6_weight=(6, 3, 5, 5)), "its kernels are 4x4, 4x4, 5x5"),
        (changed(_0_weight=(Z_DIM, 8, 4, 3)), "its kernels are 4x3"),
        (changed(_6_weight=(6, 7, 4, 4)), "ends in 7 channels"),
        (changed(_1_running_mean=None), "no stored statistics"),
        (changed(_7_weight=(3,), _7_bias=(3,), _7_running_mean=(3,), _7_running_var=(3,)), "does not end in a conv"),
        (changed(_2_weight=(8,)), "`main.2` is no transposed convolution"),
        (changed(_9_weight=(3, 3)), "`main.9` is no transposed convolution"),
        (changed(_1_weight=(9,)), r"shape \(9,\) instead of \(8,\)"),
        (changed(_8_weight=(8,), _8_bias=(8,)), "no stored statistics"),
    ],
)
def test_what_the_shapes_leave_open_is_refused_with_the_reason(tmp_path: Path, tensors: Tensors, words: str) -> None:
    with pytest.raises(CheckpointError, match=words):
        open_network(save(tmp_path / "x.pth", tensors))


def test_rows_of_other_layers_are_of_an_unknown_network_whose_largest_tensors_are_named(tmp_path: Path) -> None:
    resnet = nn.Sequential(
        nn.Conv2d(3, 8, 7), nn.InstanceNorm2d(8, affine=True), nn.Conv2d(8, 16, 3), nn.Conv2d(16, 16, 3),
        nn.ConvTranspose2d(16, 8, 3), nn.Conv2d(8, 3, 7),
    )  # fmt: skip
    enlarging = nn.Sequential(nn.ConvTranspose2d(9, 16, 4), nn.Upsample(2), nn.Conv2d(16, 8, 3), nn.Conv2d(8, 3, 3))
    fully_connected = nn.Sequential(nn.Linear(9, 64), nn.BatchNorm1d(64), nn.Linear(64, 48))
    for network, largest in (
        (resnet, "`main.3.weight` [16, 16, 3, 3]"), (enlarging, "`main.0.weight` [9, 16, 4, 4]"),
        (fully_connected, "`main.2.weight` [48, 64]"), (nn.Sequential(nn.ConvTranspose2d(5, 3, 4)), "`main.0.weight`"),
    ):  # fmt: skip
        with pytest.raises(UnsupportedFile, match="does not know") as caught:
            open_network(save(tmp_path / "x.pth", renamed(network, lambda i: f"main.{i}")))
        assert f"a report should quote {largest}" in str(caught.value)
        assert "DCGAN" not in str(caught.value)


def test_other_state_dicts_are_not_taken_for_one(tmp_path: Path) -> None:
    for module in (nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 2)), nn.Module()):
        tensors = module.state_dict() or {"conv1.weight": torch.ones(2, 2, 4, 4)}
        with pytest.raises(UnsupportedFile, match="does not know"):
            open_network(save(tmp_path / "x.pth", tensors))


def test_a_saved_network_with_a_wrong_member_is_refused(tmp_path: Path) -> None:
    saved = DcGanFamily().save(open_network(save(tmp_path / "x.pth", changed())).generator)
    assert saved is not None
    for member in saved.config:
        for value in (None, "odd", -(10**12), [10**12], {"odd": 1}):
            with pytest.raises(CheckpointError):
                DcGanFamily().build(SavedNetwork(saved.family, {**saved.config, member: value}, saved.tensors))
    with pytest.raises(CheckpointError, match="size of its pictures"):
        DcGanFamily().build(SavedNetwork(saved.family, {"size": 4, "channels": [3] * 30}, saved.tensors))
