"""Files that hold a generator and nothing else, of pickle and of torch.save, as tools for fine-tuning write them."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from core.families.common.official import official
from core.loading import read_checkpoint
from core.loading.common.checkpoint import Node
from core.loading.formats.snapshot import Module
from core.opening.network import open_network
from tests.core.trees import CONFIGS, network_of, picture
from tests.fixtures import samples


class Recorded:
    """Pickles as a persistence record."""

    def __init__(self, reconstruct: Callable[..., object], class_name: str, state: dict[str, object]) -> None:
        self.reconstruct, self.class_name, self.state = reconstruct, class_name, state

    def __reduce__(self) -> tuple[Callable[..., object], tuple[dict[str, object]]]:
        fields = {"type": "class", "version": 6, "module_src": "", "class_name": self.class_name, "state": self.state}
        return self.reconstruct, (fields,)


@pytest.fixture
def reconstruct(monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    """What a persistence record refers to; nothing may call it."""

    def _reconstruct_persistent_obj(fields: object) -> object:
        raise AssertionError("called")

    module = types.ModuleType("torch_utils.persistence")
    _reconstruct_persistent_obj.__module__ = module.__name__
    _reconstruct_persistent_obj.__qualname__ = "_reconstruct_persistent_obj"
    module.__dict__["_reconstruct_persistent_obj"] = _reconstruct_persistent_obj
    monkeypatch.setitem(sys.modules, "torch_utils", types.ModuleType("torch_utils"))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return _reconstruct_persistent_obj


def recorded(module: Module, reconstruct: Callable[..., object]) -> Recorded:
    """A module of the official code with torch's tensors."""
    buffers = {name: None if x is None else torch.from_numpy(x) for name, x in module.buffers.items()}
    state = {
        **module.attributes,
        "training": False,
        "_parameters": {name: nn.Parameter(torch.from_numpy(x)) for name, x in module.parameters.items()},
        "_buffers": buffers,
        "_modules": {name: recorded(child, reconstruct) for name, child in module.children.items()},
    }
    return Recorded(reconstruct, module.class_name, state)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "old format"])
@pytest.mark.parametrize("name", ["skip", "resnet", "tall", "T", "R"])
def test_a_generator_of_torch_save_makes_its_pictures(
    reconstruct: Callable[..., object], tmp_path: Path, name: str, zipped: bool
) -> None:
    network = network_of(CONFIGS[name])
    file = tmp_path / "G.pt"
    torch.save(recorded(official(network), reconstruct), file, _use_new_zipfile_serialization=zipped)
    opened = open_network(str(file))
    assert opened.info == network.info
    assert opened.origin.notes == ()
    assert torch.equal(picture(opened.generator), picture(network))


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "old format"])
def test_a_generator_of_torch_save_may_stand_in_a_snapshot(
    reconstruct: Callable[..., object], tmp_path: Path, zipped: bool
) -> None:
    network = network_of(CONFIGS["tall"])
    root: dict[str, Any] = {"G_ema": recorded(official(network), reconstruct), "training_set_kwargs": {"path": "x"}}
    torch.save(root, tmp_path / "G.pt", _use_new_zipfile_serialization=zipped)
    opened = open_network(str(tmp_path / "G.pt"))
    assert opened.origin.training_set == (("path", "x"),)
    assert torch.equal(picture(opened.generator), picture(network))


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "old format"])
def test_its_tensors_keep_their_own_order(reconstruct: Callable[..., object], tmp_path: Path, zipped: bool) -> None:
    weight = torch.arange(6.0).reshape(2, 3)
    parts = {
        "mapping": Recorded(reconstruct, "MappingNetwork", samples.state_of({"weight": nn.Parameter(weight)})),
        "synthesis": Recorded(reconstruct, "SynthesisNetwork", samples.state_of({"t": weight.T})),
    }
    generator = Recorded(reconstruct, "Generator", samples.state_of(children=parts))
    torch.save(generator, tmp_path / "G.pt", _use_new_zipfile_serialization=zipped)
    node = read_checkpoint(tmp_path / "G.pt").content
    assert isinstance(node, Node)
    expected = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(node.children["mapping"].tensors["weight"].array, expected)
    np.testing.assert_array_equal(node.children["synthesis"].tensors["t"].array, expected.T)


def test_a_rectangular_network_says_its_size() -> None:
    network = open_network(str(samples.FOLDER / "human_sg2_rect.pkl"))
    assert (network.info.width, network.info.height) == (8, 16)
    assert network.info.ws_names[0] == "2×4 conv1"
    assert network.generator.noise_shapes[0] == (4, 2)
    assert network.origin.notes == ()
