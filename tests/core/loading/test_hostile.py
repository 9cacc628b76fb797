"""Files made to do harm: each is refused with a sentence, at once, and leaves no trace."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
import time
from contextlib import suppress

import numpy as np
import pytest

from core.base.errors import CheckpointError, RefusedFile, UnsupportedFile
from core.loading import read_checkpoint
from core.loading.common import policy
from core.loading.common.checkpoint import Opaque
from core.loading.pickles.symbolic import read_pickle
from core.loading.pickles.values import Values
from tests.fixtures import samples
from tests.fixtures.samples import Made, Name, Raw, dump, generator, snapshot, stream, tensor

FIXTURES = sorted(samples.HOSTILE.iterdir())
ROOT = samples.FOLDER.parent.parent
FOUR = np.arange(4, dtype="<f4")

READ_ALL = """
import resource, sys, time
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (10**9, 10**9))
from core.base.errors import CheckpointError
from core.loading import read_checkpoint

good = Path(sys.argv[1])
before = read_checkpoint(good).origin
for name in sys.argv[2:]:
    start = time.perf_counter()
    try:
        read_checkpoint(Path(name))
    except CheckpointError as error:
        assert "\\n" not in str(error)
    else:
        raise SystemExit(f"{name} was read")
    if time.perf_counter() - start > 1:
        raise SystemExit(f"{name} took too long")
after = read_checkpoint(good).origin
assert before == after
assert "torch" not in sys.modules
print("done")
"""


# ----------------------------------------------------------------------------
# The samples on disk.


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_a_hostile_file_is_refused_at_once(path, capfd):
    start = time.perf_counter()
    with pytest.raises(CheckpointError) as caught:
        read_checkpoint(path)
    assert time.perf_counter() - start < 1
    assert str(caught.value).startswith(path.name)
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform == "win32", reason="no address-space limit on Windows")
def test_hostile_files_need_little_memory_and_leave_later_loads_alone():
    command = [sys.executable, "-c", READ_ALL, str(samples.FOLDER / "sg3_t.pkl"), *map(str, FIXTURES)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.stdout, ran.stderr) == ("done\n", "")


# ----------------------------------------------------------------------------
# Code.


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("subprocess", "Popen"),
        ("builtins", "eval"),
        ("__builtin__", "execfile"),
        ("torch.hub", "load"),
        ("torch", "load"),
        ("numpy.testing._private.utils", "runstring"),
        ("pip", "main"),
        ("importlib.util", "find_spec"),
        ("pathlib", "os"),
        ("dill._dill", "loads"),
        ("torch._C", "import_ir_module"),
    ],
)
def test_a_dangerous_name_is_refused_wherever_it_is(refused, module, name):
    gadget = Made(Name(module, name), ("echo EXECUTED",))
    assert f"`{module}.{name}`" in refused(snapshot(G_ema=generator(), D=gadget))


def test_a_dotted_name_is_refused(refused):
    code = Raw(samples.code("torch") + samples.code("hub.load") + b"\x93")
    assert "unexpected reference `torch` → `hub.load`" in refused(dump(Made(code, ("x",)), 4))
    assert "unexpected reference" in refused(dump(Made(Name("torch", "hub.load"), ("x",))))


@pytest.mark.parametrize(
    "owner", [Made(Name("dill._dill", "_import_module"), ("os",)), Name("__main__", "os"), Name("torch", "hub")]
)
@pytest.mark.parametrize("getattr_", [Name("builtins", "getattr"), Name("dill._dill", "_get_attr")])
def test_a_dangerous_name_is_refused_however_it_is_referred_to(refused, owner, getattr_):
    name = "load" if owner == Name("torch", "hub") else "system"
    gadget = Made(Made(getattr_, (owner, name)), ("echo EXECUTED",))
    if owner == Name("__main__", "os"):
        assert "no generator" in refused(dump(gadget), UnsupportedFile)  # an unknown name, which is not run either
    else:
        assert "unexpected reference" in refused(dump(gadget)) or "asks Python to run" in refused(dump(gadget))


def test_a_text_that_is_to_be_evaluated_is_refused(refused):
    evaluation = Name("dill._dill", "_eval_repr")
    assert "evaluate a text" in refused(snapshot(G_ema=generator(), D=Made(evaluation, ("print('EXECUTED')",))))


def test_a_state_for_a_name_is_refused(refused):
    code = Raw(samples.code(Name("torch._utils", "_rebuild_tensor_v2")) + samples.code((None, {"x": 1})) + b"b")
    assert "malformed object state" in refused(dump(code))
    assert "malformed object state" in refused(dump(Raw(samples.code({}) + samples.code({"x": 1}) + b"b")))


@pytest.mark.parametrize(
    ("code", "feature"),
    [
        (b"\x82\x01", "EXT1"),
        (b"\x83\x01\x00", "EXT2"),
        (b"\x84\x01\x00\x00\x00", "EXT4"),
        (b"Pkey\n", "PERSID"),
        (b"(cos\nsystem\no", "os.system"),
        (b"(cmy.own\nKind\no", "OBJ"),
        (b"(imy.own\nKind\n", "INST"),
        (b"\x97", "NEXT_BUFFER"),
        (b"N\x98", "READONLY_BUFFER"),
    ],
)
def test_features_that_no_network_needs_are_refused(refused, code, feature):
    assert feature in refused(dump(Raw(code), 5))


def test_a_block_of_memory_is_not_made(refused):
    assert "block of memory" in refused(dump({"G_ema": Made(Name("builtins", "bytearray"), (2**40,))}))


def test_a_record_of_another_version_is_refused(refused):
    assert "version 5 record" in refused(snapshot(G_ema=generator(version=5)))


def test_embedded_source_is_not_run(tmp_path, capfd):
    path = tmp_path / "network.pkl"
    path.write_bytes(snapshot(G_ema=generator()))
    read_checkpoint(path)
    assert capfd.readouterr() == ("", "")


# ----------------------------------------------------------------------------
# Storages and tensors.


def test_bytes_after_a_nested_storage_are_refused(refused):
    weight = tensor(FOUR, data=stream(FOUR) + b"x")
    assert "followed by other bytes" in refused(snapshot(G_ema=generator(weight)))


def test_a_nested_storage_cut_short_is_refused(refused):
    assert "ends too early" in refused(snapshot(G_ema=generator(tensor(FOUR, data=stream(FOUR)[:-1]))))
    assert "ends too early" in refused(snapshot(G_ema=generator(tensor(FOUR, data=stream(FOUR)[:60]))))


def test_a_nested_storage_is_refused_even_where_nobody_needs_it(refused):
    bad = tensor(FOUR, data=samples.MAGIC + dump(1001) + dump(samples.SYSTEM) + dump(Made(Name("my.own", "f"), ())))
    discriminator = samples.persisted("Discriminator", samples.state_of({"weight": bad}))
    assert "contains Python objects (`my.own.f`)" in refused(snapshot(D=discriminator, G_ema=generator()))


def test_a_storage_inside_of_a_storage_is_refused(refused):
    inner = Made(samples.LOAD, (stream(FOUR),))
    data = samples.MAGIC + dump(1001) + dump(samples.SYSTEM) + dump(inner) + dump(["7"])
    assert "contains Python objects" in refused(snapshot(G_ema=generator(tensor(FOUR, data=data))))


def test_big_endian_numbers_are_refused(refused):
    data = stream(FOUR, system={**samples.SYSTEM, "little_endian": False})
    assert "big-endian" in refused(snapshot(G_ema=generator(tensor(FOUR, data=data))), UnsupportedFile)


@pytest.mark.parametrize(
    ("size", "stride", "offset"),
    [
        ((5,), (1,), 0),
        ((4,), (1,), 1),
        ((4,), (1,), -1),
        ((2,), (-1,), 3),
        ((-1,), (1,), 0),
        ((10**6,), (0,), 0),
        ((2**31, 2**31), (0, 0), 0),
        ((1000, 4), (0, 1), 0),
        ((2**62, 0), (1, 1), 0),
        ((2, 2), (1,), 0),
        ((True, 2), (1, 1), 0),
        ((1,) * 40, (1,) * 40, 0),
        ((2.0,), (1,), 0),
        ((2,), (1,), None),
    ],
)
def test_a_tensor_beyond_its_bytes_is_refused(refused, size, stride, offset):
    weight = tensor(FOUR, size=size, stride=stride, offset=offset)
    assert "`mapping.weight`" in refused(snapshot(G_ema=generator(weight)))


def test_many_tensors_over_the_same_bytes_are_refused(refused):
    """One storage of 4 kB, put into the memo and shared by a thousand tensors."""
    big = np.zeros(1024, "<f4")
    keep = Raw(samples.code(Made(samples.LOAD, (stream(big),))) + b"r\x00\x00\x00\x01")
    shared = Raw(b"j\x00\x00\x00\x01")

    def weight(storage: object) -> Made:
        return Made(samples.REBUILD, (storage, 0, (1024,), (1,), False, None))

    weights = {"first": weight(keep), **{f"w{i}": weight(shared) for i in range(1000)}}
    state = samples.state_of(weights, {})
    assert "far more than the file holds" in refused(snapshot(G_ema=samples.persisted("Generator", state)))


def test_object_arrays_are_never_values():
    dtype = Made(Name("numpy", "dtype"), ("O8", False, True))
    reconstruct = Name("numpy.core.multiarray", "_reconstruct")
    array = Made(reconstruct, (Name("numpy", "ndarray"), (0,), b"b"), (1, (1,), dtype, False, [1]))
    assert isinstance(Values().plain(read_pickle(dump(array)).root), Opaque)


@pytest.mark.parametrize(
    ("name", "value"), [("img_resolution", 2**30), ("num_layers", 10**6), ("z_dim", -1), ("c_dim", 10**9), ("w_dim", 0)]
)
def test_an_absurd_setting_is_refused(refused, name, value):
    assert f"`{name}` = {value}" in refused(snapshot(G_ema=generator(**{name: value})))


# ----------------------------------------------------------------------------
# Size and shape of the structure.


def test_a_growing_memo_is_refused(monkeypatch):
    monkeypatch.setattr(policy, "MAX_MEMO", 1000)
    with pytest.raises(RefusedFile, match="too large or recursive"):
        read_pickle(b"\x80\x04N" + b"\x94" * 1001 + b".")


def test_a_growing_stack_is_refused(refused):
    assert "too large or recursive" in refused(b"\x80\x04" + b"N" * 20_000 + b".")
    assert "too large or recursive" in refused(b"\x80\x04" + b"(" * 20_000 + b".")


def test_endless_opcodes_are_refused(monkeypatch):
    monkeypatch.setattr(policy, "MAX_OPCODES", 1000)
    with pytest.raises(RefusedFile, match="too large or recursive"):
        read_pickle(b"\x80\x04" + b"N0" * 1000 + b"N.")


@pytest.mark.parametrize(
    "code",
    [
        b"]q\x00h\x00a",  # a list in itself
        b"}q\x00X\x01\x00\x00\x00ah\x00s",  # a dict in itself
        b"]q\x00h\x00\x85a",  # through a tuple
        b"(" * 300 + b"t" * 300,  # deep
        b"Nq\x00" + b"0h\x00h\x00\x86q\x00" * 40,  # each pair holds the one before twice: 2^40 values
    ],
)
def test_recursive_and_exploding_values_are_refused(refused, code):
    assert "too large or recursive" in refused(snapshot(G_ema=generator(trap=Raw(code))))


@pytest.mark.parametrize("depth", [100, 980, 987, 988, 995, 5000])
def test_records_nested_to_any_depth_are_refused_with_a_sentence(refused, depth):
    calls = b"cmy.own\nf\n" + b")R" * depth
    refused(dump(Raw(calls)), CheckpointError)
    refused(dump({"G_ema": Raw(calls)}), CheckpointError)
    refused(dump(Raw(b"(" * depth + b"t" * depth)), CheckpointError)
    refused(dump({"G_ema": {"w": tensor(FOUR, size=(Raw(b"(" * depth + b"t" * depth),))}}), CheckpointError)


def test_a_network_inside_of_itself_is_refused(refused):
    child = Raw(b"}q\x00X\x01\x00\x00\x00a" + samples.code(samples.PERSISTENCE) + b"}(")
    fields = {"type": "class", "version": 6, "module_src": "", "class_name": "G"}
    inner = b"".join(samples.code(x) for pair in fields.items() for x in pair) + samples.code("state")
    groups = samples.code("_parameters") + b"}" + samples.code("_buffers") + b"}" + samples.code("_modules") + b"h\x00"
    loop = Raw(child.code + inner + b"}(" + groups + b"u" + b"u\x85Rs")
    root = samples.persisted("G", samples.state_of() | {"_modules": loop})
    assert "too large or recursive" in refused(snapshot(G_ema=root))


def test_huge_numbers_and_keys_are_refused(refused):
    assert "field too large" in refused(dump({"G_ema": 1 << 600}))
    assert "field too large" in refused(dump({"k" * 2000: 1}))
    refused(b"(I" + b"9" * 10_000 + b"\nt.")


def test_a_huge_text_is_refused(monkeypatch):
    monkeypatch.setattr(policy, "MAX_STRING", 1000)
    with pytest.raises(RefusedFile, match="field too large"):
        read_pickle(dump("x" * 1001))


@pytest.mark.parametrize(
    "code",
    [b"\x8e" + b"\xff" * 8, b"\x8d" + b"\xff" * 7 + b"\x7f", b"\x8b\xff\xff\xff\x7f", b"B\xff\xff\xff\xff"],
)
def test_a_length_beyond_the_file_is_refused_before_memory_is_taken(refused, code):
    refused(b"\x80\x04" + code + b"abc.", CheckpointError)


def test_a_frame_beyond_the_file_is_refused(refused):
    assert "truncated" in refused(b"\x80\x04\x95" + struct.pack("<Q", 2**60) + b"N.", CheckpointError)


def test_text_of_python_2_that_is_not_ascii_is_refused(refused):
    refused(b"(S'\xff\xfe'\nt.")


def test_malformed_stacks_are_refused(refused):
    for code in (b"0", b"1", b"a", b"NR", b"N)R", b"h\x05", b"NNs", b"(Nu", b"}(Nu", b"NN", b"(N", b"2", b"NNNNb"):
        refused(b"\x80\x02" + code + b".")


# ----------------------------------------------------------------------------
# What the user is shown, and damage at random.


def test_names_in_messages_are_escaped(refused):
    evil = "\x1b[31m\u202e" + "A" * 5000
    name = Raw(samples.code("my.own") + samples.code(evil) + b"\x93")
    assert "\\x1b[31m" in refused(snapshot(G_ema=Made(name)), CheckpointError)
    state = samples.state_of(children={evil[:50]: 1})
    assert "\\x1b[31m" in refused(snapshot(G_ema=samples.persisted("Generator", state)), CheckpointError)


DAMAGED = ["ada_sg2_skip.pkl", "sg3_r.pkl", "xl_stem_cond.pkl", "tf_sg1.pkl", "rosinality_sg2.pt"]


@pytest.mark.parametrize("name", DAMAGED)
def test_a_file_damaged_at_random_is_read_or_refused_and_nothing_else(name, tmp_path):
    source = (samples.FOLDER / name).read_bytes()
    chance = random.Random(name)
    path = tmp_path / name
    for _ in range(80):
        path.write_bytes(mutated(source, chance))
        with suppress(CheckpointError):
            read_checkpoint(path)


def mutated(source: bytes, chance: random.Random) -> bytes:
    data = bytearray(source)
    for _ in range(chance.randint(1, 20)):
        at = chance.randrange(len(data))
        match chance.randrange(5):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                data[at] ^= 1 << chance.randrange(8)
            case 2:
                del data[at : at + chance.randint(1, 20)]
            case 3:
                data[at:at] = chance.randbytes(chance.randint(1, 10))
            case _:
                other = chance.randrange(len(data))
                data[at : at + 8] = data[other : other + 8]
    return bytes(data)

