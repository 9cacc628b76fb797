"""VQGAN from files: the pictures and codes of the text it was written from, tiles, and files that are refused."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core.base.errors import CheckpointError, UnsupportedFile, UsageError
from core.base.progress import silent
from core.families import FAMILIES, family_of
from core.loading.common.checkpoint import SavedNetwork
from core.networks import vqgan
from core.networks.parts import coders
from core.networks.parts.tiles import blended, cut, tiles
from core.networks.vqgan import Vqgan
from core.opening.network import convert, describe_network, open_network
from core.synthesis.generator import SynthesisInputs, synthesize
from tests.core.vqgans import Reference, Tensors, opened, small, state_dict_of, written
from tests.fixtures import samples

FULL = samples.FOLDER / "vqgan_full.ckpt"
TOLERANCE = 1e-4  # of the largest magnitude
VARIANTS: dict[str, dict[str, Any]] = {
    "VQ": {},
    "Gumbel": {"gumbel": True},
    "without attention or learned resampling": {"attention": False, "learned": False},
    "Gumbel, some codes only": {"gumbel": True, "published": (7, 2, 3, 11)},
}


@pytest.fixture(autouse=True)
def without_gradients():
    with torch.no_grad():
        yield


@pytest.fixture(scope="module")
def full() -> Vqgan:
    generator = open_network(str(FULL)).generator
    assert isinstance(generator, Vqgan)
    return generator


def decoded(network: Vqgan, codes: Tensor, **options: Any) -> Tensor:
    return synthesize(network, SynthesisInputs(network.codebook.embed(codes), **options))


def off(found: Tensor, expected: Any) -> float:
    expected = torch.as_tensor(expected)
    assert found.shape == expected.shape
    return float((found - expected).abs().max() / expected.abs().max())


# ----------------------------------------------------------------------------
# Pictures and codes.


@pytest.mark.parametrize("size", ["", "_rect", "_odd"])
def test_every_stage_is_that_of_the_published_network(full: Vqgan, size: str):
    expected = np.load(f"{FULL}.expected.npz")
    x = torch.from_numpy(expected[f"x{size}"])
    assert full.encoder is not None
    encoded = x
    for part in full.encoder.parts:
        encoded = part.run(encoded)
    h = full.before_codes(x, silent)
    codes = full.quantize.choose(h)
    vectors = full.codebook.embed(codes)[:, 0].permute(0, 3, 1, 2)
    assert (codes.numpy() == expected[f"indices{size}"]).all()
    for found, name in ((encoded, "enc"), (h, "h"), (vectors, "z_q"), (decoded(full, codes), "rec")):
        assert off(found, expected[f"{name}{size}"]) <= TOLERANCE


@pytest.mark.parametrize("name", VARIANTS)
def test_each_kind_makes_the_pictures_and_codes_of_the_formulas(name: str, tmp_path: Path):
    options = VARIANTS[name]
    tensors = state_dict_of(small(**options))
    network, reference = opened(tmp_path / "n.ckpt", tensors), Reference(tensors)
    codes = torch.arange(2 * 5 * 7).reshape(2, 5, 7) % 12
    assert off(decoded(network, codes).double(), reference.decode(codes)) <= TOLERANCE
    x = torch.rand(1, 3, 11, 14, generator=torch.Generator().manual_seed(3)) * 2 - 1
    h = reference.before_codes(x)
    assert off(network.before_codes(x, silent).double(), h) <= TOLERANCE
    assert torch.equal(network.encode(x, silent), reference.choose(h, options.get("published", ()))[0])


@pytest.mark.parametrize("gumbel", [False, True])
def test_a_network_without_an_encoder_says_so_and_what_belongs_to_it_is_left_out(tmp_path: Path, gumbel: bool):
    network = small(encoder=False, gumbel=gumbel)
    tensors = state_dict_of(network) | {"quant_conv.weight": torch.zeros(6, 4, 1, 1), "quant_conv.bias": torch.zeros(6)}
    tensors |= {"quantize.proj.weight": torch.zeros(12, 6, 1, 1)} if gumbel else {}
    found = open_network(written(tmp_path / "n.ckpt", tensors))
    assert found.info.codes is not None
    assert "no encoder" in found.info.codes.no_encoder
    assert found.origin.notes == ()
    assert describe_network(str(tmp_path / "n.ckpt"))[0] == found.info


def test_the_network_in_a_transformer_is_found(tmp_path: Path):
    network = small()
    inside = {f"first_stage_model.{name}": tensor for name, tensor in state_dict_of(network).items()}
    others = {"transformer.head.weight": torch.zeros(3, 3), "cond_stage_model.decoder.conv_in.weight": torch.zeros(1)}
    others |= {"first_stage_model.loss.discriminator.main.0.weight": torch.zeros(2)}
    found = open_network(written(tmp_path / "n.ckpt", inside | others, optimizer_states=[{"lr": 0.1}]))
    assert [note for note in found.origin.notes if "larger model" in note] == list(found.origin.notes)
    codes = torch.tensor([[[3, 1], [4, 1]]])
    assert isinstance(found.generator, Vqgan)
    assert torch.equal(decoded(found.generator, codes), decoded(network, codes))


def test_what_belongs_to_the_training_of_a_codebook_is_left_out(tmp_path: Path):
    more = {"quantize.embedding.cluster_size": torch.zeros(12), "quantize.embedding.embed_avg": torch.zeros(12, 6)}
    assert open_network(written(tmp_path / "n.ckpt", state_dict_of(small()) | more)).origin.notes == ()


def test_a_network_of_depth_is_opened_and_encodes_no_photographs(tmp_path: Path):
    info = open_network(written(tmp_path / "n.ckpt", state_dict_of(small(channels=1)))).info
    assert info.channels == 1
    assert info.codes is not None
    assert "depth" in info.codes.no_encoder


@pytest.mark.parametrize("name", VARIANTS)
def test_what_convert_writes_is_the_same_network(name: str, tmp_path: Path):
    network = small(**VARIANTS[name])
    convert(written(tmp_path / "n.ckpt", state_dict_of(network)), tmp_path / "n.safetensors")
    again = open_network(str(tmp_path / "n.safetensors"))
    assert isinstance(again.generator, Vqgan)
    assert again.info == network.info
    assert again.origin.notes == ()
    codes = torch.tensor([[[0, 5, 11]]])
    assert torch.equal(decoded(again.generator, codes), decoded(network, codes))
    x = torch.linspace(-1, 1, 300).reshape(1, 3, 10, 10)
    assert torch.equal(again.generator.encode(x, silent), network.encode(x, silent))


def test_a_snapshot_of_it_cannot_be_written(tmp_path: Path):
    source = written(tmp_path / "n.ckpt", state_dict_of(small()))
    with pytest.raises(UsageError, match=r"there is no snapshot of one; use \.safetensors"):
        convert(source, tmp_path / "n.pkl")


def test_attention_in_parts_is_the_same(monkeypatch: pytest.MonkeyPatch):
    q, k, v = torch.randn(3, 2, 50, 8, generator=torch.Generator().manual_seed(1))
    whole = coders.attend(q, k, v)
    monkeypatch.setattr(coders, "MAX_SCORES", 700)
    assert off(coders.attend(q, k, v), whole) < 1e-6


def test_the_fast_types_make_nearly_the_same_picture():
    network, codes = small(), torch.tensor([[[0, 5], [11, 3]]])
    assert off(decoded(network, codes, fast=torch.bfloat16), decoded(network, codes)) < 0.1
    exact = decoded(network, codes, fast=torch.bfloat16, force_fp32=True)
    assert torch.equal(exact, decoded(network, codes))


# ----------------------------------------------------------------------------
# What masked image models leave out.

BIASES = r"encoder\.conv_in|.*\.(conv1|conv2|nin_shortcut)"


def masked(**options: Any) -> Tensors:
    network = small(attention=False, learned=False, z_channels=6, late=True, **options)
    tensors = {n: t for n, t in state_dict_of(network).items() if not n.startswith(("quant_conv", "post_quant_conv"))}
    return {name: t for name, t in tensors.items() if not re.fullmatch(f"({BIASES})\\.bias", name)}


def test_convolutions_at_the_codes_and_biases_may_be_missing(tmp_path: Path):
    tensors = masked()
    reference, network = Reference(tensors), opened(tmp_path / "n.ckpt", tensors)
    codes = torch.tensor([[[0, 5, 7], [11, 3, 2]]])
    assert off(decoded(network, codes).double(), reference.decode(codes)) < TOLERANCE
    picture = torch.linspace(-1, 1, 3 * 8 * 6).sin().reshape(1, 3, 8, 6)
    assert torch.equal(network.encode(picture, silent)[None], reference.choose(reference.before_codes(picture)))
    convert(str(tmp_path / "n.ckpt"), tmp_path / "n.safetensors")
    again = open_network(str(tmp_path / "n.safetensors")).generator
    assert isinstance(again, Vqgan)
    assert torch.equal(decoded(again, codes), decoded(network, codes))


def test_a_decoder_alone_may_leave_them_out(tmp_path: Path):
    network = opened(tmp_path / "n.ckpt", masked(encoder=False))
    assert network.encoder is None
    assert network.quant_conv is None


def test_codes_that_do_not_fit_the_decoder_are_named(tmp_path: Path):
    tensors = masked() | {"quantize.embedding.weight": torch.ones(12, 5)}
    with pytest.raises(UnsupportedFile, match="codes of 5 numbers, a decoder that reads 6 and nothing between them"):
        opened(tmp_path / "n.ckpt", tensors)


def test_a_single_missing_bias_is_still_damage(tmp_path: Path):
    tensors = {n: t for n, t in state_dict_of(small()).items() if n != "decoder.conv_in.bias"}
    with pytest.raises(CheckpointError, match=r"`decoder\.conv_in\.bias` is missing"):
        opened(tmp_path / "n.ckpt", tensors)


# ----------------------------------------------------------------------------
# Tiles.


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (7, 20), (8, 8), (17, 9), (33, 40)])
def test_tiles_cover_everything_and_overlap_by_half(rows: int, columns: int):
    found = tiles(rows, columns, 8)
    covered = np.zeros((rows, columns), int)
    for tile in found:
        assert tile.top + tile.rows <= rows
        assert tile.left + tile.columns <= columns
        covered[tile.top : tile.top + tile.rows, tile.left : tile.left + tile.columns] += 1
    assert covered.min() >= 1
    inner = [tile.left for tile in found if tile.top == 0]
    assert all(b - a <= 4 for a, b in itertools.pairwise(inner))


def test_blended_tiles_of_one_picture_are_that_picture():
    x = torch.randn(1, 2, 34, 42, generator=torch.Generator().manual_seed(0))
    pieces = cut(x, tiles(17, 21, 6), 2)
    assert off(blended(pieces, 17, 21, 2), x) < 1e-6


def test_what_does_not_fit_into_memory_is_made_of_tiles(monkeypatch: pytest.MonkeyPatch):
    network = small()
    codes = torch.arange(6 * 10).reshape(1, 6, 10) % 12
    x = torch.linspace(-1, 1, 3 * 12 * 20).reshape(1, 3, 12, 20)
    whole, before = decoded(network, codes), network.before_codes(x, silent)
    monkeypatch.setattr(vqgan, "MAX_FEATURES", 1)
    assert off(decoded(network, codes), whole) < 1e-6  # a single tile
    assert off(network.before_codes(x, silent), before) < 1e-6
    monkeypatch.setattr(vqgan, "TILE_EDGE", 8)
    names: list[str] = []

    def tap(name: str, y: Tensor) -> Tensor:
        names.append(name)
        return y

    inputs = SynthesisInputs(network.codebook.embed(codes))
    tiled = synthesize(network, inputs, on_layer=tap)
    assert names == [*(f"tile {i}" for i in range(8)), "output"]
    assert tiled.shape == whole.shape
    correlation = torch.corrcoef(torch.stack([tiled.flatten(), whole.flatten()]))[0, 1]
    assert correlation > 0.5  # the norms see other pictures, so that nothing is equal
    steps: list[tuple[int, int]] = []
    network.before_codes(x, lambda stage, done, total, unit="": steps.append((done, total)))
    assert network.before_codes(x, silent).shape == before.shape
    assert steps[-1] == (steps[0][1], steps[0][1])


# ----------------------------------------------------------------------------
# Files that are refused.


def without(name: str) -> Tensors:
    return {key: tensor for key, tensor in state_dict_of(small()).items() if not key.startswith(name)}


def with_(**changes: Tensor) -> Tensors:
    return state_dict_of(small()) | {name.replace("__", "."): tensor for name, tensor in changes.items()}


KL = without("quantize.") | {
    "quant_conv.weight": torch.zeros(8, 8, 1, 1), "post_quant_conv.weight": torch.zeros(4, 4, 1, 1)
}  # fmt: skip


@pytest.mark.parametrize(
    ("tensors", "words"),
    [
        (KL, "KL autoencoder"),
        (without("quantize."), "no codebook"),
        (with_(decoder__mid__attn_1__to_qkv__weight=torch.zeros(3, 3)), "linear attention"),
        (with_(decoder__up_blocks__0__weight=torch.zeros(3)), "layout of diffusers"),
        (with_(decoder__up__0__block__0__conv_shortcut__weight=torch.zeros(3)), "3x3 shortcuts"),
        (with_(decoder__own_layer__weight=torch.zeros(3)), "`decoder.own_layer.weight`, which this program does"),
        (with_(decoder__up__0__upsample__conv__weight=torch.zeros(3)), "resampled once more"),
        (with_(decoder__up__1__attn__2__q__weight=torch.zeros(3)), "3 of the 2 blocks"),
        (with_(decoder__up__3__block__0__conv1__weight=torch.zeros(3)), "lacks one of its parts `decoder.up`"),
        (with_(decoder__conv_out__weight=torch.zeros(182, 32, 3, 3)), "182 channels, one for each class"),
        (with_(decoder__conv_in__weight=torch.zeros(40, 4, 3, 3)), "normalised in 32 groups"),
        (with_(post_quant_conv__weight=torch.zeros(4, 9, 1, 1)), "width of its codes: 6 and 9"),
        (with_(encoder__conv_out__weight=torch.zeros(9, 64, 3, 3)), "its encoder and its codes: 4 and 9"),
        (with_(quantize__embedding__weight=torch.zeros(6)), "1 dimensions instead of 2"),
        (with_(quantize__used=torch.tensor([3, 12])), "codes that the codebook does not have"),
        (with_(quantize__used=torch.zeros(3)), "no list of codes"),
        (without("decoder.mid.block_1.norm1.bias"), "`decoder.mid.block_1.norm1.bias` is missing"),
        (without("quant_conv."), "lacks its tensor `quant_conv.weight`"),
        (without("encoder.down."), "lacks its part `encoder.down`"),
        (with_(encoder__conv_in__weight=torch.zeros(32, 4, 3, 3)), "channels of its pictures: 3 and 4"),
    ],
)
def test_what_is_no_vqgan_of_a_known_kind_is_named(tensors: Tensors, words: str, tmp_path: Path):
    with pytest.raises(CheckpointError, match=words) as caught:
        open_network(written(tmp_path / "n.ckpt", tensors))
    assert str(caught.value).isprintable()


def test_a_gumbel_codebook_must_have_as_many_codes_as_choices(tmp_path: Path):
    tensors = state_dict_of(small(gumbel=True)) | {"quantize.proj.weight": torch.zeros(13, 6, 1, 1)}
    with pytest.raises(CheckpointError, match="number of its codes: 12 and 13"):
        open_network(written(tmp_path / "n.ckpt", tensors))


def test_a_saved_network_with_a_wrong_member_is_refused():
    network = small(published=(1, 2))
    (saved,) = (s for family in FAMILIES if (s := family.save(network)) is not None)
    whole: dict[str, Any] = json.loads(json.dumps(asdict(network.config)))
    assert family_of(saved).describe(SavedNetwork(saved.family, whole, {})) == network.info
    for member in whole:
        for value in (None, "odd", -(10**12), [10**12], {"odd": 1}):
            if member == "encoder" and value is None:
                continue  # there need not be one
            with pytest.raises(CheckpointError):
                family_of(saved).build(SavedNetwork(saved.family, {**whole, member: value}, saved.tensors))
