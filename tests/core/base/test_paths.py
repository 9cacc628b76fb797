"""Names of files as users write them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.base.errors import UsageError
from core.base.paths import path_of, unquoted
from core.base.reading import open_ordinary
from core.base.text import cut_words, encodable


@pytest.mark.parametrize("text", ["a b.pkl", " 'a b.pkl' ", '"a b.pkl"', "a b.pkl\n"])
def test_quotes_around_a_name_are_left_out(text: str):
    assert unquoted(text) == "a b.pkl"


@pytest.mark.parametrize("text", ["it's", '"half', "'", "a'"])
def test_a_quote_in_a_name_stays(text: str):
    assert unquoted(text) == text


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert path_of("~/n.pkl") == tmp_path / "n.pkl"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "~old.pkl").touch()
    assert path_of("~old.pkl") == Path("~old.pkl")


@pytest.mark.parametrize("text", ["", "n.pkl", "/nowhere/n.pkl", "/dev/null/n.pkl", "ü 日本.pkl", "x" * 255])
def test_what_could_be_a_path_is_one_whether_it_is_there_or_not(text: str):
    assert path_of(text) == Path(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("~nobody-has-this-name/n.pkl", "there is no user of this name"),
        ("a\0b", "it holds a character that no name of a file can have"),
        ("\ud800.pkl", "it holds a character that no name of a file can have"),
        ("x" * 256, "a name in it is too long for this system"),
        ("x/" * 5000, "a name in it is too long for this system"),
    ],
    ids=["user", "zero", "surrogate", "name", "path"],
)
def test_what_no_file_can_be_called_is_refused_in_one_short_sentence(text: str, why: str):
    with pytest.raises(UsageError) as caught:
        path_of(text)
    assert why in str(caught.value)
    assert len(str(caught.value)) < 250
    assert str(caught.value).isprintable()


def test_a_name_that_is_no_utf_8_is_a_path_and_can_be_drawn(tmp_path: Path):
    path = path_of(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.pkl"))
    path.touch()
    assert [os.fsencode(file.name) for file in tmp_path.iterdir()] == [b"\xff.pkl"]
    assert encodable(path.name) == "?.pkl"
    assert encodable("ü 日本") == "ü 日本"


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_ordinary_file_is_not_waited_for(tmp_path: Path, kind: str):
    path = {"pipe": tmp_path / "pipe", "device": Path("/dev/zero"), "folder": tmp_path}[kind]
    if kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(OSError, match=r"no ordinary file|directory"):
        open_ordinary(path)


def test_what_nobody_reads_is_cut_out_of_a_sentence():
    text = cut_words(f"{'9' * 5000} is no number; use one.")
    assert text.endswith(" is no number; use one.")
    assert len(text) < 300
    assert cut_words("/a/path/of/usual/length.pkl is there.") == "/a/path/of/usual/length.pkl is there."
