"""Video: which picture each frame shows, the file, failures, a killed program."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from core.base.errors import CaptureError, UsageError
from core.video.formats import Encoder
from core.video.pictures import fitted, in_colour, padded
from core.video.video import Video
from visualizer.output.recorder import FramePacer, Recorder
from visualizer.toolkit.pixels import Pixels

ROOT = Path(__file__).parents[3]
RED, GREEN, BLUE = (220, 30, 40), (20, 200, 60), (30, 50, 210)
PATIENT = 10_000  # room for all that a test submits, however slow the encoder is


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now_s = 50.0

    def __call__(self) -> float:
        return self.now_s


def plain(colour: tuple[int, ...], width: int = 32, height: int = 16) -> Pixels:
    return np.full((height, width, len(colour)), colour, np.uint8)


def noise(seed: int, edge: int = 64) -> Pixels:
    return np.random.RandomState(seed).randint(0, 256, (edge, edge, 3)).astype(np.uint8)


def decoded(path: Path) -> list[Pixels]:
    """The frames as RGB, after a check that they are evenly spaced from 0 on."""
    with av.open(path) as container:
        frames = list(container.decode(video=0))
        rate = container.streams.video[0].average_rate
    assert rate is not None
    times = [Fraction(frame.pts or 0) * Fraction(frame.time_base or 0) for frame in frames]
    assert times == [Fraction(i) / rate for i in range(len(frames))]
    return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in frames]


def playable(path: Path) -> int:
    """How many frames a player shows of a file that may end in the middle of one."""
    count = 0
    with av.open(path) as container, suppress(av.error.InvalidDataError):
        for _ in container.decode(video=0):
            count += 1
    return count


def looks(pixels: Pixels, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(pixels.astype(int) - colour).max() <= 6)


# ----------------------------------------------------------------------------
# Which picture a frame shows.


def taken(timeline: FramePacer, now_s: float) -> list[tuple[int, int]]:
    """All frames that can be taken: number, and the gray of its picture."""
    frames = []
    while (frame := timeline.take(now_s)) is not None:
        frames.append((frame[0], int(frame[1][0, 0, 0])))
    return frames


def test_a_frame_shows_the_newest_picture_of_its_time():
    timeline = FramePacer(10)
    timeline.submit(5.0, plain((1,)))
    timeline.submit(5.25, plain((2,)))
    assert taken(timeline, 5.5) == [(0, 1), (1, 1), (2, 1), (3, 2), (4, 2)]


def test_a_frame_is_not_taken_before_its_time_is_past():
    timeline = FramePacer(10)
    timeline.submit(0.0, plain((1,)))
    assert taken(timeline, 0.0) == []
    assert taken(timeline, 0.05) == [(0, 1)]
    assert taken(timeline, 0.1) == []
    assert timeline.wait_s(0.1) == pytest.approx(0.0, abs=0.002)
    assert timeline.wait_s(0.02) == pytest.approx(0.08, abs=0.002)


def test_there_is_no_frame_before_the_first_picture():
    timeline = FramePacer(10)
    assert taken(timeline, 9.0) == []
    assert timeline.wait_s(9.0) is None
    assert timeline.take_first() is None


def test_pictures_between_two_frames_are_not_dropped_but_superseded():
    timeline = FramePacer(10)
    for step in range(10):
        timeline.submit(step / 40, plain((step,)))
    assert taken(timeline, 0.3) == [(0, 0), (1, 4), (2, 8)]
    assert timeline.dropped == 0


def test_a_still_picture_is_repeated_without_drops():
    timeline = FramePacer(60)
    timeline.submit(0.0, plain((7,)))
    for step in range(1, 61):
        assert taken(timeline, step / 60) == [(step - 1, 7)]
    assert timeline.dropped == 0


def test_a_full_timeline_keeps_the_newest_picture_and_counts_the_others():
    timeline = FramePacer(10, room=3)
    for step in range(8):
        timeline.submit(step / 10, plain((step,)))
    assert len(timeline._waiting) == 3
    assert timeline.dropped == 5
    assert taken(timeline, 0.8)[-1] == (7, 7)


def test_an_encoder_that_was_away_continues_at_the_present():
    timeline = FramePacer(10, room=3)
    timeline.submit(0.0, plain((1,)))
    assert taken(timeline, 0.05) == [(0, 1)]
    timeline.submit(1.0, plain((2,)))
    timeline.submit(1.2, plain((3,)))
    assert taken(timeline, 2.0) == [(19, 3)]
    assert timeline.dropped == 1


# ----------------------------------------------------------------------------
# The file.


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_a_video_runs_at_wall_clock_speed(tmp_path: Path, fps: int):
    clock = Clock()
    recorder = Recorder(tmp_path / "x.mp4", (32, 16), fps=fps, clock=clock, room=PATIENT)
    for colour in (RED, GREEN, BLUE):
        recorder.submit(plain(colour))
        clock.now_s += 0.5
    assert recorder.elapsed_s == 1.5
    assert recorder.close() == tmp_path / "x.mp4"
    assert (recorder.failure, recorder.dropped, recorder.note) == (None, 0, "")
    frames = decoded(tmp_path / "x.mp4")
    assert len(frames) == 1.5 * fps
    half = fps // 2
    for third, colour in enumerate((RED, GREEN, BLUE)):
        assert all(looks(frame, colour) for frame in frames[third * half : (third + 1) * half])


def test_a_still_picture_gives_a_video_of_the_right_length(tmp_path: Path):
    clock = Clock()
    with Recorder(tmp_path / "x.mp4", (32, 16), clock=clock, room=PATIENT) as recorder:
        clock.now_s += 7  # nothing is recorded before the first picture
        recorder.submit(plain(RED))
        clock.now_s += 4
    frames = decoded(tmp_path / "x.mp4")
    assert len(frames) == 120
    assert looks(frames[0], RED)
    assert looks(frames[-1], RED)


def test_the_finished_file_tells_its_rate_length_and_colours(tmp_path: Path):
    clock = Clock()
    with Recorder(tmp_path / "x.mp4", (32, 16), clock=clock, room=PATIENT, text='{"format": "ü"}') as recorder:
        recorder.submit(plain(RED))
        clock.now_s += 2
    with av.open(tmp_path / "x.mp4") as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.average_rate, stream.frames) == ("h264", Fraction(30), 60)
        assert container.duration == 2 * av.time_base
        assert (stream.codec_context.pix_fmt, stream.codec_context.colorspace) == ("yuv420p", 1)
        assert container.metadata["comment"] == '{"format": "ü"}'
    assert recorder.bytes_written == (tmp_path / "x.mp4").stat().st_size


def test_a_picture_submitted_at_the_last_moment_still_gives_a_frame(tmp_path: Path):
    with Recorder(tmp_path / "x.mp4", (32, 16), clock=Clock()) as recorder:
        recorder.submit(plain(RED))
    assert len(decoded(tmp_path / "x.mp4")) == 1


def test_a_video_without_pictures_leaves_no_file(tmp_path: Path):
    recorder = Recorder(tmp_path, (32, 16))
    assert recorder.close() is None
    assert list(tmp_path.iterdir()) == []
    assert recorder.elapsed_s == 0


def test_names_count_up_in_a_folder_that_is_made(tmp_path: Path):
    folder = tmp_path / "a" / "b"
    recorders = [Recorder(folder, (32, 16), clock=Clock()) for _ in range(2)]
    for recorder in recorders:
        recorder.submit(plain(RED))
    assert [recorder.close() for recorder in recorders] == [folder / "00000.mp4", folder / "00001.mp4"]


def test_an_exact_name_is_replaced(tmp_path: Path):
    (tmp_path / "x.mp4").write_bytes(b"x" * 100_000)
    with Recorder(tmp_path / "x.mp4", (32, 16), clock=Clock()) as recorder:
        recorder.submit(plain(RED))
    assert len(decoded(tmp_path / "x.mp4")) == 1
    assert (tmp_path / "x.mp4").stat().st_size < 10_000


def test_closing_twice_is_harmless_and_later_pictures_are_ignored(tmp_path: Path):
    clock = Clock()
    recorder = Recorder(tmp_path / "x.mp4", (32, 16), clock=clock)
    recorder.submit(plain(RED))
    path = recorder.close()
    clock.now_s += 3
    recorder.submit(plain(BLUE))
    assert recorder.close() == path
    assert len(decoded(tmp_path / "x.mp4")) == 1
    assert recorder.elapsed_s == 0


def test_odd_sizes_are_padded_by_their_edge(tmp_path: Path):
    clock = Clock()
    with Recorder(tmp_path / "x.mp4", (33, 17), clock=clock) as recorder:
        recorder.submit(plain(GREEN, 33, 17))
    (frame,) = decoded(tmp_path / "x.mp4")
    assert frame.shape == (18, 34, 3)
    assert looks(frame, GREEN)


def test_a_picture_of_another_size_is_fitted_into_the_first(tmp_path: Path):
    clock = Clock()
    with Recorder(tmp_path / "x.mp4", (64, 32), clock=clock, room=PATIENT) as recorder:
        recorder.submit(plain(RED, 64, 32))
        clock.now_s += 0.5
        recorder.submit(plain(BLUE, 16, 16))
        clock.now_s += 0.5
    last = decoded(tmp_path / "x.mp4")[-1]
    assert last.shape == (32, 64, 3)
    assert looks(last[:, 20:44], BLUE)
    assert looks(last[:, :12], (0, 0, 0))
    assert looks(last[:, 52:], (0, 0, 0))


@pytest.mark.parametrize(
    ("pixel", "colour"),
    [((80,), (80, 80, 80)), ((200, 128), (100, 100, 100)), (RED, RED), ((200, 100, 50, 128), (100, 50, 25))],
)
def test_every_kind_of_picture_becomes_colour(pixel: tuple[int, ...], colour: tuple[int, int, int]):
    assert in_colour(plain(pixel)).tolist() == plain(colour).tolist()


def test_padding_repeats_the_last_row_and_column():
    even = padded(np.arange(27, dtype=np.uint8).reshape(3, 3, 3), (2, 2))
    assert even.shape == (4, 4, 3)
    assert np.array_equal(even[3], even[2])
    assert np.array_equal(even[:, 3], even[:, 2])


def test_a_picture_that_fits_is_not_resampled():
    pixels = noise(0)
    assert fitted(pixels, (64, 64)) is pixels


# ----------------------------------------------------------------------------
# What can go wrong.


def test_another_rate_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match=r"choose \(24, 30, 60\)"):
        Recorder(tmp_path, (32, 16), fps=25)


def test_without_the_best_encoder_another_one_is_used_and_named(tmp_path: Path):
    clock = Clock()
    encoders = (Encoder("no_such_encoder"), Encoder("libx264", (("preset", "no such preset"),)), Encoder("mpeg4"))
    with Recorder(tmp_path / "x.mp4", (32, 16), clock=clock, encoders=encoders, room=PATIENT) as recorder:
        recorder.submit(plain(RED))
        clock.now_s += 1
    assert recorder.note == "recorded with mpeg4, as no_such_encoder does not work here"
    assert len(decoded(tmp_path / "x.mp4")) == 30


def test_without_any_encoder_nothing_is_left_behind(tmp_path: Path):
    with pytest.raises(CaptureError, match="no video encoder works here"):
        Recorder(tmp_path, (32, 16), encoders=(Encoder("no_such_encoder"),))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_says_so(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(CaptureError, match="its folder is a file"):
        Recorder(tmp_path / "file", (32, 16))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_full_disk_is_told_at_the_start(tmp_path: Path):
    (tmp_path / "x.mp4").symlink_to("/dev/full")
    with pytest.raises(CaptureError, match="the disk is full; free some space"):
        Recorder(tmp_path / "x.mp4", (32, 16))


def test_a_disk_that_fills_up_ends_the_recording_with_a_reason(tmp_path: Path):
    resource = pytest.importorskip("resource")  # limits of a process, which Windows has not
    clock = Clock()
    recorder = Recorder(tmp_path / "x.mp4", (64, 64), clock=clock, room=PATIENT)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        for seed in range(150):
            recorder.submit(noise(seed))
            clock.now_s += 1 / 30
        assert recorder.close() == tmp_path / "x.mp4"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert recorder.failure is not None
    assert "x.mp4 cannot be written: it is larger than a file may be there" in str(recorder.failure)
    assert playable(tmp_path / "x.mp4") >= 20


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_half_a_second_of_recording_is_on_the_disk_while_it_goes_on(tmp_path: Path, fps: int):
    video = Video((tmp_path / "x.mp4").open("w+b"), (64, 64), fps)
    for number in range(fps // 2):
        video.write(number, plain(RED, 64, 64))  # of few bytes, which would wait the longest in a buffer
    shutil.copy(tmp_path / "x.mp4", tmp_path / "now.mp4")
    assert playable(tmp_path / "now.mp4") >= 2
    video.close()
    assert len(decoded(tmp_path / "x.mp4")) == fps // 2


KILLED = """
import sys, numpy as np
from pathlib import Path
from visualizer.output.recorder import Recorder

now_s = 0.0
recorder = Recorder(Path(sys.argv[1]), (64, 64), clock=lambda: now_s)
random = np.random.RandomState(0)
told = False
while True:
    recorder.submit(random.randint(0, 256, (64, 64, 3)).astype(np.uint8))
    now_s += 1 / 30
    if recorder.bytes_written > 500_000 and not told:  # about two seconds of noise
        told = True
        print("some fragments are written", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_video_can_be_played_after_the_program_was_killed(tmp_path: Path):
    command = [sys.executable, "-c", KILLED, str(tmp_path / "x.mp4")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        line = program.stdout.readline()
        program.send_signal(signal.SIGKILL)
    assert line == "some fragments are written\n"
    assert playable(tmp_path / "x.mp4") >= 30
