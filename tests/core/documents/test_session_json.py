"""The file of a session: what comes back, what is kept, what is refused."""

from __future__ import annotations

import dataclasses
import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.errors import UsageError
from core.documents import document, session_json, timeline_json
from core.documents.json_text import readable
from core.documents.project_json import Texts
from core.documents.session_json import from_text, to_text
from core.project import Autosaved, Captures, Kept, Looks, NetworkFile, Part, Preset, Project, SavedSession, Selected
from core.request import Blend, ClassMean, Noise, NoiseMode, Origin, RenderRequest, SeedPoint, WVector, ZVector
from core.timeline import (
    Between,
    Circle,
    Clip,
    Drive,
    Generator,
    Key,
    LatentWalk,
    Marker,
    NoiseLoop,
    Orbit,
    Pulse,
    RandomWalk,
    SoundTrack,
    Tangent,
    Timeline,
    Track,
)

WHERE = "the session it.json"
W = WVector(((0.25,) * 40, (1 / 3,) * 40))
WALKS: tuple[Generator, ...] = (
    LatentWalk((SeedPoint(1.0), ZVector((0.5, 1.0))), (None, 3)), Circle(1, 2, 3, 50.0), NoiseLoop(4, 1.0),
    RandomWalk(5, 2.0),
)  # fmt: skip
TRACKS = (
    Track("truncation.psi", (Key(0.0, 0.5), Key(1.5, -2.5, Between.BEZIER, Tangent(-0.1, 0.3), Tangent(0.2, 0.0))),
          drive=Drive(onsets=True), folded=True),
    Track("noise.mode", (Key(0.0, NoiseMode.RANDOM),), muted=True),
    Track("noise.seed", (Key(0.0, 3),)),
    Track("truncation.cutoff", (Key(0.0, None), Key(1.0, 4))),
    Track("latent", (Key(0.0, SeedPoint(3.0)), Key(2.0, W)), clips=tuple(
        Clip(5.0 * start, 4.0, generator, rounds=2, first=0.25) for start, generator in enumerate(WALKS))),
    Track("sources[0].latent", (Key(0.0, SeedPoint(1.0)),)),
    Track("label", (Key(0.0, (0.5, 0.5)), Key(1.0, 2))),
    Track("truncation.centre", (Key(0.0, ClassMean()), Key(1.0, SeedPoint(2.0)), Key(2.0, None))),
    Track("layers[5].noise", clips=(Clip(0.0, 1.0, Pulse(0.1, 0.9, 3)),)),
    Track("transform", clips=(Clip(0.0, 1.0, Orbit(0.2, 2, 1)),)),
    Track("request", (Key(0.0, RenderRequest("b.pkl", W)), Key(1.0, RenderRequest("b.pkl")))),
)  # fmt: skip
EVERYTHING = SavedSession(
    Project(
        RenderRequest("a.pkl", W, blends=(Blend("b.pkl", (0.5,)),), noise=Noise(NoiseMode.RANDOM, 7)),
        (Kept("k1", RenderRequest("b.pkl"), "Grüße 你好", ("calm", "blue"), True, b"\x89PNG\r\n"),
         Kept("k2", RenderRequest("a.pkl", W))),
        (Preset("Only noise", (Part("noise.seed", 3), Part("noise.mode", "none"), Part("lod", None))),),
        Timeline(TRACKS, 12.5, Fraction(24000, 1001), True, 1.0, 11.0, (Marker(1.0, "drop"),),
                 SoundTrack("song.wav", "ab", 0.5, -3.0, 120.0, 0.1)),
    ),
    (NetworkFile("a.pkl", "ab" * 32, 1234, "StyleGAN2"),),
    3.25,
    Selected(2, 0),
    Looks("Inspect", 2.0, -10.5, 4.0),
    Captures("captures", 24),
    Autosaved("/home/me/it.json", False, 1.5e9, "Portraits"),
)  # fmt: skip


TEXT = to_text(EVERYTHING)


def members() -> Any:
    return json.loads(TEXT)


def read(members: Any) -> session_json.SessionText:
    return from_text(json.dumps(members), WHERE)


# ----------------------------------------------------------------------------
# What comes back.


def test_everything_comes_back_equal():
    found = from_text(to_text(EVERYTHING), WHERE)
    assert found.session == EVERYTHING
    assert found.rest == {}
    assert found.notes == ()


def test_every_field_of_a_timeline_is_read():
    for kind, readers in timeline_json.READERS.items():
        assert {field.name for field in dataclasses.fields(kind)} == set(readers), kind


def test_what_has_not_changed_is_made_into_text_once():
    texts = Texts()
    first = to_text(EVERYTHING, texts=texts)
    shelf = EVERYTHING.project.shelf
    changed = dataclasses.replace(EVERYTHING.project, shelf=(shelf[1], shelf[0]))
    second = to_text(dataclasses.replace(EVERYTHING, project=changed), texts=texts)
    assert second == to_text(dataclasses.replace(EVERYTHING, project=changed))
    assert to_text(EVERYTHING, texts=texts) == first


def test_a_session_of_an_early_version_is_its_request():
    request = RenderRequest("b.pkl", SeedPoint(5.0))
    text = document.to_text(request, Origin("b.pkl", digest="cd", size=7), family="StyleGAN3")
    found = from_text(text, WHERE)
    assert found.session == SavedSession(Project(request), (NetworkFile("b.pkl", "cd", 7, "StyleGAN3"),))
    assert found.of_request
    assert (found.rest, found.notes) == ({}, ())


def test_people_can_read_it():
    text = to_text(EVERYTHING)
    assert '        {"path": "noise.seed", "value": 3},' in text.splitlines()
    assert '      "name": "Grüße 你好",' in text.splitlines()
    rows = [line for line in text.splitlines() if line.strip().startswith("[0.25, 0.25")]
    assert len(rows) >= 3  # each row of a w on a line of its own
    assert max(len(line) for line in text.splitlines() if "0.3333" not in line and "0.25, 0.25" not in line) < 140
    assert readable({"a": [1, 2], "b": {}}) == '{"a": [1, 2], "b": {}}'


# ----------------------------------------------------------------------------
# What this version does not know.


def test_what_is_unknown_is_told_and_written_back():
    whole = members()
    whole["future"] = {"a": [1, {"b": None}]}
    whole["view"]["tilt"] = 3
    whole["request"]["noise"]["gain"] = 2.0
    whole["timeline"]["grid"] = {"bars": 4}
    found = read(whole)
    assert found.session == EVERYTHING
    assert any("does not know future; it is kept" in note for note in found.notes)
    assert json.loads(to_text(found.session, found.rest)) == whole


def test_what_is_unknown_of_an_entry_stays_with_it():
    whole = members()
    whole["shelf"][1]["rating"] = 5
    whole["timeline"]["tracks"][0]["colour"] = "red"
    whole["timeline"]["tracks"][0]["keys"][1]["note"] = "here"
    found = read(whole)
    project = found.session.project
    other = dataclasses.replace(project, shelf=project.shelf[1:])
    again = json.loads(to_text(dataclasses.replace(found.session, project=other), found.rest))
    assert [kept.get("rating") for kept in again["shelf"]] == [5]
    assert again["timeline"]["tracks"][0]["colour"] == "red"
    assert again["timeline"]["tracks"][0]["keys"][1]["note"] == "here"


def test_a_newer_version_is_read_as_far_as_it_is_known():
    found = read({**members(), "version": 9})
    assert "newer version" in found.notes[0]
    assert found.session == EVERYTHING


def test_a_hand_that_mixes_up_the_order_does_no_harm():
    whole = members()
    keys = whole["timeline"]["tracks"][0]["keys"]
    whole["timeline"]["tracks"][0]["keys"] = [keys[1], {**keys[0], "value": 9.0}, keys[0]]
    whole["timeline"]["tracks"].insert(0, {"path": "truncation.psi", "keys": []})
    whole["shelf"].append(whole["shelf"][0])
    found = read(whole).session.project
    assert found.timeline.tracks == TRACKS
    assert [kept.id for kept in found.shelf] == ["k1", "k2", "k1-2"]


# ----------------------------------------------------------------------------
# What is refused.


def changed(*path: Any, to: Any) -> Any:
    whole = part = members()
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = to
    return whole


@pytest.mark.parametrize(
    ("whole", "sentence"),
    [
        (changed("timeline", "tracks", 0, "keys", 0, "value", to="x"), r"keys\[0\]\.value is \"x\", but must be a fin"),
        (changed("timeline", "tracks", 1, "keys", 0, "value", to="loud"), "must be one of const, random, none"),
        (changed("timeline", "tracks", 4, "keys", 0, "value", to=5), "value is 5, but must be an object"),
        (changed("timeline", "tracks", 4, "clips", 0, "generator", "kind", to="worm"), "must be one of walk"),
        (changed("timeline", "rate", to="30000/0"), "must be frames a second"),
        (changed("timeline", "rate", to="9" * 50), "must be frames a second"),
        (changed("timeline", "duration_s", to=0), "must be a number of seconds above 0"),
        (changed("timeline", "duration_s", to=1e12), "must be a number from 0 to"),
        (changed("timeline", "tracks", to={}), "must be a list"),
        (changed("shelf", 0, "picture", to="%%%"), "must be a picture file in base64"),
        (changed("shelf", 0, "id", to=3), "must be text"),
        (changed("shelf", to=[3]), r"shelf\[0\] is 3, but must be an object"),
        (changed("presets", 0, "parts", 0, to={"value": 1}), r"parts\[0\]\.path is missing"),
        (changed("networks", 0, to={}), r"networks\[0\]\.location is missing"),
        (changed("view", "zoom", to=1e9), "view.zoom is 1000000000.0, but must be"),
        (changed("version", to=-1), "version is -1"),
        (changed("format", to="else"), "does not say"),
        ([1], "it is a list of 1 items, but must be an object"),
    ],
)
def test_what_is_wrong_is_named(whole: Any, sentence: str):
    with pytest.raises(UsageError, match=sentence):
        read(whole)


@pytest.mark.parametrize(
    "text",
    [
        TEXT[:5000],
        TEXT.replace('"duration_s": 12.5', '"duration_s": NaN'),
        TEXT.replace('"duration_s": 12.5', f'"duration_s": {"9" * 5000}'),
        '{"format": "stylegan-visualizer session", "x": ' + "[" * 200_000 + "]" * 200_000 + "}",
        "[" * (session_json.MAX_OBJECTS + 1),
        "," * (session_json.MAX_VALUES + 1),
        " " * (session_json.MAX_TEXT + 1),
        "",
        "null",
    ],
)
def test_damaged_and_hostile_text_is_refused(text: str):
    with pytest.raises(UsageError, match=f"{WHERE} cannot be"):
        from_text(text, WHERE)


def test_what_is_unknown_and_too_deep_to_be_written_is_left_out():
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    found = read({**members(), "deep": deep, "flat": [[1]]})
    assert found.rest == {"flat": [[1]]}
    to_text(found.session, found.rest)


def test_numbers_that_are_not_finite_are_not_written():
    broken = dataclasses.replace(EVERYTHING, project=Project(RenderRequest("a", SeedPoint(float("nan")))))
    with pytest.raises(UsageError, match="not finite; reset that control"):
        to_text(broken)


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just(10**400))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to all parts of a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, part in inner for place in places(part, (*path, name)))]


PLACES = [place for place in places(members()) if place and not isinstance(place[-1], int)]


@settings(max_examples=100)
@given(st.sampled_from(PLACES), VALUES)
def test_whatever_stands_anywhere_is_read_or_refused(place: tuple[Any, ...], value: Any):
    try:
        found = from_text(json.dumps(changed(*place, to=value)), WHERE)
    except UsageError:
        return
    text = to_text(found.session, found.rest)
    again = from_text(text, WHERE)
    assert again.session == found.session
    assert to_text(again.session, again.rest) == text
