"""Layouts of PyTorch programs less usual than the first ones, against the formulas in float64."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from core.base.errors import CheckpointError, UnsupportedFile
from core.families import recognise
from core.families.common.mapping import ESTIMATED
from core.families.layouts.stylegan1.stylegan1_layout import NO_NOISE
from core.loading.common.checkpoint import StateDict
from core.opening.network import convert, open_network
from core.synthesis.generator import Generator, SynthesisInputs, synthesize
from tests.core import reference64_ports as reference
from tests.core.reference64_grown import double_of
from tests.fixtures import biggans, ports
from tests.fixtures.grown import Arrays, stored

TOLERANCE = 1e-5  # of max |picture|


def built(arrays: Arrays, **beside: Any) -> tuple[Any, tuple[str, ...]]:
    """The network, which is described as it is built."""
    recognised = recognise(StateDict(stored(arrays), beside=beside))
    generator, notes = recognised.build()
    assert recognised.describe() == generator.info
    return generator, notes


def some_z(generator: Generator, batch: int = 2) -> Tensor:
    return torch.randn(batch, generator.info.z_dim, generator=torch.Generator().manual_seed(3))


def assert_close(actual: Tensor, wanted: Tensor) -> None:
    assert actual.shape == wanted.shape
    assert actual.dtype == torch.float32
    assert (actual - wanted).abs().max() <= TOLERANCE * wanted.abs().max()


def maps_of(generator: Generator) -> list[Tensor]:
    return [noise.double() for noise in generator.stored_noise]


# ----------------------------------------------------------------------------
# StyleGAN1.


@pytest.mark.parametrize("classes", [0, 3])
def test_a_stylegan1_of_stylegan_pytorch_computes_the_formulas(classes: int) -> None:
    arrays = ports.stylegan_pytorch((6, 4, 4, 4, 3, 3), classes=classes)  # 128 pixels: up-sampled in one
    generator, notes = built(arrays)
    assert notes == (NO_NOISE,)
    info = generator.info
    assert (info.width, info.z_dim, info.c_dim, info.max_lod, info.lod) == (128, 10, classes, 5, 0)
    t, z = double_of(arrays), some_z(generator)
    label = 2 if classes else None
    ws = generator.map(z, torch.eye(3)[[2, 2]] if classes else None)
    assert_close(ws[:, 0], reference.numbered_w(t, z.double(), label))
    assert torch.equal(generator.w_avg, torch.from_numpy(arrays["truncation.avg_latent"]))
    wanted = reference.numbered_stylegan1(t, ws[:1].double(), maps_of(generator))
    assert_close(synthesize(generator, SynthesisInputs(ws[:1])), wanted)


def test_a_stylegan1_that_was_still_growing_is_shown_as_far_as_it_has_grown() -> None:
    arrays = ports.stylegan_pytorch((6, 8, 8, 4), trained=2)
    arrays["truncation.avg_latent"] *= 0  # none was kept
    generator, notes = built(arrays)
    assert generator.info.lod == 2
    assert notes[:1] == (NO_NOISE,)
    assert "by its weights up to 8 x 8, the level of detail 2." in notes[1]
    assert notes[2:] == (ESTIMATED,)


def test_first_features_that_are_equal_at_all_pixels_are_normalised_as_the_programs_do() -> None:
    """What is left of them is rounding, times 300."""
    arrays = {name: a * 0 if "noise" in name else a for name, a in ports.stylegan_pytorch((32, 4)).items()}
    arrays["g_synthesis.init_block.const"] = np.ones((1, 32, 4, 4), np.float32)
    generator, _ = built(arrays)
    ws = generator.map(some_z(generator, 1), None)
    layers: dict[str, Tensor] = {}
    synthesize(generator, SynthesisInputs(ws), on_layer=lambda name, x: layers.setdefault(name, x))
    t = {name.removeprefix("g_synthesis.init_block."): torch.from_numpy(array) for name, array in arrays.items()}
    x = F.instance_norm(F.leaky_relu(t["const"] + t["bias"][:, None, None], 0.2), eps=1e-5)
    style = F.linear(ws[:, 0], t["epi1.style_mod.lin.weight"] / 10**0.5, t["epi1.style_mod.lin.bias"])
    scale, shift = style.reshape(2, 32, 1, 1)
    assert x.any()
    assert (layers["b4.input"] - (x * (1 + scale) + shift)).abs().max() <= 2e-6 * shift.abs().max()


def test_a_blur_of_another_kind_is_refused_and_one_may_be_missing() -> None:
    arrays = ports.stylegan_pytorch()
    name = "g_synthesis.blocks.1.conv0_up.intermediate.kernel"
    with pytest.raises(UnsupportedFile, match=f"`{name}` is not the"):
        built({**arrays, name: np.ones((1, 1, 3, 3), np.float32)})
    generator, _ = built({n: a for n, a in arrays.items() if not n.endswith("kernel")})
    assert generator.config.blur_taps == 0


def test_a_stylegan1_of_gan_zoo_computes_the_formulas() -> None:
    arrays = ports.zoo_stylegan1()
    generator, notes = built(arrays, config={"phiTruncation": 0.5})
    assert notes == (NO_NOISE, "Its own pictures are made with psi 0.5.")
    assert (generator.info.width, generator.info.num_ws, generator.info.max_lod) == (16, 6, 1)
    t, z = double_of(arrays), some_z(generator)
    ws = generator.map(z, None)
    assert_close(ws[:, 0], reference.zoo_w(t, z.double()))
    wanted = reference.zoo_stylegan1(t, ws.double(), maps_of(generator))
    assert_close(synthesize(generator, SynthesisInputs(ws)), wanted)


# ----------------------------------------------------------------------------
# ProGAN.


@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("told", [True, False])
def test_a_progan_of_pro_gan_pytorch_computes_the_formulas(scaled: bool, told: bool) -> None:
    arrays = ports.pro_gan_pytorch(scaled=scaled)
    beside = {"conf": {"depth": 4, "latent_size": 7, "use_eql": scaled}} if told else {}
    generator, notes = built(arrays, **beside)
    assert len(notes) == (0 if told else 1)
    assert (generator.info.width, generator.info.max_lod, generator.info.lod) == (16, 2, 0)
    z = some_z(generator)
    wanted = reference.pro_gan_pytorch(double_of(arrays), z.double(), scaled=scaled)
    assert_close(synthesize(generator, SynthesisInputs(generator.map(z, None))), wanted)


def test_the_first_versions_of_it_called_the_first_block_otherwise() -> None:
    arrays = ports.pro_gan_pytorch()
    generator, _ = built(arrays)
    earlier: Arrays = {}
    for name, array in arrays.items():
        first, number, *rest = name.split(".")
        moved = "initial_block." if number == "0" else f"layers.{int(number) - 1}."
        earlier[moved + ".".join(rest) if first == "layers" else name] = array
    again, _ = built(earlier)
    inputs = SynthesisInputs(generator.map(some_z(generator), None))
    assert torch.equal(synthesize(again, inputs), synthesize(generator, inputs))


def test_a_progan_that_was_still_growing_is_shown_as_far_as_it_has_grown() -> None:
    arrays = ports.pro_gan_pytorch()
    generator, notes = built({**arrays, "layers.2.conv_2.bias": np.zeros(4, np.float32)}, conf={"use_eql": True})
    assert generator.info.lod == 1
    assert "by its weights up to 8 x 8, the level of detail 1." in notes[0]


def test_settings_of_another_progan_are_refused() -> None:
    with pytest.raises(CheckpointError, match="the width of z: 8 and 7"):
        built(ports.pro_gan_pytorch(), conf={"latent_size": 8})
    with pytest.raises(CheckpointError, match="`use_eql` of `conf`"):
        built(ports.pro_gan_pytorch(), conf={"use_eql": "odd"})


# ----------------------------------------------------------------------------
# DCGAN.


@pytest.mark.parametrize(("loss", "tanh"), [("WGANGP", False), ("DCGAN", True), ("MSE", True), (None, False)])
def test_a_dcgan_of_gan_zoo_computes_the_formulas(loss: str | None, tanh: bool) -> None:
    arrays = ports.zoo_dcgan()
    generator, notes = built(arrays, config={"lossCriterion": loss})
    assert notes == ()
    assert (generator.info.width, generator.info.z_dim) == (32, 5)
    z = some_z(generator)
    wanted = reference.zoo_dcgan(double_of(arrays), z.double())
    wanted = wanted if tanh else wanted.atanh()
    assert_close(synthesize(generator, SynthesisInputs(generator.map(z, None))), wanted)


def test_the_settings_of_gan_zoo_are_read_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("models.utils.config")
    settings = type("BaseConfig", (), {"__module__": module.__name__})
    module.BaseConfig = settings  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "models", ModuleType("models"))
    monkeypatch.setitem(sys.modules, "models.utils", ModuleType("models.utils"))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    config = settings()
    config.lossCriterion = "MSE"
    tensors = {name: torch.from_numpy(array) for name, array in ports.zoo_dcgan().items()}
    torch.save({"config": config, "avgG": tensors, "netG": tensors}, tmp_path / "x.pth")
    monkeypatch.undo()
    generator: Any = open_network(str(tmp_path / "x.pth")).generator
    assert generator.config.tanh


# ----------------------------------------------------------------------------
# BigGAN.


def test_a_biggan_of_studiogan_computes_the_formulas() -> None:
    network = biggans.plain(chunks=True, eps=1e-4)
    tensors = biggans.as_studiogan(network)
    generator, notes = built({name: tensor.numpy() for name, tensor in tensors.items()})
    assert notes == ()
    assert generator.config == network.config
    z = some_z(generator)
    wanted = reference.studio_biggan({name: tensor.double() for name, tensor in tensors.items()}, z.double(), 3)
    assert_close(synthesize(generator, SynthesisInputs(generator.map(z, torch.eye(4)[[3, 3]]))), wanted)


@pytest.mark.parametrize("norms", [True, False])
def test_a_biggan_deep_of_studiogan_is_the_same_network(norms: bool) -> None:
    network = biggans.deep(statistics=1, eps=1e-4)
    tensors = biggans.as_studiogan(network, norms=norms)
    generator, _ = built({name: tensor.numpy() for name, tensor in tensors.items()})
    assert generator.config == network.config
    inputs = SynthesisInputs(network.map(some_z(network), torch.eye(4)[[1, 2]]))
    assert_close(synthesize(generator, inputs), synthesize(network, inputs))


def test_without_an_embedding_the_norms_of_studiogan_read_the_class_itself() -> None:
    network = biggans.plain(chunks=False, eps=1e-4)
    tensors = biggans.as_studiogan(network)
    generator, _ = built({name: tensor.numpy() for name, tensor in tensors.items() if name != "shared.weight"})
    assert generator.info.c_dim == biggans.EMBED
    ws = generator.map(some_z(generator), torch.eye(biggans.EMBED)[[1, 5]])
    assert ws[0, 0, -biggans.EMBED :].tolist() == [0, 1, 0, 0, 0, 0]
    assert_close(synthesize(generator, SynthesisInputs(ws)), synthesize(network, SynthesisInputs(ws)))


def test_what_studiogan_has_besides_is_named() -> None:
    arrays = {name: t.numpy() for name, t in biggans.as_studiogan(biggans.plain(chunks=True)).items()}
    with pytest.raises(UnsupportedFile, match="embed the class each by itself, or without classes"):
        built({name.replace("bn1.gain", "bn1.other"): a for name, a in arrays.items() if name != "shared.weight"})
    deep = {name: t.numpy() for name, t in biggans.as_studiogan(biggans.deep(statistics=1)).items()}
    with pytest.raises(UnsupportedFile, match="convolutions as shortcuts"):
        built({**deep, "blocks.0.0.conv2d0.weight": np.ones((16, 16, 1, 1), np.float32)})


# ----------------------------------------------------------------------------


@pytest.mark.parametrize("make", [ports.stylegan_pytorch, ports.zoo_stylegan1, ports.pro_gan_pytorch, ports.zoo_dcgan])
def test_what_convert_writes_makes_the_same_picture(make: Any, tmp_path: Path) -> None:
    torch.save({name: torch.from_numpy(array) for name, array in make().items()}, tmp_path / "x.pth")
    original = open_network(str(tmp_path / "x.pth"))
    convert(str(tmp_path / "x.pth"), tmp_path / "n.safetensors")
    again = open_network(str(tmp_path / "n.safetensors"))
    assert again.info == original.info
    inputs = SynthesisInputs(original.generator.map(some_z(original.generator), None))
    assert torch.equal(synthesize(again.generator, inputs), synthesize(original.generator, inputs))
