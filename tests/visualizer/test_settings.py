"""Preferences that come back, and files that are broken."""

from __future__ import annotations

import json
import os
from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path

import pytest

from core.film.choices import Cells, FilmChoices
from core.film.film import FilmSize, Fitting, MotionBlur
from core.opening.demos import DEMOS
from core.video.formats import Format
from visualizer.settings import MAX_SMOOTH, Settings, Theme, WindowPlace, load_settings, save_settings, settings_folder

CHANGED = Settings(
    window=WindowPlace(x=-5, y=30, width=900, height=700, maximised=True),
    theme=Theme.LIGHT,
    ui_scale=1.5,
    workspace="Inspect",
    dock_width=400.5,
    right_dock_width=500.5,
    panels={"latent": True, "noise": False},
    recent=("/nets/ü.pkl", "https://host/b.pkl"),
    class_files={"/nets/ü.pkl": "/nets/names.txt"},
    capture_folder="/pictures",
    video_fps=60,
    fps_limit=144,
    vsync=True,
    smooth_networks={"0123abcd": True, "seed:1": False},
    browse_folder="/nets",
    fetch_from=("host", "other:8080"),
    render_on_release=True,
    table_labels=False,
    timeline_height=240.0,
    recent_sessions=("/work/film.json",),
    resume=False,
    film=FilmChoices(
        Format.PNG, "ü", FilmSize(2, 640, 360, Fitting.COVER), Fraction(24000, 1001), 0.5, 2.0, 0.9,
        MotionBlur(8, 90.0), Cells.STARRED, sound=False,
    ),
    parts_told_s=1.8e9,
)  # fmt: skip


def written(folder: Path, **members: object) -> Path:
    """A settings file with nothing but these members."""
    (folder / "settings.json").write_text(json.dumps(members))
    return folder


def test_settings_come_back_equal(tmp_path: Path):
    assert save_settings(CHANGED, tmp_path / "new") == ""
    assert load_settings(tmp_path / "new") == (CHANGED, ())
    assert [entry.name for entry in (tmp_path / "new").iterdir()] == ["settings.json"]


def test_the_oldest_of_many_choices_for_networks_are_forgotten(tmp_path: Path):
    settings = Settings().with_smooth("a", True).with_smooth("a", False)
    assert settings.smooth_networks == {"a": False}
    for number in range(MAX_SMOOTH):
        settings = settings.with_smooth(str(number), True)
    assert list(settings.smooth_networks) == [str(number) for number in range(MAX_SMOOTH)]
    kept, notes = load_settings(written(tmp_path, smooth_networks={str(number): True for number in range(300)}))
    assert len(kept.smooth_networks) == MAX_SMOOTH
    assert notes == ()
    assert "an object of true and false" in load_settings(written(tmp_path, smooth_networks={"a": 1}))[1][0]


def test_every_setting_was_tried():
    for field in fields(Settings):
        assert getattr(CHANGED, field.name) != getattr(Settings(), field.name)


def test_the_first_start_has_defaults_and_no_notes(tmp_path: Path):
    assert load_settings(tmp_path) == (Settings(), ())


def test_the_environment_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("VISUALIZER_CONFIG_DIR", str(tmp_path / "here"))
    assert settings_folder() == tmp_path / "here"
    save_settings(CHANGED)
    assert (tmp_path / "here" / "settings.json").is_file()
    assert load_settings() == (CHANGED, ())


def test_without_it_the_folder_is_the_users(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("VISUALIZER_CONFIG_DIR", raising=False)
    assert settings_folder().name == "stylegan-visualizer"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"3", b"\xff\xfe{}", b"[" * 100_000, b'{"ui_scale": NaN}', b" " * 2**20 + b"{}"]
)
def test_a_broken_file_is_kept_and_told_about(tmp_path: Path, content: bytes):
    (tmp_path / "settings.json").write_bytes(content)
    settings, notes = load_settings(tmp_path)
    assert settings == Settings()
    assert len(notes) == 1
    assert "the defaults are used, and the file was kept as settings.json.bak" in notes[0]
    assert (tmp_path / "settings.json.bak").read_bytes() == content
    assert not (tmp_path / "settings.json").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("window", 3),
        ("window", {"width": 0}),
        ("window", {"x": 1.5}),
        ("theme", "pink"),
        ("ui_scale", "big"),
        ("ui_scale", 0),
        ("dock_width", -1),
        ("panels", {"latent": 1}),
        ("panels", []),
        ("recent", "a.pkl"),
        ("recent", [1]),
        ("class_files", ["a"]),
        ("class_files", {"a.pkl": 1}),
        ("fetch_from", "host"),
        ("fetch_from", [1]),
        ("capture_folder", None),
        ("capture_folder", "a\0b"),
        ("video_fps", 25),
        ("fps_limit", 0),
        ("fps_limit", True),
        ("vsync", "yes"),
        ("film", []),
        ("film", {"format": "avi"}),
        ("film", {"name": "a\0b"}),
        ("film", {"size": {"width": 0}}),
        ("film", {"rate": "0"}),
        ("film", {"rate": 24}),
        ("film", {"start_s": -1}),
        ("film", {"blur": {"samples": 1e9}}),
        ("parts_told_s", "now"),
    ],
)
def test_one_wrong_setting_takes_its_default_with_a_note(tmp_path: Path, name: str, value: object):
    settings, notes = load_settings(written(tmp_path, **{name: value, "browse_folder": "/kept"}))
    assert settings == Settings(browse_folder="/kept")
    assert len(notes) == 1
    assert name in notes[0]
    assert "must be" in notes[0]
    assert notes[0].endswith("; its default is used")


def test_unknown_settings_are_ignored(tmp_path: Path):
    assert load_settings(written(tmp_path, vsync=True, wobble=3)) == (Settings(vsync=True), ())


def test_a_folder_that_cannot_be_written_is_a_note(tmp_path: Path):
    (tmp_path / "file").touch()
    note = save_settings(CHANGED, tmp_path / "file")
    assert note.startswith("the settings cannot be kept in")


def test_a_settings_file_that_is_a_folder_is_a_note(tmp_path: Path):
    (tmp_path / "settings.json").mkdir()
    settings, notes = load_settings(tmp_path)
    assert settings == Settings()
    assert "cannot be read: Is a directory" in notes[0]
    assert "cannot be kept" in save_settings(settings, tmp_path)


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_settings_file_that_would_never_end_is_a_note(tmp_path: Path, kind: str):
    if kind == "pipe":
        os.mkfifo(tmp_path / "settings.json")
    else:
        (tmp_path / "settings.json").symlink_to("/dev/zero")
    settings, notes = load_settings(tmp_path)
    assert settings == Settings()
    assert notes == (f"the settings in {tmp_path / 'settings.json'} cannot be read: it is no ordinary file; "
                     "the defaults are used",)  # fmt: skip


@pytest.mark.parametrize("depth", [100, *range(900, 1000, 7), 50_000])
def test_settings_that_are_nested_deep_are_a_note(tmp_path: Path, depth: int):
    (tmp_path / "settings.json").write_text('{"theme": ' + '{"a":' * depth + "1" + "}" * depth + "}")
    settings, notes = load_settings(tmp_path)
    assert settings == Settings()
    assert len(notes) == 1


@pytest.mark.parametrize("name", ["capture_folder", "browse_folder"])
def test_a_folder_is_one_that_there_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    settings, notes = load_settings(written(tmp_path, **{name: "~/pictures"}))
    assert (getattr(settings, name), notes) == (str(tmp_path / "pictures"), ())
    for impossible in ("\ud800", "~nobody-has-this-name/x", "x" * 300):
        settings, notes = load_settings(written(tmp_path, **{name: impossible}))
        assert settings == Settings()
        assert f"{name} is" in notes[0]


def test_a_settings_file_behind_a_link_stays_behind_it(tmp_path: Path):
    (tmp_path / "dotfiles").mkdir()
    target = tmp_path / "dotfiles" / "mine.json"
    target.write_text("{}")
    (tmp_path / "settings.json").symlink_to(target)
    save_settings(CHANGED, tmp_path)
    assert (tmp_path / "settings.json").is_symlink()
    assert json.loads(target.read_text())["fps_limit"] == 144


def test_a_network_has_one_file_that_names_its_classes():
    settings = Settings(class_files={"a": "1", "b": "2"}).with_class_file("a", "3")
    assert list(settings.class_files.items()) == [("b", "2"), ("a", "3")]
    for number in range(25):
        settings = settings.with_class_file(str(number), "x")
    assert list(settings.class_files) == [str(number) for number in range(5, 25)]


def test_the_latest_network_comes_first_and_only_once():
    settings = Settings(recent=("a", "b", "c")).with_recent("b")
    assert settings.recent == ("b", "a", "c")
    assert settings.without_recent("a").recent == ("b", "c")
    assert settings.with_recent("a#classes=2").recent == ("a#classes=2", "b", "c")
    assert settings.with_recent("a#classes=2").with_recent("a").recent == ("a", "b", "c")


@pytest.mark.parametrize("network", ["seed:0", *(demo.location for demo in DEMOS)])
def test_networks_that_come_with_the_program_are_not_remembered(network: str):
    assert Settings(recent=("a",)).with_recent(network).recent == ("a",)


def test_twenty_networks_are_remembered(tmp_path: Path):
    settings = Settings()
    for number in range(25):
        settings = settings.with_recent(str(number))
    assert settings.recent == tuple(str(number) for number in range(24, 4, -1))
    assert load_settings(written(tmp_path, recent=["x"] * 3 + [str(number) for number in range(40)]))[0] == replace(
        Settings(), recent=("x", *map(str, range(19)))
    )
