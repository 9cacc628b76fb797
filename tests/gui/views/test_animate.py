"""The workspace Animate: keys, clips and curves under the mouse, the playhead, the preview."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.request import RenderRequest
from core.timeline import NO_TIMELINE, Between, Circle, Clip, Key, Pulse, Timeline, Track
from core.timeline.editing import KeyAt
from tests.gui.pilot import RIGHT

PSI, EXPOSURE = "truncation.psi", "view.exposure"
SHEET, CURVES, RULER = "Timeline/Sheet", "Timeline/Curves", "Timeline/Ruler"
TWO = Timeline((
    Track(PSI, (Key(1.0, 0.5), Key(3.0, 0.8), Key(5.0, 0.2))),
    Track(EXPOSURE, (Key(1.0, 0.0), Key(4.0, 1.0))),
))  # fmt: skip


@pytest.fixture(scope="module")
def running(launch_painted):
    return launch_painted(size=(1120, 760), workspace="Animate")


@pytest.fixture
def pilot(running):
    running.start_anew(RenderRequest(network="painted"))
    running.context.prefer(workspace="Animate", timeline_height=320.0)
    running.context.preview.on = False
    running.context.playback.stop()
    running.context.chosen.clear()
    running.session.document.move_to(0.0)
    view(running).desk.fit_wanted = True
    running.step(2)
    yield running
    running.context.playback.stop()
    running.close_popups()


def view(pilot):
    return pilot.app.shell._views["Animate"].timeline


def timeline(pilot):
    return pilot.session.document.state.timeline


def begin(pilot, there=TWO):
    """Go on with a timeline, as a settled step."""
    pilot.session.document.change(timeline=there)
    pilot.step(2)


def steps(pilot):
    return len(pilot.session.history.line)


def times(pilot, path):
    return [key.time_s for key in timeline(pilot).track(path).keys]


def place(pilot, path, time_s):
    """Where a time of a track's line is on the screen."""
    desk, lines = view(pilot).desk, view(pilot).lines(pilot.context)
    index = next(i for i, line in enumerate(lines) if line.track is not None and line.track.path == path)
    r = pilot.item(SHEET)
    return round(desk.scale.at(time_s)), round(r.y + (index + 0.5) * desk.pitch(pilot.ui.px) - desk.scroll)


def press_at(pilot, x, y, *, held="", button=0):
    pilot.move(x, y)
    with pilot.holding(held):
        pilot.down(button)
        pilot.up(button)


def drag_from(pilot, start, end, *, held=""):
    pilot.move(*start)
    with pilot.holding(held):
        pilot.down()
        for part in (0.5, 1.0):
            pilot.move(*(a + (b - a) * part for a, b in zip(start, end, strict=True)))
        pilot.step()
        pilot.up()
    pilot.step()


# ----------------------------------------------------------------------------
# Controls.


def test_a_diamond_in_the_gutter_tells_of_keys_and_sets_them(pilot):
    mark = "Truncation & noise/Psi key"
    assert pilot.value(mark) == "not animated"
    pilot.click(mark)
    assert [track.path for track in timeline(pilot).tracks] == [PSI]
    assert times(pilot, PSI) == [0.0]
    assert pilot.value(mark) == "key"
    pilot.session.document.move_to(1.0)
    pilot.step()
    assert pilot.value(mark) == "animated"
    pilot.enter("Truncation & noise/Psi", "0.5")
    assert pilot.value(mark) == "changed"
    pilot.click(mark)
    assert timeline(pilot).track(PSI).keys[1].value == 0.5
    assert pilot.value(mark) == "key"
    pilot.click(mark)
    assert times(pilot, PSI) == [0.0]


def test_i_over_a_control_and_its_menu_set_keys(pilot):
    pilot.move_to("Truncation & noise/Psi")
    pilot.step()
    pilot.press("I")
    assert times(pilot, PSI) == [0.0]
    pilot.right_click("Truncation & noise/Psi", held="Shift")
    pilot.click("Menu/Remove key")
    assert timeline(pilot).tracks == ()
    pilot.right_click("Latent/Seed", held="Shift")
    pilot.click("Menu/Animate")
    assert [track.path for track in timeline(pilot).tracks] == ["latent"]


# ----------------------------------------------------------------------------
# The dope sheet.


def test_a_key_that_is_dragged_snaps_to_frames_and_is_one_step(pilot):
    begin(pilot)
    before = steps(pilot)
    x, y = place(pilot, PSI, 3.0)
    frame = view(pilot).desk.scale.per_s / 30
    drag_from(pilot, (x, y), (x + 9.4 * frame, y))
    assert times(pilot, PSI) == [1.0, pytest.approx(3.3), 5.0]
    assert steps(pilot) == before + 1
    pilot.press("Ctrl+Z")
    assert times(pilot, PSI) == [1.0, 3.0, 5.0]


def test_a_box_chooses_keys_that_go_along_and_can_be_deleted(pilot):
    begin(pilot)
    start, end = place(pilot, PSI, 0.6), place(pilot, EXPOSURE, 3.4)
    drag_from(pilot, start, end)
    assert set(pilot.context.chosen.all) == {KeyAt(PSI, 1.0), KeyAt(PSI, 3.0), KeyAt(EXPOSURE, 1.0)}
    x, y = place(pilot, PSI, 1.0)
    drag_from(pilot, (x, y), (x + view(pilot).desk.scale.per_s, y))
    assert times(pilot, PSI) == [2.0, 4.0, 5.0]
    assert times(pilot, EXPOSURE) == [2.0, 4.0]
    pilot.press("Delete")
    assert times(pilot, PSI) == [5.0]
    assert pilot.context.chosen.all == []


def test_shift_adds_alt_copies_and_paste_goes_to_the_playhead(pilot):
    begin(pilot)
    press_at(pilot, *place(pilot, PSI, 1.0))
    press_at(pilot, *place(pilot, PSI, 3.0), held="Shift")
    assert pilot.context.chosen.count == 2
    x, y = place(pilot, PSI, 3.0)
    drag_from(pilot, (x, y), (x + 0.5 * view(pilot).desk.scale.per_s, y), held="Alt")
    assert times(pilot, PSI) == [1.0, 1.5, 3.0, 3.5, 5.0]
    pilot.press("Ctrl+C")
    pilot.session.document.move_to(6.0)
    pilot.press("Ctrl+V")
    assert times(pilot, PSI)[-2:] == [6.0, 8.0]


def test_the_menu_of_keys_says_what_lies_between_them(pilot):
    begin(pilot)
    press_at(pilot, *place(pilot, PSI, 3.0), button=RIGHT)
    pilot.step()
    pilot.click("Menu/Hold")
    assert [key.between for key in timeline(pilot).track(PSI).keys] == [Between.SMOOTH, Between.HOLD, Between.SMOOTH]


def test_ripple_takes_what_lies_later_along(pilot):
    begin(pilot)
    view(pilot).desk.ripple = True
    x, y = place(pilot, PSI, 3.0)
    drag_from(pilot, (x, y), (x + view(pilot).desk.scale.per_s, y))
    view(pilot).desk.ripple = False
    assert times(pilot, PSI) == [1.0, 4.0, 6.0]


def test_clips_are_added_moved_resized_and_split(pilot):
    begin(pilot, Timeline((Track("latent", clips=(Clip(2.0, 4.0, Circle(3)),)),)))
    second = view(pilot).desk.scale.per_s
    x, y = place(pilot, "latent", 4.0)
    drag_from(pilot, (x, y), (x + second, y))
    assert timeline(pilot).tracks[0].clips == (Clip(3.0, 4.0, Circle(3)),)
    x, y = place(pilot, "latent", 7.0)
    drag_from(pilot, (x - 2, y), (x - 2 + second, y))
    assert timeline(pilot).tracks[0].clips == (Clip(3.0, 5.0, Circle(3)),)
    assert "Track/Seed" in pilot.ui.items
    pilot.session.document.move_to(5.0)
    press_at(pilot, *place(pilot, "latent", 4.0), button=RIGHT)
    pilot.step()
    pilot.click("Menu/Split at the playhead")
    assert [(clip.start_s, clip.end_s) for clip in timeline(pilot).tracks[0].clips] == [(3.0, 5.0), (5.0, 8.0)]
    pilot.click("Timeline/Add")
    pilot.click("Menu/Add a clip")
    pilot.step(2)
    pilot.click("Menu/Pulse")
    assert isinstance(timeline(pilot).track(PSI).clips[0].generator, Pulse)


# ----------------------------------------------------------------------------
# Curves.


def test_keys_and_tangents_of_a_curve_drag(pilot):
    begin(pilot)
    pilot.context.chosen.path = PSI
    pilot.click("Timeline/Shown/Curves")
    pilot.step()
    scale, values = view(pilot).desk.scale, view(pilot)._curves._scale
    x, y = round(scale.at(3.0)), round(values.at(0.8))
    drag_from(pilot, (x, y), (x, round(values.at(0.6))))
    key = timeline(pilot).track(PSI).keys[1]
    assert key.time_s == 3.0
    assert key.value == pytest.approx(0.6, abs=0.01)
    end = round(scale.at(3.0 + 2 / 3)), round(values.at(key.value))
    drag_from(pilot, end, (end[0], round(values.at(0.7))))
    before, key, _ = timeline(pilot).track(PSI).keys
    assert (before.between, key.between) == (Between.BEZIER, Between.BEZIER)
    assert key.right.value == pytest.approx(0.1, abs=0.02)
    assert key.left.value / key.left.seconds == pytest.approx(key.right.value / key.right.seconds)
    pilot.click("Timeline/Shown/Keys")


# ----------------------------------------------------------------------------
# Time.


def test_the_ruler_scrubs_zooms_and_has_in_and_out(pilot):
    begin(pilot)
    before, scale = steps(pilot), view(pilot).desk.scale
    r = pilot.item(RULER)
    drag_from(pilot, (scale.at(1.0), r.centre[1]), (scale.at(2.5), r.centre[1]))
    assert pilot.session.document.time_s == pytest.approx(2.5, abs=1 / 30)
    assert steps(pilot) == before
    wide = scale.per_s
    pilot.wheel(RULER, 2)
    assert scale.per_s > wide
    pilot.press("Shift+F")
    pilot.step(2)
    assert scale.per_s == pytest.approx(wide)
    pilot.drag("Timeline/In", scale.per_s, 0)
    assert timeline(pilot).start_s == pytest.approx(1.0, abs=1 / 30)
    pilot.press("M")
    assert [marker.time_s for marker in timeline(pilot).markers] == [pilot.session.document.time_s]


def test_keys_of_the_keyboard_move_the_playhead(pilot):
    begin(pilot)
    document = pilot.session.document
    for key, time_s in (("Right", 1 / 30), ("Down", 1.0), ("Down", 3.0), ("Up", 1.0), ("Left", 29 / 30),
                        ("End", 299 / 30), ("Home", 0.0)):  # fmt: skip
        pilot.press(key)
        assert document.time_s == pytest.approx(time_s), key


def test_playing_goes_round_and_leaves_no_history(pilot):
    begin(pilot, replace(TWO, start_s=1.0, end_s=1.2))
    before, document, seen = steps(pilot), pilot.session.document, set[float]()

    def saw_four():
        seen.add(document.time_s)
        return len(seen) > 3

    pilot.press("Space")
    assert pilot.context.playback.playing
    pilot.wait_until(saw_four)
    pilot.press("Space")
    assert not pilot.context.playback.playing
    assert {round(time_s * 30) for time_s in seen} - {0} <= set(range(30, 36))
    assert steps(pilot) == before
    pilot.press("J")
    pilot.press("J")
    assert pilot.context.playback.speed == -2.0
    pilot.press("K")


# ----------------------------------------------------------------------------
# The preview.


def test_the_preview_makes_again_only_what_changed_and_plays_from_memory(pilot):
    begin(pilot, replace(TWO, duration_s=0.5, tracks=(Track(PSI, tuple(Key(i / 10, i / 10) for i in range(5))),)))
    preview, first = pilot.context.preview, pilot.context.preview.made
    preview.on = True
    pilot.wait_until(lambda: preview.spans == [range(15)])
    made = preview.made - first
    assert 10 <= made <= 15  # one that was shown need not be made
    keys = timeline(pilot).tracks[0].keys
    begin(pilot, replace(timeline(pilot), tracks=(Track(PSI, (*keys[:4], replace(keys[4], value=0.9))),)))
    pilot.wait_until(lambda: preview.spans == [range(15)])
    assert preview.made - first - made <= 6
    rendered = preview.made
    pilot.press("Space")
    pilot.step(6)
    assert pilot.session.frame.request == pilot.session.shown_request
    assert preview.made == rendered


def test_the_preview_keeps_to_its_memory(pilot):
    begin(pilot, replace(TWO, duration_s=0.5, tracks=(Track(PSI, (Key(0.0, 0.0), Key(0.5, 1.0))),)))
    preview = pilot.context.preview
    preview.clear()
    preview.limit, preview.on = 4 * (64 * 64 * 3 + 64 * 64 * 3), True
    pilot.wait_until(lambda: sum(map(len, preview.spans)) >= 4)
    pilot.wait_until(lambda: preview._job is None)
    assert sum(map(len, preview.spans)) <= 5
    preview.limit = None


def test_an_empty_timeline_says_what_to_do_and_commands_why_not(pilot):
    pilot.session.document.change(timeline=NO_TIMELINE)
    pilot.leave()
    pilot.press("Down")
    assert "Nothing is animated yet" in pilot.session.notices[-1].text


def test_with_auto_key_what_is_changed_is_a_key(pilot):
    begin(pilot)
    pilot.click("Timeline/Auto-key")
    pilot.session.document.move_to(2.0)
    pilot.step()
    pilot.enter("Truncation & noise/Psi", "0.1")
    pilot.click("Timeline/Auto-key")
    assert (2.0, 0.1) in [(key.time_s, key.value) for key in timeline(pilot).track(PSI).keys]
