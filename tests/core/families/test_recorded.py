"""Small files of many programs against the pictures that those programs made of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.opening.network import convert, open_network
from tests.fixtures.expected import assert_as_recorded, expected
from tests.fixtures.samples import FOLDER

# File -> whose pictures it makes.
FILES = {
    "ada_sg2_skip.pkl": "ada_sg2_skip.pkl",
    "sg2_cond_resnet.pkl": "sg2_cond_resnet.pkl",
    "human_sg2_rect.pkl": "human_sg2_rect.pkl",
    "rosinality_sg2.pt": "rosinality_sg2.pt",
    "psp_style_decoder.pt": "rosinality_sg2.pt",
    "tf_sg2_skip.pkl": "tf_sg2_skip.pkl",
    "tf_sg2_resnet.pkl": "tf_sg2_resnet.pkl",
    "tf_sg2_cond_labelconcat.pkl": "tf_sg2_cond_labelconcat.pkl",
    "tf_ada_cond.pkl": "tf_ada_cond.pkl",
    "xl_stem_cond.pkl": "xl_stem_cond.pkl",
    "xl_superres_cond.pkl": "xl_superres_cond.pkl",
}


@pytest.mark.parametrize("name", FILES)
def test_the_pictures_are_the_recorded_ones(name: str) -> None:
    assert_as_recorded(open_network(str(FOLDER / name)), expected(FOLDER / FILES[name]))


@pytest.mark.parametrize("name", FILES)
def test_a_converted_network_makes_the_recorded_pictures(name: str, tmp_path: Path) -> None:
    convert(str(FOLDER / name), tmp_path / "n.safetensors")
    network = open_network(str(tmp_path / "n.safetensors"))
    assert network.origin.notes == ()
    assert_as_recorded(network, expected(FOLDER / FILES[name]))
