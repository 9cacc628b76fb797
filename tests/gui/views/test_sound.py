"""The timeline as it begins and ends: walks, the sound under it and what that drives, the way to the film."""

from __future__ import annotations

import wave

import numpy as np
import pytest

from core.project import Kept
from core.request import RenderRequest, SeedPoint
from core.timeline import NO_TIMELINE, Key, LatentWalk, Timeline, Track
from visualizer.actions.timeline import sound

PSI = "truncation.psi"
TWO = Timeline((Track(PSI, (Key(1.0, 0.5), Key(3.0, 0.8), Key(5.0, 0.2))),))


@pytest.fixture(scope="module")
def running(launch_painted):
    return launch_painted(size=(1120, 760), workspace="Animate")


@pytest.fixture
def pilot(running):
    running.start_anew(RenderRequest(network="painted"))
    running.context.prefer(workspace="Animate", timeline_height=320.0)
    running.context.preview.on = False
    running.context.chosen.clear()
    running.session.document.move_to(0.0)
    running.step(2)
    yield running
    running.context.playback.stop()
    running.close_popups()


def timeline(pilot):
    return pilot.session.document.state.timeline


def begin(pilot, there):
    pilot.session.document.change(timeline=there)
    pilot.step(2)


# ----------------------------------------------------------------------------
# Walks.


def test_an_empty_timeline_begins_with_a_walk_that_is_a_loop(pilot):
    assert "two pictures or more" in pilot.ui.reasons["Timeline/Walk through the shelf"]
    pilot.click("Timeline/Walk through seeds")
    assert [clip.end_s for clip in timeline(pilot).track("latent").clips] == [10.0]
    assert timeline(pilot).loop
    pilot.press("Ctrl+Z")
    assert timeline(pilot) == NO_TIMELINE


def test_a_walk_through_the_shelf_takes_the_classes_along_and_leaves_other_networks_out(pilot):
    kept = [RenderRequest("painted", SeedPoint(seed), label=seed) for seed in range(3)]
    shelf = (*(Kept(str(one.label), one) for one in kept), Kept("other", RenderRequest("seed:1")))
    pilot.session.document.change(shelf=shelf)
    pilot.step(2)
    pilot.click("Timeline/Walk through the shelf")
    walk = timeline(pilot).track("latent").clips[0].generator
    assert walk == LatentWalk(tuple(SeedPoint(seed) for seed in range(3)), (0, 1, 2))


def test_k_stops_what_plays_and_else_keeps_what_is_shown(pilot):
    begin(pilot, TWO)
    pilot.press("L")
    pilot.press("K")
    assert not pilot.context.playback.playing
    assert pilot.session.document.state.shelf == ()
    pilot.press("K")
    assert len(pilot.session.document.state.shelf) == 1


def test_the_menu_file_leads_to_the_film_from_everywhere(pilot):
    pilot.choose_workspace("Edit")
    pilot.click("Top/File")
    pilot.click("Menu/Export the timeline as a film")
    pilot.step(4)
    start, dock = pilot.item("Export/Start"), pilot.item("Dock edge")
    assert dock.y < start.y < start.bottom < dock.bottom
    pilot.ui.leave_focus()


# ----------------------------------------------------------------------------
# The sound.


@pytest.fixture
def beats(tmp_path):
    """Two seconds of clicks, four a second."""
    path, rate = tmp_path / "beats.wav", 8000
    samples = np.zeros(2 * rate, np.int16)
    for start in range(0, len(samples), rate // 4):
        samples[start : start + 200] = 20_000 * np.sin(np.arange(200) * 0.3)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


def test_a_sound_has_beats_that_are_typed_and_drives_a_track(pilot, beats):
    begin(pilot, TWO)
    sound.open_sound(pilot.context, beats)
    pilot.wait_until(lambda: timeline(pilot).sound is not None)
    pilot.enter("Timeline/Tempo", "120")
    assert timeline(pilot).sound.bpm == 120
    pilot.click("Timeline/×2")
    assert timeline(pilot).sound.bpm == 240
    found = pilot.context.sounds.beats(timeline(pilot))
    assert np.diff(found) == pytest.approx(0.25)
    pilot.context.chosen.path = PSI
    pilot.step(2)
    pilot.click("Track/Driven")
    assert timeline(pilot).track(PSI).drive is not None
    document = pilot.session.document
    pilot.wait_until(lambda: document.envelope_of(timeline(pilot).track(PSI).drive) is not None)
    loud, quiet = (document.request_at(time_s).truncation.psi for time_s in (0.05, 3.0))
    assert loud > 0.6
    assert quiet == pytest.approx(0.8)  # what the key says, behind the end of the sound
    pilot.click("Timeline/Remove the sound")
    assert timeline(pilot).sound is None


def test_a_sound_that_cannot_be_read_is_told_and_leaves_the_timeline(pilot, tmp_path):
    begin(pilot, TWO)
    (tmp_path / "no.wav").write_bytes(b"RIFF")
    sound.open_sound(pilot.context, tmp_path / "no.wav")
    pilot.wait_until(lambda: pilot.session.problem is not None)
    assert pilot.session.problem.title == "The sound cannot be read"
    assert timeline(pilot).sound is None
    assert not pilot.context.sounds.reading
    pilot.session.messages.dismiss()


def test_a_sound_comes_under_the_timeline_from_everywhere_and_controls_have_it_drive_them(pilot, beats):
    pilot.choose_workspace("Edit")
    pilot.window._on_drop(None, [str(beats)])
    pilot.wait_until(lambda: timeline(pilot).sound is not None)
    pilot.step(2)
    assert pilot.has("Timeline/Tempo")
    for driven in (True, False):
        pilot.right_click("Truncation & noise/Psi", held="Shift")
        pilot.click("Menu/Driven by the sound")
        assert [(track.path, track.drive.amount) for track in timeline(pilot).tracks] == [(PSI, 0.3)] * driven
