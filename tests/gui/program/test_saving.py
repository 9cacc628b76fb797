"""Saving pictures and the window, recording, and folders that cannot be written."""

from __future__ import annotations

import av
import numpy as np
import pytest
from PIL import Image

from core.documents.document import from_text
from tests.gui.painted import noise, painted
from visualizer.output.capture import read_picture_text


def files(pilot, suffix=""):
    folder = pilot.actions.capture_folder
    return sorted(path for path in folder.iterdir() if path.name.endswith(suffix)) if folder.is_dir() else []


def settled(pilot):
    pilot.wait_until(lambda: not pilot.session.jobs.running)
    pilot.step()


def frames_of(path):
    with av.open(str(path)) as video:
        frames = list(video.decode(video=0))
        return [frame.to_ndarray(format="rgb24") for frame in frames], [frame.time for frame in frames]


@pytest.fixture
def pilot(launch):
    return launch(panels={"Capture": True})


@pytest.mark.parametrize("button", ["Top/Save picture", "Capture/Save picture", "File menu"])
def test_a_saved_picture_is_the_frame_with_its_request_inside(pilot, button):
    pilot.enter("Latent/Seed", "7")
    frame = pilot.wait_for_picture()
    if button == "File menu":
        pilot.click("Top/File")
        pilot.step()
        pilot.click("Menu/Save the picture")
    else:
        pilot.click(button)
    settled(pilot)
    (path,) = files(pilot)
    np.testing.assert_array_equal(np.asarray(Image.open(path)), frame.pixels)
    text = read_picture_text(path)
    assert text is not None
    assert from_text(text, path.name).request == pilot.request
    assert path.name in pilot.session.notices[-1].text


def test_a_toast_has_the_picture_and_shows_its_folder(pilot, tmp_path, monkeypatch):
    opener, told = tmp_path / "programs" / "xdg-open", tmp_path / "told"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\nprintf %s "$1" > "{told}"\n')
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", str(opener.parent))
    pilot.click("Top/Save picture")
    settled(pilot)
    (path,) = files(pilot)
    assert pilot.session.notices[-1].picture is pilot.session.frame.pixels
    pilot.click(f"Show in folder: {path.name}")
    settled(pilot)
    assert told.read_text() == str(path.parent)
    opener.unlink()
    pilot.session.say_saved(path, detail="")
    pilot.step(2)
    pilot.click(f"Show in folder: {path.name}")
    settled(pilot)
    assert str(path) in pilot.session.problem.text


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_pictures_keep_their_channels(pilot, library, channels):
    pixels = noise(32, 48, channels)
    library.shelf["painted"] = painted("painted", pixels)
    pilot.open("painted")
    pilot.press("Ctrl+P")
    settled(pilot)
    (path,) = files(pilot)
    np.testing.assert_array_equal(np.asarray(Image.open(path)).reshape(pixels.shape), pixels)


def test_the_whole_window_is_saved(pilot):
    pilot.click("View/Smooth")  # a small picture is seen smooth at first
    pilot.click("Capture/Save window")
    settled(pilot)
    (path,) = files(pilot)
    seen = np.asarray(Image.open(path))
    assert seen.shape == (600, 960, 3)
    picture, r = pilot.session.frame.pixels, pilot.app.shell.picture.rect
    middle = seen[int(r.y + r.h / 2), int(r.x + r.w / 2)]
    assert tuple(middle) in {tuple(pixel) for pixel in picture.reshape(-1, 3)}


def test_names_count_up(pilot):
    for _ in range(3):
        pilot.press("Ctrl+P")
        settled(pilot)
    assert [path.name for path in files(pilot)] == ["00000.png", "00001.png", "00002.png"]


def test_a_typed_folder_is_used_and_made(pilot, tmp_path):
    pilot.click("Capture/Folder")
    pilot.type_text(str(tmp_path / "new" / "place"))
    pilot.press("Enter")
    pilot.press("Ctrl+P")
    settled(pilot)
    assert files(pilot) == [tmp_path / "new" / "place" / "00000.png"]


# ----------------------------------------------------------------------------
# Recording.


@pytest.mark.parametrize(("source", "size"), [("Picture", (64, 64)), ("Window", (960, 600))])
def test_a_recording_shows_what_was_seen(pilot, library, source, size):
    colours = [(200, 40, 40), (40, 40, 200)]
    for name, colour in zip("ab", colours, strict=True):
        library.shelf[name] = painted(name, np.full((64, 64, 3), colour, np.uint8))
    pilot.open("a")
    pilot.click(f"Capture/Source/{source}")
    pilot.click("Capture/Start recording")
    pilot.wait_until(lambda: pilot.actions.recording.recorder.elapsed_s > 0.2)
    pilot.open("b")
    start = pilot.actions.recording.recorder.elapsed_s
    pilot.wait_until(lambda: pilot.actions.recording.recorder.elapsed_s > start + 0.2)
    pilot.click("Top/Record")
    settled(pilot)
    (path,) = files(pilot, ".mp4")
    frames, times_s = frames_of(path)
    np.testing.assert_allclose(np.array(times_s) * 30, np.round(np.array(times_s) * 30), atol=0.05)
    assert frames[0].shape[1::-1] == size
    r = pilot.app.shell.picture.rect
    x, y = (32, 32) if source == "Picture" else (int(r.x + r.w / 2), int(r.y + r.h / 2))
    for frame, colour in ((frames[0], colours[0]), (frames[-1], colours[1])):
        np.testing.assert_allclose(frame[y, x], colour, atol=12)
    assert path.name in pilot.session.notices[-1].text


def test_rate_and_source_are_fixed_while_recording(pilot):
    pilot.press("Ctrl+R")
    pilot.step()
    assert "Stop recording" in pilot.ui.reasons["Capture/Frame rate/60"]
    pilot.click("Capture/Frame rate/60")
    assert pilot.context.settings.video_fps == 30
    pilot.press("Ctrl+R")
    settled(pilot)


def test_the_frame_rate_is_chosen(pilot):
    pilot.click("Capture/Frame rate/60")
    assert pilot.context.settings.video_fps == 60


def test_nothing_can_be_saved_before_there_is_a_picture(launch):
    pilot = launch("", panels={"Capture": True})
    for name in ("Top/Save picture", "Top/Record", "Capture/Save picture", "Capture/Start recording"):
        assert pilot.ui.reasons[name] == "There is no picture yet."
        pilot.click(name)
    for keys in ("Ctrl+P", "Ctrl+R"):
        pilot.press(keys)
        assert "no picture" in pilot.session.notices[-1].text
    assert not files(pilot)


# ----------------------------------------------------------------------------
# Folders that cannot be written.


@pytest.fixture
def blocked(pilot, tmp_path):
    """A folder below a file: nobody can make it."""
    (tmp_path / "file").write_text("")
    pilot.context.prefer(capture_folder=str(tmp_path / "file" / "folder"))
    return pilot


@pytest.mark.parametrize("keys", ["Ctrl+P", "Ctrl+R"])
def test_a_folder_that_cannot_be_written_is_named(blocked, keys):
    blocked.press(keys)
    blocked.wait_until(lambda: blocked.session.problem)
    problem = blocked.session.problem
    assert "file" in problem.text
    assert "choose another folder" in problem.text
    assert "Traceback" not in problem.text
    assert blocked.actions.recording.recorder is None


def test_a_picture_saved_just_before_the_end_is_whole(pilot):
    pilot.press("Ctrl+P")
    pilot.app.session.finish_started(5.0)
    (path,) = pilot.actions.capture_folder.glob("*.png")
    assert read_picture_text(path) is not None
