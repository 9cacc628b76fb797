"""Films on the command line: of sessions, with sound, in processes, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.display.analysis import Pixels
from core.opening.session_files import write_session
from core.project import Kept, Project, SavedSession
from core.request import RenderRequest, SeedPoint
from core.timeline import Key, SoundTrack, Timeline, Track
from tests.command_line.commands import PLAIN, Run, network
from tests.core.audio.sounds import sweep, write
from tests.core.video.films import decoded, rate_of
from tests.core.video.test_sound import heard

TRACKS = (
    Track("truncation.psi", (Key(0, 0.3), Key(2, 1.0))),
    Track("latent", (Key(0, SeedPoint(0)), Key(2, SeedPoint(4)))),
)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


@pytest.fixture
def session(tmp_path: Path) -> Path:
    """Two seconds in which psi and the latent move, to a sound."""
    write(tmp_path / "sound.wav", "pcm_s16le", sweep(3.0, 48_000), 48_000)
    timeline = Timeline(TRACKS, duration_s=2.0, rate=Fraction(5), sound=SoundTrack(str(tmp_path / "sound.wav")))
    request = RenderRequest(network=str(network(PLAIN)))
    shelf = tuple(Kept(str(seed), replace(request, latent=SeedPoint(seed)), starred=seed > 0) for seed in range(3))
    path = tmp_path / "session.json"
    write_session(path, SavedSession(Project(request, shelf, timeline=timeline), time_s=1.5))
    return path


def picture(path: Path) -> Pixels:
    return np.asarray(Image.open(path))


def test_a_session_becomes_a_film_with_its_sound(run: Run, session: Path, tmp_path: Path) -> None:
    ended = run("render", session, "-o", tmp_path / "film.mkv", "--fps", "23.976", "--start", "0.5", "--end", "1.5")
    assert ended.code == 0
    assert ended.out == f"{tmp_path / 'film.mkv'}: 24 frames, 1.001 s, {ended.out.rsplit(', ', 1)[1]}"
    frames = decoded(tmp_path / "film.mkv")
    assert (len(frames), rate_of(tmp_path / "film.mkv")) == (24, Fraction(24000, 1001))
    start_s, samples = heard(tmp_path / "film.mkv")
    wanted = sweep(3.0, 48_000).mean(axis=0)[24_000 : 24_000 + len(samples)]
    assert start_s == 0
    assert np.corrcoef(samples, wanted)[0, 1] > 0.999


def test_its_frames_are_what_render_gives_at_their_times(run: Run, session: Path, tmp_path: Path) -> None:
    assert run("render", session, "-o", tmp_path / "film", "--format", "png", "--no-sound").code == 0
    paths = sorted((tmp_path / "film").iterdir())
    assert [path.name for path in paths] == [f"{index:05d}.png" for index in range(10)]
    for index in (0, 3, 9):
        assert run("render", session, "-o", tmp_path / "one.png", "--at", index / 5).code == 0
        assert np.array_equal(picture(paths[index]), picture(tmp_path / "one.png"))
        assert run("render", paths[index], "-o", tmp_path / "again.png").code == 0
        assert np.array_equal(picture(paths[index]), picture(tmp_path / "again.png"))
    paths[4].unlink()
    ended = run("render", session, "-o", tmp_path / "film", "--format", "png")
    assert (ended.code, "9 frames were there already" in ended.err) == (0, True)


def test_size_blur_and_the_shelf_are_chosen(run: Run, session: Path, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    ended = run("render", session, "-o", film, "--size", "2x", "--shelf", "starred", "--motion-blur", "2@90")
    assert ended.code == 0
    assert [frame.shape for frame in decoded(film)] == [(64, 128, 3)] * 10
    ended = run("render", session, "-o", film, "--end", "0.4", "--size", "90x50", "--fitting", "cover", "--overwrite",
                "--format", "h264-444", "--quality", "1")  # fmt: skip
    assert ended.code == 0
    assert [frame.shape for frame in decoded(film)] == [(50, 90, 3)] * 2


@pytest.mark.parametrize(
    ("out", "options", "said"),
    [
        ("film.mp4", ["--fps", "0"], "0 frames a second cannot be filmed"),
        ("film.mp4", ["--fps", "fast"], "'fast' is no frame rate"),
        ("film.mp4", ["--end", "nan"], "'nan' is no number for --end"),
        ("film.mp4", ["--start", "3"], "has no length"),
        ("film.mp4", ["--size", "big"], "'big' is no size for --size"),
        ("film.mp4", ["--size", "99999x2"], "Frames cannot be so large or small"),
        ("film.mp4", ["--quality", "2"], "2 is no quality"),
        ("film.mp4", ["--motion-blur", "x"], "'x' is no motion blur"),
        ("film.mp4", ["--motion-blur", "99"], "Motion blur takes 1 to 64"),
        ("film.mp4", ["--jobs", "0"], "'0' is no number for --jobs"),
        ("film.mp4", ["--format", "vp9"], "film.mp4 cannot hold VP9; end it in .webm or .mkv"),
        ("film.mp4", ["--seeds", "0-3"], "A film is of one picture that moves"),
        ("there.mp4", [], "there.mp4 is there already"),
        ("film.png", ["--fps", "25"], "--fps goes with a film, and film.png is none; end it in .mp4"),
        ("film.avi", [], "film.avi does not say what to write"),
        ("no/film.mp4", [], "does not exist; make it first"),
    ],
)
def test_what_cannot_be_filmed_is_refused_in_a_sentence(
    run: Run, session: Path, tmp_path: Path, out: str, options: list[str], said: str
) -> None:
    (tmp_path / "there.mp4").write_bytes(b"holiday")
    before = {path.name for path in tmp_path.iterdir()}
    ended = run("render", session, "-o", tmp_path / out, *options)
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert said in ended.err
    assert {path.name for path in tmp_path.iterdir()} == before


def test_sound_that_is_gone_is_told_before_a_frame_is_made(run: Run, session: Path, tmp_path: Path) -> None:
    (tmp_path / "sound.wav").unlink()
    ended = run("render", session, "-o", tmp_path / "film.mp4")
    assert (ended.code, "sound.wav cannot be read" in ended.err) == (2, True)
    assert run("render", session, "-o", tmp_path / "film.mp4", "--no-sound").code == 0
    assert len(decoded(tmp_path / "film.mp4")) == 10
