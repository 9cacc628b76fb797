"""Reading checkpoints: what is found in honest files."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from core.base.errors import Cancelled, CheckpointError, RefusedFile, TruncatedFile, UnsupportedFile
from core.loading import read_checkpoint
from core.loading.common.checkpoint import Node, Opaque, StateDict, StoredTensor, TensorFlowNetwork
from core.loading.formats.saved import to_float32
from core.loading.pickles.symbolic import read_pickle
from core.loading.pickles.values import Values
from core.opening.network import describe_network
from tests.fixtures import samples
from tests.fixtures.samples import Made, Name, generator, snapshot, tensor

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")

GOOD = ["ada_sg2_skip.pkl", "sg2_cond_resnet.pkl", "sg3_t.pkl", "sg3_r.pkl", "human_sg2_rect.pkl"]


@pytest.fixture
def write(tmp_path):
    def write_bytes(data: bytes, name: str = "network.pkl") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write_bytes


def node_of(path: Path) -> Node:
    content = read_checkpoint(path).content
    assert isinstance(content, Node)
    return content


def all_nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children.values():
        yield from all_nodes(child)


# ----------------------------------------------------------------------------
# Whole files.


@pytest.mark.parametrize("name", GOOD)
def test_a_snapshot_gives_the_tree_of_its_generator(name):
    node = node_of(samples.FOLDER / name)
    assert node.class_name == "Generator"
    assert {"mapping", "synthesis"} <= node.children.keys()
    tensors = [t for n in all_nodes(node) for t in n.tensors.values()]
    assert len(tensors) > 50
    assert all(np.isfinite(to_float32(t)).all() for t in tensors)


@pytest.mark.parametrize("name", GOOD)
def test_no_attribute_of_an_ordinary_generator_is_opaque(name):
    values = [v for n in all_nodes(node_of(samples.FOLDER / name)) for v in n.attributes.values()]
    assert not [v for v in values if isinstance(v, Opaque)]


def test_numpy_attributes_arrive_as_python_values():
    synthesis = node_of(samples.FOLDER / "sg3_t.pkl").children["synthesis"]
    layer = next(child for name, child in synthesis.children.items() if name.startswith("L0_"))
    assert type(layer.attributes["in_cutoff"]) is float
    assert isinstance(layer.attributes["in_size"], tuple)
    assert all(type(n) is int for n in layer.attributes["in_size"])


def test_the_origin_says_what_was_read():
    path = samples.FOLDER / "ada_sg2_skip.pkl"
    origin = read_checkpoint(path, location="what I typed").origin
    assert origin.location == "what I typed"
    assert origin.path == str(path)
    assert origin.container == "pickle, protocol 3, the source code inside ignored"
    assert origin.size == path.stat().st_size
    assert origin.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert ("resolution", "16") in origin.training_set


def test_reading_reports_bytes_up_to_the_last():
    reports = []

    def note(stage: str, done: int, total: int, unit: str = "") -> None:
        reports.append((stage, done, total, unit))

    path = samples.FOLDER / "sg3_t.pkl"
    read_checkpoint(path, progress=note)
    size = path.stat().st_size
    assert ("reading", size, size, "bytes") in reports
    assert any(stage == "parsing" for stage, *_ in reports)


@pytest.mark.parametrize("chosen", ["reading", "parsing"])
def test_reading_can_be_cancelled(chosen):
    def cancel(stage: str, done: int, total: int, unit: str = "") -> None:
        if stage == chosen:
            raise Cancelled

    with pytest.raises(Cancelled):
        read_checkpoint(samples.FOLDER / "sg3_t.pkl", progress=cancel)


# ----------------------------------------------------------------------------
# Which network of a file.


def test_the_smoothed_generator_is_preferred(write):
    node = node_of(write(snapshot(G=generator(mark="G"), G_ema=generator(mark="G_ema"))))
    assert node.attributes["mark"] == "G_ema"


def test_without_it_the_training_generator_is_taken_and_said_so(write):
    checkpoint = read_checkpoint(write(snapshot(G=generator(mark="G"), G_ema=None)))
    assert isinstance(checkpoint.content, Node)
    assert checkpoint.content.attributes["mark"] == "G"
    assert any("`G_ema` is missing" in note for note in checkpoint.origin.notes)


def test_a_file_may_hold_one_network_only(write):
    assert node_of(write(samples.dump(generator(mark="alone")))).attributes["mark"] == "alone"


def test_a_file_may_hold_the_generator_only(write):
    assert node_of(write(samples.dump({"G_ema": generator()}))).class_name == "Generator"


def test_a_discriminator_alone_is_named(write):
    network = samples.persisted("Discriminator", samples.state_of())
    for root in ({"D": network}, network):
        with pytest.raises(UnsupportedFile, match="only a discriminator"):
            read_checkpoint(write(samples.dump(root)))


def test_foreign_classes_outside_of_the_generator_do_not_matter(write):
    foreign = Made(Name("timm.models.resnet", "ResNet"), (), {"forward": Made(Name("dill._dill", "_create_function"))})
    complex_numbers = np.zeros(2, "<c8")
    odd = tensor(complex_numbers, data=samples.stream(complex_numbers, kind="ComplexFloatStorage"))
    discriminator = samples.persisted("Discriminator", {**samples.state_of(), "backbone": foreign, "odd": odd})
    assert node_of(write(snapshot(D=discriminator, G_ema=generator()))).class_name == "Generator"


def test_a_foreign_class_inside_of_the_generator_is_named_with_its_place(write):
    state = samples.state_of(children={"synthesis": Made(Name("my.own", "Synthesis"), (), samples.state_of())})
    with pytest.raises(UnsupportedFile, match=r"`my\.own\.Synthesis` at `synthesis`"):
        read_checkpoint(write(snapshot(G_ema=samples.persisted("Generator", state))))


def test_a_python_function_as_a_part_of_the_generator_is_refused_as_one(write):
    state = samples.state_of(children={"synthesis": Made(Name("dill._dill", "_create_function"), (1,))})
    with pytest.raises(UnsupportedFile, match="contains Python functions"):
        read_checkpoint(write(snapshot(G_ema=samples.persisted("Generator", state))))


def test_a_foreign_attribute_is_opaque_and_harmless(write):
    node = node_of(write(snapshot(G_ema=generator(hook=Made(Name("my.own", "Hook"), ("x",))))))
    assert node.attributes["hook"] == Opaque("my.own.Hook")


# ----------------------------------------------------------------------------
# Tensors and values.


def test_a_tensor_is_a_view_with_the_values_that_were_written(write):
    array = np.arange(24, dtype="<f4").reshape(2, 3, 4)
    stored = node_of(write(snapshot(G_ema=generator(tensor(array))))).children["mapping"].tensors["weight"]
    assert stored.dtype == "float32"
    assert not stored.array.flags.owndata
    np.testing.assert_array_equal(stored.array, array)


def test_a_tensor_with_permuted_strides_is_read_in_its_own_order(write):
    array = np.arange(24, dtype="<f4")
    weight = tensor(array, size=(2, 3, 4), stride=(1, 8, 2))
    stored = node_of(write(snapshot(G_ema=generator(weight)))).children["mapping"].tensors["weight"]
    np.testing.assert_array_equal(stored.array, array.reshape(3, 4, 2).transpose(2, 0, 1))


def test_half_precision_comes_back_as_float32(write):
    numbers = torch.tensor([0.0, 1.5, -2.25])
    for kind, torch_dtype, code in (("HalfStorage", torch.float16, "<u2"), ("BFloat16Storage", torch.bfloat16, "<u2")):
        array = numbers.to(torch_dtype).view(torch.uint16).numpy().astype(code)
        weight = tensor(array, data=samples.stream(array, kind=kind))
        stored = node_of(write(snapshot(G_ema=generator(weight)))).children["mapping"].tensors["weight"]
        assert to_float32(stored).tolist() == [0.0, 1.5, -2.25]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_numpy_values_are_read_whatever_the_protocol(protocol):
    values = {"array": np.array([[1, 2], [3, 4]]), "number": np.float64(0.1), "flag": np.bool_(True)}
    plain = Values().plain(read_pickle(pickle.dumps(values, protocol)).root)
    assert plain == {"array": ((1, 2), (3, 4)), "number": 0.1, "flag": True}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_ordinary_values_are_read_whatever_the_protocol(protocol):
    values = {"a": [1, -2, 2**40, 0.5, None, True], "b": ("x", "äöü"), 3: {"c": ()}}
    assert Values().plain(read_pickle(pickle.dumps(values, protocol)).root) == values


# ----------------------------------------------------------------------------
# torch.save.


def test_a_state_dict_of_an_unknown_network_is_said_to_be_one(tmp_path):
    for zipped in (True, False):
        torch.save(torch.nn.Linear(2, 2).state_dict(), tmp_path / "x.pt", _use_new_zipfile_serialization=zipped)
        with pytest.raises(UnsupportedFile, match="layout that this program does not know"):
            describe_network(str(tmp_path / "x.pt"))


# ----------------------------------------------------------------------------
# Files that are recognised and cannot be opened.


def test_a_relative_is_named(tmp_path):
    torch.save({"progression.0.conv1.input": torch.ones(1, 4, 4, 4)}, tmp_path / "x.pt")
    with pytest.raises(UnsupportedFile, match=r"^x\.pt: This is the synthesis of a StyleGAN1 network"):
        describe_network(str(tmp_path / "x.pt"))


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("pg_modules.networks_fastgan", "FastGAN"),
        ("networks.generator", "StyleGAN-T"),
        ("my.networks", "class `my.networks.Generator`"),
    ],
)
def test_a_generator_of_plain_modules_is_named(write, module, words):
    root = {"G_ema": Made(Name(module, "Generator"), (), samples.state_of())}
    with pytest.raises(UnsupportedFile, match=words):
        read_checkpoint(write(samples.dump(root)))


def test_a_network_of_3d_scenes_is_named_before_its_parts_are_read(write):
    state = samples.state_of(children={"renderer": Made(Name("training.volumetric", "Renderer"), ())})
    with pytest.raises(UnsupportedFile, match="EG3D"):
        read_checkpoint(write(snapshot(G_ema=samples.persisted("TriPlaneGenerator", state))))


def test_ordinary_modules_inside_of_a_generator_are_nodes():
    mapping = node_of(samples.FOLDER / "xl_stem_cond.pkl").children["mapping"]
    assert mapping.children["embed"].class_name == "Embedding"
    assert len(mapping.children["embed"].tensors["weight"].shape) == 2


def test_a_prefix_of_data_parallel_does_not_hide_a_layout(tmp_path):
    tensors = {"module.convs.0.conv.weight": torch.ones(2, 3), "module.to_rgb1.conv.weight": torch.ones(1)}
    torch.save({"g_ema": tensors, "latent_avg": torch.zeros(3), "steps": 7}, tmp_path / "x.pt")
    content = read_checkpoint(tmp_path / "x.pt").content
    assert isinstance(content, StateDict)
    assert {name: tensor.shape for name, tensor in content.tensors.items()} == {
        "convs.0.conv.weight": (2, 3), "to_rgb1.conv.weight": (1,)
    }  # fmt: skip
    assert content.wrapper == "g_ema"
    assert content.beside["steps"] == 7
    latent_avg = content.beside["latent_avg"]
    assert isinstance(latent_avg, StoredTensor)
    assert latent_avg.shape == (3,)
    assert content.beside.keys() == {"latent_avg", "steps"}


def test_the_smoothed_network_of_a_tensorflow_snapshot_is_read():
    content = read_checkpoint(samples.FOLDER / "tf_sg2_skip.pkl").content
    assert isinstance(content, TensorFlowNetwork)
    assert (content.name, content.version, content.function) == ("Gs", 4, "G_main")
    assert content.arguments["latent_size"] == 16
    assert content.components["mapping"].variables["Dense0/weight"].shape == (16, 16)
    assert content.components["synthesis"].variables["noise0"].shape == (1, 1, 4, 4)


def tensorflow(name: str) -> Made:
    state = {"version": 4, "name": name, "static_kwargs": {}, "variables": [], "components": {}, "build_func_name": ""}
    return Made(Name("dnnlib.tflib.network", "Network"), (), state)


@pytest.mark.parametrize(
    ("root", "taken"),
    [
        ((None, None, tensorflow("Gs")), "Gs"),
        ({"G": tensorflow("G"), "D": tensorflow("D"), "Gs": tensorflow("Gs")}, "Gs"),
        ([tensorflow("G"), tensorflow("D"), tensorflow("Gs")], "Gs"),
        ((tensorflow("G"), tensorflow("D"), None), "G"),
        ((tensorflow("G"), tensorflow("D")), "G"),
        ({"D": tensorflow("D"), "G": tensorflow("G")}, "G"),
        (tensorflow("Gs"), "Gs"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_smoothed_network_of_a_tensorflow_file_is_taken_where_there_is_one(write, root, taken):
    checkpoint = read_checkpoint(write(samples.dump(root)))
    assert isinstance(checkpoint.content, TensorFlowNetwork)
    assert checkpoint.content.name == taken
    assert checkpoint.origin.notes == ()


def test_only_discriminators_of_tensorflow_are_named(write):
    with pytest.raises(UnsupportedFile, match="only a discriminator"):
        read_checkpoint(write(samples.dump((None, tensorflow("D"), None))))


def test_an_official_network_is_found_under_another_key(write):
    discriminator = samples.persisted("Discriminator", samples.state_of())
    root = {"model": {"d": discriminator, "g": generator(mark="g"), "ema": generator(mark="ema")}, "step": 3}
    checkpoint = read_checkpoint(write(samples.dump(root)))
    assert isinstance(checkpoint.content, Node)
    assert checkpoint.content.attributes["mark"] == "ema"
    assert checkpoint.origin.notes == (
        "The file holds more than one generator: `model.ema` was opened, `model.g`, `model.d` were left out.",
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"\xef\xbb\xbf\n <html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "git-LFS pointer"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "HDF5"),
        (b"\x1f\x8b\x08" + bytes(20), "gzip"),
        (b"\xfd7zXZ\x00" + bytes(20), "xz"),
        (b"network.pkl".ljust(257, b"\0") + b"ustar\x00", "tar archive"),
        (b"\x08\x01\x12\x00", "TensorFlow"),
        (b"\x08\x07\x12\x07pytorch\x1a\x051.13", "ONNX"),
        (b"\x08\x04\x12\x81\x02\x0a", "Core ML"),
        (b"\x1c\0\0\0TFL3" + bytes(20), "TensorFlow Lite"),
        (b"GGUF\x03\0\0\0" + bytes(20), "GGUF"),
        (b"\x82\xa6params\x83", "JAX or Flax"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "picture"),
        (b"RIFF\0\0\0\0WEBP", "picture"),
        (b"hello", "no network file but text, `hello`"),
        (b'{"error": "not found"}', "no network file but JSON"),
        (bytes(range(200, 256)), "no network file that this program knows"),
        (b"PK\x03\x04" + bytes(40), "truncated or damaged"),
        (samples.MAGIC, "truncated or damaged"),
        (b"\x80\x04", "truncated or damaged"),
        (b"\x80\x09.", "protocol 9 is unknown"),
    ],
)
def test_a_foreign_file_is_named(write, data, words):
    with pytest.raises(CheckpointError, match=words) as caught:
        read_checkpoint(write(data))
    assert str(caught.value).startswith("network.pkl: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["run/network-snapshot-000100.pkl", "run/log.txt"], r"`run/network-snapshot-000100\.pkl`.*unpack it"),
        (["z.npy", "w.npy"], "numpy arrays"),
        (["config.json", "model.weights.h5"], "Keras"),
        (["m/saved_model.pb"], "TensorFlow SavedModel"),
        (["photos/1.jpg"], "none of which is named like a network"),
    ],
)
def test_a_zip_archive_of_other_things_is_named(write, names, words):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    with pytest.raises(UnsupportedFile, match=words):
        read_checkpoint(write(buffer.getvalue()))


@pytest.mark.parametrize("suffix", ["onnx", "mlmodel", "pb"])
def test_a_file_of_protocol_buffers_is_named_by_its_ending_where_its_bytes_say_nothing(write, suffix):
    with pytest.raises(UnsupportedFile, match={"onnx": "ONNX", "mlmodel": "Core ML", "pb": "TensorFlow"}[suffix]):
        read_checkpoint(write(b"\x0a\x05\x0a\x03abc", f"n.{suffix}"))


def test_a_file_cut_anywhere_is_refused(write):
    data = (samples.FOLDER / "sg3_r.pkl").read_bytes()
    for end in range(0, len(data), 997):
        with pytest.raises((TruncatedFile, RefusedFile)):
            read_checkpoint(write(data[:end]))


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(CheckpointError, match="no such file"):
        read_checkpoint(tmp_path / "missing.pkl")
    with pytest.raises(UnsupportedFile, match="a folder"):
        read_checkpoint(tmp_path)


@needs_pipes
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.pkl")
    with pytest.raises(UnsupportedFile, match="no ordinary file"):
        read_checkpoint(tmp_path / "pipe.pkl")


@needs_pipes
def test_the_training_set_is_shown_as_escaped_and_short_text(write, tmp_path):
    trap = tmp_path / "never-opened"
    os.mkfifo(trap)  # opening it would wait for ever
    facts = {"path": str(trap), "bad\x1b[31m": "\u202egnp.\n" + "x" * 1000, "kind": Name("my.own", "Kind")}
    origin = read_checkpoint(write(snapshot(G_ema=generator(), training_set_kwargs=facts))).origin
    training_set = dict(origin.training_set)
    assert training_set["path"] == str(trap)
    assert training_set["kind"] == "<my.own.Kind>"
    shown = training_set["bad\\x1b[31m"]
    assert shown.startswith("\\u202egnp.\\nxxx")
    assert len(shown) <= 200
