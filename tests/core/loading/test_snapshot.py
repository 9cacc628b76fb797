"""Networks written as snapshots in the official layout, against official files and the standard library's reader."""

from __future__ import annotations

import io
import pickle
import pickletools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.base.errors import UsageError
from core.loading import read_checkpoint
from core.loading.common.checkpoint import Node
from core.opening.network import convert, open_network, write_network
from core.render.renderer import Renderer
from core.request import RenderRequest, SeedPoint
from tests.disk import no_larger_files
from tests.small import Scripted, stylegan2, stylegan3

GOLDEN = Path(__file__).parent.parent.parent / "golden"
FILES = sorted(path.name for path in GOLDEN.glob("*.pkl"))

# What the two generations of the official code keep differently (older ones lack it), or only training uses.
NEWER = {
    "in_features", "out_features", "in_channels", "out_channels", "w_dim", "num_fp16_res", "fused_modconv_default",
    "w_avg_beta", "magnitude_ema_beta", "channels_last", "embed", "down", "bias",
}  # fmt: skip


def read(path: Path) -> Node:
    content = read_checkpoint(path, location=str(path)).content
    assert isinstance(content, Node)
    return content


def known(node: Node) -> dict[str, object]:
    return {k: v for k, v in node.attributes.items() if not k.startswith("_init") and k not in NEWER}


def agree(ours: Node, official: Node) -> None:
    assert ours.class_name == official.class_name
    theirs = known(official)
    own = {name: value for name, value in known(ours).items() if name in theirs}
    assert own.keys() == theirs.keys()
    for name, value in theirs.items():
        assert own[name] == (pytest.approx(value) if isinstance(value, float) else value), name
    assert ours.tensors.keys() == official.tensors.keys()
    for name, tensor in official.tensors.items():
        assert np.array_equal(ours.tensors[name].array, tensor.array), name
    assert ours.children.keys() == official.children.keys()
    for name, child in official.children.items():
        agree(ours.children[name], child)


@pytest.mark.parametrize("name", FILES)
def test_an_official_network_is_written_as_the_official_code_has_it(name: str, tmp_path: Path):
    convert(str(GOLDEN / name), tmp_path / "x.pkl")
    agree(read(tmp_path / "x.pkl"), read(GOLDEN / name))


@pytest.mark.parametrize("make", [stylegan2, stylegan3])
def test_a_written_snapshot_gives_the_same_picture(make: Any, tmp_path: Path):
    network = make(seed=3)
    write_network(network.generator, tmp_path / "x.pkl")
    opened = open_network(str(tmp_path / "x.pkl"))
    request = RenderRequest(latent=SeedPoint(3))
    assert opened.info == network.info
    assert torch.equal(Renderer(opened).render(request).image, Renderer(network).render(request).image)


class Inert(pickle.Unpickler):
    """The standard reader, for which every name is a function that keeps its arguments."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return dict
        if (module, name) == ("torch.storage", "_load_from_bytes"):
            return lambda data: torch.load(io.BytesIO(data), weights_only=True)
        if module == "torch._utils":
            return getattr(torch._utils, name)
        return lambda *args: Kept(f"{module}.{name}", args)


class Kept:
    def __init__(self, name: str, args: tuple[Any, ...]) -> None:
        self.name, self.args = name, args

    def __setstate__(self, state: object) -> None:
        self.state = state


def test_a_snapshot_holds_no_source_and_its_tensors_are_torch_s_own(tmp_path: Path):
    network = stylegan3(seed=3).generator
    write_network(network, tmp_path / "x.pkl")
    data = (tmp_path / "x.pkl").read_bytes()
    names = {argument for opcode, argument, _ in pickletools.genops(data) if opcode.name == "GLOBAL"}
    assert names == {
        "torch_utils.persistence _reconstruct_persistent_obj", "collections OrderedDict",
        "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter", "torch.storage _load_from_bytes",
        "numpy.core.multiarray _reconstruct", "numpy ndarray", "numpy dtype",
    }  # fmt: skip
    root = Inert(io.BytesIO(data)).load()
    assert root.keys() == {"G", "D", "G_ema", "augment_pipe", "training_set_kwargs"}
    (record,) = root["G_ema"].args
    assert (record["type"], record["version"], record["module_src"]) == ("class", 6, "")
    (mapping,) = record["state"]["_modules"]["mapping"].args
    (layer,) = mapping["state"]["_modules"]["fc0"].args
    weight = layer["state"]["_parameters"]["weight"]
    assert isinstance(weight, torch.nn.Parameter)
    assert torch.equal(weight, network.tensors()["mapping.fc0.weight"])


def test_what_cannot_be_written_is_said(tmp_path: Path):
    with pytest.raises(TypeError, match="no family writes a Scripted"):
        write_network(Scripted(), tmp_path / "x.pkl")
    with pytest.raises(UsageError, match=r"x\.pkl` cannot be written"):
        write_network(stylegan2().generator, tmp_path / "missing" / "x.pkl")
    with pytest.raises(UsageError, match=r"written in float32; use \.safetensors"):
        convert("seed:0", tmp_path / "x.pkl", half=True)
    with no_larger_files(1000), pytest.raises(UsageError, match=r"x\.pkl` cannot be written: it is larger than a file"):
        write_network(stylegan2().generator, tmp_path / "x.pkl")
    assert list(tmp_path.iterdir()) == []
