"""The picture in the middle: its pixels, and how it is walked, panned and zoomed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.request import Compare, SeedPoint
from tests.gui.painted import noise, painted

WALK_PER_PIXEL = 0.04 / 15  # at scale 1: 0.04 seeds a pixel in units of the text size


@pytest.fixture
def shown(launch, library):
    """The program with a picture that is known; `shown(pixels)` returns the pilot at one to one, pointer away."""

    def start(pixels, **preferences):
        library.shelf["painted"] = painted("painted", pixels)
        pilot = launch("painted", size=(1400, 640), **preferences)
        pilot.app.shell.picture.walked = True  # the hint would lie over the picture
        pilot.press("1")
        pilot.session.messages.notices = []
        pilot.leave()
        pilot.step()
        return pilot

    return start


def over_checkers(pixels, alpha):
    """What a transparent picture may look like over the lighter and the darker checkers."""
    return [pixels * (alpha / 255) + gray * (1 - alpha / 255) for gray in (0xB4, 0x8C)]


def test_at_one_to_one_every_pixel_of_the_picture_is_one_of_the_screen(shown):
    pixels = noise(200, 200, 3)
    np.testing.assert_array_equal(shown(pixels).picture_pixels(), pixels)


def test_smooth_leaves_one_to_one_as_it_is(shown):
    pixels = noise(200, 200, 3)
    np.testing.assert_array_equal(shown(pixels, smooth_networks={"painted": True}).picture_pixels(), pixels)


@pytest.mark.parametrize("channels", [1, 3])
def test_enlarged_pixels_have_sharp_edges(shown, channels):
    pixels = noise(60, 60, channels)
    pilot = shown(pixels, smooth_networks={"painted": False})
    pilot.app.shell.picture.set_zoom(4.0)
    pilot.step()
    enlarged = pixels.repeat(4, axis=0).repeat(4, axis=1)
    np.testing.assert_array_equal(pilot.picture_pixels(), np.broadcast_to(enlarged, (240, 240, 3)))


def test_enlarged_pixels_stay_sharp_while_panned(shown):
    pixels = noise(60, 60, 3)
    pilot = shown(pixels, smooth_networks={"painted": False})
    pilot.app.shell.picture.set_zoom(8.0)
    pilot.drag("Picture", 331, 77, button=2)
    pilot.leave()
    r, area = pilot.app.shell.picture.rect, pilot.item("Picture")
    seen = pilot.pixels()[int(r.y) : int(area.bottom), int(r.x) : int(area.right)]
    enlarged = pixels.repeat(8, axis=0).repeat(8, axis=1)
    np.testing.assert_array_equal(seen, enlarged[: seen.shape[0], : seen.shape[1]])


def cubic(values, times):
    """Keys's cubic interpolation (1981, a = -1/2) along the first axis, times as fine; without the two ends."""
    places = (np.arange(2 * times, times * (len(values) - 2)) + 0.5) / times - 0.5
    whole = np.floor(places).astype(int)
    t = (places - whole)[:, None, None]
    a, b, c, d = (values[whole + step].astype(float) for step in (-1, 0, 1, 2))
    return b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))


def test_a_small_picture_is_seen_smooth_until_its_pixels_are_asked_for(shown):
    pixels = noise(50, 50, 3)
    pilot = shown(pixels)
    pilot.app.shell.picture.set_zoom(4.0)
    pilot.leave()
    across = cubic(pixels.swapaxes(0, 1), 4).clip(0, 255).swapaxes(0, 1)
    between = cubic(across, 4).clip(0, 255)
    np.testing.assert_allclose(pilot.picture_pixels()[8:-8, 8:-8], between, atol=2)
    pilot.app.shell.picture.set_zoom(8.0)  # what is four times as fine is enlarged twice: linear between
    pilot.leave()
    seen = pilot.picture_pixels().reshape(200, 2, 200, 2, 3).mean(axis=(1, 3))
    softer = np.array([1, 6, 1]) / 8  # what a pair of linear ones is on average
    for axis in range(2):
        between = np.apply_along_axis(np.convolve, axis, between, softer, "valid")
    np.testing.assert_allclose(seen[9:-9, 9:-9], between, atol=2)
    pilot.app.shell.picture.set_zoom(4.0)
    pilot.click("View/Smooth")
    pilot.leave()
    np.testing.assert_array_equal(pilot.picture_pixels(), pixels.repeat(4, axis=0).repeat(4, axis=1))
    assert pilot.context.settings.smooth_networks == {"painted": False}


def test_a_picture_that_nearly_fills_the_view_has_sharp_pixels_until_smooth_ones_are_asked_for(shown):
    pilot = shown(noise(400, 400, 3))
    pilot.app.shell.picture.set_zoom(4.0)
    pilot.leave()
    assert not pilot.app.shell.picture.smooth
    pilot.click("View/Smooth")
    assert pilot.app.shell.picture.smooth


def test_a_picture_larger_than_the_view_is_cut_at_its_edges(shown):
    pixels = noise(900, 1300, 3)
    pilot = shown(pixels)
    r, area = pilot.app.shell.picture.rect, pilot.item("Picture")
    seen = pilot.pixels()[int(area.y) : int(area.bottom), int(area.x) : int(area.right)]
    y, x = int(area.y - r.y), int(area.x - r.x)
    np.testing.assert_array_equal(seen, pixels[y : y + seen.shape[0], x : x + seen.shape[1]])


def test_a_gray_picture_is_gray(shown):
    pixels = noise(120, 120, 1)
    np.testing.assert_array_equal(shown(pixels).picture_pixels(), pixels.repeat(3, axis=2))


@pytest.mark.parametrize("channels", [2, 4])
def test_a_transparent_picture_lies_over_checkers(shown, channels):
    pixels = noise(120, 120, channels)
    seen = shown(pixels).picture_pixels().astype(float)
    colour = pixels[..., :3] if channels == 4 else pixels[..., :1].repeat(3, axis=2)
    light, dark = over_checkers(colour, pixels[..., -1:].astype(float))
    assert (np.minimum(np.abs(seen - light), np.abs(seen - dark)) <= 2).all()


def test_a_wide_picture_keeps_its_shape(shown):
    pilot = shown(noise(40, 160, 3))
    pilot.press("F")
    pilot.step()
    r = pilot.app.shell.picture.rect
    assert r.w / r.h == pytest.approx(4, rel=0.02)
    assert r.w == pytest.approx(pilot.item("Picture").w - 32, abs=2)


def test_a_new_network_of_another_size_is_fitted(shown, library):
    pilot = shown(noise(40, 40, 3))
    library.shelf["other"] = painted("other", noise(64, 32, 4))
    pilot.open("other")
    assert pilot.app.shell.picture.view.zoom is None


# ----------------------------------------------------------------------------
# Walking.


def test_a_drag_walks_the_seed_map(pilot):
    pilot.drag("Picture", 150, -60)
    point = pilot.request.latent
    assert (point.x, point.y) == pytest.approx((150 * WALK_PER_PIXEL, -60 * WALK_PER_PIXEL))


def test_shift_walks_ten_times_finer(pilot):
    pilot.drag("Picture", 150, 0, held="Shift")
    assert pilot.request.latent.x == pytest.approx(15 * WALK_PER_PIXEL)


def test_a_drag_goes_on_outside_the_picture(pilot):
    pilot.drag("Picture", -700, 0, steps=6)
    assert pilot.request.latent.x == pytest.approx(-700 * WALK_PER_PIXEL)


def test_a_drag_is_shown_before_it_ends(pilot):
    frames = pilot.session.frames
    pilot.move_to("Picture")
    pilot.down()
    pilot.move(600, 400)
    pilot.wait_until(lambda: pilot.session.frames > frames)
    pilot.up()


def test_the_way_to_the_press_is_no_walk(pilot):
    pilot.move(700, 200)
    pilot.io.add_mouse_pos_event(500, 300)
    pilot.io.add_mouse_button_event(0, True)
    pilot.step(3)
    pilot.up()
    assert pilot.request.latent == SeedPoint()


# ----------------------------------------------------------------------------
# The view.


def under_pointer(pilot, x, y):
    """The point of the picture at a place of the screen, as fractions."""
    r = pilot.app.shell.picture.rect
    return (x - r.x) / r.w, (y - r.y) / r.h


def test_the_wheel_keeps_the_point_under_the_pointer(pilot):
    x, y = pilot.move_to("Picture", (0.4, 0.6))
    before = under_pointer(pilot, x, y)
    pilot.wheel("Picture", 3, at=(0.4, 0.6))
    assert under_pointer(pilot, x, y) == pytest.approx(before, abs=0.005)
    pilot.wheel("Picture", -5, at=(0.4, 0.6))
    assert under_pointer(pilot, x, y) == pytest.approx(before, abs=0.005)


def test_the_middle_button_pans(pilot):
    before = pilot.app.shell.picture.rect
    pilot.drag("Picture", 40, -25, button=2)
    after = pilot.app.shell.picture.rect
    assert (after.x - before.x, after.y - before.y) == (40, -25)
    assert pilot.request.latent == SeedPoint()


def test_a_drag_with_space_pans_and_does_not_animate(pilot):
    before = pilot.app.shell.picture.rect
    pilot.drag("Picture", 40, -25, held="Space")
    after = pilot.app.shell.picture.rect
    assert (after.x - before.x, after.y - before.y) == (40, -25)
    assert pilot.request.latent == SeedPoint()
    assert not pilot.session.animation.running


def test_a_double_click_fits_the_picture(pilot):
    pilot.wheel("Picture", 4)
    pilot.double_click("Picture")
    assert pilot.app.shell.picture.view.zoom is None
    assert pilot.request.latent == SeedPoint()


def test_the_zoom_box_sets_the_zoom(launch):
    pilot = launch(size=(1280, 640))
    pilot.click("View/Zoom")
    pilot.step()
    pilot.click("Menu/200 %")
    assert pilot.app.shell.picture.zoom == 2.0
    pilot.click("View/1:1")
    assert pilot.app.shell.picture.zoom == 1.0
    pilot.click("View/Fit")
    assert pilot.app.shell.picture.view.zoom is None


def test_the_probe_shows_the_pixel_under_the_pointer(shown):
    pixels = np.full((100, 100, 3), 30, np.uint8)
    pixels[50, 20] = (250, 0, 0)
    pilot = shown(pixels)
    r = pilot.app.shell.picture.rect
    pilot.move(r.x + 20.5, r.y + 50.5)
    pilot.step()
    with_it = (pilot.pixels() == (250, 0, 0)).all(axis=2).sum()
    pilot.move(r.x + 22.5, r.y + 50.5)
    pilot.step()
    without = (pilot.pixels() == (250, 0, 0)).all(axis=2).sum()
    assert with_it > 100  # the swatch
    assert without == 1  # the pixel itself


# ----------------------------------------------------------------------------
# A and B.


def choose(pilot, line: str) -> None:
    pilot.click("View/Compare")
    pilot.step(2)
    pilot.click(f"Menu/{line}")
    pilot.step()


def test_a_kept_picture_is_compared_with_what_comes_and_changes_places_with_it(pilot):
    a = pilot.session.frame
    choose(pilot, "Keep the picture as A")
    pilot.session.edit(latent=SeedPoint(9))
    b = pilot.wait_for_picture()
    pilot.step()
    shown = pilot.context.comparison.shown(b)
    assert np.array_equal(shown.pixels, np.concatenate([a.pixels, b.pixels], axis=1))
    choose(pilot, "Swap A and B")
    assert pilot.session.point == SeedPoint()
    assert pilot.context.comparison.kept is b
    choose(pilot, "Difference")
    choose(pilot, "Gain +12 dB")
    assert pilot.context.comparison.gain_db == 12
    choose(pilot, "Forget A")
    frame = pilot.wait_for_picture()
    assert pilot.context.comparison.shown(frame) is frame


def test_a_lies_at_the_left_and_what_is_marked_lies_in_b(shown):
    black, gray = np.zeros((200, 200, 3), np.uint8), np.full((200, 200, 3), 90, np.uint8)
    pilot = shown(black)
    comparison, selection, places = pilot.context.comparison, pilot.context.selection, []
    comparison.keep(replace(pilot.session.frame, pixels=gray))
    for mode, left in ((Compare.SIDE, 200), (Compare.WIPE, 0)):
        comparison.mode = mode
        pilot.step()
        pilot.press("1")
        pilot.leave()
        selection.mark((0.5, 0.5, 0.75, 0.75))
        pilot.step()
        seen = pilot.picture_pixels()
        assert (seen[60, 5] == 90).all()  # A
        assert (seen[60, -5] == 0).all()
        assert (seen[110:140, left + 100] > 200).all()  # the left side of the mark
        selection.wait_for_click(lambda x, y: places.append((x, y)))
        r, area = pilot.app.shell.picture.rect, pilot.item("Picture")
        at = (r.x + left + 150 - area.x) / area.w, (r.y + 50 - area.y) / area.h
        pilot.click("Picture", at=at)
    assert places == [pytest.approx((0.75, 0.25), abs=0.01)] * 2


def test_what_is_marked_lies_in_b_where_both_pictures_lie_in_one_place(shown):
    black, gray = np.zeros((200, 200, 3), np.uint8), np.full((200, 200, 3), 90, np.uint8)
    pilot = shown(black)
    picture, comparison, places = pilot.app.shell.picture, pilot.context.comparison, []
    comparison.keep(replace(pilot.session.frame, pixels=gray))

    def sees(value):
        """Whether the picture has this value; in it lies the mark, and a click tells its place there."""
        pilot.context.selection.mark((0.5, 0.5, 0.75, 0.75))
        pilot.step()
        seen = pilot.picture_pixels()
        if (seen[60, 5] != value).any():
            return False
        assert seen.shape == (200, 200, 3)
        assert (seen[110:140, 100] > 200).all()
        assert (seen[110:140, 149] > 200).all()
        assert (seen[[60, 120, 180], [120, 120, 120]] == value).all()
        return True

    for mode, values in ((Compare.BLINK, (0, 90, 0)), (Compare.DIFFERENCE, (128 - 45,))):
        comparison.mode = mode
        for value in values:  # one after the other
            pilot.wait_until(lambda value=value: sees(value))
        pilot.context.selection.wait_for_click(lambda x, y: places.append((x, y)))
        r, area = picture.rect, pilot.item("Picture")
        pilot.click("Picture", at=((r.x + 150 - area.x) / area.w, (r.y + 50 - area.y) / area.h))
        pilot.leave()
    assert places == [pytest.approx((0.75, 0.25), abs=0.01)] * 2


def test_the_edge_of_a_wipe_between_a_and_b_is_dragged(pilot):
    choose(pilot, "Keep the picture as A")
    choose(pilot, "Wipe")
    pilot.session.edit(latent=SeedPoint(9))
    pilot.wait_for_picture()
    pilot.step()
    before = pilot.request
    pilot.drag("Picture", 40)
    assert pilot.app.shell.picture.edge > 0.5
    assert pilot.request == before
