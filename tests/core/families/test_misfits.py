"""Files of every layout with a tensor that is missing or of another shape: what is named is in the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import CheckpointError
from core.families import recognise
from core.families.common.tensorflow_arguments import variables
from core.loading import read_checkpoint
from core.loading.common.checkpoint import Content, StateDict, TensorFlowNetwork
from core.loading.formats.candidates import likeliest_by_name
from core.networks.parts.config import StyleGan2Config
from tests.core.trees import SMALL, network_of
from tests.fixtures import biggans, genforce, grown, ports
from tests.fixtures.grown import Arrays
from tests.fixtures.samples import FOLDER

QUOTED = re.compile(r"`([^`]*)`")
NUMBER = re.compile(r"\d+")
# What a network can do without.
OPTIONAL = re.compile(
    r"avg|lod$|kernel|weight_flip|weight_v$|num_batches_tracked|mean_w|\.noise$|conv1\.[12]\.weight$|class_embedding|"
    r"^shared|resample_filter|noise_?\d+$|noise_const"
)
FREE = re.compile(r"^embeddings|^noiseMod")  # whose length tells something, or nothing


def official(prefix: str = "") -> Arrays:
    network = network_of(StyleGan2Config.official(16, **SMALL))
    return {prefix + name: tensor.numpy() for name, tensor in network.state_dict().items()}


def in_file(name: str) -> Arrays:
    content = read_checkpoint(FOLDER / name).content
    assert isinstance(content, StateDict | TensorFlowNetwork)
    tensors = content.tensors if isinstance(content, StateDict) else variables(content)
    return {name: np.array(tensor.array, np.float32) for name, tensor in tensors.items()}


def numbers(tensors: dict[str, object]) -> Arrays:
    return {name: np.asarray(tensor) for name, tensor in tensors.items()}


def earlier_genforce() -> Arrays:
    arrays = genforce.stylegan1_arrays(grown.tensorflow_stylegan1())
    return {name.replace(".style.", ".epilogue.style_mod.dense."): array for name, array in arrays.items()}


LAYOUTS: dict[str, Callable[[], Arrays]] = {
    "TensorFlow's StyleGAN1": grown.tensorflow_stylegan1,
    "TensorFlow's StyleGAN2": lambda: in_file("tf_sg2_skip.pkl"),
    "TensorFlow's ProGAN": grown.tensorflow_progan,
    "rosinality's StyleGAN1": lambda: grown.rosinality_stylegan1((6, 8, 4)),
    "rosinality's StyleGAN2": lambda: in_file("rosinality_sg2.pt"),
    "lernapparat's StyleGAN1": lambda: grown.lernapparat_stylegan1((6, 8, 4)),
    "StyleGAN.pytorch": lambda: ports.stylegan_pytorch(classes=3),
    "GAN zoo's StyleGAN1": ports.zoo_stylegan1,
    "GAN zoo's ProGAN": lambda: in_file("progan_zoo.pth"),
    "GAN dissection's ProGAN": lambda: in_file("progan_gandissect.pth"),
    "pro_gan_pytorch": ports.pro_gan_pytorch,
    "genforce's StyleGAN1": lambda: genforce.stylegan1_arrays(grown.tensorflow_stylegan1()),
    "genforce's StyleGAN1 of an earlier version": earlier_genforce,
    "genforce's ProGAN": lambda: genforce.progan_arrays(grown.tensorflow_progan(fused=False)),
    "Hugging Face's BigGAN": lambda: numbers(dict(biggans.as_huggingface(biggans.deep()))),
    "StudioGAN's BigGAN": lambda: numbers(dict(biggans.as_studiogan(biggans.plain(chunks=True)))),
    "NVIDIA's StyleGAN2": official,
    "NVIDIA's StyleGAN2 as a decoder": lambda: official("decoder."),
}


def content_of(arrays: Arrays) -> Content:
    if any("/" in name for name in arrays):
        return grown.tensorflow(arrays)
    return likeliest_by_name(grown.stored(arrays), {}, Path("x.pth"))


def complaint(arrays: Arrays) -> str:
    try:
        recognise(content_of(arrays)).build()
    except CheckpointError as error:
        return str(error)
    return ""


def changes(arrays: Arrays) -> Iterator[tuple[str, str, Arrays]]:
    """Of each kind of tensor the last one, missing and with one number more along its longest axis."""
    for name in {NUMBER.sub("#", name): name for name in arrays}.values():
        array = arrays[name]
        yield name, "missing", {other: kept for other, kept in arrays.items() if other != name}
        if array.ndim:
            more = [(0, int(axis == np.argmax(array.shape))) for axis in range(array.ndim)]
            yield name, "longer", {**arrays, name: np.pad(array, more, mode="edge")}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_misfit_is_named_as_the_file_names_it(layout: str) -> None:
    arrays = LAYOUTS[layout]()
    recognise(content_of(arrays)).build()
    for name, kind, changed in changes(arrays):
        if OPTIONAL.search(name) or (kind == "longer" and FREE.search(name)):
            continue
        told = complaint(changed)
        assert told, f"{name} {kind} is opened"
        known = {*arrays, *(known.removeprefix("decoder.") for known in arrays)}  # which the message tells apart
        strangers = [quoted for quoted in QUOTED.findall(told) if not any(own.startswith(quoted) for own in known)]
        assert not strangers, f"{name} {kind}: {told}"
        if kind == "missing" and "lacks its tensor" in told:
            assert f"`{name.removeprefix('decoder.')}`" in told


def test_what_comes_after_a_prefix_is_named_with_it() -> None:
    arrays = official("decoder.")
    with pytest.raises(CheckpointError, match=r"generator `decoder` .*`synthesis\.b8\.conv1\.bias` has the shape \(5,"):
        recognise(content_of(arrays | {"decoder.synthesis.b8.conv1.bias": np.ones(5, np.float32)})).build()


def test_a_shape_is_told_as_it_is_in_the_file() -> None:
    arrays = grown.tensorflow_stylegan1()
    name = "synthesis/8x8/Conv1/weight"
    odd = arrays | {name: np.ones((3, 3, 9, 8), np.float32)}
    words = rf"`{name}` of the shape \(3, 3, 9, 8\) gives \(8, 9, 3, 3\) instead of \(8, 8, 3, 3\)"
    with pytest.raises(CheckpointError, match=words):
        recognise(content_of(odd)).build()


def test_numbers_that_are_not_finite_are_noted_under_their_names_in_the_file() -> None:
    for make, name in (
        (grown.tensorflow_stylegan1, "synthesis/8x8/Conv1/weight"),
        (
            lambda: numbers(dict(biggans.as_studiogan(biggans.plain(chunks=True), norms=False))),
            "blocks.1.0.bn1.gain.weight",
        ),
    ):
        arrays = make()
        _, notes = recognise(content_of(arrays | {name: arrays[name] * np.nan})).build()
        assert any(f"NaN or infinite in `{name}`" in note for note in notes), notes
