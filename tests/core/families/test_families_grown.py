"""StyleGAN1 and ProGAN in all their layouts, against the formulas in float64."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core.base.errors import CheckpointError, UsageError
from core.families import recognise
from core.families.common.mapping import ESTIMATED
from core.families.layouts.stylegan1.stylegan1_layout import NO_NOISE
from core.loading import read_checkpoint
from core.loading.common.checkpoint import Content, StateDict, StoredTensor, TensorFlowNetwork
from core.opening.network import convert, describe_network, facts, open_network
from core.render.blend_renderer import write_blend
from core.request import NoiseMode, RenderRequest
from core.synthesis.generator import Generator, SynthesisInputs, synthesize
from tests.core import reference64_grown as reference
from tests.fixtures import grown
from tests.fixtures.expected import assert_as_recorded, expected
from tests.fixtures.grown import tensorflow
from tests.fixtures.samples import FOLDER

TOLERANCE = 1e-5  # of max |picture|
FILES = ["tf_sg1.pkl", "tf_progan.pkl", "progan_zoo.pth", "progan_gandissect.pth"]


def built(content: Content) -> tuple[Any, tuple[str, ...]]:
    """The network, which is described as it is built."""
    recognised = recognise(content)
    generator, notes = recognised.build()
    assert recognised.describe() == generator.info
    return generator, notes


def some_ws(generator: Generator, batch: int = 2) -> Tensor:
    info = generator.info
    return torch.randn(batch, info.num_ws, info.w_dim, generator=torch.Generator().manual_seed(7))


def assert_close(actual: Tensor, wanted: Tensor) -> None:
    assert actual.shape == wanted.shape
    assert actual.dtype == torch.float32
    assert (actual - wanted).abs().max() <= TOLERANCE * wanted.abs().max()


# ----------------------------------------------------------------------------
# Files made elsewhere.


@pytest.mark.parametrize("name", FILES)
def test_the_pictures_are_the_recorded_ones(name: str) -> None:
    assert_as_recorded(open_network(str(FOLDER / name)), expected(FOLDER / name))


@pytest.mark.parametrize("name", FILES)
def test_what_convert_writes_makes_the_same_picture(name: str, tmp_path: Path) -> None:
    original = open_network(str(FOLDER / name))
    convert(str(FOLDER / name), tmp_path / "n.safetensors")
    again = open_network(str(tmp_path / "n.safetensors"))
    assert again.info == original.info
    assert again.origin.notes == ()
    inputs = SynthesisInputs(some_ws(original.generator), lod=0.4)
    assert torch.equal(synthesize(again.generator, inputs), synthesize(original.generator, inputs))
    convert(str(FOLDER / name), tmp_path / "half.safetensors", half=True)
    half = synthesize(open_network(str(tmp_path / "half.safetensors")).generator, inputs)
    wanted = synthesize(original.generator, inputs)
    assert 0 < (half - wanted).abs().max() < 0.02 * wanted.abs().max()


@pytest.mark.parametrize("name", FILES)
def test_no_snapshot_can_hold_it_and_convert_says_so(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no snapshot of one; use \.safetensors"):
        convert(str(FOLDER / name), tmp_path / "n.pkl")
    assert not list(tmp_path.iterdir())
    network = open_network(str(FOLDER / name))
    with pytest.raises(UsageError, match=r"no snapshot of one; use \.safetensors"):
        write_blend(network, lambda _: None, RenderRequest(), tmp_path / "n.pkl")
    write_blend(network, lambda _: None, RenderRequest(), tmp_path / "n.safetensors")
    assert open_network(str(tmp_path / "n.safetensors")).info == network.info


def test_a_description_is_complete_and_tells_the_truncation_of_the_file() -> None:
    info, origin = describe_network(str(FOLDER / "tf_sg1.pkl"))
    assert (info.family, info.width, info.num_ws, info.max_lod, info.lod) == ("StyleGAN1", 16, 6, 2, 0.0)
    assert info.ws_names == ("4² input", "4² conv1", "8² conv0", "8² conv1", "16² conv0", "16² conv1")
    assert info.noise_ws == (0, 1, 2, 3, 4, 5)
    assert origin.notes == ("Its own pictures are made with psi 0.7 on the first 6 of its 6 layers.",)
    assert facts(info, origin)["max_lod"] == 2
    info, origin = describe_network(str(FOLDER / "tf_progan.pkl"))
    assert (info.family, info.num_ws, info.w_dim, info.has_w, info.truncates) == ("ProGAN", 1, 8, False, "none")
    assert origin.notes == ()


# ----------------------------------------------------------------------------
# StyleGAN1 from TensorFlow.


STYLEGAN1: dict[str, tuple[dict[str, Any], dict[str, Any], reference.Options]] = {
    "as published": ({}, {}, reference.Options()),
    "fused from 128 on": ({"channels": (6, 4, 4, 4, 3, 3)}, {}, reference.Options()),
    "never fused": ({"channels": (6, 4, 4, 4, 3, 3)}, {"fused_scale": False}, reference.Options(fused_from=999)),
    "fused everywhere": ({}, {"fused_scale": True}, reference.Options(fused_from=0)),
    "classes": ({"classes": 3}, {"label_size": 3}, reference.Options()),
    "grey": ({"image_channels": 1}, {"num_channels": 1}, reference.Options()),
    "half as wide as high": ({"first": (4, 2)}, {}, reference.Options()),
    "features made of w": ({"const": False}, {"const_input_layer": False}, reference.Options()),
    "no styles": ({"styles": False, "const": False}, {"use_styles": False}, reference.Options()),
    "no noise": ({"noise": False}, {"use_noise": False}, reference.Options()),
    "no instance norm": ({}, {"use_instance_norm": False}, reference.Options(instance_norm=False)),
    "pixel norm": ({}, {"use_pixel_norm": True}, reference.Options(pixel_norm=True)),
    "no blur": ({}, {"blur_filter": None}, reference.Options(blur=())),
    "a longer blur": ({}, {"blur_filter": [1, 4, 6, 4, 1]}, reference.Options(blur=(1, 4, 6, 4, 1))),
    "relu": ({}, {"nonlinearity": "relu"}, reference.Options(act="relu")),
    "another mapping": (
        {},
        {"mapping_nonlinearity": "relu", "mapping_lrmul": 0.02, "normalize_latents": False},
        reference.Options(mapping_act="relu", lrmul=0.02, normalize_latents=False),
    ),
}


@pytest.mark.parametrize("name", STYLEGAN1)
def test_a_stylegan1_from_tensorflow_computes_the_formulas(name: str) -> None:
    shapes, arguments, options = STYLEGAN1[name]
    arrays = grown.tensorflow_stylegan1(**shapes)
    generator, _ = built(tensorflow(arrays, **arguments))
    t = reference.double_of(arrays)
    z = torch.randn(3, generator.info.z_dim, generator=torch.Generator().manual_seed(3))
    c = torch.eye(3) if generator.info.c_dim else None
    w = reference.tensorflow_w(t, z.double(), None if c is None else c.double(), options)
    assert_close(generator.map(z, c), w[:, None].expand(-1, generator.info.num_ws, -1))
    assert torch.equal(generator.w_avg, torch.from_numpy(arrays["dlatent_avg"]))
    ws = some_ws(generator)
    wanted = reference.tensorflow_stylegan1(t, ws.double(), options=options)
    assert_close(synthesize(generator, SynthesisInputs(ws)), wanted)


def test_what_is_not_in_the_picture_is_not_in_the_noise_either() -> None:
    arrays = grown.tensorflow_stylegan1()
    generator, _ = built(tensorflow(arrays))
    ws = some_ws(generator)
    wanted = reference.tensorflow_stylegan1(reference.double_of(arrays), ws.double(), noise=False)
    assert_close(synthesize(generator, SynthesisInputs(ws, NoiseMode.NONE)), wanted)
    assert_close(synthesize(generator, SynthesisInputs(ws, noise_gains=(0.0,) * 6)), wanted)


@pytest.mark.parametrize("lod", [0.25, 1.0, 1.5, 2.0])
def test_levels_of_detail_are_faded_into_each_other(lod: float) -> None:
    arrays = grown.tensorflow_stylegan1()
    generator, _ = built(tensorflow(arrays))
    ws = some_ws(generator)
    wanted = reference.tensorflow_stylegan1(reference.double_of(arrays), ws.double(), lod=lod)
    assert_close(synthesize(generator, SynthesisInputs(ws, lod=lod)), wanted)
    arrays = grown.tensorflow_progan()
    generator, _ = built(tensorflow(arrays))
    ws = some_ws(generator)
    wanted = reference.tensorflow_progan(reference.double_of(arrays), ws[:, 0].double(), lod=lod)
    assert_close(synthesize(generator, SynthesisInputs(ws, lod=lod)), wanted)


def test_levels_of_detail_end_where_the_file_has_no_layer_to_rgb() -> None:
    generator, _ = built(tensorflow(grown.tensorflow_stylegan1(rgbs=2)))
    assert generator.info.max_lod == 1
    generator, _ = built(tensorflow(grown.tensorflow_stylegan1(rgbs=1)))
    assert generator.info.max_lod == 0


def test_a_network_that_was_still_growing_is_shown_as_far_as_it_has_grown() -> None:
    for arrays in (grown.tensorflow_stylegan1(), grown.tensorflow_progan()):
        name = "synthesis/lod" if "synthesis/lod" in arrays else "lod"
        content = tensorflow(arrays | {name: np.array(1.25, np.float32)})
        generator, notes = built(content)
        assert generator.info.lod == 1.25
        assert any("ended while it was growing, at the level of detail 1.25" in note for note in notes)
        with pytest.raises(CheckpointError, match=r"ended at the level of detail 2\.5.* has them up to 2"):
            built(tensorflow(arrays | {name: np.array(2.5, np.float32)}))


def test_a_noise_map_of_another_size_is_left_out_and_said_so() -> None:
    arrays = grown.tensorflow_stylegan1() | {"synthesis/noise2": np.zeros((1, 1, 4, 4), np.float32)}
    generator, notes = built(tensorflow(arrays))
    assert any(note.startswith("1 of its 6 noise maps have other sizes") for note in notes)
    assert [tuple(noise.shape) for noise in generator.stored_noise] == list(generator.noise_shapes)


def test_a_stylegan1_may_be_oblong_under_square_names() -> None:
    oblong = grown.tensorflow_stylegan1(first=(4, 6))
    arrays = {n.replace("4x6", "4x4").replace("8x12", "8x8").replace("16x24", "16x16"): a for n, a in oblong.items()}
    generator, _ = built(tensorflow(arrays, resolution=16))
    assert (generator.info.width, generator.info.height) == (24, 16)
    ws = some_ws(generator)
    assert_close(
        synthesize(generator, SynthesisInputs(ws)),
        reference.tensorflow_stylegan1(reference.double_of(arrays), ws.double()),
    )


def test_only_the_training_generator_is_opened_with_a_note() -> None:
    for arrays in (grown.tensorflow_stylegan1(), grown.tensorflow_progan()):
        _, notes = built(tensorflow(arrays, name="G"))
        assert any("`Gs` is missing" in note for note in notes)


def test_arguments_that_are_not_known_are_noted_and_the_truncation_is_told() -> None:
    arrays = grown.tensorflow_stylegan1()
    _, notes = built(tensorflow(arrays, truncation_psi=0.5, truncation_cutoff=3, style_mixing_prob=0.9))
    assert notes == ("Its own pictures are made with psi 0.5 on the first 3 of its 6 layers.",)
    _, notes = built(tensorflow(arrays, truncation_psi=None, odd="\x1b"))
    assert notes == (
        "Its own pictures are made without truncation.",
        "It was made with settings that this program does not know: `odd`.",
    )


def test_without_an_average_w_it_is_estimated() -> None:
    arrays = grown.tensorflow_stylegan1()
    del arrays["dlatent_avg"]
    generator, notes = built(tensorflow(arrays))
    assert ESTIMATED in notes
    w = generator.map(torch.randn(5000, 10, generator=torch.Generator().manual_seed(9)), None)[:, 0]
    assert (generator.w_avg - w.mean(dim=0)).abs().max() < 0.1 * w.std()


# ----------------------------------------------------------------------------
# StyleGAN1 of PyTorch programs.


def test_a_stylegan1_in_lernapparats_layout_computes_the_formulas() -> None:
    arrays = grown.lernapparat_stylegan1()
    generator, notes = built(StateDict(grown.stored(arrays)))
    assert notes == (NO_NOISE, ESTIMATED)
    assert (generator.info.width, generator.info.num_ws, generator.info.max_lod) == (128, 12, 0)
    t = reference.double_of(arrays)
    z = torch.randn(2, 10, generator=torch.Generator().manual_seed(3))
    assert_close(generator.map(z, None)[:, 5], reference.lernapparat_w(t, z.double()))
    ws = some_ws(generator, 1)
    noise = [noise[None, None].double() for noise in generator.stored_noise]
    assert_close(synthesize(generator, SynthesisInputs(ws)), reference.lernapparat_stylegan1(t, ws.double(), noise))


@pytest.mark.parametrize("lod", [0.0, 0.75, 2.0])
def test_a_stylegan1_in_rosinalitys_layout_computes_the_formulas(lod: float) -> None:
    arrays = grown.rosinality_stylegan1()
    generator, _ = built(StateDict(grown.stored(arrays), "g_running"))
    assert (generator.info.width, generator.info.max_lod, generator.info.lod) == (128, 5, 0.0)
    t = reference.double_of(arrays)
    z = torch.randn(2, 10, generator=torch.Generator().manual_seed(3))
    assert_close(generator.map(z, None)[:, 5], reference.rosinality_w(t, z.double()))
    ws = some_ws(generator, 1)
    noise = [noise[None, None].double() for noise in generator.stored_noise[::2]]
    wanted = reference.rosinality_stylegan1(t, ws.double(), noise, lod=lod)
    assert_close(synthesize(generator, SynthesisInputs(ws, lod=lod)), wanted)
    maps = tuple(torch.randn(1, 1, *shape) for shape in generator.noise_shapes)
    wanted = reference.rosinality_stylegan1(t, ws.double(), [m.double() for m in maps[::2]], lod=lod)
    assert_close(synthesize(generator, SynthesisInputs(ws, NoiseMode.RANDOM, maps, lod=lod)), wanted)


@pytest.mark.parametrize(("trained", "lod", "edge"), [(4, 2.0, 32), (5, 1.0, 64), (0, 0.0, 128)])
def test_the_resolution_that_rosinalitys_network_was_trained_at_is_guessed(trained: int, lod: float, edge: int) -> None:
    content = StateDict(grown.stored(grown.rosinality_stylegan1(trained=trained)), "generator")
    generator, notes = built(content)
    assert generator.info.lod == lod
    assert any("`g_running` is missing" in note for note in notes)
    assert any(f"by its weights up to {edge} x {edge}, the level of detail {lod:g}." in note for note in notes)


def test_a_file_of_rosinalitys_program_is_opened(tmp_path: Path) -> None:
    arrays = grown.rosinality_stylegan1((6, 4, 4), fused_from=2, trained=2)
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    file = {"generator": tensors, "g_running": tensors, "g_optimizer": {"state": {}}}
    for number, content in enumerate((file, tensors)):
        torch.save(content, tmp_path / f"{number}.model")
        network = open_network(str(tmp_path / f"{number}.model"))
        assert (network.info.width, network.info.lod) == (16, 1.0)
        convert(str(tmp_path / f"{number}.model"), tmp_path / "n.safetensors")
        again = open_network(str(tmp_path / "n.safetensors"))
        assert again.info == network.info
        inputs = SynthesisInputs(some_ws(again.generator))
        assert torch.equal(synthesize(again.generator, inputs), synthesize(network.generator, inputs))


# ----------------------------------------------------------------------------
# ProGAN.


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("classes", [0, 2])
def test_a_progan_from_tensorflow_computes_the_formulas(fused: bool, classes: int) -> None:
    arrays = grown.tensorflow_progan(fused=fused)
    generator, notes = built(tensorflow(arrays, label_size=classes, fused_scale=fused))
    assert notes == ()
    info = generator.info
    assert (info.z_dim, info.c_dim, info.w_dim) == (7 - classes, classes, 7)
    z = torch.randn(2, info.z_dim, generator=torch.Generator().manual_seed(3))
    c = torch.eye(2) if classes else None
    ws = generator.map(z, c)
    assert torch.equal(ws[:, 0], z if c is None else torch.cat([z, c], 1))
    wanted = reference.tensorflow_progan(reference.double_of(arrays), ws[:, 0].double())
    assert_close(synthesize(generator, SynthesisInputs(ws)), wanted)


def test_latents_that_are_not_normalised_keep_their_length() -> None:
    arrays = grown.tensorflow_progan()
    generator, _ = built(tensorflow(arrays, normalize_latents=False))
    ws = 3 * some_ws(generator)
    wanted = reference.tensorflow_progan(reference.double_of(arrays), ws[:, 0].double(), normalize=False)
    assert_close(synthesize(generator, SynthesisInputs(ws)), wanted)


def test_gan_dissection_has_had_two_generations_of_names(tmp_path: Path) -> None:
    tensors = torch.load(FOLDER / "progan_gandissect.pth", weights_only=True)
    old = {name.replace("output_16x16", "output"): tensor for name, tensor in tensors.items()}
    for number in range(1, 7):
        old = {name.replace(f"layer{number}.", f"features.{number - 1}."): t for name, t in old.items()}
    torch.save({"state_dict": old}, tmp_path / "old.pth")
    network, wanted = open_network(str(tmp_path / "old.pth")), open_network(str(FOLDER / "progan_gandissect.pth"))
    assert network.info == wanted.info
    inputs = SynthesisInputs(some_ws(network.generator))
    assert torch.equal(synthesize(network.generator, inputs), synthesize(wanted.generator, inputs))


def test_gan_zoo_prefers_the_smoothed_network_and_says_when_it_is_missing(tmp_path: Path) -> None:
    tensors = tensors_in(FOLDER / "progan_zoo.pth")
    torch.save({"netG": tensors, "netD": {}}, tmp_path / "zoo.pth")
    assert open_network(str(tmp_path / "zoo.pth")).origin.notes == (
        "The smoothed copy `avgG` is missing from this file: the training generator `netG` was loaded.",
    )


def tensors_in(path: Path) -> dict[str, Tensor]:
    content = read_checkpoint(path).content
    assert isinstance(content, StateDict)
    return {name: torch.from_numpy(np.array(tensor.array)) for name, tensor in content.tensors.items()}


def test_weights_that_are_no_numbers_are_a_note_and_not_a_warning() -> None:
    content = read_checkpoint(FOLDER / "tf_progan.pkl").content
    assert isinstance(content, TensorFlowNetwork)
    signaling = np.full((8, 128), 0x7FA00000, np.uint32).view(np.float32)  # every computation with it is invalid
    damaged = {**content.variables, "4x4/Dense/weight": StoredTensor(signaling, "float32")}
    _, notes = recognise(replace(content, variables=damaged)).build()
    assert any("NaN or infinite" in note for note in notes)
