"""A newcomer's walk: from the first picture to a film of a loop with sound, by what is in sight alone."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from tests.core.audio.sounds import write
from tests.core.video.films import decoded, rate_of

RATE = 8000
FEWER_THAN = 15  # actions
SECONDS = 1  # of the film that is made


@pytest.fixture
def song(tmp_path):
    """Three seconds of a bass that beats twice a second."""
    t = np.arange(3 * RATE) / RATE
    bass = 0.8 * np.sin(2 * np.pi * 60 * t) * np.exp(-6 * (t % 0.5))
    return write(tmp_path / "song.flac", "flac", np.stack([bass, bass]).astype(np.float32), RATE)


def test_a_newcomer_makes_a_loop_of_ten_seconds_with_sound(launch, song):
    pilot = launch(size=(1280, 800))
    document, folder, actions = pilot.session.document, pilot.actions.capture_folder, []

    def action(name, does, *given, until=None, **more):
        does(*given, **more)
        actions.append(name)
        pilot.wait_until(until or (lambda: True))
        pilot.wait_for_picture()

    def follows_the_sound():
        drive = document.state.timeline.track("noise.strength").drive
        return document.envelope_of(drive) is not None

    for name in ("the first picture", "the second picture"):
        action(f"Keep {name}", pilot.click, "Shelf/Keep this")
        action("Another seed", pilot.press, "R")
    action("Keep the third picture", pilot.click, "Shelf/Keep this")
    action("Open Animate", pilot.click, "Top/Workspace Animate")
    assert document.state.timeline.frames == 300, "ten seconds, and no action is needed for that"
    pilot.enter("Timeline/Duration", f"{SECONDS}")  # for the sake of the test alone
    action("Walk through the shelf", pilot.click, "Timeline/Walk through the shelf")
    action("Drop a song on the window", pilot.window._on_drop, None, [str(song)],
           until=lambda: document.state.timeline.sound is not None)  # fmt: skip
    action("Scroll to the noise", pilot.show, "Truncation & noise/Strength")
    action("Open the menu of its strength", pilot.right_click, "Truncation & noise/Strength", held="Shift")
    action("Have the sound drive it", pilot.click, "Menu/Driven by the sound", until=follows_the_sound)
    action("Ask for a film", pilot.click, "Timeline/Export")
    start, dock = pilot.item("Export/Start"), pilot.item("Dock edge")
    assert dock.y < start.y < start.bottom < dock.bottom, "it has to be scrolled for"
    assert pilot.value("Export/Film") == f"{30 * SECONDS} frames · {SECONDS} s · 32 × 32"
    action("Start it", pilot.click, "Export/Start")
    assert len(actions) < FEWER_THAN, actions

    walk = document.state.timeline.track("latent").clips[0]
    assert walk.generator.latents == tuple(kept.request.latent for kept in document.state.shelf)
    pilot.wait_until(lambda: not pilot.actions.filming.running)
    film = folder / "00000.mp4"
    assert rate_of(film) == Fraction(30)
    pictures = np.stack(decoded(film)).astype(float)
    assert len(pictures) == 30 * SECONDS
    with av.open(film) as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
        assert samples / container.streams.audio[0].rate == pytest.approx(SECONDS, abs=0.05)
    steps = np.abs(np.diff(pictures, axis=0)).mean(axis=(1, 2, 3))
    assert np.abs(pictures[0] - pictures[-1]).mean() <= steps.max()
    assert np.ptp(pictures, axis=0).mean() > 2 * steps.max(), "it moves far, in small steps"
