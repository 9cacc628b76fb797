"""Names of classes in files beside networks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from core.base.errors import UsageError
from core.opening.class_names import names_beside, read_class_names
from core.opening.network import describe_network, facts, open_network
from tests.fixtures.samples import FOLDER

NAMES = ("tench", "goldfish", "", "hen")


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A network with three classes."""
    path = tmp_path / "net.work.pkl"
    shutil.copy(FOLDER / "sg2_cond_resnet.pkl", path)
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "tench\n goldfish \n\nhen\n\n"),
        ("a.txt", "\ufefftench\r\ngoldfish\r\n\r\nhen"),
        ("a.json", json.dumps(NAMES)),
        ("a.json", json.dumps({"3": "hen", "0": "tench", "1": "goldfish"})),
        ("a.json", json.dumps({"hen": 3, "tench": 0, "goldfish": 1})),
        ("a.json", json.dumps({"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish"], "3": ["n0", "hen"]})),
    ],
    ids=["lines", "lines of Windows", "list", "names by number", "numbers by name", "names with identifiers"],
)
def test_names_are_read_in_the_usual_forms(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(text.encode())
    assert read_class_names(tmp_path / name, 4) == NAMES


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.txt", b"tench\nhen", "`a.txt` has names of 2 classes; this network has 4"),
        ("a.json", b'["a", "b", "c", "d", "e"]', "5 classes"),
        ("a.json", b'{"4": "e"}', "does not have; it has 0 to 3"),
        ("a.json", b'{"a": -1}', "does not have"),
        ("a.json", b'{"first": "a"}', "holds no names of classes"),
        ("a.json", b"[1, 2, 3, 4]", "holds no names of classes"),
        ("a.json", b"7", "holds no names of classes"),
        ("a.json", b"[" * 100_000, "holds no names of classes"),
        ("a.txt", b"\xff\xfe\x00", "holds no names of classes"),
        ("a.txt", bytes(17 * 2**20), "too large"),
        ("missing.txt", None, "cannot be read"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path: Path, name: str, data: bytes | None, words: str) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError, match=words):
        read_class_names(tmp_path / name, 4)


def test_what_a_terminal_would_obey_is_escaped_and_long_names_are_cut(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\x1b[31mred\n" + "x" * 1000)
    red, long = read_class_names(tmp_path / "a.txt", 2)
    assert red == "\\x1b[31mred"
    assert len(long) == 100


def test_the_file_that_has_the_name_of_the_network_comes_first(network: Path) -> None:
    (network.parent / "classes.json").write_text('["x", "y", "z"]')
    assert names_beside(network, 3) == (("x", "y", "z"), ())
    (network.parent / "net.work.classes.txt").write_text("a\nb\nc")
    assert names_beside(network, 3) == (("a", "b", "c"), ())
    assert names_beside(network, 0) == ((), ())


def test_a_network_has_the_names_that_lie_beside_it(network: Path) -> None:
    assert open_network(str(network)).info.class_names == ()
    (network.parent / "classes.txt").write_text("a\nb\nc")
    opened = open_network(str(network))
    assert opened.info.class_names == ("a", "b", "c")
    assert opened.origin.notes == ()
    assert describe_network(str(network))[0] == opened.info
    assert facts(opened.info, opened.origin)["class_names"] == ["a", "b", "c"]


def test_names_that_do_not_fit_are_left_out_and_said_so(network: Path) -> None:
    (network.parent / "classes.txt").write_text("a\nb")
    opened = open_network(str(network))
    for info, origin in (describe_network(str(network)), (opened.info, opened.origin)):
        assert info.class_names == ()
        assert len(origin.notes) == 1
        assert "`classes.txt` has names of 2 classes" in origin.notes[0]
