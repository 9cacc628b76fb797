"""What training programs leave beside their networks is inert, and never called malicious."""

from __future__ import annotations

import argparse
import collections
import datetime
import decimal
import enum
import functools
import pathlib
import pickle
import random
import types
import uuid
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from core.base.errors import RefusedFile
from core.loading import read_checkpoint
from core.loading.common import policy
from core.loading.common.checkpoint import Node, Opaque
from core.loading.pickles.symbolic import read_pickle
from core.loading.pickles.values import Values
from core.opening.network import open_network
from tests.fixtures import samples
from tests.fixtures.samples import Made, Name, Raw, generator, snapshot


class Kind(enum.Enum):
    ONE = 1


class Options:
    class Inner(enum.Flag):
        A = enum.auto()

    def method(self) -> None:
        pass


HONEST: dict[str, Any] = {
    "paths": [pathlib.PurePosixPath("/a/b"), pathlib.PureWindowsPath("C:/a"), pathlib.Path("a")],
    "generators": [random.getstate(), np.random.RandomState(0), np.random.default_rng(0), np.random.PCG64(1).state,
                   torch.Generator().get_state()],
    "sequences": [range(3), slice(1, 2, None), {1, 2}, frozenset("a"), bytearray(b"abc"), complex(1, 2), 1 << 127],
    "namespaces": [argparse.Namespace(data=pathlib.Path("x")), types.SimpleNamespace(a=1)],
    "members": [Kind.ONE, Options.Inner.A, Options().method],
    "functions": [functools.partial(nn.functional.relu, inplace=True), torch.nn.functional.gelu, torch.relu, len],
    "moments": [datetime.datetime(2020, 1, 1), datetime.timedelta(1), uuid.uuid4(), decimal.Decimal("1.5")],
    "dicts": [collections.Counter("aab"), collections.defaultdict(list, a=[1]), collections.OrderedDict(b=2)],
    "torch": [torch.Size([1, 2]), torch.device("cpu"), torch.float32, nn.GELU()],
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_honest_records_beside_a_network_do_not_matter(name, tmp_path):
    network = nn.Sequential(nn.ConvTranspose2d(5, 8, 4), nn.BatchNorm2d(8), nn.ConvTranspose2d(8, 3, 4, 2, 1))
    for place in ("args", "opts", "hyper_parameters"):
        torch.save({"generator": network.state_dict(), place: HONEST[name]}, tmp_path / "x.pt")
        assert open_network(str(tmp_path / "x.pt")).info.z_dim == 5


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_honest_records_among_the_attributes_of_a_network_are_inert(protocol):
    for values in HONEST.values():
        Values().plain(read_pickle(pickle.dumps(values, protocol)).root)
    assert Values().plain(read_pickle(pickle.dumps(1 << 127, protocol)).root) == Opaque("int")


OMEGA = Made(
    Name("omegaconf.dictconfig", "DictConfig"), (),
    {"_metadata": Made(Name("omegaconf.base", "ContainerMetadata"), (), {"ref_type": Name("typing", "Any")}),
     "_content": {"path": Made(Name("omegaconf.nodes", "AnyNode"), (), {"_val": "/a"})}},
)  # fmt: skip
CODE = Made(Made(Name("dill._dill", "_load_type"), ("CodeType",)), (0, 1, b"d\x00S\x00"))
GLOBALS = {"os": Made(Name("dill._dill", "_import_module"), ("os",))}
FUNCTION = Made(Name("dill._dill", "_create_function"), (CODE, GLOBALS))


def dill_number(scalar: Made) -> Made:
    return Made(scalar, (Made(Name("numpy", "dtype"), ("f8", False, True)), np.float64(0.25).tobytes()))


@pytest.mark.parametrize(
    "record",
    [
        OMEGA,
        FUNCTION,
        Made(Name("builtins", "setattr"), (FUNCTION, "__name__", "forward")),
        Made(Made(Name("builtins", "getattr"), (Name("dill", "_dill"), "_setattr")), (FUNCTION, "a", 1)),
        Made(Made(Name("dill._dill", "_load_type"), ("MethodType",)), (FUNCTION, Made(Name("my.own", "Block")))),
        Made(Name("dill._dill", "_create_cell"), (None,)),
        Made(Name("dill._dill", "_eval_repr"), ("Ellipsis",)),
        Made(Name("builtins", "range"), (0, 3, 1)),
    ],
    ids=str,
)
def test_what_programs_write_beside_their_networks_is_inert(record, tmp_path):
    discriminator = samples.persisted("Discriminator", samples.state_of(hook=record))
    data = snapshot(D=discriminator, G_ema=generator(hook=record), training_set_kwargs={"class_name": record})
    (tmp_path / "n.pkl").write_bytes(data)
    content = read_checkpoint(tmp_path / "n.pkl").content
    assert isinstance(content, Node)
    assert content.class_name == "Generator"


@pytest.mark.parametrize("core", ["numpy.core._multiarray_umath", "numpy._core._multiarray_umath"])
def test_a_number_in_the_form_of_dill_is_a_number(core, tmp_path):
    module = Made(Name("dill._dill", "_import_module"), (core,))
    number = dill_number(Made(Name("dill._dill", "_get_attr"), (module, "scalar")))
    (tmp_path / "n.pkl").write_bytes(snapshot(G_ema=generator(weight_gain=number)))
    content = read_checkpoint(tmp_path / "n.pkl").content
    assert isinstance(content, Node)
    assert content.attributes["weight_gain"] == 0.25


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("pathlib._local", "PosixPath"), ("torch._C._nn", "gelu"), ("torch._C", "_VariableFunctions"),
        ("io", "BytesIO"), ("sklearn.decomposition._pca", "PCA"), ("pandas.core.frame", "DataFrame"),
        ("my.own", "Outer.Inner"), ("code.networks", "Generator"), ("signal.Signals", "SIGTERM"),
        ("cloudpickle.cloudpickle", "_make_function"), ("torch.distributed.distributed_c10d", "ReduceOp"),
    ],
)  # fmt: skip
def test_names_of_data_are_not_refused(module, name):
    policy.check_name(module, name)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("code", "interact"), ("os", "system"), ("posix", "system"), ("nt", "system"), ("builtins", "eval"),
        ("builtins", "exec"),
        ("pathlib", "Path.write_text"), ("io", "open"), ("pandas", "read_pickle"),
        ("cloudpickle", "loads"), ("platform", "popen"), ("dill._dill", "_create_filehandle"),
    ],
)  # fmt: skip
def test_names_that_would_do_harm_stay_refused(module, name):
    with pytest.raises(RefusedFile):
        policy.check_name(module, name)


def test_a_class_of_the_old_container_with_its_source_beside_it_is_a_name():
    code = Raw(samples.code(samples.Kept(("module", Name("my.own", "G"), "g.py", samples.EXECUTED))) + b")\x81")
    assert str(read_pickle(samples.dump(code)).calls[0].target) == "my.own.G"
