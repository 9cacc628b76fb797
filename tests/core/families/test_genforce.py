"""StyleGAN2, StyleGAN1 and ProGAN in genforce's layout, against the formulas in float64."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from core.base.errors import CheckpointError, UnsupportedFile
from core.families import recognise
from core.families.common.mapping import ESTIMATED
from core.families.layouts.stylegan1 import stylegan1_layout
from core.families.layouts.stylegan2.stylegan2_layout import NO_NOISE
from core.loading.common.checkpoint import StateDict
from core.networks.parts.config import CONCATENATED, NO_EMBEDDING, StyleGan2Config
from core.opening.network import convert, open_network
from core.synthesis.generator import Generator, SynthesisInputs, synthesize
from tests.core import reference64, reference64_grown
from tests.core.trees import SMALL, network_of, picture
from tests.fixtures import grown
from tests.fixtures.genforce import KERNEL, progan_arrays, stylegan1_arrays, stylegan2_arrays
from tests.fixtures.grown import Arrays

TOLERANCE = 1e-5  # of max |picture|
PLAIN = SMALL | {"num_fp16_res": 0, "conv_clamp": None, "mapping_layers": 2}


def built(arrays: Arrays) -> tuple[Generator, tuple[str, ...]]:
    recognised = recognise(StateDict(grown.stored(arrays)))
    generator, notes = recognised.build()
    assert recognised.describe() == generator.info
    return generator, notes


def some_ws(generator: Generator) -> Tensor:
    info = generator.info
    return torch.randn(2, info.num_ws, info.w_dim, generator=torch.Generator().manual_seed(7))


def assert_close(actual: Tensor, wanted: Tensor) -> None:
    assert actual.shape == wanted.shape
    assert (actual - wanted).abs().max() <= TOLERANCE * wanted.abs().max()


# ----------------------------------------------------------------------------
# StyleGAN2.


STYLEGAN2 = {
    "skip": StyleGan2Config.official(16, **PLAIN),
    "origin": StyleGan2Config.official(16, architecture="orig", image_channels=1, **PLAIN),
    "oblong": StyleGan2Config.official(8, const_size=(4, 6), **PLAIN),
    "labels": StyleGan2Config.official(8, c_dim=3, **PLAIN),
}
STYLEGAN2["labels"] = replace(STYLEGAN2["labels"], mapping=replace(STYLEGAN2["labels"].mapping, label=CONCATENATED))


@pytest.mark.parametrize("name", STYLEGAN2)
def test_a_stylegan2_computes_the_formulas(name: str) -> None:
    network = network_of(STYLEGAN2[name])
    arrays = stylegan2_arrays(network)
    generator, notes = built(arrays)
    assert notes == ()
    assert generator.info == network.info
    assert torch.equal(generator.w_avg, network.w_avg)
    ws = some_ws(generator)
    wanted = reference64.stylegan2(network.config, reference64.tensors_of(network), ws)
    assert_close(synthesize(generator, SynthesisInputs(ws)), wanted)
    assert_close(picture(generator), picture(network))  # through the mapping


def test_a_file_of_it_is_opened_and_converted(tmp_path: Path) -> None:
    network = network_of(STYLEGAN2["skip"])
    arrays = stylegan2_arrays(network)
    torch.save({name: torch.from_numpy(array.copy()) for name, array in arrays.items()}, tmp_path / "n.pth")
    for out in ("n.safetensors", "n.pkl"):
        convert(str(tmp_path / "n.pth"), tmp_path / out)
        assert_close(picture(open_network(str(tmp_path / out)).generator), picture(network))


def test_what_a_stylegan2_leaves_out_is_made_up_or_named() -> None:
    arrays = stylegan2_arrays(network_of(STYLEGAN2["skip"]))
    _, notes = built({n: a for n, a in arrays.items() if not n.endswith((".noise", "w_avg"))})
    assert notes == (NO_NOISE, ESTIMATED)
    changes: tuple[tuple[Arrays, type[CheckpointError], str], ...] = (
        ({"synthesis.residual1.weight": np.ones((2, 2, 1, 1), np.float32)}, UnsupportedFile, "residual1.weight"),
        ({"synthesis.layer2.bias": np.ones(3, np.float32)}, CheckpointError, r"`synthesis.layer2.bias` has the shape"),
        ({"synthesis.layer1.filter.kernel": KERNEL * 2}, UnsupportedFile, r"layer1.filter.kernel` is not the \[1, 3"),
        ({"truncation.w_avg": np.ones(3, np.float32)}, CheckpointError, r"`truncation.w_avg`, has the shape \(3,\)"),
    )
    for change, kind, words in changes:
        with pytest.raises(kind, match=words):
            built(arrays | change)
    wide = {"mapping.dense0.weight": np.ones((16, 32), np.float32)}
    assert built(arrays | wide)[0].info.no_z == NO_EMBEDDING
    with pytest.raises(CheckpointError, match="4 layers"):
        built({n: a for n, a in arrays.items() if ".layer4." not in n})


# ----------------------------------------------------------------------------
# StyleGAN1.


@pytest.mark.parametrize("transposed", [True, False])
def test_a_stylegan1_computes_the_formulas(transposed: bool) -> None:
    """Also of layers that up-sample and convolve in one, as there are from 128 pixels on."""
    t = grown.tensorflow_stylegan1((6, 4, 4, 4, 4, 3))
    generator, notes = built(stylegan1_arrays(t, transposed=transposed))
    assert notes == ()
    assert (generator.info.width, generator.info.num_ws, generator.info.max_lod) == (128, 12, 5)
    doubles = reference64_grown.double_of(t)
    z = torch.randn(2, 10, generator=torch.Generator().manual_seed(3))
    assert_close(generator.map(z, None)[:, 5], reference64_grown.tensorflow_w(doubles, z.double()))
    assert torch.equal(generator.w_avg, torch.from_numpy(t["dlatent_avg"]))
    ws = some_ws(generator)[:1]
    wanted = reference64_grown.tensorflow_stylegan1(doubles, ws.double())
    assert_close(synthesize(generator, SynthesisInputs(ws)), wanted)


def test_an_earlier_stylegan1_has_more_in_its_names() -> None:
    arrays = stylegan1_arrays(grown.tensorflow_stylegan1())
    longer = [
        (r"dense(\d)\.weight", r"dense\1.linear.weight"), (r"dense(\d)\.bias", r"dense\1.wscale.bias"),
        (r"layer(\d)\.(bias|apply_noise)", r"layer\1.epilogue.\2"), (r"layer0\.const", "layer0.first_layer"),
        (r"layer(\d)\.style\.weight", r"layer\1.epilogue.style_mod.dense.linear.weight"),
        (r"layer(\d)\.style\.bias", r"layer\1.epilogue.style_mod.dense.wscale.bias"),
        (r"(layer|output)(\d)\.weight", r"\1\2.conv.weight"),
    ]  # fmt: skip
    earlier: Arrays = {}
    for name, array in arrays.items():
        for pattern, theirs in longer:
            name = re.sub(pattern, theirs, name)
        earlier[name] = array
    assert "synthesis.layer1.epilogue.style_mod.dense.wscale.bias" in earlier
    generator, notes = built(earlier)
    assert notes == ()
    assert torch.equal(picture(generator), picture(built(arrays)[0]))


def test_a_stylegan1_may_have_classes_and_may_have_been_growing(tmp_path: Path) -> None:
    t = grown.tensorflow_stylegan1(classes=3)
    arrays = stylegan1_arrays(t) | {"synthesis.lod": np.array(1, np.float32)}
    generator, _ = built(arrays)
    assert (generator.info.c_dim, generator.info.lod) == (3, 1.0)
    z, c = torch.randn(3, 10, generator=torch.Generator().manual_seed(3)), torch.eye(3)
    wanted = reference64_grown.tensorflow_w(reference64_grown.double_of(t), z.double(), c.double())
    assert_close(generator.map(z, c)[:, 0], wanted)
    torch.save({name: torch.from_numpy(np.array(a)) for name, a in arrays.items()}, tmp_path / "n.pth")
    convert(str(tmp_path / "n.pth"), tmp_path / "n.safetensors")
    inputs = SynthesisInputs(some_ws(generator))
    again = open_network(str(tmp_path / "n.safetensors")).generator
    assert torch.equal(synthesize(again, inputs), synthesize(generator, inputs))


def test_what_a_stylegan1_leaves_out_is_made_up_or_named() -> None:
    arrays = stylegan1_arrays(grown.tensorflow_stylegan1())
    _, notes = built({n: a for n, a in arrays.items() if not n.endswith((".noise", "w_avg"))})
    assert notes == (stylegan1_layout.NO_NOISE, ESTIMATED)
    generator, _ = built(arrays | {"mapping.dense0.weight": np.ones((10, 20), np.float32)})
    assert (generator.info.z_dim, generator.info.no_z) == (10, NO_EMBEDDING)
    with pytest.raises(UnsupportedFile, match=r"`synthesis.layer2.blur.kernel` is not the \[1, 2, 1\]"):
        built(arrays | {"synthesis.layer2.blur.kernel": np.ones((1, 1, 3, 3), np.float32)})
    with pytest.raises(CheckpointError, match="number of layers"):
        built({n: a for n, a in arrays.items() if ".layer5." not in n})


# ----------------------------------------------------------------------------
# ProGAN.


@pytest.mark.parametrize("parts", [("weight", "bias"), ("conv.weight", "wscale.bias")])
def test_a_progan_computes_the_formulas(parts: tuple[str, str], tmp_path: Path) -> None:
    t = grown.tensorflow_progan(fused=False)
    arrays = progan_arrays(t, parts)
    generator, notes = built(arrays)
    assert notes == ()
    assert (generator.info.z_dim, generator.info.width, generator.info.max_lod) == (7, 16, 2)
    ws = some_ws(generator)
    for lod in (0.0, 1.5):
        wanted = reference64_grown.tensorflow_progan(reference64_grown.double_of(t), ws[:, 0].double(), lod=lod)
        assert_close(synthesize(generator, SynthesisInputs(ws, lod=lod)), wanted)
    torch.save({name: torch.from_numpy(np.array(a)) for name, a in arrays.items()}, tmp_path / "n.pth")
    convert(str(tmp_path / "n.pth"), tmp_path / "n.safetensors")
    again = open_network(str(tmp_path / "n.safetensors")).generator
    assert torch.equal(synthesize(again, SynthesisInputs(ws)), synthesize(generator, SynthesisInputs(ws)))


def test_what_does_not_fit_a_progan_is_named() -> None:
    arrays = progan_arrays(grown.tensorflow_progan(fused=False))
    assert built(arrays | {"lod": np.array(1, np.float32)})[0].info.lod == 1
    with pytest.raises(CheckpointError, match="number of layers"):
        built({n: a for n, a in arrays.items() if "layer5." not in n})
    with pytest.raises(CheckpointError, match=r"the shape of `layer0`: \(3, 3\) and \(4, 4\)"):
        built(arrays | {"layer0.weight": np.ones((8, 7, 3, 3), np.float32)})
