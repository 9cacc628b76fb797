"""Files of presets: written, read, shared; bad ones are told and the others are there."""

from __future__ import annotations

import json

import pytest

from core.base.errors import UsageError
from core.documents.preset_files import (
    holds_preset,
    read_folder,
    read_preset,
    remove_preset,
    write_preset,
)
from core.documents.preset_json import FORMAT, from_text, to_text
from core.project import Part, Preset
from core.project.built_in_presets import BUILT_IN
from core.request import Clusters, NoiseMode, SeedPoint, WVector

SOFT = Preset("Soft / light: 1", (
    Part("noise.mode", NoiseMode.NONE), Part("truncation.psi", 0.5), Part("layers[8:12].noise", 0.25),
    Part("latent", WVector(((0.5, 1.0), (2.0, 3.0)))), Part("truncation.centre", Clusters(4)),
    Part("label", (0.5, 0.5)),
    Part("truncation.cutoff", None), Part("sources[0].latent", SeedPoint(3.0)),
    Part("transform", (1.0, 0.0, 0.5, 0.0, 1.0, 0.0)), Part("layers[2].muted", True), Part("view.layer", "b8.conv0"),
))  # fmt: skip


@pytest.mark.parametrize("preset", [SOFT, *BUILT_IN], ids=lambda preset: preset.name)
def test_what_is_written_is_read(preset):
    assert from_text(to_text(preset), "it") == preset


def test_presets_are_files_of_a_folder_that_is_made(tmp_path):
    folder = tmp_path / "config" / "presets"
    assert read_folder(folder).files == ()
    first, second = write_preset(SOFT, folder), write_preset(SOFT, folder)
    assert [first.name, second.name] == ["Soft  light 1.json", "Soft  light 1 2.json"]
    assert [file.preset for file in read_folder(folder).files] == [SOFT, SOFT]
    write_preset(Preset("Other", SOFT.parts[:1]), folder, path=first)
    assert [file.preset.name for file in read_folder(folder).files] == ["Other", SOFT.name]
    remove_preset(first)
    remove_preset(first)
    assert [file.path for file in read_folder(folder).files] == [second]
    assert holds_preset(second)
    assert not holds_preset(first)


@pytest.mark.parametrize("name", ["con", "..", "a/../b", "\x00", "NUL.json", "é" * 300, "\ud800"])
def test_any_name_is_a_file_in_the_folder(tmp_path, name):
    path = write_preset(Preset(name, SOFT.parts[:1]), tmp_path)
    assert path.parent == tmp_path
    assert [file.path for file in read_folder(tmp_path).files] == [path]


@pytest.mark.parametrize(
    "text",
    [
        "", "no json", "[]", "[" * 100_000, "{}", json.dumps({"format": FORMAT}), json.dumps({"format": 3}),
        json.dumps({"format": FORMAT, "name": "x", "parts": []}),
        json.dumps({"format": FORMAT, "name": 3, "parts": [{"path": "noise.seed", "value": 1}]}),
        json.dumps({"format": FORMAT, "name": "x", "parts": [{"path": "noise.seed", "value": "much"}]}),
        json.dumps({"format": FORMAT, "name": "x", "parts": [{"path": "noise.seed"}]}),
        json.dumps({"format": FORMAT, "name": "x", "parts": [{"path": "noise.seed", "value": float("nan")}]}),
        json.dumps({"format": FORMAT, "name": "x", "parts": [{"path": "a", "value": {"kind": "w"}}]}),
        json.dumps({"format": FORMAT, "name": "x", "parts": {"path": "noise.seed", "value": 1}}),
        json.dumps({"format": FORMAT, "name": "x", "parts": [{"path": "noise.seed", "value": 1}] * 20_001}),
        "x" * (2**20 + 1), b"\xff\xfe\x00",
    ],
    ids=range(17),
)  # fmt: skip
def test_a_bad_file_is_told_in_a_sentence_and_the_others_are_there(tmp_path, text):
    good = write_preset(SOFT, tmp_path)
    bad = tmp_path / "bad.json"
    bad.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = read_folder(tmp_path)
    assert [file.path for file in found.files] == [good]
    (error,) = found.errors
    assert "bad.json" in error
    assert "\n" not in error
    with pytest.raises(UsageError, match=r"bad\.json"):
        read_preset(bad)


def test_a_preset_without_a_name_is_called_as_its_file(tmp_path):
    path = tmp_path / "warm.json"
    path.write_text(json.dumps({"format": FORMAT, "name": " ", "parts": [{"path": "view.exposure", "value": 1}]}))
    assert read_preset(path).name == "warm"


def test_what_a_later_version_sets_is_kept(tmp_path):
    part = {"path": "later.thing", "value": 3}
    preset = from_text(json.dumps({"format": FORMAT, "version": 9, "name": "x", "parts": [part], "more": 1}), "it")
    assert preset.parts == (Part("later.thing", 3),)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write_preset(SOFT, tmp_path / "file" / "presets")
    assert read_folder(tmp_path / "file").errors
