"""Networks written by this program: what comes back, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save, save_file

from core.base.errors import CheckpointError, RefusedFile, TruncatedFile, UnsupportedFile, UsageError
from core.base.files import PARTIAL
from core.loading import read_checkpoint
from core.loading.common.checkpoint import SavedNetwork, StoredTensor
from core.loading.formats.saved import METADATA_KEY, read_saved, to_float32, write_saved
from core.opening.network import describe_network
from tests.disk import no_larger_files

WEIGHTS = {
    "a.weight": np.arange(6, dtype="<f4").reshape(2, 3).T,
    "b": np.array(0.1, "<f4"),
    "large": np.array([1e6], "<f4"),
    "steps": np.array([1, 2]),
    "none": np.zeros((0, 3), "<f4"),
}
NETWORK = SavedNetwork(
    "stylegan2",
    {"z_dim": 512, "channels": [4, 8], "nested": {"clamp": None}},
    {name: StoredTensor(array, str(array.dtype)) for name, array in WEIGHTS.items()},
)


def file_of(header: object, body: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + body


def described(**description: object) -> dict[str, object]:
    return {"__metadata__": {METADATA_KEY: json.dumps({"version": 1, "family": "x", "config": {}, **description})}}


def test_what_is_written_comes_back(tmp_path):
    write_saved(tmp_path / "n.safetensors", NETWORK)
    checkpoint = read_checkpoint(tmp_path / "n.safetensors")
    assert isinstance(checkpoint.content, SavedNetwork)
    assert (checkpoint.content.family, checkpoint.content.config) == ("stylegan2", NETWORK.config)
    assert checkpoint.origin.container == "safetensors"
    assert checkpoint.content.tensors.keys() == WEIGHTS.keys()
    for name, array in WEIGHTS.items():
        assert checkpoint.content.tensors[name].shape == array.shape
        np.testing.assert_array_equal(checkpoint.content.tensors[name].array, array)


def test_the_safetensors_library_reads_what_is_written(tmp_path):
    write_saved(tmp_path / "n.safetensors", NETWORK)
    np.testing.assert_array_equal(load_file(tmp_path / "n.safetensors")["a.weight"], WEIGHTS["a.weight"])


def test_half_precision_keeps_what_it_cannot_hold_in_full(tmp_path):
    write_saved(tmp_path / "n.safetensors", NETWORK, half=True)
    tensors = read_saved((tmp_path / "n.safetensors").read_bytes()).tensors
    assert {name: tensor.dtype for name, tensor in tensors.items()} == {
        "a.weight": "float16",
        "b": "float16",
        "large": "float32",
        "steps": "int64",
        "none": "float16",
    }
    assert to_float32(tensors["b"]) == np.float32(np.float16(0.1))


def test_bfloat16_is_written_as_float32(tmp_path):
    bits = StoredTensor(np.array([0x3FC0], "<u2"), "bfloat16")
    write_saved(tmp_path / "n.safetensors", SavedNetwork("x", {}, {"w": bits}))
    tensor = read_saved((tmp_path / "n.safetensors").read_bytes()).tensors["w"]
    assert (tensor.dtype, tensor.array.tolist()) == ("float32", [1.5])
    assert to_float32(StoredTensor(np.array(0x3FC0, "<u2"), "bfloat16")).shape == ()


@pytest.mark.parametrize("chosen", ["preparing", "writing"])
def test_interrupted_writing_leaves_nothing_and_keeps_the_old_file(tmp_path, chosen):
    def stop(stage: str, done: int, total: int, unit: str = "") -> None:
        if stage == chosen and (done or stage == "preparing"):
            raise KeyboardInterrupt

    path = tmp_path / "n.safetensors"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        write_saved(path, NETWORK, progress=stop)
    assert [p.name for p in tmp_path.iterdir()] == ["n.safetensors"]
    assert path.read_bytes() == b"old"


def test_a_missing_or_impossible_place_is_named(tmp_path):
    with pytest.raises(UsageError, match="does not exist"):
        write_saved(tmp_path / "missing" / "n.safetensors", NETWORK)
    (tmp_path / "folder.safetensors").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        write_saved(tmp_path / "folder.safetensors", NETWORK)
    assert [p.name for p in tmp_path.iterdir()] == ["folder.safetensors"]


def test_it_is_written_as_the_library_of_safetensors_writes_it(tmp_path):
    write_saved(tmp_path / "n.safetensors", NETWORK)
    data = (tmp_path / "n.safetensors").read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    arrays = {name: np.asarray(array, order="C") for name, array in load_file(tmp_path / "n.safetensors").items()}
    assert data == save(arrays, metadata=header["__metadata__"])


def test_what_a_kill_would_leave_is_known_as_this_programs(tmp_path):
    seen = set[str]()

    def look(stage: str, done: int, total: int, unit: str = "") -> None:
        seen.update(path.name for path in tmp_path.iterdir())

    write_saved(tmp_path / "n.safetensors", NETWORK, progress=look)
    (name,) = seen
    assert PARTIAL.fullmatch(name)


def test_a_full_disk_is_named_and_nothing_is_left(tmp_path):
    with no_larger_files(100), pytest.raises(UsageError, match="cannot be written: it is larger than a file may be"):
        write_saved(tmp_path / "n.safetensors", NETWORK)
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_program_without_a_network_says_what_it_holds(tmp_path):
    save_file({"w": np.zeros(3)}, tmp_path / "other.safetensors")
    with pytest.raises(UnsupportedFile, match=r"It holds `w` \[3\], no network"):
        describe_network(str(tmp_path / "other.safetensors"))
    save_file({}, tmp_path / "empty.safetensors")
    with pytest.raises(UnsupportedFile, match="no tensors"):
        describe_network(str(tmp_path / "empty.safetensors"))


def test_a_newer_file_asks_for_a_newer_program():
    with pytest.raises(UnsupportedFile, match="newer version"):
        read_saved(file_of(described(version=2)))


@pytest.mark.parametrize("size", [8, 0x3C20 - 8, 0x1F8B])
def test_a_header_length_that_looks_like_another_kind_of_file_does_not_mislead(tmp_path, size):
    text = json.dumps(described()).encode()
    size = size if size > len(text) else size + 256 * (len(text) // 256 + 1)  # the first byte stays
    (tmp_path / "n").write_bytes(file_of(text.ljust(size)))
    assert isinstance(read_checkpoint(tmp_path / "n").content, SavedNetwork)


ENTRY = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (file_of(b"{", length=2**40), CheckpointError),
        (file_of(b"{", length=2**20), TruncatedFile),
        (file_of(b"{nonsense"), RefusedFile),
        (file_of(b'{"a":' * 5000 + b"1" + b"}" * 5000), RefusedFile),
        (file_of(b'{"a": ' + b"9" * 10_000 + b"}"), RefusedFile),
        (file_of({"w": ENTRY} | described(), bytes(7)), TruncatedFile),
        (file_of({"w": ENTRY} | described(), bytes(9)), RefusedFile),
        (file_of({"w": ENTRY | {"shape": [3]}} | described(), bytes(8)), RefusedFile),
        (file_of({"w": ENTRY | {"shape": [2**62, 2**62, 0]}} | described(), bytes(8)), RefusedFile),
        (file_of({"w": ENTRY | {"shape": [-2]}} | described(), bytes(8)), RefusedFile),
        (file_of({"w": ENTRY | {"shape": [2, True]}} | described(), bytes(8)), RefusedFile),
        (file_of({"w": ENTRY | {"data_offsets": [False, 8]}} | described(), bytes(8)), RefusedFile),
        (file_of(described(version=True)), RefusedFile),
        (file_of({"w": ENTRY | {"dtype": "O"}} | described(), bytes(8)), RefusedFile),
        (file_of({"w": ENTRY | {"data_offsets": [8, 0]}} | described(), bytes(8)), RefusedFile),
        (file_of({"w": ENTRY | {"data_offsets": [4, 12]}} | described(), bytes(12)), RefusedFile),
        (file_of({"v": ENTRY, "w": ENTRY} | described(), bytes(8)), RefusedFile),
        (file_of({"w": 5} | described()), RefusedFile),
        (file_of(described(family=5)), RefusedFile),
        (file_of(described(config={"z_dim": 10**9})), RefusedFile),
        (file_of({"__metadata__": {METADATA_KEY: "{"}}), RefusedFile),
        (file_of(b'{"a": 1, "a": 2}'), RefusedFile),
    ],
)
def test_a_header_that_lies_is_refused(tmp_path, data, error):
    (tmp_path / "n.safetensors").write_bytes(data)
    with pytest.raises(error) as caught:
        read_checkpoint(tmp_path / "n.safetensors")
    assert str(caught.value).isprintable()
