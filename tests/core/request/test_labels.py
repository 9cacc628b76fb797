"""Mixes of two classes, and what users call classes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch

from core.base.errors import UsageError
from core.documents.document import command_line
from core.opening.network import open_network
from core.opening.session_files import read_session
from core.render.renderer import Renderer
from core.request import ModelInfo, RenderRequest, SeedPoint
from core.request.labels import Mix, label_called, mix_of, soft_label, weights_of
from tests.fixtures.samples import FOLDER
from tests.sessions import save_request

NAMES = (
    "red cat", "Tench, Tinca tinca", "crane", "crane", "hen", "prairie hen", "ratio 3:1", "red dog", "red owl",
    "red fox", "red elk", "",
)  # fmt: skip
INFO = ModelInfo(
    "Fake", "", 1, 1, 3, z_dim=4, w_dim=4, c_dim=len(NAMES), num_ws=1, ws_names=("w",), class_names=NAMES
)
NETWORKS = ("sg2_cond_resnet.pkl", "xl_stem_cond.pkl", "biggan_hf.bin", "r3gan.pkl")


def soft(weights: dict[int, float]) -> tuple[float, ...]:
    return soft_label(weights, len(NAMES))


# ----------------------------------------------------------------------------
# Mixes.


@pytest.mark.parametrize("mix", [Mix(3), Mix(3, 5), Mix(3, 5, 0.3), Mix(5, 3, 0.3), Mix(3, 5, 1.0), Mix(3, 3, 0.4)])
def test_a_label_is_known_for_the_mix_that_it_was_made_of(mix: Mix):
    assert mix_of(soft(mix.weights), mix) == mix


@pytest.mark.parametrize(
    ("weights", "before", "expected"),
    [
        ({3: 1.0}, None, Mix(3)),
        ({3: 0.75, 5: 0.25}, None, Mix(3, 5, 0.25)),
        ({3: 0.75, 5: 0.25}, Mix(5, 3, 0.5), Mix(5, 3, 0.75)),
        ({3: 1.0}, Mix(3, 5, 0.5), Mix(3, 5, 0.0)),
        ({5: 1.0}, Mix(3, 5, 0.5), Mix(3, 5, 1.0)),
        ({5: 1.0}, Mix(3), Mix(5)),
        ({3: 0.75, 5: 0.25}, Mix(5), Mix(5, 3, 0.75)),
        ({3: 0.75, 5: 0.25}, Mix(7, 3, 0.5), Mix(5, 3, 0.75)),
        ({3: 0.75, 5: 0.25}, Mix(3, 3, 0.5), Mix(3, 5, 0.25)),
        ({3: 0.75, 5: 0.25}, Mix(8, 9, 0.5), Mix(3, 5, 0.25)),
    ],
)
def test_a_label_that_changed_keeps_its_ends_as_far_as_it_can(weights: dict[int, float], before: Mix, expected: Mix):
    assert mix_of(soft(weights), before) == expected


@pytest.mark.parametrize("weights", [{}, {3: 2.0}, {3: 0.5, 5: 0.6}, {3: 1.5, 5: -0.5}, {1: 0.5, 2: 0.25, 3: 0.25}])
def test_a_label_with_other_weights_is_no_mix(weights: dict[int, float]):
    assert mix_of(soft(weights)) is None
    assert mix_of(soft(weights), Mix(3, 5, 0.5)) is None


@pytest.mark.parametrize("name", NETWORKS)
def test_the_picture_of_a_mix_lies_between_those_of_its_classes_and_ends_at_them(name: str):
    network = open_network(str(FOLDER / name))
    renderer, generator, c_dim = Renderer(network, device="cpu"), network.generator, network.info.c_dim

    def image(label: Any) -> torch.Tensor:
        return renderer.render(RenderRequest(latent=SeedPoint(4.0), label=label)).image

    ends = [image(0), image(2)]
    for end, part in zip(ends, (0.0, 1.0), strict=True):
        assert torch.equal(image(soft_label(Mix(0, 2, part).weights, c_dim)), end)
    mixed = image(soft_label(Mix(0, 2, 0.25).weights, c_dim))
    assert not any(torch.allclose(mixed, end, atol=1e-4) for end in ends)
    labels = torch.tensor([soft_label(Mix(0, 2, part).weights, c_dim) for part in (0.0, 1.0, 0.25)])
    if network.info.has_w:
        embedded = generator.mapping.embed(labels)  # type: ignore[attr-defined]
    else:
        embedded = generator.map(torch.ones(3, network.info.z_dim), labels)
    assert torch.allclose(embedded[2], torch.lerp(embedded[0], embedded[1], 0.25), atol=1e-6)


def test_a_session_and_a_command_line_carry_a_mix_to_the_bit(tmp_path: Path):
    request = RenderRequest("network.pkl", label=soft(Mix(3, 5, 1 / 3).weights))
    save_request(tmp_path / "s.json", request)
    assert read_session(tmp_path / "s.json").session.project.request == request
    flag = re.search(r"--class (\S+)", command_line(request))
    assert flag is not None
    assert label_called(flag[1], INFO) == request.label


# ----------------------------------------------------------------------------
# What users call classes.


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("3", 3),
        ("hen", 4),
        (" HEN ", 4),
        ("prairie", 5),
        ("tench", 1),
        ("tinca tinca", 1),
        ("Tench, tinca tinca", 1),
        ("cat", 0),
        ("ratio 3:1", 6),
    ],
)
def test_a_class_is_called_by_its_number_its_name_or_a_part_of_it(text: str, label: int):
    assert label_called(text, INFO) == label


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("3:0.7,5:0.3", {3: 0.7, 5: 0.3}),
        ("hen:.25, 3 : 75e-2", {4: 0.25, 3: 0.75}),
        ("tench, Tinca tinca:0.5,ratio 3:1:0.5", {1: 0.5, 6: 0.5}),
        ("0:0.2,4:0.3,7:-1", {0: 0.2, 4: 0.3, 7: -1.0}),
        ("3:1", {3: 1.0}),
    ],
)
def test_a_mix_names_each_class_with_its_weight(text: str, weights: dict[int, float]):
    label = label_called(text, INFO)
    assert label == soft(weights)
    assert isinstance(label, tuple)
    assert weights_of(label) == weights


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("red", "'red' may be 0 'red cat', 7 'red dog', 8 'red owl', 9 'red fox' or 1 more; write more of the name"),
        ("crane", "'crane' may be 2 'crane' or 3 'crane'; write more of the name, or the number"),
        ("prairy hen", "No class of this network is called 'prairy hen'; close to it: 5 'prairie hen'"),
        ("tnch", "close to it: 1 'Tench, Tinca tinca'"),
        ("submarine", "is called 'submarine'; give a number from 0 to 11"),
        ("", "is called ''; give a number"),
        ("3.5", "'3.5' is no class; a mix names each with its weight, such as 3:0.7,5:0.3"),
        ("3:0.7,5", "a mix names each with its weight"),
        ("3:1e999", "is called '3:1e999'"),
        ("3:0.5,40:0.5", "Class 40 is not in this network; it has classes 0 to 11"),
        ("hen:0.5,red:0.5", "'red' may be 0 'red cat'"),
        ("hen:0.5,4:0.5", "names class 4 twice"),
    ],
)
def test_what_names_no_class_or_several_is_said(text: str, words: str):
    with pytest.raises(UsageError, match=re.escape(words)):
        label_called(text, INFO)


def test_names_need_a_network_that_has_them():
    with pytest.raises(UsageError, match=r"Nothing tells the names of the classes.* put the names into"):
        label_called("hen", ModelInfo("", "", 1, 1, 3, 4, 4, c_dim=3, num_ws=1, ws_names=("w",)))
    unconditional = ModelInfo("", "", 1, 1, 3, 4, 4, c_dim=0, num_ws=1, ws_names=("w",))
    with pytest.raises(UsageError, match="has no classes"):
        label_called("hen", unconditional)
    assert label_called("3", unconditional) == 3  # the renderer says that it is ignored
