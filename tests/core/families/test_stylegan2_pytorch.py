"""StyleGAN2 of the package stylegan2-pytorch: its files, its shared noise, and what the loader refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core.base.errors import CheckpointError, UnsupportedFile
from core.families.architectures.stylegan2_pytorch import ESTIMATED, LucidrainsStyleGan2Family
from core.loading.common.checkpoint import SavedNetwork
from core.networks.parts.layers import random_weights
from core.networks.stylegan2_pytorch import LucidrainsStyleGan2, LucidrainsStyleGan2Config
from core.opening.network import convert, describe_network, open_network
from core.render.renderer import Renderer
from core.request import LayerEdit, Noise, NoiseMode, RenderRequest, SeedPoint, Truncation
from core.synthesis.generator import SynthesisInputs, synthesize
from core.synthesis.noise import draw_noise
from tests.fixtures.samples import FOLDER
from tests.small import Opened, Ran

FILE = str(FOLDER / "lucidrains.pt")
CONFIG = LucidrainsStyleGan2Config(z_dim=6, widths=(7, 7), first=8, channels=(8, 6, 4), image_channels=4)
REQUEST = RenderRequest(latent=SeedPoint(2.0))


def network_of(config: LucidrainsStyleGan2Config = CONFIG) -> LucidrainsStyleGan2:
    network = LucidrainsStyleGan2(config).eval().requires_grad_(False)
    random_weights(network, 0)
    random = torch.Generator().manual_seed(1)
    for name, tensor in network.state_dict().items():
        if name.endswith("filter"):
            tensor.copy_(torch.tensor([1.0, 2.0, 1.0]))
        elif "style" not in name and "conv1.weight" not in name:
            tensor.normal_(generator=random)
    return network


def names_of(network: LucidrainsStyleGan2, mapping: str = "SE.", generator: str = "GE.") -> dict[str, Tensor]:
    """The tensors under the names that a checkpoint has."""
    own = network.state_dict()
    made = {f"{generator}initial_block": own["synthesis.const"][None]}
    made |= {f"{generator}initial_conv.{name}": own[f"synthesis.{name}"] for name in ("weight", "bias")}
    for i in range(len(network.config.widths)):
        made[f"{mapping}net.{2 * i}.weight"] = own[f"mapping.weights.{i}"]
        made[f"{mapping}net.{2 * i}.bias"] = own[f"mapping.biases.{i}"]
    for i in range(len(network.config.channels)):
        prefix, place = f"{generator}blocks.{i}.", f"synthesis.blocks.{i}."
        for k in (1, 2):
            made[f"{prefix}conv{k}.weight"] = own[f"{place}conv{k}.weight"]
            made[f"{prefix}to_style{k}.weight"] = own[f"{place}conv{k}.style"]
            made[f"{prefix}to_style{k}.bias"] = own[f"{place}conv{k}.style_bias"]
            made[f"{prefix}to_noise{k}.weight"] = own[f"{place}conv{k}.strength"][:, None]
            made[f"{prefix}to_noise{k}.bias"] = own[f"{place}conv{k}.bias"]
        made[f"{prefix}to_rgb.conv.weight"] = own[f"{place}torgb.weight"]
        made[f"{prefix}to_rgb.to_style.weight"] = own[f"{place}torgb.style"]
        made[f"{prefix}to_rgb.to_style.bias"] = own[f"{place}torgb.style_bias"]
        if f"{place}filter" in own:
            made[f"{prefix}to_rgb.upsample.1.f"] = own[f"{place}filter"]
    return made


def save(path: Path, tensors: dict[str, Tensor]) -> str:
    torch.save({"GAN": {name: tensor.clone() for name, tensor in tensors.items()}, "version": "1.9.0"}, path)
    return str(path)


def picture(network: Any) -> Tensor:
    z = torch.randn(2, network.info.z_dim, generator=torch.Generator().manual_seed(4))
    maps = draw_noise(network, 2, 5, torch.device("cpu"))
    return synthesize(network, SynthesisInputs(network.map(z, None), noise_maps=maps))


def test_the_recorded_pictures_are_made() -> None:
    network = open_network(FILE)
    assert network.origin.notes == (ESTIMATED,)
    assert describe_network(FILE)[0] == network.info
    with np.load(f"{FILE}.expected.npz") as recorded:
        ws = network.generator.map(torch.from_numpy(recorded["z"]), None)
        assert np.allclose(ws[:, 0].numpy(), recorded["w"], rtol=1e-6, atol=1e-7)
        uniform = torch.from_numpy(recorded["noise_image"])[..., 0].double()
        wanted = torch.from_numpy(recorded["img_unclamped"])
    normal = torch.special.ndtri(uniform).float()[:, None]
    image = synthesize(network.generator, SynthesisInputs(ws, noise_maps=(normal,)))
    assert float(((image + 1) / 2 - wanted).abs().max()) <= 1e-5 * float(wanted.abs().max())


def test_what_convert_wrote_gives_the_same_picture(tmp_path: Path) -> None:
    convert(FILE, tmp_path / "x.safetensors")
    first, again = open_network(FILE), open_network(str(tmp_path / "x.safetensors"))
    assert again.origin.notes == ()
    assert torch.equal(again.generator.w_avg, first.generator.w_avg)
    assert torch.equal(picture(again.generator), picture(first.generator))
    assert torch.equal(again.generator.stored_noise[0], first.generator.stored_noise[0])


def test_a_checkpoint_gives_the_network_that_it_was_made_of(tmp_path: Path) -> None:
    network = network_of()
    training = {"D.blocks.0.net.0.weight": torch.ones(3), "D_aug.D.x": torch.ones(1), "S.net.0.weight": torch.ones(1)}
    opened = open_network(save(tmp_path / "x.pt", names_of(network) | training))
    assert opened.origin.notes == (ESTIMATED,)
    assert opened.info == network.info
    assert torch.equal(picture(opened.generator), picture(network))


def test_without_a_smoothed_network_the_trained_one_is_opened_with_a_note(tmp_path: Path) -> None:
    network = network_of()
    opened = open_network(save(tmp_path / "x.pt", names_of(network, "S.", "G.")))
    assert any("smoothed copy" in note for note in opened.origin.notes)
    assert torch.equal(picture(opened.generator), picture(network))


def test_the_average_w_is_that_of_random_latents() -> None:
    network = network_of()
    network.mapping.estimate_w_avg()
    z = torch.randn(5000, 6, generator=torch.Generator().manual_seed(9))
    w = network.map(z, None)[:, 0]
    assert (network.w_avg - w.mean(dim=0)).abs().max() < 0.1 * w.std()
    renderer = Renderer(Opened(network, network.info))
    ws = renderer.render(replace(REQUEST, truncation=Truncation(0.0))).ws
    assert ws is not None
    assert np.array_equal(ws, network.w_avg.expand(3, -1).numpy())


# ----------------------------------------------------------------------------
# Noise.


def render(noise: Noise, *layers: LayerEdit) -> Tensor:
    network = network_of()
    return Renderer(Opened(network, network.info)).render(replace(REQUEST, noise=noise, layers=layers)).image


def test_noise_is_constant_random_or_at_its_mean() -> None:
    const, none = render(Noise()), render(Noise(NoiseMode.NONE))
    first, second = render(Noise(NoiseMode.RANDOM, 1)), render(Noise(NoiseMode.RANDOM, 2))
    assert torch.equal(first, render(Noise(NoiseMode.RANDOM, 1)))
    assert not torch.equal(first, second)
    assert not torch.equal(const, none)
    assert torch.equal(none, render(Noise(strength=0.0)))
    assert torch.equal(none, render(Noise(NoiseMode.RANDOM, 7, strength=0.0)))


def test_the_noise_of_a_single_layer_is_switched_off() -> None:
    off = LayerEdit(noise=0.0)
    assert not torch.equal(render(Noise()), render(Noise(), LayerEdit(), off))
    assert torch.equal(render(Noise(NoiseMode.NONE)), render(Noise(), off, off, off))


def test_all_layers_share_the_corner_of_one_uniform_picture() -> None:
    network = network_of()
    drawn = torch.randn(1, 1, 16, 16, generator=torch.Generator().manual_seed(3))

    def layers(noise: Tensor) -> dict[str, Tensor]:
        made: dict[str, Tensor] = {}
        inputs = SynthesisInputs(torch.zeros(1, 3, 7), noise_maps=(noise,))
        synthesize(network, inputs, on_layer=lambda name, x: made.setdefault(name, x))
        return made

    whole, left = layers(drawn), layers(torch.cat([drawn[..., :4], torch.zeros(1, 1, 16, 12)], dim=3))
    assert torch.equal(whole["b4.conv2"], left["b4.conv2"])
    assert not torch.equal(whole["b8.conv1"], left["b8.conv1"])


def test_a_synthesis_resumes_at_the_layer_whose_noise_changed() -> None:
    network, ran = network_of(), Ran()
    renderer = Renderer(Opened(network, network.info))
    renderer.render(REQUEST)
    changed = replace(REQUEST, layers=(LayerEdit(), LayerEdit(), LayerEdit(noise=0.5)))
    image = renderer.render(changed, ran).image
    assert ran.names[0] == "b16.conv1"
    assert torch.equal(image, Renderer(Opened(network, network.info)).render(changed).image)


# ----------------------------------------------------------------------------
# What does not fit.


@pytest.mark.parametrize(
    ("name", "tensor", "kind", "words"),
    [
        ("GE.attns.1.fn.to_q.weight", (1,), UnsupportedFile, "with attention"),
        ("GE.to_initial_block.weight", (7, 8, 4, 4), UnsupportedFile, "no learned constant"),
        ("GE.blocks.1.to_noise2.bias", None, CheckpointError, "lacks its tensor `GE.blocks.1.to_noise2.bias`"),
        ("GE.blocks.1.conv1.weight", (6, 9, 3, 3), CheckpointError, r"shape \(6, 9, 3, 3\) instead of \(6, 8, 3, 3\)"),
        ("GE.blocks.7.conv1.weight", (1,), CheckpointError, "not numbered"),
        ("GE.blocks.1.to_rgb.conv.weight", (3, 6, 1, 1), CheckpointError, "its colours"),
        ("SE.net.1.weight", (7, 7), CheckpointError, "not numbered 0, 2, 4"),
        ("SE.net.2.weight", (7, 3), CheckpointError, "SE.net.2.weight"),
        ("GE.initial_block", (1, 8, 5, 5), CheckpointError, "initial_block"),
    ],
)
def test_a_fork_or_a_damaged_file_is_refused_in_words(
    tmp_path: Path, name: str, tensor: Any, kind: type[CheckpointError], words: str
) -> None:
    tensors = names_of(network_of())
    tensors.pop(name, None)
    if tensor is not None:
        tensors[name] = torch.zeros(tensor)
    with pytest.raises(kind, match=words):
        open_network(save(tmp_path / "x.pt", tensors))


def test_a_saved_network_with_a_wrong_member_is_refused() -> None:
    saved = LucidrainsStyleGan2Family().save(network_of())
    assert saved is not None
    for member in saved.config:
        for value in (None, "odd", -(10**12), [10**12], {"odd": 1}):
            with pytest.raises(CheckpointError):
                LucidrainsStyleGan2Family().build(
                    SavedNetwork(saved.family, {**saved.config, member: value}, saved.tensors)
                )
