"""What of StyleGAN1 and ProGAN networks in other programs' files is refused, and how."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.base.errors import CheckpointError, UnsupportedFile
from core.families import FAMILIES, family_of, recognise
from core.loading import read_checkpoint
from core.loading.common.checkpoint import SavedNetwork, StateDict
from core.opening.network import open_network
from tests.fixtures import grown
from tests.fixtures.grown import Arrays, tensorflow
from tests.fixtures.samples import FOLDER


def zoo() -> Arrays:
    content = read_checkpoint(FOLDER / "progan_zoo.pth").content
    assert isinstance(content, StateDict)
    return {name: np.array(tensor.array, np.float32) for name, tensor in content.tensors.items()}


def without(arrays: Arrays, *names: str) -> Arrays:
    return {name: array for name, array in arrays.items() if name not in names}


TF1, TFP = grown.tensorflow_stylegan1, grown.tensorflow_progan
ROSINALITY, LERNAPPARAT = grown.rosinality_stylegan1, grown.lernapparat_stylegan1
BAD: dict[str, tuple[Any, type[CheckpointError], str]] = {
    "a missing bias": (
        lambda: tensorflow(without(TF1(), "synthesis/8x8/Conv1/bias")), CheckpointError, "`synthesis/8x8/Conv1/bias`",
    ),
    "a missing noise map": (
        lambda: tensorflow(without(TF1(), "synthesis/noise3")), CheckpointError, "lacks its tensor `synthesis/noise3`",
    ),
    "a missing block": (
        lambda: tensorflow({n: a for n, a in TF1().items() if "/8x8/" not in n}), CheckpointError, "4x4 16x16 and 4x4",
    ),
    "no mapping layers": (
        lambda: tensorflow(without(TF1(), "mapping/Dense0/weight")), CheckpointError, "mapping/Dense0/weight",
    ),
    "a bias of another length": (
        lambda: tensorflow(TF1() | {"synthesis/8x8/Conv1/bias": np.zeros(5, np.float32)}),
        CheckpointError, r"`synthesis/8x8/Conv1/bias` has the shape \(5,\) instead of \(8,\)",
    ),
    "weights of whole numbers": (
        lambda: tensorflow(TF1() | {"synthesis/8x8/Conv1/weight": np.zeros((3, 3, 8, 8), np.int64)}),
        CheckpointError, "int64 instead of numbers",
    ),
    "a flat kernel": (
        lambda: tensorflow(TF1() | {"synthesis/8x8/Conv1/weight": np.zeros((3, 8), np.float32)}),
        CheckpointError, "has 2 dimensions instead of 4",
    ),
    "another resolution": (lambda: tensorflow(TF1(), resolution=64), CheckpointError, "`resolution`: 64 and 16"),
    "other classes": (lambda: tensorflow(TF1(), label_size=7), CheckpointError, "`label_size`: 7 and 0"),
    "noise that is not used": (
        lambda: tensorflow(TF1(), use_noise=False), CheckpointError, "`use_noise`: False and True",
    ),
    "an unknown activation": (lambda: tensorflow(TF1(), nonlinearity="gelu\x1b"), UnsupportedFile, r"`gelu\\x1b`"),
    "a lopsided blur": (lambda: tensorflow(TF1(), blur_filter=[1, 2, 3]), UnsupportedFile, "unknown kind"),
    "an even blur": (lambda: tensorflow(TF1(), blur_filter=[1, 1]), UnsupportedFile, "an even number"),
    "a strange learning rate": (lambda: tensorflow(TF1(), mapping_lrmul=1e9), CheckpointError, "Unreasonable"),
    "a growth of NaN": (
        lambda: tensorflow(TF1() | {"synthesis/lod": np.array(np.nan, np.float32)}),
        CheckpointError, "`synthesis/lod` is nan",
    ),
    "self-attention": (
        lambda: tensorflow(TF1() | {"synthesis/8x8/SelfAttention/gamma": np.zeros(1, np.float32)}),
        UnsupportedFile, "`synthesis/8x8/SelfAttention/gamma` \\(a fork\\)",
    ),
    "five channels": (lambda: tensorflow(TF1(image_channels=5)), UnsupportedFile, "draws 5 channels"),
    "a progan without a bias": (
        lambda: tensorflow(without(TFP(), "8x8/Conv0_up/bias")), CheckpointError, "`8x8/Conv0_up/bias`",
    ),
    "a progan with a dense layer of another size": (
        lambda: tensorflow(TFP() | {"4x4/Dense/weight": np.zeros((7, 100), np.float32)}),
        CheckpointError, "`4x4/Dense`: 100 and 128",
    ),
    "a progan with too many classes": (lambda: tensorflow(TFP(), label_size=8), CheckpointError, "z_dim"),
    "rosinality without a mapping": (
        lambda: StateDict(grown.stored(without(ROSINALITY(), "style.1.linear.weight_orig"))),
        CheckpointError, "style.1.linear.weight_orig",
    ),
    "rosinality with another blur": (
        lambda: StateDict(grown.stored(ROSINALITY() | {
            "generator.progression.1.conv1.2.weight": np.ones((8, 1, 3, 3), np.float32)})),
        UnsupportedFile, r"is not the \[1, 2, 1\]",
    ),
    "lernapparat with a gap": (
        lambda: StateDict(grown.stored({n: a for n, a in LERNAPPARAT().items() if ".16x16." not in n})),
        CheckpointError, "its blocks",
    ),
    "gan zoo with another first layer": (
        lambda: StateDict(grown.stored({
            **zoo(), "formatLayer.module.weight": np.zeros((64, 8), np.float32),
            "formatLayer.module.bias": np.zeros(64, np.float32)})),
        CheckpointError, "`formatLayer`: 64 and 128",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_fit_is_named(name: str) -> None:
    make, kind, words = BAD[name]
    with pytest.raises(kind, match=words) as caught:
        recognise(make()).build()
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


def test_tensors_that_are_not_used_are_noted() -> None:
    _, notes = recognise(tensorflow(TF1() | {"synthesis/odd\x1b": np.zeros(3, np.float32)})).build()
    assert any("synthesis/odd\\x1b" in note for note in notes)
    _, notes = recognise(StateDict(grown.stored(ROSINALITY() | {"step": np.zeros(1, np.float32)}), "g_running")).build()
    assert any("`step`" in note for note in notes)


@pytest.mark.parametrize("name", ["tf_sg1.pkl", "tf_progan.pkl"])
def test_a_saved_network_with_a_wrong_member_is_refused(name: str) -> None:
    generator = open_network(str(FOLDER / name)).generator
    (saved,) = (found for family in FAMILIES if (found := family.save(generator)) is not None)
    whole: dict[str, Any] = dict(saved.config)
    blocks: dict[str, Any] = dict(whole["blocks"])
    changed = [{**whole, member: value} for member in whole for value in (None, "odd", -(10**12), [10**12], {"a": 1})]
    for member in blocks:
        for value in (None, "odd", -(10**12), [10**12]):
            changed.append({**whole, "blocks": {**blocks, member: value}})
    for config in changed:
        with pytest.raises(CheckpointError):
            family_of(saved).build(SavedNetwork(saved.family, config, saved.tensors))
