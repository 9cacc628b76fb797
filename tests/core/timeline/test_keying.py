"""What an edit does where things move, and timelines in words."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from core.request import (
    Blend,
    LayerEdit,
    Noise,
    NoiseMode,
    Precision,
    RenderRequest,
    SeedPoint,
    StyleSource,
    Truncation,
    View,
    ZVector,
)
from core.request.placement import Placement
from core.timeline import (
    Clip,
    Drive,
    Key,
    Marker,
    Pulse,
    SoundTrack,
    Space,
    Tangent,
    Timeline,
    Track,
    request_at,
)
from core.timeline.arranging import with_clip, with_marker
from core.timeline.changes import describe_timeline
from core.timeline.editing import KeyAt, changed_track, moved_keys, with_key, without_keys, without_track
from core.timeline.keying import Edited, edited
from tests.core.timeline.strategies import INFO

BASE = RenderRequest()
PSI = "truncation.psi"
MOVING = Timeline((Track(PSI, (Key(0.0, 0.0), Key(4.0, 1.0))),))


def keyed(wanted: RenderRequest, timeline: Timeline = MOVING, *, auto_key: bool = True, time_s: float = 2.0,
          base: RenderRequest = BASE) -> Edited:  # fmt: skip
    """An edit of what is shown at a time; `wanted` is what differs from the base."""
    shown = request_at(timeline, base, time_s, INFO)
    return edited(Edited(base, timeline), shown, wanted, time_s, auto_key=auto_key, info=INFO)


def shown(timeline: Timeline = MOVING, time_s: float = 2.0) -> RenderRequest:
    return request_at(timeline, BASE, time_s, INFO)


def keys_of(made: Edited) -> dict[str, list[tuple[float, object]]]:
    return {track.path: [(key.time_s, key.value) for key in track.keys] for track in made.timeline.tracks}


def test_with_keys_set_by_themselves_all_that_changed_gets_one_and_the_base_stays():
    wanted = replace(shown(), truncation=Truncation(0.9, 3), latent=SeedPoint(5.0), layers=(LayerEdit(noise=2.0),))
    made = keyed(wanted)
    assert keys_of(made) == {
        PSI: [(0.0, 0.0), (2.0, 0.9), (4.0, 1.0)], "truncation.cutoff": [(2.0, 3)],
        "latent": [(2.0, SeedPoint(5.0))], "layers[0].noise": [(2.0, 2.0)],
    }  # fmt: skip
    assert (made.base, made.loose) == (BASE, frozenset())
    assert request_at(made.timeline, made.base, 2.0, INFO) == wanted


def test_without_them_what_moves_is_loose_and_the_rest_goes_to_the_base():
    wanted = replace(shown(), truncation=Truncation(0.9, 3))
    made = keyed(wanted, auto_key=False)
    assert (made.timeline, made.loose) == (MOVING, frozenset({PSI}))
    assert made.base.truncation == Truncation(0.9, 3)
    assert request_at(made.timeline, made.base, 2.0, INFO, without=made.loose) == wanted
    assert request_at(made.timeline, made.base, 2.0, INFO).truncation == Truncation(0.5, 3)


def test_what_moves_and_was_not_edited_does_not_go_to_the_base():
    made = keyed(replace(shown(), noise=Noise(strength=2.0)), auto_key=False)
    assert made == Edited(replace(BASE, noise=Noise(strength=2.0)), MOVING)


def test_how_the_picture_is_looked_at_is_keyed_only_where_it_moves():
    wanted = replace(shown(), view=View(gain_db=6.0), precision=Precision.EXACT)
    made = keyed(wanted)
    assert (made.timeline, made.base.view, made.base.precision) == (MOVING, wanted.view, wanted.precision)
    gain = with_key(MOVING, "view.gain_db", Key(0.0, 0.0))
    assert keys_of(keyed(replace(shown(gain), view=View(gain_db=6.0)), gain))["view.gain_db"][1] == (2.0, 6.0)


def test_sources_and_networks_that_come_or_go_are_no_keys():
    made = keyed(replace(shown(), sources=(StyleSource(), StyleSource()), blends=(Blend("seed:3"),)))
    assert made.timeline == MOVING
    assert (len(made.base.sources), len(made.base.blends)) == (2, 1)


def test_a_source_that_comes_back_under_its_track_is_as_it_was_wanted():
    made = with_key(MOVING, "sources[0].fraction", Key(0.0, 0.5))
    gone = edited(Edited(BASE, made), shown(made), replace(shown(made), sources=()), 2.0, auto_key=True, info=INFO)
    wanted = replace(shown(made), sources=(StyleSource(fraction=0.2), StyleSource()))
    back = edited(gone, request_at(gone.timeline, gone.base, 2.0, INFO), wanted, 2.0, auto_key=True, info=INFO)
    assert request_at(back.timeline, back.base, 2.0, INFO) == wanted


def test_a_place_on_the_seed_map_is_keyed_by_its_numbers_where_they_move():
    made = Timeline((Track("latent.x", (Key(0.0, 0.0), Key(4.0, 4.0))),))
    found = keyed(replace(shown(made), latent=SeedPoint(7.0, 1.0)), made)
    assert keys_of(found) == {"latent.x": [(0.0, 0.0), (2.0, 7.0), (4.0, 4.0)]}
    assert found.base.latent == SeedPoint(0.0, 1.0)
    other = keyed(replace(shown(made), latent=ZVector((0.0,) * 16)), made, auto_key=False)
    assert other.loose == {"latent.x"}
    assert request_at(made, other.base, 2.0, INFO, without=other.loose).latent == ZVector((0.0,) * 16)


def test_the_transform_is_keyed_as_it_moves():
    placed = Placement(x=0.5, degrees=20).matrix
    assert set(keys_of(keyed(replace(shown(), transform=placed)))) == {PSI, "transform.x", "transform.rotate"}
    whole = with_key(MOVING, "transform", Key(0.0, BASE.transform))
    assert keys_of(keyed(replace(shown(whole), transform=placed), whole))["transform"][1] == (2.0, placed)


def test_where_the_whole_picture_moves_it_is_keyed_as_a_whole():
    made = Timeline((Track("request", (Key(0.0, BASE), Key(4.0, replace(BASE, truncation=Truncation(0.0))))),))
    wanted = replace(shown(made), noise=Noise(NoiseMode.NONE))
    found = keyed(wanted, made)
    assert found.base == BASE
    assert request_at(found.timeline, found.base, 2.0, INFO) == wanted
    assert len(found.timeline.tracks[0].keys) == 3
    grown = keyed(replace(shown(made), sources=(StyleSource(), StyleSource())), made)
    assert len(request_at(grown.timeline, grown.base, 2.0, INFO).sources) == 2
    loose = keyed(wanted, made, auto_key=False)
    assert loose.loose == {"request"}
    assert request_at(loose.timeline, loose.base, 2.0, INFO, without=loose.loose) == wanted


def test_under_a_clip_there_is_no_key():
    made = with_clip(MOVING, PSI, Clip(1.0, 2.0, Pulse()))
    found = keyed(replace(shown(made), truncation=Truncation(0.9)), made)
    assert (found.timeline, found.loose) == (made, frozenset({PSI}))


def test_a_key_holds_what_is_wanted_without_the_sound():
    made = changed_track(MOVING, PSI, drive=Drive(amount=0.5))

    def loud(drive: Drive):
        return lambda time_s: 0.4

    there = request_at(made, BASE, 2.0, INFO, envelope_of=loud)
    wanted = replace(there, truncation=Truncation(0.9))
    found = edited(Edited(BASE, made), there, wanted, 2.0, auto_key=True, info=INFO, envelope_of=loud)
    assert request_at(found.timeline, BASE, 2.0, INFO, envelope_of=loud).truncation.psi == pytest.approx(0.9)


def test_muted_tracks_move_nothing():
    made = changed_track(MOVING, PSI, muted=True)
    found = keyed(replace(shown(made), truncation=Truncation(0.9)), made, auto_key=False)
    assert (found.base.truncation.psi, found.loose) == (0.9, frozenset())


# ----------------------------------------------------------------------------
# In words.

NOISE = "layers[5].noise"
TWO = with_key(MOVING, NOISE, Key(1.0, 2.0))


@pytest.mark.parametrize(("after", "words"), [
    (MOVING, ""),
    (with_key(MOVING, PSI, Key(2.5, 0.3)), "Key of Psi at 2.5 s"),
    (with_key(MOVING, PSI, Key(4.0, 0.3)), "Key of Psi at 4 s"),
    (TWO, "Key of Noise of layer 5 at 1 s"),
    (moved_keys(MOVING, [KeyAt(PSI, 4.0)], 1.0), "Key of Psi moved"),
    (moved_keys(MOVING, [KeyAt(PSI, 0.0), KeyAt(PSI, 4.0)], 1.0), "2 keys of Psi moved"),
    (without_keys(MOVING, [KeyAt(PSI, 4.0)]), "Key of Psi removed"),
    (without_track(MOVING, PSI), "Track Psi removed"),
    (with_key(with_key(MOVING, PSI, Key(1.0, 0.0)), PSI, Key(2.0, 0.0)), "2 keys of Psi added"),
    (with_key(MOVING, PSI, replace(MOVING.tracks[0].keys[0], right=Tangent(1, 1))), "Curve of Psi"),
    (with_clip(MOVING, PSI, Clip(1, 1, Pulse())), "Clip of Psi added"),
    (changed_track(MOVING, PSI, muted=True), "Psi muted"),
    (changed_track(MOVING, PSI, drive=Drive()), "Psi driven by the sound"),
    (changed_track(MOVING, PSI, space=Space.Z), "Psi interpolated in Z"),
    (with_marker(MOVING, Marker(1.0)), "Marker added"),
    (replace(MOVING, duration_s=12.5), "Length 10 s → 12.5 s"),
    (replace(MOVING, rate=Fraction(24000, 1001)), "30 → 23.976 frames a second"),
    (replace(MOVING, loop=True), "Loop on"),
    (replace(MOVING, end_s=3.0), "In and out"),
    (replace(MOVING, sound=SoundTrack("a.wav")), "Sound added"),
    (replace(MOVING, sound=SoundTrack("a.wav"), loop=True), "Loop on and 1 more"),
])  # fmt: skip
def test_a_step_of_a_timeline_is_told_in_a_few_words(after, words):
    assert describe_timeline(MOVING, after) == words


def test_steps_of_several_tracks_are_told_together():
    three = moved_keys(TWO, [KeyAt(PSI, 0.0), KeyAt(PSI, 4.0), KeyAt(NOISE, 1.0)], 0.5)
    assert describe_timeline(TWO, three) == "3 keys moved"
    assert describe_timeline(TWO, Timeline()) == "2 tracks removed"
    assert describe_timeline(Timeline(), TWO) == "2 tracks added"
